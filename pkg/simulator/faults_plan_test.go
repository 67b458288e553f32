package simulator

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLoadPlan(t *testing.T) {
	plan, err := LoadPlan(strings.NewReader(`
starting: 2s
proxy:
  idle: {after: 5s, do: reset}
  exchange: {after: 30s}
faults:
  - {on: run_checks, first: 1, when: during, do: close}
  - {on: [get_job, wait_for_job], only: [2, 3], when: after, at: 17, do: stall}
  - {method: GET, path: /api/**, every: 3, chance: 0.5, seed: 9, do: answer, status: 503, retry-after: 2s}
  - {do: restart, only: 4, down: 1s, starting: 2s}
`))
	if err != nil {
		t.Fatal(err)
	}
	second := Duration(time.Second)
	want := &Plan{
		Starting: 2 * second,
		Proxy:    Proxy{Idle: Limit{5 * second, Reset}, Exchange: Limit{30 * second, Answer}},
		Faults: []Fault{
			{On: Words{"run_checks"}, First: 1, When: During, Late: lateness, Do: Close},
			{On: Words{"get_job", "wait_for_job"}, Only: Counts{2, 3}, When: After, At: "17", Do: Stall},
			{Method: "GET", Path: "/api/**", Every: 3, Chance: 0.5, Seed: 9, When: Before, Do: Answer, Status: 503, RetryAfter: 2 * second},
			{Only: Counts{4}, When: Before, Do: RestartNow, Down: second, Starting: 2 * second},
		},
	}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

func TestPlansThatAreRefused(t *testing.T) {
	for fault, want := range map[string]string{
		`{on: run_check, do: close}`:                                 "there is no operation run_check; there are cancel_job",
		`{do: explode}`:                                              `do is close, reset, half-close, stall, delay, answer, restart or shutdown, not "explode"`,
		`{on: run_checks}`:                                           `not ""`,
		`{do: close, when: later}`:                                   "when is before, during or after, not later",
		`{do: close, first: -1}`:                                     "count from 1",
		`{do: close, only: 0}`:                                       "count from 1",
		`{do: close, only: two}`:                                     `"two" is not a number`,
		`{do: close, chance: 1.5}`:                                   "chance is between 0 and 1",
		`{do: close, at: 5}`:                                         "at is for a connection that ends after the effect",
		`{do: answer, status: 502, when: after, at: header}`:         "at is for a connection that ends after the effect",
		`{do: close, when: after, at: middle}`:                       "at is header, body, end or a number of bytes, not middle",
		`{do: close, when: after, late: 1s}`:                         "late is for what strikes during the effect",
		`{do: delay}`:                                                "delay needs a time: for",
		`{do: delay, for: 3}`:                                        `"3" is not a duration`,
		`{do: delay, for: 3s, when: during}`:                         "delay comes before or after the effect",
		`{do: restart, when: during}`:                                "restart comes before or after the effect",
		`{do: restart, for: 1s}`:                                     "for is the length of a delay or a shutdown",
		`{do: close, status: 502}`:                                   "status, retry-after, retry-date and body are for do: answer",
		`{do: close, down: 1s}`:                                      "down and starting are for a restart or a shutdown",
		`{do: answer}`:                                               "an answer needs a status or a body",
		`{do: answer, status: 99}`:                                   "status 99: want 200 to 599",
		`{do: answer, body: nice}`:                                   "body is empty, html, error, garbage or truncated, not nice",
		`{do: answer, body: truncated}`:                              "only an answer after the effect can be truncated",
		`{do: answer, status: 503, retry-after: 1s, retry-date: 1s}`: "exclude each other",
		`{do: close, whne: after}`:                                   "field whne not found",
	} {
		for what, load := range map[string]func(string) error{
			"plan":     func(text string) error { _, err := LoadPlan(strings.NewReader(text)); return err },
			"scenario": func(text string) error { _, err := LoadScenario(strings.NewReader(text)); return err },
		} {
			err := load("faults:\n  - {do: close}\n  - " + fault + "\n")
			if err == nil || !strings.Contains(err.Error(), "line 3: ") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: %v, want line 3 and %q", what, fault, err, want)
			}
		}
	}
	for text, want := range map[string]string{
		"":                                    "there are none",
		"proxy: {idle: {do: reset}}":          "line 1: proxy: idle needs a time: after",
		"proxy: {idle: {after: 1s, do: 504}}": "line 1: proxy: idle: do is one of [close reset stall], not 504",
		"proxy: {slow: 1s}":                   "line 1: field slow not found",
		"connections: []":                     "line 1: field connections not found",
	} {
		if _, err := LoadPlan(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestInjectRefusesTheImpossible(t *testing.T) {
	if _, err := New(Options{}).Inject(Fault{Do: "explode"}); err == nil {
		t.Error("it is taken")
	}
}

func TestOperationsAreTheServers(t *testing.T) {
	s := New(Options{})
	for name, o := range operations {
		if !slices.ContainsFunc(s.routes, func(r route) bool { return r.method == o.method && r.path == o.path }) {
			t.Errorf("the server has no %s, %s %s", name, o.method, o.path)
		}
	}
}
