package follow_test

import (
	"context"
	"errors"
	"regexp"
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
		key: "", "nightly": "", "nightly-7": "", "a/b c": "", "7a": "", "7.0": "", "99999999999999999999": "",
		"":                    "--key is empty; leave --key out and one is made",
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
	id    *dqops.JobID
	err   error
	posts []dqops.Start
	took  time.Duration
}

// submit posts with an answer given, in a bubble.
func submit(t *testing.T, server *fake, callers bool, id *dqops.JobID, answer error) submitted {
	t.Helper()
	var got submitted
	synctest.Test(t, func(t *testing.T) {
		f := &follow.Follower{Server: server, Budget: budget}
		began := time.Now()
		got.id, got.err = f.Submit(t.Context(), follow.Submission{
			Key: "nightly", Callers: callers,
			Post: func(_ context.Context, start dqops.Start) (*dqops.JobID, error) {
				got.posts = append(got.posts, start)
				return id, answer
			},
		})
		got.took = time.Since(began)
	})
	return got
}

var once = []dqops.Start{{BusinessKey: "nightly"}}

func TestASubmitThatIsAnswered(t *testing.T) {
	server := &fake{}
	got := submit(t, server, false, &dqops.JobID{ID: 9}, nil)
	if got.err != nil || got.id.ID != 9 {
		t.Errorf("%v, %v", got.id, got.err)
	}
	if diff := cmp.Diff(once, got.posts); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
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

func TestADoubtfulSubmitIsAdopted(t *testing.T) {
	for name, err := range doubtful {
		for late, get := range map[string]func(int, string) (*dqops.Job, error){
			"at once": then(job(dqops.StatusRunning)),
			"late":    then(unknown("nightly"), unknown("nightly"), lost("reset"), says(503), job(dqops.StatusQueued)),
		} {
			t.Run(name+" "+late, func(t *testing.T) {
				server := &fake{get: get}
				got := submit(t, server, false, nil, err)
				if got.err != nil || got.id.ID != 7 {
					t.Errorf("%v, %v", got.id, got.err)
				}
				if diff := cmp.Diff(once, got.posts); diff != "" {
					t.Errorf("posts (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"get nightly"}, whats(server.made(""))); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestADoubtfulSubmitThatIsNotFound(t *testing.T) {
	for name, err := range doubtful {
		t.Run(name, func(t *testing.T) {
			server := &fake{get: then(unknown("nightly"))}
			got := submit(t, server, false, nil, err)
			want := "the job may have been started: " + err.Error() + ", and its key nightly is not known; look for it with: dqoctl jobs get nightly"
			decides := exit.Unreachable
			if name == "500" {
				decides = exit.Protocol // the server is there and fails at it
			}
			if outcome(got.err) != decides || words(got.err) != want || !errors.Is(got.err, err) {
				t.Errorf("%s: %s\nwant %s", outcome(got.err), words(got.err), want)
			}
			if got.took < 5*time.Second || got.took > 6*time.Second {
				t.Errorf("took %s", got.took)
			}
			if diff := cmp.Diff(once, got.posts); diff != "" {
				t.Errorf("posts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASubmitThatIsRefused(t *testing.T) {
	for name, err := range map[string]error{
		"never left": &dqops.UnreachableError{Doing: "start the checks", Err: errors.New("refused")},
		"400":        says(400), "415": says(415), "429": says(429), "401": denied, "a wrong path": &dqops.ProtocolError{Doing: "ask", Status: 404}, "another error": errors.New("odd"),
	} {
		t.Run(name, func(t *testing.T) {
			server := &fake{}
			got := submit(t, server, false, nil, err)
			if !errors.Is(got.err, err) || outcome(got.err) != "" || got.id != nil || got.took != 0 {
				t.Errorf("%v, %v after %s; want %v at once", got.id, got.err, got.took, err)
			}
			if calls := server.made(""); len(calls) != 0 || len(got.posts) != 1 {
				t.Errorf("%d posts, and asked besides: %v", len(got.posts), calls)
			}
		})
	}
}

// TestAnotherProductIsNotWaitedFor: where the key cannot be looked up either, there
// is no DQOps.
func TestAnotherProductIsNotWaitedFor(t *testing.T) {
	got := submit(t, &fake{get: then(notDQOps)}, false, nil, notDQOps)
	if !errors.Is(got.err, notDQOps) || outcome(got.err) != "" || got.took != 0 {
		t.Errorf("%v after %s", got.err, got.took)
	}
}

func TestAServerThatIsShuttingDownStartsNothing(t *testing.T) {
	got := submit(t, &fake{}, false, nil, nil)
	const want = "the server started nothing: it is shutting down; try again when it is back"
	if outcome(got.err) != exit.Unreachable || words(got.err) != want || got.id != nil {
		t.Errorf("%v, %s", got.id, words(got.err))
	}
}

func TestAKeyOfTheCallers(t *testing.T) {
	for _, tc := range []struct {
		name  string
		get   func(int, string) (*dqops.Job, error)
		posts int
		want  string
	}{
		{"free", then(unknown("nightly")), 1, ""},
		{
			"taken", then(job(dqops.StatusFinished)), 0,
			"--key nightly: the server already has job 7 of that key (finished); follow that one with: dqoctl jobs wait nightly",
		},
		{"no contact", then(lost("refused")), 0, "ask: contact with http://localhost was lost: refused"},
		{"no entry", then(denied), 0, "ask: the server asks for a token (HTTP 401)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := &fake{get: tc.get}
			got := submit(t, server, true, &dqops.JobID{ID: 9}, nil)
			if len(got.posts) != tc.posts {
				t.Errorf("%d posts, want %d", len(got.posts), tc.posts)
			}
			if tc.want == "" && (got.err != nil || got.id.ID != 9) || tc.want != "" && words(got.err) != tc.want {
				t.Errorf("%v, %v, want %q", got.id, got.err, tc.want)
			}
			if tc.name == "taken" && outcome(got.err) != exit.Usage {
				t.Errorf("outcome %s", outcome(got.err))
			}
		})
	}
}

func TestATakenKeyOfTheRealThing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		s := w.submission("nightly", "shop")
		s.Callers = true
		if _, err := w.follower().Submit(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if _, err := w.follower().Submit(t.Context(), s); outcome(err) != exit.Usage {
			t.Errorf("%v, want a refusal", err)
		}
		if n := w.asked("POST", "/runchecks"); n != 1 {
			t.Errorf("%d jobs were started", n)
		}
	})
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
		id, err := w.follower().Submit(t.Context(), w.submission("nightly", "shop"))
		<-ended
		if err != nil || id.BusinessKey != "nightly" {
			t.Fatalf("%v, %v", id, err)
		}
		got, err := w.follower().Wait(t.Context(), "nightly", true, time.Time{})
		if err != nil || got.Job.ID.ID != id.ID || got.Job.Status != dqops.StatusFinished {
			t.Errorf("%+v, %v", got.Job, err)
		}
		parents := 0
		for _, j := range w.Jobs() {
			if j.ParentID == 0 {
				parents++
			}
		}
		if parents != 1 {
			t.Errorf("%d jobs were started", parents)
		}
	})
}

// TestARequestThatIsLostOnTheWay: the connection breaks before the server does
// anything, and the job is not there.
func TestARequestThatIsLostOnTheWay(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		held := w.Hold(simulator.StageSubmit)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			<-held.Reached()
			w.network.cut()
		}()
		_, err := w.follower().Submit(t.Context(), w.submission("nightly", "shop"))
		<-ended
		held.Release()
		if outcome(err) != exit.Unreachable || !strings.HasPrefix(err.Error(), "the job may have been started: start the checks: contact with http://localhost was lost: ") {
			t.Errorf("%v", err)
		}
	})
}

func TestTheCallersEndDuringASubmit(t *testing.T) {
	broke := errors.New("the user broke off")
	for name, get := range map[string]func(int, string) (*dqops.Job, error){
		"between looks": then(unknown("nightly")), "in a look": then(errHang),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				timer := time.AfterFunc(time.Second, func() { cancel(broke) })
				defer timer.Stop()
				began := time.Now()
				f := &follow.Follower{Server: &fake{get: get}, Budget: budget}
				_, err := f.Submit(ctx, follow.Submission{Key: "nightly", Post: func(context.Context, dqops.Start) (*dqops.JobID, error) {
					return nil, lost("reset")
				}})
				if !errors.Is(err, broke) || time.Since(began) != time.Second {
					t.Errorf("%v after %s", err, time.Since(began))
				}
			})
		})
	}
}
