package simulator

import (
	"slices"
	"time"
)

// statistic is one collector of the server.
type statistic struct {
	target, category, name, sensor string
	metadata                       bool // reads the catalogue: a broken column does not break it
}

// statistics are the collectors that every table and every column has.
var statistics = []statistic{
	{"table", "volume", "row_count", "table/volume/row_count", false},
	{"table", "schema", "column_count", "table/schema/column_count", true},
	{"column", "nulls", "nulls_count", "column/nulls/null_count", false},
	{"column", "nulls", "nulls_percent", "column/nulls/null_percent", false},
	{"column", "nulls", "not_nulls_count", "column/nulls/not_null_count", false},
	{"column", "nulls", "not_nulls_percent", "column/nulls/not_null_percent", false},
	{"column", "uniqueness", "distinct_count", "column/uniqueness/distinct_count", false},
	{"column", "uniqueness", "distinct_percent", "column/uniqueness/distinct_percent", false},
	{"column", "uniqueness", "duplicate_count", "column/uniqueness/duplicate_count", false},
	{"column", "uniqueness", "duplicate_percent", "column/uniqueness/duplicate_percent", false},
	{"column", "range", "min_value", "column/range/min_value", false},
	{"column", "range", "max_value", "column/range/max_value", false},
	{"column", "text", "text_min_length", "column/text/text_min_length", false},
	{"column", "text", "text_max_length", "column/text/text_max_length", false},
	{"column", "text", "text_datatype_detect", "column/datatype/string_datatype_detect", false},
	{"column", "sampling", columnSamples, "column/sampling/column_samples", false},
}

// columnSamples is the collector that samplesLimit is about.
const columnSamples = "column_samples"

// statisticsTableWork is a collect_statistics_on_table job.
type statisticsTableWork struct {
	table  *table
	given  statisticsParameters
	result collected
}

var _ collector = (*statisticsTableWork)(nil)

func (w *statisticsTableWork) kind() string        { return jobStatisticsOnTable }
func (w *statisticsTableWork) isParent() bool      { return false }
func (w *statisticsTableWork) storesResult() bool  { return true }
func (w *statisticsTableWork) resultClass() string { return statisticsClass }
func (w *statisticsTableWork) found() collected    { return w.result }

func (w *statisticsTableWork) parameters(ended bool) map[string]any {
	shown := statisticsOnTableParameters{
		Connection: w.table.conn.name, Table: physicalTableName{w.table.schema, w.table.name},
		statisticsParameters: w.given,
	}
	if ended {
		shown.Result = statisticsResultOf(w.result)
	}
	return map[string]any{"collectStatisticsOnTableParameters": shown}
}

func (w *statisticsTableWork) run(s *Server, j *job) error {
	s.pass(j.life, StageTable)
	if err := j.life.pause(time.Duration(w.table.statistics.Duration), j.stop); err != nil {
		return err
	}
	if w.table.fail != "" {
		return &jobFailure{class: statisticsFailedClass, message: w.table.fail}
	}
	s.warehouse.mu.Lock()
	w.gather(withoutZone(s.clock.now().In(s.warehouse.zone)))
	s.warehouse.mu.Unlock()
	if w.result.rows > 0 {
		s.changeFolder("data_statistics")
	}
	return nil
}

// statisticRun is one collector on the table or a column of it.
type statisticRun struct {
	statistic
	column *column // nil: table-level
}

// gather runs the collectors and stores what they return. It needs
// warehouse.mu.
func (w *statisticsTableWork) gather(at time.Time) {
	groups := []string{noGrouping}
	if w.given.DataScope == scopeGroups {
		groups = w.table.groups()
	}
	brokenText := w.table.brokenText()
	columns := map[*column]bool{}
	for _, run := range w.runs() {
		w.result.executed++
		switch {
		case w.table.statistics.failsOn(run.name):
			w.result.fail(w.table.statistics.text())
			continue
		case brokenText != "" && !run.metadata:
			w.result.fail(brokenText)
			continue
		}
		if run.column != nil {
			columns[run.column] = true
		}
		rows := 1
		if run.name == columnSamples {
			rows = min(w.table.statistics.rowsOr(defaultRows), *w.given.SamplesLimit)
		}
		for _, group := range groups {
			w.table.keep(rows, &keptRow{DataRow: DataRow{
				Kind: KindStatistics, Column: columnNameOf(run.column), Collector: run.name,
				CollectorCategory: run.category, CollectorTarget: run.target, Sensor: run.sensor,
				DataGroup: group, Period: at,
			}})
			w.result.rows += rows
		}
	}
	w.result.columns = len(columns)
}

// runs lists the collectors that the filters select, the table's first.
func (w *statisticsTableWork) runs() []statisticRun {
	var runs []statisticRun
	places := []*column{nil}
	places = append(places, w.table.columns...)
	for _, col := range places {
		for _, one := range statistics {
			if (one.target == "column") == (col != nil) && w.selects(one, col) {
				runs = append(runs, statisticRun{one, col})
			}
		}
	}
	return limited(runs, w.given.Filters.MaxResults)
}

func (w *statisticsTableWork) selects(one statistic, col *column) bool {
	f := w.given.Filters
	labels := append(slices.Clone(w.table.conn.labels), w.table.labels...)
	if col != nil {
		labels = append(labels, col.labels...)
	}
	switch {
	case one.name == columnSamples && *w.given.SamplesLimit <= 0:
		return false
	case len(f.ColumnNames) > 0 && (col == nil || !matchAny(col.name, f.ColumnNames)):
		return false
	case col != nil && col.disabled, f.Target != nil && *f.Target != one.target:
		return false
	case f.Labels != nil && slices.ContainsFunc(*f.Labels, func(label string) bool { return !hasLabel(labels, label) }):
		return false
	}
	return matchText(one.name, f.CollectorName) && matchText(one.category, f.CollectorCategory) && matchText(one.sensor, f.SensorName)
}

func matchAny(name string, filters []string) bool {
	return slices.ContainsFunc(filters, func(filter string) bool { return matchText(name, &filter) })
}

func hasLabel(labels []string, filter string) bool {
	return slices.ContainsFunc(labels, func(label string) bool { return matchText(label, &filter) })
}

func columnNameOf(col *column) string {
	if col == nil {
		return ""
	}
	return col.name
}
