package follow_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/journal"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// shop is a run of the checks of one connection, under the caller's key.
func shop(adopt follow.Adopt) follow.Submission {
	return follow.Submission{
		Type: dqops.TypeRunChecks, Callers: true, Adopt: adopt,
		Body: dqops.RunChecksParameters{CheckSearchFilters: dqops.CheckSearchFilters{Connection: "shop"}},
	}
}

// runOf is a run of checks in the history.
func runOf(id int64, connection string, status dqops.JobStatus) *dqops.Job {
	return &dqops.Job{
		ID: dqops.JobID{ID: id, BusinessKey: "nightly"}, Type: dqops.TypeRunChecks, Status: status,
		Parameters: dqops.JobParameters{"runChecksParameters": json.RawMessage(`{"check_search_filters":{"connection":"` + connection + `","enabled":true}}`)},
	}
}

// changed says that these jobs of the key were started.
func startedUnder(ids ...int64) func(context.Context, int64) ([]dqops.JobChange, int64, error) {
	return func(context.Context, int64) ([]dqops.JobChange, int64, error) {
		var changes []dqops.JobChange
		for _, id := range ids {
			changes = append(changes, dqops.JobChange{ID: dqops.JobID{ID: id, BusinessKey: "nightly"}, Status: dqops.StatusQueued})
		}
		changes = append(changes, dqops.JobChange{ID: dqops.JobID{ID: 99, BusinessKey: "another"}, Status: dqops.StatusQueued})
		return changes, 100, nil
	}
}

func TestAKeyOfTheCallers(t *testing.T) {
	const (
		taken    = "--key nightly: the server already has job 7 of that key (%); follow that one with: dqoctl jobs wait nightly"
		another  = "--key nightly: job 7 of that key (running) is another request: check_search_filters.connection is wh there and shop here; give this request a key of its own"
		elsewise = "--key nightly: job 7 of that key (running) is another request: its type is run_checks_on_table and not run_checks; give this request a key of its own"
	)
	running, over := runOf(7, "shop", dqops.StatusRunning), runOf(7, "shop", dqops.StatusFailed)
	for _, tc := range []struct {
		name  string
		adopt follow.Adopt
		get   func(int, string) (*dqops.Job, error)
		posts int
		id    int64
		way   follow.Way
		want  string
	}{
		{"free", follow.AdoptNone, then(unknown("nightly")), 1, 9, follow.Answered, ""},
		{"free to adopt", follow.AdoptUnfinished, then(unknown("nightly")), 1, 9, follow.Answered, ""},
		{"taken", follow.AdoptNone, then(running), 0, 0, 0, strings.Replace(taken, "%", "running", 1)},
		{"taken and over", follow.AdoptNone, then(over), 0, 0, 0, strings.Replace(taken, "%", "failed", 1)},
		{"unfinished", follow.AdoptUnfinished, then(running), 0, 7, follow.Adopted, ""},
		{"over", follow.AdoptUnfinished, then(over), 1, 9, follow.Answered, ""},
		{"unfinished, any", follow.AdoptAny, then(running), 0, 7, follow.Adopted, ""},
		{"over, any", follow.AdoptAny, then(over), 0, 7, follow.Adopted, ""},
		{"another request", follow.AdoptUnfinished, then(runOf(7, "wh", dqops.StatusRunning)), 0, 0, 0, another},
		{"another request, any", follow.AdoptAny, then(runOf(7, "wh", dqops.StatusRunning)), 0, 0, 0, another},
		{"another request that is over", follow.AdoptUnfinished, then(runOf(7, "wh", dqops.StatusFinished)), 1, 9, follow.Answered, ""},
		{"another type", follow.AdoptAny, then(job(dqops.StatusRunning)), 0, 0, 0, elsewise},
		{"no contact", follow.AdoptAny, then(lost("refused")), 0, 0, 0, "ask: contact with http://localhost was lost: refused"},
		{"no entry", follow.AdoptNone, then(denied), 0, 0, 0, "ask: the server asks for a token (HTTP 401)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := submit(t, &fake{get: tc.get}, shop(tc.adopt), 9)
			if tc.want == "" {
				got.is(t, tc.id, tc.way, tc.posts)
				return
			}
			got.sent(t, tc.posts)
			if words(got.err) != tc.want || strings.HasPrefix(tc.want, "--key") != (outcome(got.err) == exit.Usage) {
				t.Errorf("%s: %s\nwant %s", outcome(got.err), words(got.err), tc.want)
			}
		})
	}
}

// TestALostAnswerUnderACallersKey: what the key names may be another process's job.
func TestALostAnswerUnderACallersKey(t *testing.T) {
	const doubt = "the job may have been started: ask: contact with http://localhost was lost: reset, and its key nightly "
	before, ours := runOf(5, "shop", dqops.StatusFinished), runOf(7, "shop", dqops.StatusRunning)
	for _, tc := range []struct {
		name    string
		get     func(int, string) (*dqops.Job, error)
		changes func(context.Context, int64) ([]dqops.JobChange, int64, error)
		id      int64
		want    string
	}{
		{"ours", then(unknown("nightly"), ours), startedUnder(7), 7, ""},
		{"ours, after one that is over", then(before, before, before, ours), startedUnder(5, 7), 7, ""},
		{"the one from before", then(before), nil, 0, doubt + "is not known; look for it with: dqoctl jobs get nightly"},
		{
			"another request's", then(unknown("nightly"), runOf(7, "wh", dqops.StatusRunning)), nil, 0,
			doubt + "names job 7, which is another request (check_search_filters.connection is wh there and shop here); look for it with: dqoctl jobs get 7",
		},
		{
			"one of two", then(unknown("nightly"), ours), startedUnder(6, 7), 0,
			doubt + "names job 7 and job 6, started at the same time; look for it with: dqoctl jobs get 7; dqoctl jobs get 6",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			posts := 1
			if tc.name == "the one from before" {
				posts = 2 // a run of checks is sent once more
			}
			got := submit(t, &fake{get: tc.get, changes: tc.changes}, shop(follow.AdoptUnfinished), lost("reset"))
			if tc.want == "" {
				got.is(t, tc.id, follow.Found, posts)
				return
			}
			got.fails(t, exit.Unreachable, tc.want, posts)
		})
	}
}

func TestATakenKeyOfTheRealThing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s := w.submission("nightly", "slow")
		s.Callers = true
		first, err := w.follower().Submit(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.follower().Submit(t.Context(), s); outcome(err) != exit.Usage {
			t.Errorf("%v, want a refusal", err)
		}
		s.Adopt = follow.AdoptUnfinished
		second, err := w.follower().Submit(t.Context(), s)
		if err != nil || second.ID.ID != first.ID.ID || second.How != follow.Adopted {
			t.Errorf("%+v, %v", second, err)
		}
		w.parents(1)
	})
}

// importing is an import on a fake server, waited for; its request takes that long.
func importing(t *testing.T, server *fake, s follow.Submission, takes time.Duration, id int64, answer error) (job *follow.Submitted, whole bool, told []int64, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &follow.Follower{Server: server, Budget: budget}
		s.Type, s.Key = dqops.TypeImportTables, "nightly"
		s.Post = func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
			if !start.Wait || start.WaitTimeout != follow.WaitTimeout(0) || start.BusinessKey != "nightly" {
				t.Errorf("posted with %+v", start)
			}
			if err := hold(ctx, takes); err != nil {
				return nil, err
			}
			if answer != nil {
				return nil, answer
			}
			return &dqops.JobID{ID: id, BusinessKey: "nightly"}, nil
		}
		job, whole, err = f.SubmitWaiting(t.Context(), s, func(s follow.Submitted) { told = append(told, s.ID.ID) })
	})
	return job, whole, told, err
}

func imported(id int64) *dqops.Job {
	return &dqops.Job{
		ID: dqops.JobID{ID: id, BusinessKey: "nightly"}, Type: dqops.TypeImportTables, Status: dqops.StatusRunning,
		Parameters: dqops.JobParameters{"importTableParameters": json.RawMessage(`{}`)},
	}
}

func over(id int64) *dqops.Job {
	job := imported(id)
	job.Status = dqops.StatusFinished
	return job
}

func TestAWaitedSubmit(t *testing.T) {
	callers := follow.Submission{Callers: true}
	free := unknown("nightly")
	for _, tc := range []struct {
		name   string
		s      follow.Submission
		get    func(int, string) (*dqops.Job, error)
		takes  time.Duration
		answer error
		id     int64
		whole  bool
		told   []int64
	}{
		{"answered at once", follow.Submission{}, then(free), 0, nil, 9, true, []int64{9}},
		{"seen first", follow.Submission{}, then(free, imported(9)), time.Minute, nil, 9, true, []int64{9}},
		{"seen and lost", follow.Submission{}, then(free, imported(9)), time.Minute, lost("reset"), 9, false, []int64{9}},
		{"seen and failed", follow.Submission{}, then(free, imported(9)), time.Minute, says(500), 9, false, []int64{9}},
		{"lost and found", follow.Submission{}, after(time.Second, free, imported(9)), 0, lost("reset"), 9, false, []int64{9}},
		{"under a caller's key", callers, then(free, imported(9)), time.Minute, nil, 9, true, []int64{9}},
		{"another one was seen", callers, then(free, imported(8)), time.Minute, nil, 9, true, []int64{8, 9}},
		{"the one from before was seen", follow.Submission{Callers: true, Adopt: follow.AdoptUnfinished}, then(over(5)), time.Minute, nil, 9, true, []int64{9}},
		{"another request was seen", callers, then(free, job(dqops.StatusRunning)), time.Minute, nil, 9, true, []int64{9}},
		{"seen and lost under a caller's key", callers, then(free, imported(9)), time.Minute, lost("reset"), 9, false, []int64{9}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			job, whole, told, err := importing(t, &fake{get: tc.get, changes: startedUnder(9)}, tc.s, tc.takes, 9, tc.answer)
			if err != nil || job.ID.ID != tc.id || whole != tc.whole {
				t.Errorf("%+v, whole %t, %v", job, whole, err)
			}
			if diff := cmp.Diff(tc.told, told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWaitedSubmitThatIsAdopted(t *testing.T) {
	s := follow.Submission{Callers: true, Adopt: follow.AdoptUnfinished}
	job, whole, told, err := importing(t, &fake{get: then(imported(7))}, s, 0, 9, nil)
	if err != nil || job.ID.ID != 7 || job.How != follow.Adopted || whole || len(told) != 1 {
		t.Errorf("%+v, whole %t, told %v, %v", job, whole, told, err)
	}
}

// TestOneOfTwoImports: both were started under one key at the same time and the
// answer is lost; which is ours cannot be told.
func TestOneOfTwoImports(t *testing.T) {
	job, _, _, err := importing(t, &fake{get: then(unknown("nightly"), imported(9)), changes: startedUnder(8, 9)}, follow.Submission{Callers: true}, time.Minute, 9, lost("reset"))
	if outcome(err) != exit.Unreachable || !strings.Contains(words(err), "names job 9 and job 8, started at the same time") {
		t.Errorf("%+v, %s", job, words(err))
	}
}

// TestTheCallersEndDuringAWaitedSubmit: the job that was seen is told beside it.
func TestTheCallersEndDuringAWaitedSubmit(t *testing.T) {
	broke := errors.New("the user broke off")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		timer := time.AfterFunc(time.Minute, func() { cancel(broke) })
		defer timer.Stop()
		f := &follow.Follower{Server: &fake{get: then(imported(9))}, Budget: budget}
		job, whole, err := f.SubmitWaiting(ctx, follow.Submission{
			Type: dqops.TypeImportTables, Key: "nightly",
			Post: func(ctx context.Context, _ dqops.Start) (*dqops.JobID, error) { return nil, hold(ctx, time.Hour) },
		}, func(follow.Submitted) {})
		if !errors.Is(err, broke) || job == nil || job.ID.ID != 9 || whole {
			t.Errorf("%+v, whole %t, %v", job, whole, err)
		}
	})
}

// TestTheJournalOfASubmit: what stands in it when the request is sent, and after
// each way in which that can end.
func TestTheJournalOfASubmit(t *testing.T) {
	begun := journal.Job{Key: "nightly", Type: "run_checks", Request: map[string]string{"check_search_filters.connection": "shop"}}
	with := func(id, before int64, status string) journal.Job {
		j := begun
		j.ID, j.Before, j.Status = id, before, status
		return j
	}
	for _, tc := range []struct {
		name   string
		adopt  follow.Adopt
		get    func(int, string) (*dqops.Job, error)
		answer error
		want   []journal.Job
	}{
		{"answered", "", then(unknown("nightly")), nil, []journal.Job{with(9, 0, "")}},
		{"found", "", then(unknown("nightly"), runOf(7, "shop", dqops.StatusRunning)), lost("reset"), []journal.Job{with(7, 0, "")}},
		{"in doubt", "", then(unknown("nightly")), lost("reset"), []journal.Job{with(0, 0, "")}},
		{"refused", "", then(unknown("nightly")), says(400), []journal.Job{with(0, 0, journal.NotStarted)}},
		{"taken", "", then(runOf(7, "shop", dqops.StatusRunning)), nil, nil},
		{"adopted", follow.AdoptAny, then(runOf(7, "shop", dqops.StatusRunning)), nil, []journal.Job{with(7, 0, "")}},
		{"after one that is over", follow.AdoptUnfinished, then(runOf(7, "shop", dqops.StatusFinished)), nil, []journal.Job{with(9, 7, "")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "jobs.jsonl")
			synctest.Test(t, func(t *testing.T) {
				here := journal.Scope{Server: "http://localhost"}
				j := &journal.Journal{File: file, Scope: here, Warn: func(err error) { t.Errorf("warned of %v", err) }}
				f := &follow.Follower{Server: &fake{get: tc.get, changes: startedUnder(7)}, Budget: budget, Journal: j}
				s := shop(tc.adopt)
				s.Key = "nightly"
				s.Post = func(context.Context, dqops.Start) (*dqops.JobID, error) {
					kept, err := j.Jobs()
					if err != nil || len(kept) != 1 || !kept[0].Open() || kept[0].Key != "nightly" || kept[0].Request == nil {
						t.Errorf("when it is sent the journal has %v, %v", kept, err)
					}
					if tc.answer != nil {
						return nil, tc.answer
					}
					return &dqops.JobID{ID: 9}, nil
				}
				_, _ = f.Submit(t.Context(), s)
				kept, err := j.Jobs()
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tc.want, kept, cmpopts.IgnoreFields(journal.Job{}, "Entry", "At", "Scope"), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("in the journal (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestFindingAgain: a job of the journal that never got its number.
func TestFindingAgain(t *testing.T) {
	kept := journal.Job{Key: "nightly", Type: "run_checks", Before: 5, Request: map[string]string{"check_search_filters.connection": "shop"}}
	long := kept
	long.Request = nil
	for _, tc := range []struct {
		name string
		kept journal.Job
		get  func(int, string) (*dqops.Job, error)
		want string
	}{
		{"there", kept, then(runOf(7, "shop", dqops.StatusRunning)), ""},
		{"there, its request too long to be kept", long, then(runOf(7, "wh", dqops.StatusRunning)), ""},
		{"unknown", kept, then(unknown("nightly")), "the server knows no job of that key"},
		{"the one from before", kept, then(runOf(5, "shop", dqops.StatusFinished)), "the key still names job 5, which was there before"},
		{"another request", kept, then(runOf(7, "wh", dqops.StatusRunning)), "the key names job 7, which is another request: check_search_filters.connection is wh there and shop here"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &follow.Follower{Server: &fake{get: tc.get}}
			job, err := f.FindAgain(t.Context(), tc.kept)
			if tc.want == "" {
				if err != nil || job.ID.ID != 7 {
					t.Errorf("%v, %v", job, err)
				}
				return
			}
			want := "the job with key nightly is lost: " + tc.want + "; its request never arrived, or the server forgot the job; start it again if its work is needed"
			if outcome(err) != exit.JobLost || words(err) != want {
				t.Errorf("%s: %s", outcome(err), words(err))
			}
		})
	}
	if _, err := (&follow.Follower{Server: &fake{get: then(lost("refused"))}}).FindAgain(t.Context(), kept); outcome(err) != "" {
		t.Errorf("without contact: %v", err)
	}
}

// TestTwoOfOneKeyInTheRealThing: the answers tell them apart.
func TestTwoOfOneKeyInTheRealThing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		held := w.Hold(simulator.StageSubmit)
		connections := []string{"shop", "slow"}
		jobs := make([]*follow.Submitted, len(connections))
		done := make(chan error, len(connections))
		for i, connection := range connections {
			s := w.submission("nightly", connection)
			s.Callers = true
			go func() {
				var err error
				jobs[i], err = w.follower().Submit(t.Context(), s)
				done <- err
			}()
		}
		synctest.Wait() // both stand at the barrier
		held.Release()
		for range connections {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		for i, connection := range connections {
			got, err := w.client.GetJob(t.Context(), strconv.FormatInt(jobs[i].ID.ID, 10))
			if err != nil {
				t.Fatal(err)
			}
			if run, _ := got.Parameters.RunChecks(); run.CheckSearchFilters.Connection != connection {
				t.Errorf("job %d of %s is %s", got.ID.ID, connection, run.CheckSearchFilters.Connection)
			}
		}
		w.parents(2)
	})
}
