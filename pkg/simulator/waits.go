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
	j, ended, err := s.waitFor(x)
	switch {
	case err != nil:
		return err
	case j == nil:
		return x.empty(http.StatusNotFound)
	case !ended, j.work.resultClass() == "":
		return x.empty(http.StatusOK)
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
		j, ended, err := s.waitFor(x)
		switch {
		case err != nil:
			return err
		case j == nil:
			return x.empty(http.StatusNotFound)
		case !ended, j.work.resultClass() == "":
			return x.empty(http.StatusOK)
		default:
			return errCast(j.work.resultClass(), class)
		}
	}
}

// waitFor resolves the job of the path (nil: unknown) and waits for its end.
func (s *Server) waitFor(x *exchange) (j *job, ended bool, err error) {
	timeout, err := x.queryInt("waitTimeout")
	if err != nil {
		return nil, false, err
	}
	if j = s.find(x.vars[0]); j == nil {
		return nil, false, nil
	}
	ended, err = s.await(x, j, timeout)
	return j, ended, err
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
	case <-s.closing:
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
