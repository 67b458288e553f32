package dqops

// Severity is how bad a check result is, as the server spells it (wire 3.1,
// RuleSeverityLevel).
type Severity string

// The severities, from good to bad.
const (
	SeverityValid   Severity = "valid"
	SeverityWarning Severity = "warning"
	SeverityError   Severity = "error"
	SeverityFatal   Severity = "fatal"
)

// Level is 0 for valid, 1 warning, 2 error, 3 fatal: the numbers that stored
// results carry. An unknown severity is -1.
func (s Severity) Level() int {
	switch s {
	case SeverityValid:
		return 0
	case SeverityWarning:
		return 1
	case SeverityError:
		return 2
	case SeverityFatal:
		return 3
	default:
		return -1
	}
}
