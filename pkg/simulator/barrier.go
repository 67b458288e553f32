package simulator

import "sync"

// Stage is a point in the life of a request or job where a test can hold it.
type Stage string

// The stages, in the order in which a job passes them.
const (
	// StageSubmit: the request that starts a job was read, nothing is done yet.
	StageSubmit Stage = "submit"
	// StageSubmitted: the job exists, the answer is not sent.
	StageSubmitted Stage = "submitted"
	// StageQueued: a job that a caller started is about to be taken by a worker.
	StageQueued Stage = "queued"
	// StageRunning: such a job is running and has not begun its work.
	StageRunning Stage = "running"
	// StageTable: a child job is running and has not begun with its table.
	StageTable Stage = "table"
	// StageRules: a child job has stored its readouts and evaluated no rule.
	StageRules Stage = "rules"
	// StageFinishing: the work of a job that a caller started is done and waiting
	// callers are answered, its history still says running (wire T3).
	StageFinishing Stage = "finishing"
)

// Barrier holds whatever reaches its stage until it is released.
type Barrier struct {
	reached  chan struct{}
	released chan struct{}
	first    sync.Once
	last     sync.Once
}

// Hold makes requests or jobs stop at a stage until Release.
func (s *Server) Hold(stage Stage) *Barrier {
	b := &Barrier{reached: make(chan struct{}), released: make(chan struct{})}
	s.barriers.mu.Lock()
	defer s.barriers.mu.Unlock()
	if s.barriers.at == nil {
		s.barriers.at = map[Stage][]*Barrier{}
	}
	s.barriers.at[stage] = append(s.barriers.at[stage], b)
	return b
}

// Reached is closed when the first request or job stands at the barrier.
func (b *Barrier) Reached() <-chan struct{} { return b.reached }

// Release lets everything at the barrier go on, and everything that comes
// later pass.
func (b *Barrier) Release() { b.last.Do(func() { close(b.released) }) }

type barriers struct {
	mu sync.Mutex
	at map[Stage][]*Barrier
}

// pass stands at the stage's barriers until they are released or the life ends.
func (s *Server) pass(l *life, stage Stage) {
	s.barriers.mu.Lock()
	here := append([]*Barrier(nil), s.barriers.at[stage]...)
	s.barriers.mu.Unlock()
	for _, b := range here {
		select {
		case <-b.released:
			continue
		default:
		}
		b.first.Do(func() { close(b.reached) })
		select {
		case <-b.released:
		case <-l.over:
		}
	}
}
