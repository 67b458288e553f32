package simulator

import (
	"errors"
	"net/http"
)

// startAnswer is what every call that starts a job answers (wire 2.2).
type startAnswer struct {
	JobID  *jobID `json:"jobId,omitempty"`
	Result any    `json:"result,omitempty"`
	Status string `json:"status"`
}

func newStartAnswer(j *job) startAnswer {
	id := j.wireID()
	return startAnswer{JobID: &id, Status: statusQueued}
}

// errShuttingDown is the end of a job that came too late: it is cancelled before
// it has begun (wire T20).
var errShuttingDown = errors.New("the server is shutting down")

// submit queues the work for the caller.
func (x *exchange) submit(w work, key *string) (*job, error) {
	x.s.pass(x.life, StageSubmit)
	if x.s.isStopping() {
		return nil, errShuttingDown
	}
	j := x.s.submit(x.life, x.domain(), w, key)
	if j == nil {
		return nil, errGone
	}
	x.s.pass(x.life, StageSubmitted)
	return j, nil
}

// startNothing answers a job that came too late: waiting callers hear of a
// cancelled one, the others get no id.
func (x *exchange) startNothing(start jobStart) error {
	if start.wait {
		return failureOf(outcome{cancelled: true})
	}
	return x.json(http.StatusCreated, startAnswer{Status: statusQueued})
}

// startJob submits the work and answers with the job, or with its end if the
// caller waits. This caller gets the result from the job itself (wire T3).
func (s *Server) startJob(x *exchange, w work, result func() any) error {
	start, err := x.jobStart()
	if err != nil {
		return err
	}
	j, err := x.submit(w, start.key)
	if errors.Is(err, errShuttingDown) {
		return x.startNothing(start)
	}
	if err != nil {
		return err
	}
	answer := newStartAnswer(j)
	if start.wait {
		ended, err := s.await(x, j, start.timeout)
		if err != nil {
			return err
		}
		if !ended {
			x.empty(http.StatusCreated)
			return nil
		}
		answer.Result, answer.Status = result(), statusFinished
	}
	return x.json(http.StatusCreated, answer)
}

// controllerOf names the server's method that reads a body of the class, as
// the text about a missing body does.
func controllerOf(method, result, parameters string) string {
	return "public reactor.core.publisher.Mono<org.springframework.http.ResponseEntity<reactor.core.publisher.Mono<" +
		result + ">>> com.dqops.rest.controllers.JobsController." + method +
		"(com.dqops.core.principal.DqoUserPrincipal," + parameters + ",java.util.Optional<java.lang.String>," +
		"java.util.Optional<java.lang.Boolean>,java.util.Optional<java.lang.Integer>)"
}
