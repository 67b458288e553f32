package standing

import (
	"cmp"
	"slices"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// The kinds of stored rows, as messages name them.
const (
	readoutsOf = "readouts"
	resultsOf  = "results"
	errorsOf   = "errors"
)

// answer is one list of stored rows, as far as it tells what it is an answer to.
type answer struct {
	kind             string
	check, checkType string
	groups           []string // nil: not looked at
	group            string
	rows             []row // nil: the list of rows is missing
}

// row is what one stored row tells of its place; "" where its kind does not.
type row struct{ check, column, comparison, group, period string }

func readoutsAnswer(l dqops.SensorReadoutsList) answer {
	a := answer{kind: readoutsOf, check: l.CheckName, checkType: l.CheckType, groups: groupsOf(l.DataGroups), group: l.DataGroup}
	a.rows = rowsOf(l.Entries, func(e dqops.SensorReadoutEntry) row {
		return row{e.CheckName, e.ColumnName, e.TableComparison, e.DataGroup, e.TimePeriod}
	})
	return a
}

func resultsAnswer(l dqops.CheckResultsList) answer {
	a := answer{kind: resultsOf, check: l.CheckName, checkType: l.CheckType, group: l.DataGroup}
	a.rows = rowsOf(l.Entries, func(e dqops.CheckResultEntry) row {
		return row{e.CheckName, e.ColumnName, e.TableComparison, e.DataGroup, e.TimePeriod}
	})
	return a
}

func errorsAnswer(l dqops.ErrorsList) answer {
	a := answer{kind: errorsOf, check: l.CheckName, checkType: l.CheckType, groups: groupsOf(l.DataGroups), group: l.DataGroup}
	a.rows = rowsOf(l.Entries, func(e dqops.ErrorEntry) row {
		return row{"", e.ColumnName, e.TableComparison, e.DataGroup, e.TimePeriod}
	})
	return a
}

func groupsOf(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

func rowsOf[T any](entries []T, of func(T) row) []row {
	if entries == nil {
		return nil
	}
	rows := make([]row, len(entries))
	for i, e := range entries {
		rows[i] = of(e)
	}
	return rows
}

// checkAnswer refuses a list that lacks a part, and one that is of something else
// than was asked: a cache between that looks at the path alone would hide data
// groups, months and checks.
func checkAnswer(p dqops.CheckPath, q dqops.ResultsQuery, a answer) error {
	switch {
	case a.rows == nil:
		return unreadable("the %s of %s lack their entries", a.kind, p)
	case a.check == "" || a.group == "" || a.groups != nil && !slices.Contains(a.groups, a.group):
		return unreadable("the %s of %s lack the names of their check and data groups", a.kind, p)
	case cmp.Or(a.checkType, p.CheckType) != p.CheckType:
		return foreign(a.kind, p, "check type "+a.checkType)
	case cmp.Or(q.CheckName, a.check) != a.check:
		return foreign(a.kind, p, "check "+a.check)
	case cmp.Or(q.DataGroup, a.group) != a.group:
		return foreign(a.kind, p, "data group "+a.group)
	}
	for _, r := range a.rows {
		month, ok := periodMonth(r.period)
		switch {
		case !ok:
			return unreadable("one of the %s of %s lacks its period", a.kind, p)
		case month.Before(monthOf(q.First)) || month.After(monthOf(q.Last)):
			return foreign(a.kind, p, "period "+r.period)
		case r.group != a.group:
			return foreign(a.kind, p, "data group "+r.group)
		case cmp.Or(r.check, a.check) != a.check:
			return foreign(a.kind, p, "check "+r.check)
		case cmp.Or(r.column, p.Column) != p.Column:
			return foreign(a.kind, p, "column "+r.column)
		case q.Comparison != "" && cmp.Or(r.comparison, q.Comparison) != q.Comparison:
			return foreign(a.kind, p, "comparison "+r.comparison)
		}
	}
	return nil
}

func foreign(kind string, p dqops.CheckPath, what string) error {
	return unreadable("asked for %s of %s, something else came: %s; a cache between may answer for the server", kind, p, what)
}

// namedAndAbsent is the error for a data group that one answer names and the next
// does not have.
func namedAndAbsent(kind string, p dqops.CheckPath, group string) error {
	return unreadable("the %s of %s name the data group %s, and nothing came when it was asked for", kind, p, group)
}
