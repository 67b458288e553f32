package standing_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// world is a random warehouse, with everything that a case chooses at random.
type world struct {
	*rand.Rand
	start  time.Time
	zone   string
	tables []*tableOfWorld
	checks []*checkOfWorld
}

type tableOfWorld struct {
	connection, name string // name is schema.table
	disabled         bool
	columns          []string
}

type checkOfWorld struct {
	simulator.CheckRef
	checkType, scale            string
	category, dimension, sensor string
	comparison                  string
	groups, periods             []string
}

// levels are values that trip no rule, the warning's, the error's, the fatal's.
var levels = []float64{0, 0, 5, 50, 500}

func (w *world) value() float64        { return pick(w, levels) }
func (w *world) chance(p float64) bool { return w.Float64() < p }

func pick[T any](w *world, from []T) T { return from[w.IntN(len(from))] }

func (w *world) location() *time.Location {
	zone, err := time.LoadLocation(w.zone)
	if err != nil {
		panic(err)
	}
	return zone
}

// newWorld describes a warehouse of one to three tables.
func newWorld(seed uint64) (*world, string) {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 4))}
	w.zone = pick(w, []string{"UTC", "UTC", "Europe/Warsaw", "Pacific/Kiritimati", "Pacific/Pago_Pago"})
	w.start = pick(w, []time.Time{
		time.Date(2026, 11, 23, 14, 15, 26, 0, time.UTC),
		time.Date(2026, 11, 30, 23, 58, 0, 0, time.UTC),
		time.Date(2026, 12, 1, 0, 5, 0, 0, time.UTC),
		time.Date(2026, 12, 31, 13, 30, 0, 0, time.UTC),
		time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
	})
	var text strings.Builder
	fmt.Fprintf(&text, "clock: %s\ntime-zone: %s\nconnections:\n", w.start.Format(time.RFC3339), w.zone)
	for _, connection := range []string{"shop", "wh"}[:1+w.IntN(2)] {
		fmt.Fprintf(&text, "  - name: %s\n    labels: [%s]\n    tables:\n", connection, pick(w, []string{"a", "b"}))
		for _, table := range []string{"files.orders.csv", "files.stock"}[w.IntN(2):] {
			w.describeTable(&text, connection, table)
		}
	}
	return w, text.String()
}

func (w *world) describeTable(text *strings.Builder, connection, name string) {
	t := &tableOfWorld{connection: connection, name: name, disabled: w.chance(0.05)}
	w.tables = append(w.tables, t)
	fmt.Fprintf(text, "      - name: %s\n        disabled: %t\n        duration: 20ms\n", name, t.disabled)
	w.describeChecks(text, t, "", 10, 3)
	text.WriteString("        columns:\n")
	for _, column := range []string{"amount", "e mail/x"} {
		t.columns = append(t.columns, column)
		fmt.Fprintf(text, "          - name: %q\n            type: %s\n            broken: %t\n            labels: [%s]\n", column,
			pick(w, []string{"BIGINT", "TEXT"}), w.chance(0.05), pick(w, []string{"c", "d"}))
		w.describeChecks(text, t, column, 14, 3)
	}
}

func (w *world) describeChecks(text *strings.Builder, t *tableOfWorld, column string, indent, most int) {
	pad := strings.Repeat(" ", indent-2)
	text.WriteString(pad + "checks:\n")
	seen := map[string]bool{}
	for range 1 + w.IntN(most) {
		c := w.newCheck(t, column)
		if seen[c.Check] {
			continue
		}
		seen[c.Check] = true
		w.checks = append(w.checks, c)
		w.describeCheck(text, pad, c)
	}
}

func (w *world) newCheck(t *tableOfWorld, column string) *checkOfWorld {
	kind := pick(w, []struct{ name, checkType, scale string }{
		{"profile_", "profiling", ""},
		{"daily_", "monitoring", "daily"},
		{"daily_", "monitoring", "daily"},
		{"monthly_", "monitoring", "monthly"},
		{"daily_partition_", "partitioned", "daily"},
		{"daily_partition_", "partitioned", "daily"},
		{"monthly_partition_", "partitioned", "monthly"},
	})
	base := pick(w, []string{"row_count", "nulls", "range", "table_availability", "row_count_match"})
	c := &checkOfWorld{
		CheckRef:  simulator.CheckRef{Connection: t.connection, Table: t.name, Column: column, Check: kind.name + base},
		checkType: kind.checkType, scale: kind.scale,
		category: pick(w, []string{"volume", "nulls", "custom checks"}), dimension: pick(w, []string{"Completeness", "Validity"}),
		sensor: pick(w, []string{"table/volume/row_count", "column/nulls/null_count"}), groups: []string{dqops.NoGrouping}, periods: []string{""},
	}
	if base == "row_count_match" {
		c.comparison = "cmp_a"
		c.CheckRef.Check += "/cmp_a"
	}
	if w.chance(0.4) {
		c.groups = []string{"DE", "FR", "a/b c", dqops.NoGrouping}[:2+w.IntN(3)]
	}
	if c.checkType == "partitioned" {
		c.periods = nil
		for range 1 + w.IntN(4) {
			c.periods = append(c.periods, w.period(c.scale))
		}
	}
	return c
}

// period is a partition: mostly recent, sometimes old or in the future.
func (w *world) period(scale string) string {
	day := pick(w, []int{0, -1, -1, -2, -3, -6, -7, -31, -40, -75, -400, 1, 20, 45})
	at := w.start.AddDate(0, 0, day)
	if scale == "monthly" {
		return at.Format("2006-01") + "-01"
	}
	return at.Format(time.DateOnly)
}

func (w *world) describeCheck(text *strings.Builder, pad string, c *checkOfWorld) {
	name, _, _ := strings.Cut(c.Check, "/")
	fmt.Fprintf(text, "%s  - {name: %s, type: %s, category: %s, dimension: %s, sensor: %s", pad, name, c.checkType, c.category, c.dimension, c.sensor)
	for key, value := range map[string]string{"time-scale": c.scale, "comparison": c.comparison} {
		if value != "" {
			fmt.Fprintf(text, ", %s: %s", key, value)
		}
	}
	for i, rule := range []string{"warning: {upper: 1}", "error: {upper: 10}", "fatal: {upper: 100}"} {
		if w.chance([]float64{0.4, 0.6, 0.5}[i]) {
			text.WriteString(", " + rule)
		}
	}
	for flag, p := range map[string]float64{"disabled: true": 0.08, "metadata: true": 0.2, "history-needed: 1": 0.08} {
		if w.rare(c, flag, p) {
			text.WriteString(", " + flag)
		}
	}
	if w.chance(0.1) {
		fmt.Fprintf(text, ", fails: {in: %s, runs: [%d, 2]}", pick(w, []string{"sensor", "rule", "rule"}), 1+w.IntN(3))
	}
	text.WriteString(", values: " + w.valuesOf(c) + "}\n")
}

// rare is a chance that does not depend on the order of a map.
func (w *world) rare(c *checkOfWorld, what string, p float64) bool {
	sum := w.start.Unix()
	for _, b := range []byte(c.Connection + c.Table + c.Column + c.Check + what) {
		sum = sum*31 + int64(b)
	}
	return float64(uint64(sum)%1000)/1000 < p
}

func (w *world) valuesOf(c *checkOfWorld) string {
	var parts []string
	seen := map[string]bool{}
	for _, period := range c.periods {
		if seen[period] {
			continue
		}
		seen[period] = true
		var groups []string
		for _, group := range c.groups {
			groups = append(groups, fmt.Sprintf("%q: %v", group, w.value()))
		}
		values := "{" + strings.Join(groups, ", ") + "}"
		if period == "" {
			return values
		}
		parts = append(parts, fmt.Sprintf("%q: %s", period, values))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// disturb changes the data, the checks or what is stored, a few times.
func (w *world) disturb(b *bench) []string {
	var done []string
	for range w.IntN(5) {
		if len(w.checks) == 0 {
			return done
		}
		c := pick(w, w.checks)
		ref := c.CheckRef
		if w.chance(0.6) {
			ref.DataGroup = pick(w, append([]string{"new"}, c.groups...))
		}
		if ref.Period = pick(w, c.periods); c.checkType == "partitioned" && w.chance(0.3) {
			ref.Period = w.period(c.scale)
		}
		what, err := w.change(b, c, ref)
		if err != nil {
			b.Fatalf("%s: %v", what, err)
		}
		done = append(done, what)
	}
	return done
}

// dropColumn takes a column out of a table; what it has stored stays.
func (w *world) dropColumn(b *bench) string {
	t := pick(w, w.tables)
	if len(t.columns) == 0 {
		return "none"
	}
	column := t.columns[0]
	t.columns = t.columns[1:]
	if err := b.DropColumn(t.connection, t.name, column); err != nil {
		b.Fatalf("drop column %s: %v", column, err)
	}
	w.checks = slices.DeleteFunc(w.checks, func(c *checkOfWorld) bool {
		return c.Connection == t.connection && c.Table == t.name && c.Column == column
	})
	return t.connection + " " + t.name + " " + column
}

// removeBad deletes all bad results of a table, and none else.
func (w *world) removeBad(b *bench) string {
	t := pick(w, w.tables)
	for _, row := range b.Stored(t.connection, t.name) {
		if row.Result == nil || row.Result.Severity == 0 || row.Dropped {
			continue
		}
		if err := b.DeleteResults(row.CheckRef); err != nil {
			b.Fatal(err)
		}
	}
	return t.connection + " " + t.name
}

func (w *world) change(b *bench, c *checkOfWorld, ref simulator.CheckRef) (string, error) {
	whole := simulator.CheckRef{Connection: ref.Connection, Table: ref.Table}
	switch n := w.IntN(20); {
	case n < 4:
		return fmt.Sprintf("repair %+v", ref), b.SetValue(ref, 0)
	case n < 9:
		value := w.value()
		return fmt.Sprintf("set %+v to %v", ref, value), b.SetValue(ref, value)
	case n == 9:
		return fmt.Sprintf("clear %+v", ref), b.ClearValue(ref)
	case n == 10 || n == 11:
		crash := pick(w, []*simulator.Crash{nil, nil, {In: "rule"}, {In: "rule"}, {In: "sensor"}})
		return fmt.Sprintf("crash %+v: %+v", ref, crash), b.SetCrash(c.CheckRef, crash)
	case n == 12:
		disabled := w.chance(0.5)
		return fmt.Sprintf("disable %+v: %t", ref, disabled), b.SetDisabled(c.CheckRef, disabled)
	case n == 13 && ref.Column != "":
		broken := w.chance(0.4)
		return fmt.Sprintf("break column of %+v: %t", ref, broken), b.SetBroken(ref, broken)
	case n == 14:
		return fmt.Sprintf("delete all results of %+v", whole), b.DeleteResults(whole)
	case n == 15:
		return fmt.Sprintf("delete results of %+v", ref), b.DeleteResults(ref)
	case n == 16:
		return fmt.Sprintf("delete readouts of %+v", ref), b.DeleteReadouts(ref)
	case n == 17:
		return fmt.Sprintf("delete errors of %+v", ref), b.DeleteErrors(ref)
	default:
		return fmt.Sprintf("set all of %+v to 50", c.CheckRef), b.SetValue(c.CheckRef, 50)
	}
}

// filters are those of a run: mostly few, and such that something matches.
func (w *world) filters() dqops.CheckSearchFilters {
	var f dqops.CheckSearchFilters
	if w.chance(0.5) {
		f.Connection = w.pattern(pick(w, w.tables).connection)
	}
	if w.chance(0.3) {
		f.FullTableName = pick(w, []string{"files.orders.csv", "files.*", "*.stock", "stock", "*.ORDERS*", "`files`.stock", ".stock", "files."})
	}
	if len(w.checks) == 0 || w.chance(0.3) {
		return f
	}
	c := pick(w, w.checks)
	name, _, _ := strings.Cut(c.Check, "/")
	for _, set := range []func(){
		func() { f.CheckType = c.checkType },
		func() { f.TimeScale = c.scale },
		func() { f.Column = w.pattern(c.Column) },
		func() { f.CheckName = w.pattern(name) },
		func() { f.CheckCategory = w.pattern(c.category) },
		func() { f.QualityDimension = w.pattern(c.dimension) },
		func() { f.SensorName = w.pattern(c.sensor) },
		func() { f.TableComparisonName = w.pattern(c.comparison) },
		func() { f.CheckTarget = pick(w, []string{"table", "column"}) },
		func() { f.Labels = []string{pick(w, []string{"a", "c"})} },
		func() { f.ColumnDataType = "TEXT" },
		func() { f.MaxResults = new(int32(1 + w.IntN(3))) },
		func() { f.Enabled = new(w.chance(0.5)) },
	} {
		if w.chance(0.09) {
			set()
		}
	}
	return f
}

// pattern is the text or a wildcard that matches it.
func (w *world) pattern(text string) string {
	if text == "" {
		return ""
	}
	at := w.IntN(len(text))
	return pick(w, []string{text, text, strings.ToUpper(text), text[:at] + "*", "*" + text[at:], "*" + text[at:] + "*"})
}

// timeWindow is nil, dates, moments with a zone, or recent periods.
func (w *world) timeWindow() *dqops.TimeWindowFilterParameters {
	day := func() time.Time { return w.start.AddDate(0, 0, pick(w, []int{-500, -80, -40, -8, -2, -1, 0, 2, 30})) }
	f := &dqops.TimeWindowFilterParameters{}
	switch w.IntN(8) {
	case 0, 1:
		f.FromDate = day().Format(time.DateOnly)
	case 2:
		f.FromDate, f.ToDate = day().Format(time.DateOnly), w.start.AddDate(0, 0, 50).Format(time.DateOnly)
	case 3:
		f.FromDateTimeOffset = day().Format("2006-01-02T15:04:05-07:00")
		f.ToDateTimeOffset = w.start.AddDate(0, 0, w.IntN(50)).Format("2006-01-02T15:04:05-07:00")
	case 4:
		f.FromDateTime = day().Format("2006-01-02T15:04:05")
	case 5:
		f.DailyPartitioningRecentDays, f.DailyPartitioningIncludeToday = new(int32(w.IntN(600))), new(w.chance(0.5))
		f.MonthlyPartitioningRecentMonths, f.MonthlyPartitioningIncludeCurrentMonth = new(int32(w.IntN(20))), new(w.chance(0.5))
	default:
		return nil
	}
	return f
}

func loadScenario(tb testing.TB, text string) *simulator.Scenario {
	tb.Helper()
	sc, err := simulator.LoadScenario(strings.NewReader(text))
	if err != nil {
		tb.Fatalf("%v in\n%s", err, text)
	}
	return sc
}
