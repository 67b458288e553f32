package dqops

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// TableRef names a table of a connection.
type TableRef struct {
	Connection string
	Schema     string
	Table      string // may contain dots (wire L5)
}

func (t TableRef) String() string { return t.Connection + ": " + t.Schema + "." + t.Table }

func (t TableRef) path() string {
	return "/api/connections/" + url.PathEscape(t.Connection) +
		"/schemas/" + url.PathEscape(t.Schema) + "/tables/" + url.PathEscape(t.Table)
}

// Counts are numbers of stored results and errors by severity. In a table's
// status they count rows of all loaded months, left-over data groups too, and
// never clear; ValidResults is severity 0 only, unlike in RunChecksResult (wire
// 3.10).
type Counts struct {
	ExecutedChecks  int `json:"executed_checks"`
	ValidResults    int `json:"valid_results"`
	Warnings        int `json:"warnings"`
	Errors          int `json:"errors"`
	Fatals          int `json:"fatals"`
	ExecutionErrors int `json:"execution_errors"`
}

// isNegative reports numbers that no server counts, and that would hide others in
// every sum.
func (c Counts) isNegative() bool {
	return min(c.ExecutedChecks, c.ValidResults, c.Warnings, c.Errors, c.Fatals, c.ExecutionErrors) < 0
}

// TableStatus is what is stored about the checks of one table (wire 3.10). Its
// severities look only at rows of a check's newest execution and are wrong for
// grouped and partitioned checks (wire L2): only the counts are used.
type TableStatus struct {
	Connection string `json:"connection_name"`
	Schema     string `json:"schema_name"`
	Table      string `json:"table_name"`

	Checks  map[string]CheckStatus  `json:"checks"`
	Columns map[string]ColumnStatus `json:"columns"`
	Counts
}

// ColumnStatus is the part of one column.
type ColumnStatus struct {
	Checks map[string]CheckStatus `json:"checks"`
	Counts
}

// CheckStatus is the part of one check. The key of a comparison check is
// "name/comparison".
type CheckStatus struct {
	CheckType        string    `json:"check_type"`
	TimeScale        string    `json:"time_scale"` // "" for profiling
	Category         string    `json:"category"`
	QualityDimension string    `json:"quality_dimension"`
	LastExecutedAt   time.Time `json:"last_executed_at"`
	Counts
}

// StatusQuery narrows a table's status.
type StatusQuery struct {
	// Months is how many months are loaded; 1 is the current month only.
	Months int
	// The three switches are always sent: the server's defaults differ.
	Profiling, Monitoring, Partitioned bool
}

// TableStatus reads what is stored about the checks of a table. The error is a
// NotFoundError when the table is unknown.
func (c *Client) TableStatus(ctx context.Context, t TableRef, q StatusQuery) (*TableStatus, error) {
	status := new(TableStatus)
	r := call{
		doing: "read the status of table " + t.String(), method: http.MethodGet,
		path: t.path() + "/status", what: "table " + t.String(),
		query: url.Values{
			"months":      {strconv.Itoa(q.Months)},
			"profiling":   {strconv.FormatBool(q.Profiling)},
			"monitoring":  {strconv.FormatBool(q.Monitoring)},
			"partitioned": {strconv.FormatBool(q.Partitioned)},
		},
	}
	if err := c.whole(ctx, r, status); err != nil {
		return nil, err
	}
	// It is there for every known table, {} when nothing is stored.
	if status.Checks == nil {
		return nil, c.lacks(r, http.StatusOK, "checks")
	}
	if status.hasNegative() {
		return nil, &ProtocolError{Doing: r.doing, Server: c.BaseURL(), Status: http.StatusOK, Reason: errNegative.Error()}
	}
	return status, nil
}

func (s *TableStatus) hasNegative() bool {
	negative := func(checks map[string]CheckStatus) bool {
		for _, check := range checks {
			if check.isNegative() {
				return true
			}
		}
		return false
	}
	for _, column := range s.Columns {
		if column.isNegative() || negative(column.Checks) {
			return true
		}
	}
	return s.isNegative() || negative(s.Checks)
}
