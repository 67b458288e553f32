package follow_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// followed is what came of following job 7 on a fake server.
type followed struct {
	follow.Followed
	err  error
	took time.Duration
}

// followJob follows job 7 in a bubble. A time of 0 is no deadline.
func followJob(t *testing.T, server *fake, ours bool, timeout time.Duration) followed {
	t.Helper()
	var got followed
	synctest.Test(t, func(t *testing.T) {
		f := &follow.Follower{Server: server, Budget: budget}
		began := time.Now()
		var deadline time.Time
		if timeout > 0 {
			deadline = began.Add(timeout)
		}
		got.Followed, got.err = f.Wait(t.Context(), "7", ours, deadline)
		got.took = time.Since(began)
	})
	return got
}

func (f followed) want(t *testing.T, status dqops.JobStatus, took time.Duration) {
	t.Helper()
	if f.err != nil {
		t.Fatalf("%v after %s", f.err, f.took)
	}
	if f.Job.Status != status || f.took != took {
		t.Errorf("%s after %s, want %s after %s", f.Job.Status, f.took, status, took)
	}
}

func TestARunIsFollowedToItsEnd(t *testing.T) {
	for connection, want := range map[string]dqops.JobStatus{
		"shop": dqops.StatusFinished, "broken": dqops.StatusFailed, "nothing matches": dqops.StatusFinished,
	} {
		t.Run(connection, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				id := w.start(connection)
				got, err := w.follower().Wait(t.Context(), id.BusinessKey, true, time.Time{})
				if err != nil {
					t.Fatal(err)
				}
				if got.Job.Status != want || got.Job.ID.ID != id.ID {
					t.Errorf("job %d is %s, want %s", got.Job.ID.ID, got.Job.Status, want)
				}
				result, err := got.Job.RunChecksResult()
				if err != nil || (result != nil) != (want == dqops.StatusFinished) {
					t.Errorf("result %v, %v", result, err)
				}
				if want == dqops.StatusFailed && !strings.Contains(got.Job.ErrorMessage, "the disk is full") {
					t.Errorf("error %q", got.Job.ErrorMessage)
				}
				if !got.ChildrenKnown {
					t.Error("the children are not known")
				}
			})
		})
	}
}

func TestACancelledRunIsFollowedToItsEnd(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		id := w.start("slow")
		began := time.Now()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			time.Sleep(7 * time.Second)
			if err := w.client.CancelJob(t.Context(), id.BusinessKey); err != nil {
				t.Errorf("cancel: %v", err)
			}
		}()
		got, err := w.follower().Wait(t.Context(), id.BusinessKey, true, time.Time{})
		<-ended
		if err != nil || got.Job.Status != dqops.StatusCancelled {
			t.Fatalf("%v, %v", got.Job, err)
		}
		if took := time.Since(began); took > 9*time.Second {
			t.Errorf("took %s, though its child is not to be waited for", took)
		}
		if len(got.Children) != 1 || got.Children[0].Status != dqops.StatusRunning || !got.ChildrenKnown {
			t.Errorf("children %+v, known %v", got.Children, got.ChildrenKnown)
		}
	})
}

func TestALongRunIsWaitedForInSlices(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		id := w.start("slow")
		began := time.Now()
		got, err := w.follower().Wait(t.Context(), id.BusinessKey, true, time.Time{})
		if err != nil || got.Job.Status != dqops.StatusFinished {
			t.Fatalf("%v, %v", got.Job, err)
		}
		if took := time.Since(began); took < 10*time.Minute || took > 10*time.Minute+2*time.Second {
			t.Errorf("took %s", took)
		}
		waits := w.asked("GET", "/wait")
		if waits < 30 || waits > 32 { // the last ones while the history still says running
			t.Errorf("%d waits, want one every 20 s", waits)
		}
		for _, r := range w.Requests() {
			if strings.HasSuffix(r.Path, "/wait") && r.Query != "waitTimeout=20" {
				t.Errorf("waited with %s", r.Query)
			}
		}
		// One look at the start, one after each wait, some for the result.
		if looks := len(w.Requests()) - waits; looks > 2*32+10 {
			t.Errorf("%d requests beside the waits", looks)
		}
	})
}

// TestTheAnswerOfAWaitIsNotTheTruth: a waiter that saw the end gets the job
// without its result, and the history may say running still (wire T3).
func TestTheAnswerOfAWaitIsNotTheTruth(t *testing.T) {
	server := &fake{
		get: then(job(dqops.StatusRunning), job(dqops.StatusRunning), job(dqops.StatusFinished), job(dqops.StatusFinished), judged(dqops.TypeRunChecksOnTable)),
		wait: func(int) (*dqops.Job, error) {
			return job(dqops.StatusFinished), nil
		},
	}
	got := followJob(t, server, false, 0)
	got.want(t, dqops.StatusFinished, time.Millisecond+2*50*time.Millisecond)
	if result, err := got.Job.RunChecksResult(); result == nil || err != nil {
		t.Errorf("result %v, %v", result, err)
	}
}

func TestAResultThatNeverComes(t *testing.T) {
	server := &fake{get: then(job(dqops.StatusFinished))}
	got := followJob(t, server, false, 0)
	got.want(t, dqops.StatusFinished, 5*time.Second)
	if result, err := got.Job.RunChecksResult(); result != nil || err != nil {
		t.Errorf("result %v, %v", result, err)
	}
	if n := len(server.made("get")); n > 102 {
		t.Errorf("%d looks", n)
	}
}

func TestJobsWithoutAResultAreNotReadAgain(t *testing.T) {
	for _, status := range []dqops.JobStatus{dqops.StatusFailed, dqops.StatusCancelled} {
		got := followJob(t, &fake{get: then(job(status))}, false, 0)
		got.want(t, status, 0)
	}
	followJob(t, &fake{get: then(job(dqops.StatusFinished, "import_tables"))}, false, 0).want(t, dqops.StatusFinished, 0)
}

// TestWaitsThatAnswerAtOnce: none of them ends the wait, and none makes it spin.
func TestWaitsThatAnswerAtOnce(t *testing.T) {
	const runs = time.Minute
	for name, answer := range map[string]func(int) (*dqops.Job, error){
		"empty":    func(int) (*dqops.Job, error) { return nil, dqops.ErrNotKnownYet },
		"500":      func(int) (*dqops.Job, error) { return nil, says(500) },
		"404":      func(int) (*dqops.Job, error) { return nil, unknown("7") },
		"finished": func(int) (*dqops.Job, error) { return judged(dqops.TypeRunChecksOnTable), nil },
		"running":  func(int) (*dqops.Job, error) { return job(dqops.StatusRunning), nil },
	} {
		t.Run(name, func(t *testing.T) {
			server := &fake{wait: answer, get: after(runs, job(dqops.StatusRunning), judged(dqops.TypeRunChecksOnTable))}
			got := followJob(t, server, false, 0)
			got.want(t, dqops.StatusFinished, runs)
			if n := len(server.made("")); n > int(runs/(300*time.Millisecond))*2+15 {
				t.Errorf("%d requests in %s", n, runs)
			}
		})
	}
}

func TestAnUnknownStateIsWaitedOn(t *testing.T) {
	server := &fake{get: after(time.Hour, job("paused"), job(dqops.StatusFailed))}
	followJob(t, server, false, 0).want(t, dqops.StatusFailed, time.Hour)
}

func TestTheNumberIsAskedForOnceItIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &fake{get: after(time.Minute, job(dqops.StatusRunning), judged(dqops.TypeRunChecksOnTable))}
		f := &follow.Follower{Server: server, Budget: budget}
		if _, err := f.Wait(t.Context(), "nightly", true, time.Time{}); err != nil {
			t.Fatal(err)
		}
		want := []string{"get nightly", "wait 7 20s", "get 7", "wait 7 20s", "get 7", "wait 7 20s", "get 7"}
		if diff := cmp.Diff(want, whats(server.made(""))); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
}

func TestAKeyThatHidesTheNumber(t *testing.T) {
	other := job(dqops.StatusRunning)
	other.ID = dqops.JobID{ID: 99, BusinessKey: "7"}
	got := followJob(t, &fake{get: then(job(dqops.StatusRunning), other)}, true, 0)
	if outcome(got.err) != exit.JobLost {
		t.Fatalf("%v", got.err)
	}
	const want = "job 7 can no longer be read: job 99 has the business key 7, which hides it; give jobs business keys that are not numbers"
	if words(got.err) != want {
		t.Errorf("%s\nwant %s", words(got.err), want)
	}
	if got.Job.ID.ID != 7 {
		t.Errorf("the job is %d", got.Job.ID.ID)
	}
}

func TestDeadline(t *testing.T) {
	got := followJob(t, &fake{get: then(job(dqops.StatusRunning))}, true, time.Minute)
	if outcome(got.err) != exit.Timeout || got.took != time.Minute {
		t.Fatalf("%v after %s", got.err, got.took)
	}
	const want = "--timeout passed and job 7 is still running; it goes on without dqoctl; resume with: dqoctl jobs wait 7"
	if words(got.err) != want {
		t.Errorf("%s\nwant %s", words(got.err), want)
	}
	if got.Job.Status != dqops.StatusRunning {
		t.Errorf("the job is %+v", got.Job)
	}
}

func TestTheLastLook(t *testing.T) {
	const limit = time.Minute
	for _, tc := range []struct {
		name  string
		get   func(int, string) (*dqops.Job, error)
		want  string // the outcome, "" when there is no error
		words string
		took  time.Duration
	}{
		{"it ended just before", after(limit, job(dqops.StatusRunning), judged(dqops.TypeRunChecksOnTable)), "", "", limit},
		{"it failed just before", after(limit, job(dqops.StatusRunning), job(dqops.StatusFailed)), "", "", limit},
		{"its result is missing for good", after(limit, job(dqops.StatusRunning), job(dqops.StatusFinished)), "", "", limit + 5*time.Second},
		{
			"it is still queued", after(limit, job(dqops.StatusRunning), job(dqops.StatusQueued)), "timeout",
			"--timeout passed and job 7 is still queued; it goes on without dqoctl; resume with: dqoctl jobs wait 7", limit,
		},
		{
			"no answer", after(limit, job(dqops.StatusRunning), errHang), "timeout",
			"--timeout passed and job 7 is still running; it goes on without dqoctl; resume with: dqoctl jobs wait 7", limit + 5*time.Second,
		},
		{
			"the contact is lost", after(limit, job(dqops.StatusRunning), lost("reset")), "timeout",
			"--timeout passed and job 7 is still running; it goes on without dqoctl; resume with: dqoctl jobs wait 7", limit + 5*time.Second,
		},
		{
			"never an answer", then(errHang), "timeout",
			"--timeout passed and job 7 is not known to the end; it goes on without dqoctl; resume with: dqoctl jobs wait 7", limit + 5*time.Second,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := followJob(t, &fake{get: tc.get}, true, limit)
			if string(outcome(got.err)) != tc.want || tc.want == "" && got.err != nil {
				t.Fatalf("%v, want outcome %q", got.err, tc.want)
			}
			if tc.want != "" && words(got.err) != tc.words {
				t.Errorf("%s\nwant %s", words(got.err), tc.words)
			}
			if got.took != tc.took {
				t.Errorf("took %s, want %s", got.took, tc.took)
			}
		})
	}
}

func TestTheLastLookIsAtTheSameJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := job(dqops.StatusQueued)
		other.ID.ID = 99
		server := &fake{get: func(_ int, id string) (*dqops.Job, error) {
			if id == "nightly" && time.Now().Second() >= 10 {
				return other, nil // the key was given to another job meanwhile
			}
			return job(dqops.StatusRunning), nil
		}}
		f := &follow.Follower{Server: server, Budget: budget}
		_, err := f.Wait(t.Context(), "nightly", false, time.Now().Add(30*time.Second))
		if outcome(err) != exit.Timeout {
			t.Errorf("%v, want a timeout", err)
		}
	})
}

func TestAForeignJobThatIsUnknown(t *testing.T) {
	server := &fake{get: then(unknown("7"))}
	got := followJob(t, server, false, 0)
	if _, ok := errors.AsType[*dqops.NotFoundError](got.err); !ok || outcome(got.err) != "" || got.took != 0 || got.Job != nil {
		t.Errorf("%v after %s, job %v", got.err, got.took, got.Job)
	}
	// The second asks whether the server is only starting.
	if n := len(server.made("")); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestAJobOfOursMayBeUnknownForAWhile(t *testing.T) {
	followJob(t, &fake{get: after(4*time.Second, unknown("7"), job(dqops.StatusFailed))}, true, 0).
		want(t, dqops.StatusFailed, 14*300*time.Millisecond)
}

func TestAJobThatIsLost(t *testing.T) {
	const want = "job 7 is lost: the server no longer knows it; most likely it was restarted; " +
		"nothing is known about how it ended; start it again if its work is needed"
	for _, tc := range []struct {
		name string
		get  func(int, string) (*dqops.Job, error)
		ours bool
		took time.Duration
	}{
		{"ours, never known", then(unknown("7")), true, 5100 * time.Millisecond},
		{"ours, forgotten", then(job(dqops.StatusRunning), unknown("7")), true, 25100 * time.Millisecond},
		{"foreign, forgotten", then(job(dqops.StatusRunning), unknown("7")), false, 25100 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := followJob(t, &fake{get: tc.get}, tc.ours, 0)
			if outcome(got.err) != exit.JobLost || words(got.err) != want {
				t.Errorf("%s: %s", outcome(got.err), words(got.err))
			}
			if got.took != tc.took {
				t.Errorf("took %s, want %s", got.took, tc.took)
			}
		})
	}
}

// TestUnknownAfterAnOutage: the seconds of being unknown count from the first
// 404, not from when the server went away.
func TestUnknownAfterAnOutage(t *testing.T) {
	var missed time.Time
	server := &fake{}
	server.get = func(int, string) (*dqops.Job, error) {
		switch {
		case server.began.Add(20 * time.Second).After(time.Now()):
			return nil, lost("refused")
		case missed.IsZero():
			missed = time.Now()
		case time.Since(missed) > 4*time.Second:
			return job(dqops.StatusFailed), nil
		}
		return nil, unknown("7")
	}
	got := followJob(t, server, true, 0)
	if got.err != nil || got.Job.Status != dqops.StatusFailed {
		t.Errorf("given up before the job was found: %v", got.err)
	}
}

func TestTheFirstContactFailsAtOnce(t *testing.T) {
	for name, err := range map[string]error{
		"unreachable": lost("refused"), "503": says(503), "500": says(500), "401": denied, "HTML": notDQOps,
	} {
		server := &fake{get: then(err)}
		got := followJob(t, server, false, 0)
		if !errors.Is(got.err, err) || got.took != 0 || len(server.made("")) != 1 {
			t.Errorf("%s: %v after %s and %d requests", name, got.err, got.took, len(server.made("")))
		}
	}
}

func TestLostContactIsBorne(t *testing.T) {
	for name, err := range map[string]error{"unreachable": lost("reset"), "502": says(502), "503": says(503), "429": says(429)} {
		t.Run(name, func(t *testing.T) {
			const away = 4 * time.Minute
			server := &fake{get: then(job(dqops.StatusRunning))}
			var began time.Time
			server.get = func(n int, _ string) (*dqops.Job, error) {
				if n == 0 {
					began = time.Now()
					return job(dqops.StatusRunning), nil
				}
				if time.Since(began) < away {
					return nil, err
				}
				return job(dqops.StatusFailed), nil
			}
			got := followJob(t, server, false, 0)
			if got.err != nil || got.took < away || got.took > away+11*time.Second {
				t.Fatalf("%v after %s", got.err, got.took)
			}
			checkPauses(t, gaps(server.made("get")[1:]))
		})
	}
}

// checkPauses holds that pauses grow from 200 ms to 10 s, with some chance in
// each.
func checkPauses(t *testing.T, pauses []time.Duration) {
	t.Helper()
	longest := 200 * time.Millisecond
	for i, pause := range pauses {
		if pause < longest/2 || pause > longest {
			t.Errorf("pause %d is %s, want %s to %s", i, pause, longest/2, longest)
		}
		longest = min(2*longest, 10*time.Second)
	}
	if len(pauses) < 20 {
		t.Errorf("%d pauses only", len(pauses))
	}
}

// TestEveryGoodAnswerRenewsTheBudget: contact is lost three times for four
// minutes, with one good answer between.
func TestEveryGoodAnswerRenewsTheBudget(t *testing.T) {
	var began time.Time
	good := 0
	server := &fake{
		get: func(n int, _ string) (*dqops.Job, error) {
			if n > 0 && time.Since(began) < 4*time.Minute {
				return nil, lost("reset")
			}
			began = time.Now()
			good++
			if good > 3 {
				return job(dqops.StatusFailed), nil
			}
			return job(dqops.StatusRunning), nil
		},
		wait: func(int) (*dqops.Job, error) { return nil, dqops.ErrNotKnownYet },
	}
	got := followJob(t, server, false, 0)
	if got.err != nil || got.took < 12*time.Minute {
		t.Errorf("%v after %s", got.err, got.took)
	}
}

func TestContactLostForGood(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		want exit.Outcome
		most time.Duration
	}{
		{"unreachable", lost("reset"), exit.Unreachable, budget},
		{"503", says(503), exit.Unreachable, budget},
		{"500", says(500), "", 10 * time.Second}, // the server itself fails at it
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := &fake{get: then(job(dqops.StatusRunning), tc.err)}
			got := followJob(t, server, true, 0)
			if outcome(got.err) != tc.want || !errors.Is(got.err, tc.err) {
				t.Fatalf("%v, want outcome %q", got.err, tc.want)
			}
			// The budget counts from the last good answer; the last pause is not begun.
			if got.took > tc.most+20*time.Second || got.took < 20*time.Second || tc.most == budget && got.took < budget-11*time.Second {
				t.Errorf("took %s", got.took)
			}
			if !strings.HasPrefix(got.err.Error(), "no good answer for ") {
				t.Errorf("%v", got.err)
			}
			if tc.want != "" && !strings.HasSuffix(words(got.err), "; the job may still run on the server") {
				t.Errorf("%s", words(got.err))
			}
			if got.Job.Status != dqops.StatusRunning {
				t.Errorf("the job is %+v", got.Job)
			}
		})
	}
}

// TestLostWaits: the waits of a server that can be read otherwise do not end it.
func TestLostWaits(t *testing.T) {
	server := &fake{
		wait: func(int) (*dqops.Job, error) { return nil, lost("reset") },
		get:  after(10*time.Minute, job(dqops.StatusRunning), job(dqops.StatusFailed)),
	}
	got := followJob(t, server, false, 0)
	if got.err != nil || got.took < 10*time.Minute || got.took > 10*time.Minute+2*time.Second {
		t.Errorf("%v after %s", got.err, got.took)
	}
	if n := len(server.made("")); n > 2*10*60 {
		t.Errorf("%d requests in 10 minutes", n)
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	for _, status := range []int{429, 503} {
		server := &fake{get: then(job(dqops.StatusRunning), saysLater(status, 42*time.Second), saysLater(status, 90*time.Second), job(dqops.StatusFailed))}
		got := followJob(t, server, false, 0)
		got.want(t, dqops.StatusFailed, 20*time.Second+42*time.Second+90*time.Second)
		if diff := cmp.Diff([]time.Duration{20 * time.Second, 42 * time.Second, 90 * time.Second}, gaps(server.made("get"))); diff != "" {
			t.Errorf("%d: pauses (-want +got):\n%s", status, diff)
		}
	}
	longer := &fake{get: then(job(dqops.StatusRunning), saysLater(503, 2*budget))}
	if got := followJob(t, longer, false, 0); outcome(got.err) != exit.Unreachable || got.took != 20*time.Second {
		t.Errorf("asked to wait longer than the budget: %v after %s", got.err, got.took)
	}
}

func TestFinalErrors(t *testing.T) {
	certificate := &dqops.UnreachableError{Doing: "ask", Err: &tls.CertificateVerificationError{Err: errors.New("expired")}}
	alert := &dqops.UnreachableError{Doing: "ask", Sent: true, Err: &net.OpError{Op: "remote error", Err: tls.AlertError(116)}} // certificate required
	for name, err := range map[string]error{
		"401": denied, "HTML": notDQOps, "400": says(400), "405": says(405), "certificate": certificate,
		"no certificate of ours": alert, "another error": errors.New("odd"),
	} {
		for place, server := range map[string]*fake{
			"a look": {get: then(job(dqops.StatusRunning), err)},
			"a wait": {get: then(job(dqops.StatusRunning)), wait: func(n int) (*dqops.Job, error) {
				if n == 0 {
					return nil, dqops.ErrNotKnownYet
				}
				return nil, err
			}},
		} {
			t.Run(name+" at "+place, func(t *testing.T) {
				got := followJob(t, server, true, 0)
				if !errors.Is(got.err, err) || outcome(got.err) != "" || got.took > 20*time.Second {
					t.Errorf("%v after %s, want %v at once", got.err, got.took, err)
				}
				if got.Job == nil || got.Job.Status != dqops.StatusRunning {
					t.Errorf("what was learned is gone: %+v", got.Job)
				}
			})
		}
	}
}

// TestTheCallersEnd ends the context at every half second of a following that has
// all its phases, and holds that Wait returns at once with the cause.
func TestTheCallersEnd(t *testing.T) {
	broke := errors.New("the user broke off")
	phases := func() *fake {
		get := then(unknown("7"), unknown("7"), unknown("7"), unknown("7"), unknown("7"), job(dqops.StatusRunning, dqops.TypeRunChecks),
			lost("reset"), lost("reset"), lost("reset"), errHang, job(dqops.StatusRunning, dqops.TypeRunChecks), job(dqops.StatusFinished, dqops.TypeRunChecks))
		return &fake{get: get, changes: func(_ context.Context, since int64) ([]dqops.JobChange, int64, error) {
			return nil, since, nil
		}}
	}
	whole := followJob(t, phases(), true, 0)
	if whole.err != nil || whole.took < time.Minute {
		t.Fatalf("%v after %s", whole.err, whole.took)
	}
	for limit := time.Duration(0); limit < whole.took; limit += 500 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			timer := time.AfterFunc(limit, func() { cancel(broke) })
			defer timer.Stop()
			began := time.Now()
			f := &follow.Follower{Server: phases(), Budget: budget}
			got, err := f.Wait(ctx, "7", true, time.Time{})
			took := time.Since(began)
			switch {
			case took < limit && err == nil:
				// Jitter made this following shorter than the first.
			case took != limit:
				t.Errorf("broken off after %s, returned after %s", limit, took)
			case err == nil && got.Job.Status.Final():
				// Only children were still being read.
			case !errors.Is(err, broke):
				t.Errorf("broken off after %s: %v, want the cause", limit, err)
			}
		})
	}
}
