// Package watch shows jobs as they change: a view that is drawn over again on a
// terminal, lines elsewhere. It goes on when contact with the server is lost and
// when the server was restarted. It is internal to dqoctl and may change without
// notice.
package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// View is where what happens is shown. One goroutine calls it.
type View interface {
	// Changed is told of each change of a watched job, and when it was. The entry
	// is only valid during the call.
	Changed(job *follow.Entry, at time.Time)
	// Show is told of all watched jobs after each news, the most interesting first.
	Show(jobs []*follow.Entry)
	// Say is told what happened to the server or to contact with it. Troubled is
	// whether contact is lost now.
	Say(text string, troubled bool)
	// Over reports that nothing more can be shown to anybody.
	Over() bool
}

// Options say what is watched.
type Options struct {
	Server follow.Server
	// Budget is how long contact may be lost.
	Budget time.Duration
	// Jobs are numbers or business keys; none: all jobs without a parent.
	Jobs []string
	View View
}

const (
	// lost is shown of a job that the server forgot before it was over.
	lost dqops.JobStatus = "lost"
	// startTime is how long a starting server says 404 to everything (wire T20).
	startTime = 5 * time.Second
	askAgain  = 300 * time.Millisecond
	// auditAfter is how long a named job may be silent before it is asked for: a
	// synchronize job can vanish without a change (wire T18).
	auditAfter = time.Minute
	// maxOver bounds how many jobs that are over are shown when all are watched,
	// maxKept how many are remembered.
	maxOver = 50
	maxKept = 1000
)

// Run watches until the named jobs are over, the context ends, or contact is lost
// for too long. Its error is the context's cause, the first job that the server
// forgot, or why contact is gone.
func Run(ctx context.Context, o Options) error {
	w := &watcher{Options: o, heard: make(map[int64]time.Time), first: make(map[int64]dqops.JobStatus)}
	w.stream = follow.NewStream(o.Server, 0, o.Budget)
	if err := w.begin(ctx); err != nil {
		return err
	}
	for !w.over() && !w.View.Over() {
		if err := w.round(ctx); err != nil {
			return err
		}
	}
	if len(w.gone) > 0 {
		return &exit.Error{
			Outcome: exit.JobLost,
			Message: fmt.Sprintf("job %d is lost: the server no longer knows it", w.gone[0]),
			Hint:    "nothing is known about how it ended; the server forgets all jobs when it restarts",
		}
	}
	return nil
}

func (w *watcher) round(ctx context.Context) error {
	broken, err := w.stream.Next(ctx, w.fold)
	switch {
	case err != nil:
		return err
	case broken != nil:
		err = w.recover(ctx, broken)
	case !w.begun:
		if err = w.ledger.Complete(ctx, w.Server); err == nil {
			w.catchUp()
		}
	}
	if err == nil {
		err = w.audit(ctx)
	}
	w.show()
	return err
}

type watcher struct {
	Options
	stream *follow.Stream
	ledger follow.Ledger
	named  []int64 // in the order of Options.Jobs
	gone   []int64 // named ones that the server forgot
	heard  map[int64]time.Time
	first  map[int64]dqops.JobStatus // of the named ones
	begun  bool                      // the first question was answered
}

// begin reads the named jobs as they are now.
func (w *watcher) begin(ctx context.Context) error {
	var first int64
	for _, id := range w.Jobs {
		job, err := w.Server.GetJob(ctx, id)
		if err != nil {
			return err
		}
		w.stream.Contact()
		e := w.ledger.Learn(job)
		if !slices.Contains(w.named, e.ID) {
			w.named = append(w.named, e.ID)
			w.heard[e.ID], w.first[e.ID] = time.Now(), e.Status
			w.View.Changed(e, e.ChangedAt)
		}
		if first == 0 || e.ID < first {
			first = e.ID
		}
	}
	// Ids and sequence numbers come from one counter, so all changes of the named
	// jobs and of their children lie after the smallest.
	w.stream.Begin(first)
	w.show()
	return nil
}

func (w *watcher) fold(c dqops.JobChange) error {
	e := w.ledger.Fold(c)
	if e == nil {
		return nil
	}
	w.heard[e.ID] = time.Now()
	if !w.begun {
		return nil
	}
	if w.watches(e) {
		w.View.Changed(e, c.StatusChangedAt)
	}
	if parent, known := w.entry(e.Parent); known && e.Status.Final() && w.watches(parent) {
		w.View.Changed(parent, c.StatusChangedAt)
	}
	return nil
}

func (w *watcher) entry(id int64) (*follow.Entry, bool) {
	return w.ledger.Find(strconv.FormatInt(id, 10))
}

func (w *watcher) watches(e *follow.Entry) bool {
	if len(w.named) > 0 {
		return slices.Contains(w.named, e.ID)
	}
	return e.Parent == 0
}

// catchUp follows the first answer, which tells of the past: what goes on now is
// shown, not how it came to that.
func (w *watcher) catchUp() {
	w.begun = true
	jobs := w.jobs()
	if len(w.named) == 0 {
		slices.Reverse(jobs)
	}
	for _, e := range jobs {
		if before, named := w.first[e.ID]; named && (e.Status != before || e.Ended > 0) || !named && !e.Status.Final() {
			w.View.Changed(e, e.ChangedAt)
		}
	}
}

// jobs are the named ones in their order, or all: those that go on before those
// that are over, newest first.
func (w *watcher) jobs() []*follow.Entry {
	var jobs []*follow.Entry
	if len(w.named) > 0 {
		for _, id := range w.named {
			if e, known := w.entry(id); known {
				jobs = append(jobs, e)
			}
		}
		return jobs
	}
	jobs = w.ledger.List(follow.Query{})
	ended := 0
	jobs = slices.DeleteFunc(jobs, func(e *follow.Entry) bool {
		if over(e) {
			ended++
		}
		return over(e) && ended > maxOver || e.Status == "" // known from its children alone
	})
	slices.SortStableFunc(jobs, func(a, b *follow.Entry) int {
		switch {
		case over(a) == over(b):
			return 0
		case over(b):
			return -1
		}
		return 1
	})
	return jobs
}

func over(e *follow.Entry) bool { return e.Status.Final() || e.Status == lost }

func (w *watcher) show() {
	if len(w.named) == 0 {
		w.ledger.Prune(maxKept)
	}
	w.View.Show(w.jobs())
}

func (w *watcher) over() bool {
	if len(w.named) == 0 {
		return false
	}
	return !slices.ContainsFunc(w.jobs(), func(e *follow.Entry) bool { return !over(e) })
}

// recover waits for contact and finds out what became of the server. One that was
// restarted has forgotten every job (wire L10).
func (w *watcher) recover(ctx context.Context, broken error) error {
	if follow.IsCut(broken) && w.isKnown(ctx) {
		return nil
	}
	began := time.Now()
	w.View.Say(fmt.Sprintf("contact lost, trying again: %v", broken), true)
	newest := w.ledger.Newest()
	ids := w.named
	if len(ids) == 0 {
		ids = []int64{newest}
	}
	forgotten := 0
	for _, id := range ids {
		patient := startTime
		if forgotten > 0 || newest == 0 { // the server has started, or has nothing to know
			patient = 0
		}
		known, err := w.ask(ctx, id, patient)
		if err != nil {
			return err
		}
		if !known {
			forgotten++
		}
	}
	if len(w.named) == 0 && forgotten > 0 {
		forgotten = w.forget(newest)
	}
	text := fmt.Sprintf("contact is back after %s", max(time.Since(began), time.Second).Round(time.Second))
	if forgotten > 0 {
		text += ": the server was restarted and has forgotten " + plural(forgotten)
	}
	w.View.Say(text, false)
	return nil
}

// isKnown reports that the server is the one that it was: it knows the newest job
// that is watched, or there is none to know.
func (w *watcher) isKnown(ctx context.Context) bool {
	id := w.ledger.Newest()
	for _, named := range w.named {
		if e, known := w.entry(named); known && !over(e) {
			id = named
		}
	}
	_, err := w.Server.GetJob(ctx, strconv.FormatInt(id, 10))
	_, unknown := errors.AsType[*dqops.NotFoundError](err)
	return err == nil || unknown && id == 0
}

func plural(jobs int) string {
	if jobs == 1 {
		return "1 job"
	}
	return fmt.Sprintf("%d jobs", jobs)
}

// forget drops the jobs of the server's earlier process.
func (w *watcher) forget(newest int64) int {
	count := 0
	for _, e := range w.jobs() {
		if e.ID <= newest {
			count++
			w.lose(e)
		}
	}
	w.ledger.Forget(newest)
	return count
}

func (w *watcher) lose(e *follow.Entry) {
	if !over(e) {
		e.Status = lost
		w.View.Changed(e, time.Now())
	}
}

// ask reads a job, and marks a named one that is not over as lost when the server
// does not know it.
func (w *watcher) ask(ctx context.Context, id int64, patient time.Duration) (bool, error) {
	known, err := w.knows(ctx, id, patient)
	if err != nil || known || !slices.Contains(w.named, id) {
		return known, err
	}
	if e, named := w.entry(id); named && !over(e) {
		w.gone = append(w.gone, id)
		w.lose(e)
	}
	return false, nil
}

// knows reports whether the server knows the job, which a starting one does not at
// first (wire T20): it is asked for that long.
func (w *watcher) knows(ctx context.Context, id int64, patient time.Duration) (bool, error) {
	began := time.Now()
	for {
		_, err := follow.Retry(ctx, w.Budget, func(ctx context.Context) (*dqops.Job, error) {
			return w.Server.GetJob(ctx, strconv.FormatInt(id, 10))
		})
		if _, unknown := errors.AsType[*dqops.NotFoundError](err); !unknown {
			w.heard[id] = time.Now()
			return err == nil, err
		}
		if time.Since(began) >= patient {
			return false, nil
		}
		timer := time.NewTimer(askAgain)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false, context.Cause(ctx)
		}
	}
}

// audit asks for one named job that nothing was heard of for long. What else is
// wrong, the next question for changes meets.
func (w *watcher) audit(ctx context.Context) error {
	for _, id := range w.named {
		if e, known := w.entry(id); !known || over(e) || time.Since(w.heard[id]) <= auditAfter {
			continue
		}
		w.heard[id] = time.Now()
		_, err := w.Server.GetJob(ctx, strconv.FormatInt(id, 10))
		if _, unknown := errors.AsType[*dqops.NotFoundError](err); unknown {
			_, err = w.ask(ctx, id, startTime)
			return err
		}
		return nil
	}
	return nil
}
