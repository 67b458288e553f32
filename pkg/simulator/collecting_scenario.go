package simulator

import (
	"fmt"
	"slices"
)

// Collecting says what a collection of statistics or error samples finds in a
// table.
type Collecting struct {
	// Duration is how long the table's job takes.
	Duration Duration `yaml:"duration"`
	// Rows is how many values the column samples of statistics find, or each
	// error sampler whose check's value breaks a rule. Left out: 10.
	Rows *int `yaml:"rows"`
	// Fails names what fails: collectors (row_count, column_samples, ...), or the
	// checks of error samplers; `*` is all of them.
	Fails []string `yaml:"fails"`
	// Message is the text of what fails. Left out: one that fits.
	Message string `yaml:"message"`
}

const defaultRows = 10

func (c *Collecting) failsOn(name string) bool { return matchAny(name, c.Fails) }

func (c *Collecting) text() string {
	if c.Message != "" {
		return c.Message
	}
	return defaultSensorCrash
}

func (c *Collecting) rowsOr(rows int) int {
	if c.Rows != nil {
		return *c.Rows
	}
	return rows
}

func (c *Collecting) validate() error {
	if c.Rows != nil && *c.Rows < 0 {
		return fmt.Errorf("rows must not be negative")
	}
	return nil
}

// groups are the data groups that the table's checks are split by.
func (t *table) groups() []string {
	var groups []string
	for _, c := range t.checks {
		for _, at := range sortedSlots(c.source) {
			if at.group != noGrouping && !slices.Contains(groups, at.group) {
				groups = append(groups, at.group)
			}
		}
	}
	if groups == nil {
		return []string{noGrouping}
	}
	slices.Sort(groups)
	return groups
}

// brokenText is what fails the queries of a table with a column that cannot be
// read, or nothing.
func (t *table) brokenText() string {
	for _, col := range t.columns {
		if col.broken.All {
			return brokenColumnText(&check{table: t, column: col})
		}
	}
	return ""
}
