package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipeListener is a network inside a synctest bubble.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.IPAddr{} }

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- there:
		return here, nil
	case <-l.closed:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// bench is a served simulator with a client on it.
type bench struct {
	*Server
	t       *testing.T
	client  *http.Client
	endings []func()
}

// inBubble runs the test on a served simulator in virtual time and holds that
// nothing of the server is left behind.
func inBubble(t *testing.T, opts Options, test func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		listener := newPipeListener()
		transport := &http.Transport{DialContext: listener.dial, DisableCompression: true}
		b := &bench{Server: New(opts), t: t, client: &http.Client{Transport: transport}}
		served := make(chan error, 1)
		b.launch("the test's listener", func() { served <- b.Serve(listener) })
		test(t, b)
		transport.CloseIdleConnections()
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// scenario reads YAML whose indentation begins with the first line's.
func scenario(t *testing.T, text string) *Scenario {
	t.Helper()
	sc, err := LoadScenario(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// answer is one answer, read to its end.
type answer struct {
	*http.Response
	body []byte
}

func (b *bench) send(method, path, body string, header ...string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, "http://simulator"+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", jsonType)
	if body != "" {
		req.Header.Set("Content-Type", jsonType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return b.do(req)
}

func (b *bench) do(req *http.Request) answer {
	b.t.Helper()
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatalf("read the answer of %s %s: %v", req.Method, req.URL, err)
	}
	return answer{resp, body}
}

func (b *bench) get(path string) answer { b.t.Helper(); return b.send(http.MethodGet, path, "") }

// submit starts a run of checks without waiting and returns its answer.
func (b *bench) start(key, filters string) answer {
	b.t.Helper()
	return b.send(http.MethodPost, "/api/jobs/runchecks?wait=false&jobBusinessKey="+key,
		`{"check_search_filters":`+filters+`}`)
}

// run runs checks to their end and returns the server's summary.
func (b *bench) run(body string) runChecksResult {
	b.t.Helper()
	got := b.send(http.MethodPost, "/api/jobs/runchecks?waitTimeout=3600", body)
	var run struct {
		Result *runChecksResult `json:"result"`
	}
	if err := json.Unmarshal(got.body, &run); err != nil || run.Result == nil {
		b.t.Fatalf("run of checks: %s %q: %v", got.Status, got.body, err)
	}
	return *run.Result
}

// jobNow reads the job's status and error.
type jobNow struct {
	JobID struct {
		JobID int64 `json:"jobId"`
	} `json:"jobId"`
	Status       string                     `json:"status"`
	ErrorMessage string                     `json:"errorMessage"`
	Parameters   map[string]json.RawMessage `json:"parameters"`
}

func (b *bench) job(id string) jobNow {
	b.t.Helper()
	got := b.get("/api/jobs/jobs/" + id)
	var now jobNow
	if err := json.Unmarshal(got.body, &now); err != nil {
		b.t.Fatalf("job %s: %s %q: %v", id, got.Status, got.body, err)
	}
	return now
}

func (b *bench) wantStatus(id, want string) {
	b.t.Helper()
	if got := b.job(id).Status; got != want {
		b.t.Errorf("job %s is %s, want %s", id, got, want)
	}
}

// settle lets everything that needs no time happen, and the short gap between
// a job's end and its history.
func settle() {
	synctest.Wait()
	<-time.After(2 * settleTime)
	synctest.Wait()
}

func (a answer) hasResult() bool { return bytes.Contains(a.body, []byte("run_checks_result")) }
