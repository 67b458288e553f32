package follow_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

var synchronize = follow.Submission{Type: dqops.TypeSynchronizeMultipleFolders}

// tells is what the stream tells of job 5, from its start on unless it is old.
func tells(status dqops.JobStatus, kind dqops.JobType, old bool) func(context.Context, int64) ([]dqops.JobChange, int64, error) {
	changes := []dqops.JobChange{changed(6, 5, dqops.StatusQueued, kind), changed(8, 5, status, "")}
	if old {
		changes = changes[1:]
	}
	return func(context.Context, int64) ([]dqops.JobChange, int64, error) { return changes, 9, nil }
}

// TestAHiddenSynchronization: one that ends removes all others from the history, so
// that an unknown key says nothing about ours (wire T18).
func TestAHiddenSynchronization(t *testing.T) {
	const many, folder = dqops.TypeSynchronizeMultipleFolders, dqops.TypeSynchronizeFolder
	for name, c := range map[string]struct {
		changes func(context.Context, int64) ([]dqops.JobChange, int64, error)
		because string // it is not sent again; "" when it is
	}{
		"another has finished":          {tells(dqops.StatusFinished, many, false), "ends, as job 5 did, the server"},
		"perhaps another, long ago":     {tells(dqops.StatusFinished, many, true), "ends, as job 5 perhaps did, the server"},
		"another has failed":            {tells(dqops.StatusFailed, many, false), ""},
		"another runs":                  {tells(dqops.StatusRunning, many, false), ""},
		"a folder alone has finished":   {tells(dqops.StatusFinished, folder, false), ""},
		"an import has finished":        {tells(dqops.StatusFinished, dqops.TypeImportTables, false), ""},
		"nothing has ever happened":     {nil, ""},
		"what happened cannot be known": {func(context.Context, int64) ([]dqops.JobChange, int64, error) { return nil, 0, denied }, "ends, as may have happened (ask: the server asks for a token (HTTP 401)), the server"},
	} {
		t.Run(name, func(t *testing.T) {
			server := &fake{get: then(unknown("nightly")), changes: c.changes}
			got := submit(t, server, synchronize, lost("reset"), 9)
			if c.because == "" {
				got.is(t, 9, follow.Answered, 2)
				return
			}
			if got.sent(t, 1); outcome(got.err) != exit.Unreachable || !strings.Contains(words(got.err), c.because) || !strings.Contains(words(got.err), "may have been started") {
				t.Errorf("%s: %s", outcome(got.err), words(got.err))
			}
		})
	}
	t.Run("a busy server is slow to tell", func(t *testing.T) {
		busy := func(ctx context.Context, since int64) ([]dqops.JobChange, int64, error) {
			if err := hold(ctx, 15*time.Second); err != nil {
				return nil, 0, err
			}
			return tells(dqops.StatusFinished, many, false)(ctx, since)
		}
		got := submit(t, &fake{get: then(unknown("nightly")), changes: busy}, synchronize, lost("reset"), 9)
		if got.sent(t, 1); outcome(got.err) != exit.Unreachable {
			t.Errorf("%v", got.err)
		}
	})
	t.Run("of other jobs nothing is asked", func(t *testing.T) {
		server := &fake{get: then(unknown("nightly")), changes: tells(dqops.StatusFinished, many, false)}
		submit(t, server, run, lost("reset"), 9).is(t, 9, follow.Answered, 2)
		if asked := server.made("changes"); len(asked) != 0 {
			t.Errorf("asked %v", asked)
		}
	})
}

func TestTheCallersEndWhileAHiderIsLookedFor(t *testing.T) {
	server := &fake{get: then(unknown("nightly"))}
	synctest.Test(t, func(t *testing.T) {
		stopped := errors.New("stopped")
		ctx, stop := context.WithCancelCause(t.Context())
		server.changes = func(ctx context.Context, _ int64) ([]dqops.JobChange, int64, error) {
			stop(stopped)
			return nil, 0, hold(ctx, time.Minute)
		}
		s := synchronize
		s.Key = "nightly"
		s.Post = func(context.Context, dqops.Start) (*dqops.JobID, error) { return nil, lost("reset") }
		f := &follow.Follower{Server: server, Budget: budget}
		if job, err := f.Submit(ctx, s); job != nil || !errors.Is(err, stopped) {
			t.Errorf("%v, %v", job, err)
		}
	})
}

// TestASynchronizationThatAnotherHides is the same on the real thing: ours was
// started and its answer lost, and another one ends before its key is looked up.
func TestASynchronizationThatAnotherHides(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.inject(simulator.Fault{On: simulator.Words{"synchronize_folders"}, First: 1, When: simulator.After, Do: simulator.Reset})
		const second = simulator.Duration(time.Second)
		w.inject(simulator.Fault{On: simulator.Words{"get_job"}, First: 1, Do: simulator.Answer, Status: http.StatusServiceUnavailable, RetryAfter: 3 * second})
		time.AfterFunc(2*time.Second, func() {
			if _, err := w.client.SynchronizeFolders(t.Context(), dqops.SynchronizeMultipleFoldersParameters{}, dqops.Start{BusinessKey: "other", Wait: true, WaitTimeout: time.Minute}); err != nil {
				t.Errorf("the other one: %v", err)
			}
		})
		var ours starting
		for _, s := range submits {
			if s.operation == "synchronize_folders" {
				ours = s
			}
		}
		id, _, err := w.send(ours, "k")
		synctest.Wait()
		jobs, _ := w.started("k", 0)
		if jobs != 1 || id != nil || outcome(err) != exit.Unreachable || !strings.Contains(words(err), "may have been started") {
			t.Errorf("%d jobs, reported %v and %v", jobs, id, err)
		}
	})
}
