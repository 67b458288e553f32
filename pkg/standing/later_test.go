package standing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/simulator"
	"github.com/dqoctl/dqoctl/pkg/standing"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// TestPartitionsToCome: the status loads no later month than the present, so bad
// partitions there are found although the server knows nothing bad of their checks.
func TestPartitionsToCome(t *testing.T) {
	const text = `
clock: 2026-11-23T14:15:26Z
connections:
  - name: shop
    tables:
      - name: files.bookings
        checks:
          - {name: daily_partition_only_later, type: partitioned, time-scale: daily, error: {upper: 10}, values: {2026-12-24: 50}}
          - {name: daily_partition_good_now, type: partitioned, time-scale: daily, fatal: {upper: 10}, values: {2026-11-22: 1, 2026-12-24: 50}}
          - {name: monthly_partition_crash, type: partitioned, time-scale: monthly, error: {upper: 10},
             fails: {in: rule, runs: [2]}, values: {2026-11: 1, 2027-01: [5, 6]}}
`
	for name, tc := range map[string]struct {
		window *dqops.TimeWindowFilterParameters
		want   []string
	}{
		"to a later month": {&dqops.TimeWindowFilterParameters{FromDate: "2026-11-20", ToDate: "2027-02-01"}, []string{
			"monthly_partition_crash rule", "daily_partition_good_now fatal", "daily_partition_only_later error",
		}},
		"with the current periods": {&dqops.TimeWindowFilterParameters{DailyPartitioningIncludeToday: new(true), MonthlyPartitioningIncludeCurrentMonth: new(true)}, []string{
			"monthly_partition_crash rule", "daily_partition_good_now fatal", "daily_partition_only_later error",
		}},
		"to the present": {&dqops.TimeWindowFilterParameters{FromDate: "2026-11-20", ToDate: "2026-12-01"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, loadScenario(t, text), false, func(b *bench) {
				followed := b.run(dqops.RunChecksParameters{TimeWindowFilter: tc.window})
				for range 2 { // the second sees nothing new
					followed = b.run(dqops.RunChecksParameters{TimeWindowFilter: tc.window})
				}
				for _, exact := range []bool{false, true} {
					var got []string
					for _, f := range b.read(followed, exact).Findings {
						got = append(got, f.Check+" "+f.Crashed+string(f.Severity))
					}
					if diff := cmp.Diff(tc.want, got); diff != "" {
						t.Errorf("exact %t: findings (-want +got):\n%s", exact, diff)
					}
				}
			})
		})
	}
}

// TestPartitionsToComeOfATableThatLooksAhead: a run without a window looks at the
// table's own, which may have no end.
func TestPartitionsToComeOfATableThatLooksAhead(t *testing.T) {
	const text = `
clock: 2026-11-23T14:15:26Z
connections:
  - name: shop
    tables:
      - name: files.bookings
        include-current: true
        checks:
          - {name: daily_partition_good_now, type: partitioned, time-scale: daily, fatal: {upper: 10}, values: {2026-11-22: 1, 2026-12-24: 50}}
        columns:
          - {name: amount, checks: [{name: monthly_partition_good_now, type: partitioned, time-scale: monthly, error: {upper: 10}, values: {2026-10: 1, 2027-01: 50}}]}
`
	inBubble(t, loadScenario(t, text), false, func(b *bench) {
		b.run(dqops.RunChecksParameters{})
		followed := b.run(dqops.RunChecksParameters{}) // it sees nothing new
		for _, exact := range []bool{false, true} {
			s := b.read(followed, exact)
			if s.Fatals != 1 || s.Errors != 1 || s.Coverage != verdict.CoverageExact {
				b.Errorf("exact %t: %+v, want a fatal and an error", exact, s)
			}
			c := b.collector(exact)
			now, checks, err := c.Current(b.Context(), standing.Current{Filters: dqops.CheckSearchFilters{Connection: "shop"}, Now: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)})
			if err != nil || now.Fatals != 1 || now.Errors != 1 || checks != 2 {
				b.Errorf("exact %t, now: %d checks, %+v, %v", exact, checks, now, err)
			}
		}
	})
}

// TestComparisonsDoNotLeaveOutOthers: by the server's own search a comparison's name
// chooses among comparisons, and every other check runs as well.
func TestComparisonsDoNotLeaveOutOthers(t *testing.T) {
	for filter, want := range map[string]int{`{"tableComparisonName":"dwh"}`: 2, `{"tableComparisonName":"dwh","checkName":"daily_other"}`: 0} {
		s, _, err := readFake(t, &fake{}, runOn(1, filter))
		if err != nil || s.Fatals != want {
			t.Errorf("%s: %+v, %v; want %d", filter, s, err, want)
		}
	}
}

// asked notes the questions for the status.
type asked struct {
	*fake
	queries []dqops.StatusQuery
}

func (a *asked) TableStatus(ctx context.Context, t dqops.TableRef, q dqops.StatusQuery) (*dqops.TableStatus, error) {
	a.queries = append(a.queries, q)
	return a.fake.TableStatus(ctx, t, q)
}

func TestWhatTheStatusIsAskedFor(t *testing.T) {
	for filters, want := range map[string]dqops.StatusQuery{
		`{}`:                         {Months: 120, Profiling: true, Monitoring: true, Partitioned: true},
		`{"checkType":"profiling"}`:  {Months: 120, Profiling: true},
		`{"checkType":"monitoring"}`: {Months: 120, Monitoring: true},
	} {
		a := &asked{fake: &fake{clean: true}}
		if _, err := (&standing.Collector{Server: a, Budget: budget}).Run(t.Context(), runOn(1, filters)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]dqops.StatusQuery{want}, a.queries); diff != "" {
			t.Errorf("%s asks (-want +got):\n%s", filters, diff)
		}
	}
}

// TestWithoutVerdict: the number is told only if all that ran was seen.
func TestWithoutVerdict(t *testing.T) {
	const text = `
connections:
  - name: shop
    tables:
      - name: files.orders
        checks:
          - {name: daily_good, type: monitoring, time-scale: daily, category: volume, sensor: a, error: {upper: 10}, values: 1}
          - {name: daily_count, type: monitoring, time-scale: daily, category: volume, sensor: b, values: {DE: 1, FR: 2}}
          - {name: daily_young, type: monitoring, time-scale: daily, category: anomaly, sensor: a, error: {upper: 10}, history-needed: 9, values: 1}
        columns:
          - {name: amount, checks: [{name: daily_bad, type: monitoring, time-scale: daily, category: volume, sensor: a, error: {upper: 10}, values: 50}]}
          - {name: unjudged, checks: [{name: monthly_count, type: monitoring, time-scale: monthly, category: nulls, sensor: a, values: 50}]}
`
	for name, tc := range map[string]struct {
		filters dqops.CheckSearchFilters
		want    *int
	}{
		"all":                                {dqops.CheckSearchFilters{TimeScale: "daily"}, new(3)},
		"one":                                {dqops.CheckSearchFilters{CheckName: "daily_good"}, new(0)},
		"a column of which nothing is known": {dqops.CheckSearchFilters{}, nil},
		"a category, which values lack":      {dqops.CheckSearchFilters{CheckCategory: "volume"}, nil},
		"a sensor, which values lack":        {dqops.CheckSearchFilters{SensorName: "a", TimeScale: "daily"}, nil},
		"filters that cannot be replayed":    {dqops.CheckSearchFilters{CheckName: "daily_good", MaxResults: new(int32(9))}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, loadScenario(t, text), false, func(b *bench) {
				followed := b.run(dqops.RunChecksParameters{CheckSearchFilters: tc.filters})
				if diff := cmp.Diff(tc.want, b.read(followed, true).WithoutVerdict); diff != "" {
					t.Errorf("exact: values without a verdict (-want +got):\n%s", diff)
				}
				if s := b.read(followed, false); s.WithoutVerdict != nil {
					t.Errorf("%d values without a verdict are counted although settled checks were not read", *s.WithoutVerdict)
				}
			})
		})
	}
}

// TestLinkOfAFinding goes from a run to the page of its finding.
func TestLinkOfAFinding(t *testing.T) {
	s, err := (&standing.Collector{Server: &fake{}, Budget: budget, BaseURL: "https://dqops.test/x"}).Run(t.Context(), runOn(1, "{}"))
	if err != nil || len(s.Findings) != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	const want = "https://dqops.test/x/monitoring/connection/shop/schema/files/table/t0000/columns/amount/monitoring/daily/volume/daily_bad"
	if got := s.Findings[0]; got.Link != want || got.DataGroup != "DE" || !got.Unchanged {
		t.Errorf("%+v, want the link %s", got, want)
	}
}

// TestLessThanTheSummary: what the server said of the run decides when less is
// stored by now, unless a later execution explains that.
func TestLessThanTheSummary(t *testing.T) {
	const text = `
connections:
  - name: shop
    tables:
      - name: files.orders
        checks:
          - {name: daily_good, type: monitoring, time-scale: daily, error: {upper: 10}, values: 1}
          - {name: daily_bad, type: monitoring, time-scale: daily, fatal: {upper: 10}, values: 50}
`
	bad := simulator.CheckRef{Connection: "shop", Table: "files.orders", Check: "daily_bad"}
	for name, tc := range map[string]struct {
		meanwhile func(*bench) error
		severity  dqops.Severity
		coverage  verdict.Coverage
	}{
		"the same":               {func(*bench) error { return nil }, "fatal", "exact"},
		"its result was deleted": {func(b *bench) error { return b.DeleteResults(bad) }, "fatal", "approximate"},
		"it was deleted, and a later run found it good": {func(b *bench) error {
			defer b.run(dqops.RunChecksParameters{})
			return errors.Join(b.DeleteResults(bad), b.SetValue(bad, 0))
		}, "valid", "exact"},
		"it was deleted, and a later run judged nothing": {func(b *bench) error {
			defer b.run(dqops.RunChecksParameters{})
			return b.DeleteResults(bad)
		}, "fatal", "approximate"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, loadScenario(t, text), false, func(b *bench) {
				followed := b.run(dqops.RunChecksParameters{})
				if err := tc.meanwhile(b); err != nil {
					t.Fatal(err)
				}
				for _, exact := range []bool{false, true} {
					if s := b.read(followed, exact); s.Severity != tc.severity || s.Coverage != tc.coverage {
						t.Errorf("exact %t: %s, %s; want %s, %s", exact, s.Severity, s.Coverage, tc.severity, tc.coverage)
					}
				}
			})
		})
	}
}

// TestOneLaterValueDoesNotExplainTwo: of two fatal results that are gone, only the
// one that was judged again may be good by now.
func TestOneLaterValueDoesNotExplainTwo(t *testing.T) {
	const text = `
connections:
  - name: shop
    tables:
      - name: files.orders
        checks:
          - {name: daily_bad, type: monitoring, time-scale: daily, fatal: {upper: 10}, values: 50}
          - {name: daily_worse, type: monitoring, time-scale: daily, fatal: {upper: 10}, values: 60}
`
	bad := simulator.CheckRef{Connection: "shop", Table: "files.orders", Check: "daily_bad"}
	worse := simulator.CheckRef{Connection: "shop", Table: "files.orders", Check: "daily_worse"}
	inBubble(t, loadScenario(t, text), false, func(b *bench) {
		followed := b.run(dqops.RunChecksParameters{})
		if err := errors.Join(b.DeleteResults(bad), b.DeleteResults(worse), b.SetValue(bad, 0)); err != nil {
			t.Fatal(err)
		}
		b.run(dqops.RunChecksParameters{})
		for _, exact := range []bool{false, true} {
			if s := b.read(followed, exact); s.Severity != dqops.SeverityFatal || s.Coverage != verdict.CoverageApproximate {
				t.Errorf("exact %t: %s, %s; want that of the run", exact, s.Severity, s.Coverage)
			}
		}
		if err := b.SetValue(worse, 1); err != nil {
			t.Fatal(err)
		}
		b.run(dqops.RunChecksParameters{})
		for _, exact := range []bool{false, true} {
			if s := b.read(followed, exact); s.Severity != dqops.SeverityValid || s.Coverage != verdict.CoverageExact {
				t.Errorf("exact %t, both judged again: %s, %s", exact, s.Severity, s.Coverage)
			}
		}
	})
}
