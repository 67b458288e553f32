package follow_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

func TestChildrenWithTheirTables(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		began := time.Now()
		id := w.start("shop")
		got, err := w.follower().Wait(t.Context(), id.BusinessKey, true, time.Time{})
		if err != nil || !got.ChildrenKnown || len(got.Children) != 2 {
			t.Fatalf("children %+v, known %v, %v", got.Children, got.ChildrenKnown, err)
		}
		for i, want := range []follow.Child{
			{Table: dqops.PhysicalTableName{SchemaName: "files", TableName: "orders.csv"}, StartedAt: began},
			{Table: dqops.PhysicalTableName{SchemaName: "files", TableName: "stock.csv"}, StartedAt: began.Add(2 * time.Second)},
		} {
			child := got.Children[i]
			if child.Table != want.Table || child.Connection != "shop" || child.Type != dqops.TypeRunChecksOnTable || child.Status != dqops.StatusFinished {
				t.Errorf("child %d is %+v", i, child)
			}
			if late := child.StartedAt.Sub(want.StartedAt); late < 0 || late > time.Second {
				t.Errorf("child %d was started at %s, want about %s", i, child.StartedAt, want.StartedAt)
			}
			if child.Result == nil || child.Result.ExecutedChecks != 1 {
				t.Errorf("child %d has the result %+v", i, child.Result)
			}
			if child.ID <= id.ID {
				t.Errorf("child %d has the id %d, its parent %d", i, child.ID, id.ID)
			}
		}
	})
}

func TestAFailedChild(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		got, err := w.follower().Wait(t.Context(), w.start("broken").BusinessKey, true, time.Time{})
		if err != nil || len(got.Children) != 2 {
			t.Fatalf("children %+v, %v", got.Children, err)
		}
		bad, fine := got.Children[0], got.Children[1]
		if fine.Status != dqops.StatusFinished || bad.Status != dqops.StatusFailed || !strings.Contains(bad.ErrorMessage, "the disk is full") {
			t.Errorf("children %+v", got.Children)
		}
	})
}

func TestAJobThatWasFollowedTooLate(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		id := w.start("shop")
		time.Sleep(25 * time.Minute) // the changes are forgotten by then, the job is not
		w.start("nothing matches")   // something moves: only then is anything forgotten
		time.Sleep(time.Second)
		began := time.Now()
		got, err := w.follower().Wait(t.Context(), id.BusinessKey, false, time.Time{})
		if err != nil || got.Job.Status != dqops.StatusFinished {
			t.Fatalf("%+v, %v", got.Job, err)
		}
		if got.ChildrenKnown || len(got.Children) != 0 {
			t.Errorf("children %+v, known %v", got.Children, got.ChildrenKnown)
		}
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestAJobThatIsOverAlready(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		id := w.start("shop")
		time.Sleep(time.Minute)
		began := time.Now()
		got, err := w.follower().Wait(t.Context(), id.BusinessKey, false, time.Time{})
		if err != nil || !got.ChildrenKnown || len(got.Children) != 2 || got.Children[1].StartedAt.IsZero() {
			t.Errorf("children %+v, known %v, %v", got.Children, got.ChildrenKnown, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// change is one entry of the stream about the parent, 7, or about a child of it.
func change(sequence, id int64, status dqops.JobStatus) dqops.JobChange {
	c := dqops.JobChange{
		Status: status, Sequence: sequence, ID: dqops.JobID{ID: id},
		StatusChangedAt: time.Date(2026, 11, 23, 14, 0, int(sequence), 0, time.UTC),
	}
	if id != 7 {
		c.ID.Parent = &dqops.JobID{ID: 7}
	}
	return c
}

// streamOf holds changes that become visible at a time after the first call.
type streamOf []struct {
	at      time.Duration
	changes []dqops.JobChange
}

// serve answers as the server does: what is after the number, else later.
func (s streamOf) serve(f *fake) func(context.Context, int64) ([]dqops.JobChange, int64, error) {
	return func(ctx context.Context, since int64) ([]dqops.JobChange, int64, error) {
		for limit := time.Now().Add(20 * time.Second); ; {
			var fresh []dqops.JobChange
			last := since
			for _, part := range s {
				for _, c := range part.changes {
					if time.Since(f.began) >= part.at && c.Sequence > since {
						fresh = append(fresh, c)
						last = max(last, c.Sequence)
					}
				}
			}
			if len(fresh) > 0 || time.Now().After(limit) {
				return fresh, last, nil
			}
			if err := hold(ctx, 10*time.Millisecond); err != nil {
				return nil, 0, err
			}
		}
	}
}

// TestTheLastChildEndsAfterItsParent (wire L14).
func TestTheLastChildEndsAfterItsParent(t *testing.T) {
	server := &fake{get: after(10*time.Second, job(dqops.StatusRunning, dqops.TypeRunChecks), judged(dqops.TypeRunChecks))}
	server.wait = func(int) (*dqops.Job, error) {
		time.Sleep(10 * time.Second)
		return nil, dqops.ErrNotKnownYet
	}
	server.changes = streamOf{
		{0, []dqops.JobChange{change(8, 7, "queued"), change(9, 7, "running"), change(10, 20, "queued"), change(11, 20, "running")}},
		{10 * time.Second, []dqops.JobChange{change(30, 7, "finished")}},
		{12 * time.Second, []dqops.JobChange{change(31, 20, "finished")}},
	}.serve(server)
	got := followJob(t, server, true, 0)
	if got.err != nil || !got.ChildrenKnown {
		t.Fatalf("%+v, %v", got.Followed, got.err)
	}
	want := []follow.Child{{ID: 20, Status: dqops.StatusFinished, StartedAt: time.Date(2026, 11, 23, 14, 0, 11, 0, time.UTC)}}
	if diff := cmp.Diff(want, got.Children); diff != "" {
		t.Errorf("children (-want +got):\n%s", diff)
	}
	if got.took < 12*time.Second || got.took > 13*time.Second {
		t.Errorf("took %s", got.took)
	}
}

func TestAChildThatNeverEnds(t *testing.T) {
	for status, atOnce := range map[dqops.JobStatus]bool{"finished": false, "failed": true, "cancelled": true} {
		t.Run(string(status), func(t *testing.T) {
			ended := judged(dqops.TypeRunChecks)
			ended.Status = status
			server := &fake{get: then(ended)}
			server.changes = streamOf{{0, []dqops.JobChange{
				change(8, 7, "queued"), change(9, 7, "running"), change(10, 20, "running"), change(30, 7, status),
			}}}.serve(server)
			got := followJob(t, server, true, 0)
			if got.err != nil || got.ChildrenKnown != atOnce || len(got.Children) != 1 || got.Children[0].Status != dqops.StatusRunning {
				t.Errorf("children %+v, known %v, %v", got.Children, got.ChildrenKnown, got.err)
			}
			if most := 6 * time.Second; atOnce && got.took > time.Second || got.took > most {
				t.Errorf("took %s", got.took)
			}
		})
	}
}

// TestALostStream costs the children, never the truth about the job.
func TestALostStream(t *testing.T) {
	for name, err := range map[string]error{"unreachable": lost("reset"), "HTML": notDQOps, "401": denied, "500": says(500)} {
		t.Run(name, func(t *testing.T) {
			server := &fake{
				get:     after(time.Minute, job(dqops.StatusRunning, dqops.TypeRunChecks), judged(dqops.TypeRunChecks)),
				changes: func(context.Context, int64) ([]dqops.JobChange, int64, error) { return nil, 0, err },
			}
			got := followJob(t, server, true, 0)
			if got.err != nil || got.Job.Status != dqops.StatusFinished || got.ChildrenKnown || len(got.Children) != 0 {
				t.Errorf("%+v, %v", got.Followed, got.err)
			}
			if got.took > time.Minute+6*time.Second {
				t.Errorf("took %s", got.took)
			}
		})
	}
}

func TestAPanicInTheStreamIsOurs(t *testing.T) {
	server := &fake{
		get:     after(time.Minute, job(dqops.StatusRunning, dqops.TypeRunChecks), judged(dqops.TypeRunChecks)),
		changes: func(context.Context, int64) ([]dqops.JobChange, int64, error) { panic("the index is off") },
	}
	got := followJob(t, server, true, 0)
	if outcome(got.err) != exit.Internal || !strings.HasPrefix(got.err.Error(), "crashed: the index is off\n") {
		t.Errorf("%v", got.err)
	}
}

// TestAStreamThatAnswersAtOnce: changes of others wake it all the time.
func TestAStreamThatAnswersAtOnce(t *testing.T) {
	const runs = time.Minute
	server := &fake{
		get:     after(runs, job(dqops.StatusRunning, dqops.TypeRunChecks), job(dqops.StatusFailed, dqops.TypeRunChecks)),
		changes: func(_ context.Context, since int64) ([]dqops.JobChange, int64, error) { return nil, since + 1, nil },
	}
	got := followJob(t, server, true, 0)
	if got.err != nil || got.ChildrenKnown {
		t.Errorf("%+v, %v", got.Followed, got.err)
	}
	for i, gap := range gaps(server.made("changes")) {
		if gap < 300*time.Millisecond && i < 200 {
			t.Fatalf("asked again after %s", gap)
		}
	}
}

func TestStrangeChanges(t *testing.T) {
	foreign := change(10, 30, "running")
	foreign.ID.Parent = &dqops.JobID{ID: 6}
	orphan := change(11, 31, "running")
	orphan.ID.Parent = nil
	odd := change(12, 20, "paused")
	odd.Job = &dqops.Job{ID: odd.ID, Type: "run_checks_on_mars", Status: "paused", Parameters: dqops.JobParameters{"runChecksOnTableParameters": []byte(`7`)}}
	server := &fake{get: then(judged(dqops.TypeRunChecks))}
	server.changes = streamOf{{0, []dqops.JobChange{
		change(8, 7, "queued"), foreign, orphan, odd, change(13, 20, "cancelled"), change(14, 20, "running"), change(15, 7, "finished"),
	}}}.serve(server)
	got := followJob(t, server, true, 0)
	want := []follow.Child{{ID: 20, Type: "run_checks_on_mars", Status: dqops.StatusCancelled, StartedAt: time.Date(2026, 11, 23, 14, 0, 14, 0, time.UTC)}}
	if diff := cmp.Diff(want, got.Children); diff != "" || !got.ChildrenKnown || got.err != nil {
		t.Errorf("known %v, %v, children (-want +got):\n%s", got.ChildrenKnown, got.err, diff)
	}
}

func TestProgress(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		id := w.start("shop")
		var mutex sync.Mutex
		type step struct {
			status      dqops.JobStatus
			done, total int
		}
		var seen []step
		_, err := w.follower(func(p follow.Progress) {
			mutex.Lock()
			defer mutex.Unlock()
			if p.Job.ID != id.ID {
				t.Errorf("progress of job %d", p.Job.ID)
			}
			seen = append(seen, step{p.Status, p.Done, p.Total})
		}).Wait(t.Context(), id.BusinessKey, true, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range seen[1:] {
			if before := seen[i]; p.done < before.done || p.total < before.total || p.done > p.total {
				t.Errorf("%+v after %+v", p, before)
			}
		}
		if last, want := seen[len(seen)-1], (step{dqops.StatusFinished, 2, 2}); last != want {
			t.Errorf("the last is %+v, want %+v", last, want)
		}
	})
}

func TestNobodyNeedsToWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &follow.Follower{Server: &fake{get: then(judged(dqops.TypeRunChecksOnTable))}}
		if _, err := f.Wait(t.Context(), "7", false, time.Time{}); err != nil {
			t.Error(errors.Unwrap(err), err)
		}
	})
}

// TestChildrenOfEveryKind: a child that is left out leaves its parent finished,
// whatever the two work on.
func TestChildrenOfEveryKind(t *testing.T) {
	for _, c := range []struct {
		parent, child dqops.JobType
		name, text    string
		children      bool
	}{
		{dqops.TypeRunChecks, dqops.TypeRunChecksOnTable, "runChecksOnTableParameters", "table s.t", true},
		{dqops.TypeCollectStatistics, dqops.TypeCollectStatisticsOnTable, "collectStatisticsOnTableParameters", "table s.t", true},
		{dqops.TypeCollectErrorSamples, dqops.TypeCollectErrorSamplesOnTable, "collectErrorSamplesOnTableParameters", "table s.t", true},
		{dqops.TypeSynchronizeMultipleFolders, dqops.TypeSynchronizeFolder, "synchronizeRootFolderParameters", "folder sources", true},
		{"clean_up", "clean_up_part", "cleanUpPartParameters", "child 20", true},
		{"", "", "cleanUpPartParameters", "child 20", true},
		{dqops.TypeDeleteStoredData, "clean_up_part", "cleanUpPartParameters", "", false},
	} {
		t.Run(string(c.parent), func(t *testing.T) {
			born := change(10, 20, "queued")
			born.Job = &dqops.Job{ID: born.ID, Type: c.child, Status: "queued", Parameters: dqops.JobParameters{
				c.name: []byte(`{"connection":"c","table":{"schema_name":"s","table_name":"t"},"synchronizationParameter":{"folder":"sources"}}`),
			}}
			server := &fake{get: then(judged(c.parent))}
			server.changes = streamOf{{0, []dqops.JobChange{
				change(8, 7, "queued"), change(9, 7, "running"), born, change(11, 20, "cancelled"), change(12, 7, "finished"),
			}}}.serve(server)
			got := followJob(t, server, true, 0)
			if got.err != nil || got.ChildrenKnown != c.children || len(got.Children) == 1 != c.children {
				t.Fatalf("%+v, %v", got.Followed, got.err)
			}
			if c.children && (got.Children[0].Status != dqops.StatusCancelled || got.Children[0].Name() != c.text) {
				t.Errorf("child %s: %+v", got.Children[0].Name(), got.Children[0])
			}
		})
	}
}
