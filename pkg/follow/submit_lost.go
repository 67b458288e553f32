package follow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// doubtful reports an error after which the job may have been started.
func doubtful(err error) bool {
	if lost, ok := errors.AsType[*dqops.UnreachableError](err); ok {
		return lost.Sent
	}
	if said, ok := errors.AsType[*dqops.ServerError](err); ok {
		return said.Status >= 500
	}
	if spoiled, ok := errors.AsType[*dqops.ProtocolError](err); ok {
		// The request was taken and only its answer is not understood.
		return spoiled.Status >= 200 && spoiled.Status < 300
	}
	return errors.Is(err, dqops.ErrNotKnownYet)
}

func isTooMany(err error) bool {
	said, ok := errors.AsType[*dqops.ServerError](err)
	return ok && said.Status == http.StatusTooManyRequests
}

func isForeign(err error) bool {
	_, foreign := errors.AsType[*dqops.ProtocolError](err)
	return foreign
}

func isUnknown(err error) bool {
	_, unknown := errors.AsType[*dqops.NotFoundError](err)
	return unknown
}

// lookUp asks for the key until the job is found or surely not there: it may become
// visible late (wire T21), and a server that starts knows no jobs yet (wire T20).
// Neither a job nor an error means that the request is to be sent again.
func (u *submitting) lookUp(ctx context.Context, cause error) (*Submitted, error) {
	u.good() // there was contact a moment ago
	began := time.Now()
	end := u.s.Deadline
	if last := began.Add(lastLook); !end.IsZero() && end.Before(last) {
		end = last // the answer may be empty just because the time is up
	}
	ctx, cancel := u.until(ctx, end)
	defer cancel()
	var missing time.Time // since when a server says so whose queues run
	for {
		job, err := read(ctx, &u.patience, func(ctx context.Context) (*dqops.Job, error) {
			return u.Server.GetJob(ctx, u.s.Key)
		})
		if err == nil && job.ID.ID != u.before {
			return u.own(ctx, job, cause)
		}
		if err != nil && !isUnknown(err) {
			return nil, u.notFound(ctx, cause, err)
		}
		healthy, err := read(ctx, &u.patience, u.Server.Healthy)
		switch {
		case ctx.Err() != nil:
			return nil, u.notFound(ctx, cause, err)
		case !healthy:
			missing = time.Time{}
		case missing.IsZero():
			missing = time.Now()
		case time.Since(missing) >= settleTime:
			return nil, u.sendAgain(ctx, cause)
		}
		if !healthy && time.Since(began) >= u.patienceOf(err) || pause(ctx, minInterval) != nil {
			return nil, u.notFound(ctx, cause, nil)
		}
	}
}

// patienceOf is how long the key is looked up on a server that does not say that it
// is healthy: a starting one gets the time that lost contact gets.
func (u *submitting) patienceOf(healthErr error) time.Duration {
	if healthErr != nil {
		return settleTime
	}
	return max(u.budget, settleTime)
}

// sendAgain decides about a request whose job a healthy server does not have.
func (u *submitting) sendAgain(ctx context.Context, cause error) error {
	if u.resent || !kinds[u.s.Type].again {
		return u.notFound(ctx, cause, nil)
	}
	if err := u.hidden(ctx, cause); err != nil {
		return err
	}
	u.resent = true
	u.tell(cause.Error() + "; the server does not know its key, and it is sent once more")
	return nil
}

// notFound is why it is not known whether there is a job. Err is what ended the
// search, nil for its own end.
func (u *submitting) notFound(ctx context.Context, cause, err error) error {
	if isForeign(err) && isForeign(cause) {
		return cause // there is no DQOps behind the address
	}
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errDeadline) {
		return context.Cause(ctx)
	}
	return u.maybeStarted(cause, fmt.Sprintf("its key %s is not known", u.s.Key), "look for it with: dqoctl jobs get "+exit.Quote(u.s.Key))
}

func (u *submitting) maybeStarted(cause error, why, hint string) error {
	outcome := exit.Unreachable
	if failsItself(cause) {
		outcome = exit.Protocol
	}
	return &exit.Error{Outcome: outcome, Err: cause, Message: fmt.Sprintf("the job may have been started: %v, and %s", cause, why), Hint: hint}
}

// own tells whether a job that was found by the key is the one that was started. A
// key that was made here names no other. A caller's key may: another process can
// have used it meanwhile.
func (u *submitting) own(ctx context.Context, job *dqops.Job, cause error) (*Submitted, error) {
	if u.s.Callers {
		difference, err := u.differs(job)
		if err != nil {
			return nil, err
		}
		if difference != "" {
			return nil, u.hiddenBy(cause, fmt.Sprintf("job %d, which is another request (%s)", job.ID.ID, difference), job.ID.ID)
		}
		if other := u.rival(ctx, job.ID.ID); other != 0 {
			return nil, u.hiddenBy(cause, fmt.Sprintf("job %d and job %d, started at the same time", job.ID.ID, other), job.ID.ID, other)
		}
	}
	u.entry.Started(ctx, job.ID.ID)
	return &Submitted{job.ID, Found}, nil
}

func (u *submitting) hiddenBy(cause error, what string, ids ...int64) error {
	looks := make([]string, len(ids))
	for i, id := range ids {
		looks[i] = fmt.Sprintf("dqoctl jobs get %d", id)
	}
	return &exit.Error{
		Outcome: exit.Unreachable, Err: cause,
		Message: fmt.Sprintf("the job may have been started: %v, and its key %s names %s", cause, u.s.Key, what),
		Hint:    "look for it with: " + strings.Join(looks, "; "),
	}
}

// rival finds another job of the same key that was started since ours was sent: the
// key names the newest of them only (wire T9), so that it cannot be told which one
// is ours. 0 when there is none.
func (u *submitting) rival(ctx context.Context, found int64) int64 {
	asking, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	var rival int64
	_, err := u.Server.JobChangesSince(asking, u.before, func(c dqops.JobChange) error {
		if c.ID.BusinessKey == u.s.Key && c.ID.ID != found && c.ID.ID > u.before {
			rival = c.ID.ID
		}
		return nil
	})
	if err != nil {
		return 0 // the job that was found is of this key and of this very request
	}
	return rival
}
