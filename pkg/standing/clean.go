package standing

import (
	"context"
	"maps"
	"slices"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// prepare decides whether settled checks are looked at: all of them when the
// reading is exact, for values that were never judged; otherwise those of
// partitions that the status does not load.
func (r *reading) prepare() {
	r.remember = r.Exact || r.scope.window.open || r.scope.window.to.After(r.unloaded())
}

// mayLookAhead reports partitions of which there may be later ones than the status
// loads, since the table's own window decided.
func (r *reading) mayLookAhead(p dqops.CheckPath) bool {
	return p.CheckType == dqops.CheckTypePartitioned && r.scope.window.isTablesOwn()
}

// readClean reads the settled checks where that can change the verdict.
func (r *reading) readClean(ctx context.Context) error {
	paths := r.laterPaths()
	if r.Exact {
		for _, c := range r.named() {
			if !slices.Contains(paths, c) {
				paths = append(paths, c)
			}
		}
	}
	return each(ctx, paths, r.readCleanPath)
}

// named are the paths of all checks that the status names.
func (r *reading) named() []tablePath {
	paths := slices.Collect(maps.Keys(r.settled))
	for c := range r.suspected {
		if r.settled[c] == nil {
			paths = append(paths, c)
		}
	}
	return paths
}

// laterPaths are those with partitions that the status may not have loaded. When
// the window names a later month, a column without anything stored before is not
// known from the status, so that they may not be complete.
func (r *reading) laterPaths() []tablePath {
	_, _, partitioned := r.scope.types()
	switch {
	case !partitioned:
		return nil
	case r.scope.window.open, r.scope.window.isTablesOwn():
		return slices.DeleteFunc(r.named(), func(c tablePath) bool { return c.path.CheckType != dqops.CheckTypePartitioned })
	case !r.scope.window.to.After(r.unloaded()):
		return nil
	}
	r.standing.Coverage = verdict.CoverageApproximate
	var paths []tablePath
	for _, c := range r.owners {
		for _, scale := range []string{dqops.TimeScaleDaily, dqops.TimeScaleMonthly} {
			if r.scope.filters.TimeScale == "" || r.scope.filters.TimeScale == scale {
				c.path.CheckType, c.path.TimeScale = dqops.CheckTypePartitioned, scale
				paths = append(paths, c)
			}
		}
	}
	return paths
}

func (r *reading) readCleanPath(ctx context.Context, c tablePath) error {
	months := r.monthsOf(c.target, c.path.CheckType)
	if !r.Exact {
		months.first = r.unloaded()
	}
	readouts, err := r.readouts(ctx, c.path, months, dqops.ResultsQuery{})
	if isDropped(err) {
		return nil
	}
	if err != nil {
		return err
	}
	covered := slices.DeleteFunc(r.covered(c.target, c.path, readouts), func(e dqops.SensorReadoutEntry) bool {
		return !r.isClean(c, e)
	})
	where, err := placesOf(c.path, covered)
	if err != nil {
		return err
	}
	results, err := r.results(ctx, c.path, dqops.ResultsQuery{}, where)
	if err != nil {
		return err
	}
	crashes, err := r.laterCrashes(ctx, c.path, where)
	if err != nil {
		return err
	}
	for key, entries := range byCheck(covered) {
		j := judged{
			reading: r, target: c.target, path: c.path, name: key.name, comparison: key.comparison, settled: true,
			status: dqops.CheckStatus{Category: categoryIn(results, key.name)},
		}
		if err := j.judge(entries, entries, results, crashesOf(entries, crashes)); err != nil {
			return err
		}
	}
	return nil
}

// laterCrashes are the stored errors of months that the status may not have
// loaded; in the others a settled check has none.
func (r *reading) laterCrashes(ctx context.Context, p dqops.CheckPath, where []groupMonth) ([]dqops.ErrorEntry, error) {
	months := slices.DeleteFunc(withMonths(nil, where), func(s span) bool { return s.last.Before(r.unloaded()) })
	return r.crashes(ctx, p, dqops.ResultsQuery{}, months)
}

// crashesOf are the errors of the given readouts' rules.
func crashesOf(entries []dqops.SensorReadoutEntry, crashes []dqops.ErrorEntry) []dqops.ErrorEntry {
	ids := make(map[string]bool)
	for _, e := range entries {
		ids[e.ID] = true
	}
	var of []dqops.ErrorEntry
	for _, c := range crashes {
		if ids[c.ReadoutID] {
			of = append(of, c)
		}
	}
	return of
}

func categoryIn(results map[string]dqops.CheckResultEntry, check string) string {
	for _, result := range results {
		if result.CheckName == check {
			return result.CheckCategory
		}
	}
	return ""
}

// isClean reports whether a readout belongs to a check of this path that is not
// read as a suspect. One that the status does not name has no result there; it
// counts when its name is in scope.
func (r *reading) isClean(c tablePath, e dqops.SensorReadoutEntry) bool {
	key := checkKey(e.CheckName, e.TableComparison)
	if r.settled[c][key] || r.suspected[c][key] {
		return r.settled[c][key]
	}
	f := r.scope.filters
	return f.CheckCategory == "" && f.QualityDimension == "" && f.SensorName == "" &&
		matches(f.CheckName, e.CheckName) && r.scope.namesComparison(e.TableComparison)
}

// countUnjudged says how many covered values have no verdict, if all checks that
// the run executed were seen, and no others.
func (r *reading) countUnjudged(job *dqops.Job) {
	summary, err := job.RunChecksResult()
	if err == nil && summary != nil && r.Exact && r.standing.Coverage == verdict.CoverageExact &&
		r.executed == summary.ExecutedChecks && !r.overtaken {
		r.standing.WithoutVerdict = &r.unjudged
	}
}

type checkName struct{ name, comparison string }

func byCheck(entries []dqops.SensorReadoutEntry) map[checkName][]dqops.SensorReadoutEntry {
	m := make(map[checkName][]dqops.SensorReadoutEntry)
	for _, e := range entries {
		k := checkName{e.CheckName, e.TableComparison}
		m[k] = append(m[k], e)
	}
	return m
}
