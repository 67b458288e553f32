package dqops_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

const jsonType = "application/json"

// request is one request as it came over the wire.
type request struct {
	Method string
	Path   string // as sent, escaped
	Query  string // as sent
	Header http.Header
	Body   string
	Remote string
}

// fake is a server that answers everything with answer and keeps what it was
// asked.
type fake struct {
	*httptest.Server
	mutex sync.Mutex
	asked []request
}

func serve(t *testing.T, answer http.HandlerFunc) *fake {
	t.Helper()
	f := new(fake)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read the request: %v", err)
		}
		f.mutex.Lock()
		f.asked = append(f.asked, request{
			r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header, string(body), r.RemoteAddr,
		})
		f.mutex.Unlock()
		answer(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) requests() []request {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return slices.Clone(f.asked)
}

// client is a client of the server; change edits its options.
func (f *fake) client(t *testing.T, change ...func(*dqops.Options)) *dqops.Client {
	t.Helper()
	o := dqops.Options{BaseURL: f.URL}
	for _, apply := range change {
		apply(&o)
	}
	return newClient(t, o)
}

func newClient(t *testing.T, o dqops.Options) *dqops.Client {
	t.Helper()
	client, err := dqops.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// says answers with a body, of the type application/json unless a header says
// otherwise.
func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// kind names the type of an error of the package.
func kind(err error) string {
	var kinds []string
	note := func(name string, is bool) {
		if is {
			kinds = append(kinds, name)
		}
	}
	_, is := errors.AsType[*dqops.UnreachableError](err)
	note("unreachable", is)
	_, is = errors.AsType[*dqops.ProtocolError](err)
	note("protocol", is)
	_, is = errors.AsType[*dqops.UnauthorizedError](err)
	note("unauthorized", is)
	_, is = errors.AsType[*dqops.NotFoundError](err)
	note("not found", is)
	_, is = errors.AsType[*dqops.ServerError](err)
	note("server", is)
	note("not known yet", errors.Is(err, dqops.ErrNotKnownYet))
	switch {
	case err == nil:
		return "none"
	case len(kinds) == 0:
		return "an error without a type"
	}
	return strings.Join(kinds, " and ")
}

// pipes is a network of in-memory connections for tests in virtual time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
}

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
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
