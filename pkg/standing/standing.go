// Package standing finds out what a run of checks covered and how each of those
// checks stands now, from the stored readouts, results and errors. The server's
// own summary cannot tell: a rule is not evaluated again for a value that did not
// change, so a second run on bad data is summed up as valid (wire L2). It is
// internal to dqoctl and may change without notice.
package standing

import (
	"context"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// Server is what the reading needs of a client.
type Server interface {
	TableStatus(ctx context.Context, t dqops.TableRef, q dqops.StatusQuery) (*dqops.TableStatus, error)
	CheckResults(ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) ([]dqops.CheckResultsList, error)
	SensorReadouts(ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) ([]dqops.SensorReadoutsList, error)
	CheckErrors(ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) ([]dqops.ErrorsList, error)
	SearchTables(ctx context.Context, connection, schema, table string, page int) ([]dqops.TableListEntry, error)
}

var _ Server = (*dqops.Client)(nil)

// Parallel is how many calls are made at once: more are no faster (wire L15).
const Parallel = 8

// Collector reads the standing of checks.
type Collector struct {
	Server Server
	// Budget is how long contact may be lost during one call.
	Budget time.Duration
	// Exact reads also the checks that have nothing bad stored, for values that
	// were never judged.
	Exact bool
	// BaseURL is where the pages of DQOps are, for links.
	BaseURL string
}

// Run is a finished run of checks and what following it found.
type Run struct {
	Job      *dqops.Job
	Children []follow.Child
	// ChildrenKnown is whether the children were followed from the job's start.
	ChildrenKnown bool
}

// Run reads how the checks stand that the run covered. With an error, which says
// what could not be read, the standing holds what was found until then.
func (c *Collector) Run(ctx context.Context, run Run) (*verdict.Standing, error) {
	scope, err := scopeOfRun(run.Job)
	if err != nil {
		return nil, err
	}
	r := newReading(c, scope)
	r.end = run.Job.StatusChangedAt
	if r.end.IsZero() || run.Job.ID.CreatedAt.IsZero() {
		return r.standing, unreadable("job %d lacks the times of its beginning or end", run.Job.ID.ID)
	}
	r.prepare()
	tables, exact, err := r.tablesOf(ctx, run)
	if !exact || !scope.replayable || err != nil {
		r.standing.Coverage = verdict.CoverageApproximate
	}
	if err == nil && len(tables) == 0 {
		err = missing(run.Job)
	}
	if err != nil {
		return r.standing, err
	}
	for _, t := range tables {
		if t.since.After(r.end) {
			return r.standing, unreadable("the run of table %s began after the job had ended: the server's clock was put back meanwhile", t.TableRef)
		}
	}
	r.standing.Tables = len(tables)
	err = r.survey(ctx, tables)
	if canGoOn(err) {
		err = worse(err, r.readSuspects(ctx))
	}
	if canGoOn(err) {
		err = worse(err, r.readClean(ctx))
	}
	if err == nil {
		err = r.reconcile(ctx, run, tables)
	}
	if err == nil {
		r.countUnjudged(run.Job)
	} else {
		r.standing.Coverage = verdict.CoverageApproximate
	}
	r.finish(tables)
	return r.standing, err
}

func newReading(c *Collector, s scope) *reading {
	return &reading{
		Collector: c, scope: s, settled: make(checksOfPaths), suspected: make(checksOfPaths),
		standing: &verdict.Standing{Severity: dqops.SeverityValid, Coverage: verdict.CoverageExact},
	}
}
