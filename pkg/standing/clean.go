package standing

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// readClean looks at the settled checks too where that can change the verdict: all
// of them when the reading is exact, for values that were never judged; otherwise
// those of partitions in months after now, which the status does not load.
func (r *reading) readClean(ctx context.Context) error {
	paths := slices.Collect(maps.Keys(r.clean))
	if !r.Exact {
		paths = slices.DeleteFunc(paths, func(c cleanPath) bool { return !r.reachesPast(c) })
	}
	err := each(ctx, paths, r.readCleanPath)
	if err == nil && r.Exact && r.standing.Coverage == verdict.CoverageExact {
		r.standing.WithoutVerdict = &r.unjudged
	}
	return err
}

func (r *reading) reachesPast(c cleanPath) bool {
	return c.path.CheckType == dqops.CheckTypePartitioned &&
		monthOf(r.scope.window.to).After(monthOf(r.end.UTC()))
}

func (r *reading) readCleanPath(ctx context.Context, c cleanPath) error {
	months := r.monthsOf(c.target, c.path.CheckType)
	if !r.Exact {
		months.first = maxTime(months.first, monthOf(r.end.UTC()))
	}
	readouts, err := r.readouts(ctx, c.path, months, dqops.ResultsQuery{})
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
	for key, entries := range byCheck(covered) {
		name, comparison := key.name, key.comparison
		status := dqops.CheckStatus{}
		for _, result := range results {
			if result.CheckName == name {
				status.Category = result.CheckCategory
				break
			}
		}
		j := judged{reading: r, target: c.target, path: c.path, name: name, comparison: comparison, status: status}
		if err := j.judge(entries, entries, results, nil); err != nil {
			return err
		}
	}
	return nil
}

// isClean reports whether a readout belongs to a check of this path that is not
// read as a suspect. One that the status does not name has no result at all; it
// counts when its name is in scope.
func (r *reading) isClean(c cleanPath, e dqops.SensorReadoutEntry) bool {
	if r.clean[c][checkKey(e.CheckName, e.TableComparison)] {
		return true
	}
	for _, s := range r.suspects {
		if s.path == c.path && s.name == e.CheckName && s.comparison == e.TableComparison {
			return false
		}
	}
	f := r.scope.filters
	return f.CheckCategory == "" && f.QualityDimension == "" && f.SensorName == "" &&
		matches(f.CheckName, e.CheckName) && matches(f.TableComparisonName, e.TableComparison)
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

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
