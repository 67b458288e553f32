package simulator

import (
	"fmt"
	"hash/fnv"
	"sort"
	"strings"
	"sync"
	"time"
)

// noGrouping is the data group of a check without data grouping.
const noGrouping = "no grouping"

// warehouse is what the described databases hold and what the server has
// stored about them. mu guards everything in it.
type warehouse struct {
	mu          sync.Mutex
	zone        *time.Location
	started     time.Time // in zone; periods of the scenario are counted from it
	connections []*connection
}

type connection struct {
	name, provider, fail string
	labels               []string
	source               Source
	tables               []*table
}

type table struct {
	conn         *connection
	schema, name string
	disabled     bool
	openWindow   bool // its own
	fail         string
	labels       []string
	duration     time.Duration
	columns      []*column
	checks       []*check // the table's own, then column by column
	dropped      []*check // gone from the metadata: they never run, what they stored stays
	statistics   Collecting
	errorSamples Collecting
	kept         map[DataKind][]*keptRow
}

type column struct {
	name, dataType string
	nullable       *bool
	disabled       bool
	labels         []string
	broken         Runs
}

// slot is where a check keeps one readout and one result: they share it, and
// with it the id (wire L2).
type slot struct {
	group  string
	period time.Time // local, without zone
}

// check is one check with its described data and everything stored about it.
type check struct {
	table    *table
	column   *column // nil: table-level
	spec     Check
	hash     int64
	disabled bool
	crash    *Crash
	runs     int // sensor executions so far
	source   map[slot][]*float64

	readouts map[slot]*readout
	results  map[slot]*result
	failures map[slot]*failure
}

// readout is a stored sensor value.
type readout struct {
	id         string
	value      float64
	executedAt time.Time
	durationMs int
}

// result is a stored verdict of a rule. Its executedAt is that of its
// evaluation, not of the last run.
type result struct {
	id         string
	value      float64
	severity   int
	executedAt time.Time
	updatedAt  time.Time // zero: written once
	durationMs int
}

// failure is a stored execution error, by readout.
type failure struct {
	readoutID  string
	source     string // sensor or rule
	message    string
	value      *float64 // the readout, when it was the rule
	executedAt time.Time
	failedAt   time.Time
	durationMs int
}

func newWarehouse(sc *Scenario, start time.Time) *warehouse {
	zone := sc.zone()
	today := start.In(zone)
	w := &warehouse{zone: zone, started: today}
	for i := range sc.Connections {
		spec := &sc.Connections[i]
		conn := &connection{name: spec.Name, provider: spec.Provider, fail: spec.Fail, labels: spec.Labels}
		conn.source = spec.Source
		if conn.provider == "" {
			conn.provider = "duckdb"
		}
		for j := range spec.Tables {
			conn.tables = append(conn.tables, newTable(conn, &spec.Tables[j], today))
		}
		sort.SliceStable(conn.tables, func(a, b int) bool {
			return conn.tables[a].fullName() < conn.tables[b].fullName()
		})
		w.connections = append(w.connections, conn)
	}
	sort.SliceStable(w.connections, func(a, b int) bool { return w.connections[a].name < w.connections[b].name })
	return w
}

func newTable(conn *connection, spec *Table, today time.Time) *table {
	schema, name, _ := strings.Cut(spec.Name, ".")
	t := &table{
		conn: conn, schema: schema, name: name, disabled: spec.Disabled, openWindow: spec.IncludeCurrent, fail: spec.Fail,
		labels: spec.Labels, duration: time.Duration(spec.Duration),
		statistics: spec.Statistics, errorSamples: spec.ErrorSamples, kept: map[DataKind][]*keptRow{},
	}
	for i := range spec.Checks {
		t.checks = append(t.checks, newCheck(t, nil, spec.Checks[i], today))
	}
	for i := range spec.Columns {
		from := &spec.Columns[i]
		col := &column{
			name: from.Name, dataType: from.Type, nullable: from.Nullable, disabled: from.Disabled,
			labels: from.Labels, broken: from.Broken,
		}
		t.columns = append(t.columns, col)
		for j := range from.Checks {
			t.checks = append(t.checks, newCheck(t, col, from.Checks[j], today))
		}
	}
	for _, incident := range spec.Incidents {
		t.describeIncident(incident, today)
	}
	return t
}

func newCheck(t *table, col *column, spec Check, today time.Time) *check {
	c := &check{
		table: t, column: col, spec: spec, disabled: spec.Disabled, crash: spec.Fails,
		source:   map[slot][]*float64{},
		readouts: map[slot]*readout{}, results: map[slot]*result{}, failures: map[slot]*failure{},
	}
	c.hash = int64(hash64(t.conn.name, t.schema, t.name, c.columnName(), spec.Type, spec.TimeScale, spec.key()) >> 1)
	c.describe(spec.Values, today)
	return c
}

// describe lays the values of the scenario out by group and period. Checks
// that are not partitioned have the zero period here: theirs is that of the
// run.
func (c *check) describe(values Values, today time.Time) {
	if values.empty() {
		return
	}
	if c.spec.Type != typePartitioned {
		c.describeGroups(values, time.Time{})
		return
	}
	for _, key := range values.keys {
		first, last, err := periodRange(key, c.spec.TimeScale, today)
		if err != nil {
			continue // validated when the scenario was read
		}
		for at := first; !at.After(last); at = stepPeriod(at, c.spec.TimeScale, 1) {
			c.describeGroups(values.byKey[key], at)
		}
	}
}

func (c *check) describeGroups(values Values, period time.Time) {
	if values.byKey == nil {
		c.source[slot{noGrouping, period}] = values.series
		return
	}
	for _, group := range values.keys {
		c.source[slot{group, period}] = values.byKey[group].series
	}
}

func (t *table) fullName() string { return t.schema + "." + t.name }

func (c *check) columnName() string {
	if c.column == nil {
		return ""
	}
	return c.column.name
}

// gradient is the length of the check's periods: profiling checks have one a
// month (wire L2b).
func (c *check) gradient() string {
	if c.spec.TimeScale == scaleDaily {
		return scaleDaily
	}
	return scaleMonthly
}

// readoutID is the id that a slot's readout, result and error share.
func (c *check) readoutID(at slot) string {
	high := hash64(fmt.Sprint(c.hash), at.period.Format(time.DateOnly))
	low := hash64(at.group, at.period.Format(time.DateOnly), "group")
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x",
		high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
}

func hash64(parts ...string) uint64 {
	sum := fnv.New64a()
	for _, part := range parts {
		_, _ = sum.Write([]byte(part))
		_, _ = sum.Write([]byte{0})
	}
	return sum.Sum64()
}

// sortedSlots returns the keys of a map of slots by period, then group.
func sortedSlots[T any](stored map[slot]T) []slot {
	slots := make([]slot, 0, len(stored))
	for at := range stored {
		slots = append(slots, at)
	}
	sort.Slice(slots, func(a, b int) bool {
		if !slots[a].period.Equal(slots[b].period) {
			return slots[a].period.Before(slots[b].period)
		}
		return compareGroups(slots[a].group, slots[b].group) < 0
	})
	return slots
}
