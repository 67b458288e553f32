package simulator

import (
	"strings"
	"testing"
)

func TestScenarioErrorsNameTheLine(t *testing.T) {
	const head = "connections:\n  - name: shop\n    tables:\n      - name: a.b\n        checks:\n"
	for _, tc := range []struct{ name, text, want string }{
		{"empty", "", "it is empty"},
		{"unknown key", "conections: []", "line 1: field conections not found"},
		{"unknown key of a check", head + "          - {name: c, typ: monitoring}", "line 6: field typ not found"},
		{"not YAML", "connections: [", "line 1"},
		{"zone", "time-zone: Nowhere/Atall", `line 1: time-zone "Nowhere/Atall" is unknown`},
		{"clock", "clock: yesterday", `line 1: "yesterday" is not an instant`},
		{"duration", "history: {jobs: 60}", `line 1: "60" is not a duration`},
		{"two connections", "connections:\n  - name: a\n  - name: a\n", `line 3: connection "a" is there twice`},
		{"table without schema", "connections:\n  - name: a\n    tables:\n      - name: b\n", `line 4: table "b": want schema.table`},
		{"type", head + "          - {name: c, type: hourly, values: 1}", "line 6: check c: type must be"},
		{"time scale", head + "          - {name: c, type: monitoring, values: 1}", "line 6: check c: time-scale must be"},
		{"time scale of profiling", head + "          - {name: c, type: profiling, time-scale: daily, values: 1}", "profiling checks have no time-scale"},
		{"no values", head + "          - {name: c, type: profiling}", "line 6: check c: values are missing"},
		{"values", head + "          - {name: c, type: profiling, values: many}", `line 6: "many" is not a number`},
		{"periods of a monitoring check", head + "          - {name: c, type: profiling, values: {a: {b: 1}}}", "values by period are for partitioned checks"},
		{"no periods", head + "          - {name: c, type: partitioned, time-scale: daily, values: 1}", "needs values by period"},
		{"period", head + "          - {name: c, type: partitioned, time-scale: daily, values: {tomorrow: 1}}", `"tomorrow" is not a period`},
		{"range", head + "          - {name: c, type: partitioned, time-scale: daily, values: {-1..-3: 1}}", "ends before it begins"},
		{"mixed range", head + "          - {name: c, type: partitioned, time-scale: daily, values: {2026-01-01..0: 1}}", "mixes dates and numbers"},
		{"rule without bounds", head + "          - {name: c, type: profiling, warning: {}, values: 1}", "a rule needs lower or upper"},
		{"crash", head + "          - {name: c, type: profiling, values: 1, fails: query}", "fails must be sensor or rule"},
		{"key of a crash", head + "          - {name: c, type: profiling, values: 1, fails: {at: rule}}", "field at not found in fails"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := LoadScenario(strings.NewReader(tc.text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestSetValueOfAnUnknownCheck(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		ref := CheckRef{Connection: "shop", Table: "files.orders.csv", Check: "nosuch"}
		for what, err := range map[string]error{
			"SetValue": b.SetValue(ref, 1), "ClearValue": b.ClearValue(ref), "SetBroken": b.SetBroken(ref, true),
			"SetDisabled": b.SetDisabled(ref, true), "SetCrash": b.SetCrash(ref, nil),
		} {
			if err == nil {
				t.Errorf("%s takes a check that is not there", what)
			}
		}
	})
}
