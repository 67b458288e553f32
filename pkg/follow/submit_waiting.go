package follow

import (
	"context"
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
// looked up beside it, so that started learns the id at once; again, should the
// answer name another job of a caller's key. The job is returned with a nil error
// when it exists, and with the caller's own end when it was seen before that; whole
// tells whether the answer came, and with it the result.
func (f *Follower) SubmitWaiting(ctx context.Context, s Submission, started func(Submitted)) (job *Submitted, whole bool, err error) {
	u, adopted, err := f.begin(ctx, s)
	if err != nil {
		return nil, false, err
	}
	if adopted != nil {
		started(*adopted)
		return adopted, false, nil
	}
	w := &waitedSubmit{submitting: u, started: started}
	u.attempt = w.post
	job, err = u.run(ctx)
	if err != nil {
		return w.seen, false, err
	}
	if w.seen == nil || w.seen.ID.ID != job.ID.ID {
		started(*job)
	}
	return job, job.How == Answered && !w.lost, nil
}

// waitedSubmit looks the key up while its request waits.
type waitedSubmit struct {
	*submitting
	started func(Submitted)
	// seen is the job that was found meanwhile.
	seen *Submitted
	lost bool // the answer of that job
}

// post sends the request once. A job that was seen needs no search when its answer
// is lost.
func (w *waitedSubmit) post(ctx context.Context) (*dqops.JobID, error) {
	start := dqops.Start{BusinessKey: w.s.Key, Wait: true, WaitTimeout: WaitTimeout(0)}
	if !w.s.Deadline.IsZero() {
		start.WaitTimeout = WaitTimeout(max(time.Until(w.s.Deadline), time.Second))
	}
	looking, stop := context.WithCancel(ctx)
	defer stop()
	var group exit.Group
	group.Go(func() error {
		w.lookBeside(looking)
		return nil
	})
	id, err := w.s.Post(ctx, start)
	stop()
	if crash := group.Wait(); crash != nil {
		return nil, crash
	}
	// Under a caller's key what was seen may be another process's job.
	if w.lost = doubtful(err) && w.seen != nil && !w.s.Callers && ctx.Err() == nil; w.lost {
		return &w.seen.ID, nil
	}
	return id, err
}

// lookBeside asks for the key until the job is visible or the context ends.
func (w *waitedSubmit) lookBeside(ctx context.Context) {
	job := w.lookUntil(ctx, func(job *dqops.Job) bool { return job.ID.ID != w.before && w.mayBeOurs(job) })
	if job == nil {
		return
	}
	w.seen = &Submitted{job.ID, Seen}
	w.entry.Started(ctx, job.ID.ID)
	w.started(*w.seen)
	beside := w.waiter(true)
	beside.family.parent(job)
	beside.observe(beside.family.progress())
	if job.Status == dqops.StatusQueued {
		beside.watchQueue(ctx, job)
	}
}

// lookUntil asks for the key until it names a job that may be ours; nil when the
// context ends before that.
func (u *submitting) lookUntil(ctx context.Context, ours func(*dqops.Job) bool) *dqops.Job {
	for pause(ctx, minInterval) == nil {
		job, err := u.Server.GetJob(ctx, u.s.Key)
		switch {
		case err == nil && ours(job):
			return job
		case err != nil && !isUnknown(err):
			// Whatever it is, the waiting request meets it too and says it better.
			if _, retry := transient(err); !retry {
				return nil
			}
		}
	}
	return nil
}

func (u *submitting) mayBeOurs(job *dqops.Job) bool {
	if !u.s.Callers {
		return true
	}
	difference, err := u.differs(job)
	return err == nil && difference == ""
}

// Appears looks for the job of a submission that was broken off, until the server
// shows it or the context ends; nil when it did not. Under a caller's key it must
// be unfinished and the only one of the key: another process's is not to be
// touched. The journal learns the number of what is found.
func (f *Follower) Appears(ctx context.Context, s Submission) *Submitted {
	request, err := requestOf(s.Body)
	if err != nil {
		return nil
	}
	u := &submitting{Follower: f, s: s, request: request}
	job := u.lookUntil(ctx, func(job *dqops.Job) bool {
		return !s.Callers || !job.Status.Final() && u.mayBeOurs(job) && u.rival(ctx, job.ID.ID) == 0
	})
	if job == nil {
		return nil
	}
	f.noteFound(ctx, s.Key, job.ID.ID)
	return &Submitted{job.ID, Found}
}

// noteFound writes the number into the line that this process wrote before it sent
// its request, the newest of the key.
func (f *Follower) noteFound(ctx context.Context, key string, id int64) {
	jobs, err := f.Journal.Jobs()
	if err != nil {
		return // a journal is never a reason to fail
	}
	for _, job := range jobs {
		if job.Key == key && job.ID == 0 {
			f.Journal.Entry(job).Started(ctx, id)
			return
		}
	}
}
