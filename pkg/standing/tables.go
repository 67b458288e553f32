package standing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// target is one table that a run covered.
type target struct {
	dqops.TableRef
	// since is when the run began to work on the table, cut to the milliseconds
	// that executedAt has (wire L2); what was executed earlier is not the run's.
	since time.Time
	// summary is the server's own of this table; nil when it was not seen.
	summary *dqops.RunChecksResult
}

// tablesOf finds the tables of a run. Exact is false when the children were not
// followed from the start: then the table search gives the tables, each since the
// creation of the job, and only the readouts tell which were really covered.
func (r *reading) tablesOf(ctx context.Context, run Run) (tables []target, exact bool, err error) {
	if own, err := ownTable(run.Job); err != nil || own != nil {
		return own, true, err
	}
	exact = run.ChildrenKnown && !childrenMissing(run)
	seen := make(map[dqops.TableRef]bool)
	for _, child := range run.Children {
		t := targetOf(child)
		if t.since.IsZero() {
			t.since, exact = cut(run.Job.ID.CreatedAt), false
		}
		if t.Table == "" || seen[t.TableRef] {
			exact = false
			continue
		}
		seen[t.TableRef] = true
		tables = append(tables, t)
	}
	if exact {
		return tables, true, nil
	}
	found, err := r.search(ctx)
	if err != nil {
		return tables, false, err
	}
	for _, ref := range found {
		if !seen[ref] {
			tables = append(tables, target{TableRef: ref, since: cut(run.Job.ID.CreatedAt)})
		}
	}
	return tables, false, nil
}

// childrenMissing reports that the children which were seen executed fewer or more
// checks than the run: of changes that the server had forgotten meanwhile nothing
// tells.
func childrenMissing(run Run) bool {
	summary, err := run.Job.RunChecksResult()
	if err != nil || summary == nil {
		return false // the verdict's to judge
	}
	executed := 0
	for _, child := range run.Children {
		switch {
		case child.Result != nil:
			executed += child.Result.ExecutedChecks
		case child.Status == dqops.StatusFinished:
			return true
		}
	}
	return executed != summary.ExecutedChecks
}

// ownTable is the table of a run_checks_on_table job; nil for other jobs.
func ownTable(job *dqops.Job) ([]target, error) {
	p, err := job.Parameters.RunChecksOnTable()
	if err != nil || p == nil {
		return nil, err
	}
	return []target{{
		TableRef: dqops.TableRef{Connection: p.Connection, Schema: p.Table.SchemaName, Table: p.Table.TableName},
		since:    cut(job.ID.CreatedAt),
		summary:  p.RunChecksResult,
	}}, nil
}

func targetOf(child follow.Child) target {
	return target{
		TableRef: dqops.TableRef{Connection: child.Connection, Schema: child.Table.SchemaName, Table: child.Table.TableName},
		since:    cut(child.StartedAt),
		summary:  child.Result,
	}
}

// missing is the error for a run that executed checks in tables of which none is
// known any more.
func missing(job *dqops.Job) error {
	summary, err := job.RunChecksResult()
	if err != nil || summary == nil || summary.ExecutedChecks == 0 {
		return nil //nolint:nilerr // a result that cannot be read is the verdict's to judge
	}
	return &exit.Error{
		Outcome: exit.JobLost,
		Message: fmt.Sprintf("job %d executed %d checks and none of its tables is known any more", job.ID.ID, summary.ExecutedChecks),
		Hint:    "they were removed after the run began; run the checks again",
	}
}

func cut(t time.Time) time.Time { return t.Truncate(time.Millisecond) }

// search reads all tables that the filters may mean. Only exact names are given to
// the server: what its search makes of wildcards is not part of the contract.
func (r *reading) search(ctx context.Context) ([]dqops.TableRef, error) {
	connection := exactName(r.scope.filters.Connection)
	schema, table := splitTable(r.scope.filters.FullTableName)
	var refs []dqops.TableRef
	for ref, err := range dqops.FoundTables(func(page int) ([]dqops.TableListEntry, error) {
		return follow.Retry(ctx, r.Budget, func(ctx context.Context) ([]dqops.TableListEntry, error) {
			return r.Server.SearchTables(ctx, connection, exactName(schema), exactName(table), page)
		})
	}) {
		if err != nil {
			return nil, err
		}
		if r.scope.takesTable(ref) {
			refs = append(refs, ref)
		}
	}
	return refs, nil
}

func exactName(pattern string) string {
	if strings.Contains(pattern, "*") {
		return ""
	}
	return pattern
}

// finish decides what the findings add up to, and never to less than the server's
// own summaries unless a later execution explains it.
func (r *reading) finish(tables []target) {
	s := r.standing
	worst := make(map[dqops.TableRef]int)
	for _, f := range s.Findings {
		ref := dqops.TableRef{Connection: f.Connection, Schema: f.Schema, Table: f.Table}
		if !f.Stale {
			worst[ref] = max(worst[ref], f.Severity.Level())
		}
		count(s, f)
	}
	for _, t := range tables {
		if t.summary == nil {
			continue
		}
		said := verdict.WorstOfSummary(t.summary)
		if said.Level() > worst[t.TableRef] && verdict.CountOf(t.summary, said) > r.judgedAgain[t.TableRef] {
			s.Raise(said)
		}
	}
	for _, values := range r.judgedAgain {
		s.JudgedAgain += values
	}
	sortFindings(s.Findings)
}

// count adds a finding to the numbers. A stale one says nothing about severity.
func count(s *verdict.Standing, f verdict.Finding) {
	switch {
	case f.Crashed != "":
		s.ExecutionErrors++
		return
	case f.Stale:
		s.Stale++
		return
	case f.Severity == dqops.SeverityWarning:
		s.Warnings++
	case f.Severity == dqops.SeverityError:
		s.Errors++
	case f.Severity == dqops.SeverityFatal:
		s.Fatals++
	}
	if f.Severity.Level() > s.Severity.Level() {
		s.Severity = f.Severity
	}
}

// unreadable is an answer without something that the verdict needs.
func unreadable(what string, args ...any) error {
	return &exit.Error{
		Outcome: exit.Protocol,
		Message: "read how the checks stand: " + fmt.Sprintf(what, args...),
		Hint:    "this dqoctl was tested with DQOps " + verdict.TestedServer,
	}
}
