package simulator

import (
	"fmt"
	"time"
)

// The severities of rules, and what they are called.
const (
	severityValid = iota
	severityWarning
	severityError
	severityFatal
)

var severityNames = [...]string{"valid", "warning", "error", "fatal"}

const (
	defaultSensorCrash = "SQL query failed: the query could not be executed"
	defaultRuleCrash   = "Rule evaluation failed: the rule raised an exception"
)

// execution is one run of a table's checks: sensors first, then rules, each
// saved when all are done, as the server does.
type execution struct {
	w       *warehouse
	checks  []*check
	window  window
	merged  map[*check]string // sensors that fail with a broken neighbour, and why
	samples []*sample
	total   runChecksResult
	worst   int
}

// sample is what one check's sensor returned in this run.
type sample struct {
	check      *check
	executedAt time.Time
	crash      string // empty: it worked
	values     map[slot]float64
	before     map[slot]float64 // the stored readouts that it replaces
	duration   time.Duration
}

// begin counts a run of each check and finds the sensors that a broken column
// takes with it: the sensors of one check type and time scale share a query
// (wire L3).
func (e *execution) begin() {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	type query struct{ checkType, scale string }
	broken := map[query]string{}
	e.merged = map[*check]string{}
	for _, c := range e.checks {
		c.runs++
		if c.column != nil && !c.spec.Metadata && c.column.broken.contains(c.runs) {
			broken[query{c.spec.Type, c.spec.TimeScale}] = brokenColumnText(c)
		}
	}
	for _, c := range e.checks {
		if cause := broken[query{c.spec.Type, c.spec.TimeScale}]; !c.spec.Metadata {
			e.merged[c] = cause
		}
	}
}

// sense runs one sensor at now.
func (e *execution) sense(c *check, now time.Time) {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	s := &sample{check: c, executedAt: now.Truncate(time.Millisecond), duration: time.Duration(c.spec.Duration)}
	switch {
	case e.merged[c] != "":
		s.crash = e.merged[c]
	case c.crashesIn(sourceSensor):
		s.crash = c.crashText()
	default:
		s.values = e.valuesOf(c, now)
	}
	e.samples = append(e.samples, s)
	if c.spec.DisabledAfter > 0 && c.runs >= c.spec.DisabledAfter {
		c.disabled = true
	}
}

func (e *execution) valuesOf(c *check, now time.Time) map[slot]float64 {
	local := now.In(e.w.zone)
	values := map[slot]float64{}
	for at, series := range c.source {
		value := valueInRun(series, c.runs)
		if value == nil {
			continue
		}
		if c.spec.Type != typePartitioned {
			at.period = periodStart(local, c.gradient())
		} else if !e.window.covers(at.period, c.spec.TimeScale, local) {
			continue
		}
		values[at] = *value
	}
	return values
}

func valueInRun(series []*float64, run int) *float64 {
	if len(series) == 0 {
		return nil
	}
	return series[min(max(run, 1), len(series))-1]
}

// saveReadouts stores what the sensors returned. Every run renews the
// readouts, changed or not (wire L2); a sensor that crashed leaves an error
// and no readout.
func (e *execution) saveReadouts(now time.Time) {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	for _, s := range e.samples {
		c := s.check
		e.total.ExecutedChecks++
		if s.crash != "" {
			e.total.ExecutionErrors++
			at := slot{noGrouping, periodStart(now.In(e.w.zone), c.gradient())}
			c.failures[at] = &failure{
				readoutID: c.readoutID(at), source: sourceSensor, message: s.crash,
				executedAt: s.executedAt, failedAt: now, durationMs: milliseconds(s.duration),
			}
			continue
		}
		s.before = map[slot]float64{}
		for at, value := range s.values {
			if stored := c.readouts[at]; stored != nil {
				s.before[at] = stored.value
			}
			c.readouts[at] = &readout{
				id: c.readoutID(at), value: value, executedAt: s.executedAt, durationMs: milliseconds(s.duration),
			}
		}
	}
}

// evaluate runs the rules on the values that changed.
func (e *execution) evaluate(now time.Time) {
	e.w.mu.Lock()
	defer e.w.mu.Unlock()
	for _, s := range e.samples {
		e.evaluateSample(s, now)
	}
	e.total.HighestSeverity = severityNames[e.worst]
}

func (e *execution) evaluateSample(s *sample, now time.Time) {
	c, crashed := s.check, false
	again := reevaluatedPeriods(c, s.values)
	for _, at := range sortedSlots(s.values) {
		value := s.values[at]
		before, known := s.before[at]
		if known && before == value && !again[monthOf(at.period)] {
			continue
		}
		if !c.hasRule() || c.earlierPeriods(at) < c.spec.HistoryNeeded {
			continue
		}
		if c.crashesIn(sourceRule) {
			crashed = true
			c.failures[at] = &failure{
				readoutID: c.readoutID(at), source: sourceRule, message: c.crashText(), value: &value,
				executedAt: s.executedAt, failedAt: now, durationMs: milliseconds(s.duration),
			}
			continue
		}
		severity := c.store(at, value, s, now)
		c.noteIncident(severity, s.executedAt, e.w.zone)
		e.count(severity)
	}
	if crashed {
		e.total.ExecutionErrors++
	}
}

// reevaluatedPeriods returns the months whose partitions are judged again
// although nothing changed: when a run covers more than two months, the last
// two. Recordings part_1 to part_3 show it (50 of 90 days).
func reevaluatedPeriods(c *check, values map[slot]float64) map[time.Time]bool {
	if c.spec.Type != typePartitioned {
		return nil
	}
	months := map[time.Time]bool{}
	var last time.Time
	for at := range values {
		month := monthOf(at.period)
		months[month] = true
		if month.After(last) {
			last = month
		}
	}
	if len(months) <= 2 {
		return nil
	}
	return map[time.Time]bool{last: true, last.AddDate(0, -1, 0): true}
}

func monthOf(period time.Time) time.Time { return periodStart(period, scaleMonthly) }

func (c *check) store(at slot, value float64, s *sample, now time.Time) int {
	if c.spec.Rewrites {
		value = c.failuresInARow(at)
	}
	fresh := &result{
		id: c.readoutID(at), value: value, severity: c.severity(value),
		executedAt: s.executedAt, durationMs: milliseconds(s.duration),
	}
	if c.results[at] != nil {
		fresh.updatedAt = now.Truncate(time.Millisecond)
	}
	c.results[at] = fresh
	return fresh.severity
}

// count adds one verdict to the summary: valid_results holds severities 0 and
// 1 (wire L2).
func (e *execution) count(severity int) {
	e.worst = max(e.worst, severity)
	switch severity {
	case severityValid:
		e.total.ValidResults++
	case severityWarning:
		e.total.ValidResults++
		e.total.Warnings++
	case severityError:
		e.total.Errors++
	default:
		e.total.Fatals++
	}
}

func (c *check) hasRule() bool {
	return c.spec.Warning != nil || c.spec.Error != nil || c.spec.Fatal != nil
}

func (c *check) severity(value float64) int {
	switch {
	case c.spec.Fatal.brokenBy(value):
		return severityFatal
	case c.spec.Error.brokenBy(value):
		return severityError
	case c.spec.Warning.brokenBy(value):
		return severityWarning
	default:
		return severityValid
	}
}

func (b *Bounds) brokenBy(value float64) bool {
	return b != nil && (b.Lower != nil && value < *b.Lower || b.Upper != nil && value > *b.Upper)
}

// earlierPeriods counts the readouts of the group before the slot's period.
func (c *check) earlierPeriods(at slot) int {
	earlier := 0
	for other := range c.readouts {
		if other.group == at.group && other.period.Before(at.period) {
			earlier++
		}
	}
	return earlier
}

// failuresInARow counts the group's readouts above 0 back from the slot.
func (c *check) failuresInARow(at slot) float64 {
	inARow := 0.0
	for c.readouts[at] != nil && c.readouts[at].value > 0 {
		inARow++
		at.period = stepPeriod(at.period, c.gradient(), -1)
	}
	return inARow
}

func (c *check) crashesIn(source string) bool {
	return c.crash != nil && c.crash.In == source && (len(c.crash.Runs) == 0 || Runs{Only: c.crash.Runs}.contains(c.runs))
}

func (c *check) crashText() string {
	switch {
	case c.crash.Message != "":
		return c.crash.Message
	case c.crash.In == sourceRule:
		return defaultRuleCrash
	default:
		return defaultSensorCrash
	}
}

// brokenColumnText is what the database says of the merged query of a column
// that cannot be read.
func brokenColumnText(c *check) string {
	return fmt.Sprintf("SQL query failed: Binder Error: Referenced column %q not found in FROM clause!\n"+
		"Candidate bindings: see the table's columns\n, connection: %s, SQL: SELECT\n"+
		"    COUNT(analyzed_table.%q) AS actual_value\nFROM %q.%q AS analyzed_table",
		c.column.name, c.table.conn.name, c.column.name, c.table.schema, c.table.name)
}

func milliseconds(d time.Duration) int { return int(d / time.Millisecond) }
