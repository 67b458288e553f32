package follow_test

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// run cancels on a fake server and returns what became of the jobs.
func (c *cancelling) run(t *testing.T, server *fake, ids ...string) []*follow.Cancellation {
	t.Helper()
	var jobs []*follow.Cancellation
	synctest.Test(t, func(t *testing.T) {
		canceller := &follow.Canceller{
			Follower: &follow.Follower{Server: server, Budget: budget},
			Force:    c.force, Children: c.children, Deadline: time.Now().Add(30 * time.Second),
		}
		var err error
		if jobs, err = canceller.Read(t.Context(), ids); err != nil {
			t.Fatal(err)
		}
		if err := canceller.Send(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := canceller.Follow(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	return jobs
}

type cancelling struct{ force, children bool }

func TestCancellerHoldsBack(t *testing.T) {
	limited := job(dqops.StatusQueued)
	limited.Parameters = dqops.JobParameters{"runChecksOnTableParameters": json.RawMessage(`{"max_jobs_per_connection":2}`)}
	for _, tc := range []struct {
		name string
		job  *dqops.Job
		held bool
	}{
		{"queued import", job(dqops.StatusQueued, dqops.TypeImportTables), true},
		{"waiting import", job(dqops.StatusWaiting, dqops.TypeImportTables), true},
		{"running import", job(dqops.StatusRunning, dqops.TypeImportTables), false},
		{"requested import", job(dqops.StatusCancelRequested, dqops.TypeImportTables), false},
		{"queued deletion", job(dqops.StatusQueued, dqops.TypeDeleteStoredData), true},
		{"queued synchronization", job(dqops.StatusQueued, dqops.TypeSynchronizeMultipleFolders), true},
		{"queued run", job(dqops.StatusQueued, dqops.TypeRunChecks), false},
		{"queued table", job(dqops.StatusQueued), false},
		{"queued table of a limited connection", limited, true},
	} {
		if got := follow.HeldBack(tc.job); got != tc.held {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
	queued, running := job(dqops.StatusQueued, dqops.TypeImportTables), job(dqops.StatusRunning, dqops.TypeImportTables)
	requested, over := job(dqops.StatusCancelRequested, dqops.TypeImportTables), job(dqops.StatusCancelled, dqops.TypeImportTables)

	// It is cancelled once it runs.
	server := &fake{get: then(queued, queued, queued, running, requested, over)}
	jobs := new(cancelling).run(t, server, "7")
	if want := []string{"get 7", "cancel 7", "get 7"}; !cmp.Equal(want, whats(server.calls)) {
		t.Errorf("calls %v, want %v", whats(server.calls), want)
	}
	if jobs[0].Err != nil || jobs[0].Job.Status != dqops.StatusCancelled {
		t.Errorf("%+v", jobs[0])
	}
	// It never runs.
	server = &fake{get: then(queued)}
	jobs = new(cancelling).run(t, server, "7")
	if outcome(jobs[0].Err) != exit.Timeout || !strings.Contains(words(jobs[0].Err), "--force") || jobs[0].Sent || len(server.made("cancel")) != 0 {
		t.Errorf("%s, %v", words(jobs[0].Err), server.made("cancel"))
	}
	// By force it is cancelled at once.
	server = &fake{get: then(queued, requested, over)}
	jobs = (&cancelling{force: true}).run(t, server, "7")
	if got := whats(server.calls); !cmp.Equal([]string{"get 7", "cancel 7", "get 7"}, got) || jobs[0].Err != nil {
		t.Errorf("calls %v, %v", got, jobs[0].Err)
	}
}

// A job that never started is asked to stop once, whoever asked (wire T6).
func TestCancellerAsksOnce(t *testing.T) {
	requested, over := job(dqops.StatusCancelRequested), job(dqops.StatusCancelled)
	for _, tc := range []struct {
		name    string
		get     func(int, string) (*dqops.Job, error)
		cancel  func(int) error
		ids     []string
		cancels int
		want    dqops.JobStatus
	}{
		{"queued for long", then(job(dqops.StatusQueued), job(dqops.StatusQueued), job(dqops.StatusQueued), requested, over), nil, []string{"7"}, 1, dqops.StatusCancelled},
		{"named twice", then(job(dqops.StatusQueued), job(dqops.StatusQueued), requested, over), nil, []string{"7", "nightly"}, 1, dqops.StatusCancelled},
		{"requested before", then(requested, requested, over), nil, []string{"7"}, 0, dqops.StatusCancelled},
		{"over", then(judged(dqops.TypeRunChecksOnTable)), nil, []string{"7"}, 0, dqops.StatusFinished},
		{"finishes after all", then(job(dqops.StatusRunning), requested, judged(dqops.TypeRunChecksOnTable)), nil, []string{"7"}, 1, dqops.StatusFinished},
		{"answer lost, it arrived", then(job(dqops.StatusQueued), requested, over), func(int) error { return lost("reset") }, []string{"7"}, 1, dqops.StatusCancelled},
		{
			"answer lost, it did not arrive", then(job(dqops.StatusQueued), job(dqops.StatusQueued), requested, over),
			func(n int) error {
				if n == 0 {
					return lost("reset")
				}
				return nil
			},
			[]string{"7"},
			2, dqops.StatusCancelled,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cancels := 0
			server := &fake{get: tc.get, cancel: func(string) error {
				cancels++
				if tc.cancel == nil {
					return nil
				}
				return tc.cancel(cancels - 1)
			}}
			for _, one := range new(cancelling).run(t, server, tc.ids...) {
				if one.Err != nil || one.Job.Status != tc.want {
					t.Errorf("%s: %v, %v", one.ID, one.Job.Status, one.Err)
				}
			}
			if cancels != tc.cancels {
				t.Errorf("%d cancellations, want %d", cancels, tc.cancels)
			}
		})
	}
}

func TestCancellerStillRequested(t *testing.T) {
	server := &fake{get: then(job(dqops.StatusRunning), job(dqops.StatusCancelRequested))}
	jobs := new(cancelling).run(t, server, "7")
	if outcome(jobs[0].Err) != exit.Timeout || !strings.Contains(words(jobs[0].Err), "still cancel_requested") {
		t.Errorf("%s", words(jobs[0].Err))
	}
}

// One that is unknown does not keep the others from being cancelled.
func TestCancellerUnknown(t *testing.T) {
	server := &fake{get: func(n int, id string) (*dqops.Job, error) {
		if id == "17" {
			return nil, unknown(id)
		}
		return then(job(dqops.StatusRunning), job(dqops.StatusRunning), job(dqops.StatusCancelled))(n, id)
	}}
	jobs := new(cancelling).run(t, server, "17", "7")
	if _, ok := jobs[0].Err.(*dqops.NotFoundError); !ok { //nolint:errorlint // as it came
		t.Errorf("%v", jobs[0].Err)
	}
	if jobs[1].Err != nil || !jobs[1].Sent {
		t.Errorf("%+v", jobs[1])
	}
}

func TestCancellerChildren(t *testing.T) {
	for _, children := range []bool{false, true} {
		inWorld(t, func(t *testing.T, w *world) {
			slow := w.start("slow")
			time.Sleep(time.Second)
			c := &follow.Canceller{Follower: w.follower(), Children: children, Deadline: time.Now().Add(time.Minute)}
			jobs, err := c.Read(t.Context(), []string{slow.BusinessKey})
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			if err := c.Send(ctx); err != nil {
				t.Fatal(err)
			}
			if err := c.Follow(ctx); err != nil {
				t.Fatal(err)
			}
			if jobs[0].Job.Status != dqops.StatusCancelled {
				t.Errorf("the parent: %v, %v", jobs[0].Job.Status, jobs[0].Err)
			}
			// Without the flag the server lets it go on.
			states := map[bool]string{false: "running", true: "cancelled"}
			for _, j := range w.Jobs() {
				if j.ParentID == slow.ID && j.Status != states[children] {
					t.Errorf("child %s of %d: %s", strconv.FormatInt(j.ID, 10), slow.ID, j.Status)
				}
			}
			if children && (len(jobs[0].Children) != 1 || jobs[0].Children[0].Job.Status != dqops.StatusCancelled) {
				t.Errorf("children: %+v", jobs[0].Children)
			}
		})
	}
}

// The children of a job that somebody else cancelled before go on as well, and so
// do those of one whose cancellation arrived without an answer.
func TestCancellerChildrenOfARequestedJob(t *testing.T) {
	for _, answerLost := range []bool{false, true} {
		inWorld(t, func(t *testing.T, w *world) {
			held := w.Hold(simulator.StageTable)
			id := w.start("shop")
			<-held.Reached()
			server := &losing{Server: w.client, lose: answerLost}
			if !answerLost {
				if err := w.client.CancelJob(t.Context(), strconv.FormatInt(id.ID, 10)); err != nil {
					t.Fatal(err)
				}
			}
			f := &follow.Follower{Server: server, Budget: budget}
			c := &follow.Canceller{Follower: f, Children: true, Deadline: time.Now().Add(time.Minute)}
			one, err := c.Add(t.Context(), "", id.ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Send(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(time.Second, held.Release)
			if err := c.Follow(t.Context()); err != nil || one.Err != nil {
				t.Fatal(err, one.Err)
			}
			for _, j := range w.Jobs() {
				if j.Status != "cancelled" {
					t.Errorf("job %d: %s", j.ID, j.Status)
				}
			}
			if len(w.Jobs()) != 2 || len(one.Children) != 1 {
				t.Errorf("jobs %+v, children %+v", w.Jobs(), one.Children)
			}
			if n := w.asked("DELETE", strconv.FormatInt(id.ID, 10)); n != 1 {
				t.Errorf("the job was asked %d times", n)
			}
		})
	}
}

// losing loses the answer to the first cancellation.
type losing struct {
	follow.Server
	lose bool
}

func (l *losing) CancelJob(ctx context.Context, id string) error {
	err := l.Server.CancelJob(ctx, id)
	if l.lose {
		l.lose = false
		return lost("reset")
	}
	return err
}
