package simulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// closeGrace is how long Close waits for answers under way.
const closeGrace = time.Second

// Options says what a server serves and to whom. The zero value is the
// built-in scenario without authentication.
type Options struct {
	// Scenario is the described data; nil is Builtin().
	Scenario *Scenario
	// Token is accepted as a bearer token. Without it every token is wrong: a
	// default server takes requests without one, and refuses unknown ones with
	// 401 (wire 1.1, L16).
	Token string
	// RequireToken refuses requests without a token, as a server with
	// authentication-method=dqops_cloud does (wire 1.1).
	RequireToken bool
	// Plan is what goes wrong, beside what the scenario says of that; nil is
	// nothing. Its proxy and its start replace the scenario's.
	Plan *Plan
	// Log gets one line for every request when it is answered (status 0: the
	// caller went away), one call at a time; it may be nil.
	Log func(line string)
}

// Server is one simulated DQOps instance. Its jobs, history and stored results
// live in memory and are gone after Close.
type Server struct {
	opts        Options
	clock       clock
	settings    settings
	warehouse   *warehouse
	routes      []route
	book        requestBook
	barriers    barriers
	requestNo   atomic.Int64
	faults      faultBook
	proxy       Proxy
	connections openConnections
	logging     sync.Mutex

	closing   chan struct{}
	lifecycle sync.Mutex // guards closed, http, and adding to running
	closed    bool
	http      []*http.Server
	running   sync.WaitGroup

	mu         sync.Mutex // guards what follows
	everyJob   []*job     // of all lives, in the order of ids
	lastNumber int64
	jobState
}

// settings are the scenario's values with their defaults filled in.
type settings struct {
	parallelJobs           int
	cloudKey               bool
	keepJobs, keepChanges  time.Duration
	defaultWait, holdPolls time.Duration
	starting               time.Duration
}

// clock is the server's time: it may start anywhere, runs with real time and
// can be moved ahead.
type clock struct {
	base    time.Time
	started time.Time
	ahead   atomic.Int64 // nanoseconds
}

func (c *clock) now() time.Time {
	return c.base.Add(time.Since(c.started) + time.Duration(c.ahead.Load())).UTC()
}

// New returns a server that is ready to serve. Close it when done.
func New(opts Options) *Server {
	sc := opts.Scenario
	if sc == nil {
		sc = Builtin()
	}
	s := &Server{opts: opts, closing: make(chan struct{}), settings: settingsOf(sc)}
	now := time.Now()
	s.clock.base, s.clock.started = now.Round(0), now
	if sc.Clock != nil {
		s.clock.base = sc.Clock.Time
	}
	s.warehouse = newWarehouse(sc, s.clock.now())
	s.jobState = newJobState(newLife(0))
	s.routes = s.allRoutes()
	s.follow(&sc.Plan)
	if opts.Plan != nil {
		s.follow(opts.Plan)
	}
	if s.starting {
		s.begin(s.life, 0, s.settings.starting)
	}
	return s
}

// follow puts a plan in force.
func (s *Server) follow(p *Plan) {
	for _, f := range p.Faults {
		s.faults.add(f)
	}
	if p.Proxy != (Proxy{}) {
		s.proxy = p.Proxy
	}
	if p.Starting > 0 {
		s.starting, s.settings.starting = true, time.Duration(p.Starting)
	}
}

func settingsOf(sc *Scenario) settings {
	set := settings{
		parallelJobs: max(sc.ParallelJobs, 1), cloudKey: sc.CloudKey,
		keepJobs: time.Duration(sc.History.Jobs), keepChanges: time.Duration(sc.History.Changes),
		defaultWait: 120 * time.Second, holdPolls: 20 * time.Second,
	}
	if set.keepJobs == 0 {
		set.keepJobs = 3600 * time.Second
	}
	if set.keepChanges == 0 {
		set.keepChanges = 1200 * time.Second
	}
	return set
}

// Handler returns the server's HTTP handler. Without Serve it does not close
// connections after five answers.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serveHTTP) }

// Serve answers on the listener until Close, and closes every connection with
// its fifth answer (wire 1). It returns nil after Close.
func (s *Server) Serve(l net.Listener) error {
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, answersKey{}, new(atomic.Int64))
		},
		ConnState: s.connections.note,
	}
	if s.proxy.Idle.Do == Close {
		server.IdleTimeout = time.Duration(s.proxy.Idle.After)
	}
	s.lifecycle.Lock()
	if s.closed {
		s.lifecycle.Unlock()
		return l.Close()
	}
	s.http = append(s.http, server)
	s.lifecycle.Unlock()
	if err := server.Serve(&door{l, s}); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Close stops everything: long polls answer early and empty (wire L10), other
// waiting callers are dropped, jobs end where they stand. It returns when
// nothing of the server runs any more.
func (s *Server) Close() error {
	s.lifecycle.Lock()
	servers := s.http
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.lifecycle.Unlock()
	s.mu.Lock()
	s.life.end()
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	var failed error
	for _, server := range servers {
		if err := server.Shutdown(ctx); err != nil {
			failed = errors.Join(failed, server.Close())
		}
	}
	s.running.Wait()
	return failed
}

// enter counts something that Close has to wait for; false means that the
// server is closing and nothing may start.
func (s *Server) enter() bool {
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	if s.closed {
		return false
	}
	s.running.Add(1)
	return true
}

// launch starts the package's goroutines, all of them. A panic is logged and
// ends only its own goroutine.
func (s *Server) launch(what string, work func()) {
	if !s.enter() {
		return
	}
	go func() {
		defer s.running.Done()
		defer func() {
			if cause := recover(); cause != nil {
				s.logf("panic in %s: %v", what, cause)
			}
		}()
		work()
	}()
}

func (s *Server) logf(format string, args ...any) {
	if s.opts.Log == nil {
		return
	}
	s.logging.Lock()
	defer s.logging.Unlock()
	s.opts.Log(fmt.Sprintf(format, args...))
}

// pause lets time pass. It ends early with errGone when the life does, or with
// errCancelled when stop does.
func (l *life) pause(length time.Duration, stop <-chan struct{}) error {
	select {
	case <-l.over:
		return errGone
	case <-stop:
		return errCancelled
	default:
	}
	if length <= 0 {
		return nil
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-stop:
		return errCancelled
	case <-l.over:
		return errGone
	}
}
