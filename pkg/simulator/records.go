package simulator

import (
	"cmp"
	"slices"
	"time"
)

// The kinds of stored data that can be read.
const (
	kindResults  = "results"
	kindReadouts = "readouts"
	kindErrors   = "errors"
)

// severityCrashed ranks an error above every verdict (wire 3.10).
const severityCrashed = severityFatal + 1

// record is one stored row of any kind: one of the three is set.
type record struct {
	check      *check
	at         slot
	executedAt time.Time
	severity   int // of results and errors
	readout    *readout
	result     *result
	failure    *failure
}

func (r record) month() time.Time { return monthOf(r.at.period) }

// records returns the table's stored rows of one kind, also those of columns
// that are gone from the metadata. It needs warehouse.mu.
func (t *table) records(kind string) []record {
	var all []record
	for _, c := range slices.Concat(t.checks, t.dropped) {
		switch kind {
		case kindResults:
			for _, at := range sortedSlots(c.results) {
				stored := c.results[at]
				all = append(all, record{check: c, at: at, executedAt: stored.executedAt, severity: stored.severity, result: stored})
			}
		case kindReadouts:
			for _, at := range sortedSlots(c.readouts) {
				stored := c.readouts[at]
				all = append(all, record{check: c, at: at, executedAt: stored.executedAt, readout: stored})
			}
		case kindErrors:
			for _, at := range sortedSlots(c.failures) {
				stored := c.failures[at]
				all = append(all, record{check: c, at: at, executedAt: stored.executedAt, severity: severityCrashed, failure: stored})
			}
		}
	}
	return all
}

// compareGroups puts the rows without grouping first, as lists of groups do
// (wire 3.10).
func compareGroups(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == noGrouping:
		return -1
	case b == noGrouping:
		return 1
	default:
		return cmp.Compare(a, b)
	}
}

// groupNames lists the data groups of one check in the rows.
func groupNames(rows []record, c *check) []string {
	var names []string
	for _, r := range rows {
		if r.check == c && !slices.Contains(names, r.at.group) {
			names = append(names, r.at.group)
		}
	}
	slices.SortFunc(names, compareGroups)
	return names
}

func selected[T any](all []T, keep func(T) bool) []T {
	var kept []T
	for _, one := range all {
		if keep(one) {
			kept = append(kept, one)
		}
	}
	return kept
}
