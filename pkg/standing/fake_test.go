package standing_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/standing"
)

// The calls of a standing.Server by name.
const (
	callStatus   = "status"
	callReadouts = "readouts"
	callResults  = "results"
	callErrors   = "errors"
	callSearch   = "search"
)

// fake is a standing.Server of tables that all are alike: each has one check that
// is fatal for two data groups, unless clean. Its zero value answers at once.
type fake struct {
	clean bool
	// bad is the name of that check: daily_bad if empty.
	bad string
	// period is that of its values: the day of the run if empty.
	period string
	// checks is how many settled checks every table has besides.
	checks int
	// rejudged are the tables of which a settled check was judged again after the end.
	rejudged []string
	// listed is what the search finds.
	listed []dqops.TableListEntry
	// before is called before each answer; an error replaces it.
	before func(ctx context.Context, call, table string) error
	// change alters an answer.
	changeReadouts func(*dqops.SensorReadoutsList)
	changeResults  func(*dqops.CheckResultsList)
	changeErrors   func(*dqops.ErrorsList)
	changeStatus   func(*dqops.TableStatus)

	mutex          sync.Mutex
	calls          map[string]int
	inFlight, most int
}

var _ standing.Server = (*fake)(nil)

// The moments of the fake's run, by its own clock.
var (
	began = time.Date(2026, 11, 23, 14, 15, 26, 500_000_000, time.UTC)
	ended = began.Add(10 * time.Second)
)

const ownPeriod = "2026-11-23T00:00:00"

// has reports whether the months that are asked for hold the values.
func (f *fake) has(q dqops.ResultsQuery) bool {
	month := cmp.Or(f.period, ownPeriod)[:len("2006-01")]
	return q.First.Format("2006-01") <= month && month <= q.Last.Format("2006-01")
}

// begin counts a call; the returned function ends it.
func (f *fake) begin(ctx context.Context, call, table string) (func(), error) {
	f.mutex.Lock()
	if f.calls == nil {
		f.calls = make(map[string]int)
	}
	f.calls[call]++
	f.inFlight++
	f.most = max(f.most, f.inFlight)
	f.mutex.Unlock()
	end := func() {
		f.mutex.Lock()
		defer f.mutex.Unlock()
		f.inFlight--
	}
	if f.before != nil {
		if err := f.before(ctx, call, table); err != nil {
			return end, err
		}
	}
	return end, ctx.Err()
}

func (f *fake) total() (n int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, calls := range f.calls {
		n += calls
	}
	return n
}

func (f *fake) TableStatus(ctx context.Context, t dqops.TableRef, _ dqops.StatusQuery) (*dqops.TableStatus, error) {
	end, err := f.begin(ctx, callStatus, t.Table)
	defer end()
	if err != nil {
		return nil, err
	}
	status := &dqops.TableStatus{Connection: t.Connection, Schema: t.Schema, Table: t.Table, Checks: map[string]dqops.CheckStatus{}, Columns: map[string]dqops.ColumnStatus{}}
	good := dqops.CheckStatus{CheckType: dqops.CheckTypeMonitoring, TimeScale: dqops.TimeScaleDaily, Category: "volume", Counts: dqops.Counts{ExecutedChecks: 1, ValidResults: 1}}
	for i := range f.checks {
		status.Checks[fmt.Sprintf("daily_good_%d", i)] = good
	}
	if !f.clean {
		bad := good
		bad.Counts = dqops.Counts{ExecutedChecks: 2, Fatals: 2}
		status.Columns["amount"] = dqops.ColumnStatus{Checks: map[string]dqops.CheckStatus{f.badName(): bad}}
	}
	if slices.Contains(f.rejudged, t.Table) {
		good.LastExecutedAt = ended.Add(time.Minute)
		status.Checks["daily_good_0"] = good
	}
	if f.changeStatus != nil {
		f.changeStatus(status)
	}
	return status, nil
}

var groups = []string{"DE", "FR"}

func (f *fake) SensorReadouts(ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) ([]dqops.SensorReadoutsList, error) {
	end, err := f.begin(ctx, callReadouts, p.Table)
	defer end()
	if err == nil && f.isRejudged(p, q) {
		return []dqops.SensorReadoutsList{{CheckName: "daily_good_0", CheckType: p.CheckType, DataGroups: groups[:1], DataGroup: groups[0], Entries: []dqops.SensorReadoutEntry{{
			ID: p.Table + "good", CheckName: "daily_good_0", ActualValue: new(4.0), DataGroup: groups[0], ExecutedAt: ended.Add(time.Minute), TimePeriod: ownPeriod,
		}}}}, nil
	}
	if err != nil || q.CheckName != f.badName() || !f.has(q) {
		return nil, err
	}
	group := groupOf(q)
	list := dqops.SensorReadoutsList{CheckName: f.badName(), CheckType: p.CheckType, DataGroups: groups, DataGroup: group, Entries: []dqops.SensorReadoutEntry{{
		ID: p.Table + group, CheckName: f.badName(), ActualValue: new(4.0), DataGroup: group, ExecutedAt: began.Add(time.Second), TimePeriod: cmp.Or(f.period, ownPeriod),
	}}}
	if f.changeReadouts != nil {
		f.changeReadouts(&list)
	}
	return []dqops.SensorReadoutsList{list}, nil
}

func (f *fake) CheckResults(ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) ([]dqops.CheckResultsList, error) {
	end, err := f.begin(ctx, callResults, p.Table)
	defer end()
	if err == nil && f.isRejudged(p, q) {
		return []dqops.CheckResultsList{{CheckName: "daily_good_0", CheckType: p.CheckType, DataGroups: groups[:1], DataGroup: groups[0], Entries: []dqops.CheckResultEntry{{
			ID: p.Table + "good", CheckName: "daily_good_0", ActualValue: new(4.0), Severity: new(0), DataGroup: groups[0], ExecutedAt: ended.Add(time.Minute), TimePeriod: ownPeriod,
		}}}}, nil
	}
	if err != nil || q.CheckName != f.badName() || !f.has(q) {
		return nil, err
	}
	list := dqops.CheckResultsList{CheckName: f.badName(), CheckType: p.CheckType, DataGroups: groups, DataGroup: q.DataGroup, Entries: []dqops.CheckResultEntry{{
		ID: p.Table + q.DataGroup, CheckName: f.badName(), ActualValue: new(4.0), Severity: new(3), DataGroup: q.DataGroup,
		ExecutedAt: began.Add(-time.Hour), TimePeriod: cmp.Or(f.period, ownPeriod),
	}}}
	if f.changeResults != nil {
		f.changeResults(&list)
	}
	return []dqops.CheckResultsList{list}, nil
}

func (f *fake) CheckErrors(ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) ([]dqops.ErrorsList, error) {
	end, err := f.begin(ctx, callErrors, p.Table)
	defer end()
	if err != nil || f.changeErrors == nil || !f.has(q) {
		return nil, err
	}
	list := dqops.ErrorsList{CheckName: f.badName(), CheckType: p.CheckType, DataGroups: groups[:1], DataGroup: groups[0], Entries: []dqops.ErrorEntry{{
		ReadoutID: p.Table + groups[0], DataGroup: groups[0], ExecutedAt: began.Add(-time.Minute), TimePeriod: cmp.Or(f.period, ownPeriod), ErrorSource: "rule",
	}}}
	f.changeErrors(&list)
	return []dqops.ErrorsList{list}, nil
}

func (f *fake) SearchTables(ctx context.Context, _, _, _ string, _ int) ([]dqops.TableListEntry, error) {
	end, err := f.begin(ctx, callSearch, "")
	defer end()
	return f.listed, err
}

func (f *fake) badName() string { return cmp.Or(f.bad, "daily_bad") }

func (f *fake) isRejudged(p dqops.CheckPath, q dqops.ResultsQuery) bool {
	return q.CheckName == "" && f.has(q) && slices.Contains(f.rejudged, p.Table) &&
		p.Column == "" && p.CheckType == dqops.CheckTypeMonitoring && p.TimeScale == dqops.TimeScaleDaily
}

func groupOf(q dqops.ResultsQuery) string {
	if q.DataGroup == "" {
		return groups[1] // which group comes unasked is the server's own choice
	}
	return q.DataGroup
}

// runOn is a finished run of the given filters (JSON) over n tables of connection
// shop, followed from its start.
func runOn(n int, filters string) standing.Run {
	run := standing.Run{ChildrenKnown: true, Job: &dqops.Job{
		ID: dqops.JobID{ID: 17, CreatedAt: began}, Type: dqops.TypeRunChecks, Status: dqops.StatusFinished, StatusChangedAt: ended,
		Parameters: dqops.JobParameters{"runChecksParameters": json.RawMessage(`{"check_search_filters":` + filters +
			`,"run_checks_result":{"highest_severity":"valid","executed_checks":` + fmt.Sprint(n) + `}}`)},
	}}
	for i := range n {
		run.Children = append(run.Children, follow.Child{
			Connection: "shop", Table: dqops.PhysicalTableName{SchemaName: "files", TableName: fmt.Sprintf("t%04d", i)},
			Status: dqops.StatusFinished, StartedAt: began, Result: &dqops.RunChecksResult{HighestSeverity: dqops.SeverityValid, ExecutedChecks: 1},
		})
	}
	return run
}
