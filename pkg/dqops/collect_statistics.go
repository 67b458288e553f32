package dqops

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
)

// StatisticsCollectorSearchFilters select statistics collectors, and are the whole
// body of both statistics operations. All fields are optional and match together;
// the text fields take the wildcards of wire 3.2.1 and ignore case.
type StatisticsCollectorSearchFilters struct {
	Connection    string `json:"connection,omitempty"`
	FullTableName string `json:"fullTableName,omitempty"` // schema.table, split at the first dot
	// Enabled false matches nothing here (wire T10).
	Enabled           *bool    `json:"enabled,omitempty"`
	Tags              []string `json:"tags,omitempty"` // accepted and never used (wire T11)
	Labels            []string `json:"labels,omitempty"`
	MaxResults        *int32   `json:"maxResults,omitempty"`
	ColumnNames       []string `json:"columnNames,omitempty"` // when set, table-level collectors are skipped
	CollectorName     string   `json:"collectorName,omitempty"`
	SensorName        string   `json:"sensorName,omitempty"`
	CollectorCategory string   `json:"collectorCategory,omitempty"`
	Target            string   `json:"target,omitempty"` // table or column
	// EnabledCronScheduleExpression: only tables on this profiling schedule.
	EnabledCronScheduleExpression string `json:"enabledCronScheduleExpression,omitempty"`
	// ProfilerHierarchyIDsModels select exact collectors. The server writes them as
	// collectorsHierarchyIdsModels, which must not be sent (wire 3.2).
	ProfilerHierarchyIDsModels []json.RawMessage `json:"profilerHierarchyIdsModels,omitempty"`
}

// CollectStatisticsOptions are the parameters beside the body. Nil leaves the
// server's default.
type CollectStatisticsOptions struct {
	// SamplesLimit is the most column samples; 0 or less switches their collector
	// off (wire 2.2).
	SamplesLimit *int32
	// ConfigureTable also sets the table's timestamp and id columns.
	ConfigureTable *bool
}

// Query are the query parameters that carry the options.
func (o CollectStatisticsOptions) Query() url.Values {
	q := url.Values{}
	if o.SamplesLimit != nil {
		q.Set("samplesLimit", strconv.Itoa(int(*o.SamplesLimit)))
	}
	if o.ConfigureTable != nil {
		q.Set("configureTable", strconv.FormatBool(*o.ConfigureTable))
	}
	return q
}

// CollectStatisticsParameters are those of a statistics job in the history (wire
// 3.8).
type CollectStatisticsParameters struct {
	Filters StatisticsCollectorSearchFilters `json:"statistics_collector_search_filters"`
	// DataScope is table or data_group.
	DataScope               string                   `json:"data_scope"`
	ConfigureTable          bool                     `json:"configure_table"`
	SamplesLimit            *int32                   `json:"samples_limit"`
	DummySensorExecution    bool                     `json:"dummy_sensor_execution"`
	CollectStatisticsResult *CollectStatisticsResult `json:"collect_statistics_result"`
}

// CollectStatisticsResult is the summary of a statistics job (wire 3.4).
type CollectStatisticsResult struct {
	ExecutedStatisticsCollectors int `json:"executed_statistics_collectors"`
	ColumnsAnalyzed              int `json:"columns_analyzed"`
	ColumnsSuccessfullyAnalyzed  int `json:"columns_successfully_analyzed"`
	TotalCollectorsFailed        int `json:"total_collectors_failed"`
	TotalCollectedResults        int `json:"total_collected_results"`
	// Raw is the object as the server sent it.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON decodes the object and keeps it as it came.
func (r *CollectStatisticsResult) UnmarshalJSON(data []byte) error {
	type plain CollectStatisticsResult
	return keepRaw(data, (*plain)(r), &r.Raw)
}

// CollectStatisticsQueueJobResult is the answer to a started statistics job.
type CollectStatisticsQueueJobResult = QueueJobResult[CollectStatisticsResult]

// The paths of the two statistics operations, below the server's address.
const (
	CollectStatisticsOnTablePath      = "/api/jobs/collectstatistics/table"
	CollectStatisticsOnDataGroupsPath = "/api/jobs/collectstatistics/withgrouping"
)

// CollectStatisticsOnTable starts collecting statistics of whole tables.
func (c *Client) CollectStatisticsOnTable(ctx context.Context, body StatisticsCollectorSearchFilters, o CollectStatisticsOptions, start Start) (*CollectStatisticsQueueJobResult, error) {
	r := call{doing: "start collecting statistics", path: CollectStatisticsOnTablePath, body: body, query: o.Query()}
	return startJob[CollectStatisticsResult](ctx, c, r, start)
}

// CollectStatisticsOnDataGroups starts collecting statistics of each data group.
func (c *Client) CollectStatisticsOnDataGroups(ctx context.Context, body StatisticsCollectorSearchFilters, o CollectStatisticsOptions, start Start) (*CollectStatisticsQueueJobResult, error) {
	r := call{doing: "start collecting statistics", path: CollectStatisticsOnDataGroupsPath, body: body, query: o.Query()}
	return startJob[CollectStatisticsResult](ctx, c, r, start)
}

// CollectStatistics decodes the parameters of a collect_statistics job or of one of
// its children; nil for other types.
func (p JobParameters) CollectStatistics() (*CollectStatisticsParameters, error) {
	if _, child := p["collectStatisticsOnTableParameters"]; child {
		return parameters[CollectStatisticsParameters](p, "collectStatisticsOnTableParameters")
	}
	return parameters[CollectStatisticsParameters](p, "collectStatisticsParameters")
}
