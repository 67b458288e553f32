package standing

import (
	"fmt"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// scope is which checks count: the filters of a run, replayed on what is stored.
type scope struct {
	filters dqops.CheckSearchFilters
	window  window
	// replayable is false when the filters name something that stored results do
	// not know.
	replayable bool
	// ofRun is whether they are a run's: there a comparison's name leaves out other
	// comparisons alone, and checks that compare nothing run as well
	// (CheckSearchFiltersVisitor.accept of AbstractCheckCategorySpec).
	ofRun bool
}

// scopeOfRun takes the filters from the job's own parameters, as the server
// understood them.
func scopeOfRun(job *dqops.Job) (scope, error) {
	var p dqops.RunChecksParameters
	run, err := job.Parameters.RunChecks()
	if err != nil {
		return scope{}, err
	}
	table, err := job.Parameters.RunChecksOnTable()
	switch {
	case err != nil:
		return scope{}, err
	case run != nil:
		p = *run
	case table != nil:
		p = table.RunChecksParameters
	default:
		return scope{}, fmt.Errorf("job %d has no parameters of a run of checks", job.ID.ID)
	}
	window, err := windowOf(p.TimeWindowFilter)
	if err != nil {
		return scope{}, err
	}
	f := p.CheckSearchFilters
	return scope{
		filters: f, window: window, ofRun: true,
		replayable: len(f.Labels) == 0 && f.MaxResults == nil && f.ColumnDataType == "" && f.ColumnNullable == nil &&
			len(f.CheckHierarchyIDsModels) == 0 && (f.Enabled == nil || *f.Enabled),
	}, nil
}

// types are the check types that are looked at.
func (s scope) types() (profiling, monitoring, partitioned bool) {
	t := s.filters.CheckType
	return t == "" || t == dqops.CheckTypeProfiling,
		t == "" || t == dqops.CheckTypeMonitoring,
		t == "" || t == dqops.CheckTypePartitioned
}

// takesTableChecks reports whether checks of the table itself match: the target
// "column" leaves them in, a column's name leaves them out (wire 3.2).
func (s scope) takesTableChecks() bool { return s.filters.Column == "" }

func (s scope) takesColumn(name string) bool {
	return s.filters.CheckTarget != "table" && matches(s.filters.Column, name)
}

// takes reports whether a check of the status matches what can be seen there. What
// is not said of it does not leave it out.
func (s scope) takes(name, comparison string, c dqops.CheckStatus) bool {
	f := s.filters
	return (f.CheckType == "" || f.CheckType == c.CheckType) &&
		(f.TimeScale == "" || f.TimeScale == c.TimeScale) &&
		(matches(f.CheckName, name) || matches(f.CheckName, checkKey(name, comparison))) &&
		(c.Category == "" || matches(f.CheckCategory, c.Category)) &&
		(c.QualityDimension == "" || matches(f.QualityDimension, c.QualityDimension)) &&
		(s.namesComparison(comparison) || s.ofRun && comparison == "")
}

// namesComparison reports whether the filters name the comparison; without a filter
// they name everything.
func (s scope) namesComparison(comparison string) bool {
	f := s.filters.TableComparisonName
	return f == "" || comparison != "" && matches(f, comparison)
}

// takesReadout looks at what readouts name; of a check that the status names too, at
// the rest of it as well.
func (s scope) takesReadout(e dqops.SensorReadoutEntry, named map[string]dqops.CheckStatus) bool {
	check, known := named[checkKey(e.CheckName, e.TableComparison)]
	if !known {
		check.CheckType, check.TimeScale = s.filters.CheckType, s.filters.TimeScale
	}
	return s.takes(e.CheckName, e.TableComparison, check)
}

// paths are the kinds of checks that a table or column may have in scope.
func (s scope) paths(of dqops.CheckPath) []dqops.CheckPath {
	var paths []dqops.CheckPath
	for _, kind := range [][2]string{
		{dqops.CheckTypeProfiling, ""},
		{dqops.CheckTypeMonitoring, dqops.TimeScaleDaily},
		{dqops.CheckTypeMonitoring, dqops.TimeScaleMonthly},
		{dqops.CheckTypePartitioned, dqops.TimeScaleDaily},
		{dqops.CheckTypePartitioned, dqops.TimeScaleMonthly},
	} {
		if (s.filters.CheckType == "" || s.filters.CheckType == kind[0]) && (s.filters.TimeScale == "" || s.filters.TimeScale == kind[1]) {
			of.CheckType, of.TimeScale = kind[0], kind[1]
			paths = append(paths, of)
		}
	}
	return paths
}

// takesSensor looks at what only results and errors name; an unknown sensor stays
// in.
func (s scope) takesSensor(name string) bool {
	return name == "" || matches(s.filters.SensorName, name)
}

func (s scope) takesTable(t dqops.TableRef) bool {
	schema, table := splitTable(s.filters.FullTableName)
	return matches(s.filters.Connection, t.Connection) && matches(schema, t.Schema) && matches(table, t.Table)
}

// splitTable cuts a table filter as the server does: at the first dot; a name
// without one is a table of any schema (wire 3.2.1).
func splitTable(full string) (schema, table string) {
	schema, table, dotted := strings.Cut(full, ".")
	if !dotted {
		schema, table = "", full
	}
	return unquote(schema), unquote(table)
}

func unquote(part string) string {
	for _, pair := range []string{"[]", "''", `""`, "``"} {
		if len(part) >= 2 && part[0] == pair[0] && part[len(part)-1] == pair[1] {
			return part[1 : len(part)-1]
		}
	}
	return part
}

// matches compares as the server's filters do.
func matches(pattern, text string) bool { return dqops.MatchesPattern(pattern, text) }

// window is which partitions a run looked at; zero times are open. It is rather
// too wide than too narrow: a partition beside it that another job renewed
// meanwhile counts, one of ours is never left out.
type window struct {
	from, to time.Time
	// months is how far back the run looked without a first day: to the recent
	// periods that it asked for, or to the oldest; 0 when the table's own window
	// decided.
	months int
	// open is set when the current period was included and there is no end: then
	// later ones were looked at too.
	open bool
}

func windowOf(f *dqops.TimeWindowFilterParameters) (window, error) {
	var w window
	if f == nil {
		return w, nil
	}
	var err error
	if w.from, err = bound(f.FromDate, f.FromDateTime, f.FromDateTimeOffset, -zoneSlack); err != nil {
		return w, err
	}
	if w.to, err = bound(f.ToDate, f.ToDateTime, f.ToDateTimeOffset, zoneSlack); err != nil {
		return w, err
	}
	if days := f.DailyPartitioningRecentDays; days != nil {
		w.months = int(*days)/28 + 2
	}
	if months := f.MonthlyPartitioningRecentMonths; months != nil {
		w.months = max(w.months, int(*months)+2)
	}
	if w != (window{}) && w.from.IsZero() && (f.DailyPartitioningRecentDays == nil || f.MonthlyPartitioningRecentMonths == nil) ||
		f.DailyPartitioningIncludeToday != nil || f.MonthlyPartitioningIncludeCurrentMonth != nil {
		// Any one field replaces the whole window of the table (wire T17).
		w.months = max(w.months, allMonths)
	}
	w.open = w.to.IsZero() && (isTrue(f.DailyPartitioningIncludeToday) || isTrue(f.MonthlyPartitioningIncludeCurrentMonth))
	return w, nil
}

// isTablesOwn reports that the run named none, so that each table's own decided,
// which is not known and may have no end.
func (w window) isTablesOwn() bool { return w == window{} }

func isTrue(b *bool) bool { return b != nil && *b }

// bound reads one end of a window; of several forms the server takes the one with
// an offset, then the date-time (wire 3.3). A moment with an offset is widened by
// what the server's zone may differ.
func bound(date, local, offset string, widen time.Duration) (time.Time, error) {
	switch {
	case offset != "":
		t, err := time.Parse(time.RFC3339Nano, offset)
		if err != nil {
			return time.Time{}, fmt.Errorf("understand the window of the run: %w", err)
		}
		return t.UTC().Add(widen), nil
	case local != "":
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
			if t, err := time.Parse(layout, local); err == nil {
				return t, nil
			}
		}
		return time.Time{}, fmt.Errorf("understand the window of the run: %q is no local date-time", local)
	case date != "":
		t, err := time.Parse(time.DateOnly, date)
		if err != nil {
			return time.Time{}, fmt.Errorf("understand the window of the run: %w", err)
		}
		return t, nil
	}
	return time.Time{}, nil
}

// takes reports whether a partition, given by the start of its period, overlaps
// the window.
func (w window) takes(period, timeScale string) bool {
	start, err := time.Parse("2006-01-02T15:04:05", period)
	if err != nil {
		return true
	}
	end := start.AddDate(0, 1, 0) // profiling, too, has one period a month (wire L2b)
	if timeScale == dqops.TimeScaleDaily {
		end = start.AddDate(0, 0, 1)
	}
	return (w.from.IsZero() || end.After(w.from)) && (w.to.IsZero() || start.Before(w.to))
}
