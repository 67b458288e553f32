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
	w := f.waiter(ours)
	err := w.run(bounded, id)
	if errors.Is(err, errDeadline) {
		err = w.timedOut(ctx, id)
	}
	return w.followed, err
}

// Look reads a job that this process has just started, as Wait does at first.
func (f *Follower) Look(ctx context.Context, id string) (*dqops.Job, error) {
	w := f.waiter(true)
	err := w.look(ctx, id)
	return w.followed.Job, err
}

func (f *Follower) waiter(ours bool) *waiter {
	w := &waiter{Follower: f, ours: ours, patience: patience{budget: f.Budget}}
	// A starting server says 404, then 503, then 404 again (wire T20).
	w.told = func(error) { w.missing = time.Time{} }
	if ours {
		w.good()
	}
	return w
}

// waiter is the state of following one job.
type waiter struct {
	*Follower
	patience
	ours     bool
	stride   stride
	early    int           // readings that a wait was ahead of
	read     bool          // the changes, to the end of the job and its children
	failed   time.Duration // the pause after the last wait, when it failed
	missing  time.Time     // since when the server does not know the job; zero: it does
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
		job, err := w.Server.WaitForJob(ctx, number, w.stride.next())
		if err := w.waited(ctx, err, started); err != nil {
			return err
		}
		look := w.look
		if saysOver(job, err) {
			look = w.lookAtEnd
		}
		if err := look(ctx, number); err != nil {
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

// maxFailed bounds the pause between waits that fail: the job itself can be read,
// so its end is seen that late at most.
const maxFailed = 2 * time.Second

// waited takes what came of a wait. One that failed says nothing about contact:
// the look behind it does, with a budget that begins now.
func (w *waiter) waited(ctx context.Context, err error, started time.Time) error {
	if err == nil || saysAsk(err) {
		w.stride.last()
		w.failed = 0
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	asked, again := transient(err)
	if !again {
		return err
	}
	if asked > w.budget {
		return w.spent(err)
	}
	w.lastGood = time.Now()
	if wasCut(err, started) {
		w.stride.cut(time.Since(started))
		w.failed = 0
		return pause(ctx, asked)
	}
	w.failed = min(max(2*w.failed, firstBackoff), maxFailed)
	return pause(ctx, max(asked, jittered(w.failed)))
}

// saysOver reports the answers of a wait that come at the job's end: the job, or
// a 500 when it failed or was cancelled (wire T4).
func saysOver(job *dqops.Job, err error) bool {
	if err == nil {
		return job.Status.Final()
	}
	said, ok := errors.AsType[*dqops.ServerError](err)
	return ok && said.Status == http.StatusInternalServerError
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
	w.missing = time.Time{}
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
		if !w.ours && w.followed.Job == nil && w.missing.IsZero() {
			if !w.starting(ctx) {
				return err
			}
			w.good()
		}
		if w.missing.IsZero() {
			w.missing = time.Now()
		}
		if time.Since(w.missing) >= settleTime {
			return lost(id, w.followed.Job, err)
		}
		if err := pause(ctx, minInterval); err != nil {
			return err
		}
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
		Hint:    "resume with: dqoctl jobs wait " + exit.Quote(id),
	}
}
