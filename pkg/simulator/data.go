package simulator

import (
	"errors"
	"fmt"
	"time"
)

// ErrNoCheck is returned for a reference that names no described check.
var ErrNoCheck = errors.New("no such check")

// ErrCheckExists is returned when a check is added that is there already.
var ErrCheckExists = errors.New("the check exists")

// CheckRef names a check, and within it a data group and a period.
type CheckRef struct {
	Connection string
	Table      string // schema.table
	Column     string // empty: table-level
	Check      string // for comparison checks name/comparison
	DataGroup  string // empty: every group that the check has
	Period     string // for partitioned checks, as in a scenario; empty: every period that it has
}

// SetValue makes the sensor return the value from now on. A group or period
// that the check did not have is added.
func (s *Server) SetValue(ref CheckRef, value float64) error {
	return s.setSeries(ref, []*float64{&value})
}

// ClearValue makes the sensor return no row from now on, as for a data group
// that is gone.
func (s *Server) ClearValue(ref CheckRef) error {
	return s.setSeries(ref, nil)
}

func (s *Server) setSeries(ref CheckRef, series []*float64) error {
	return s.changeCheck(ref, func(c *check) error {
		var period time.Time
		if ref.Period != "" && c.spec.Type == typePartitioned {
			var err error
			if period, err = periodOf(ref.Period, c.spec.TimeScale, s.warehouse.started); err != nil {
				return err
			}
		}
		found := false
		for at := range c.source {
			if (ref.DataGroup == "" || ref.DataGroup == at.group) && (ref.Period == "" || at.period.Equal(period)) {
				c.source[at] = series
				found = true
			}
		}
		if !found {
			group := ref.DataGroup
			if group == "" {
				group = noGrouping
			}
			c.source[slot{group, period}] = series
		}
		return nil
	})
}

// SetBroken breaks or repairs the column of a check: its sensors fail, and
// those merged with them (wire L3). The reference needs no check.
func (s *Server) SetBroken(ref CheckRef, broken bool) error {
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	if t := s.warehouse.tableOf(ref.Connection, ref.Table); t != nil {
		if col := t.column(ref.Column); col != nil {
			col.broken = Runs{All: broken}
			return nil
		}
	}
	return fmt.Errorf("break column %s of %s.%s: %w", ref.Column, ref.Connection, ref.Table, ErrNoCheck)
}

// SetDisabled disables or enables a check.
func (s *Server) SetDisabled(ref CheckRef, disabled bool) error {
	return s.changeCheck(ref, func(c *check) error {
		c.disabled = disabled
		return nil
	})
}

// SetCrash makes the check's sensor or rule crash from now on, or with nil no
// more.
func (s *Server) SetCrash(ref CheckRef, crash *Crash) error {
	return s.changeCheck(ref, func(c *check) error {
		c.crash = crash
		return nil
	})
}

func (s *Server) changeCheck(ref CheckRef, change func(*check) error) error {
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	if t := s.warehouse.tableOf(ref.Connection, ref.Table); t != nil {
		for _, c := range t.checks {
			if c.columnName() == ref.Column && c.spec.key() == ref.Check {
				return change(c)
			}
		}
	}
	return fmt.Errorf("change %s of %s.%s: %w", ref.Check, ref.Connection, ref.Table, ErrNoCheck)
}
