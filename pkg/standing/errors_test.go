package standing_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/standing"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

const budget = 30 * time.Second

// TestWhatCannotBeRead fails one call about the second of two tables and holds
// that the reason decides, while the first table's findings are still told.
func TestWhatCannotBeRead(t *testing.T) {
	failures := map[string]struct {
		err   error
		want  exit.Outcome
		takes time.Duration // of virtual time, at most
	}{
		"unreachable":  {&dqops.UnreachableError{Doing: "read", Sent: true, Err: errors.New("reset")}, exit.Unreachable, budget + time.Second},
		"busy":         {&dqops.ServerError{Doing: "read", Status: 503}, exit.Unreachable, budget + time.Second},
		"failing":      {&dqops.ServerError{Doing: "read", Status: 500}, exit.Protocol, 12 * time.Second},
		"refused":      {&dqops.ServerError{Doing: "read", Status: 400}, exit.Protocol, 2 * time.Second},
		"unauthorized": {&dqops.UnauthorizedError{Doing: "read", Status: 401}, exit.Unauthorized, 2 * time.Second},
		"not DQOps":    {&dqops.ProtocolError{Doing: "read", Reason: "HTML"}, exit.Protocol, 2 * time.Second},
		"unknown":      {&dqops.NotFoundError{Doing: "read", What: "table"}, exit.JobLost, 2 * time.Second},
		"panic":        {nil, exit.Internal, 2 * time.Second},
	}
	for name, failure := range failures {
		for _, call := range []string{callReadouts, callResults, callErrors} {
			if name == "unknown" && call == callReadouts {
				continue // a column that is gone, see below
			}
			t.Run(call+" "+name, func(t *testing.T) {
				f := &fake{before: func(_ context.Context, called, table string) error {
					if table != "t0001" || called != call {
						return nil
					}
					<-time.After(time.Second)
					if failure.err == nil {
						panic("a bug")
					}
					return failure.err
				}}
				s, took, err := readFake(t, f, runOn(2, "{}"))
				if got := verdict.OutcomeOf(err); got != failure.want {
					t.Errorf("%v is %s, want %s", err, got, failure.want)
				}
				if took > failure.takes {
					t.Errorf("given up after %v, want %v at most", took, failure.takes)
				}
				if s == nil || len(s.Findings) != 2 || s.Findings[0].Table != "t0000" || s.Severity != dqops.SeverityFatal || s.Fatals != 2 {
					t.Errorf("the standing is %+v, want the two findings of the first table", s)
				}
			})
		}
	}
}

// readFake reads in a bubble, so that a goroutine left behind fails the test.
func readFake(t *testing.T, f *fake, run standing.Run) (s *verdict.Standing, took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		s, err = (&standing.Collector{Server: f, Budget: budget}).Run(t.Context(), run)
		took = time.Since(start)
	})
	return s, took, err
}

func TestStatusAndSearchThatCannotBeRead(t *testing.T) {
	for call, run := range map[string]standing.Run{callStatus: runOn(3, "{}"), callSearch: unfollowed(runOn(0, "{}"))} {
		for _, failure := range []struct {
			err  error
			want exit.Outcome
		}{
			{&dqops.UnreachableError{Err: errors.New("refused")}, exit.Unreachable},
			{&dqops.UnauthorizedError{Status: 403}, exit.Unauthorized},
			{&dqops.ServerError{Status: 500}, exit.Protocol},
			{&dqops.NotFoundError{What: "table"}, exit.JobLost},
		} {
			f := &fake{before: func(_ context.Context, called, _ string) error {
				if called == call {
					return failure.err
				}
				return nil
			}}
			s, _, err := readFake(t, f, run)
			if got := verdict.OutcomeOf(err); got != failure.want || s == nil {
				t.Errorf("%s: %v is %s with standing %v, want %s with one", call, err, got, s, failure.want)
			}
		}
	}
}

func unfollowed(run standing.Run) standing.Run {
	run.Children, run.ChildrenKnown = nil, false
	return run
}

func TestContactThatComesBack(t *testing.T) {
	failed := 0
	f := &fake{before: func(_ context.Context, call, _ string) error {
		if call == callResults && failed < 5 {
			failed++
			return &dqops.ServerError{Status: 502}
		}
		return nil
	}}
	s, _, err := readFake(t, f, runOn(1, "{}"))
	if err != nil || len(s.Findings) != 2 {
		t.Errorf("%+v and %v, want two findings", s, err)
	}
}

// TestColumnDropped: of what is bad there it is not told whether the run covered it.
func TestColumnDropped(t *testing.T) {
	f := &fake{before: func(_ context.Context, call, _ string) error {
		if call == callReadouts {
			return &dqops.NotFoundError{What: "column"}
		}
		return nil
	}}
	s, _, err := readFake(t, f, runOn(1, "{}"))
	if err != nil || s.Coverage != verdict.CoverageApproximate {
		t.Errorf("%v, coverage %s", err, s.Coverage)
	}
}

// TestColumnOrTableGone tells a column that was dropped, most likely before the run,
// from a table that was dropped after it.
func TestColumnOrTableGone(t *testing.T) {
	gone := &dqops.NotFoundError{What: "table or column"}
	statusCalls := 0
	for _, tc := range []struct {
		name   string
		before func(call string) error
		want   exit.Outcome
	}{
		{"column", func(call string) error {
			if call == callReadouts {
				return gone
			}
			return nil
		}, exit.OK},
		{"table", func(call string) error {
			if call == callStatus {
				statusCalls++
			}
			if call == callReadouts || call == callStatus && statusCalls > 1 {
				return gone
			}
			return nil
		}, exit.JobLost},
		{"column, between two calls", func(call string) error {
			if call == callResults {
				return gone
			}
			return nil
		}, exit.JobLost},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &fake{before: func(_ context.Context, call, _ string) error { return tc.before(call) }}
			_, _, err := readFake(t, f, runOn(1, "{}"))
			if got := verdict.OutcomeOf(err); got != tc.want {
				t.Errorf("%v is %s, want %s", err, got, tc.want)
			}
			if f.total() > 5 {
				t.Errorf("%d calls", f.total())
			}
		})
	}
}

// TestNothingBeginsAfterAFailure holds that calls under way come to their end, for
// what they find, and that no other begins.
func TestNothingBeginsAfterAFailure(t *testing.T) {
	f := &fake{before: func(_ context.Context, call, table string) error {
		if call == callStatus {
			return nil
		}
		if table == "t0005" {
			<-time.After(time.Second)
			return &dqops.UnauthorizedError{Status: 401}
		}
		<-time.After(5 * time.Second)
		return nil
	}}
	s, took, err := readFake(t, f, runOn(100, "{}"))
	if verdict.OutcomeOf(err) != exit.Unauthorized || took > 30*time.Second {
		t.Errorf("%v after %v, want a 401 soon", err, took)
	}
	if most := 100 + 5*standing.Parallel; f.total() > most {
		t.Errorf("%d calls, want those of the first %d tables only, %d at most", f.total(), standing.Parallel, most)
	}
	if len(s.Findings) != 2*(standing.Parallel-1) {
		t.Errorf("%d findings, want those of the %d tables under way", len(s.Findings), standing.Parallel-1)
	}
}

func TestCancelledOrTooLate(t *testing.T) {
	for _, tc := range []struct {
		name string
		with func(context.Context, error) (context.Context, context.CancelFunc)
		want exit.Outcome
	}{
		{"interrupted", func(ctx context.Context, cause error) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			timer := time.NewTimer(90 * time.Second)
			var waiting exit.Group
			waiting.Go(func() error {
				<-timer.C
				cancel(cause)
				return nil
			})
			return ctx, func() { _ = waiting.Wait() }
		}, exit.Interrupted},
		{"too late", func(ctx context.Context, cause error) (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(ctx, 90*time.Second, cause)
		}, exit.Timeout},
	} {
		for _, stuck := range []string{callStatus, callReadouts, callResults, callErrors} {
			t.Run(tc.name+" at "+stuck, func(t *testing.T) {
				f := &fake{before: func(ctx context.Context, call, table string) error {
					if call != stuck || table == "t0000" && call != callStatus {
						return nil
					}
					<-ctx.Done()
					return context.Cause(ctx)
				}}
				synctest.Test(t, func(t *testing.T) {
					ctx, end := tc.with(t.Context(), &exit.Error{Outcome: tc.want, Message: "enough"})
					defer end()
					start := time.Now()
					s, err := (&standing.Collector{Server: f, Budget: budget}).Run(ctx, runOn(20, "{}"))
					if got := verdict.OutcomeOf(err); got != tc.want || time.Since(start) != 90*time.Second {
						t.Errorf("%v (%s) after %v, want %s after 90s", err, got, time.Since(start), tc.want)
					}
					if s == nil || stuck != callStatus && len(s.Findings) != 2 {
						t.Errorf("the standing is %+v, want the findings of the first table", s)
					}
				})
			})
		}
	}
}

// TestAnswersThatLackSomething holds that an answer without what the verdict
// rests on is refused and never taken for good news.
func TestAnswersThatLackSomething(t *testing.T) {
	for name, f := range map[string]*fake{
		"readout without id":       {changeReadouts: func(l *dqops.SensorReadoutsList) { l.Entries[0].ID = "" }},
		"readout without period":   {changeReadouts: func(l *dqops.SensorReadoutsList) { l.Entries[0].TimePeriod = "" }},
		"readout of odd period":    {changeReadouts: func(l *dqops.SensorReadoutsList) { l.Entries[0].TimePeriod = "23.11.2026" }},
		"readout without time":     {changeReadouts: func(l *dqops.SensorReadoutsList) { l.Entries[0].ExecutedAt = time.Time{} }},
		"readouts without groups":  {changeReadouts: func(l *dqops.SensorReadoutsList) { l.DataGroups = nil }},
		"result without id":        {changeResults: func(l *dqops.CheckResultsList) { l.Entries[0].ID = "" }},
		"result without time":      {changeResults: func(l *dqops.CheckResultsList) { l.Entries[0].ExecutedAt = time.Time{} }},
		"result without severity":  {changeResults: func(l *dqops.CheckResultsList) { l.Entries[0].Severity = nil }},
		"result of severity 4":     {changeResults: func(l *dqops.CheckResultsList) { l.Entries[0].Severity = new(4) }},
		"result of severity -1":    {changeResults: func(l *dqops.CheckResultsList) { l.Entries[0].Severity = new(-1) }},
		"error without time":       {changeErrors: func(l *dqops.ErrorsList) { l.Entries[0].ExecutedAt = time.Time{} }},
		"rule error of no readout": {changeErrors: func(l *dqops.ErrorsList) { l.Entries[0].ReadoutID = "" }},
		"errors without groups":    {changeErrors: func(l *dqops.ErrorsList) { l.DataGroups = nil }},
		"status without checks":    {changeStatus: func(s *dqops.TableStatus) { s.Checks = nil }},
		"status without columns":   {changeStatus: func(s *dqops.TableStatus) { s.Columns = nil }},
		"readouts without entries": {changeReadouts: func(l *dqops.SensorReadoutsList) { l.Entries = nil }},
		"results without entries":  {changeResults: func(l *dqops.CheckResultsList) { l.Entries = nil }},
		"errors without entries":   {changeErrors: func(l *dqops.ErrorsList) { l.Entries = nil }},
		"readouts of no check":     {changeReadouts: func(l *dqops.SensorReadoutsList) { l.CheckName = "" }},
		"errors of no check":       {changeErrors: func(l *dqops.ErrorsList) { l.CheckName = "" }},
		"column without checks":    {changeStatus: func(s *dqops.TableStatus) { s.Columns["a"] = dqops.ColumnStatus{} }},
		"check without type":       {clean: true, changeStatus: func(s *dqops.TableStatus) { s.Checks["daily_x"] = dqops.CheckStatus{TimeScale: "daily"} }},
		"check without time scale": {clean: true, changeStatus: func(s *dqops.TableStatus) { s.Checks["daily_x"] = dqops.CheckStatus{CheckType: "monitoring"} }},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, err := readFake(t, f, runOn(1, "{}"))
			if got := verdict.OutcomeOf(err); got != exit.Protocol || s == nil {
				t.Errorf("%v is %s, want %s", err, got, exit.Protocol)
			}
		})
	}
}

func TestJobsThatLackSomething(t *testing.T) {
	for name, change := range map[string]func(*standing.Run){
		"end":        func(r *standing.Run) { r.Job.StatusChangedAt = time.Time{} },
		"beginning":  func(r *standing.Run) { r.Job.ID.CreatedAt = time.Time{} },
		"parameters": func(r *standing.Run) { r.Job.Parameters = nil },
		"window": func(r *standing.Run) {
			r.Job.Parameters["runChecksParameters"] = []byte(`{"time_window_filter":{"from_date":"yesterday"}}`)
		},
		"filters": func(r *standing.Run) { r.Job.Parameters["runChecksParameters"] = []byte(`{"check_search_filters":[]}`) },
	} {
		t.Run(name, func(t *testing.T) {
			run := runOn(1, "{}")
			change(&run)
			if _, _, err := readFake(t, &fake{}, run); err == nil {
				t.Error("a standing was read of it")
			}
		})
	}
}

// TestAClockThatWasPutBack: what began after the end cannot be told from what the
// run did not cover.
func TestAClockThatWasPutBack(t *testing.T) {
	for name, began := range map[string]time.Time{"before the end": ended, "after the end": ended.Add(time.Millisecond)} {
		run := runOn(2, "{}")
		run.Children[1].StartedAt = began
		f := &fake{}
		_, _, err := readFake(t, f, run)
		if put := name == "after the end"; put != (verdict.OutcomeOf(err) == exit.Protocol) || put != (f.total() == 0) {
			t.Errorf("a table's run began %s: %v after %d calls", name, err, f.total())
		}
	}
}

// TestALaterRunOfOneTable: when the summaries of the tables are not known, a later
// run of one of them explains nothing of the other.
func TestALaterRunOfOneTable(t *testing.T) {
	for later, want := range map[int]exit.Outcome{1: exit.Fatal, 2: exit.OK} {
		f := &fake{clean: true, checks: 1, rejudged: []string{"t0000", "t0001"}[:later]}
		run := unfollowed(runOn(2, "{}"))
		run.Job.Parameters["runChecksParameters"] = []byte(`{"check_search_filters":{},"run_checks_result":{"highest_severity":"fatal","executed_checks":2,"fatals":1}}`)
		for _, table := range []string{"t0000", "t0001"} {
			f.listed = append(f.listed, dqops.TableListEntry{ConnectionName: "shop", Target: dqops.PhysicalTableName{SchemaName: "files", TableName: table}})
		}
		s, _, err := readFake(t, f, run)
		r := verdict.Judge(verdict.Evidence{Job: run.Job, Standing: s, Err: err}, verdict.Policy{FailOn: dqops.SeverityError, Judge: verdict.JudgeStanding})
		if r.Outcome != want {
			t.Errorf("%d of 2 tables ran again: %s (%s), want %s", later, r.Outcome, r.Reason, want)
		}
	}
}

// TestALaterRunThatExplainsNothing: as many values as a run judged must still be
// found, or the server's own summary decides: one of them was deleted.
func TestALaterRunThatExplainsNothing(t *testing.T) {
	for summary, want := range map[string]exit.Outcome{
		`{"highest_severity":"fatal","executed_checks":1,"fatals":1}`:                       exit.OK,
		`{"highest_severity":"fatal","executed_checks":2,"valid_results":1,"fatals":1}`:     exit.Fatal,
		`{"highest_severity":"fatal","executed_checks":2,"fatals":2}`:                       exit.Fatal,
		`{"highest_severity":"error","executed_checks":2,"valid_results":1,"errors":1}`:     exit.DataError,
		`{"highest_severity":"warning","executed_checks":1,"valid_results":1,"warnings":1}`: exit.OK,
	} {
		f := &fake{clean: true, checks: 1, rejudged: []string{"t0000"}}
		run := runOn(1, "{}")
		run.Job.Parameters["runChecksParameters"] = []byte(`{"check_search_filters":{},"run_checks_result":` + summary + `}`)
		result, err := run.Job.RunChecksResult()
		if err != nil {
			t.Fatal(err)
		}
		run.Children[0].Result = result
		s, _, err := readFake(t, f, run)
		r := verdict.Judge(verdict.Evidence{Job: run.Job, Standing: s, Err: err}, verdict.Policy{FailOn: dqops.SeverityWarning, Judge: verdict.JudgeStanding})
		if r.Outcome != want {
			t.Errorf("%s: %s (%s), want %s", summary, r.Outcome, r.Reason, want)
		}
	}
}

// TestReadoutsDeletedAfterTheRun: bad results without their values may be the run's,
// unless all that it executed has values.
func TestReadoutsDeletedAfterTheRun(t *testing.T) {
	gone := func(l *dqops.SensorReadoutsList) { l.Entries = []dqops.SensorReadoutEntry{} }
	for name, tc := range map[string]struct {
		f        *fake
		executed int
		want     exit.Outcome
	}{
		"its own day":                {&fake{changeReadouts: gone}, 1, exit.JobLost},
		"another day":                {&fake{changeReadouts: gone, period: "2026-11-20T00:00:00"}, 1, exit.OK},
		"all that ran is there":      {&fake{changeReadouts: gone, checks: 1, rejudged: []string{"t0000"}}, 1, exit.OK},
		"not all that ran is there":  {&fake{changeReadouts: gone, checks: 1, rejudged: []string{"t0000"}}, 2, exit.JobLost},
		"good results, without them": {&fake{changeReadouts: gone, changeResults: func(l *dqops.CheckResultsList) { l.Entries[0].Severity = new(0) }}, 1, exit.OK},
		"bad results of another group": {&fake{changeReadouts: gone, changeResults: func(l *dqops.CheckResultsList) {
			if l.DataGroup != groups[0] {
				l.Entries[0].Severity = new(0)
			}
		}}, 1, exit.JobLost},
	} {
		t.Run(name, func(t *testing.T) {
			run := runOn(1, "{}")
			run.Children[0].Result.ExecutedChecks = tc.executed
			run.Job.Parameters["runChecksParameters"] = fmt.Appendf(nil, `{"check_search_filters":{},"run_checks_result":{"highest_severity":"valid","executed_checks":%d}}`, tc.executed)
			_, _, err := readFake(t, tc.f, run)
			if got := verdict.OutcomeOf(err); got != tc.want {
				t.Errorf("%v is %s, want %s", err, got, tc.want)
			}
		})
	}
}
