package follow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

// changed is one change of a job on a fake server.
func changed(sequence, id int64, status dqops.JobStatus, kind dqops.JobType) dqops.JobChange {
	c := dqops.JobChange{Status: status, ID: dqops.JobID{ID: id}, Sequence: sequence}
	if kind != "" {
		raw := fmt.Sprintf(`{"jobId":{"jobId":%d},"jobType":%q,"parameters":{},"status":%q}`, id, kind, status)
		c.Job = new(dqops.Job)
		if err := json.Unmarshal([]byte(raw), c.Job); err != nil {
			panic(err)
		}
	}
	return c
}

func waitMany(t *testing.T, server *fake, limit time.Duration, ids ...string) ([]follow.End, time.Duration) {
	t.Helper()
	var ends []follow.End
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		targets := make([]follow.Target, len(ids))
		for i, id := range ids {
			targets[i] = follow.Target{ID: id}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		deadline := time.Time{}
		if limit > 0 {
			deadline = began.Add(limit)
		}
		f := &follow.Follower{Server: server, Budget: budget}
		ends = f.WaitMany(ctx, targets, deadline, nil)
		took = time.Since(began)
	})
	return ends, took
}

// A restarted server knows none of the jobs: each is read again for some seconds.
func TestWaitManyRestart(t *testing.T) {
	questions := 0
	server := &fake{
		get: func(_ int, id string) (*dqops.Job, error) { return nil, unknown(id) },
		changes: func(_ context.Context, since int64) ([]dqops.JobChange, int64, error) {
			questions++
			switch questions {
			case 1:
				return []dqops.JobChange{changed(8, 7, dqops.StatusRunning, dqops.TypeRunChecks), changed(10, 9, dqops.StatusQueued, dqops.TypeDeleteStoredData)}, 11, nil
			case 2:
				return nil, 0, lost("connection reset")
			}
			return nil, since, nil
		},
	}
	ends, took := waitMany(t, server, 0, "7", "9")
	for i, end := range ends {
		if outcome(end.Err) != exit.JobLost || !strings.Contains(words(end.Err), "restarted") || end.Job == nil {
			t.Errorf("end %d: %v, %v", i, words(end.Err), end.Job)
		}
	}
	if took < 5*time.Second || took > 8*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestWaitManyContactLost(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		took time.Duration
		want string
	}{
		{"unreachable for good", lost("connection refused"), budget, "unreachable"},
		{"refused", denied, time.Second, "*dqops.UnauthorizedError"},
		{"another product", notDQOps, time.Second, "*dqops.ProtocolError"},
		{"the stream fails itself", says(500), 10 * time.Second, "no good answer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			questions := 0
			server := &fake{
				get: func(int, string) (*dqops.Job, error) {
					if questions > 1 && tc.want == "unreachable" {
						return nil, tc.err
					}
					return job(dqops.StatusRunning), nil
				},
				changes: func(context.Context, int64) ([]dqops.JobChange, int64, error) {
					if questions++; questions == 1 {
						return []dqops.JobChange{changed(8, 7, dqops.StatusRunning, dqops.TypeRunChecksOnTable)}, 9, nil
					}
					return nil, 0, tc.err
				},
			}
			ends, took := waitMany(t, server, 0, "7", "nightly")
			for i, end := range ends {
				got := fmt.Sprintf("%T %s %v", end.Err, outcome(end.Err), end.Err)
				if !strings.Contains(got, tc.want) {
					t.Errorf("end %d: %s", i, got)
				}
			}
			if took > tc.took+time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// First contact fails fast, once for all.
func TestWaitManyNoContact(t *testing.T) {
	server := &fake{changes: func(context.Context, int64) ([]dqops.JobChange, int64, error) {
		return nil, 0, lost("connection refused")
	}}
	ends, took := waitMany(t, server, 0, "7", "9")
	if took != 0 || len(server.calls) != 1 {
		t.Errorf("after %s and %v", took, server.calls)
	}
	for i, end := range ends {
		if _, ok := end.Err.(*dqops.UnreachableError); !ok { //nolint:errorlint // as it came
			t.Errorf("end %d: %v", i, end.Err)
		}
	}
}

// A synchronization vanishes without a change when a newer one ends (wire T18).
func TestWaitManyVanished(t *testing.T) {
	server := &fake{
		get: func(_ int, id string) (*dqops.Job, error) { return nil, unknown(id) },
		changes: func(_ context.Context, since int64) ([]dqops.JobChange, int64, error) {
			if since == 7 {
				return []dqops.JobChange{changed(8, 7, dqops.StatusQueued, dqops.TypeSynchronizeMultipleFolders)}, 9, nil
			}
			return nil, since, nil
		},
	}
	ends, took := waitMany(t, server, 0, "7", "7")
	for i, end := range ends {
		if outcome(end.Err) != exit.JobLost || !strings.Contains(words(end.Err), "synchronization") {
			t.Errorf("end %d: %v", i, words(end.Err))
		}
	}
	if took > 3*time.Minute {
		t.Errorf("it took %s", took)
	}
}

// The result of a run may come late (wire T3) or never (wire L10).
func TestWaitManyResultLate(t *testing.T) {
	for name, tc := range map[string]struct {
		get  func(int, string) (*dqops.Job, error)
		took time.Duration
	}{
		"late":  {then(job(dqops.StatusFinished), job(dqops.StatusFinished), judged(dqops.TypeRunChecksOnTable)), time.Second},
		"never": {then(job(dqops.StatusFinished)), 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			server := &fake{get: tc.get, changes: func(_ context.Context, since int64) ([]dqops.JobChange, int64, error) {
				return []dqops.JobChange{changed(8, 7, dqops.StatusFinished, "")}, since, nil
			}}
			ends, took := waitMany(t, server, 0, "7", "nightly")
			if ends[0].Err != nil || ends[0].Job.Status != dqops.StatusFinished || took > tc.took {
				t.Errorf("after %s: %v", took, ends[0].Err)
			}
			result, err := ends[0].Job.RunChecksResult()
			if has := result != nil; err != nil || has != (name == "late") {
				t.Errorf("result %v, %v", result, err)
			}
		})
	}
}
