package simulator

import (
	"fmt"
	"slices"
	"time"
)

// AdvanceClock moves the server's clock ahead, say over midnight or into the
// next month. Jobs and changes age with it.
func (s *Server) AdvanceClock(by time.Duration) {
	s.clock.ahead.Add(int64(by))
}

// DropColumn takes a column and its checks out of the metadata. What they have
// stored stays: the status still counts it, the lists of the column are 404
// (wire 3.10).
func (s *Server) DropColumn(connection, table, name string) error {
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	t := s.warehouse.tableOf(connection, table)
	if t == nil || t.column(name) == nil {
		return fmt.Errorf("drop column %s of %s.%s: %w", name, connection, table, ErrNoCheck)
	}
	isOf := func(c *check) bool { return c.columnName() == name }
	t.dropped = append(t.dropped, selected(t.checks, isOf)...)
	// A run under way keeps the list that it began with.
	t.checks = selected(t.checks, func(c *check) bool { return !isOf(c) })
	t.columns = selected(t.columns, func(col *column) bool { return col.name != name })
	return nil
}

// AddCheck gives a table, or with a column name that column, one more check.
// The column is added when the table does not have it.
func (s *Server) AddCheck(connection, table, columnName string, spec Check) error {
	fail := func(err error) error {
		return fmt.Errorf("add check %s to %s.%s: %w", spec.key(), connection, table, err)
	}
	if err := spec.validate(); err != nil {
		return fail(err)
	}
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	t := s.warehouse.tableOf(connection, table)
	if t == nil {
		return fail(ErrNoCheck)
	}
	if slices.ContainsFunc(t.checks, func(c *check) bool { return c.columnName() == columnName && c.spec.key() == spec.key() }) {
		return fail(ErrCheckExists)
	}
	col := t.column(columnName)
	if columnName != "" && col == nil {
		col = &column{name: columnName}
		t.columns = append(slices.Clone(t.columns), col)
	}
	t.checks = append(slices.Clone(t.checks), newCheck(t, col, spec, s.warehouse.started))
	return nil
}
