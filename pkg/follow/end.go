package follow

import (
	"context"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// lookAtEnd reads a job that a wait said is over, and beside it what became of its
// children, so that a job's end costs one round trip. A server that says so all
// the time is soon not believed any more.
func (w *waiter) lookAtEnd(ctx context.Context, number string) error {
	if w.early >= mostEarly || !w.hasChildren() {
		return w.lookAgain(ctx, number)
	}
	reading, stop := context.WithTimeout(ctx, settleTime)
	defer stop()
	var group exit.Group
	group.Go(func() error {
		w.readAhead(reading)
		return nil
	})
	err := w.lookAgain(ctx, number)
	if err != nil || !w.followed.Job.Status.Final() {
		stop()
	}
	if crash := group.Wait(); crash != nil {
		return crash
	}
	w.read = err == nil && w.family.complete(w.followed.Job.Status == dqops.StatusFinished)
	return err
}

// readAhead reads the changes once, and again when the last child's end was all
// that they held by then.
func (w *waiter) readAhead(ctx context.Context) {
	for range 2 {
		w.family.rewind()
		if _, err := w.family.read(ctx, w.Server); err != nil || w.family.over() {
			return
		}
	}
}

// lookAgain reads a job until it is over, soon: waiters are answered some
// milliseconds before the history knows (wire T3).
func (w *waiter) lookAgain(ctx context.Context, number string) error {
	err := w.look(ctx, number)
	for rest := firstEarly; err == nil && w.early < mostEarly && !w.followed.Job.Status.Final(); w.early++ {
		if err := pause(ctx, rest); err != nil {
			return err
		}
		rest = min(2*rest, lastEarly)
		err = w.look(ctx, number)
	}
	return err
}

const (
	firstEarly = time.Millisecond
	lastEarly  = 32 * time.Millisecond
	mostEarly  = 10
)
