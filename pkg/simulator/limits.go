package simulator

// limitedWork is work of which only one job at a time may run for a target;
// the others are parked as `waiting` (wire 5).
type limitedWork interface {
	work
	// target names what is limited. Without one the worker drops the job, which
	// stays as it is for ever (wire T2).
	target() string
}

// limits are the places of limited work. Server.mu guards them.
type limits struct {
	taken  map[string]bool
	parked map[bool][]*job // by isParent
}

func newLimits() limits {
	return limits{taken: map[string]bool{}, parked: map[bool][]*job{}}
}

// nextJob returns the job that a free worker takes: the first parked one whose
// place got free, else the next of the queue that need not be parked itself.
// It needs s.mu.
func (s *Server) nextJob(parents bool) *job {
	for i, j := range s.limits.parked[parents] {
		if target := j.work.(limitedWork).target(); !s.limits.taken[target] {
			s.limits.parked[parents] = append(s.limits.parked[parents][:i:i], s.limits.parked[parents][i+1:]...)
			s.limits.taken[target] = true
			return j
		}
	}
	for len(s.pending[parents]) > 0 {
		j := s.pending[parents][0]
		s.pending[parents] = s.pending[parents][1:]
		limited, ok := j.work.(limitedWork)
		if !ok {
			return j
		}
		switch target := limited.target(); {
		case target == "":
		case s.limits.taken[target]:
			s.limits.parked[parents] = append(s.limits.parked[parents], j)
			s.setStatus(j, statusWaiting, s.clock.now())
		default:
			s.limits.taken[target] = true
			return j
		}
	}
	return nil
}

// freePlace frees the place of a job that has run. One that was cancelled
// before it started never gets here and keeps its place for ever: jobs for the
// same target stay `waiting` (wire T6, L14a).
func (s *Server) freePlace(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lives(j) {
		return
	}
	if limited, ok := j.work.(limitedWork); ok {
		delete(s.limits.taken, limited.target())
	}
}
