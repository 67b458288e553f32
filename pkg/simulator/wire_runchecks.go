package simulator

// The models of run_checks (wire 3.2, 3.3). Names are mixed on the wire:
// snake outside, camel in the filters.

type checkSearchFilters struct {
	Connection          *string   `json:"connection,omitempty"`
	FullTableName       *string   `json:"fullTableName,omitempty"`
	Enabled             *bool     `json:"enabled,omitempty"`
	Tags                *[]string `json:"tags,omitempty"`
	Labels              *[]string `json:"labels,omitempty"`
	MaxResults          *int      `json:"maxResults,omitempty"`
	Column              *string   `json:"column,omitempty"`
	ColumnDataType      *string   `json:"columnDataType,omitempty"`
	ColumnNullable      *bool     `json:"columnNullable,omitempty"`
	CheckTarget         *string   `json:"checkTarget,omitempty"`
	CheckType           *string   `json:"checkType,omitempty"`
	TimeScale           *string   `json:"timeScale,omitempty"`
	CheckCategory       *string   `json:"checkCategory,omitempty"`
	QualityDimension    *string   `json:"qualityDimension,omitempty"`
	TableComparisonName *string   `json:"tableComparisonName,omitempty"`
	CheckName           *string   `json:"checkName,omitempty"`
	SensorName          *string   `json:"sensorName,omitempty"`
	HierarchyIDs        []any     `json:"checkHierarchyIdsModels,omitempty"`
}

type timeWindowFilter struct {
	RecentDays          *int    `json:"daily_partitioning_recent_days,omitempty"`
	IncludeToday        *bool   `json:"daily_partitioning_include_today,omitempty"`
	RecentMonths        *int    `json:"monthly_partitioning_recent_months,omitempty"`
	IncludeCurrentMonth *bool   `json:"monthly_partitioning_include_current_month,omitempty"`
	FromDate            *string `json:"from_date,omitempty"`
	FromDateTime        *string `json:"from_date_time,omitempty"`
	FromDateTimeOffset  *string `json:"from_date_time_offset,omitempty"`
	ToDate              *string `json:"to_date,omitempty"`
	ToDateTime          *string `json:"to_date_time,omitempty"`
	ToDateTimeOffset    *string `json:"to_date_time_offset,omitempty"`
	WhereFilter         *string `json:"where_filter,omitempty"`
}

type runChecksParameters struct {
	Filters             *checkSearchFilters `json:"check_search_filters,omitempty"`
	TimeWindow          *timeWindowFilter   `json:"time_window_filter,omitempty"`
	CollectErrorSamples *bool               `json:"collect_error_samples,omitempty"`
	ExecutionTarget     *string             `json:"execution_target,omitempty"`
	DummyExecution      bool                `json:"dummy_execution,omitempty"`
	Result              *runChecksResult    `json:"run_checks_result,omitempty"`
}

type runChecksOnTableParameters struct {
	Connection          string              `json:"connection"`
	Table               physicalTableName   `json:"table"`
	Filters             *checkSearchFilters `json:"check_search_filters,omitempty"`
	TimeWindow          *timeWindowFilter   `json:"time_window_filter,omitempty"`
	CollectErrorSamples *bool               `json:"collect_error_samples,omitempty"`
	ExecutionTarget     *string             `json:"execution_target,omitempty"`
	DummyExecution      bool                `json:"dummy_execution"`
	Result              *runChecksResult    `json:"run_checks_result,omitempty"`
}

type physicalTableName struct {
	Schema string `json:"schema_name"`
	Table  string `json:"table_name"`
}

type runChecksResult struct {
	HighestSeverity string `json:"highest_severity"`
	ExecutedChecks  int    `json:"executed_checks"`
	ValidResults    int    `json:"valid_results"`
	Warnings        int    `json:"warnings"`
	Errors          int    `json:"errors"`
	Fatals          int    `json:"fatals"`
	ExecutionErrors int    `json:"execution_errors"`
}
