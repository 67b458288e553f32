package simulator

import (
	"fmt"
	"time"
)

const (
	errorSamplesClass       = "com.dqops.execution.errorsampling.ErrorSamplerExecutionSummary"
	errorSamplesFailedClass = "com.dqops.execution.errorsampling.jobs.DqoErrorSamplerJobFailedException"
	errorSamplesParamsClass = "com.dqops.execution.errorsampling.jobs.CollectErrorSamplesParameters"
)

// errNoFilters is the end of a job without a filter object (wire T14).
func errNoFilters() *jobFailure {
	return &jobFailure{
		class: "java.lang.NullPointerException",
		message: `Cannot invoke "com.dqops.metadata.search.TableSearchFilters.createTableSearchFilterVisitor()" ` +
			`because "tableSearchFilters" is null`,
	}
}

func (s *Server) collectErrorSamples(x *exchange) error {
	body, err := x.readBody()
	if err != nil {
		return err
	}
	w := &errorSamplesWork{}
	if w.given, err = decodeErrorSamples(body); err != nil {
		return err
	}
	return s.startJob(x, w, func() any { return w.result })
}

func decodeErrorSamples(body []byte) (p errorSamplesParameters, err error) {
	object, err := readObject(body, errorSamplesParamsClass,
		controllerOf("collectErrorSamples", "com.dqops.execution.errorsampling.jobs.CollectErrorSamplesResult", errorSamplesParamsClass))
	if err != nil {
		return p, err
	}
	r := &reader{object: object}
	if object["check_search_filters"] != nil { // unlike run_checks there is no default
		p.Filters = r.filters("check_search_filters")
	}
	p.TimeWindow = r.timeWindow("time_window_filter")
	p.DataScope = scopeTable
	if scope := r.enum("data_scope", "com.dqops.data.errorsamples.factory.ErrorSamplesDataScope", scopeTable, scopeGroups); scope != nil {
		p.DataScope = *scope
	}
	if dummy := r.flag("dummy_sensor_execution"); dummy != nil {
		p.Dummy = *dummy
	}
	return p, r.err
}

// errorSamplesWork is a collect_error_samples job.
type errorSamplesWork struct {
	given  errorSamplesParameters
	result *errorSamplesResult
}

var _ work = (*errorSamplesWork)(nil)

func (w *errorSamplesWork) kind() string        { return jobErrorSamples }
func (w *errorSamplesWork) isParent() bool      { return true }
func (w *errorSamplesWork) storesResult() bool  { return true }
func (w *errorSamplesWork) resultClass() string { return errorSamplesClass }

func (w *errorSamplesWork) parameters(ended bool) map[string]any {
	shown := w.given
	if ended {
		shown.Result = w.result
	}
	return map[string]any{"collectErrorSamplesParameters": shown}
}

func (w *errorSamplesWork) run(s *Server, j *job) error {
	if w.given.Filters == nil {
		return errNoFilters()
	}
	s.warehouse.mu.Lock()
	tables := w.given.Filters.tables(s.warehouse)
	s.warehouse.mu.Unlock()
	total, err := s.collect(j, tables, func(t *table) collector {
		return &errorSamplesTableWork{table: t, given: w.given}
	})
	if err != nil {
		return err
	}
	if err := total.verdict(errorSamplesFailedClass, "error samples", firstConnection(tables)); err != nil {
		return err
	}
	w.result = errorSamplesResultOf(total)
	return nil
}

func errorSamplesResultOf(n collected) *errorSamplesResult {
	return &errorSamplesResult{
		Executed: n.executed, ColumnsAnalyzed: n.columns, ColumnsSuccessful: n.columns,
		SamplersFailed: n.failed, SamplesCollected: n.rows,
	}
}

// errorSamplesTableWork is a collect_error_samples_on_table job.
type errorSamplesTableWork struct {
	table  *table
	given  errorSamplesParameters
	result collected
}

var _ collector = (*errorSamplesTableWork)(nil)

func (w *errorSamplesTableWork) kind() string        { return jobErrorSamplesOnTable }
func (w *errorSamplesTableWork) isParent() bool      { return false }
func (w *errorSamplesTableWork) storesResult() bool  { return true }
func (w *errorSamplesTableWork) resultClass() string { return errorSamplesClass }
func (w *errorSamplesTableWork) found() collected    { return w.result }

func (w *errorSamplesTableWork) parameters(ended bool) map[string]any {
	shown := errorSamplesOnTableParameters{
		Connection: w.table.conn.name, Table: physicalTableName{w.table.schema, w.table.name},
		errorSamplesParameters: w.given,
	}
	if ended {
		shown.Result = errorSamplesResultOf(w.result)
	}
	return map[string]any{"collectErrorSamplesOnTableParameters": shown}
}

func (w *errorSamplesTableWork) run(s *Server, j *job) error {
	s.pass(j.life, StageTable)
	if err := j.life.pause(time.Duration(w.table.errorSamples.Duration), j.stop); err != nil {
		return err
	}
	if w.table.fail != "" {
		return &jobFailure{class: errorSamplesFailedClass, message: w.table.fail}
	}
	s.warehouse.mu.Lock()
	w.gather(withoutZone(s.clock.now().In(s.warehouse.zone)))
	s.warehouse.mu.Unlock()
	return nil
}

// gather runs the samplers, which only column-level checks of the data have,
// and stores what they find. It needs warehouse.mu.
func (w *errorSamplesTableWork) gather(at time.Time) {
	columns := map[*column]bool{}
	for _, c := range w.given.Filters.checks(w.table) {
		if c.column == nil || c.spec.Metadata {
			continue
		}
		w.result.executed++
		switch {
		case w.table.errorSamples.failsOn(c.spec.Name):
			w.result.fail(w.table.errorSamples.text())
			continue
		case c.column.broken.All:
			w.result.fail(brokenColumnText(c))
			continue
		}
		columns[c.column] = true
		for group, rows := range w.samplesOf(c) {
			row := c.configured()
			row.Kind, row.TimeScale, row.DataGroup, row.Period = KindErrorSamples, "", group, at
			w.table.keep(rows, &keptRow{DataRow: row})
			w.result.rows += rows
		}
	}
	w.result.columns = len(columns)
}

// samplesOf counts the bad rows by data group: there are some where the value
// of the next run breaks a rule.
func (w *errorSamplesTableWork) samplesOf(c *check) map[string]int {
	found := map[string]int{}
	for at, series := range c.source {
		value := valueInRun(series, max(c.runs, 1))
		if value == nil || c.severity(*value) == severityValid {
			continue
		}
		group := at.group
		if w.given.DataScope == scopeTable {
			group = noGrouping
		}
		found[group] = w.table.errorSamples.rowsOr(defaultRows)
	}
	return found
}

// list reads a list of strings that is no array in the server: a plain string
// is a 400 there.
func (r *reader) list(name string) []string {
	raw := r.value(name)
	if raw == nil {
		return nil
	}
	if raw[0] != '[' {
		r.wrongType("java.util.ArrayList<java.lang.String>", raw)
		return nil
	}
	list := r.texts(name)
	if list == nil {
		return nil
	}
	return *list
}

// changeFolder marks one folder of the server's data as changed.
func (s *Server) changeFolder(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setFolder(name, "changed")
}

// setFolder needs s.mu.
func (s *Server) setFolder(name, status string) {
	field := s.folders.field(name)
	if field == nil {
		panic(fmt.Sprintf("no folder %s", name))
	}
	if *field != status {
		*field = status
		s.folderChange = s.nextNumber()
		s.wake()
	}
}
