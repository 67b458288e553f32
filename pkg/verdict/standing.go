package verdict

import (
	"fmt"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// Coverage says how exactly the checks that a run covered are known.
type Coverage string

// The coverages.
const (
	CoverageExact       Coverage = "exact"
	CoverageApproximate Coverage = "approximate"
)

// Standing is how the checks that a run covered stand now.
type Standing struct {
	// Severity is the worst of all findings; valid when there is none.
	Severity        dqops.Severity `json:"severity"`
	Warnings        int            `json:"warnings"`
	Errors          int            `json:"errors"`
	Fatals          int            `json:"fatals"`
	ExecutionErrors int            `json:"executionErrors"`
	Stale           int            `json:"stale"`
	// WithoutVerdict counts covered readouts that no rule has judged yet; absent
	// when it is not exactly known.
	WithoutVerdict *int     `json:"withoutVerdict,omitempty"`
	Tables         int      `json:"tables"`
	Coverage       Coverage `json:"coverage"`
	// Judged is whether any check in scope has a stored result or an error.
	Judged bool `json:"-"`
	// JudgedAgain is how many values, at most, were judged after the run's end: so
	// many results that its own summary counts may not be found any more.
	JudgedAgain int       `json:"-"`
	Findings    []Finding `json:"-"`
}

// Raise makes the standing at least as bad as the server's own summary, when less
// was found than that says.
func (s *Standing) Raise(to dqops.Severity) {
	if to.Level() > s.Severity.Level() {
		s.Severity = to
	}
	s.Coverage = CoverageApproximate
}

// Finding is one check result at warning or above, one crashed check, or one
// whose stored result is stale.
type Finding struct {
	Connection string `json:"connection"`
	Schema     string `json:"schema"`
	Table      string `json:"table"`
	Column     string `json:"column,omitempty"`
	Check      string `json:"check"`
	CheckType  string `json:"checkType"`
	TimeScale  string `json:"timeScale,omitempty"`
	Comparison string `json:"tableComparison,omitempty"`
	Category   string `json:"checkCategory,omitempty"`
	DataGroup  string `json:"dataGroup,omitempty"`
	// TimePeriod is the start of the period, local to the server, no zone.
	TimePeriod string `json:"timePeriod,omitempty"`
	// Severity is valid, warning, error or fatal; absent for a crashed check.
	Severity      dqops.Severity `json:"severity,omitempty"`
	ActualValue   *float64       `json:"actualValue,omitempty"`
	ExpectedValue *float64       `json:"expectedValue,omitempty"`
	Bounds        Bounds         `json:"bounds,omitzero"`
	ExecutedAt    time.Time      `json:"executedAt,omitzero"`
	// Unchanged is set when the rule was not evaluated again in this run because
	// the value is the one that it judged at ExecutedAt.
	Unchanged bool `json:"unchanged,omitempty"`
	// Stale is set when the newest value was never judged: the severity shown is
	// that of an older value, JudgedValue.
	Stale       bool     `json:"stale,omitempty"`
	JudgedValue *float64 `json:"judgedValue,omitempty"`
	// Crashed is "sensor" or "rule" for a check that crashed.
	Crashed string `json:"crashed,omitempty"`
	// CrashedBefore is set when the crash is older than this run and still holds.
	CrashedBefore bool   `json:"crashedBefore,omitempty"`
	Reason        string `json:"reason,omitempty"`
	Link          string `json:"link,omitempty"`
}

// Weight orders findings: what made the verdict incomplete first, then the worst
// severity.
func (f Finding) Weight() int {
	switch {
	case f.Crashed != "":
		return 5
	case f.Stale:
		return 4
	default:
		return f.Severity.Level()
	}
}

// Bounds are the limits of the rule, of the severities that are configured.
type Bounds struct {
	WarningLower *float64 `json:"warningLowerBound,omitempty"`
	WarningUpper *float64 `json:"warningUpperBound,omitempty"`
	ErrorLower   *float64 `json:"errorLowerBound,omitempty"`
	ErrorUpper   *float64 `json:"errorUpperBound,omitempty"`
	FatalLower   *float64 `json:"fatalLowerBound,omitempty"`
	FatalUpper   *float64 `json:"fatalUpperBound,omitempty"`
}

// holdsOfStanding is the gate that a second run on unchanged bad data does not
// open. It is never milder than the server's own summary.
func holdsOfStanding(run *dqops.RunChecksResult, s *Standing, p Policy) []holding {
	var held []holding
	if summary := WorstOfSummary(run); summary.Level() < 0 {
		held = append(held, unknownSeverity(summary))
	} else if summary.Level() > s.Severity.Level() && CountOf(run, summary) > s.JudgedAgain {
		s.Raise(summary)
	}
	held = append(held, holdsOfFindings(s, max(s.ExecutionErrors, run.ExecutionErrors), p)...)
	if p.AllowEmpty {
		return held
	}
	switch {
	case run.ExecutedChecks == 0 && run.ExecutionErrors == 0:
		held = append(held, holding{exit.NothingRan, "no check matched the filters, so nothing was checked"})
	case !s.Judged && run.ValidResults+run.Warnings+run.Errors+run.Fatals+run.ExecutionErrors == 0:
		held = append(held, holding{exit.NothingRan, "checks ran, but none of them was ever judged: no result is stored for any of them"})
	}
	return held
}

// holdsOfFindings is what the findings themselves trip.
func holdsOfFindings(s *Standing, crashes int, p Policy) []holding {
	var held []holding
	if crashes > 0 && !p.AllowExecutionErrors {
		held = append(held, holding{exit.ExecutionErrors, crashed(crashes)})
	}
	if s.Stale > 0 {
		held = append(held, holding{exit.ExecutionErrors, fmt.Sprintf(
			"%s never judged: the stored result is of an older value", plural(s.Stale, "changed value"))})
	}
	if trips(s.Severity, p) {
		held = append(held, holding{outcomeOf(s.Severity), severityReason(s.Severity, s.Warnings, s.Errors, s.Fatals)})
	}
	return held
}
