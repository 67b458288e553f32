package follow

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// forEver is the longest wait that the server takes (wire T16).
const forEver = math.MaxInt32 * time.Second

// WaitTimeout is how long a waited request asks the server to wait; 0 is without
// end, which the server only knows as its longest time.
func WaitTimeout(timeout time.Duration) time.Duration {
	if timeout == 0 {
		return forEver
	}
	return timeout
}

// SubmitWaiting starts a job whose result only the answer to a waited request
// carries: imports and deletions (wire 3.8). While that request waits, the key is
// looked up beside it, so that started learns the id at once. The id is returned
// with a nil error when the job exists; whole tells whether the answer came, and
// with it the result. A request is never sent a second time: starting these twice
// does harm.
func (f *Follower) SubmitWaiting(ctx context.Context, s Submission, deadline time.Time, started func(dqops.JobID)) (id *dqops.JobID, whole bool, err error) {
	if s.Callers {
		if err := f.refuseTakenKey(ctx, s.Key); err != nil {
			return nil, false, err
		}
	}
	looking, found := context.WithCancel(ctx)
	defer found()
	var seen *dqops.JobID
	var group exit.Group
	group.Go(func() error {
		seen = f.lookUntilFound(looking, s.Key, started)
		return nil
	})
	start := dqops.Start{BusinessKey: s.Key, Wait: true, WaitTimeout: WaitTimeout(0)}
	if !deadline.IsZero() {
		start.WaitTimeout = WaitTimeout(max(time.Until(deadline), time.Second))
	}
	posted, err := s.Post(ctx, start)
	found()
	if crash := group.Wait(); crash != nil {
		return nil, false, crash
	}
	switch {
	case err == nil && posted != nil:
		if seen == nil {
			started(*posted)
		}
		return posted, true, nil
	case err == nil:
		return nil, false, startedNothing()
	case seen != nil && ctx.Err() == nil:
		return seen, false, nil
	case ctx.Err() != nil || !doubtful(err):
		return seen, false, err
	}
	id, err = f.lookUp(ctx, s.Key, err)
	if err == nil {
		started(*id)
	}
	return id, false, err
}

// lookUntilFound asks for the key until the job is visible or the context ends.
func (f *Follower) lookUntilFound(ctx context.Context, key string, started func(dqops.JobID)) *dqops.JobID {
	for {
		if pause(ctx, minInterval) != nil {
			return nil
		}
		job, err := f.Server.GetJob(ctx, key)
		if err == nil {
			started(job.ID)
			return &job.ID
		}
		if _, unknown := errors.AsType[*dqops.NotFoundError](err); !unknown {
			// Whatever it is, the waiting request meets it too and says it better.
			if _, retry := transient(err); !retry {
				return nil
			}
		}
	}
}

// startedNothing is a 201 without an id (wire T20).
func startedNothing() error {
	return &exit.Error{
		Outcome: exit.Unreachable,
		Message: "the server started nothing: it is shutting down",
		Hint:    "try again when it is back",
	}
}
