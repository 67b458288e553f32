package standing

import (
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

	mutex    sync.Mutex // guards what follows
	standing *verdict.Standing
	suspects []suspect
	clean    map[cleanPath]map[string]bool // the settled checks of a path, by status key
	// superseded are the tables with a result newer than the run's end.
	superseded map[dqops.TableRef]bool
	// unjudged counts covered readouts that no rule has judged.
	unjudged int
}

// suspect is a check that has something bad stored.
type suspect struct {
	target
	path       dqops.CheckPath
	name       string
	comparison string
	status     dqops.CheckStatus
}

// cleanPath is a path with settled checks.
type cleanPath struct {
	target target
	path   dqops.CheckPath
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
	if r.scope.window.from.IsZero() {
		return historyMonths
	}
	now := r.end
	back := (now.Year()-r.scope.window.from.Year())*12 + int(now.Month()) - int(r.scope.window.from.Month())
	return max(historyMonths, back+2)
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
func (r *reading) sort(t target, column string, checks map[string]dqops.CheckStatus) {
	for key, check := range checks {
		name, comparison, _ := strings.Cut(key, "/")
		if !r.scope.takes(name, comparison, check) {
			continue
		}
		bad := check.Warnings + check.Errors + check.Fatals + check.ExecutionErrors
		if bad+check.ValidResults > 0 {
			r.standing.Judged = true
		}
		if check.LastExecutedAt.After(r.end) {
			r.supersede(t.TableRef)
		}
		path := dqops.CheckPath{TableRef: t.TableRef, Column: column, CheckType: check.CheckType, TimeScale: check.TimeScale}
		if bad > 0 || check.ValidResults == 0 {
			r.suspects = append(r.suspects, suspect{t, path, name, comparison, check})
			continue
		}
		if r.clean == nil {
			r.clean = make(map[cleanPath]map[string]bool)
		}
		c := cleanPath{t, path}
		if r.clean[c] == nil {
			r.clean[c] = make(map[string]bool)
		}
		r.clean[c][key] = true
	}
}

func (r *reading) supersede(t dqops.TableRef) {
	if r.superseded == nil {
		r.superseded = make(map[dqops.TableRef]bool)
	}
	r.superseded[t] = true
}

// monthsOf is where the readouts of a run may lie: those of profiling and
// monitoring in the months of the run itself, those of partitions anywhere in the
// window.
func (r *reading) monthsOf(t target, checkType string) span {
	s := monthsAround(t.since, r.end)
	if checkType != dqops.CheckTypePartitioned {
		return s
	}
	if from := r.scope.window.from; !from.IsZero() {
		s.first = monthOf(from)
		if s.first.After(s.last) {
			s.last = s.first
		}
	} else {
		s = s.back(historyMonths)
	}
	return s.until(r.scope.window.to)
}

// runMonths is where crashes are stored that have no partition.
func (r *reading) runMonths(t target) []time.Time {
	return monthsAround(t.since, r.end).list()
}
