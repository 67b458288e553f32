package simulator

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMatchText(t *testing.T) {
	for _, tc := range []struct {
		name, filter string
		want         bool
	}{
		{"orders", "", true},
		{"orders", "ORDERS", true},
		{"orders", "order", false},
		{"orders", "*", true},
		{"orders", "ord*", true},
		{"orders", "*ers", true},
		{"orders", "*rde*", true},
		{"orders", "o*s", true},
		{"orders", "o*d", false},
		{"os", "os*os", false},
		{"orders", "o*d*s", false}, // the rest after the first * is literal
		{"o_d*s", "o*d*s", true},
	} {
		if got := matchText(tc.name, &tc.filter); got != tc.want {
			t.Errorf("%q against %q: %v, want %v", tc.name, tc.filter, got, tc.want)
		}
	}
}

func TestSplitTableFilter(t *testing.T) {
	for filter, want := range map[string][2]string{
		"files.orders.csv": {"files", "orders.csv"},
		"orders":           {"*", "orders"},
		".orders":          {"*", "orders"},
		"files.":           {"files", "*"},
		"[dbo].`t`":        {"dbo", "t"},
		`"a".'b'`:          {"a", "b"},
	} {
		schema, name := splitTableFilter(filter)
		if got := [2]string{schema, name}; got != want {
			t.Errorf("%s: %v, want %v", filter, got, want)
		}
	}
}

const filterScenario = `
connections:
  - name: one
    labels: [gold]
    tables:
      - name: s.a
        labels: [silver]
        checks:
          - {name: daily_rows, type: monitoring, time-scale: daily, category: volume, dimension: Completeness, sensor: table/volume/row_count, values: 1}
          - {name: profile_rows, type: profiling, category: volume, values: 1}
          - {name: daily_match, type: monitoring, time-scale: daily, category: comparisons, comparison: ref, values: 1}
        columns:
          - name: id
            type: BIGINT
            nullable: false
            checks:
              - {name: daily_nulls, type: monitoring, time-scale: daily, category: nulls, values: 1}
              - {name: daily_off, type: monitoring, time-scale: daily, disabled: true, values: 1}
          - name: name
            type: VARCHAR
            nullable: true
            labels: [bronze]
            checks:
              - {name: monthly_nulls, type: monitoring, time-scale: monthly, category: nulls, values: 1}
      - name: s.b
        checks:
          - {name: daily_rows, type: monitoring, time-scale: daily, values: 1}
      - name: s.gone
        disabled: true
        checks:
          - {name: daily_rows, type: monitoring, time-scale: daily, values: 1}
`

func TestFilters(t *testing.T) {
	for _, tc := range []struct{ filters, want string }{
		{`{}`, "a:daily_rows profile_rows daily_match daily_nulls monthly_nulls b:daily_rows"},
		{`{"connection":"ONE"}`, "a:daily_rows profile_rows daily_match daily_nulls monthly_nulls b:daily_rows"},
		{`{"connection":"two"}`, ""},
		{`{"fullTableName":"s.b"}`, "b:daily_rows"},
		{`{"fullTableName":"b"}`, "b:daily_rows"},
		{`{"fullTableName":"*.B"}`, "b:daily_rows"},
		{`{"checkName":"*nulls"}`, "a:daily_nulls monthly_nulls b:"},
		{`{"column":"id"}`, "a:daily_nulls b:"},
		{`{"column":"*"}`, "a:daily_nulls monthly_nulls b:"},
		{`{"columnDataType":"VARCHAR"}`, "a:daily_rows profile_rows daily_match monthly_nulls b:daily_rows"},
		{`{"columnDataType":"varchar"}`, "a:daily_rows profile_rows daily_match b:daily_rows"},
		{`{"columnNullable":false}`, "a:daily_rows profile_rows daily_match daily_nulls b:daily_rows"},
		{`{"checkTarget":"table"}`, "a:daily_rows profile_rows daily_match b:daily_rows"},
		{`{"checkTarget":"column","fullTableName":"s.a"}`, "a:daily_rows profile_rows daily_match daily_nulls monthly_nulls"},
		{`{"checkType":"profiling"}`, "a:profile_rows b:"},
		{`{"timeScale":"monthly"}`, "a:monthly_nulls b:"},
		{`{"checkCategory":"vol*"}`, "a:daily_rows profile_rows b:"},
		{`{"qualityDimension":"completeness"}`, "a:daily_rows b:"},
		{`{"sensorName":"*row_count"}`, "a:daily_rows b:"},
		{`{"tableComparisonName":"ref"}`, "a:daily_match b:"},
		{`{"tableComparisonName":"*"}`, "a:daily_match b:"},
		{`{"labels":["GOLD","sil*"],"tags":["ignored"]}`, "a:daily_rows profile_rows daily_match daily_nulls monthly_nulls b:"},
		{`{"labels":["bronze"]}`, "a:monthly_nulls b:"},
		{`{"labels":[]}`, "a:daily_rows profile_rows daily_match daily_nulls monthly_nulls b:daily_rows"},
		{`{"enabled":false}`, "a:daily_off b: gone:"},
		{`{"enabled":false,"fullTableName":"s.a"}`, ""},
		{`{"enabled":null,"fullTableName":"s.b"}`, "b:daily_rows"},
		{`{"maxResults":1}`, "a:daily_rows"},
		{`{"checkHierarchyIdsModels":[{"path":["connections","one","tables",{"schema_name":"s","table_name":"a"},` +
			`"columns","id","monitoring_checks","daily","nulls","daily_nulls"]}]}`, "a:daily_nulls b:"},
	} {
		t.Run(tc.filters, func(t *testing.T) {
			p, err := decodeRunChecks([]byte(`{"check_search_filters":` + tc.filters + `}`))
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, table := range p.Filters.tables(newWarehouse(scenario(t, filterScenario), time.Now())) {
				var names []string
				for _, c := range p.Filters.checks(table) {
					names = append(names, c.spec.Name)
				}
				found = append(found, table.name+":"+strings.Join(names, " "))
			}
			if diff := cmp.Diff(tc.want, strings.Join(found, " ")); diff != "" {
				t.Errorf("checks (-want +got):\n%s", diff)
			}
		})
	}
}
