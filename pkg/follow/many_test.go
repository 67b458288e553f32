package follow_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// counted is a network that knows how many connections were open at most.
type counted struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mutex      sync.Mutex
	open, most int
}

type countedConn struct {
	net.Conn
	end func()
}

func (c *countedConn) Close() error { c.end(); return c.Conn.Close() }

func (c *counted) connect(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.open++
	c.most = max(c.most, c.open)
	return &countedConn{conn, sync.OnceFunc(func() {
		c.mutex.Lock()
		defer c.mutex.Unlock()
		c.open--
	})}, nil
}

// timed is a client that notes when changes were asked for.
type timed struct {
	*dqops.Client
	asked []time.Time
}

func (c *timed) JobChangesSince(ctx context.Context, sequence int64, each func(dqops.JobChange) error) (int64, error) {
	c.asked = append(c.asked, time.Now())
	return c.Client.JobChangesSince(ctx, sequence, each)
}

func TestWaitManyThousand(t *testing.T) {
	const jobs = 1000
	inWorld(t, func(t *testing.T, w *world) {
		barrier := w.Hold(simulator.StageRunning)
		targets := make([]follow.Target, jobs)
		for i := range targets {
			targets[i] = follow.Target{ID: strconv.FormatInt(w.start("nowhere").ID, 10)}
		}
		slices.Reverse(targets) // the order of the arguments is not that of the jobs
		submitted := len(w.Requests())

		network := &counted{dial: w.network.dial}
		client, err := dqops.New(dqops.Options{BaseURL: "http://localhost", DialContext: network.connect})
		if err != nil {
			t.Fatal(err)
		}
		defer client.CloseIdleConnections()
		server := &timed{Client: client}
		var progress []string
		f := &follow.Follower{Server: server, Budget: budget, Observe: func(p follow.Progress) {
			progress = append(progress, fmt.Sprintf("%d/%d", p.Done, p.Total))
		}}
		time.AfterFunc(time.Minute, barrier.Release)
		ends := f.WaitMany(t.Context(), targets, time.Time{}, nil)

		for i, end := range ends {
			if end.Err != nil || end.Job == nil || end.Job.Status != dqops.StatusFinished {
				t.Fatalf("end %d: %v, %+v", i, end.Err, end.Job)
			}
			if got := strconv.FormatInt(end.Job.ID.ID, 10); got != targets[i].ID {
				t.Fatalf("end %d is of job %s, want %s", i, got, targets[i].ID)
			}
			if result, err := end.Job.RunChecksResult(); err != nil || result == nil || !end.ChildrenKnown {
				t.Fatalf("end %d: result %v, %v, children known %v", i, result, err, end.ChildrenKnown)
			}
		}
		if network.most > 2 {
			t.Errorf("%d connections at a time, want 2 at most", network.most)
		}
		if reads := len(w.Requests()) - submitted - len(server.asked); reads != jobs {
			t.Errorf("%d readings of jobs, want %d", reads, jobs)
		}
		if waits := w.asked("GET", "/wait"); waits != 0 {
			t.Errorf("%d waits, want none", waits)
		}
		for i := range server.asked[1:] {
			if gap := server.asked[i+1].Sub(server.asked[i]); gap < 300*time.Millisecond {
				t.Errorf("questions %d and %d are %s apart", i, i+1, gap)
			}
		}
		if last := progress[len(progress)-1]; last != "1000/1000" {
			t.Errorf("last progress %s", last)
		}
	})
}

func TestWaitManyOutcomes(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		shop, broken := w.start("shop"), w.start("broken")
		targets := []follow.Target{
			{ID: broken.BusinessKey},
			{ID: "17"},
			{ID: strconv.FormatInt(shop.ID, 10)},
			{ID: shop.BusinessKey},
			{ID: "no-such-key"},
		}
		ends := w.follower().WaitMany(t.Context(), targets, time.Time{}, nil)
		var got []string
		for _, end := range ends {
			text := "unknown"
			if end.Job != nil {
				text = fmt.Sprintf("%s %d children, known %v", end.Job.Status, len(end.Children), end.ChildrenKnown)
			}
			got = append(got, text)
		}
		want := []string{
			"failed 2 children, known true", "unknown", "finished 2 children, known true",
			"finished 2 children, known true", "unknown",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ends (-want +got):\n%s", diff)
		}
		for _, i := range []int{1, 4} {
			if _, ok := ends[i].Err.(*dqops.NotFoundError); !ok { //nolint:errorlint // as it came
				t.Errorf("end %d: %v", i, ends[i].Err)
			}
		}
	})
}

// A job that ended long ago is told of by no change, and is read.
func TestWaitManyLongOver(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		one, other := w.start("shop"), w.start("shop")
		time.Sleep(25 * time.Minute)
		w.start("nowhere") // a change lets the server forget the old ones
		time.Sleep(time.Second)
		began := time.Now()
		ends := w.follower().WaitMany(t.Context(), []follow.Target{{ID: one.BusinessKey}, {ID: strconv.FormatInt(other.ID, 10)}}, time.Time{}, nil)
		for i, end := range ends {
			if end.Err != nil || end.Job.Status != dqops.StatusFinished || end.ChildrenKnown {
				t.Errorf("end %d: %v, %v", i, end.Err, end.Job)
			}
		}
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestWaitManyDeadline(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		shop, slow := w.start("shop"), w.start("slow")
		targets := []follow.Target{{ID: shop.BusinessKey}, {ID: strconv.FormatInt(slow.ID, 10)}}
		began := time.Now()
		handed := make(map[int]time.Duration)
		ends := w.follower().WaitMany(t.Context(), targets, began.Add(30*time.Second), func(place int, end follow.End) {
			if end.Job.Status != dqops.StatusFinished {
				t.Errorf("handed over as %s", end.Job.Status)
			}
			handed[place] = time.Since(began).Round(time.Second)
		})
		if want := map[int]time.Duration{0: 4 * time.Second}; !cmp.Equal(want, handed) {
			t.Errorf("handed over %v, want %v", handed, want)
		}
		if ends[0].Err != nil || ends[0].Job.Status != dqops.StatusFinished {
			t.Errorf("the job that ended: %v", ends[0].Err)
		}
		if outcome(ends[1].Err) != exit.Timeout || !strings.Contains(words(ends[1].Err), "is still running") {
			t.Errorf("the job that runs: %v", words(ends[1].Err))
		}
		if ends[1].Job == nil || ends[1].Job.Status != dqops.StatusRunning {
			t.Errorf("its last state: %v", ends[1].Job)
		}
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestWaitManyInterrupted(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		slow, queued := w.start("slow"), w.start("shop")
		ctx, interrupt := context.WithCancelCause(t.Context())
		cause := &exit.Error{Outcome: exit.Interrupted, Message: "interrupted"}
		time.AfterFunc(time.Minute, func() { interrupt(cause) })
		ends := w.follower().WaitMany(ctx, []follow.Target{{ID: slow.BusinessKey}, {ID: queued.BusinessKey}}, time.Time{}, nil)
		for i, end := range ends {
			if outcome(end.Err) != exit.Interrupted || end.Job == nil {
				t.Errorf("end %d: %v, %v", i, end.Err, end.Job)
			}
		}
		if len(ends[0].Children) != 1 {
			t.Errorf("children: %v", ends[0].Children)
		}
	})
}

func TestWaitAny(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		shop, slow := w.start("shop"), w.start("slow")
		began := time.Now()
		first, end := w.follower().WaitAny(t.Context(), []follow.Target{{ID: slow.BusinessKey}, {ID: shop.BusinessKey}}, time.Time{})
		if first != 1 || end.Err != nil || end.Job.ID.ID != shop.ID {
			t.Errorf("first is %d: %v", first, end.Err)
		}
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("it took %s", took)
		}
	})
	// Of several that are over, the one that ended first.
	inWorld(t, func(t *testing.T, w *world) {
		one, two := w.start("shop"), w.start("nowhere")
		time.Sleep(time.Minute)
		first, end := w.follower().WaitAny(t.Context(), []follow.Target{{ID: two.BusinessKey}, {ID: one.BusinessKey}}, time.Time{})
		if first != 1 || end.Job.ID.ID != one.ID {
			t.Errorf("first is %d", first)
		}
	})
}

// TestWaitAnyOfJobsThatAreOver: the first by the server's clock decides, however the
// jobs are named, and also when its children keep it open for longer.
func TestWaitAnyOfJobsThatAreOver(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		cancelled := w.start("slow")
		<-time.After(time.Second)
		for _, job := range w.Jobs() { // its children too
			if err := w.client.CancelJob(t.Context(), strconv.FormatInt(job.ID, 10)); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(time.Second)
		finished := w.start("shop")
		<-time.After(time.Minute)
		names := func(id *dqops.JobID) []string { return []string{id.BusinessKey, strconv.FormatInt(id.ID, 10)} }
		for _, one := range names(cancelled) {
			for _, other := range names(finished) {
				for place, ids := range [][]follow.Target{{{ID: one}, {ID: other}}, {{ID: other}, {ID: one}}} {
					first, end := w.follower().WaitAny(t.Context(), ids, time.Time{})
					if end.Err != nil || first != place || end.Job.Status != dqops.StatusCancelled {
						t.Errorf("%v: place %d, %v, %+v", ids, first, end.Err, end.Job)
					}
				}
			}
		}
	})
}
