package simulator

const (
	statisticsClass        = "com.dqops.execution.statistics.StatisticsCollectionExecutionSummary"
	statisticsFailedClass  = "com.dqops.execution.statistics.jobs.DqoStatisticsCollectionJobFailedException"
	statisticsFiltersClass = "com.dqops.metadata.search.StatisticsCollectorSearchFilters"
)

// defaultSamplesLimit is how many values a column sample has at most, unless
// the call says otherwise (wire 2.2).
const defaultSamplesLimit = 100

// collectStatistics serves both calls; they differ in the scope only.
func (s *Server) collectStatistics(scope string) func(*exchange) error {
	return func(x *exchange) error {
		body, err := x.readBody()
		if err != nil {
			return err
		}
		w := &statisticsWork{given: statisticsParameters{DataScope: scope}}
		if w.given.Filters, err = decodeStatistics(body); err != nil {
			return err
		}
		if w.given.SamplesLimit, err = x.queryInt("samplesLimit"); err != nil {
			return err
		}
		configure, err := x.queryFlag("configureTable")
		if err != nil {
			return err
		}
		w.given.ConfigureTable = configure != nil && *configure
		return s.startJob(x, w, func() any { return w.result })
	}
}

func decodeStatistics(body []byte) (*statisticsFilters, error) {
	object, err := readObject(body, statisticsFiltersClass,
		controllerOf("collectStatisticsOnTable", "com.dqops.execution.statistics.jobs.CollectStatisticsQueueJobResult", statisticsFiltersClass))
	if err != nil {
		return nil, err
	}
	r := &reader{object: object}
	if _, sent := object["collectorsHierarchyIdsModels"]; sent {
		return nil, errTypeDefinition(statisticsFiltersClass) // wire 3.2
	}
	f := &statisticsFilters{
		Connection: r.text("connection"), FullTableName: r.text("fullTableName"), Enabled: new(true),
		Tags: r.texts("tags"), Labels: r.texts("labels"), MaxResults: r.integer("maxResults"),
		ColumnNames: r.list("columnNames"), CollectorName: r.text("collectorName"), SensorName: r.text("sensorName"),
		CollectorCategory: r.text("collectorCategory"), Schedule: r.text("enabledCronScheduleExpression"),
		Target: r.enum("target", "com.dqops.statistics.StatisticsCollectorTarget", "table", "column"),
	}
	if given := r.flag("enabled"); given != nil || r.isNull("enabled") {
		f.Enabled = given
	}
	if f.ColumnNames == nil {
		f.ColumnNames = []string{}
	}
	return f, r.err
}

// statisticsWork is a collect_statistics job.
type statisticsWork struct {
	given  statisticsParameters
	result *statisticsResult
}

var _ work = (*statisticsWork)(nil)

func (w *statisticsWork) kind() string        { return jobStatistics }
func (w *statisticsWork) isParent() bool      { return true }
func (w *statisticsWork) storesResult() bool  { return true }
func (w *statisticsWork) resultClass() string { return statisticsClass }

func (w *statisticsWork) parameters(ended bool) map[string]any {
	shown := w.given
	if ended {
		shown.Result = w.result
	}
	return map[string]any{"collectStatisticsParameters": shown}
}

func (w *statisticsWork) run(s *Server, j *job) error {
	s.warehouse.mu.Lock()
	tables := w.given.Filters.tables(s.warehouse)
	s.warehouse.mu.Unlock()
	total, err := s.collect(j, tables, func(t *table) collector {
		child := &statisticsTableWork{table: t, given: w.given}
		if child.given.SamplesLimit == nil {
			child.given.SamplesLimit = new(defaultSamplesLimit)
		}
		return child
	})
	if err != nil {
		return err
	}
	if err := total.verdict(statisticsFailedClass, "statistics", firstConnection(tables)); err != nil {
		return err
	}
	w.result = statisticsResultOf(total)
	return nil
}

func statisticsResultOf(n collected) *statisticsResult {
	return &statisticsResult{
		Executed: n.executed, ColumnsAnalyzed: n.columns, ColumnsSuccessful: n.columns,
		CollectorsFailed: n.failed, CollectedResults: n.rows,
	}
}

// tables are those that the collection visits. Here `enabled: false` matches
// nothing (wire T10), and no table of a scenario has a schedule. It needs
// warehouse.mu.
func (f *statisticsFilters) tables(w *warehouse) []*table {
	if f.Enabled != nil && !*f.Enabled || isSet(f.Schedule) {
		return nil
	}
	as := &checkSearchFilters{Connection: f.Connection, FullTableName: f.FullTableName, MaxResults: f.MaxResults}
	return as.tables(w)
}
