package simulator

import (
	"sync"
	"time"
)

// life is one process of the server: a restart ends it and begins the next.
type life struct {
	number int
	over   chan struct{} // closed at its end
	once   sync.Once
}

func newLife(number int) *life { return &life{number: number, over: make(chan struct{})} }

func (l *life) end() { l.once.Do(func() { close(l.over) }) }

// phase is where a life stands. Server.mu guards it.
type phase struct {
	down     bool   // connections are reset
	starting bool   // the queues do not run yet
	early    []*job // posted while starting
	stopping bool   // new jobs are cancelled at once
}

// Restart is a server that goes and comes back: its jobs, keys, changes and
// sequence are forgotten, what it has stored stays (wire L10).
type Restart struct {
	// Down is how long every connection is reset.
	Down time.Duration
	// Starting is how long the server then says that it is not ready: /api/ishealthy
	// is a 503 and no job is known, also one that was just accepted (wire T20).
	Starting time.Duration
}

// Restart ends the server's life and begins the next. Connections are reset and
// jobs end where they stand; they stay in the books with the status that they had.
func (s *Server) Restart(r Restart) {
	s.mu.Lock()
	select {
	case <-s.closing:
		s.mu.Unlock()
		return
	default:
	}
	s.life.end()
	next := newLife(s.life.number + 1)
	s.jobState = newJobState(next)
	s.down, s.starting = r.Down > 0, r.Down+r.Starting > 0
	// A process takes longer than a second to start, so that no number comes twice.
	s.lastNumber = (s.lastNumber/1_000_000+1)*1_000_000 - 1
	s.mu.Unlock()
	s.logf("the server restarts and has forgotten its jobs")
	s.connections.resetAll()
	if r.Down+r.Starting > 0 {
		s.begin(next, r.Down, r.Starting)
	}
}

// begin leads a life through its first phases.
func (s *Server) begin(l *life, down, starting time.Duration) {
	s.launch("the start", func() {
		if l.pause(down, nil) != nil {
			return
		}
		s.mu.Lock()
		if s.life == l {
			s.down = false
		}
		s.mu.Unlock()
		if l.pause(starting, nil) != nil {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.life != l {
			return
		}
		early := s.early
		s.starting, s.early = false, nil
		for _, j := range early {
			s.publish(j)
		}
	})
}

// stop is the end of a life that announces itself: for a while the server answers,
// and every new job is cancelled before it has begun (wire T20).
func (s *Server) stop(length time.Duration, then Restart) {
	s.mu.Lock()
	s.stopping = true
	l := s.life
	s.mu.Unlock()
	s.logf("the server is shutting down")
	s.launch("the shutdown", func() {
		if l.pause(length, nil) == nil {
			s.Restart(then)
		}
	})
}

// lives reports whether the job belongs to the present life. It needs s.mu.
func (s *Server) lives(j *job) bool { return j.life == s.life }

func (s *Server) currentLife() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

func (s *Server) isStarting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.starting
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

func (s *Server) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}
