package simulator

import "time"

// The execution targets of a run (wire 3.1).
const (
	targetAll     = "sensors_and_rules"
	targetSensors = "only_sensors"
	targetRules   = "only_rules"
)

// runTableWork is a run_checks_on_table job: the checks of one table.
type runTableWork struct {
	table  *table
	given  runChecksParameters
	result *runChecksResult
}

var _ work = (*runTableWork)(nil)

func (w *runTableWork) kind() string        { return jobRunChecksOnTable }
func (w *runTableWork) isParent() bool      { return false }
func (w *runTableWork) storesResult() bool  { return true }
func (w *runTableWork) resultClass() string { return checkSummaryClass }

func (w *runTableWork) parameters(ended bool) map[string]any {
	shown := runChecksOnTableParameters{
		Connection: w.table.conn.name, Table: physicalTableName{w.table.schema, w.table.name},
		Filters: w.given.Filters, TimeWindow: w.given.TimeWindow, CollectErrorSamples: w.given.CollectErrorSamples,
		ExecutionTarget: w.given.ExecutionTarget, DummyExecution: w.given.DummyExecution,
	}
	if ended {
		shown.Result = w.result
	}
	return map[string]any{"runChecksOnTableParameters": shown}
}

// run executes sensors, stores the readouts, evaluates rules and stores the
// results. Between these it looks whether it is cancelled: after the readouts
// are stored a cancellation leaves them without a verdict (wire L2a).
func (w *runTableWork) run(s *Server, j *job) error {
	s.pass(j.life, StageTable)
	if err := j.life.pause(w.table.duration, j.stop); err != nil {
		return err
	}
	if w.table.fail != "" {
		return &jobFailure{class: "com.dqops.execution.checks.TableCheckExecutionException", message: w.table.fail}
	}
	e := s.newExecution(w)
	if target := w.given.ExecutionTarget; w.given.DummyExecution || target != nil && *target == targetRules {
		// Nothing is read, so no value differs and no rule is evaluated.
		w.result = &runChecksResult{HighestSeverity: severityNames[severityValid], ExecutedChecks: len(e.checks)}
		return nil
	}
	e.begin()
	for _, c := range e.checks {
		e.sense(c, s.clock.now())
		if err := j.life.pause(time.Duration(c.spec.Duration), j.stop); err != nil {
			return err
		}
	}
	e.saveReadouts(s.clock.now())
	s.pass(j.life, StageRules)
	if err := j.life.pause(0, j.stop); err != nil {
		return err
	}
	if target := w.given.ExecutionTarget; target == nil || *target != targetSensors {
		e.evaluate(s.clock.now())
	}
	if len(e.samples) > 0 {
		s.touchFolders(e.total.ExecutionErrors > 0)
	}
	w.result = &e.total
	return nil
}

func (s *Server) newExecution(w *runTableWork) *execution {
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	return &execution{
		w: s.warehouse, checks: w.given.Filters.checks(w.table),
		window: newWindow(w.given.TimeWindow, w.table, s.warehouse.zone),
		total:  runChecksResult{HighestSeverity: severityNames[severityValid]},
	}
}
