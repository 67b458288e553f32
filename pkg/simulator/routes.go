package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

// answersKey finds the counter of a connection's answers in its context.
type answersKey struct{}

// answersPerConnection: the fifth answer announces the end (wire 1).
const answersPerConnection = 5

// route is one operation: a method, a path whose {} segments are variables,
// and what answers it.
type route struct {
	method  string
	path    string
	handler func(*exchange) error
}

// allRoutes lists the operations; each file of operations adds its own.
func (s *Server) allRoutes() []route {
	var all []route
	for _, some := range [][]route{
		s.healthRoutes(),
		s.jobRoutes(),
		s.waitRoutes(),
		s.changesRoutes(),
		s.runChecksRoutes(),
		s.readingRoutes(),
		s.statusRoutes(),
		s.searchRoutes(),
		s.connectionRoutes(),
		s.collectingRoutes(),
		s.importRoutes(),
		s.deleteRoutes(),
		s.synchronizeRoutes(),
		s.schedulerRoutes(),
	} {
		all = append(all, some...)
	}
	return all
}

func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.running.Done()
	x := &exchange{s: s, life: s.currentLife(), w: w, r: r, entry: s.book.open(r)}
	s.serve(x) //nolint:contextcheck // an effect outlives its caller
}

func (s *Server) answer(x *exchange) {
	defer x.finish()
	if answers, ok := x.r.Context().Value(answersKey{}).(*atomic.Int64); ok {
		if answers.Add(1)%answersPerConnection == 0 {
			x.w.Header().Set("Connection", "close")
		}
	}
	x.w.Header().Set("Date", s.clock.now().Format(http.TimeFormat))
	if !s.authorized(x.r) {
		x.unauthorized()
		return
	}
	if err := s.dispatch(x); err != nil {
		x.fail(err)
	}
}

func (s *Server) dispatch(x *exchange) error {
	path := x.r.URL.EscapedPath()
	if !strings.HasPrefix(path, "/api/") && x.r.Method == http.MethodGet && !x.wantsJSON() {
		x.webPage()
		return nil
	}
	known := false
	for i := range s.routes {
		vars, match := matchPath(s.routes[i].path, path)
		if !match {
			continue
		}
		known = true
		if s.routes[i].method == x.r.Method {
			if !x.acceptsJSON() {
				return errNotAcceptable()
			}
			x.vars = vars
			return s.routes[i].handler(x)
		}
	}
	if known {
		return errMethod(x.r.Method)
	}
	return errNoSuchURL()
}

// matchPath compares segment by segment, before unescaping: a %2F belongs to
// its segment, a trailing slash is a segment of its own (wire 1).
func matchPath(pattern, path string) (vars []string, match bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	for i, segment := range want {
		if segment != "{}" {
			if segment != have[i] {
				return nil, false
			}
			continue
		}
		text, err := url.PathUnescape(have[i])
		if err != nil || text == "" {
			return nil, false
		}
		vars = append(vars, text)
	}
	return vars, true
}

// healthRoutes serves the readiness call (wire 1).
func (s *Server) healthRoutes() []route {
	return []route{{http.MethodGet, "/api/ishealthy", func(x *exchange) error {
		status, word := http.StatusOK, "OK"
		if s.isStarting() {
			status, word = http.StatusServiceUnavailable, "UNAVAILABLE"
		}
		x.raw(status, "application/json;charset=UTF-8", []byte(word))
		return nil
	}}}
}
