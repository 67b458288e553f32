package follow_test

import (
	"context"
	"errors"
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

// cancelled is what came of cancelling job 7 on a fake server.
type cancelled struct {
	job  *dqops.Job
	err  error
	took time.Duration
}

func cancelJob(t *testing.T, server *fake, limit time.Duration, children ...follow.Child) cancelled {
	t.Helper()
	var got cancelled
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		began := time.Now()
		f := &follow.Follower{Server: server, Budget: budget}
		got.job, got.err = f.Cancel(ctx, 7, children)
		got.took = time.Since(began)
	})
	return got
}

func TestCancel(t *testing.T) {
	children := []follow.Child{
		{ID: 20, Status: dqops.StatusFinished},
		{ID: 21, Status: dqops.StatusFailed},
		{ID: 22, Status: dqops.StatusCancelled},
		{ID: 23, Status: dqops.StatusCancelRequested},
		{ID: 24, Status: dqops.StatusRunning},
		{ID: 25, Status: dqops.StatusRunning},
	}
	const requested = dqops.StatusCancelRequested
	for _, tc := range []struct {
		name   string
		get    func(int, string) (*dqops.Job, error)
		status dqops.JobStatus
		calls  []string
	}{
		{
			"running", then(job(dqops.StatusRunning), job(requested), job(dqops.StatusCancelled)), dqops.StatusCancelled,
			[]string{"get 7", "cancel 7", "cancel 24", "cancel 25", "get 7"},
		},
		{
			"queued", then(job(dqops.StatusQueued), job(requested), job(dqops.StatusCancelled)), dqops.StatusCancelled,
			[]string{"get 7", "cancel 7", "cancel 24", "cancel 25", "get 7"},
		},
		{
			"asked before", then(job(requested), job(dqops.StatusCancelled)), dqops.StatusCancelled,
			[]string{"get 7", "cancel 24", "cancel 25", "get 7"},
		},
		{
			"finished after all", then(job(dqops.StatusRunning), job(requested), judged(dqops.TypeRunChecksOnTable)), dqops.StatusFinished,
			[]string{"get 7", "cancel 7", "cancel 24", "cancel 25", "get 7"},
		},
		{"finished", then(job(dqops.StatusFinished)), dqops.StatusFinished, []string{"get 7"}},
		{"cancelled", then(job(dqops.StatusCancelled)), dqops.StatusCancelled, []string{"get 7"}},
		{
			"contact is lost meanwhile", then(job(dqops.StatusRunning), lost("reset"), says(503), job(dqops.StatusCancelled)), dqops.StatusCancelled,
			[]string{"get 7", "cancel 7", "cancel 24", "cancel 25", "get 7"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := &fake{get: tc.get}
			got := cancelJob(t, server, 30*time.Second, children...)
			if got.err != nil || got.job.Status != tc.status {
				t.Fatalf("%+v, %v, want %s", got.job, got.err, tc.status)
			}
			if diff := cmp.Diff(tc.calls, whats(server.made(""))); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if got.took > 3*time.Second {
				t.Errorf("took %s", got.took)
			}
		})
	}
}

func TestACancellationThatFails(t *testing.T) {
	for _, tc := range []struct {
		name   string
		get    func(int, string) (*dqops.Job, error)
		cancel error
		asked  int
		took   time.Duration
		want   string
	}{
		{"unknown", then(unknown("7")), nil, 0, 0, "ask: the server knows no job 7"},
		{"no contact", then(lost("refused")), nil, 0, 0, "ask: contact with http://localhost was lost: refused"},
		{"denied", then(job(dqops.StatusRunning)), denied, 1, 0, "ask: the server asks for a token (HTTP 401)"},
		{
			"forgotten meanwhile", then(job(dqops.StatusRunning), unknown("7")), nil, 1, 5100 * time.Millisecond,
			"job 7 is lost: the server no longer knows it; most likely it was restarted; " +
				"nothing is known about how it ended; start it again if its work is needed",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := &fake{get: tc.get, cancel: func(string) error { return tc.cancel }}
			got := cancelJob(t, server, 30*time.Second)
			if got.err == nil || words(got.err) != tc.want || got.took != tc.took {
				t.Errorf("%s after %s, want %s after %s", words(got.err), got.took, tc.want, tc.took)
			}
			if n := len(server.made("cancel")); n != tc.asked {
				t.Errorf("%d cancellations, want %d", n, tc.asked)
			}
		})
	}
}

// TestACancellationWhoseAnswerIsLost is sent again only when the job shows that
// the first one did not arrive.
func TestACancellationWhoseAnswerIsLost(t *testing.T) {
	for _, tc := range []struct {
		name  string
		get   func(int, string) (*dqops.Job, error)
		asked int
	}{
		{"it arrived", then(job(dqops.StatusRunning), job(dqops.StatusCancelRequested), job(dqops.StatusCancelled)), 1},
		{"it did not", then(job(dqops.StatusRunning), job(dqops.StatusRunning), job(dqops.StatusCancelRequested), job(dqops.StatusCancelled)), 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sent := 0
			server := &fake{get: tc.get, cancel: func(string) error {
				sent++
				if sent == 1 {
					return lost("reset")
				}
				return nil
			}}
			got := cancelJob(t, server, 30*time.Second)
			if got.err != nil || got.job.Status != dqops.StatusCancelled || sent != tc.asked {
				t.Errorf("%+v, %v after %d cancellations, want %d", got.job, got.err, sent, tc.asked)
			}
		})
	}
}

func TestACancellationThatIsNotConfirmedInTime(t *testing.T) {
	const want = "the cancellation was sent and job 7 is still cancel_requested; look again with: dqoctl jobs get 7"
	for name, later := range map[string]any{
		"between looks": job(dqops.StatusCancelRequested), "in a look": errHang, "while contact is lost": lost("reset"),
	} {
		t.Run(name, func(t *testing.T) {
			server := &fake{get: then(job(dqops.StatusRunning), job(dqops.StatusCancelRequested), later)}
			got := cancelJob(t, server, 30*time.Second)
			if outcome(got.err) != exit.Timeout || words(got.err) != want {
				t.Errorf("%s: %s\nwant %s", outcome(got.err), words(got.err), want)
			}
			if got.took != 30*time.Second || got.job.Status != dqops.StatusCancelRequested {
				t.Errorf("%+v after %s", got.job, got.took)
			}
		})
	}
}

func TestTheCallersEndDuringACancellation(t *testing.T) {
	broke := errors.New("the user broke off")
	for name, later := range map[string]any{"between looks": job(dqops.StatusCancelRequested), "in a look": errHang} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				timer := time.AfterFunc(time.Second, func() { cancel(broke) })
				defer timer.Stop()
				began := time.Now()
				f := &follow.Follower{Server: &fake{get: then(job(dqops.StatusRunning), later)}, Budget: budget}
				_, err := f.Cancel(ctx, 7, nil)
				if !errors.Is(err, broke) || outcome(err) != "" || time.Since(began) != time.Second {
					t.Errorf("%v after %s, want the cause", err, time.Since(began))
				}
			})
		})
	}
}

func TestCancelARunWithItsChildren(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		held := w.Hold(simulator.StageTable)
		id := w.start("shop")
		<-held.Reached()
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		got, _ := w.follower().Wait(ctx, id.BusinessKey, true, time.Time{})
		stop()
		if len(got.Children) != 1 || got.Children[0].Status != dqops.StatusRunning {
			t.Fatalf("children %+v", got.Children)
		}
		held.Release()
		cancelled, err := w.follower().Cancel(t.Context(), id.ID, got.Children)
		if err != nil || cancelled.Status != dqops.StatusCancelled {
			t.Fatalf("%+v, %v", cancelled, err)
		}
		var asked []string
		for _, r := range w.Requests() {
			if r.Method == "DELETE" {
				asked = append(asked, r.Path[strings.LastIndex(r.Path, "/")+1:])
			}
		}
		parent := w.Jobs()[0]
		child := w.Jobs()[1]
		if len(w.Jobs()) != 2 || parent.Status != "cancelled" || child.Status != "cancelled" || len(asked) != 2 {
			t.Errorf("jobs %+v, asked to cancel %v", w.Jobs(), asked)
		}
	})
}
