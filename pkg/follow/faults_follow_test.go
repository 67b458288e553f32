package follow_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// hiding is a proxy that asks again by itself, so that no question breaks when the
// server restarts.
type hiding struct{ *dqops.Client }

func (h hiding) JobChangesSince(ctx context.Context, sequence int64, each func(dqops.JobChange) error) (int64, error) {
	for {
		last, err := h.Client.JobChangesSince(ctx, sequence, each)
		if _, broken := errors.AsType[*dqops.UnreachableError](err); !broken {
			return last, err
		}
	}
}

// manyAfterAnUnseenRestart follows two jobs that the server forgets without anybody
// noticing, for so long afterwards.
func (w *world) manyAfterAnUnseenRestart(timeout time.Duration) []follow.End {
	w.t.Helper()
	targets := []follow.Target{
		{ID: strconv.FormatInt(w.start("slow").ID, 10), Ours: true},
		{ID: strconv.FormatInt(w.start("slow").ID, 10), Ours: true},
	}
	ends := make(chan []follow.End, 1)
	go func() {
		f := &follow.Follower{Server: hiding{w.client}, Budget: budget}
		ends <- f.WaitMany(w.t.Context(), targets, time.Now().Add(30*time.Second+timeout), nil)
	}()
	<-time.After(29 * time.Second)
	w.Restart(simulator.Restart{})
	return <-ends
}

func TestManyThatAnUnseenRestartForgot(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for _, end := range w.manyAfterAnUnseenRestart(4 * time.Minute) {
			if outcome(end.Err) != exit.JobLost {
				t.Errorf("a job that the server has forgotten: %v", end.Err)
			}
		}
	})
}

func TestManyTimedOutAfterAnUnseenRestart(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for _, end := range w.manyAfterAnUnseenRestart(20 * time.Second) {
			if outcome(end.Err) != exit.Timeout || strings.Contains(words(end.Err), "still") || !strings.Contains(words(end.Err), "does not know job") {
				t.Errorf("a job that the server has forgotten: %s", words(end.Err))
			}
		}
	})
}
