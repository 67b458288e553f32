package simulator

import (
	"net/http"
	"slices"
)

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
	w := &runChecksWork{given: *parameters}
	return s.startJob(x, w, func() any { return w.result })
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
		return errNoFilters()
	}
	s.warehouse.mu.Lock()
	tables := filters.tables(s.warehouse)
	s.warehouse.mu.Unlock()
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
