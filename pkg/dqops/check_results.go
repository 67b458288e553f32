package dqops

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The types of checks and their time scales (wire 3.1).
const (
	CheckTypeProfiling   = "profiling"
	CheckTypeMonitoring  = "monitoring"
	CheckTypePartitioned = "partitioned"
	TimeScaleDaily       = "daily"
	TimeScaleMonthly     = "monthly"
)

// NoGrouping is the name of the one data group of checks that are not grouped.
const NoGrouping = "no grouping"

// CheckPath names the checks of a table or of one of its columns that have the
// same type and time scale.
type CheckPath struct {
	TableRef
	Column    string // "" for table-level checks
	CheckType string
	TimeScale string // "" for profiling
}

func (p CheckPath) path() string {
	path := p.TableRef.path()
	if p.Column != "" {
		path += "/columns/" + url.PathEscape(p.Column)
	}
	path += "/" + url.PathEscape(p.CheckType)
	if p.TimeScale != "" {
		path += "/" + url.PathEscape(p.TimeScale)
	}
	return path
}

// ResultsQuery narrows stored results, readouts or errors.
type ResultsQuery struct {
	// First and Last are any moments in the first and the last month to read.
	// Readouts and errors may be read over many months; results only one month a
	// call, since across months their order and limit cannot be relied on (wire
	// 3.10).
	First, Last time.Time
	// DataGroup: without it each call chooses one group in its own way (wire 3.10).
	DataGroup  string
	CheckName  string // "" is all
	Comparison string
}

// maxResultsPerCheck is more than any check has; the server's default is 100
// (wire 3.10).
const maxResultsPerCheck = 1_000_000

func (q ResultsQuery) values() url.Values {
	month := func(t time.Time) string {
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	}
	v := url.Values{
		// Both are always given: without them the server fails when nothing is
		// stored (wire L2c).
		"monthStart": {month(q.First)}, "monthEnd": {month(q.Last)},
		"maxResultsPerCheck": {strconv.Itoa(maxResultsPerCheck)},
	}
	for name, value := range map[string]string{"dataGroup": q.DataGroup, "checkName": q.CheckName, "tableComparison": q.Comparison} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// CheckResultsList are the stored results of one check (wire 3.10).
type CheckResultsList struct {
	CheckName  string             `json:"checkName"`
	CheckType  string             `json:"checkType"`
	DataGroups []string           `json:"dataGroups"`
	DataGroup  string             `json:"dataGroup"`
	Entries    []CheckResultEntry `json:"checkResultEntries"`
}

// CheckResultEntry is the judgement of one value (wire 3.10). ExecutedAt is when
// the rule was evaluated, not when the check last ran.
type CheckResultEntry struct {
	ID                string    `json:"id"` // equals the readout's
	CheckName         string    `json:"checkName"`
	CheckCategory     string    `json:"checkCategory"`
	QualityDimension  string    `json:"qualityDimension"`
	SensorName        string    `json:"sensorName"`
	ActualValue       *float64  `json:"actualValue"` // some rules rewrite it
	ExpectedValue     *float64  `json:"expectedValue"`
	WarningLowerBound *float64  `json:"warningLowerBound"`
	WarningUpperBound *float64  `json:"warningUpperBound"`
	ErrorLowerBound   *float64  `json:"errorLowerBound"`
	ErrorUpperBound   *float64  `json:"errorUpperBound"`
	FatalLowerBound   *float64  `json:"fatalLowerBound"`
	FatalUpperBound   *float64  `json:"fatalUpperBound"`
	Severity          *int      `json:"severity"` // 0 to 3
	ColumnName        string    `json:"columnName"`
	DataGroup         string    `json:"dataGroup"`
	ExecutedAt        time.Time `json:"executedAt"`
	TimePeriod        string    `json:"timePeriod"` // local, no zone
	TableComparison   string    `json:"tableComparison"`
}

// CheckResults reads stored results; see ResultsQuery for the one month.
func (c *Client) CheckResults(ctx context.Context, p CheckPath, q ResultsQuery) ([]CheckResultsList, error) {
	return stored[CheckResultsList](ctx, c, "results", p, q)
}

// SensorReadoutsList are the stored values of one check (wire 3.10).
type SensorReadoutsList struct {
	CheckName  string               `json:"checkName"`
	CheckType  string               `json:"checkType"`
	DataGroups []string             `json:"dataGroupNames"`
	DataGroup  string               `json:"dataGroup"`
	Entries    []SensorReadoutEntry `json:"sensorReadoutEntries"`
}

// SensorReadoutEntry is one value (wire 3.10). ExecutedAt is renewed by every run
// that covers it.
type SensorReadoutEntry struct {
	ID              string    `json:"id"`
	CheckName       string    `json:"checkName"`
	ActualValue     *float64  `json:"actualValue"`
	ExpectedValue   *float64  `json:"expectedValue"`
	ColumnName      string    `json:"columnName"`
	DataGroup       string    `json:"dataGroup"`
	ExecutedAt      time.Time `json:"executedAt"`
	TimePeriod      string    `json:"timePeriod"`
	TableComparison string    `json:"tableComparison"` // "" when none
}

// SensorReadouts reads stored values, the newest execution first.
func (c *Client) SensorReadouts(ctx context.Context, p CheckPath, q ResultsQuery) ([]SensorReadoutsList, error) {
	return stored[SensorReadoutsList](ctx, c, "readouts", p, q)
}

// ErrorsList are the stored crashes of one check (wire 3.10).
type ErrorsList struct {
	CheckName  string       `json:"checkName"`
	CheckType  string       `json:"checkType"`
	DataGroups []string     `json:"dataGroupsNames"`
	DataGroup  string       `json:"dataGroup"`
	Entries    []ErrorEntry `json:"errorEntries"`
}

// ErrorEntry is one crash of a sensor or of a rule (wire 3.10). A crashed sensor
// leaves no readout.
type ErrorEntry struct {
	ReadoutID       string    `json:"readoutId"`
	ActualValue     *float64  `json:"actualValue"`
	ColumnName      string    `json:"columnName"`
	DataGroup       string    `json:"dataGroup"`
	SensorName      string    `json:"sensorName"`
	ExecutedAt      time.Time `json:"executedAt"`
	TimePeriod      string    `json:"timePeriod"`
	ErrorMessage    string    `json:"errorMessage"` // many lines, includes the SQL
	ErrorSource     string    `json:"errorSource"`  // sensor or rule
	TableComparison string    `json:"tableComparison"`
}

// CheckErrors reads stored crashes, the newest first.
func (c *Client) CheckErrors(ctx context.Context, p CheckPath, q ResultsQuery) ([]ErrorsList, error) {
	return stored[ErrorsList](ctx, c, "errors", p, q)
}

func stored[T any](ctx context.Context, c *Client, kind string, p CheckPath, q ResultsQuery) ([]T, error) {
	var lists []T
	r := call{
		doing: "read the " + kind + " of " + p.String(), method: http.MethodGet,
		path: p.path() + "/" + kind, query: q.values(), what: "table or column " + p.String(),
	}
	if err := c.whole(ctx, r, &lists); err != nil {
		return nil, err
	}
	return lists, nil
}

func (p CheckPath) String() string {
	text := p.TableRef.String()
	if p.Column != "" {
		text += " column " + p.Column
	}
	return text + " (" + strings.TrimSpace(p.CheckType+" "+p.TimeScale) + ")"
}
