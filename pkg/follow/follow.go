// Package follow starts jobs and follows them to their true end. The truth is
// always GET jobs/{id}, never the happy path of one call: a wait that times out
// is empty, a failed job is an HTTP 500, a wait that saw the end lacks the
// result. It is internal to dqoctl and may change without notice.
package follow

import (
	"context"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/journal"
)

// Server is what following needs of a client.
type Server interface {
	GetJob(ctx context.Context, id string) (*dqops.Job, error)
	WaitForJob(ctx context.Context, id string, timeout time.Duration) (*dqops.Job, error)
	JobChangesSince(ctx context.Context, sequence int64, each func(dqops.JobChange) error) (int64, error)
	CancelJob(ctx context.Context, id string) error
	Healthy(ctx context.Context) (bool, error)
}

var _ Server = (*dqops.Client)(nil)

const (
	// minInterval keeps a server that answers at once from making us spin.
	minInterval = 300 * time.Millisecond
	// settleTime is how long a finished job may lack its result (wire T3), and how
	// long a job that we started may be unknown (wire T20, T21).
	settleTime = 5 * time.Second
	// lastLook bounds the one reading after the deadline.
	lastLook = 5 * time.Second
)

// Follower follows jobs of one server.
type Follower struct {
	Server Server
	// Budget is how long contact may be lost before the job counts as
	// unreachable; every good answer renews it.
	Budget time.Duration
	// Observe is told of every change; it must not block. May be nil.
	Observe func(Progress)
	// Journal remembers what is submitted. May be nil.
	Journal *journal.Journal
}

// Progress is how far a job is.
type Progress struct {
	Job    dqops.JobID
	Status dqops.JobStatus
	// Done and Total count the jobs of its tables, or of its folders when Folders
	// says so, that were seen so far.
	Done, Total int
	Folders     bool
	// Behind is the running job that a queued one waits for; 0 when it is not known.
	Behind int64
	// Jobs says that they count the followed jobs themselves, of which there are
	// several; Job is then zero.
	Jobs bool
}

// Followed is what following a job found.
type Followed struct {
	// Job is the last reading; nil when there was none.
	Job *dqops.Job
	// Children are the jobs that it started, in the order of their start.
	Children []Child
	// ChildrenKnown is whether the changes were read without a gap from the job's
	// creation to its end.
	ChildrenKnown bool
}

// Child is a job that the followed one started, for one table or folder.
type Child struct {
	ID           int64
	Type         dqops.JobType
	Connection   string
	Table        dqops.PhysicalTableName
	Folder       string // of a synchronization; "" for a table's
	Status       dqops.JobStatus
	ErrorMessage string
	// Result is the server's summary of it; nil until it was seen.
	Result *dqops.RunChecksResult
	// StartedAt is when the server began to run it; zero when that was not seen.
	StartedAt time.Time
}

// Name says what the job works on; its number when that is not known.
func (c Child) Name() string {
	switch {
	case c.Folder != "":
		return "folder " + c.Folder
	case c.Table.TableName != "":
		return "table " + c.Table.SchemaName + "." + c.Table.TableName
	}
	return "child " + strconv.FormatInt(c.ID, 10)
}

func (f *Follower) observe(p Progress) {
	if f.Observe != nil {
		f.Observe(p)
	}
}

// pause waits, or returns the cause when the context ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
