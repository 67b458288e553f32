package standing

import (
	"context"
	"slices"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// unit is what one summary of the server is about: a table, or all tables of a run
// whose children were not followed.
type unit struct {
	tables  []target
	summary *dqops.RunChecksResult
}

// unitsOf puts the tables of a run and the server's summaries together.
func (r *reading) unitsOf(run Run, tables []target) []unit {
	var units []unit
	for _, t := range tables {
		if t.summary == nil {
			summary, err := run.Job.RunChecksResult()
			if err != nil || summary == nil {
				return nil // the verdict's to judge
			}
			return []unit{{tables, summary}}
		}
		units = append(units, unit{[]target{t}, t.summary})
	}
	return units
}

// account is how much of what a run did can still be found.
type account struct {
	checks int // with a value that the run, or a later one, read
	own    int // values that were judged during the run
	again  int // after its end
}

// reconcile reads all that was covered where what was found is less than the server's
// summary says, or may be: a later run may explain it, or a deletion hide it.
func (r *reading) reconcile(ctx context.Context, run Run, tables []target) error {
	for _, u := range r.unitsOf(run, tables) {
		said := verdict.WorstOfSummary(u.summary)
		less := said.Level() > r.worstOf(u)
		explained := less && r.perhapsAgain(u)
		gone, err := r.lostReadouts(ctx, u)
		if err != nil {
			return err
		}
		if less {
			for _, t := range u.tables {
				delete(r.judgedAgain, t.TableRef)
			}
		}
		if !explained && gone == nil {
			continue
		}
		sum, err := r.accountOf(ctx, u)
		if err != nil {
			return err
		}
		if gone != nil && sum.checks < u.summary.ExecutedChecks {
			return unknownNow(*gone)
		}
		judged := u.summary.ValidResults + u.summary.Errors + u.summary.Fatals // valid counts warnings too (wire L2)
		if explained && sum.own+sum.again >= judged {
			r.again(u.tables[0].TableRef, sum.again)
		}
	}
	return nil
}

func (r *reading) worstOf(u unit) int {
	worst := 0
	for _, f := range r.standing.Findings {
		ref := dqops.TableRef{Connection: f.Connection, Schema: f.Schema, Table: f.Table}
		if !f.Stale && slices.ContainsFunc(u.tables, func(t target) bool { return t.TableRef == ref }) {
			worst = max(worst, f.Severity.Level())
		}
	}
	return worst
}

// perhapsAgain reports whether each of the tables has been judged again: of several
// that share a summary it is not known whose results it counts.
func (r *reading) perhapsAgain(u unit) bool {
	return !slices.ContainsFunc(u.tables, func(t target) bool { return r.judgedAgain[t.TableRef] == 0 })
}

// lostReadouts is a check of the tables that has a bad result in one of the periods
// that the run worked on, and no values.
func (r *reading) lostReadouts(ctx context.Context, u unit) (*suspect, error) {
	for _, s := range r.gone {
		if !slices.ContainsFunc(u.tables, func(t target) bool { return t.TableRef == s.TableRef }) {
			continue
		}
		if bad, err := r.hasBad(ctx, s); bad || err != nil {
			return &s, err
		}
	}
	return nil, nil
}

// hasBad reports a bad result in the periods of the run. Whether there is one is all
// that is asked, so that many months may be read at once.
func (r *reading) hasBad(ctx context.Context, s suspect) (bool, error) {
	months := r.monthsOf(s.target, s.path.CheckType)
	q := s.question()
	q.First, q.Last = months.first, months.last
	groups, asked := []string{""}, map[string]bool{}
	for len(groups) > 0 {
		q.DataGroup, groups = groups[0], groups[1:]
		asked[q.DataGroup] = true
		lists, err := follow.Retry(ctx, r.Budget, func(ctx context.Context) ([]dqops.CheckResultsList, error) {
			return r.Server.CheckResults(ctx, s.path, q)
		})
		if err != nil {
			return false, tableGone(err)
		}
		for _, list := range lists {
			for _, e := range list.Entries {
				if e.Severity != nil && *e.Severity > 0 && r.scope.takesSensor(e.SensorName) && r.worksOn(s, e.TimePeriod) {
					return true, nil
				}
			}
			for _, group := range list.DataGroups {
				if !asked[group] {
					asked[group], groups = true, append(groups, group)
				}
			}
		}
	}
	return false, nil
}

// worksOn reports whether the run may have written the period.
func (r *reading) worksOn(s suspect, period string) bool {
	switch {
	case s.path.CheckType == dqops.CheckTypePartitioned:
		return r.scope.window.takes(period, s.path.TimeScale)
	case s.path.TimeScale == dqops.TimeScaleDaily:
		return window{from: s.since.UTC().Add(-zoneSlack), to: r.end.UTC().Add(zoneSlack)}.takes(period, s.path.TimeScale)
	}
	return true // its months are the run's
}

// accountOf reads every path of the tables.
func (r *reading) accountOf(ctx context.Context, u unit) (account, error) {
	var sum account
	err := each(ctx, u.tables, func(ctx context.Context, t target) error {
		status, err := r.status(ctx, t)
		if err != nil {
			return tableGone(err)
		}
		owners := map[string]map[string]dqops.CheckStatus{}
		if r.scope.takesTableChecks() {
			owners[""] = status.Checks
		}
		for name, column := range status.Columns {
			if r.scope.takesColumn(name) {
				owners[name] = column.Checks
			}
		}
		for column, checks := range owners {
			for _, p := range r.scope.paths(dqops.CheckPath{TableRef: t.TableRef, Column: column}) {
				one, err := r.accountOfPath(ctx, tablePath{t, p}, checks)
				if err != nil {
					return err
				}
				r.mutex.Lock()
				sum = account{sum.checks + one.checks, sum.own + one.own, sum.again + one.again}
				r.mutex.Unlock()
			}
		}
		return nil
	})
	return sum, err
}

func (r *reading) accountOfPath(ctx context.Context, c tablePath, named map[string]dqops.CheckStatus) (account, error) {
	readouts, err := r.readouts(ctx, c.path, r.monthsOf(c.target, c.path.CheckType), dqops.ResultsQuery{})
	if isDropped(err) {
		return account{}, nil
	}
	if err != nil {
		return account{}, err
	}
	covered := slices.DeleteFunc(r.covered(c.target, c.path, readouts), func(e dqops.SensorReadoutEntry) bool {
		return !r.scope.takesReadout(e, named)
	})
	where, err := placesOf(c.path, covered)
	if err != nil {
		return account{}, err
	}
	results, err := r.results(ctx, c.path, dqops.ResultsQuery{}, where)
	if err != nil {
		return account{}, err
	}
	sum := account{checks: len(byCheck(covered))}
	for _, e := range covered {
		result, has := results[e.ID]
		switch {
		case !has || !r.scope.takesSensor(result.SensorName):
		case result.ExecutedAt.After(r.end):
			sum.again++
		case !result.ExecutedAt.Before(c.target.since):
			sum.own++
		}
	}
	return sum, nil
}

// unknownNow is the error for a check with a bad result whose readouts are gone:
// nothing tells any more whether that result is of its newest execution.
func unknownNow(s suspect) error {
	return &exit.Error{
		Outcome: exit.JobLost,
		Message: "how check " + s.name + " of " + s.path.String() + " stands cannot be known: a bad result is stored and its readouts were deleted",
		Hint:    "run the checks again",
	}
}
