package follow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

const budget = 5 * time.Minute

// pipes is a network of in-memory connections inside a bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
	mutex  sync.Mutex
	open   []net.Conn
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
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.open = append(p.open, here)
	return here, nil
}

// cut breaks every connection.
func (p *pipes) cut() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, conn := range p.open {
		_ = conn.Close()
	}
	p.open = nil
}

// world is a simulated server with the real client on it.
type world struct {
	*simulator.Server
	t       *testing.T
	network *pipes
	client  *dqops.Client
}

// twoTables run one after the other, two seconds each.
const twoTables = `
connections:
  - name: shop
    tables:
      - {name: files.orders.csv, duration: 2s, checks: [{name: daily_row_count, type: monitoring, time-scale: daily, values: 7, error: {lower: 10}}]}
      - {name: files.stock.csv, duration: 2s, checks: [{name: daily_row_count, type: monitoring, time-scale: daily, values: 7, error: {lower: 1}}]}
  - name: slow
    tables:
      - {name: big.one, duration: 10m, checks: [{name: daily_row_count, type: monitoring, time-scale: daily, values: 7}]}
  - name: broken
    tables:
      - {name: files.fine, duration: 1s, checks: [{name: daily_row_count, type: monitoring, time-scale: daily, values: 7}]}
      - {name: files.bad, duration: 1s, fail: the disk is full, checks: [{name: daily_row_count, type: monitoring, time-scale: daily, values: 7}]}
`

// inWorld runs the test in a bubble of virtual time and holds that nothing is
// left behind in it.
func inWorld(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		scenario, err := simulator.LoadScenario(strings.NewReader(twoTables))
		if err != nil {
			t.Fatal(err)
		}
		w := &world{Server: simulator.New(simulator.Options{Scenario: scenario}), t: t, network: newPipes()}
		w.client, err = dqops.New(dqops.Options{BaseURL: "http://localhost", DialContext: w.network.dial})
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- w.Serve(w.network) }()
		test(t, w)
		w.client.CloseIdleConnections()
		if err := w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

func (w *world) follower(observe ...func(follow.Progress)) *follow.Follower {
	f := &follow.Follower{Server: w.client, Budget: budget}
	if len(observe) > 0 {
		f.Observe = observe[0]
	}
	return f
}

func (w *world) submission(key, connection string) follow.Submission {
	return follow.Submission{Type: dqops.TypeRunChecks, Key: key, Body: dqops.RunChecksParameters{
		CheckSearchFilters: dqops.CheckSearchFilters{Connection: connection},
	}, Post: func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
		answer, err := w.client.RunChecks(ctx, dqops.RunChecksParameters{
			CheckSearchFilters: dqops.CheckSearchFilters{Connection: connection},
		}, start)
		if err != nil {
			return nil, err
		}
		return answer.JobID, nil
	}}
}

// start submits a run of checks and returns its number.
func (w *world) start(connection string) *dqops.JobID {
	w.t.Helper()
	job, err := w.follower().Submit(w.t.Context(), w.submission(follow.NewKey(), connection))
	if err != nil {
		w.t.Fatal(err)
	}
	return &job.ID
}

// asked counts the requests of a method whose path has the ending.
func (w *world) asked(method, ending string) int {
	n := 0
	for _, r := range w.Requests() {
		if r.Method == method && strings.HasSuffix(r.Path, ending) {
			n++
		}
	}
	return n
}

// fake is a server that says what a test tells it to, in virtual time. What is
// left nil does as an idle server does: a wait is empty after its time, a
// question for changes is held for 20 s.
type fake struct {
	get     func(n int, id string) (*dqops.Job, error)
	wait    func(n int) (*dqops.Job, error)
	changes func(ctx context.Context, since int64) ([]dqops.JobChange, int64, error)
	cancel  func(id string) error
	healthy func(n int) (bool, error) // nil: it is

	mutex sync.Mutex
	began time.Time
	calls []called
}

// called is one call and when it came, after the first.
type called struct {
	what string
	at   time.Duration
}

var _ follow.Server = (*fake)(nil)

// note keeps the call and returns how many of its kind came before.
func (f *fake) note(kind, detail string) int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.began.IsZero() {
		f.began = time.Now()
	}
	n := 0
	for _, c := range f.calls {
		if strings.HasPrefix(c.what, kind) {
			n++
		}
	}
	f.calls = append(f.calls, called{kind + " " + detail, time.Since(f.began)})
	return n
}

// made lists the calls that begin with the word.
func (f *fake) made(kind string) []called {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var made []called
	for _, c := range f.calls {
		if strings.HasPrefix(c.what, kind) {
			made = append(made, c)
		}
	}
	return made
}

func (f *fake) GetJob(ctx context.Context, id string) (*dqops.Job, error) {
	n := f.note("get", id)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("read job %s: %w", id, context.Cause(ctx))
	}
	job, err := f.get(n, id)
	if errors.Is(err, errHang) {
		return nil, hang(ctx, time.Minute)
	}
	return job, err
}

func (f *fake) WaitForJob(ctx context.Context, id string, timeout time.Duration) (*dqops.Job, error) {
	n := f.note("wait", fmt.Sprintf("%s %s", id, timeout))
	if f.wait != nil {
		return f.wait(n)
	}
	if err := hold(ctx, timeout); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("wait for job %s: %w", id, dqops.ErrNotKnownYet)
}

func (f *fake) JobChangesSince(ctx context.Context, sequence int64, each func(dqops.JobChange) error) (int64, error) {
	f.note("changes", fmt.Sprint(sequence))
	if f.changes == nil {
		return sequence, hold(ctx, 20*time.Second)
	}
	changes, last, err := f.changes(ctx, sequence)
	if err != nil {
		return 0, err
	}
	for _, c := range changes {
		if err := each(c); err != nil {
			return 0, err
		}
	}
	if len(changes) == 0 && last == sequence {
		return sequence, hold(ctx, 20*time.Second)
	}
	return last, nil
}

func (f *fake) CancelJob(_ context.Context, id string) error {
	f.note("cancel", id)
	if f.cancel == nil {
		return nil
	}
	return f.cancel(id)
}

func (f *fake) Healthy(context.Context) (bool, error) {
	n := f.note("healthy", "")
	if f.healthy == nil {
		return true, nil
	}
	return f.healthy(n)
}

// errHang, said by get, lets the call hang until its own limit or the context.
var errHang = errors.New("hang")

func hang(ctx context.Context, limit time.Duration) error {
	if err := hold(ctx, limit); err != nil {
		return err
	}
	return lost("no complete answer in time")
}

func hold(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("ask: %w", context.Cause(ctx))
	case <-time.After(d):
		return nil
	}
}

// The errors that a server and the way to it have.
func lost(text string) error {
	return &dqops.UnreachableError{Doing: "ask", Server: "http://localhost", Sent: true, Err: errors.New(text)}
}

func unknown(id string) error { return &dqops.NotFoundError{Doing: "ask", What: "job " + id} }

func says(status int) error { return &dqops.ServerError{Doing: "ask", Status: status} }

func saysLater(status int, after time.Duration) error {
	return &dqops.ServerError{Doing: "ask", Status: status, RetryAfter: after}
}

var (
	denied   = &dqops.UnauthorizedError{Doing: "ask", Status: http.StatusUnauthorized}
	notDQOps = &dqops.ProtocolError{Doing: "ask", Status: http.StatusOK, Reason: "an HTML page came instead of JSON"}
)

// job is job 7 in a state, of a type without children unless it is given one.
func job(status dqops.JobStatus, kind ...dqops.JobType) *dqops.Job {
	j := &dqops.Job{ID: dqops.JobID{ID: 7, BusinessKey: "nightly"}, Type: dqops.TypeRunChecksOnTable, Status: status}
	if len(kind) > 0 {
		j.Type = kind[0]
	}
	return j
}

// judged is job 7, finished, with its result.
func judged(kind dqops.JobType) *dqops.Job {
	j := job(dqops.StatusFinished, kind)
	name := map[dqops.JobType]string{
		dqops.TypeRunChecks: "runChecksParameters", dqops.TypeRunChecksOnTable: "runChecksOnTableParameters",
	}[kind]
	j.Parameters = dqops.JobParameters{name: json.RawMessage(`{"run_checks_result":{"highest_severity":"valid","executed_checks":1}}`)}
	return j
}

// then says what comes, one a call; the last one stays.
func then(steps ...any) func(int, string) (*dqops.Job, error) {
	return func(n int, _ string) (*dqops.Job, error) {
		switch step := steps[min(n, len(steps)-1)].(type) {
		case *dqops.Job:
			return step, nil
		case error:
			return nil, step
		default:
			panic(fmt.Sprintf("step %v", step))
		}
	}
}

// after says one thing until the time has passed, and another from then on.
func after(d time.Duration, before, later any) func(int, string) (*dqops.Job, error) {
	var began time.Time
	return func(n int, id string) (*dqops.Job, error) {
		if n == 0 {
			began = time.Now()
		}
		if time.Since(began) < d {
			return then(before)(0, id)
		}
		return then(later)(0, id)
	}
}

// outcome is what an error decides, "" when it decides nothing itself.
func outcome(err error) exit.Outcome {
	if coded, ok := errors.AsType[*exit.Error](err); ok {
		return coded.Outcome
	}
	return ""
}

// words are the message and the hint of an error.
func words(err error) string {
	coded, ok := errors.AsType[*exit.Error](err)
	if !ok {
		return fmt.Sprint(err)
	}
	return coded.Message + "; " + coded.Hint
}

// gaps are the times between calls.
func gaps(calls []called) []time.Duration {
	var between []time.Duration
	for i := range calls[1:] {
		between = append(between, calls[i+1].at-calls[i].at)
	}
	return between
}

func whats(calls []called) []string {
	var list []string
	for _, c := range calls {
		list = append(list, c.what)
	}
	return slices.Compact(list)
}
