package simulator

// cancelJob answers 204 whatever the id is (wire T6).
func (s *Server) cancelJob(x *exchange) error {
	if j := x.find(); j != nil {
		s.cancel(j)
	}
	x.noContent()
	return nil
}

// cancel asks a job to stop. Waiting callers hear of it at once, the job when
// it looks. A job that was cancelled before it started goes back to
// cancel_requested, for ever (wire T6).
func (s *Server) cancel(j *job) {
	if s.requestCancel(j) {
		s.complete(j, outcome{cancelled: true})
	}
}

func (s *Server) requestCancel(j *job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lives(j) || j.status == statusCancelRequested || isFinal(j.status) && !j.neverStarted {
		return false
	}
	if !j.cancelled() {
		close(j.stop)
	}
	s.setStatus(j, statusCancelRequested, s.clock.now())
	return true
}

// cancelled says whether the job's cancellation was requested: the look that
// cooperative jobs take between their steps.
func (j *job) cancelled() bool {
	select {
	case <-j.stop:
		return true
	default:
		return false
	}
}
