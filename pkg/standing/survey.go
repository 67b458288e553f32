package standing

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// reading is one collection in progress.
type reading struct {
	*Collector
	scope scope
	// end is the latest moment, by the server's clock, that the run worked at.
	end time.Time

	// remember is whether settled checks are looked at too, or counted.
	remember bool

	mutex    sync.Mutex // guards what follows
	standing *verdict.Standing
	suspects []suspect
	// settled and suspected are the checks that the status names, by path and key;
	// owners the tables and columns in scope. They are kept only if settled checks
	// are looked at.
	settled, suspected checksOfPaths
	owners             []tablePath
	// judgedAgain is how many values of a table, at most, were judged after the
	// run's end; a table without any is not in it.
	judgedAgain map[dqops.TableRef]int
	// gone are checks with something bad stored and no values in the months of the
	// run: not covered, or their readouts were deleted since.
	gone []suspect
	// unjudged counts covered readouts that no rule has judged, and executed the
	// checks that were seen to have run; overtaken is whether any ran again since.
	unjudged, executed int
	overtaken          bool
}

// suspect is a check that has something bad stored.
type suspect struct {
	target
	path       dqops.CheckPath
	name       string
	comparison string
	status     dqops.CheckStatus
}

// tablePath is a path and the table of the run that it is of.
type tablePath struct {
	target target
	path   dqops.CheckPath
}

type checksOfPaths map[tablePath]map[string]bool

func (m checksOfPaths) add(at tablePath, key string) {
	if m[at] == nil {
		m[at] = make(map[string]bool)
	}
	m[at][key] = true
}

// survey asks each table's status, one call a table, for the checks that have
// anything bad stored. Only counts are believed: the severities there look at a
// part of a grouped or partitioned check (wire L2).
func (r *reading) survey(ctx context.Context, tables []target) error {
	return each(ctx, tables, func(ctx context.Context, t target) error {
		status, err := r.status(ctx, t)
		if err != nil {
			return tableGone(err)
		}
		if err := checkStatus(t.TableRef, status); err != nil {
			return err
		}
		r.mutex.Lock()
		defer r.mutex.Unlock()
		if r.scope.takesTableChecks() {
			r.sort(t, "", status.Checks)
		}
		for name, column := range status.Columns {
			if r.scope.takesColumn(name) {
				r.sort(t, name, column.Checks)
			}
		}
		return nil
	})
}

func (r *reading) status(ctx context.Context, t target) (*dqops.TableStatus, error) {
	var q dqops.StatusQuery
	q.Profiling, q.Monitoring, q.Partitioned = r.scope.types()
	q.Months = r.statusMonths()
	return follow.Retry(ctx, r.Budget, func(ctx context.Context) (*dqops.TableStatus, error) {
		return r.Server.TableStatus(ctx, t.TableRef, q)
	})
}

// statusMonths reaches back to the beginning of the window.
func (r *reading) statusMonths() int {
	months := max(historyMonths, r.scope.window.months)
	if r.scope.window.from.IsZero() {
		return months
	}
	now := r.end
	back := (now.Year()-r.scope.window.from.Year())*12 + int(now.Month()) - int(r.scope.window.from.Month())
	return max(months, back+2)
}

// checkStatus refuses a status that lacks what is read of it, or that is of another
// table.
func checkStatus(t dqops.TableRef, status *dqops.TableStatus) error {
	if status.Checks == nil || status.Columns == nil {
		return unreadable("the status of table %s lacks its checks or columns", t)
	}
	if cmp.Or(status.Connection, t.Connection) != t.Connection || cmp.Or(status.Schema, t.Schema) != t.Schema || cmp.Or(status.Table, t.Table) != t.Table {
		return unreadable("asked for the status of table %s, that of %s came", t, dqops.TableRef{Connection: status.Connection, Schema: status.Schema, Table: status.Table})
	}
	if err := checkKinds(t, status.Checks); err != nil {
		return err
	}
	for name, column := range status.Columns {
		if column.Checks == nil {
			return unreadable("the status of table %s lacks the checks of column %s", t, name)
		}
		if err := checkKinds(t, column.Checks); err != nil {
			return err
		}
	}
	return nil
}

// checkKinds refuses a check without its kind: the filters would leave it out, and
// its rows could not be asked for.
func checkKinds(t dqops.TableRef, checks map[string]dqops.CheckStatus) error {
	for name, c := range checks {
		if c.CheckType == "" || c.TimeScale == "" && c.CheckType != dqops.CheckTypeProfiling {
			return unreadable("check %s in the status of table %s lacks its type or time scale", name, t)
		}
	}
	return nil
}

// tableGone turns a table that is unknown by now into the outcome that its verdict
// cannot be had.
func tableGone(err error) error {
	if gone, ok := errors.AsType[*dqops.NotFoundError](err); ok {
		return &exit.Error{
			Outcome: exit.JobLost, Err: err,
			Message: gone.Error() + " any more, so how its checks stand cannot be read",
			Hint:    "it was removed after the run began; run the checks again",
		}
	}
	return err
}

// sort takes the checks of a table or column apart into settled and suspect ones.
// None is settled if sensors are filtered, which the status does not name.
func (r *reading) sort(t target, column string, checks map[string]dqops.CheckStatus) {
	bySensor := r.scope.filters.SensorName != ""
	if r.remember {
		r.owners = append(r.owners, tablePath{t, dqops.CheckPath{TableRef: t.TableRef, Column: column}})
	}
	for key, check := range checks {
		name, comparison, _ := strings.Cut(key, "/")
		if !r.scope.takes(name, comparison, check) {
			continue
		}
		bad := check.Warnings + check.Errors + check.Fatals + check.ExecutionErrors
		if bad+check.ValidResults > 0 && !bySensor && r.scope.namesComparison(comparison) {
			r.standing.Judged = true
		}
		path := dqops.CheckPath{TableRef: t.TableRef, Column: column, CheckType: check.CheckType, TimeScale: check.TimeScale}
		// Of rows that the counts do not explain nothing is known.
		isSuspect := bad > 0 || check.ValidResults == 0 || bad+check.ValidResults != check.ExecutedChecks || bySensor
		if isSuspect {
			r.suspects = append(r.suspects, suspect{t, path, name, comparison, check})
		} else if check.LastExecutedAt.After(r.end) {
			r.again(t.TableRef, check.ValidResults)
		}
		switch {
		case !r.remember && !r.mayLookAhead(path):
		case isSuspect:
			r.suspected.add(tablePath{t, path}, key)
		default:
			r.settled.add(tablePath{t, path}, key)
		}
	}
}

// again counts values that were judged after the run's end.
func (r *reading) again(t dqops.TableRef, values int) {
	if values == 0 {
		return
	}
	if r.judgedAgain == nil {
		r.judgedAgain = make(map[dqops.TableRef]int)
	}
	r.judgedAgain[t] += values
}

// monthsOf is where the readouts of a run may lie: those of profiling and
// monitoring in the months of the run itself, those of partitions anywhere in the
// window.
func (r *reading) monthsOf(t target, checkType string) span {
	if checkType != dqops.CheckTypePartitioned {
		return periodsAround(checkType, t.since, r.end)
	}
	s := monthsAround(t.since, r.end)
	if from := r.scope.window.from; !from.IsZero() && r.scope.window.months == 0 {
		s.first = monthOf(from)
		if s.first.After(s.last) {
			s.last = s.first
		}
	} else {
		s = s.back(max(historyMonths, r.scope.window.months))
	}
	if r.scope.window.to.IsZero() {
		// The table's own window may have no end either.
		return s.ahead(historyMonths)
	}
	return s.until(r.scope.window.to)
}

// unloaded is the first month that the status may not have loaded, since it ends
// with the present.
func (r *reading) unloaded() time.Time {
	return monthsAround(r.end, r.end).first.AddDate(0, 1, 0)
}

// runMonths is where crashes are stored that have no partition.
func (r *reading) runMonths(t target, checkType string) []span {
	return errorSpans(periodsAround(checkType, t.since, r.end))
}
