package simulator

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// StoredRow is the truth about one check, data group and period: what the
// server has stored, and what of it belongs together.
type StoredRow struct {
	CheckRef             // Period is a date; DataGroup is never empty
	Spec     Check       // as described or added; whether it is disabled now is in Disabled
	Disabled bool        // takes no part in runs
	Dropped  bool        // the check is gone from the metadata
	ID       string      // of the readout, the result and the error's readout
	Start    time.Time   // of the period, local time without zone (in UTC)
	Readout  *StoredRead // nil: none
	Result   *StoredVerdict
	Error    *StoredError
}

// StoredRead is a stored readout.
type StoredRead struct {
	Value      float64
	ExecutedAt time.Time
}

// StoredVerdict is a stored result. Severity is 0 valid to 3 fatal.
type StoredVerdict struct {
	Value      float64 // the readout's at that time, unless the rule rewrites it
	Severity   int
	ExecutedAt time.Time // of the evaluation
}

// StoredError is a stored execution error.
type StoredError struct {
	Source     string // sensor or rule
	Message    string
	ExecutedAt time.Time
}

// Stored returns everything that is stored about a table (schema.table), by
// check, period and group; nil if there is no such table. A sensor's error is
// in the row of the group `no grouping` and the period in which it ran.
func (s *Server) Stored(connection, table string) []StoredRow {
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	t := s.warehouse.tableOf(connection, table)
	if t == nil {
		return nil
	}
	var rows []StoredRow
	for _, c := range slices.Concat(t.checks, t.dropped) {
		slots := map[slot]bool{}
		for at := range c.readouts {
			slots[at] = true
		}
		for at := range c.results {
			slots[at] = true
		}
		for at := range c.failures {
			slots[at] = true
		}
		for _, at := range sortedSlots(slots) {
			rows = append(rows, c.storedRow(at))
		}
	}
	return rows
}

func (c *check) storedRow(at slot) StoredRow {
	row := StoredRow{
		CheckRef: CheckRef{
			Connection: c.table.conn.name, Table: c.table.fullName(), Column: c.columnName(), Check: c.spec.key(),
			DataGroup: at.group, Period: at.period.Format(time.DateOnly),
		},
		Spec: c.spec, Disabled: c.disabled, ID: c.readoutID(at), Start: at.period,
		Dropped: slices.Contains(c.table.dropped, c),
	}
	if stored := c.readouts[at]; stored != nil {
		row.Readout = &StoredRead{stored.value, stored.executedAt}
	}
	if stored := c.results[at]; stored != nil {
		row.Result = &StoredVerdict{stored.value, stored.severity, stored.executedAt}
	}
	if stored := c.failures[at]; stored != nil {
		row.Error = &StoredError{stored.source, stored.message, stored.executedAt}
	}
	return row
}

// DeleteResults deletes stored check results alone, as delete_stored_data of
// that kind does (wire L2a). The reference needs connection and table only:
// what is left empty means all, an empty column with a check its table-level
// one.
func (s *Server) DeleteResults(ref CheckRef) error {
	return s.deleteStored(ref, func(c *check, doomed func(slot) bool) {
		maps.DeleteFunc(c.results, func(at slot, _ *result) bool { return doomed(at) })
	})
}

// DeleteReadouts deletes stored sensor readouts alone; see DeleteResults.
func (s *Server) DeleteReadouts(ref CheckRef) error {
	return s.deleteStored(ref, func(c *check, doomed func(slot) bool) {
		maps.DeleteFunc(c.readouts, func(at slot, _ *readout) bool { return doomed(at) })
	})
}

// DeleteErrors deletes stored execution errors alone; see DeleteResults.
func (s *Server) DeleteErrors(ref CheckRef) error {
	return s.deleteStored(ref, func(c *check, doomed func(slot) bool) {
		maps.DeleteFunc(c.failures, func(at slot, _ *failure) bool { return doomed(at) })
	})
}

func (s *Server) deleteStored(ref CheckRef, empty func(c *check, doomed func(slot) bool)) error {
	fail := func(err error) error {
		return fmt.Errorf("delete what is stored of %s of %s.%s: %w", ref.Check, ref.Connection, ref.Table, err)
	}
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	t := s.warehouse.tableOf(ref.Connection, ref.Table)
	if t == nil {
		return fail(ErrNoCheck)
	}
	covered := selected(slices.Concat(t.checks, t.dropped), ref.covers)
	if len(covered) == 0 && ref.Check != "" {
		return fail(ErrNoCheck)
	}
	for _, c := range covered {
		var period time.Time
		if ref.Period != "" {
			var err error
			if period, err = periodOf(ref.Period, c.gradient(), s.warehouse.started); err != nil {
				return fail(err)
			}
		}
		empty(c, func(at slot) bool {
			return (ref.DataGroup == "" || ref.DataGroup == at.group) && (ref.Period == "" || at.period.Equal(period))
		})
	}
	return nil
}

func (r CheckRef) covers(c *check) bool {
	if r.Check == "" {
		return r.Column == "" || r.Column == c.columnName()
	}
	return r.Column == c.columnName() && r.Check == c.spec.key()
}
