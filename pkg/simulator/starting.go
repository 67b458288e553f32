package simulator

import "net/http"

// startAnswer is what every call that starts a job answers (wire 2.2).
type startAnswer struct {
	JobID  jobID  `json:"jobId"`
	Result any    `json:"result,omitempty"`
	Status string `json:"status"`
}

// startJob submits the work and answers with the job, or with its end if the
// caller waits. This caller gets the result from the job itself (wire T3).
func (s *Server) startJob(x *exchange, w work, result func() any) error {
	start, err := x.jobStart()
	if err != nil {
		return err
	}
	s.pass(StageSubmit)
	j := s.submit(w, start.key)
	s.pass(StageSubmitted)
	answer := startAnswer{JobID: j.wireID(), Status: statusQueued}
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
