package follow_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// cancelled is what came of cancelling job 7 on a fake server.
type cancelled struct {
	job  *dqops.Job
	err  error
	took time.Duration
}

func cancelJob(t *testing.T, server *fake, limit time.Duration) cancelled {
	t.Helper()
	var got cancelled
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		got.job, got.err = cancelSeven(t.Context(), server, began.Add(limit))
		got.took = time.Since(began)
	})
	return got
}

func cancelSeven(ctx context.Context, server *fake, deadline time.Time) (*dqops.Job, error) {
	c := &follow.Canceller{Follower: &follow.Follower{Server: server, Budget: budget}, Deadline: deadline}
	one, err := c.Add(ctx, "", 7)
	if err != nil {
		return nil, err
	}
	if err := c.Send(ctx); err != nil {
		return one.Job, err
	}
	if err := c.Follow(ctx); err != nil {
		return one.Job, err
	}
	return one.Job, one.Err
}

func TestCancel(t *testing.T) {
	const requested = dqops.StatusCancelRequested
	for _, tc := range []struct {
		name   string
		get    func(int, string) (*dqops.Job, error)
		status dqops.JobStatus
		calls  []string
	}{
		{
			"running", then(job(dqops.StatusRunning), job(requested), job(dqops.StatusCancelled)), dqops.StatusCancelled,
			[]string{"get 7", "cancel 7", "get 7"},
		},
		{
			"queued", then(job(dqops.StatusQueued), job(requested), job(dqops.StatusCancelled)), dqops.StatusCancelled,
			[]string{"get 7", "cancel 7", "get 7"},
		},
		{
			"asked before", then(job(requested), job(dqops.StatusCancelled)), dqops.StatusCancelled,
			[]string{"get 7"},
		},
		{
			"finished after all", then(job(dqops.StatusRunning), job(requested), judged(dqops.TypeRunChecksOnTable)), dqops.StatusFinished,
			[]string{"get 7", "cancel 7", "get 7"},
		},
		{"finished", then(job(dqops.StatusFinished)), dqops.StatusFinished, []string{"get 7"}},
		{"cancelled", then(job(dqops.StatusCancelled)), dqops.StatusCancelled, []string{"get 7"}},
		{
			"contact is lost at first", then(lost("reset"), job(dqops.StatusRunning), job(dqops.StatusCancelled)), dqops.StatusCancelled,
			[]string{"get 7", "cancel 7", "get 7"},
		},
		{
			"contact is lost meanwhile", then(job(dqops.StatusRunning), lost("reset"), says(503), job(dqops.StatusCancelled)), dqops.StatusCancelled,
			[]string{"get 7", "cancel 7", "get 7"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := &fake{get: tc.get}
			got := cancelJob(t, server, 30*time.Second)
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
		{
			"another job's key hides it", func(int, string) (*dqops.Job, error) {
				other := job(dqops.StatusRunning)
				other.ID.ID = 8
				return other, nil
			}, nil, 0, 0,
			"job 7 can no longer be read: job 8 has the business key 7, which hides it; give jobs business keys that are not numbers",
		},
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
				_, err := cancelSeven(ctx, &fake{get: then(job(dqops.StatusRunning), later)}, time.Time{})
				if !errors.Is(err, broke) || outcome(err) != "" || time.Since(began) != time.Second {
					t.Errorf("%v after %s, want the cause", err, time.Since(began))
				}
			})
		})
	}
}
