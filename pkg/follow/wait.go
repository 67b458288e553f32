package follow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// errDeadline is the cause of a context whose --timeout passed.
var errDeadline = errors.New("the time is up")

// Wait follows one job, given by number or business key, to its end. Ours says
// that this process started it, so that a server that does not know it is asked
// again for some seconds. A zero deadline is none; after it the job is read a
// last time and the error is a Timeout. What was learned is returned with every
// error.
func (f *Follower) Wait(ctx context.Context, id string, ours bool, deadline time.Time) (Followed, error) {
	bounded := ctx
	if !deadline.IsZero() {
		var cancel context.CancelFunc
		bounded, cancel = context.WithDeadlineCause(ctx, deadline, errDeadline)
		defer cancel()
	}
	w := &waiter{Follower: f, ours: ours, patience: patience{budget: f.Budget}}
	if ours {
		w.good()
	}
	err := w.run(bounded, id)
	if errors.Is(err, errDeadline) {
		err = w.timedOut(ctx, id)
	}
	return w.followed, err
}

// waiter is the state of following one job.
type waiter struct {
	*Follower
	patience
	ours     bool
	family   family
	followed Followed
}

func (w *waiter) run(ctx context.Context, id string) error {
	if err := w.look(ctx, id); err != nil {
		return err
	}
	// From here on the number is used: a key may point at a newer job by now
	// (wire T9).
	number := strconv.FormatInt(w.followed.Job.ID.ID, 10)

	var group exit.Group
	streaming, stop := context.WithCancel(ctx)
	defer stop()
	if w.hasChildren() {
		group.Go(func() error {
			w.stream(streaming)
			return nil
		})
	}
	if job := w.followed.Job; job.Status == dqops.StatusQueued {
		group.Go(func() error {
			w.watchQueue(streaming, job)
			return nil
		})
	}
	err := w.untilFinal(ctx, number)
	stop()
	if crash := group.Wait(); crash != nil {
		return crash
	}
	if err == nil {
		err = w.settle(ctx, number)
	}
	w.collectChildren(ctx)
	w.observe(w.family.progress())
	return err
}

// untilFinal waits in slices and reads the job after each, whatever the wait
// answered.
func (w *waiter) untilFinal(ctx context.Context, number string) error {
	for !w.followed.Job.Status.Final() {
		started := time.Now()
		_, err := w.Server.WaitForJob(ctx, number, slice)
		if err != nil && !saysAsk(err) {
			if err := w.bear(ctx, err); err != nil {
				return err
			}
		}
		if err := w.look(ctx, number); err != nil {
			return err
		}
		if rest := minInterval - time.Since(started); rest > 0 && !w.followed.Job.Status.Final() {
			if err := pause(ctx, rest); err != nil {
				return err
			}
		}
	}
	return nil
}

// saysAsk reports the answers of a wait that mean "ask the job": empty, or a 500
// because the job failed, was cancelled or is of another kind (wire T4, T12).
func saysAsk(err error) bool {
	if said, ok := errors.AsType[*dqops.ServerError](err); ok {
		return said.Status == http.StatusInternalServerError
	}
	_, unknown := errors.AsType[*dqops.NotFoundError](err)
	return unknown || errors.Is(err, dqops.ErrNotKnownYet)
}

// look reads the job into w.followed.
func (w *waiter) look(ctx context.Context, id string) error {
	var missing time.Time
	for {
		job, err := read(ctx, &w.patience, func(ctx context.Context) (*dqops.Job, error) {
			return w.Server.GetJob(ctx, id)
		})
		if err == nil {
			return w.seen(job, id)
		}
		if _, unknown := errors.AsType[*dqops.NotFoundError](err); !unknown {
			return err
		}
		if !w.ours && w.followed.Job == nil {
			return err
		}
		if missing.IsZero() {
			missing = time.Now()
		}
		if time.Since(missing) >= settleTime {
			return lost(id, w.followed.Job, err)
		}
		if err := pause(ctx, minInterval); err != nil {
			return err
		}
	}
}

func lost(id string, job *dqops.Job, err error) error {
	if job != nil && job.Type == dqops.TypeSynchronizeMultipleFolders {
		return Superseded(id, err)
	}
	return &exit.Error{
		Outcome: exit.JobLost, Err: err,
		Message: fmt.Sprintf("job %s is lost: the server no longer knows it; most likely it was restarted", id),
		Hint:    "nothing is known about how it ended; start it again if its work is needed",
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

func (w *waiter) seen(job *dqops.Job, id string) error {
	if before := w.followed.Job; before != nil && before.ID.ID != job.ID.ID {
		return hidden(before.ID.ID, job.ID.ID, id)
	}
	if number, err := strconv.ParseInt(id, 10, 64); err == nil && w.ours && number != job.ID.ID {
		return hidden(number, job.ID.ID, id)
	}
	w.followed.Job = job
	w.family.parent(job)
	w.observe(w.family.progress())
	return nil
}

func hidden(id, by int64, key string) error {
	return &exit.Error{
		Outcome: exit.JobLost,
		Message: fmt.Sprintf("job %d can no longer be read: job %d has the business key %s, which hides it", id, by, key),
		Hint:    "give jobs business keys that are not numbers",
	}
}

// settle reads a finished run again until its result is there (wire T3). A
// result that never comes is left to the verdict.
func (w *waiter) settle(ctx context.Context, number string) error {
	until := time.Now().Add(settleTime)
	for w.missesResult() && time.Now().Before(until) {
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
		if err := w.look(ctx, number); err != nil {
			return err
		}
	}
	return nil
}

func (w *waiter) missesResult() bool { return missesResult(w.followed.Job) }

func missesResult(job *dqops.Job) bool {
	if job.Status != dqops.StatusFinished {
		return false
	}
	if p, err := job.Parameters.CollectStatistics(); p != nil || err != nil {
		return err == nil && p.CollectStatisticsResult == nil
	}
	if p, err := job.Parameters.CollectErrorSamples(); p != nil || err != nil {
		return err == nil && p.ErrorSamplerResult == nil
	}
	if job.Type != dqops.TypeRunChecks && job.Type != dqops.TypeRunChecksOnTable {
		return false
	}
	result, err := job.RunChecksResult()
	return err == nil && result == nil
}

// timedOut takes the one last look at the deadline: a job that is over is not
// timed out.
func (w *waiter) timedOut(ctx context.Context, id string) error {
	looking, cancel := context.WithTimeoutCause(ctx, lastLook, errDeadline)
	defer cancel()
	if job := w.followed.Job; job != nil {
		id = strconv.FormatInt(job.ID.ID, 10)
	}
	err := w.look(looking, id)
	if err == nil && w.followed.Job.Status.Final() {
		err = w.settle(looking, id)
		w.collectChildren(looking)
		if errors.Is(err, errDeadline) {
			return nil // it is over, and the verdict says that its result is missing
		}
		return err
	}
	if err != nil && !errors.Is(err, errDeadline) {
		return err
	}
	return stillOpen(id, w.followed.Job)
}

// stillOpen is the outcome of a wait whose time is up.
func stillOpen(id string, job *dqops.Job) error {
	state := "is not known to the end"
	if job != nil {
		id = strconv.FormatInt(job.ID.ID, 10)
		state = "is still " + string(job.Status)
	}
	return &exit.Error{
		Outcome: exit.Timeout,
		Message: fmt.Sprintf("--timeout passed and job %s %s; it goes on without dqoctl", id, state),
		Hint:    "resume with: dqoctl jobs wait " + id,
	}
}
