package follow_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// restartUnseen restarts the server between two questions, so that no connection in
// use breaks: a proxy that asks again by itself hides a restart likewise.
func (w *world) restartUnseen() {
	w.t.Helper()
	for range 10_000 {
		requests := w.Requests()
		if last := requests[len(requests)-1]; last.Status != 0 && strings.Contains(last.Path, "/jobchangessince/") {
			w.Restart(simulator.Restart{})
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	w.t.Fatal("there is always a question")
}

// manyAfterAnUnseenRestart follows two jobs that the server forgets without anybody
// noticing, for so long afterwards.
func (w *world) manyAfterAnUnseenRestart(timeout time.Duration) []follow.End {
	w.t.Helper()
	targets := []follow.Target{
		{ID: strconv.FormatInt(w.start("slow").ID, 10), Ours: true},
		{ID: strconv.FormatInt(w.start("slow").ID, 10), Ours: true},
	}
	ends := make(chan []follow.End)
	go func() {
		ends <- w.follower().WaitMany(w.t.Context(), targets, time.Now().Add(time.Minute+timeout), nil)
	}()
	<-time.After(30 * time.Second)
	w.restartUnseen()
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
		for _, end := range w.manyAfterAnUnseenRestart(0) {
			if outcome(end.Err) != exit.Timeout || strings.Contains(words(end.Err), "still") || !strings.Contains(words(end.Err), "does not know job") {
				t.Errorf("a job that the server has forgotten: %s", words(end.Err))
			}
		}
	})
}
