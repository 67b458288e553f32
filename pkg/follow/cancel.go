package follow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// CancelTime bounds the confirmation of a cancellation unless the user says
// otherwise.
const CancelTime = 30 * time.Second

// Cancellation is one job to cancel and what became of it. Read fills Job and
// Over, the others follow.
type Cancellation struct {
	ID  string
	Job *dqops.Job // as last read; nil when it could not be
	// Over says that the job had ended before anything was sent.
	Over bool
	// Sent says that this process asked the server to cancel it.
	Sent bool
	// Children are those of its children that were to be cancelled, too.
	Children []*Cancellation
	// Err is why it is not known to be over.
	Err error

	complete bool      // Children are known, or not wanted
	doubtful bool      // whether the request arrived is not known
	missing  time.Time // since when the server does not know it
	done     bool
}

// Doubtful reports a cancellation that was sent and whose answer did not come.
func (c *Cancellation) Doubtful() bool { return c.doubtful }

// Canceller cancels several jobs, one request at a time.
type Canceller struct {
	*Follower
	// Force sends the cancellation of a job at once even if that may block its
	// connection (wire T6).
	Force bool
	// Children cancels the jobs that a job has started, too; the server lets them
	// go on (wire T6).
	Children bool
	// Deadline ends the following; zero: never.
	Deadline time.Time

	patience patience
	jobs     []*Cancellation
	sent     map[int64]bool
}

// Read reads all jobs, so that it is known what a cancellation would do before one
// is sent.
func (c *Canceller) Read(ctx context.Context, ids []string) ([]*Cancellation, error) {
	c.patience.budget = c.Budget
	for _, id := range ids {
		if _, err := c.read(ctx, id); err != nil {
			return nil, err
		}
	}
	return c.jobs, nil
}

// Add reads one more job of a server that has answered before, so that lost
// contact is borne: the one with that number, or, when that is 0, of that id. A
// job that another one's business key hides is left alone.
func (c *Canceller) Add(ctx context.Context, id string, number int64) (*Cancellation, error) {
	c.patience.budget = c.Budget
	if c.patience.lastGood.IsZero() {
		c.patience.good()
	}
	if number != 0 {
		id = strconv.FormatInt(number, 10)
	}
	one, err := c.read(ctx, id)
	if err == nil && one.Job != nil && number != 0 && one.Job.ID.ID != number {
		one.Err, one.Job, one.done = hidden(number, one.Job.ID.ID, id), nil, true
	}
	return one, err
}

func (c *Canceller) read(ctx context.Context, id string) (*Cancellation, error) {
	job, err := read(ctx, &c.patience, func(ctx context.Context) (*dqops.Job, error) { return c.Server.GetJob(ctx, id) })
	one := &Cancellation{ID: id, Job: job, Err: err}
	if _, unknown := errors.AsType[*dqops.NotFoundError](err); err != nil && !unknown {
		return nil, err
	}
	one.Over = err == nil && job.Status.Final()
	one.done = one.Over || err != nil
	c.jobs = append(c.jobs, one)
	return one, nil
}

// HeldBack reports a job whose cancellation has to wait until it runs: it has a
// place in a limited queue, which the server would never free again (wire T6,
// L14a).
func HeldBack(job *dqops.Job) bool {
	if job.Status != dqops.StatusQueued && job.Status != dqops.StatusWaiting {
		return false
	}
	limited := []dqops.JobType{
		dqops.TypeImportTables, "import_schema", dqops.TypeDeleteStoredData, "repair_stored_data",
		dqops.TypeSynchronizeMultipleFolders, dqops.TypeSynchronizeFolder,
	}
	if slices.Contains(limited, job.Type) {
		return true
	}
	for _, parameters := range job.Parameters {
		var table struct {
			Limit int `json:"max_jobs_per_connection"`
		}
		if json.Unmarshal(parameters, &table) == nil && table.Limit > 0 {
			return true
		}
	}
	return false
}

// Send asks the server to cancel every job that Read found and that need not be
// held back. A job whose cancellation was requested before is not asked again: one
// that never started would stay at cancel_requested for ever (wire T6).
func (c *Canceller) Send(ctx context.Context) error {
	for _, one := range c.jobs {
		if err := c.send(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (c *Canceller) send(ctx context.Context, one *Cancellation) error {
	if one.done || HeldBack(one.Job) && !c.Force {
		return nil
	}
	if err := c.ask(ctx, one); err != nil {
		return err
	}
	asked := one.Sent && !one.doubtful || one.Job.Status == dqops.StatusCancelRequested
	if !c.Children || one.complete || !asked {
		return nil
	}
	// Those that are not started yet are dropped with their parent, so the list is
	// complete now.
	children, err := c.childrenOf(ctx, one.Job)
	if err != nil {
		return err
	}
	one.Children, one.complete = children, true
	for _, child := range children {
		if err := c.send(ctx, child); err != nil {
			return err
		}
	}
	return nil
}

// ask sends the cancellation of one job unless that was done before, by whomever.
func (c *Canceller) ask(ctx context.Context, one *Cancellation) error {
	if one.Sent && !one.doubtful || one.Job.Status == dqops.StatusCancelRequested {
		return nil
	}
	if c.sent[one.Job.ID.ID] && !one.doubtful {
		one.Sent, one.complete = true, true // the job was named twice
		return nil
	}
	err := c.Server.CancelJob(ctx, strconv.FormatInt(one.Job.ID.ID, 10))
	if ctx.Err() != nil {
		one.Sent, one.doubtful = true, true // it may have left, and nobody waits for the answer
	}
	if _, retry := transient(err); err != nil && !retry {
		return err
	}
	// An answer that was lost is repeated only when the job, read again, was not
	// asked to stop.
	one.Sent, one.doubtful, one.Err = true, err != nil, err
	if c.sent == nil {
		c.sent = make(map[int64]bool)
	}
	c.sent[one.Job.ID.ID] = true
	return nil
}

// childrenOf reads the open children of a job from its changes.
func (c *Canceller) childrenOf(ctx context.Context, parent *dqops.Job) ([]*Cancellation, error) {
	asking, cancel := context.WithTimeoutCause(ctx, settleTime, errSilence)
	defer cancel()
	var l Ledger
	_, err := read(asking, &c.patience, func(ctx context.Context) (int64, error) {
		return c.Server.JobChangesSince(ctx, parent.ID.ID, func(change dqops.JobChange) error {
			if id := change.ID.Parent; id != nil && id.ID == parent.ID.ID {
				l.Fold(change)
			}
			return nil
		})
	})
	if err != nil && !errors.Is(err, errSilence) {
		return nil, err
	}
	var children []*Cancellation
	for _, e := range slices.Backward(l.List(Query{Parent: parent.ID.ID})) {
		if job, err := e.Job(); err == nil && !job.Status.Final() {
			children = append(children, &Cancellation{ID: strconv.FormatInt(e.ID, 10), Job: job, complete: true})
		}
	}
	return children, nil
}

// Follow reads the jobs until none of them runs any more, or the time is up. A
// job may finish after all: what the server answers to a cancellation says
// nothing (wire T6).
func (c *Canceller) Follow(ctx context.Context) error {
	bounded := ctx
	if !c.Deadline.IsZero() {
		var cancel context.CancelFunc
		bounded, cancel = context.WithDeadlineCause(ctx, c.Deadline, errDeadline)
		defer cancel()
	}
	c.patience.budget = c.Budget
	c.patience.good()
	for {
		err := c.round(bounded)
		open := c.open()
		if err == nil && len(open) > 0 {
			err = pause(bounded, minInterval)
		}
		if errors.Is(err, errDeadline) {
			for _, one := range open {
				one.Err = c.unconfirmed(one)
			}
			return nil
		}
		if err != nil || len(open) == 0 {
			return err
		}
	}
}

// round reads each open job and sends what may be sent by now.
func (c *Canceller) round(ctx context.Context) error {
	for _, one := range c.open() {
		if err := c.look(ctx, one); err != nil {
			return err
		}
		if err := c.send(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (c *Canceller) look(ctx context.Context, one *Cancellation) error {
	number := strconv.FormatInt(one.Job.ID.ID, 10)
	job, err := read(ctx, &c.patience, func(ctx context.Context) (*dqops.Job, error) { return c.Server.GetJob(ctx, number) })
	if _, unknown := errors.AsType[*dqops.NotFoundError](err); unknown {
		if one.missing.IsZero() {
			one.missing = time.Now()
		}
		if time.Since(one.missing) >= settleTime {
			one.Err, one.done = lost(number, one.Job, err), true
		}
		return nil
	}
	if err != nil {
		return err
	}
	if job.ID.ID != one.Job.ID.ID {
		one.Err, one.done = hidden(one.Job.ID.ID, job.ID.ID, number), true
		return nil
	}
	one.Job, one.missing, one.Err = job, time.Time{}, nil
	one.done = job.Status.Final()
	c.observe(Progress{Job: job.ID, Status: job.Status})
	return nil
}

// open are the jobs and children that may still run.
func (c *Canceller) open() []*Cancellation {
	var open []*Cancellation
	for _, one := range c.jobs {
		for _, each := range append([]*Cancellation{one}, one.Children...) {
			if !each.done {
				open = append(open, each)
			}
		}
	}
	return open
}

func (c *Canceller) unconfirmed(one *Cancellation) error {
	number := strconv.FormatInt(one.Job.ID.ID, 10)
	if !one.Sent && one.Job.Status != dqops.StatusCancelRequested {
		return &exit.Error{
			Outcome: exit.Timeout,
			Message: fmt.Sprintf("job %s is still %s and was not cancelled: cancelled before it runs, it would keep its place in a limited queue until the server restarts", number, one.Job.Status),
			Hint:    "give more time with --timeout, or cancel it all the same with --force",
		}
	}
	return &exit.Error{
		Outcome: exit.Timeout,
		Message: "the cancellation was sent and job " + number + " is still " + string(one.Job.Status),
		Hint:    "look again with: dqoctl jobs get " + number,
	}
}
