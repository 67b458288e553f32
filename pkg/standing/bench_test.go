package standing_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
	"github.com/dqoctl/dqoctl/pkg/standing"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// pipes is a network inside a synctest bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.IPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

const address = "http://dqops.test:8888"

// bench is a served simulator with the real client on it.
type bench struct {
	*simulator.Server
	testing.TB
	client *dqops.Client
}

// serve runs a simulator and a client of it until the returned function is
// called. Quick answers are not compressed and connections are kept, which matters
// under the race detector.
func serve(tb testing.TB, sc *simulator.Scenario, quick bool) (*bench, func()) {
	tb.Helper()
	network := newPipes()
	client, err := dqops.New(dqops.Options{BaseURL: address, DialContext: network.dial})
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{Server: simulator.New(simulator.Options{Scenario: sc}), TB: tb, client: client}
	plain := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding")
		b.Handler().ServeHTTP(w, r)
	})}
	var serving exit.Group
	serving.Go(func() error {
		if !quick {
			return b.Serve(network)
		}
		if err := plain.Serve(network); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	return b, func() {
		client.CloseIdleConnections()
		if err := plain.Close(); err != nil {
			tb.Errorf("close the plain server: %v", err)
		}
		if err := b.Close(); err != nil {
			tb.Errorf("close the server: %v", err)
		}
		if err := serving.Wait(); err != nil {
			tb.Errorf("serve: %v", err)
		}
	}
}

// inBubble runs the test in virtual time and holds that nothing is left behind.
func inBubble(t *testing.T, sc *simulator.Scenario, quick bool, test func(*bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b, end := serve(t, sc, quick)
		defer end()
		test(b)
	})
}

// run starts a run of checks and follows it to its end, as the program does.
func (b *bench) run(body dqops.RunChecksParameters) follow.Followed {
	b.Helper()
	f := &follow.Follower{Server: b.client, Budget: time.Minute}
	job, err := f.Submit(b.Context(), follow.Submission{
		Key: follow.NewKey(),
		Post: func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
			answer, err := b.client.RunChecks(ctx, body, start)
			if err != nil {
				return nil, err
			}
			return answer.JobID, nil
		},
	})
	if err != nil {
		b.Fatalf("start the checks: %v", err)
	}
	followed, err := f.Wait(b.Context(), strconv.FormatInt(job.ID.ID, 10), true, time.Time{})
	if err != nil {
		b.Fatalf("follow job %d: %v", job.ID.ID, err)
	}
	return followed
}

func (b *bench) collector(exact bool) *standing.Collector {
	return &standing.Collector{Server: b.client, Budget: time.Minute, BaseURL: b.client.BaseURL(), Exact: exact}
}

// read collects how the checks of a run stand.
func (b *bench) read(followed follow.Followed, exact bool) *verdict.Standing {
	b.Helper()
	s, err := b.collector(exact).Run(b.Context(), runOf(followed))
	if err != nil {
		b.Fatalf("read how the checks stand: %v", err)
	}
	return s
}

// readings counts the requests for what is stored; one of following may still
// arrive after its caller has gone.
func (b *bench) readings() (n int) {
	for _, r := range b.Requests() {
		if !strings.HasPrefix(r.Path, "/api/jobs/") {
			n++
		}
	}
	return n
}

func runOf(followed follow.Followed) standing.Run {
	return standing.Run{Job: followed.Job, Children: followed.Children, ChildrenKnown: followed.ChildrenKnown}
}
