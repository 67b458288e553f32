package simulator

import "net/http"

func (s *Server) schedulerRoutes() []route {
	return []route{
		{http.MethodGet, "/api/jobs/scheduler/isrunning", s.schedulerRunning},
		{http.MethodPost, "/api/jobs/scheduler/status/start", s.startScheduler},
		{http.MethodPost, "/api/jobs/scheduler/status/stop", s.stopScheduler},
	}
}

// schedulerRunning answers a bare boolean (wire 2.4).
func (s *Server) schedulerRunning(x *exchange) error {
	s.mu.Lock()
	running := s.scheduler
	s.mu.Unlock()
	return x.json(http.StatusOK, running)
}

// startScheduler also queues a synchronization, unless it was running (wire
// 2.4).
func (s *Server) startScheduler(x *exchange) error {
	s.mu.Lock()
	before := s.scheduler
	s.scheduler = true
	s.mu.Unlock()
	if !before {
		s.submit(x.life, x.domain(), &synchronizeWork{given: synchronizeParameters{
			Direction: "full", DetectCronSchedules: true, LocalChanges: s.settings.cloudKey,
		}}, nil)
	}
	x.nothing()
	return nil
}

func (s *Server) stopScheduler(x *exchange) error {
	s.mu.Lock()
	s.scheduler = false
	s.mu.Unlock()
	x.nothing()
	return nil
}

// nothing is a 200 with a length of 0 and no type (wire 2.1).
func (x *exchange) nothing() {
	x.w.Header()["Content-Type"] = nil // net/http would guess one
	x.w.Header().Set("Content-Length", "0")
	x.head(http.StatusOK)
}
