package dqops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// CheckSearchFilters select checks. All fields are optional and match together;
// the text fields take the wildcards of wire 3.2.1 and ignore case, except
// ColumnDataType (exact). An empty text is the same as none.
type CheckSearchFilters struct {
	Connection    string `json:"connection,omitempty"`
	FullTableName string `json:"fullTableName,omitempty"` // schema.table, split at the first dot
	// Enabled false means "only disabled items", not "all" (wire T10); nil is true.
	Enabled             *bool    `json:"enabled,omitempty"`
	Tags                []string `json:"tags,omitempty"` // accepted and never used (wire T11)
	Labels              []string `json:"labels,omitempty"`
	MaxResults          *int32   `json:"maxResults,omitempty"`
	Column              string   `json:"column,omitempty"` // when set, only column checks run
	ColumnDataType      string   `json:"columnDataType,omitempty"`
	ColumnNullable      *bool    `json:"columnNullable,omitempty"`
	CheckTarget         string   `json:"checkTarget,omitempty"` // table or column
	CheckType           string   `json:"checkType,omitempty"`   // profiling, monitoring or partitioned
	TimeScale           string   `json:"timeScale,omitempty"`   // daily or monthly
	CheckCategory       string   `json:"checkCategory,omitempty"`
	QualityDimension    string   `json:"qualityDimension,omitempty"`
	TableComparisonName string   `json:"tableComparisonName,omitempty"`
	CheckName           string   `json:"checkName,omitempty"`
	SensorName          string   `json:"sensorName,omitempty"`
	// CheckHierarchyIDsModels select exact checks by path (wire 3.2).
	CheckHierarchyIDsModels []json.RawMessage `json:"checkHierarchyIdsModels,omitempty"`
}

// TimeWindowFilterParameters narrow the partitions that partitioned checks look
// at. Any one time field replaces the table's whole configured window (wire
// T17). From is inclusive, To exclusive; the forms are those of wire T8.
type TimeWindowFilterParameters struct {
	DailyPartitioningRecentDays            *int32 `json:"daily_partitioning_recent_days,omitempty"`
	DailyPartitioningIncludeToday          *bool  `json:"daily_partitioning_include_today,omitempty"`
	MonthlyPartitioningRecentMonths        *int32 `json:"monthly_partitioning_recent_months,omitempty"`
	MonthlyPartitioningIncludeCurrentMonth *bool  `json:"monthly_partitioning_include_current_month,omitempty"`
	FromDate                               string `json:"from_date,omitempty"`
	FromDateTime                           string `json:"from_date_time,omitempty"`
	FromDateTimeOffset                     string `json:"from_date_time_offset,omitempty"`
	ToDate                                 string `json:"to_date,omitempty"`
	ToDateTime                             string `json:"to_date_time,omitempty"`
	ToDateTimeOffset                       string `json:"to_date_time_offset,omitempty"`
	WhereFilter                            string `json:"where_filter,omitempty"`
}

// RunChecksTarget is the part of a check that a run executes (wire 3.1).
type RunChecksTarget string

// The targets; the empty one is sensors and rules.
const (
	TargetSensorsAndRules RunChecksTarget = "sensors_and_rules"
	TargetOnlySensors     RunChecksTarget = "only_sensors"
	TargetOnlyRules       RunChecksTarget = "only_rules"
)

// RunChecksParameters are the body of run_checks (wire 3.3). CheckSearchFilters
// is never sent as null, which would make the job fail.
type RunChecksParameters struct {
	CheckSearchFilters  CheckSearchFilters          `json:"check_search_filters"`
	TimeWindowFilter    *TimeWindowFilterParameters `json:"time_window_filter,omitempty"`
	CollectErrorSamples *bool                       `json:"collect_error_samples,omitempty"`
	ExecutionTarget     RunChecksTarget             `json:"execution_target,omitempty"`
	DummyExecution      bool                        `json:"dummy_execution,omitempty"`
	// RunChecksResult is filled by the server when the job is done.
	RunChecksResult *RunChecksResult `json:"run_checks_result,omitempty"`
}

// PhysicalTableName names a table within a connection (wire 3.8).
type PhysicalTableName struct {
	SchemaName string `json:"schema_name"`
	TableName  string `json:"table_name"`
}

// RunChecksOnTableParameters are those of the child job that a run of checks
// starts for each table (wire 3.8).
type RunChecksOnTableParameters struct {
	Connection string            `json:"connection"`
	Table      PhysicalTableName `json:"table"`
	RunChecksParameters
}

// RunChecksResult is the server's own summary of a run (wire 3.3). It is no
// proof: it says valid also when nothing ran, when everything crashed (wire
// T13), and about bad data that did not change since the last run (wire L2).
type RunChecksResult struct {
	HighestSeverity Severity `json:"highest_severity"`
	ExecutedChecks  int      `json:"executed_checks"`
	// ValidResults counts severities 0 and 1: truly valid are ValidResults
	// less Warnings.
	ValidResults    int `json:"valid_results"`
	Warnings        int `json:"warnings"`
	Errors          int `json:"errors"`
	Fatals          int `json:"fatals"`
	ExecutionErrors int `json:"execution_errors"`
	// Raw is the object as the server sent it.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON decodes the object, keeps it as it came, and refuses numbers below 0.
func (r *RunChecksResult) UnmarshalJSON(data []byte) error {
	type plain RunChecksResult
	if err := keepRaw(data, (*plain)(r), &r.Raw); err != nil {
		return err
	}
	if min(r.ExecutedChecks, r.ValidResults, r.Warnings, r.Errors, r.Fatals, r.ExecutionErrors) < 0 {
		return errNegative
	}
	return nil
}

// errNegative refuses a summary that would hide findings from every sum.
var errNegative = errors.New("a number of checks is below 0")

// RunChecksQueueJobResult is the answer to a started run of checks.
type RunChecksQueueJobResult = QueueJobResult[RunChecksResult]

// RunChecks starts a run of checks, on a connection of its own. ErrNotKnownYet
// is the empty answer to a wait that timed out: the job runs, its id was not
// said (wire 2.1).
func (c *Client) RunChecks(ctx context.Context, body RunChecksParameters, start Start) (*RunChecksQueueJobResult, error) {
	return startJob[RunChecksResult](ctx, c, call{doing: "start the checks", path: RunChecksPath, body: body}, start)
}

// RunChecksPath is where run_checks is posted, below the server's address.
const RunChecksPath = "/api/jobs/runchecks"

// RunChecks decodes the parameters of a run_checks job; nil for other types.
func (p JobParameters) RunChecks() (*RunChecksParameters, error) {
	return parameters[RunChecksParameters](p, "runChecksParameters")
}

// RunChecksOnTable decodes the parameters of a run_checks_on_table job; nil for
// other types.
func (p JobParameters) RunChecksOnTable() (*RunChecksOnTableParameters, error) {
	return parameters[RunChecksOnTableParameters](p, "runChecksOnTableParameters")
}

func parameters[T any](p JobParameters, name string) (*T, error) {
	raw, ok := p[name]
	if !ok {
		return nil, nil
	}
	decoded := new(T)
	if err := json.Unmarshal(raw, decoded); err != nil {
		return nil, fmt.Errorf("understand %s: %w", name, err)
	}
	return decoded, nil
}

// RunChecksResult is the summary that a finished run of checks keeps, of all its
// tables or of one; nil when the job is of another type or has none yet (wire
// 3.8, T3).
func (j *Job) RunChecksResult() (*RunChecksResult, error) {
	run, err := j.Parameters.RunChecks()
	if err != nil {
		return nil, err
	}
	if run != nil {
		return run.RunChecksResult, nil
	}
	table, err := j.Parameters.RunChecksOnTable()
	if err != nil || table == nil {
		return nil, err
	}
	return table.RunChecksResult, nil
}
