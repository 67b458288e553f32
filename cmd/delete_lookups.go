package cmd

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/request"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// connectionExists refuses a connection that the server does not have: it would
// answer a deletion from it with success (wire L6).
func (p *pipeline) connectionExists(ctx context.Context, name string) error {
	hint, found, err := p.findConnection(ctx, name)
	if err != nil || found {
		return err
	}
	return exit.Usagef(hint, "--connection %s: the server has no such connection", name)
}

// findConnection looks for a connection, and says which there are where it is not.
func (p *pipeline) findConnection(ctx context.Context, name string) (hint string, found bool, err error) {
	connections, err := p.client.Connections(ctx)
	if err != nil {
		return "", false, err
	}
	var names []string
	for _, c := range connections {
		if c.ConnectionName == name {
			return "", true, nil
		}
		names = append(names, c.ConnectionName)
	}
	if near, ok := request.Nearest(name, names); ok {
		return fmt.Sprintf("did you mean %q? Case matters", near), false, nil
	}
	return "the connections are: " + strings.Join(names, ", "), false, nil
}

// proveDomain proves, before anything is deleted, that the server really works in
// the data domain that was asked for: a run of checks that matches nothing tells
// its own domain (wire 1.2).
func (p *pipeline) proveDomain(ctx context.Context) error {
	if p.settings.DataDomain == "" {
		return nil
	}
	nothing := dqops.RunChecksParameters{CheckSearchFilters: dqops.CheckSearchFilters{Connection: follow.NewKey()}}
	// The journal is of the user's own jobs.
	unwritten := *p.follower
	unwritten.Journal = nil
	job, err := unwritten.Submit(ctx, follow.Submission{
		Type: dqops.TypeRunChecks, Body: nothing, Key: follow.NewKey(), Deadline: p.deadline,
		Post: func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
			return jobID(p.client.RunChecks(ctx, nothing, start))
		},
	})
	if err != nil {
		return undeleted(err)
	}
	followed, err := p.follower.Wait(ctx, strconv.FormatInt(job.ID.ID, 10), true, p.deadline)
	if err != nil {
		return undeleted(err)
	}
	if err := p.checkDomain(followed.Job); err != nil {
		return undeleted(err)
	}
	return nil
}

// undeleted is why the domain could not be proved. The job that failed to prove
// it is no business of the user's.
func undeleted(err error) error {
	problem := verdict.Explain(err)
	return &exit.Error{
		Outcome: verdict.OutcomeOf(err), Err: err, RequestID: problem.RequestID,
		Message: "prove the data domain before the deletion: " + problem.Message,
		Hint:    "nothing was deleted",
	}
}

// refuseTwins refuses a deletion that takes tables which its words do not name. The
// tables of incidents are compared without regard to case (wire 3.6); those whose
// checks are removed, too, when there is none of exactly that name
// (CheckSearchFiltersVisitor.accept of TableList).
func (p *pipeline) refuseTwins(ctx context.Context, body dqops.DeleteStoredDataQueueJobParameters) error {
	if !body.DeleteIncidents && !body.DeleteChecksConfiguration || body.FullTableName == "" {
		return nil
	}
	var twin *dqops.TableRef
	exists := false
	for t, err := range p.tablesOf(ctx, body.Connection) {
		if err != nil {
			return err
		}
		exists = exists || t.Schema+"."+t.Table == body.FullTableName
		if twin == nil && isTwin(body.FullTableName, t) {
			twin = &t
		}
	}
	switch {
	case twin == nil:
		return nil
	case body.DeleteIncidents:
		hint := "delete the incidents apart from the rest, or leave them out"
		if len(deletedKinds(body)) == 1 {
			hint = "write the name as the table has it, if that one is meant"
		}
		return exit.Usagef(hint, "--table %s: the server ignores case in the tables of incidents and would take those of %s.%s too",
			body.FullTableName, twin.Schema, twin.Table)
	case !exists:
		return exit.Usagef("write the name as the table has it, if that one is meant",
			"--table %s: there is no such table, and the server would ignore case and remove the checks of %s.%s", body.FullTableName, twin.Schema, twin.Table)
	}
	return nil
}

// hintTime is what a hint is worth.
const hintTime = 3 * time.Second

// hintAtTable says, when nothing was deleted, that the table is not known and which
// may have been meant. Data of a table that was removed can be deleted, so it is no
// reason to refuse.
func (p *pipeline) hintAtTable(ctx context.Context, body dqops.DeleteStoredDataQueueJobParameters) {
	if strings.Contains(body.FullTableName, "*") || !strings.Contains(body.FullTableName, ".") {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hintTime)
	defer cancel()
	var names []string
	for t, err := range p.tablesOf(ctx, body.Connection) {
		name := t.Schema + "." + t.Table
		if err != nil || name == body.FullTableName {
			return
		}
		names = append(names, name)
	}
	hint := fmt.Sprintf("connection %s has no table %s", body.Connection, body.FullTableName)
	if near, ok := request.Nearest(body.FullTableName, names); ok {
		hint += fmt.Sprintf("; did you mean %q? Case matters", near)
	}
	p.app.say("dqoctl: warning: " + iostreams.Clean(hint) + "\n")
}

// isTwin reports a table that the pattern takes only when case is ignored.
func isTwin(pattern string, t dqops.TableRef) bool {
	schema, table, split := strings.Cut(pattern, ".")
	if !split {
		schema, table = "*", pattern
	}
	takes := func(form func(string) string) bool {
		return takesName(form(schema), form(t.Schema)) && takesName(form(table), form(t.Table))
	}
	return takes(strings.ToLower) && !takes(strings.Clone)
}

// takesName compares as a deletion does (wire 3.2.1, 3.6).
func takesName(pattern, name string) bool {
	pattern = strings.Trim(pattern, "[]'\"`")
	before, after, star := strings.Cut(pattern, "*")
	switch {
	case !star:
		return pattern == name
	case before == "" && strings.HasSuffix(after, "*"):
		return strings.Contains(name, strings.TrimSuffix(after, "*"))
	}
	return strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}
