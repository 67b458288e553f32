package cmd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// followMany waits for several jobs together and judges each. Ours holds the ids
// of those that this process started, nil for the others. A job is judged as soon
// as it has ended, so that the time of the others is not its own.
func (p *pipeline) followMany(ctx context.Context, ids []string, ours []*dqops.JobID) []verdict.Result {
	targets := make([]follow.Target, len(ids))
	for i, id := range ids {
		targets[i] = follow.Target{ID: id, Ours: ours[i] != nil}
	}
	results := make([]verdict.Result, len(ids))
	judge := func(i int, end follow.End) {
		results[i] = p.conclude(ctx, end.Followed, end.Err, ids[i], ours[i], nil)
	}
	ends := p.follower.WaitMany(ctx, targets, p.deadline, judge)
	p.cancelInterrupted(ends) //nolint:contextcheck // ctx is over; what follows lives until the second interrupt
	for i, end := range ends {
		if end.Err != nil {
			judge(i, end)
		}
	}
	return results
}

// followAny waits until the first of several jobs has ended, and judges it.
func (p *pipeline) followAny(ctx context.Context, ids []string) verdict.Result {
	targets := make([]follow.Target, len(ids))
	for i, id := range ids {
		targets[i] = follow.Target{ID: id}
	}
	first, end := p.follower.WaitAny(ctx, targets, p.deadline)
	return p.conclude(ctx, end.Followed, end.Err, ids[first], nil, nil)
}

// cancelInterrupted cancels all jobs together that an interrupt found running, if
// it is to do so, and tells in the ends what became of them.
func (p *pipeline) cancelInterrupted(ends []follow.End) {
	if p.settings.OnInterrupt != "cancel" {
		return
	}
	var ids []string
	var open []*follow.End
	for i := range ends {
		if job := ends[i].Job; job != nil && isInterrupt(ends[i].Err) {
			ids = append(ids, strconv.FormatInt(job.ID.ID, 10))
			open = append(open, &ends[i])
		}
	}
	if len(open) == 0 {
		return
	}
	p.progress.Line(fmt.Sprintf("cancelling %d jobs", len(open)))
	ctx, stop := context.WithTimeout(p.app.Hard, follow.CancelTime)
	defer stop()
	c := &follow.Canceller{Follower: p.follower, Children: true, Deadline: time.Now().Add(follow.CancelTime)}
	jobs, err := c.Read(ctx, ids)
	if err == nil {
		err = c.Send(ctx)
	}
	if err == nil {
		err = c.Follow(ctx)
	}
	for i, end := range open {
		interrupt, _ := errors.AsType[*exit.Error](end.Err)
		failed := err
		if i < len(jobs) {
			failed = errors.Join(jobs[i].Err, err)
			if job := jobs[i].Job; job != nil {
				end.Job = job
				if job.Status.Final() {
					failed = nil
				}
			}
		}
		end.Err = &told{afterCancel(interrupt, ids[i], end.Job, failed)}
	}
}

// told is an interrupt after which everything was done and said.
type told struct{ error }

func (t *told) Unwrap() error { return t.error }
