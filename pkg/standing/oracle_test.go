package standing_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/simulator"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// The oracle says how the checks of a run stand from the simulator's own store,
// as docs/exit-codes.md tells users, by other means than the package: what a run
// covered is what differs between the stores before and after it.

// place is one check, data group and period.
type place simulator.CheckRef

// store is everything that is stored, as of one moment.
type store map[place]simulator.StoredRow

func storeOf(b *bench, tables []*tableOfWorld) store {
	all := make(store)
	for _, t := range tables {
		for _, row := range b.Stored(t.connection, t.name) {
			all[place(row.CheckRef)] = row
		}
	}
	return all
}

// oracle judges one run: the stores before and after it, and when it was judged.
type oracle struct {
	before, after, now store
	body               dqops.RunChecksParameters
	summary            dqops.RunChecksResult
	ended              time.Time
	today              time.Time       // the end, in the server's zone
	tables             []*tableOfWorld // of the run
	// late is whether the children were not followed; then searched are the tables.
	late     bool
	searched []*tableOfWorld
}

// problem is a finding as the oracle sees it.
type problem struct {
	text  string // all that a finding must say
	row   simulator.StoredRow
	level int // severity; 0 when it is none
	crash bool
	stale bool
	// good is the documented gap of --judge standing: a value that was never
	// judged, of a check with nothing but good results.
	good bool
	// beyond is the gap of every mode: a partition of a later month, of a check
	// without anything stored until now.
	beyond bool
}

func (o oracle) problems() (found []problem, unjudged int) {
	for _, at := range slices.SortedFunc(maps.Keys(o.now), comparePlaces) {
		row, old := o.now[at], o.before[at]
		p, none := o.problemAt(row, old, o.covered(at))
		if p != nil {
			p.beyond = o.onlyAhead(row)
			found = append(found, *p)
		} else if none {
			unjudged++
		}
	}
	return found, unjudged
}

// covered is whether the run itself read a new value there that is still stored.
func (o oracle) covered(at place) bool {
	now, after := o.now[at].Readout, o.after[at].Readout
	return now != nil && after != nil && (o.before[at].Readout == nil || after.ExecutedAt.After(o.before[at].Readout.ExecutedAt))
}

func (o oracle) problemAt(row, old simulator.StoredRow, covered bool) (p *problem, unjudged bool) {
	if row.Error != nil && row.Error.Source == "sensor" {
		own := o.after[place(row.CheckRef)].Error
		if own != nil && (old.Error == nil || own.ExecutedAt.After(old.Error.ExecutedAt)) && !o.renewedAfter(row) {
			return &problem{text: describe(row, "crash of the sensor, before: false"), row: row, crash: true}, false
		}
	}
	if !covered {
		return nil, false
	}
	if row.Error != nil && row.Error.Source == "rule" && (row.Result == nil || row.Error.ExecutedAt.After(row.Result.ExecutedAt)) {
		before := old.Error != nil && old.Error.ExecutedAt.Equal(row.Error.ExecutedAt)
		return &problem{text: describe(row, fmt.Sprintf("crash of the rule, before: %t", before)), row: row, crash: true}, false
	}
	if row.Result == nil {
		return nil, true
	}
	severity := []dqops.Severity{"valid", "warning", "error", "fatal"}[row.Result.Severity]
	older := row.Result.ExecutedAt.Before(row.Readout.ExecutedAt)
	if older && row.Result.Value != row.Readout.Value && !strings.HasSuffix(row.Spec.Name, "_table_availability") {
		text := fmt.Sprintf("stale at %s, %v after %v", severity, row.Readout.Value, row.Result.Value)
		return &problem{text: describe(row, text), row: row, stale: true, good: o.onlyGood(row)}, false
	}
	if row.Result.Severity == 0 {
		return nil, false
	}
	unchanged := old.Result != nil && old.Result.ExecutedAt.Equal(row.Result.ExecutedAt)
	text := fmt.Sprintf("%s, %v, unchanged: %t", severity, row.Result.Value, unchanged)
	return &problem{text: describe(row, text), row: row, level: row.Result.Severity}, false
}

// renewedAfter is whether the check has read anything since its sensor crashed.
func (o oracle) renewedAfter(crashed simulator.StoredRow) bool {
	for _, row := range o.now {
		if sameCheck(row, crashed) && row.Readout != nil && !row.Readout.ExecutedAt.Before(crashed.Error.ExecutedAt) {
			return true
		}
	}
	return false
}

// onlyGood is whether the status, which loads no later months, knows nothing bad of
// the check.
func (o oracle) onlyGood(of simulator.StoredRow) bool {
	for _, row := range o.now {
		if sameCheck(row, of) && !o.isLater(row) && (row.Error != nil || row.Result != nil && row.Result.Severity > 0) {
			return false
		}
	}
	return true
}

func (o oracle) isLater(row simulator.StoredRow) bool {
	return row.Start.Format("2006-01") > o.today.Format("2006-01")
}

// onlyAhead is whether everything stored of the check is of later months.
func (o oracle) onlyAhead(of simulator.StoredRow) bool {
	for _, row := range o.now {
		if sameCheck(row, of) && (row.Error != nil || row.Result != nil) && !o.isLater(row) {
			return false
		}
	}
	return true
}

// lostReadouts is whether a check in scope has a bad result and no value at all in the
// time of the run, so that nothing may tell whether the run covered it: its readouts
// were deleted.
func (o oracle) lostReadouts() bool {
	has := func(of simulator.StoredRow) bool {
		for _, row := range o.now {
			if sameCheck(row, of) && row.Readout != nil && row.Start.Equal(of.Start) {
				return true
			}
		}
		return false
	}
	for _, row := range o.now {
		if row.Result != nil && row.Result.Severity > 0 && o.inScope(row) && !has(row) {
			return true
		}
	}
	return false
}

func sameCheck(a, b simulator.StoredRow) bool {
	return a.Connection == b.Connection && a.Table == b.Table && a.Column == b.Column && a.Check == b.Check
}

func comparePlaces(a, b place) int {
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

func describe(r simulator.StoredRow, what string) string {
	return strings.Join([]string{
		r.Connection, r.Table, r.Column, r.Check, r.Spec.Type, r.Spec.TimeScale,
		r.DataGroup, r.Start.Format("2006-01-02T15:04:05"), what,
	}, "|")
}

// described is the same of a finding.
func described(f verdict.Finding) string {
	check, value := f.Check, func(v *float64) any {
		if v == nil {
			return "no value"
		}
		return *v
	}
	if f.Comparison != "" {
		check += "/" + f.Comparison
	}
	what := fmt.Sprintf("%s, %v, unchanged: %t", f.Severity, value(f.ActualValue), f.Unchanged)
	switch {
	case f.Crashed != "":
		what = fmt.Sprintf("crash of the %s, before: %t", f.Crashed, f.CrashedBefore)
	case f.Stale:
		what = fmt.Sprintf("stale at %s, %v after %v", f.Severity, value(f.ActualValue), value(f.JudgedValue))
	}
	return strings.Join([]string{
		f.Connection, f.Schema + "." + f.Table, f.Column, check, f.CheckType, f.TimeScale,
		f.DataGroup, f.TimePeriod, what,
	}, "|")
}

// outcome is what the problems come to.
//
// With all, also results count as known that only rows of other places tell of:
// of checks of which nothing is stored before later months, and of filtered sensors.
func (o oracle) outcome(found []problem, p verdict.Policy, all bool) exit.Outcome {
	worst, crashes, stale := 0, 0, 0
	for _, one := range found {
		worst = max(worst, one.level)
		if one.crash {
			crashes++
		}
		if one.stale {
			stale++
		}
	}
	crashes = max(crashes, o.summary.ExecutionErrors)
	if !o.executedLater() {
		worst = max(worst, said(o.summary))
	}
	gate, ok := map[dqops.Severity]int{"warning": 1, "error": 2, "fatal": 3}[p.FailOn]
	switch {
	case crashes > 0 && !p.AllowExecutionErrors, stale > 0:
		return exit.ExecutionErrors
	case ok && worst >= gate:
		return []exit.Outcome{exit.OK, exit.Warning, exit.DataError, exit.Fatal}[worst]
	case p.AllowEmpty:
		return exit.OK
	case o.summary.ExecutedChecks == 0 && o.summary.ExecutionErrors == 0, !o.judged(all):
		return exit.NothingRan
	}
	return exit.OK
}

// said is the server's own summary, its worst field.
func said(r dqops.RunChecksResult) int {
	switch {
	case r.Fatals > 0:
		return 3
	case r.Errors > 0:
		return 2
	case r.Warnings > 0:
		return 1
	}
	return 0
}

// executedLater is whether anything in scope was judged after the run.
func (o oracle) executedLater() bool {
	for _, row := range o.now {
		if o.inScope(row) && (row.Result != nil && row.Result.ExecutedAt.After(o.ended) || row.Error != nil && row.Error.ExecutedAt.After(o.ended)) {
			return true
		}
	}
	return false
}

// judged is whether any check in scope has a result or an error. Only rows name
// the sensor; with a filter on it those of what the run covered count.
func (o oracle) judged(all bool) bool {
	if r := o.summary; r.ValidResults+r.Warnings+r.Errors+r.Fatals+r.ExecutionErrors > 0 {
		return true
	}
	for at, row := range o.now {
		if !o.inScope(row) || row.Result == nil && row.Error == nil || !all && o.onlyAhead(row) {
			continue
		}
		if all || o.body.CheckSearchFilters.SensorName == "" || o.covered(at) || row.Error != nil && !row.Error.ExecutedAt.Before(o.began()) {
			return true
		}
	}
	return false
}

// began is when the run stored its first value or error.
func (o oracle) began() time.Time {
	first := o.ended
	for at, row := range o.after {
		old := o.before[at]
		if row.Readout != nil && (old.Readout == nil || row.Readout.ExecutedAt.After(old.Readout.ExecutedAt)) && row.Readout.ExecutedAt.Before(first) {
			first = row.Readout.ExecutedAt
		}
		if row.Error != nil && (old.Error == nil || row.Error.ExecutedAt.After(old.Error.ExecutedAt)) && row.Error.ExecutedAt.Before(first) {
			first = row.Error.ExecutedAt
		}
	}
	return first
}

// inScope replays the filters as far as stored rows know them.
func (o oracle) inScope(row simulator.StoredRow) bool {
	f := o.body.CheckSearchFilters
	switch {
	case !slices.ContainsFunc(append(o.searched, o.tables...), func(t *tableOfWorld) bool { return t.connection == row.Connection && t.name == row.Table }):
		return false
	case f.CheckType != "" && f.CheckType != row.Spec.Type, f.TimeScale != "" && f.TimeScale != row.Spec.TimeScale:
		return false
	case f.Column != "" && (row.Column == "" || !glob(f.Column, row.Column)):
		return false
	case f.CheckTarget == "table" && row.Column != "":
		return false
	case f.TableComparisonName != "" && (row.Spec.Comparison == "" || !glob(f.TableComparisonName, row.Spec.Comparison)):
		return false
	}
	return glob(f.CheckName, row.Spec.Name) && glob(f.CheckCategory, row.Spec.Category) &&
		glob(f.QualityDimension, row.Spec.Dimension) && glob(f.SensorName, row.Spec.Sensor)
}

// replayable is whether stored rows know all that the filters ask for.
func replayable(f dqops.CheckSearchFilters) bool {
	return f.Labels == nil && f.MaxResults == nil && f.ColumnDataType == "" && (f.Enabled == nil || *f.Enabled)
}

// coverage is "" where either may be said: for windows that end later than now, and
// for partitions that only the run's summary tells of.
func (o oracle) coverage(found []problem) verdict.Coverage {
	w := o.body.TimeWindowFilter
	switch {
	case o.late, !replayable(o.body.CheckSearchFilters):
		return verdict.CoverageApproximate
	case w != nil && w.ToDate+w.ToDateTime+w.ToDateTimeOffset != "":
		return ""
	case slices.ContainsFunc(found, func(p problem) bool { return p.beyond }):
		return ""
	}
	for _, row := range o.now {
		if row.Dropped && (row.Error != nil || row.Result != nil && row.Result.Severity > 0) {
			return "" // of a column that is gone it is not told whether the run covered it
		}
	}
	return verdict.CoverageExact
}

func glob(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	return regexp.MustCompile("(?is)^" + quoted + "$").MatchString(text)
}

// tablesOf are the tables that a run visits.
func (w *world) tablesOf(f dqops.CheckSearchFilters) []*tableOfWorld {
	disabled := f.Enabled != nil && !*f.Enabled
	if disabled && f.FullTableName != "" {
		return nil // wire T10
	}
	visited := slices.DeleteFunc(w.matching(f), func(t *tableOfWorld) bool { return t.disabled && !disabled })
	if f.MaxResults != nil {
		visited = visited[:min(len(visited), int(*f.MaxResults))]
	}
	return visited
}

// matching are the tables that the filters name.
func (w *world) matching(f dqops.CheckSearchFilters) (matching []*tableOfWorld) {
	for _, t := range w.tables {
		schema, name, _ := strings.Cut(t.name, ".")
		wantSchema, wantName, dotted := strings.Cut(strings.ReplaceAll(f.FullTableName, "`", ""), ".")
		if !dotted {
			wantSchema, wantName = "", wantSchema
		}
		if glob(f.Connection, t.connection) && glob(wantSchema, schema) && glob(wantName, name) {
			matching = append(matching, t)
		}
	}
	return matching
}
