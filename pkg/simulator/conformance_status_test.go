package simulator

import (
	"fmt"
	"strings"
	"testing"
)

// recordedCounts are the numbers of a recorded status.
type recordedCounts struct{ valid, warnings, failing, fatals, crashed int }

func countsOf(of any) recordedCounts {
	number := func(key string) int { return int(of.(map[string]any)[key].(float64)) }
	return recordedCounts{
		number("valid_results"), number("warnings"), number("errors"), number("fatals"), number("execution_errors"),
	}
}

func (n *recordedCounts) subtract(more recordedCounts) {
	n.valid -= more.valid
	n.warnings -= more.warnings
	n.failing -= more.failing
	n.fatals -= more.fatals
	n.crashed -= more.crashed
}

// scenarioOfStatus makes up a table that has the recorded status after two
// runs. What crashes does so in the second, with the column `nocolumn`; checks
// of columns that the recording was cut by go into a column of their own.
func scenarioOfStatus(t *testing.T, status map[string]any) *Scenario {
	t.Helper()
	table := Table{Name: fmt.Sprintf("%v.%v", status["schema_name"], status["table_name"])}
	total := 0.0
	if count, given := status["total_row_count"]; given {
		total = count.(float64)
	}
	left := map[string]*recordedCounts{}
	for name, dimension := range status["dimensions"].(map[string]any) {
		left[name] = new(countsOf(dimension))
	}
	rowsLeft := countsOf(status)
	add := func(recorded any) (checks []Check) {
		for name, one := range recorded.(map[string]any) {
			one := one.(map[string]any)
			rowsLeft.subtract(countsOf(one))
			check := checkOfStatus(name, one, total)
			left[check.Dimension].subtract(oneOf(one["current_severity"].(string)))
			checks = append(checks, check)
		}
		return checks
	}
	if checks, whole := status["checks"]; whole {
		table.Checks = add(checks)
		for name, column := range status["columns"].(map[string]any) {
			from := Column{Name: name, Checks: add(column.(map[string]any)["checks"])}
			if name == "nocolumn" {
				from.Broken = Runs{Only: []int{2}}
			}
			table.Columns = append(table.Columns, from)
		}
	} else {
		count := checkOfStatus("daily_row_count", map[string]any{
			"current_severity": "valid", "highest_historical_severity": "valid", "quality_dimension": "Completeness", "category": "volume",
		}, total)
		left["Completeness"].valid--
		table.Checks = []Check{count}
	}
	table.Columns = append(table.Columns, Column{Name: "elsewhere", Checks: checksLeft(left, rowsLeft)})
	return shop(table)
}

func oneOf(severity string) recordedCounts {
	return map[string]recordedCounts{
		"valid": {valid: 1}, "warning": {warnings: 1}, "error": {failing: 1}, "fatal": {fatals: 1}, "execution_error": {crashed: 1},
	}[severity]
}

// checksLeft makes the checks that the dimensions count and the recording does
// not show. Of those that crash some were valid before: rows say how many.
func checksLeft(left map[string]*recordedCounts, rows recordedCounts) []Check {
	validBefore := rows.valid
	for _, counts := range left {
		validBefore -= counts.valid
	}
	var checks []Check
	for dimension, counts := range left {
		for severity, number := range map[string]int{
			"valid": counts.valid, "warning": counts.warnings, "error": counts.failing, "fatal": counts.fatals,
			"execution_error": counts.crashed,
		} {
			for i := range number {
				one := map[string]any{"current_severity": severity, "quality_dimension": dimension, "category": "made-up"}
				if severity == "execution_error" && validBefore > 0 {
					one["highest_historical_severity"] = "valid"
					validBefore--
				}
				checks = append(checks, checkOfStatus(fmt.Sprintf("daily_%s_%s_%d", dimension, severity, i), one, 0))
			}
		}
	}
	return checks
}

func checkOfStatus(name string, one map[string]any, total float64) Check {
	value := 0.0
	if strings.HasSuffix(name, "row_count") {
		value = total
	}
	check := monitoring(name, value)
	check.Category, check.Dimension = one["category"].(string), one["quality_dimension"].(string)
	bound := &Bounds{Upper: new(value - 1)}
	switch one["current_severity"] {
	case "warning":
		check.Warning = bound
	case "error":
		check.Error = bound
	case "fatal":
		check.Fatal = bound
	default:
		check.Error = &Bounds{Upper: &value}
	}
	check.Metadata = one["current_severity"] != "execution_error"
	if _, judged := one["highest_historical_severity"]; !judged && !check.Metadata {
		check.HistoryNeeded = 30
	}
	return check
}
