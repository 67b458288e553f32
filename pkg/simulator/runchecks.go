package simulator

import (
	"net/http"
	"slices"
)

const runChecksController = "public reactor.core.publisher.Mono<org.springframework.http.ResponseEntity<" +
	"reactor.core.publisher.Mono<com.dqops.execution.checks.jobs.RunChecksQueueJobResult>>> " +
	"com.dqops.rest.controllers.JobsController.runChecks(com.dqops.core.principal.DqoUserPrincipal," +
	"com.dqops.execution.checks.jobs.RunChecksParameters,java.util.Optional<java.lang.String>," +
	"java.util.Optional<java.lang.Boolean>,java.util.Optional<java.lang.Integer>)"

const checkSummaryClass = "com.dqops.execution.checks.CheckExecutionSummary"

func (s *Server) runChecksRoutes() []route {
	return []route{{http.MethodPost, "/api/jobs/runchecks", s.runChecks}}
}

func (s *Server) runChecks(x *exchange) error {
	body, err := x.readBody()
	if err != nil {
		return err
	}
	parameters, err := decodeRunChecks(body)
	if err != nil {
		return err
	}
	start, err := x.jobStart()
	if err != nil {
		return err
	}
	s.pass(StageSubmit)
	w := &runChecksWork{given: *parameters}
	j := s.submit(w, start.key)
	s.pass(StageSubmitted)
	answer := runChecksAnswer{JobID: j.wireID(), Status: statusQueued}
	if start.wait {
		ended, err := s.await(x, j, start.timeout)
		if err != nil {
			return err
		}
		if !ended {
			x.empty(http.StatusCreated)
			return nil
		}
		// This caller gets the result from the job itself (wire T3).
		answer.Result, answer.Status = w.result, statusFinished
	}
	return x.json(http.StatusCreated, answer)
}

// jobStart is the query of every call that starts a job (wire 2, JQ).
type jobStart struct {
	key     *string
	wait    bool
	timeout *int
}

func (x *exchange) jobStart() (jobStart, error) {
	start := jobStart{key: x.queryText("jobBusinessKey"), wait: true}
	wait, err := x.queryFlag("wait")
	if err != nil {
		return start, err
	}
	if wait != nil {
		start.wait = *wait
	}
	start.timeout, err = x.queryInt("waitTimeout")
	return start, err
}

// runChecksWork is a run_checks job: a child for every table, pushed one after
// the other as places get free.
type runChecksWork struct {
	given  runChecksParameters
	result *runChecksResult
}

var _ work = (*runChecksWork)(nil)

func (w *runChecksWork) kind() string        { return jobRunChecks }
func (w *runChecksWork) isParent() bool      { return true }
func (w *runChecksWork) storesResult() bool  { return true }
func (w *runChecksWork) resultClass() string { return checkSummaryClass }

func (w *runChecksWork) parameters(ended bool) map[string]any {
	shown := w.given
	if ended {
		shown.Result = w.result
	}
	return map[string]any{"runChecksParameters": shown}
}

func (w *runChecksWork) run(s *Server, j *job) error {
	filters := w.given.Filters
	if filters == nil {
		return &jobFailure{
			class: "java.lang.NullPointerException",
			message: `Cannot invoke "com.dqops.metadata.search.TableSearchFilters.createTableSearchFilterVisitor()" ` +
				`because "tableSearchFilters" is null`,
		}
	}
	tables := filters.tables(s.warehouse)
	for _, t := range tables {
		if t.conn.fail != "" {
			return &jobFailure{class: "com.dqops.connectors.ConnectorOperationFailedException", message: t.conn.fail}
		}
	}
	works := make([]work, 0, len(tables))
	for _, t := range tables {
		works = append(works, &runTableWork{table: t, given: w.given})
	}
	children, err := s.runChildren(j, works)
	if err != nil {
		return err
	}
	total := runChecksResult{HighestSeverity: severityNames[severityValid]}
	for _, child := range children {
		if result := child.work.(*runTableWork).result; result != nil && !child.outcome.cancelled {
			total.add(*result)
		}
	}
	w.result = &total
	return nil
}

func (r *runChecksResult) add(more runChecksResult) {
	if slices.Index(severityNames[:], more.HighestSeverity) > slices.Index(severityNames[:], r.HighestSeverity) {
		r.HighestSeverity = more.HighestSeverity
	}
	r.ExecutedChecks += more.ExecutedChecks
	r.ValidResults += more.ValidResults
	r.Warnings += more.Warnings
	r.Errors += more.Errors
	r.Fatals += more.Fatals
	r.ExecutionErrors += more.ExecutionErrors
}
