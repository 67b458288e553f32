package request

import (
	"fmt"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

func (d *draft) tableScope(all bool, given givenFilters) {
	table, ok := given["fullTableName"]
	switch {
	case all && ok:
		d.problems.add(source{name: "--all-tables"}, "leave one side out", "says every table of the connection, and this says less: %s", table.mention())
	case !all && !ok && !d.undecoded:
		d.problems.add(source{name: "this deletion"}, "give --table SCHEMA.TABLE, or --all-tables", "names no table and would take every table of the connection")
	}
}

func (d *draft) dateScope(all bool, given givenFilters, body *dqops.DeleteStoredDataQueueJobParameters) {
	from, hasFrom := given["dateStart"]
	through, hasThrough := given["dateEnd"]
	var dates []source
	if hasFrom {
		dates = append(dates, from)
	}
	if hasThrough {
		dates = append(dates, through)
	}
	switch {
	case all && len(dates) > 0:
		d.problems.add(source{name: "--all-dates"}, "leave one side out", "says the whole history, and this says less: %s", mentions(dates))
	case !all && len(dates) == 0 && !d.undecoded:
		d.problems.add(source{name: "this deletion"}, "give --from DAY, --through DAY or both, or --all-dates", "names no dates and would take the whole history")
	case len(dates) == 2 && checkDay(body.DateStart) == "" && checkDay(body.DateEnd) == "" && body.DateEnd < body.DateStart:
		d.problems.add(through, "", "is before %s: %s is before %s", from.mention(), body.DateEnd, body.DateStart)
	}
}

// reached refuses every filter that the server does not apply to every kind.
func (d *draft) reached(given givenFilters, kinds []DeleteKind) {
	for _, filter := range DeleteFilters() {
		at, ok := given[filter.Field]
		if !ok {
			continue
		}
		missed := map[effect][]DeleteKind{}
		for _, kind := range kinds {
			e := kind.effectOf(filter.Field)
			missed[e] = append(missed[e], kind)
		}
		hint := fmt.Sprintf("%s reaches %s", at.name, strings.Join(reachedBy(filter), ", "))
		if wide := missed[ignored]; len(wide) > 0 {
			d.problems.add(at, hint, "does not reach %s: the server would delete more than asked", strings.Join(kindNames(wide), ", "))
		}
		if left := missed[skipped]; len(left) > 0 {
			d.problems.add(at, hint, "does not reach %s: the server would delete none and not say so", strings.Join(kindNames(left), ", "))
		}
	}
}

func reachedBy(filter DeleteFilter) []string {
	var names []string
	for _, kind := range DeleteKinds() {
		if kind.Reaches(filter.Field) {
			names = append(names, kind.Name)
		}
	}
	return names
}

// exactTable: to the configuration of checks any pattern is all tables, also the
// name of a table without a schema (wire T1).
func (d *draft) exactTable(given givenFilters, kinds []DeleteKind, table string) {
	at, ok := given["fullTableName"]
	if !ok || isExactTable(table) || checkTable(table) != "" {
		return
	}
	for _, kind := range kinds {
		if kind.effectOf("fullTableName") == exactOnly {
			d.problems.add(at, "write schema.table, or --all-tables if that is meant",
				"must be one plain schema.table for %s, not %s: a pattern there is every table of the connection", kind.Name, quote(table))
		}
	}
}

func isExactTable(text string) bool {
	schema, table, split := strings.Cut(text, ".")
	const wrapping = "[]'\"`"
	for _, part := range []string{schema, table} {
		if isBlank(part) || strings.Contains(part, "*") || strings.Trim(part, wrapping) != part {
			return false
		}
	}
	return split
}

// DeleteWarnings are what a deletion brings about that its words do not say: check
// results that go without their sensor readouts, which blinds later runs (wire
// L2a), and tables that a pattern takes beside those it seems to.
func DeleteWarnings(p dqops.DeleteStoredDataQueueJobParameters) []string {
	var warnings []string
	if p.DeleteCheckResults && !p.DeleteSensorReadouts {
		warnings = append(warnings, "check results are deleted without their sensor readouts: later runs on unchanged data will not judge these checks again; "+
			"--what "+checkResults+","+sensorReadouts+" avoids it")
	}
	if p.FullTableName == "" {
		return warnings
	}
	schema, table, split := strings.Cut(p.FullTableName, ".")
	if !split {
		schema, table = "*", p.FullTableName
		warnings = append(warnings, quote(table)+" names no schema: tables of that name are taken in every schema")
	}
	for _, pattern := range []string{schema, table} {
		if name, ok := overlap(pattern); ok {
			warnings = append(warnings, fmt.Sprintf("the pattern %s also takes %s", quote(pattern), quote(name)))
		}
	}
	return warnings
}

// overlap gives the longest name that a deletion's pattern start*end takes although
// it is too short to hold both: the server looks at the start and the end apart.
func overlap(pattern string) (name string, ok bool) {
	pattern, _ = unwrap(pattern)
	start, end, _ := strings.Cut(pattern, "*")
	for shared := 1; shared <= min(len(start), len(end)); shared++ {
		if strings.HasSuffix(start, end[:shared]) {
			return start + end[shared:], true
		}
	}
	return "", false
}
