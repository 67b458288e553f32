package simulator

import (
	"net/http"
	"time"
)

func (s *Server) waitRoutes() []route {
	return []route{
		{http.MethodGet, "/api/jobs/jobs/{}/wait", s.waitForJob},
		{
			http.MethodGet, "/api/jobs/runchecks/{}/wait",
			s.typedWait("com.dqops.execution.checks.jobs.RunChecksQueueJobResult"),
		},
		{
			http.MethodGet, "/api/jobs/collecterrorsamples/{}/wait",
			s.typedWait("com.dqops.execution.errorsampling.jobs.CollectErrorSamplesResult"),
		},
	}
}

// waitForJob answers with the job's model. A caller that was really waiting
// gets it without the result: the history learns of it later (wire T3).
func (s *Server) waitForJob(x *exchange) error {
	j, err := s.waitFor(x)
	if err != nil || j == nil {
		return err
	}
	s.mu.Lock()
	entry := j.entry()
	if j.status != statusFinished {
		entry.Status, entry.StatusChangedAt = statusFinished, instant(s.clock.now())
	}
	s.mu.Unlock()
	return x.json(http.StatusOK, entry)
}

// typedWait never works: the server casts the result of the job to a class
// that it is not, whatever the job's type (wire L1, T12).
func (s *Server) typedWait(class string) func(*exchange) error {
	return func(x *exchange) error {
		j, err := s.waitFor(x)
		if err != nil || j == nil {
			return err
		}
		return errCast(j.work.resultClass(), class)
	}
}

// waitFor waits for the end of the path's job and returns it when it has ended
// well and has a value. Everything else is answered here, or an error.
func (s *Server) waitFor(x *exchange) (*job, error) {
	timeout, err := x.queryInt("waitTimeout")
	if err != nil {
		return nil, err
	}
	j := x.find()
	if j == nil {
		x.empty(http.StatusNotFound)
		return nil, nil
	}
	ended, err := s.await(x, j, timeout)
	if err != nil {
		return nil, err
	}
	if !ended || j.work.resultClass() == "" {
		x.empty(http.StatusOK)
		return nil, nil
	}
	return j, nil
}

// await waits until the job's future completes or the time is up. A failed or
// cancelled job is an error of its own (wire T4); 0 and negative times end at
// once, but an end already there is seen first (wire T16).
func (s *Server) await(x *exchange, j *job, timeout *int) (ended bool, err error) {
	length := s.settings.defaultWait
	if timeout != nil {
		length = time.Duration(*timeout) * time.Second
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-j.done:
		return true, j.outcome.err()
	default:
	}
	select {
	case <-j.done:
		return true, j.outcome.err()
	case <-timer.C:
		return false, nil
	case <-x.life.over:
		return false, errGone
	case <-x.r.Context().Done():
		return false, errGone
	}
}

func (o outcome) err() error {
	if o.cancelled || o.failure != nil {
		return failureOf(o)
	}
	return nil
}
