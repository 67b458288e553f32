package simulator

import "encoding/json"

// decodeRunChecks reads the body of run_checks: unknown names are dropped in
// silence (wire 1).
func decodeRunChecks(body []byte) (*runChecksParameters, error) {
	const class = "com.dqops.execution.checks.jobs.RunChecksParameters"
	object, err := readObject(body, class,
		controllerOf("runChecks", "com.dqops.execution.checks.jobs.RunChecksQueueJobResult", class))
	if err != nil {
		return nil, err
	}
	r := &reader{object: object}
	p := &runChecksParameters{Filters: r.filters("check_search_filters"), TimeWindow: r.timeWindow("time_window_filter")}
	p.CollectErrorSamples = r.flag("collect_error_samples")
	p.ExecutionTarget = r.enum("execution_target", "com.dqops.execution.checks.RunChecksTarget",
		targetAll, targetSensors, targetRules)
	if dummy := r.flag("dummy_execution"); dummy != nil {
		p.DummyExecution = *dummy
	}
	return p, r.err
}

// filters reads CheckSearchFilters. Left out they mean every enabled check; an
// explicit null stays null and makes the job fail (wire 3.3).
func (r *reader) filters(name string) *checkSearchFilters {
	enabled := true
	f := &checkSearchFilters{Enabled: &enabled}
	if r.isNull(name) {
		return nil
	}
	in := r.member(name, "com.dqops.metadata.search.CheckSearchFilters")
	if in == nil {
		return f
	}
	f.Connection, f.FullTableName = in.text("connection"), in.text("fullTableName")
	if given := in.flag("enabled"); given != nil || in.isNull("enabled") {
		f.Enabled = given
	}
	f.Tags, f.Labels, f.MaxResults = in.texts("tags"), in.texts("labels"), in.integer("maxResults")
	f.Column, f.ColumnDataType, f.ColumnNullable = in.text("column"), in.text("columnDataType"), in.flag("columnNullable")
	f.CheckTarget = in.enum("checkTarget", "com.dqops.checks.CheckTarget", "table", "column")
	f.CheckType = in.enum("checkType", "com.dqops.checks.CheckType", typeProfiling, typeMonitoring, typePartitioned)
	f.TimeScale = in.enum("timeScale", "com.dqops.checks.CheckTimeScale", scaleDaily, scaleMonthly)
	f.CheckCategory, f.QualityDimension = in.text("checkCategory"), in.text("qualityDimension")
	f.TableComparisonName, f.CheckName, f.SensorName = in.text("tableComparisonName"), in.text("checkName"), in.text("sensorName")
	f.HierarchyIDs = in.hierarchyIDs("checkHierarchyIdsModels")
	r.fail(in.err)
	return f
}

// hierarchyIDs keeps the ids as they came; a number among the elements is
// wrong (wire 3.2).
func (r *reader) hierarchyIDs(name string) []any {
	raw := r.value(name)
	if raw == nil {
		return nil
	}
	var models []struct {
		Path []any `json:"path"`
	}
	if err := json.Unmarshal(raw, &models); err != nil {
		r.wrongType("java.util.ArrayList", raw)
		return nil
	}
	ids := []any{}
	for _, model := range models {
		for _, element := range model.Path {
			if _, isNumber := element.(float64); isNumber {
				r.wrongType("com.dqops.metadata.id.HierarchyIdModel", raw)
				return nil
			}
		}
		ids = append(ids, map[string]any{"path": model.Path})
	}
	return ids
}

func (r *reader) timeWindow(name string) *timeWindowFilter {
	in := r.member(name, "com.dqops.metadata.timeseries.TimeWindowFilterParameters")
	if in == nil {
		return nil
	}
	f := &timeWindowFilter{
		RecentDays: in.integer("daily_partitioning_recent_days"), IncludeToday: in.flag("daily_partitioning_include_today"),
		RecentMonths:        in.integer("monthly_partitioning_recent_months"),
		IncludeCurrentMonth: in.flag("monthly_partitioning_include_current_month"),
		FromDate:            in.date("from_date"), ToDate: in.date("to_date"),
		FromDateTime: in.dateTime("from_date_time"), ToDateTime: in.dateTime("to_date_time"),
		FromDateTimeOffset: in.offsetDateTime("from_date_time_offset"), ToDateTimeOffset: in.offsetDateTime("to_date_time_offset"),
		WhereFilter: in.text("where_filter"),
	}
	r.fail(in.err)
	return f
}
