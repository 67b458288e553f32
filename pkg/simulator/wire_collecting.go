package simulator

// The models of collect_statistics and collect_error_samples (wire 3.4):
// snake outside, camel in the filters.

type statisticsFilters struct {
	Connection        *string   `json:"connection,omitempty"`
	FullTableName     *string   `json:"fullTableName,omitempty"`
	Enabled           *bool     `json:"enabled,omitempty"`
	Tags              *[]string `json:"tags,omitempty"`
	Labels            *[]string `json:"labels,omitempty"`
	MaxResults        *int      `json:"maxResults,omitempty"`
	ColumnNames       []string  `json:"columnNames"`
	CollectorName     *string   `json:"collectorName,omitempty"`
	SensorName        *string   `json:"sensorName,omitempty"`
	CollectorCategory *string   `json:"collectorCategory,omitempty"`
	Target            *string   `json:"target,omitempty"`
	Schedule          *string   `json:"enabledCronScheduleExpression,omitempty"`
}

type statisticsResult struct {
	Executed          int `json:"executed_statistics_collectors"`
	ColumnsAnalyzed   int `json:"columns_analyzed"`
	ColumnsSuccessful int `json:"columns_successfully_analyzed"`
	CollectorsFailed  int `json:"total_collectors_failed"`
	CollectedResults  int `json:"total_collected_results"`
}

type statisticsParameters struct {
	Filters        *statisticsFilters `json:"statistics_collector_search_filters,omitempty"`
	DataScope      string             `json:"data_scope"`
	ConfigureTable bool               `json:"configure_table,omitempty"`
	SamplesLimit   *int               `json:"samples_limit,omitempty"`
	Dummy          bool               `json:"dummy_sensor_execution"`
	Result         *statisticsResult  `json:"collect_statistics_result,omitempty"`
}

type statisticsOnTableParameters struct {
	Connection string            `json:"connection"`
	Table      physicalTableName `json:"table"`
	statisticsParameters
}

type errorSamplesParameters struct {
	Filters    *checkSearchFilters `json:"check_search_filters,omitempty"`
	TimeWindow *timeWindowFilter   `json:"time_window_filter,omitempty"`
	DataScope  string              `json:"data_scope"`
	Dummy      bool                `json:"dummy_sensor_execution"`
	Result     *errorSamplesResult `json:"error_sampler_result,omitempty"`
}

type errorSamplesOnTableParameters struct {
	Connection string            `json:"connection"`
	Table      physicalTableName `json:"table"`
	errorSamplesParameters
}

type errorSamplesResult struct {
	Executed          int `json:"executed_error_samplers"`
	ColumnsAnalyzed   int `json:"columns_analyzed"`
	ColumnsSuccessful int `json:"columns_successfully_analyzed"`
	SamplersFailed    int `json:"total_error_samplers_failed"`
	SamplesCollected  int `json:"total_error_samples_collected"`
}

// The data scopes (wire 3.1).
const (
	scopeTable  = "table"
	scopeGroups = "data_group"
)
