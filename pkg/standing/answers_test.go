package standing_test

import (
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/standing"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// TestAnswersToAnotherQuestion holds that what was not asked for is never taken
// for what was: a cache between may look at the path alone.
func TestAnswersToAnotherQuestion(t *testing.T) {
	for name, f := range map[string]*fake{
		"readouts of another group":       {changeReadouts: func(l *dqops.SensorReadoutsList) { l.DataGroup, l.Entries[0].DataGroup = "DE", "DE" }},
		"readouts of another check":       {changeReadouts: func(l *dqops.SensorReadoutsList) { l.CheckName, l.Entries[0].CheckName = "daily_good", "daily_good" }},
		"readouts of another type":        {changeReadouts: func(l *dqops.SensorReadoutsList) { l.CheckType = "profiling" }},
		"readouts of another month":       {changeReadouts: func(l *dqops.SensorReadoutsList) { l.Entries[0].TimePeriod = "2026-08-23T00:00:00" }},
		"readout of another group inside": {changeReadouts: func(l *dqops.SensorReadoutsList) { l.Entries[0].DataGroup = "PL" }},
		"readout of another check inside": {changeReadouts: func(l *dqops.SensorReadoutsList) { l.Entries[0].CheckName = "daily_good" }},
		"readout of another column":       {changeReadouts: func(l *dqops.SensorReadoutsList) { l.Entries[0].ColumnName = "price" }},
		"results of another group":        {changeResults: func(l *dqops.CheckResultsList) { l.DataGroup, l.Entries[0].DataGroup = "DE", "DE" }},
		"results of another check":        {changeResults: func(l *dqops.CheckResultsList) { l.CheckName, l.Entries[0].CheckName = "daily_good", "daily_good" }},
		"results of another month":        {changeResults: func(l *dqops.CheckResultsList) { l.Entries[0].TimePeriod = "2026-10-23T00:00:00" }},
		"errors of another check":         {changeErrors: func(l *dqops.ErrorsList) { l.CheckName = "daily_good" }},
		"errors of another month":         {changeErrors: func(l *dqops.ErrorsList) { l.Entries[0].TimePeriod = "2026-10-23T00:00:00" }},
		"status of another table":         {clean: true, changeStatus: func(s *dqops.TableStatus) { s.Table = "other" }},
		"status of another schema":        {clean: true, changeStatus: func(s *dqops.TableStatus) { s.Schema = "other" }},
		"status of another connection":    {clean: true, changeStatus: func(s *dqops.TableStatus) { s.Connection = "other" }},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, err := readFake(t, f, runOn(1, "{}"))
			if got := verdict.OutcomeOf(err); got != exit.Protocol || s == nil {
				t.Errorf("%v is %s, want %s", err, got, exit.Protocol)
			}
		})
	}
}

// TestCountsThatDoNotAddUp: of stored rows that no count explains nothing is known,
// so that they are read.
func TestCountsThatDoNotAddUp(t *testing.T) {
	f := &fake{changeStatus: func(s *dqops.TableStatus) {
		bad := s.Columns["amount"].Checks["daily_bad"]
		bad.Counts = dqops.Counts{ExecutedChecks: 3, ValidResults: 1}
		s.Columns["amount"].Checks["daily_bad"] = bad
	}}
	s, _, err := readFake(t, f, runOn(1, "{}"))
	if err != nil || s.Fatals != 2 {
		t.Errorf("%+v, %v, want both fatal groups", s, err)
	}
}

// TestSlashInACheckName: in the status such a name looks like a comparison.
func TestSlashInACheckName(t *testing.T) {
	for _, filters := range []string{`{}`, `{"checkName":"own/bad"}`, `{"checkName":"own/*"}`} {
		s, _, err := readFake(t, &fake{bad: "own/bad"}, runOn(1, filters))
		if err != nil || s.Fatals != 2 || s.Findings[0].Check != "own/bad" || s.Findings[0].Comparison != "" {
			t.Errorf("%s: %+v, %v, want both fatal groups", filters, s, err)
		}
	}
}

// TestUnsaidCategory: a check whose category or dimension the server does not say
// may be one that the filters mean.
func TestUnsaidCategory(t *testing.T) {
	for _, filters := range []string{`{"checkCategory":"nulls"}`, `{"qualityDimension":"Completeness"}`} {
		f := &fake{changeStatus: func(s *dqops.TableStatus) {
			bad := s.Columns["amount"].Checks["daily_bad"]
			bad.Category, bad.QualityDimension = "", ""
			s.Columns["amount"].Checks["daily_bad"] = bad
		}}
		s, _, err := readFake(t, f, runOn(1, filters))
		if err != nil || s.Fatals != 2 {
			t.Errorf("%s: %+v, %v, want both fatal groups", filters, s, err)
		}
	}
}

// TestProfilingThatKeepsOneResultAYear: the period of a run's values may have begun
// long before the run.
func TestProfilingThatKeepsOneResultAYear(t *testing.T) {
	for _, period := range []string{"2026-01-01T00:00:00", "2026-10-26T00:00:00", "2026-11-23T14:15:27.5"} {
		f := &fake{period: period, changeStatus: func(s *dqops.TableStatus) {
			bad := s.Columns["amount"].Checks["daily_bad"]
			bad.CheckType, bad.TimeScale = dqops.CheckTypeProfiling, ""
			s.Columns["amount"].Checks["daily_bad"] = bad
		}}
		s, _, err := readFake(t, f, runOn(1, "{}"))
		if err != nil || s.Fatals != 2 {
			t.Errorf("since %s: %+v, %v, want both fatal groups", period, s, err)
		}
		f.changeErrors = func(l *dqops.ErrorsList) { l.Entries[0].ExecutedAt = began.Add(time.Minute) }
		if s, _, err = readFake(t, f, runOn(1, "{}")); err != nil || s.ExecutionErrors != 1 {
			t.Errorf("crashed, since %s: %+v, %v, want a crash", period, s, err)
		}
	}
}

// TestChildrenThatWereNotSeen: of the changes that the server forgot while contact
// was lost nothing tells but the numbers, and then the tables are searched for.
func TestChildrenThatWereNotSeen(t *testing.T) {
	for name, change := range map[string]func(*standing.Run){
		"one is missing":     func(r *standing.Run) { r.Children = r.Children[:1] },
		"one has no summary": func(r *standing.Run) { r.Children[1].Result = nil },
	} {
		run := runOn(2, "{}")
		change(&run)
		f := &fake{}
		for _, table := range []string{"t0000", "t0001"} {
			f.listed = append(f.listed, dqops.TableListEntry{ConnectionName: "shop", Target: dqops.PhysicalTableName{SchemaName: "files", TableName: table}})
		}
		s, _, err := readFake(t, f, run)
		if err != nil || s.Tables != 2 || s.Fatals != 4 || s.Coverage != verdict.CoverageApproximate {
			t.Errorf("%s: %+v, %v, want the findings of both tables", name, s, err)
		}
	}
	run := runOn(2, "{}")
	run.Children = append(run.Children, follow.Child{Connection: "shop", Table: dqops.PhysicalTableName{SchemaName: "files", TableName: "t0002"}, Status: dqops.StatusCancelled, StartedAt: began})
	if s, _, err := readFake(t, &fake{}, run); err != nil || s.Coverage != verdict.CoverageExact {
		t.Errorf("one was cancelled: %+v, %v", s, err)
	}
}
