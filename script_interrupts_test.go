package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdHangup is "hangup NAME": the user closes the window with the program's
// terminal.
func cmdHangup(ts *testscript.TestScript, args []string) {
	need(ts, len(args) == 1, "hangup NAME")
	p := programOf(ts, args[0])
	need(ts, p.terminal != nil, "start -pty before hangup")
	p.columns = 0 // what it shows from now on nobody sees
	ts.Check(p.terminal.Close())
}

// cmdStuck is "stuck NAME out|err program args...": as start, but that stream is a
// pipe which is full and which nobody reads.
func cmdStuck(ts *testscript.TestScript, args []string) {
	need(ts, len(args) >= 3 && (args[1] == "out" || args[1] == "err"), "stuck NAME out|err program args...")
	reader, writer, err := os.Pipe()
	ts.Check(err)
	ts.Defer(func() { _ = reader.Close() })
	ts.Check(fill(writer))
	p := &program{command: prepare(ts, args[2:]), ended: make(chan struct{})}
	p.command.Stdout, p.command.Stderr = &p.out, writer
	if args[1] == "out" {
		p.command.Stdout, p.command.Stderr = writer, &p.err
	}
	ts.Check(p.command.Start())
	ts.Check(writer.Close())
	go p.wait()
	p.keep(ts, args[0])
}

type stallKey struct{}

// stalled is the proxy of "stall": reached is closed when it holds a request.
type stalled struct {
	reached, released chan struct{}
	first, last       sync.Once
}

// cmdStall is "stall METHOD PREFIX", a proxy before the simulator that does not
// answer requests of that method whose path begins so, "stall reached" and "stall
// release".
func cmdStall(ts *testscript.TestScript, args []string) {
	held, _ := ts.Value(stallKey{}).(*stalled)
	switch {
	case len(args) == 1 && args[0] == "reached":
		select {
		case <-held.reached:
		case <-time.After(limit):
			ts.Fatalf("no request was stalled")
		}
	case len(args) == 1 && args[0] == "release":
		held.release()
	default:
		need(ts, len(args) == 2, "stall METHOD PREFIX | stall reached | stall release")
		*held = stalled{reached: make(chan struct{}), released: make(chan struct{})}
		held.serve(ts, args[0], args[1])
	}
}

func (s *stalled) serve(ts *testscript.TestScript, method, prefix string) {
	target, err := url.Parse(ts.Getenv("DQOCTL_SERVER"))
	ts.Check(err)
	forward := httputil.NewSingleHostReverseProxy(target)
	forward.ErrorHandler = func(http.ResponseWriter, *http.Request, error) {}
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == method && strings.HasPrefix(r.URL.Path, prefix) {
				s.hold(r)
			}
			forward.ServeHTTP(w, r)
		}),
	}
	listener := listen(ts)
	go func() { _ = server.Serve(listener) }()
	ts.Defer(func() {
		s.release()
		_ = server.Close()
	})
}

func (s *stalled) hold(r *http.Request) {
	s.first.Do(func() { close(s.reached) })
	select {
	case <-s.released:
	case <-r.Context().Done():
	}
}

func (s *stalled) release() { s.last.Do(func() { close(s.released) }) }
