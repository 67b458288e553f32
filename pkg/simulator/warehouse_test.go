package simulator

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shopCheck is the header of a scenario with one table; what follows are the
// checks of its only column.
const shopCheck = `
connections:
  - name: shop
    tables:
      - name: files.orders.csv
        columns:
          - name: amount
            checks:
`

const shopRun = `{"check_search_filters":{"connection":"shop"}}`

// described returns a check of connection shop.
func (b *bench) described(key string) *check {
	b.t.Helper()
	var found *check
	ref := CheckRef{Connection: "shop", Table: "files.orders.csv", Column: "amount", Check: key}
	if err := b.changeCheck(ref, func(c *check) error { found = c; return nil }); err != nil {
		b.t.Fatal(err)
	}
	return found
}

func summary(severity string, executed, valid, warnings, failing, fatals, crashed int) runChecksResult {
	return runChecksResult{severity, executed, valid, warnings, failing, fatals, crashed}
}

func (b *bench) wantRun(body string, want runChecksResult) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.run(body)); diff != "" {
		b.t.Errorf("summary of the run (-want +got):\n%s", diff)
	}
}

func TestEveryRunRenewsReadoutsAndKeepsResults(t *testing.T) {
	sc := scenario(t, shopCheck+`
              - {name: daily_nulls, type: monitoring, time-scale: daily, fatal: {upper: 0}, values: 4}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		b.wantRun(shopRun, summary("fatal", 1, 0, 0, 0, 1, 0))
		first := b.described("daily_nulls")
		at := sortedSlots(first.readouts)[0]
		readBefore, judgedBefore := *first.readouts[at], *first.results[at]
		<-time.After(time.Minute)
		b.wantRun(shopRun, summary("valid", 1, 0, 0, 0, 0, 0))

		if got := first.readouts[at].executedAt.Sub(readBefore.executedAt); got < time.Minute {
			t.Errorf("the readout was renewed after %v, want a minute", got)
		}
		if diff := cmp.Diff(judgedBefore, *first.results[at], cmp.AllowUnexported(result{})); diff != "" {
			t.Errorf("the result changed (-before +after):\n%s", diff)
		}
		if first.readouts[at].id != first.results[at].id {
			t.Errorf("ids %s and %s differ", first.readouts[at].id, first.results[at].id)
		}
		// The blindness ends with the period (wire L2b).
		<-time.After(24 * time.Hour)
		b.wantRun(shopRun, summary("fatal", 1, 0, 0, 0, 1, 0))
	})
}

func TestCrashes(t *testing.T) {
	sc := scenario(t, shopCheck+`
              - {name: daily_rule, type: monitoring, time-scale: daily, error: {upper: 0}, values: 4,
                 fails: {in: rule, message: "boom", runs: [1, 2]}}
              - {name: daily_sensor, type: monitoring, time-scale: daily, error: {upper: 0}, values: 0, fails: sensor}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		b.wantRun(shopRun, summary("valid", 2, 0, 0, 0, 0, 2))
		rule, sensor := b.described("daily_rule"), b.described("daily_sensor")
		if len(rule.readouts) != 1 || len(rule.results) != 0 || len(rule.failures) != 1 {
			t.Errorf("a crashed rule left %d readouts, %d results, %d errors; want 1, 0, 1",
				len(rule.readouts), len(rule.results), len(rule.failures))
		}
		at := sortedSlots(rule.readouts)[0]
		if got := rule.failures[at]; got.readoutID != rule.readouts[at].id || got.message != "boom" || got.source != sourceRule {
			t.Errorf("the rule's error is %+v", got)
		}
		if len(sensor.readouts) != 0 || len(sensor.failures) != 1 {
			t.Errorf("a crashed sensor left %d readouts, %d errors; want 0, 1", len(sensor.readouts), len(sensor.failures))
		}
		// Unchanged since: the rule is skipped and its crash is not repeated,
		// also when it would work again (wire L2a).
		b.wantRun(shopRun, summary("valid", 2, 0, 0, 0, 0, 1))
		b.wantRun(shopRun, summary("valid", 2, 0, 0, 0, 0, 1))
		b.set(CheckRef{Column: "amount", Check: "daily_rule"}, 5)
		b.wantRun(shopRun, summary("error", 2, 0, 0, 1, 0, 1))
	})
}

func TestBrokenColumnBreaksItsNeighbours(t *testing.T) {
	sc := scenario(t, shopCheck+`
              - {name: daily_nulls, type: monitoring, time-scale: daily, error: {upper: 0}, values: 0}
              - {name: monthly_nulls, type: monitoring, time-scale: monthly, error: {upper: 0}, values: 0}
              - {name: daily_column_exists, type: monitoring, time-scale: daily, metadata: true, error: {lower: 1}, values: 1}
          - name: price
            checks:
              - {name: daily_nulls, type: monitoring, time-scale: daily, error: {upper: 0}, values: 0}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		ref := CheckRef{Connection: "shop", Table: "files.orders.csv", Column: "price"}
		if err := b.SetBroken(ref, true); err != nil {
			t.Fatal(err)
		}
		b.wantRun(shopRun, summary("valid", 4, 2, 0, 0, 0, 2))
		if err := b.SetBroken(ref, false); err != nil {
			t.Fatal(err)
		}
		b.wantRun(shopRun, summary("valid", 4, 2, 0, 0, 0, 0))
	})
}

func TestValuesOverRunsGroupsAndHistory(t *testing.T) {
	sc := scenario(t, shopCheck+`
              - name: daily_grouped
                type: monitoring
                time-scale: daily
                warning: {upper: 0}
                values: {no grouping: [1, null], DE: [null, 2, 0]}
              - {name: daily_anomaly, type: monitoring, time-scale: daily, error: {upper: 9}, history-needed: 2, values: 10}
              - {name: daily_once, type: monitoring, time-scale: daily, disabled-after: 1, values: 1}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		b.wantRun(shopRun, summary("warning", 3, 1, 1, 0, 0, 0))
		b.wantRun(shopRun, summary("warning", 2, 1, 1, 0, 0, 0))
		b.wantRun(shopRun, summary("valid", 2, 1, 0, 0, 0, 0))
		grouped := b.described("daily_grouped")
		groups := map[string]int{}
		for at, stored := range grouped.results {
			groups[at.group] = stored.severity
		}
		if diff := cmp.Diff(map[string]int{"no grouping": 1, "DE": 0}, groups); diff != "" {
			t.Errorf("results by group (-want +got):\n%s", diff)
		}
		<-time.After(24 * time.Hour)
		b.run(shopRun)
		<-time.After(24 * time.Hour)
		b.wantRun(shopRun, summary("error", 2, 1, 0, 1, 0, 0)) // two earlier days are known now
	})
}

func TestChangesToTheData(t *testing.T) {
	sc := scenario(t, shopCheck+`
              - {name: daily_grouped, type: monitoring, time-scale: daily, error: {upper: 0}, values: {DE: 0, FR: 0}}
              - {name: daily_partition, type: partitioned, time-scale: daily, error: {upper: 0}, values: {-3..-1: 0}}
`)
	grouped := CheckRef{Connection: "shop", Table: "files.orders.csv", Column: "amount", Check: "daily_grouped"}
	partitioned := grouped
	partitioned.Check = "daily_partition"
	in := func(ref CheckRef, group, period string) CheckRef {
		ref.DataGroup, ref.Period = group, period
		return ref
	}
	for _, tc := range []struct {
		name   string
		change func(b *bench) error
		want   runChecksResult
	}{
		{"a group", func(b *bench) error { return b.SetValue(in(grouped, "DE", ""), 1) }, summary("error", 2, 0, 0, 1, 0, 0)},
		{"all groups", func(b *bench) error { return b.SetValue(grouped, 1) }, summary("error", 2, 0, 0, 2, 0, 0)},
		{"a new group", func(b *bench) error { return b.SetValue(in(grouped, "PL", ""), 1) }, summary("error", 2, 0, 0, 1, 0, 0)},
		{"no group", func(b *bench) error { return b.ClearValue(grouped) }, summary("valid", 2, 0, 0, 0, 0, 0)},
		{"a partition", func(b *bench) error { return b.SetValue(in(partitioned, "", "-2"), 1) }, summary("error", 2, 0, 0, 1, 0, 0)},
		{"all partitions", func(b *bench) error { return b.SetValue(partitioned, 1) }, summary("error", 2, 0, 0, 3, 0, 0)},
		{"a new partition", func(b *bench) error { return b.SetValue(in(partitioned, "", "-5"), 1) }, summary("error", 2, 0, 0, 1, 0, 0)},
		{"disabled", func(b *bench) error { return b.SetDisabled(grouped, true) }, summary("valid", 1, 0, 0, 0, 0, 0)},
		{"crash", func(b *bench) error { return b.SetCrash(grouped, &Crash{In: sourceSensor}) }, summary("valid", 2, 0, 0, 0, 0, 1)},
		{"crash of an unchanged rule", func(b *bench) error { return b.SetCrash(grouped, &Crash{In: sourceRule}) }, summary("valid", 2, 0, 0, 0, 0, 0)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
				<-time.After(12 * time.Hour) // away from the end of a day or month
				b.wantRun(shopRun, summary("valid", 2, 5, 0, 0, 0, 0))
				if err := tc.change(b); err != nil {
					t.Fatal(err)
				}
				b.wantRun(shopRun, tc.want)
			})
		})
	}
}

func TestExecutionTargets(t *testing.T) {
	sc := scenario(t, shopCheck+`
              - {name: daily_nulls, type: monitoring, time-scale: daily, error: {upper: 0}, values: 4}
`)
	for _, tc := range []struct {
		option   string
		readouts int
	}{
		{`"execution_target":"only_sensors"`, 1},
		{`"execution_target":"only_rules"`, 0},
		{`"dummy_execution":true`, 0},
	} {
		t.Run(tc.option, func(t *testing.T) {
			inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
				b.wantRun(`{"check_search_filters":{"connection":"shop"},`+tc.option+`}`, summary("valid", 1, 0, 0, 0, 0, 0))
				stored := b.described("daily_nulls")
				if len(stored.readouts) != tc.readouts || len(stored.results) != 0 {
					t.Errorf("%d readouts, %d results stored; want %d, 0", len(stored.readouts), len(stored.results), tc.readouts)
				}
			})
		})
	}
}

func TestTimeWindow(t *testing.T) {
	sc := scenario(t, "clock: 2026-11-23T14:15:26Z\ntime-zone: Asia/Tokyo\n"+shopCheck+`
              - {name: daily_partition_nulls, type: partitioned, time-scale: daily, error: {upper: 0}, values: {-20..0: 0}}
              - {name: monthly_partition_nulls, type: partitioned, time-scale: monthly, error: {upper: 0}, values: {-20..0: 0}}
`)
	for _, tc := range []struct {
		window         string
		daily, monthly int
	}{
		{`null`, 7, 1},
		{`{}`, 7, 1},
		{`{"where_filter":"1=1"}`, 7, 1},
		{`{"daily_partitioning_recent_days":3}`, 3, 20},
		{`{"daily_partitioning_recent_days":3,"daily_partitioning_include_today":true}`, 4, 20},
		{`{"daily_partitioning_include_today":true}`, 21, 20}, // the window is replaced, not merged (wire T17)
		{`{"monthly_partitioning_recent_months":2,"monthly_partitioning_include_current_month":true}`, 20, 3},
		{`{"from_date":"2026-11-20","to_date":"2026-11-22"}`, 2, 1},
		{`{"from_date":"2026-11-20"}`, 3, 0},
		{`{"to_date":"2026-11-10"}`, 7, 21},
		{`{"from_date_time":"2026-11-20T12:00:00","to_date_time":"2026-11-22T00:00:01"}`, 3, 1},
		// Ten hours after midnight in Tokyo is still the day before in UTC.
		{`{"from_date_time_offset":"2026-11-20T23:00:00Z","to_date_time_offset":"2026-11-22T15:00:00Z"}`, 2, 1},
	} {
		t.Run(tc.window, func(t *testing.T) {
			inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
				got := b.run(`{"check_search_filters":{"connection":"shop"},"time_window_filter":` + tc.window + `}`)
				if want := tc.daily + tc.monthly; got.ValidResults != want {
					t.Errorf("%d partitions judged, want %d", got.ValidResults, want)
				}
				daily := len(b.described("daily_partition_nulls").readouts)
				if daily != tc.daily {
					t.Errorf("%d days read, want %d", daily, tc.daily)
				}
			})
		})
	}
}

func TestBuiltinScenario(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bench) {
		for _, tc := range []struct {
			filters  string
			severity string
			crashed  bool
			least    time.Duration
			most     time.Duration
		}{
			{`{"connection":"shop"}`, "fatal", false, 1200 * time.Millisecond, 3 * time.Second},
			{`{"connection":"wh"}`, "valid", false, 0, time.Second},
			{`{"connection":"crash"}`, "valid", true, 0, time.Second},
			{`{"connection":"slow"}`, "valid", false, time.Minute, 61 * time.Second},
			{`{"connection":"nosuch"}`, "valid", false, 0, time.Second},
		} {
			begin := time.Now()
			got := b.run(`{"check_search_filters":` + tc.filters + `}`)
			took := time.Since(begin)
			if got.HighestSeverity != tc.severity || got.ExecutionErrors > 0 != tc.crashed || took < tc.least || took > tc.most {
				t.Errorf("%s: %+v after %v", tc.filters, got, took)
			}
		}
	})
	inBubble(t, Options{}, func(t *testing.T, b *bench) {
		b.wantRunSeverity(`{"connection":"shop","checkCategory":"nulls"}`, "warning")
		b.wantRunSeverity(`{"connection":"shop","checkCategory":"numeric"}`, "error")
		b.wantRunSeverity(`{"connection":"shop","checkCategory":"uniqueness"}`, "fatal")
		got := b.send("POST", "/api/jobs/runchecks", `{"check_search_filters":{"connection":"broken"}}`)
		var failed errorBody
		if err := json.Unmarshal(got.body, &failed); err != nil || got.StatusCode != 500 || failed.Message == nil ||
			*failed.Message != "Connection to warehouse.internal:5432 refused. Check that the hostname and port are correct" {
			t.Errorf("connection broken: %s %s", got.Status, got.body)
		}
	})
}

func (b *bench) wantRunSeverity(filters, want string) {
	b.t.Helper()
	if got := b.run(`{"check_search_filters":` + filters + `}`); got.HighestSeverity != want {
		b.t.Errorf("%s: %s, want %s", filters, got.HighestSeverity, want)
	}
}
