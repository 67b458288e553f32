package follow_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// A queued job is told to be behind the one that runs, once it has been queued for
// a moment, and until it runs itself.
func TestQueuedBehind(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		first, second := w.start("slow"), w.start("slow")
		time.Sleep(time.Second)
		third := w.start("shop")
		var mutex sync.Mutex
		type state struct {
			Status dqops.JobStatus
			Behind int64
		}
		var told []state
		f := w.follower(func(p follow.Progress) {
			mutex.Lock()
			defer mutex.Unlock()
			now := state{p.Status, p.Behind}
			if now.Behind == 0 && len(told) > 1 && now.Status == dqops.StatusQueued {
				return // between the end of the one and the start of the other
			}
			if len(told) == 0 || told[len(told)-1] != now {
				told = append(told, now)
			}
		})
		if _, err := f.Wait(t.Context(), strconv.FormatInt(third.ID, 10), true, time.Time{}); err != nil {
			t.Fatal(err)
		}
		want := []state{
			{dqops.StatusQueued, 0},
			{dqops.StatusQueued, first.ID},
			{dqops.StatusQueued, second.ID},
			{dqops.StatusRunning, 0},
			{dqops.StatusFinished, 0},
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

// queue is the changes of jobs of other kinds, of children and of later ones around
// the queued job 700.
func TestBehindWhichJob(t *testing.T) {
	change := func(id, parent int64, status dqops.JobStatus, kind dqops.JobType) dqops.JobChange {
		c := dqops.JobChange{Sequence: id + 1000, ID: dqops.JobID{ID: id}, Status: status}
		if parent != 0 {
			c.ID.Parent = &dqops.JobID{ID: parent}
		}
		if kind != "" {
			c.Job = &dqops.Job{ID: c.ID, Type: kind, Status: status}
		}
		return c
	}
	const runs = dqops.StatusRunning
	for _, tc := range []struct {
		name    string
		kind    dqops.JobType
		changes []dqops.JobChange
		want    int64
	}{
		{"nothing else", dqops.TypeRunChecks, nil, 0},
		{"the oldest that runs", dqops.TypeRunChecks, []dqops.JobChange{
			change(100, 0, dqops.StatusFinished, dqops.TypeRunChecks), change(400, 0, runs, dqops.TypeRunChecks), change(300, 0, runs, dqops.TypeRunChecks),
		}, 300},
		{"not a queued one, nor a later one", dqops.TypeRunChecks, []dqops.JobChange{
			change(100, 0, dqops.StatusQueued, dqops.TypeRunChecks), change(800, 0, runs, dqops.TypeRunChecks),
		}, 0},
		{"a parent that began before the oldest change", dqops.TypeRunChecks, []dqops.JobChange{change(201, 200, runs, dqops.TypeRunChecksOnTable)}, 200},
		{"a run does not wait for an import", dqops.TypeRunChecks, []dqops.JobChange{change(100, 0, runs, dqops.TypeImportTables)}, 0},
		{"an import waits for an import", dqops.TypeImportTables, []dqops.JobChange{change(100, 0, runs, dqops.TypeImportTables)}, 100},
		{"an import waits for tables", dqops.TypeImportTables, []dqops.JobChange{change(100, 0, runs, dqops.TypeRunChecks)}, 100},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				queued := job(dqops.StatusQueued, tc.kind)
				queued.ID.ID = 700
				server := &fake{get: then(queued), changes: func(_ context.Context, since int64) ([]dqops.JobChange, int64, error) {
					if since > 700 {
						return nil, since, nil
					}
					return tc.changes, 5000, nil
				}}
				var mutex sync.Mutex
				behind := int64(0)
				f := &follow.Follower{Server: server, Budget: budget, Observe: func(p follow.Progress) {
					mutex.Lock()
					defer mutex.Unlock()
					behind = max(behind, p.Behind)
				}}
				_, _ = f.Wait(t.Context(), "700", false, time.Now().Add(10*time.Second))
				if behind != tc.want {
					t.Errorf("behind %d, want %d", behind, tc.want)
				}
			})
		})
	}
}

// An hour in the queue costs no more than a question each 20 s, an instant none.
func TestTheCostOfTheQueue(t *testing.T) {
	for _, tc := range []struct {
		get  func(int, string) (*dqops.Job, error)
		most int
	}{
		{after(time.Hour, job(dqops.StatusQueued), judged(dqops.TypeRunChecksOnTable)), 3600/20 + 1},
		{after(500*time.Millisecond, job(dqops.StatusQueued), judged(dqops.TypeRunChecksOnTable)), 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := &fake{get: tc.get, wait: func(int) (*dqops.Job, error) {
				time.Sleep(300 * time.Millisecond)
				return nil, dqops.ErrNotKnownYet
			}}
			f := &follow.Follower{Server: server, Budget: budget}
			if _, err := f.Wait(t.Context(), "7", false, time.Time{}); err != nil {
				t.Fatal(err)
			}
			questions := 0
			for _, c := range server.made("changes") {
				if strings.HasSuffix(c.what, " 0") {
					questions++
				}
			}
			if questions > tc.most || questions < tc.most/2 {
				t.Errorf("%d questions, want about %d", questions, tc.most)
			}
		})
	}
}
