package watch_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
	"github.com/dqoctl/dqoctl/pkg/watch"
)

const scenario = `
connections:
  - name: shop
    tables:
      - {name: files.orders.csv, duration: 2s, checks: [{name: daily_row_count, type: monitoring, time-scale: daily, values: 7, error: {lower: 10}}]}
      - {name: files.stock.csv, duration: 2s, checks: [{name: daily_row_count, type: monitoring, time-scale: daily, values: 7, error: {lower: 1}}]}
  - name: slow
    tables:
      - {name: big.one, duration: 10m, checks: [{name: daily_row_count, type: monitoring, time-scale: daily, values: 7}]}
`

// site is a place where servers come and go, within a bubble.
type site struct {
	t      *testing.T
	client *dqops.Client

	mutex  sync.Mutex
	server *simulator.Server
	conns  chan net.Conn
	down   chan struct{} // closed when the server is gone
}

// Accept, Close and Addr make the site the listener of its present server.
func (s *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-s.conns:
		return conn, nil
	case <-s.down:
		return nil, net.ErrClosed
	}
}

func (s *listener) Close() error   { s.once.Do(func() { close(s.down) }); return nil }
func (s *listener) Addr() net.Addr { return &net.IPAddr{} }

type listener struct {
	conns chan net.Conn
	down  chan struct{}
	once  sync.Once
}

func (s *site) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	s.mutex.Lock()
	conns, down := s.conns, s.down
	s.mutex.Unlock()
	here, there := net.Pipe()
	select {
	case <-down:
		return nil, errors.New("connection refused")
	default:
	}
	select {
	case conns <- there:
		return here, nil
	case <-down:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// up starts a server that knows nothing of the one before.
func (s *site) up() {
	described, err := simulator.LoadScenario(strings.NewReader(scenario))
	if err != nil {
		s.t.Error(err)
		return
	}
	l := &listener{conns: make(chan net.Conn), down: make(chan struct{})}
	server := simulator.New(simulator.Options{Scenario: described})
	s.mutex.Lock()
	s.server, s.conns, s.down = server, l.conns, l.down
	s.mutex.Unlock()
	go func() { _ = server.Serve(l) }()
}

func (s *site) stop() {
	s.client.CloseIdleConnections()
	_ = s.server.Close()
}

func (s *site) start(connection, key string) *dqops.JobID {
	s.t.Helper()
	answer, err := s.client.RunChecks(context.Background(), dqops.RunChecksParameters{
		CheckSearchFilters: dqops.CheckSearchFilters{Connection: connection},
	}, dqops.Start{BusinessKey: key})
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.JobID
}

func inSite(t *testing.T, test func(t *testing.T, s *site)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &site{t: t}
		s.up()
		var err error
		if s.client, err = dqops.New(dqops.Options{BaseURL: "http://localhost", DialContext: s.dial}); err != nil {
			t.Fatal(err)
		}
		test(t, s)
		s.stop()
	})
}

// log is a view that keeps what it is told.
type log struct {
	mutex   sync.Mutex
	changes []string
	said    []string
	shown   string
	over    bool
}

func (l *log) Changed(e *follow.Entry, _ time.Time) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.changes = append(l.changes, fmt.Sprintf("%s %s %d/%d", e.Key, e.Status, e.Ended, e.Children))
}

func (l *log) Show(jobs []*follow.Entry) {
	keys := make([]string, len(jobs))
	for i, e := range jobs {
		keys[i] = e.Key + " " + string(e.Status)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.shown = strings.Join(keys, ", ")
}

func (l *log) Say(text string, troubled bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.said = append(l.said, fmt.Sprintf("%v %s", troubled, text))
}

func (l *log) Over() bool { return l.over }

func (s *site) watch(ctx context.Context, v watch.View, ids ...string) error {
	return watch.Run(ctx, watch.Options{Server: s.client, Budget: 5 * time.Minute, Jobs: ids, View: v})
}

func TestNamed(t *testing.T) {
	inSite(t, func(t *testing.T, s *site) {
		one := s.start("shop", "one")
		two := s.start("shop", "two")
		s.start("shop", "three")
		time.Sleep(time.Second)
		var l log
		if err := s.watch(t.Context(), &l, strconv.FormatInt(two.ID, 10), "one", "one"); err != nil {
			t.Fatal(err)
		}
		// The first table of one was ended by the time that its sibling was pushed.
		want := []string{
			"two queued 0/0", "one running 0/0", "one running 1/2", "one running 2/2", "one finished 2/2",
			"two running 0/0", "two running 1/2", "two running 2/2", "two finished 2/2",
		}
		if diff := cmp.Diff(want, l.changes); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if l.shown != "two finished, one finished" || one.ID == two.ID {
			t.Errorf("shown at last: %s", l.shown)
		}
		if len(l.said) > 0 {
			t.Errorf("said %v", l.said)
		}
	})
}

func TestUnknown(t *testing.T) {
	inSite(t, func(t *testing.T, s *site) {
		err := s.watch(t.Context(), new(log), "nobody")
		if _, ok := errors.AsType[*dqops.NotFoundError](err); !ok {
			t.Errorf("%v", err)
		}
	})
}

func TestAll(t *testing.T) {
	inSite(t, func(t *testing.T, s *site) {
		s.start("shop", "past")
		time.Sleep(time.Minute)
		s.start("shop", "now")
		time.Sleep(time.Second)
		ctx, interrupt := context.WithCancelCause(t.Context())
		cause := &exit.Error{Outcome: exit.Interrupted, Message: "interrupted"}
		time.AfterFunc(10*time.Second, func() { s.start("nowhere", "new") })
		time.AfterFunc(time.Minute, func() { interrupt(cause) })
		var l log
		if err := s.watch(ctx, &l); !errors.Is(err, cause) {
			t.Errorf("ended with %v", err)
		}
		want := []string{
			"now running 0/1", "now running 1/2", "now running 2/2", "now finished 2/2",
			"new queued 0/0", "new running 0/0", "new finished 0/0",
		}
		if diff := cmp.Diff(want, l.changes); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if want := "new finished, now finished, past finished"; l.shown != want {
			t.Errorf("shown %s, want %s", l.shown, want)
		}
	})
}

func TestRestart(t *testing.T) {
	for _, tc := range []struct {
		name    string
		ids     []string
		changes []string
		said    string
		want    string
	}{
		{"all", nil, []string{"slow running 0/1", "slow lost 0/1", "after queued 0/0", "after running 0/0", "after finished 0/0"}, "has forgotten 1 job", "interrupted"},
		{"named", []string{"slow"}, []string{"slow running 0/0", "slow lost 0/1"}, "has forgotten 1 job", "job_lost"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inSite(t, func(t *testing.T, s *site) {
				s.start("slow", "slow")
				time.Sleep(time.Second)
				ctx, interrupt := context.WithCancelCause(t.Context())
				time.AfterFunc(30*time.Second, func() { _ = s.server.Close(); time.AfterFunc(20*time.Second, s.up) })
				time.AfterFunc(2*time.Minute, func() { s.start("nowhere", "after") })
				time.AfterFunc(3*time.Minute, func() { interrupt(&exit.Error{Outcome: exit.Interrupted, Message: "interrupted"}) })
				var l log
				err := s.watch(ctx, &l, tc.ids...)
				coded, _ := errors.AsType[*exit.Error](err)
				if coded == nil || string(coded.Outcome) != tc.want {
					t.Errorf("ended with %v", err)
				}
				if diff := cmp.Diff(tc.changes, l.changes); diff != "" {
					t.Errorf("changes (-want +got):\n%s", diff)
				}
				if len(l.said) != 2 || !strings.HasPrefix(l.said[0], "true contact lost") || !strings.Contains(l.said[1], tc.said) {
					t.Errorf("said %q", l.said)
				}
				<-ctx.Done()
				if tc.want == "job_lost" {
					return
				}
			})
		})
	}
}

func TestContactLost(t *testing.T) {
	// It comes back: nothing is lost.
	inSite(t, func(t *testing.T, s *site) {
		s.start("slow", "slow")
		time.Sleep(time.Second)
		server := &flaky{Client: s.client}
		var l log
		time.AfterFunc(time.Minute, func() { server.broken(true) })
		time.AfterFunc(2*time.Minute, func() { server.broken(false) })
		err := watch.Run(t.Context(), watch.Options{Server: server, Budget: 5 * time.Minute, Jobs: []string{"slow"}, View: &l})
		if err != nil {
			t.Errorf("ended with %v", err)
		}
		if len(l.said) != 2 || !strings.HasPrefix(l.said[1], "false contact is back after") || strings.Contains(l.said[1], "restarted") {
			t.Errorf("said %q", l.said)
		}
		if last := l.changes[len(l.changes)-1]; last != "slow finished 1/1" {
			t.Errorf("last change %s", last)
		}
	})
	// It does not come back.
	inSite(t, func(t *testing.T, s *site) {
		s.start("slow", "slow")
		server := &flaky{Client: s.client}
		time.AfterFunc(time.Minute, func() { server.broken(true) })
		began := time.Now()
		err := watch.Run(t.Context(), watch.Options{Server: server, Budget: 5 * time.Minute, View: new(log)})
		coded, _ := errors.AsType[*exit.Error](err)
		if coded == nil || coded.Outcome != exit.Unreachable {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(began); took < 5*time.Minute || took > 7*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
	// There never was contact.
	inSite(t, func(t *testing.T, s *site) {
		server := &flaky{Client: s.client}
		server.broken(true)
		began := time.Now()
		err := watch.Run(t.Context(), watch.Options{Server: server, Budget: 5 * time.Minute, View: new(log)})
		if _, ok := errors.AsType[*dqops.UnreachableError](err); !ok || time.Since(began) != 0 {
			t.Errorf("ended with %v after %s", err, time.Since(began))
		}
	})
}

// TestAQuestionThatIsCut: a proxy that cuts each question after ten seconds is no
// lost contact, whether jobs are named or all are watched; a restart behind one is.
func TestAQuestionThatIsCut(t *testing.T) {
	for _, ids := range [][]string{{"slow"}, nil} {
		inSite(t, func(t *testing.T, s *site) {
			s.start("slow", "slow")
			time.Sleep(time.Second)
			server := &hasty{Client: s.client}
			ctx, stop := context.WithTimeout(t.Context(), 11*time.Minute)
			defer stop()
			var l log
			err := watch.Run(ctx, watch.Options{Server: server, Budget: 3 * time.Second, Jobs: ids, View: &l})
			if err != nil && ctx.Err() == nil {
				t.Errorf("ended with %v", err)
			}
			if len(l.said) > 0 || server.cuts < 50 {
				t.Errorf("%d cuts, said %q", server.cuts, l.said)
			}
			if last := l.changes[len(l.changes)-1]; last != "slow finished 1/1" {
				t.Errorf("last change %s", last)
			}
		})
	}
}

// hasty is a client behind a proxy that cuts each question after ten seconds.
type hasty struct {
	*dqops.Client
	cuts int
}

func (h *hasty) JobChangesSince(ctx context.Context, sequence int64, each func(dqops.JobChange) error) (int64, error) {
	tooLong := errors.New("too long for the proxy")
	bounded, cancel := context.WithTimeoutCause(ctx, 10*time.Second, tooLong)
	defer cancel()
	last, err := h.Client.JobChangesSince(bounded, sequence, each)
	if errors.Is(err, tooLong) {
		h.cuts++
		return 0, &dqops.ServerError{Doing: "read the changes of jobs", Status: 504}
	}
	return last, err
}

// flaky is a client whose network breaks.
type flaky struct {
	*dqops.Client
	mutex sync.Mutex
	down  bool
}

func (f *flaky) broken(down bool) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.down = down
}

func (f *flaky) err() error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.down {
		return &dqops.UnreachableError{Doing: "ask", Server: "http://localhost", Err: errors.New("connection refused")}
	}
	return nil
}

func (f *flaky) GetJob(ctx context.Context, id string) (*dqops.Job, error) {
	if err := f.err(); err != nil {
		return nil, err
	}
	return f.Client.GetJob(ctx, id)
}

func (f *flaky) JobChangesSince(ctx context.Context, since int64, each func(dqops.JobChange) error) (int64, error) {
	if err := f.err(); err != nil {
		return 0, err
	}
	return f.Client.JobChangesSince(ctx, since, each)
}
