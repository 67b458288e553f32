package follow

import (
	"context"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// Cancel asks the server to cancel the job and those of its children that are
// not over, since it lets them go on otherwise, and follows the job until it no
// longer runs or the context ends. The server's answer to the request says
// nothing (wire T6): a job may finish after all.
func (f *Follower) Cancel(ctx context.Context, id int64, children []Child) (*dqops.Job, error) {
	number := strconv.FormatInt(id, 10)
	job, err := f.Server.GetJob(ctx, number)
	if err != nil || job.Status.Final() {
		return job, err
	}
	if job.Status != dqops.StatusCancelRequested {
		// Asking twice for a job that never started would keep it at
		// cancel_requested for ever (wire T6).
		if err := f.Server.CancelJob(ctx, number); err != nil {
			return job, err
		}
	}
	for _, child := range children {
		if !child.Status.Final() && child.Status == dqops.StatusRunning {
			if err := f.Server.CancelJob(ctx, strconv.FormatInt(child.ID, 10)); err != nil {
				return job, err
			}
		}
	}
	p := patience{budget: f.Budget}
	p.good()
	for !job.Status.Final() {
		if err := pause(ctx, minInterval); err != nil {
			return job, &exit.Error{
				Outcome: exit.Timeout,
				Message: "the cancellation was sent and job " + number + " is still " + string(job.Status),
				Hint:    "look again with: dqoctl jobs get " + number,
			}
		}
		next, err := read(ctx, &p, func(ctx context.Context) (*dqops.Job, error) { return f.Server.GetJob(ctx, number) })
		if err != nil {
			return job, err
		}
		job = next
		f.observe(Progress{Job: job.ID, Status: job.Status})
	}
	return job, nil
}

// CancelTime bounds the confirmation of a cancellation after an interrupt.
const CancelTime = 30 * time.Second
