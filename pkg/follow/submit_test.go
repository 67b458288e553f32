package follow_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
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

func TestKeys(t *testing.T) {
	key, other := follow.NewKey(), follow.NewKey()
	if !regexp.MustCompile(`^dqoctl-[0-9a-f]{24}$`).MatchString(key) || key == other {
		t.Errorf("keys %q and %q", key, other)
	}
	for key, want := range map[string]string{
		key: "", "nightly": "", "nightly-7": "", "a/b c": "", "...": "", "7a": "", "7.0": "", "99999999999999999999": "",
		"":                    "--key is empty; leave --key out and one is made",
		".":                   "--key . stands for a folder in an address, so that the job could not be found again; choose another word",
		"..":                  "--key .. stands for a folder in an address, so that the job could not be found again; choose another word",
		"--adopt":             "--key --adopt looks like a flag; give the key that is missing before it",
		"-":                   "--key - looks like a flag; give the key that is missing before it",
		"a\xff":               `--key "a\xff" is not UTF-8; choose another word`,
		"@last":               "--key @last: as an ID it stands for the newest job of this machine; choose another word",
		"7":                   "--key 7 is a number: the server would mix it up with the id of a job; put a word before it, for example nightly-7",
		"0":                   "--key 0 is a number: the server would mix it up with the id of a job; put a word before it, for example nightly-0",
		"-7":                  "--key -7 is a number: the server would mix it up with the id of a job; put a word before it, for example nightly--7",
		"+7":                  "--key +7 is a number: the server would mix it up with the id of a job; put a word before it, for example nightly-+7",
		"9223372036854775807": "--key 9223372036854775807 is a number: the server would mix it up with the id of a job; put a word before it, for example nightly-9223372036854775807",
	} {
		err := follow.CheckKey(key)
		if want == "" && err != nil || want != "" && (outcome(err) != exit.Usage || words(err) != want) {
			t.Errorf("%q: %v, want %q", key, err, want)
		}
	}
}

// submitted is what came of submitting on a fake server.
type submitted struct {
	job   *follow.Submitted
	err   error
	posts []time.Duration // when each was sent
	keys  []dqops.Start
	told  []string
	took  time.Duration
}

// answers says what comes of each post; the last one stays. A number is the id of
// the new job, 0 an answer without any.
func submit(t *testing.T, server *fake, s follow.Submission, answers ...any) submitted {
	t.Helper()
	var got submitted
	synctest.Test(t, func(t *testing.T) {
		f := &follow.Follower{Server: server, Budget: budget}
		began := time.Now()
		s.Key = "nightly"
		s.Told = func(text string) { got.told = append(got.told, text) }
		s.Post = func(_ context.Context, start dqops.Start) (*dqops.JobID, error) {
			n := len(got.posts)
			got.posts, got.keys = append(got.posts, time.Since(began)), append(got.keys, start)
			switch answer := answers[min(n, len(answers)-1)].(type) {
			case error:
				return nil, answer
			case int:
				if answer == 0 {
					return nil, nil
				}
				return &dqops.JobID{ID: int64(answer), BusinessKey: "nightly"}, nil
			default:
				panic(answer)
			}
		}
		got.job, got.err = f.Submit(t.Context(), s)
		got.took = time.Since(began)
	})
	return got
}

func (g submitted) is(t *testing.T, id int64, how follow.Way, posts int) {
	t.Helper()
	if g.err != nil || g.job.ID.ID != id || g.job.How != how {
		t.Errorf("%+v, %v; want job %d, way %d", g.job, g.err, id, how)
	}
	g.sent(t, posts)
}

func (g submitted) fails(t *testing.T, decides exit.Outcome, want string, posts int) {
	t.Helper()
	if g.job != nil || outcome(g.err) != decides || words(g.err) != want {
		t.Errorf("%s: %s\nwant %s: %s", outcome(g.err), words(g.err), decides, want)
	}
	g.sent(t, posts)
}

func (g submitted) sent(t *testing.T, posts int) {
	t.Helper()
	if len(g.posts) != posts {
		t.Errorf("posted %v, want %d times", g.posts, posts)
	}
	for _, start := range g.keys {
		if diff := cmp.Diff(dqops.Start{BusinessKey: "nightly"}, start); diff != "" {
			t.Errorf("start (-want +got):\n%s", diff)
		}
	}
}

var (
	run  = follow.Submission{Type: dqops.TypeRunChecks}
	once = follow.Submission{Type: dqops.TypeImportTables}
)

func TestASubmitThatIsAnswered(t *testing.T) {
	server := &fake{}
	submit(t, server, run, 9).is(t, 9, follow.Answered, 1)
	if calls := server.made(""); len(calls) != 0 {
		t.Errorf("asked besides: %v", calls)
	}
}

var doubtful = map[string]error{
	"lost":               lost("reset"),
	"an empty 201":       dqops.ErrNotKnownYet,
	"500":                says(500),
	"a spoiled 201":      &dqops.ProtocolError{Doing: "ask", Status: 201, Reason: "half a JSON object"},
	"502":                says(502),
	"503":                says(503),
	"504":                says(504),
	"503, later perhaps": saysLater(503, time.Hour),
}

func TestADoubtfulSubmitIsFound(t *testing.T) {
	for name, err := range doubtful {
		for late, get := range map[string]func(int, string) (*dqops.Job, error){
			"at once": then(job(dqops.StatusRunning)),
			"late":    then(unknown("nightly"), unknown("nightly"), lost("reset"), says(503), job(dqops.StatusQueued)),
		} {
			t.Run(name+" "+late, func(t *testing.T) {
				server := &fake{get: get}
				submit(t, server, once, err).is(t, 7, follow.Found, 1)
				if diff := cmp.Diff([]string{"get nightly"}, whats(server.made("get"))); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestWhatIsSentAgain is the table of what may be started twice, row by row.
func TestWhatIsSentAgain(t *testing.T) {
	for kind, posts := range map[dqops.JobType]int{
		dqops.TypeRunChecks: 2, dqops.TypeCollectStatistics: 2, dqops.TypeCollectErrorSamples: 2,
		dqops.TypeSynchronizeMultipleFolders: 2, dqops.TypeImportTables: 1, dqops.TypeDeleteStoredData: 1, "": 1,
	} {
		for name, err := range doubtful {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				got := submit(t, &fake{get: then(unknown("nightly"))}, follow.Submission{Type: kind}, err)
				decides := exit.Unreachable
				if name == "500" {
					decides = exit.Protocol // the server is there and fails at it
				}
				got.fails(t, decides, "the job may have been started: "+err.Error()+", and its key nightly is not known; look for it with: dqoctl jobs get nightly", posts)
				if !errors.Is(got.err, err) {
					t.Errorf("%v is not in %v", err, got.err)
				}
				// Each time it is looked for long enough, and no longer.
				low, high := time.Duration(posts)*5*time.Second, time.Duration(posts)*6*time.Second
				if kind == dqops.TypeSynchronizeMultipleFolders {
					// For another one that hides it, on a server that keeps no changes.
					low, high = low+20*time.Second, high+21*time.Second
				}
				if got.took < low || got.took > high {
					t.Errorf("took %s", got.took)
				}
				if posts == 2 && (len(got.told) != 1 || got.told[0] != err.Error()+"; the server does not know its key, and it is sent once more") {
					t.Errorf("told %q", got.told)
				}
			})
		}
	}
}

func TestSentAgain(t *testing.T) {
	for name, answers := range map[string][]any{
		"and answered":                      {lost("reset"), 9},
		"and lost, and found":               {lost("reset"), lost("reset")},
		"and not at home, and answered":     {lost("reset"), unsent, unsent, 9},
		"and shutting down, then answered":  {says(503), 0, 9},
		"and too many, and answered":        {says(502), says(429), 9},
		"after nothing started, and 502":    {0, says(502), 9},
		"after the answer of one that died": {0, unsent, lost("reset"), unsent, 9},
	} {
		t.Run(name, func(t *testing.T) {
			get := then(unknown("nightly"))
			if name == "and lost, and found" {
				get = after(7*time.Second, unknown("nightly"), job(dqops.StatusRunning))
			}
			got := submit(t, &fake{get: get}, run, answers...)
			if name == "and lost, and found" {
				got.is(t, 7, follow.Found, 2)
				return
			}
			got.is(t, 9, follow.Answered, len(answers))
		})
	}
}

// TestAStartingServer: it knows no jobs yet, so that its 404 proves nothing.
func TestASubmitOnAStartingServer(t *testing.T) {
	starting := func(d time.Duration) func(int) (bool, error) {
		began := time.Time{}
		return func(int) (bool, error) {
			if began.IsZero() {
				began = time.Now()
			}
			return time.Since(began) >= d, nil
		}
	}
	found := submit(t, &fake{get: after(time.Minute, unknown("nightly"), job(dqops.StatusQueued)), healthy: starting(time.Minute)}, once, says(503))
	found.is(t, 7, follow.Found, 1)
	again := submit(t, &fake{get: then(unknown("nightly")), healthy: starting(time.Minute)}, run, says(503), 9)
	again.is(t, 9, follow.Answered, 2)
	if again.posts[1] < 65*time.Second || again.posts[1] > 66*time.Second {
		t.Errorf("sent again after %s", again.posts[1])
	}
	// One that starts meanwhile is given the whole time once more.
	restarted := submit(t, &fake{get: then(unknown("nightly")), healthy: func(n int) (bool, error) { return n != 10, nil }}, run, says(503), 9)
	restarted.is(t, 9, follow.Answered, 2)
	if restarted.posts[1] < 8*time.Second || restarted.posts[1] > 9*time.Second {
		t.Errorf("sent again after %s", restarted.posts[1])
	}
	never := submit(t, &fake{get: then(unknown("nightly")), healthy: starting(time.Hour)}, run, says(503))
	never.fails(t, exit.Unreachable, "the job may have been started: "+says(503).Error()+", and its key nightly is not known; look for it with: dqoctl jobs get nightly", 1)
	if never.took < budget || never.took > budget+time.Second {
		t.Errorf("took %s", never.took)
	}
	// Where nobody says whether it is healthy, nothing is proved.
	hidden := submit(t, &fake{get: then(unknown("nightly")), healthy: func(int) (bool, error) { return false, notDQOps }}, run, says(503))
	hidden.fails(t, exit.Unreachable, "the job may have been started: "+says(503).Error()+", and its key nightly is not known; look for it with: dqoctl jobs get nightly", 1)
	if hidden.took < 5*time.Second || hidden.took > 6*time.Second {
		t.Errorf("took %s", hidden.took)
	}
}

// TestContactLostWhileLooking is borne for as long as the budget.
func TestContactLostWhileLooking(t *testing.T) {
	back := submit(t, &fake{get: after(4*time.Minute, lost("refused"), job(dqops.StatusRunning))}, once, lost("reset"))
	back.is(t, 7, follow.Found, 1)
	gone := submit(t, &fake{get: then(lost("refused"))}, run, lost("reset"))
	gone.fails(t, exit.Unreachable, "the job may have been started: "+lost("reset").Error()+", and its key nightly is not known; look for it with: dqoctl jobs get nightly", 1)
	if gone.took > budget || gone.took < budget-10*time.Second {
		t.Errorf("took %s", gone.took)
	}
	// The page of a proxy whose server is away says nothing about the request before.
	foreign := submit(t, &fake{get: then(notDQOps)}, run, lost("reset"))
	foreign.fails(t, exit.Unreachable, "the job may have been started: "+lost("reset").Error()+", and its key nightly is not known; look for it with: dqoctl jobs get nightly", 1)
	locked := submit(t, &fake{get: then(denied)}, run, lost("reset"))
	locked.fails(t, exit.Unreachable, "the job may have been started: "+lost("reset").Error()+", and its key nightly is not known; look for it with: dqoctl jobs get nightly", 1)
}

var unsent = &dqops.UnreachableError{Doing: "start the checks", Err: errors.New("refused")}

func TestASubmitThatIsRefused(t *testing.T) {
	for name, err := range map[string]error{
		"never left": unsent,
		"400":        says(400), "415": says(415), "401": denied, "a wrong path": &dqops.ProtocolError{Doing: "ask", Status: 404}, "another error": errors.New("odd"),
	} {
		t.Run(name, func(t *testing.T) {
			server := &fake{}
			got := submit(t, server, run, err)
			if !errors.Is(got.err, err) || outcome(got.err) != "" || got.job != nil || got.took != 0 {
				t.Errorf("%v, %v after %s; want %v at once", got.job, got.err, got.took, err)
			}
			got.sent(t, 1)
			if calls := server.made(""); len(calls) != 0 || len(got.told) != 0 {
				t.Errorf("told %q, and asked besides: %v", got.told, calls)
			}
		})
	}
}

// TestWhatStartedNothing is sent again within the budget, whatever it is: the
// answer proves that there is no job.
func TestWhatStartedNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		answer any
		text   string
	}{
		"a 201 without an id": {0, "the server is shutting down and starts no jobs"},
		"429":                 {says(429), says(429).Error()},
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range []follow.Submission{run, once} {
				submit(t, &fake{}, s, tc.answer, tc.answer, unsent, 9).is(t, 9, follow.Answered, 4)
				got := submit(t, &fake{}, s, tc.answer)
				got.fails(t, exit.Unreachable, "no job was started: "+tc.text+"; try again when the server is back", len(got.posts))
				if got.took > budget || got.took < budget-10*time.Second || len(got.posts) < 20 || len(got.posts) > 70 {
					t.Errorf("%d posts in %s", len(got.posts), got.took)
				}
				if want := []string{"nothing was started yet: " + tc.text + "; trying again"}; !slices.Equal(got.told, want) {
					t.Errorf("told %q", got.told)
				}
			}
		})
	}
}

func TestASubmitObeysRetryAfter(t *testing.T) {
	got := submit(t, &fake{}, once, saysLater(429, time.Minute), 9)
	got.is(t, 9, follow.Answered, 2)
	if got.took != time.Minute {
		t.Errorf("took %s", got.took)
	}
	// Longer than the budget is not waited at all.
	got = submit(t, &fake{}, once, saysLater(429, time.Hour))
	got.fails(t, exit.Unreachable, "no job was started: "+saysLater(429, time.Hour).Error()+"; try again when the server is back", 1)
	if got.took != 0 {
		t.Errorf("took %s", got.took)
	}
}

// TestTheDeadlineOfASubmit ends the attempts: --timeout is for all of it.
func TestTheDeadlineOfASubmit(t *testing.T) {
	for name, tc := range map[string]struct {
		answer any
		want   string
	}{
		"nothing started": {0, "no job was started: the server is shutting down and starts no jobs; try again when the server is back"},
		"doubtful": {
			says(503),
			"the job may have been started: " + says(503).Error() + ", and its key nightly is not known; look for it with: dqoctl jobs get nightly",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				f := &follow.Follower{Budget: budget, Server: &fake{get: then(unknown("nightly")), healthy: func(int) (bool, error) { return false, nil }}}
				_, err := f.Submit(t.Context(), follow.Submission{
					Key: "nightly", Deadline: began.Add(10 * time.Second),
					Post: func(context.Context, dqops.Start) (*dqops.JobID, error) {
						err, _ := tc.answer.(error)
						return nil, err
					},
				})
				if outcome(err) != exit.Unreachable || words(err) != tc.want || time.Since(began) != 10*time.Second {
					t.Errorf("%s after %s", words(err), time.Since(began))
				}
			})
		})
	}
}

// TestTheDeadlineOfASilentAnswer: --timeout bounds the request that starts the job
// too; but a request whose time is up already gets some seconds.
func TestTheDeadlineOfASilentAnswer(t *testing.T) {
	for given, most := range map[time.Duration]time.Duration{20 * time.Second: 30 * time.Second, time.Millisecond: 15 * time.Second} {
		inWorld(t, func(t *testing.T, w *world) {
			held := w.Hold(simulator.StageSubmit)
			defer held.Release()
			began := time.Now()
			s := w.submission("nightly", "shop")
			s.Deadline = began.Add(given)
			_, err := w.follower().Submit(t.Context(), s)
			if took := time.Since(began); outcome(err) != exit.Unreachable || !strings.HasPrefix(words(err), "the job may have been started: ") || took > most {
				t.Errorf("%s after %s", words(err), took)
			}
		})
	}
}

// TestAnEmptyAnswerAtTheDeadline says only that the time is up: the job is looked
// for a little longer.
func TestAnEmptyAnswerAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &follow.Follower{Budget: budget, Server: &fake{get: after(3*time.Second, unknown("nightly"), imported(9))}}
		job, whole, err := f.SubmitWaiting(t.Context(), follow.Submission{
			Type: dqops.TypeImportTables, Key: "nightly", Deadline: time.Now().Add(time.Second),
			Post: func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
				if err := hold(ctx, start.WaitTimeout); err != nil {
					return nil, err
				}
				return nil, dqops.ErrNotKnownYet
			},
		}, func(follow.Submitted) {})
		if err != nil || whole || job.ID.ID != 9 {
			t.Errorf("%+v, whole %t, %v", job, whole, err)
		}
	})
}

// TestAnotherProductIsNotWaitedFor: where the key cannot be looked up either, there
// is no DQOps.
func TestAnotherProductIsNotWaitedFor(t *testing.T) {
	got := submit(t, &fake{get: then(notDQOps)}, run, notDQOps)
	if !errors.Is(got.err, notDQOps) || outcome(got.err) != "" || got.took != 0 {
		t.Errorf("%v after %s", got.err, got.took)
	}
}

// TestAnAnswerThatIsLostOnTheWay: the server has started the job and the
// connection breaks before it says so.
func TestAnAnswerThatIsLostOnTheWay(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		held := w.Hold(simulator.StageSubmitted)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			<-held.Reached()
			w.network.cut()
			held.Release()
		}()
		job, err := w.follower().Submit(t.Context(), w.submission("nightly", "shop"))
		<-ended
		if err != nil || job.ID.BusinessKey != "nightly" || job.How != follow.Found {
			t.Fatalf("%v, %v", job, err)
		}
		got, err := w.follower().Wait(t.Context(), "nightly", true, time.Time{})
		if err != nil || got.Job.ID.ID != job.ID.ID || got.Job.Status != dqops.StatusFinished {
			t.Errorf("%+v, %v", got.Job, err)
		}
		w.parents(1)
	})
}

// TestARequestThatIsLostOnTheWay: the connection breaks before the server does
// anything. The request is sent once more, and its answer is the one that counts,
// also if the first one is delivered late.
func TestARequestThatIsLostOnTheWay(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		held := w.Hold(simulator.StageSubmit)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			<-held.Reached()
			w.network.cut()
			synctest.Wait() // the handler stands at the barrier; its caller is gone
		}()
		s := w.submission("nightly", "shop")
		post, n := s.Post, 0
		s.Post = func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
			if n++; n == 1 {
				return post(ctx, start)
			}
			held.Release()
			return post(ctx, start)
		}
		job, err := w.follower().Submit(t.Context(), s)
		<-ended
		if err != nil || job.How != follow.Answered || n != 2 {
			t.Fatalf("%v, %v after %d posts", job, err, n)
		}
	})
}

func (w *world) parents(want int) {
	w.t.Helper()
	parents := 0
	for _, j := range w.Jobs() {
		if j.ParentID == 0 {
			parents++
		}
	}
	if parents != want {
		w.t.Errorf("%d jobs were started, want %d", parents, want)
	}
}

func TestTheCallersEndDuringASubmit(t *testing.T) {
	broke := errors.New("the user broke off")
	for name, tc := range map[string]struct {
		get    func(int, string) (*dqops.Job, error)
		answer error
	}{
		"between looks":    {then(unknown("nightly")), lost("reset")},
		"in a look":        {then(errHang), lost("reset")},
		"between attempts": {nil, saysLater(429, time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				timer := time.AfterFunc(time.Second, func() { cancel(broke) })
				defer timer.Stop()
				began := time.Now()
				f := &follow.Follower{Server: &fake{get: tc.get}, Budget: budget}
				_, err := f.Submit(ctx, follow.Submission{Key: "nightly", Post: func(context.Context, dqops.Start) (*dqops.JobID, error) {
					return nil, tc.answer
				}})
				if !errors.Is(err, broke) || time.Since(began) != time.Second {
					t.Errorf("%v after %s", err, time.Since(began))
				}
			})
		})
	}
}
