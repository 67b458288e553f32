package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// appearTime is how long a job whose start was broken off is looked for, to cancel
// it: a server may show it late (wire T20, T21).
const appearTime = 5 * time.Second

// told is an interrupt after which everything was done and said.
type told struct{ error }

func (t *told) Unwrap() error { return t.error }

// isInterrupt reports an interrupt about which something is still to be done.
func isInterrupt(err error) bool {
	if _, done := errors.AsType[*told](err); done {
		return false
	}
	coded, ok := errors.AsType[*exit.Error](err)
	return ok && (coded.Outcome == exit.Interrupted || coded.Outcome == exit.Terminated)
}

// brokenOff is a job that an interrupt found on its way, and what became of it.
type brokenOff struct {
	cause error      // the interrupt
	id    int64      // 0: its number is not known
	asked string     // how the user, or the request that starts it, names it
	job   *dqops.Job // as last read; nil when it was not
	// starting says that nobody knows yet whether it runs; unsent that it does not.
	starting, unsent bool
	submission       follow.Submission // what is being started
	err              error             // what is told in the end
}

func (b *brokenOff) name() string {
	if b.id == 0 {
		return b.asked
	}
	return strconv.FormatInt(b.id, 10)
}

func (b *brokenOff) tell(hint, format string, args ...any) {
	coded, _ := errors.AsType[*exit.Error](b.cause)
	b.err = &told{&exit.Error{
		Outcome: coded.Outcome, Err: b.cause, Hint: hint,
		Message: coded.Message + fmt.Sprintf(format, args...),
	}}
}

// breakOff does with the jobs what --on-interrupt says, and tells in each what
// became of it.
func (p *pipeline) breakOff(jobs ...*brokenOff) {
	for _, b := range jobs {
		if b.job != nil {
			b.id = b.job.ID.ID
		}
	}
	if p.settings.OnInterrupt == "cancel" {
		p.cancelAll(jobs)
		return
	}
	for _, b := range jobs {
		switch {
		case b.unsent:
			b.tell("", " before the job was started; nothing was sent")
		case b.starting:
			b.tell("look for it with: dqoctl jobs get "+exit.Quote(b.asked), " while the job was being started; it may run")
		default:
			b.tell("resume with: dqoctl jobs wait "+exit.Quote(b.name())+"; cancel with: dqoctl jobs cancel "+exit.Quote(b.name()),
				"; job %s goes on without dqoctl", b.name())
		}
	}
}

// cancelAll sends the cancellations of what is known to run before it looks for
// what may run, and then waits until it is known what became of all.
func (p *pipeline) cancelAll(jobs []*brokenOff) {
	var running, starting []*brokenOff
	for _, b := range jobs {
		switch {
		case b.unsent:
			b.tell("", " before the job was started; nothing was sent")
		case b.starting:
			starting = append(starting, b)
		default:
			running = append(running, b)
		}
	}
	if len(running)+len(starting) == 0 {
		return
	}
	c := &cancelling{p: p, asked: make(map[*brokenOff]*follow.Cancellation)}
	c.Canceller = follow.Canceller{Follower: p.follower, Children: true, Deadline: time.Now().Add(follow.CancelTime)}
	// The answers to the last requests within the deadline are waited for.
	ctx, stop := p.app.afterInterrupt(follow.CancelTime + time.Second)
	defer stop()
	err := c.send(ctx, running)
	for _, b := range starting {
		p.progress.Line("looking for the job with the key " + b.asked + ", to cancel it")
		if p.find(ctx, b) && err == nil {
			err = c.send(ctx, []*brokenOff{b})
		}
	}
	if err == nil {
		err = c.Follow(ctx)
	}
	for _, b := range append(running, starting...) {
		b.tellCancelled(c.asked[b], err)
	}
}

// find looks for a job whose start was broken off.
func (p *pipeline) find(ctx context.Context, b *brokenOff) bool {
	looking, stop := context.WithTimeout(ctx, appearTime)
	defer stop()
	job := p.follower.Appears(looking, b.submission)
	if job == nil {
		return false
	}
	p.announce(*job)
	b.id, b.starting = job.ID.ID, false
	return true
}

// cancelling is the cancellation of several jobs after an interrupt.
type cancelling struct {
	follow.Canceller
	p     *pipeline
	asked map[*brokenOff]*follow.Cancellation
}

func (c *cancelling) send(ctx context.Context, jobs []*brokenOff) error {
	switch len(jobs) {
	case 0:
		return nil
	case 1:
		c.p.progress.Line("cancelling job " + jobs[0].name())
	default:
		c.p.progress.Line(fmt.Sprintf("cancelling %d jobs", len(jobs)))
	}
	for _, b := range jobs {
		one, err := c.Add(ctx, b.asked, b.id)
		if err != nil {
			return err
		}
		c.asked[b] = one
		if one.Err == nil && follow.HeldBack(one.Job) {
			c.p.progress.Line(heldBackText(one.Job) + " and will be cancelled once it runs")
		}
	}
	return c.Send(ctx)
}

// tellCancelled tells what became of a job that was to be cancelled. One is nil
// when it could not be read; err is why not everything was done.
func (b *brokenOff) tellCancelled(one *follow.Cancellation, err error) {
	again := "cancel it with: dqoctl jobs cancel " + exit.Quote(b.name())
	switch {
	case b.starting:
		b.tell("look for it with: dqoctl jobs get "+exit.Quote(b.asked)+"; "+again,
			" while the job was being started; it may run, and was not found by its key")
		return
	case one == nil:
		b.tell(again, "; job %s was not cancelled: %v", b.name(), cmp.Or(err, context.Canceled))
		return
	case one.Job == nil:
		b.tell("", "; job %s was not cancelled: %v", b.name(), one.Err)
		return
	}
	b.job, b.id = one.Job, one.Job.ID.ID
	reason := ""
	if why := cmp.Or(one.Err, err); why != nil {
		reason = fmt.Sprintf(": %v", why)
	}
	look := "look again with: dqoctl jobs get " + exit.Quote(b.name())
	switch status := one.Job.Status; {
	case status == dqops.StatusCancelled:
		b.tell("", "; job %s was cancelled%s", b.name(), stillStopping(one.Children))
	case status.Final():
		b.tell("", "; job %s ended as %s before it could be cancelled", b.name(), status)
	case one.Sent || status == dqops.StatusCancelRequested:
		b.tell(look, "; the cancellation of job %s is not confirmed%s", b.name(), cmp.Or(reason, ": it is still "+string(status)))
	default:
		b.tell(again, "; job %s was not cancelled and goes on without dqoctl%s", b.name(), reason)
	}
}

// stillStopping names the children that were asked to stop and had not yet.
func stillStopping(children []*follow.Cancellation) string {
	open := 0
	for _, child := range children {
		if !child.Job.Status.Final() {
			open++
		}
	}
	if open == 0 {
		return ""
	}
	return fmt.Sprintf("; %d of the jobs that it started had not stopped yet", open)
}

func heldBackText(job *dqops.Job) string {
	return fmt.Sprintf("job %d (%s) is %s", job.ID.ID, job.Type, job.Status)
}

// watchPost has the flag tell whether the request that starts the job has gone
// out.
func watchPost(s follow.Submission) (follow.Submission, *atomic.Bool) {
	sent, post := new(atomic.Bool), s.Post
	s.Post = func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		sent.Store(true)
		return post(ctx, start)
	}
	return s, sent
}

// notStarted is the result of a job of which it is not known that it was started.
func (p *pipeline) notStarted(err error, s follow.Submission, sent bool) verdict.Result {
	if !isInterrupt(err) {
		return p.judge(verdict.Evidence{Err: err})
	}
	b := &brokenOff{cause: err, asked: s.Key, starting: true, unsent: !sent, submission: s}
	p.breakOff(b)
	result := p.broken(b, nil)
	p.remember(context.Background(), result) // the caller's own context is over
	return result
}

// broken is the result of a job that was broken off; ours is its id when this
// process started it.
func (p *pipeline) broken(b *brokenOff, ours *dqops.JobID) verdict.Result {
	if ours == nil && b.id != 0 && b.job == nil {
		ours = &dqops.JobID{ID: b.id, BusinessKey: b.asked}
	}
	return p.judge(verdict.Evidence{ID: ours, Job: b.job, Err: b.err})
}

// whileReading tells of an interrupt that came when the job was over.
func whileReading(err error, job *dqops.Job) error {
	b := &brokenOff{cause: err}
	b.tell(fmt.Sprintf("judge it with: dqoctl jobs wait %d", job.ID.ID),
		" while reading how the checks stand; job %d is over (%s)", job.ID.ID, job.Status)
	return b.err
}
