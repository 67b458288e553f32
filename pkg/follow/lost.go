package follow

import (
	"context"
	"fmt"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// starting reports a server whose job queues do not run yet. It says 404 to every
// job (wire T20), so that one that nobody saw before may be there all the same.
func (f *Follower) starting(ctx context.Context) bool {
	healthy, err := f.Server.Healthy(ctx)
	return err == nil && !healthy
}

func lost(id string, job *dqops.Job, err error) error {
	if job != nil && job.Type == dqops.TypeSynchronizeMultipleFolders {
		return Superseded(id, err)
	}
	return &exit.Error{
		Outcome: exit.JobLost, Err: err,
		Message: fmt.Sprintf("job %s is lost: the server no longer knows it; most likely it was restarted", id),
		Hint:    "nothing is known about how it ended; start it again if its work is needed" + standingHint(job),
	}
}

// Superseded is the error for a synchronize job that vanished: when one ends, the
// server removes all others from its history, also running ones (wire T18).
func Superseded(id string, cause error) *exit.Error {
	return &exit.Error{
		Outcome: exit.JobLost, Err: cause,
		Message: fmt.Sprintf("job %s can no longer be read: when a synchronization ends, the server removes all others from its history", id),
		Hint:    "another synchronization ended meanwhile; this one may have ended well, gone on or failed: look at the folders on the server",
	}
}

// standingHint offers what can still be had of a run of checks that was lost: how
// the checks of its tables stand.
func standingHint(job *dqops.Job) string {
	connection, table := tablesOf(job)
	if connection == "" || strings.Contains(connection, "*") {
		return "" // the stored results are read connection by connection
	}
	command := "dqoctl checks status --connection " + exit.Quote(connection)
	if table != "" {
		command += " --table " + exit.Quote(table)
	}
	return "; how its tables stand: " + command
}

// tablesOf are the tables that a run of checks is about; empty for other jobs.
func tablesOf(job *dqops.Job) (connection, table string) {
	if job == nil {
		return "", ""
	}
	if run, err := job.Parameters.RunChecks(); err == nil && run != nil {
		return run.CheckSearchFilters.Connection, run.CheckSearchFilters.FullTableName
	}
	if one, err := job.Parameters.RunChecksOnTable(); err == nil && one != nil {
		return one.Connection, one.Table.SchemaName + "." + one.Table.TableName
	}
	return "", ""
}

func hidden(id, by int64, key string) error {
	return &exit.Error{
		Outcome: exit.JobLost,
		Message: fmt.Sprintf("job %d can no longer be read: job %d has the business key %s, which hides it", id, by, key),
		Hint:    "give jobs business keys that are not numbers",
	}
}
