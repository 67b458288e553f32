package main

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

var (
	deleteSeed   = flag.Uint64("delete-seed", 1, "the first warehouse of the randomized deletions")
	deleteWorlds = flag.Int("delete-worlds", 4, "how many warehouses the randomized deletions use")
)

// kindsOfData are the kinds by their names here and in the simulator's store.
var kindsOfData = []struct {
	name string
	kind simulator.DataKind
}{
	{"errors", simulator.KindErrors},
	{"statistics", simulator.KindStatistics},
	{"check-results", simulator.KindCheckResults},
	{"sensor-readouts", simulator.KindSensorReadouts},
	{"error-samples", simulator.KindErrorSamples},
	{"incidents", simulator.KindIncidents},
	{"checks-configuration", simulator.KindChecks},
}

// applied is which filter the server applies to which kind, in the order above,
// as the wire document's table has it: y applied, - ignored, so that more would
// be deleted, s the kind is skipped in silence. It is written out here on purpose.
var applied = map[string]string{
	"table":              "yyyyyyy",
	"from":               "yyyyyy-",
	"through":            "yyyyyy-",
	"column":             "yyyyysy",
	"check":              "y-yyysy",
	"category":           "y-yyyyy",
	"check-type":         "y-yyyyy",
	"dimension":          "y-yyyyy",
	"comparison":         "y-yyys-", // the last is the Java's: CheckSearchFiltersVisitor
	"sensor":             "yyyyysy",
	"data-group":         "-yyy-y-",
	"time-gradient":      "y-yy--y",
	"collector":          "-y---s-",
	"collector-category": "-y---s-",
	"collector-target":   "-y---s-",
	"incident-status":    "-----y-",
}

// TestEachFilterReachesOrIsRefused goes through every combination of a kind and a
// filter.
func TestEachFilterReachesOrIsRefused(t *testing.T) {
	t.Parallel()
	s := newStation(t, warehouse(t))
	values := map[string]string{
		"table": "a.b", "from": "2026-11-01", "through": "2026-11-01", "check-type": "monitoring", "collector-target": "table", "incident-status": "open", "time-gradient": "day",
	}
	for name, reaches := range applied {
		for i, kind := range kindsOfData {
			value, given := values[name]
			if !given {
				value = "x"
			}
			if name == "time-gradient" && kind.kind == simulator.KindChecks {
				value = "daily"
			}
			args := []string{"delete-data", "-c", "shop", "--what", kind.name, "--" + name, value, "--dry-run"}
			if name != "table" {
				args = append(args, "--all-tables")
			}
			if name != "from" && name != "through" {
				args = append(args, "--all-dates")
			}
			want, says := 0, ""
			switch reaches[i] {
			case '-':
				want, says = 64, "--"+name+" does not reach "+kind.name+": the server would delete more than asked"
			case 's':
				want, says = 64, "--"+name+" does not reach "+kind.name+": the server would delete none and not say so"
			}
			if got := s.call(args...); got.code != want || !strings.Contains(got.err, says) {
				t.Errorf("--%s with %s: code %d, want %d\n%s", name, kind.name, got.code, want, got.err)
			}
		}
	}
	help := strings.Join(strings.Fields(s.must("delete-data", "--help").out), " ")
	for i, kind := range kindsOfData {
		var reaching []string
		for name, reaches := range applied {
			if reaches[i] == 'y' {
				reaching = append(reaching, "--"+name)
			}
		}
		slices.Sort(reaching)
		if line := fmt.Sprintf(" %s %s ", kind.name, strings.Join(reaching, " ")); !strings.Contains(help, line) {
			t.Errorf("the help lacks %q", line)
		}
	}
}

// TestRandomDeletions deletes at random from random warehouses: what is gone is
// exactly what the words describe, or nothing was sent.
func TestRandomDeletions(t *testing.T) {
	t.Parallel()
	parts := map[string]func(*testing.T){}
	for i := range uint64(*deleteWorlds) {
		seed := *deleteSeed + i
		parts[fmt.Sprintf("delete-seed=%d", seed)] = func(t *testing.T) { deleteAtRandom(t, seed) }
	}
	alongside(t, parts)
}

// deletionsEach is how many deletions a warehouse suffers.
const deletionsEach = 25

func deleteAtRandom(t *testing.T, seed uint64) {
	d := &deletions{draw: rand.New(rand.NewPCG(seed, 5))}
	d.station = newStation(t, d.warehouse(t))
	d.fill()
	for range deletionsEach {
		if len(d.sim.StoredData("")) < 200 {
			d.fill()
		}
		d.one()
	}
	t.Logf("%d refused, %d deleted rows, %d found none", d.refused, d.deleted, d.empty)
	if d.refused < 3 || d.deleted < 3 {
		t.Errorf("of %d deletions %d were refused and %d deleted something: they prove too little", deletionsEach, d.refused, d.deleted)
	}
}

// deletions is one random warehouse and what became of the deletions from it.
type deletions struct {
	*station
	draw                    *rand.Rand
	refused, deleted, empty int
}

func pick[T any](draw *rand.Rand, from ...T) T { return from[draw.IntN(len(from))] }

// chance is true n times out of a hundred.
func (d *deletions) chance(n int) bool { return d.draw.IntN(100) < n }

// warehouse has tables whose names are alike, some of them but for case.
func (d *deletions) warehouse(t *testing.T) *simulator.Scenario {
	var b strings.Builder
	b.WriteString("clock: 2026-09-10T12:00:00Z\nparallel-jobs: 8\nconnections:\n")
	for _, connection := range []string{"shop", "shop2"} {
		fmt.Fprintf(&b, "- name: %s\n  tables:\n", connection)
		names := []string{"s1.orders", "s1.orders_old", "s2.orders", "files.orders.csv", "s1.customers"}
		if d.chance(50) {
			names = append(names, "s1.Orders")
		}
		for _, name := range names[:2+d.draw.IntN(len(names)-1)] {
			d.table(&b, name)
		}
	}
	scenario, err := simulator.LoadScenario(strings.NewReader(b.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return scenario
}

func (d *deletions) table(b *strings.Builder, name string) {
	fmt.Fprintf(b, "  - name: %s\n    statistics: {rows: 2}\n    error-samples: {rows: 2}\n    incidents:\n", name)
	for range 1 + d.draw.IntN(3) {
		fmt.Fprintf(b, "    - {first-seen: %d, status: %s, dimension: %s, category: %s, check-type: %s, data-group: %s}\n", -d.draw.IntN(60),
			pick(d.draw, "open", "muted", "resolved"), pick(d.draw, "Validity", "Completeness"), pick(d.draw, "nulls", "volume"),
			pick(d.draw, "monitoring", "partitioned"), pick(d.draw, "no grouping", "DE"))
	}
	fmt.Fprintf(b, "    checks:\n%s    columns:\n", d.check("    ", "row_count", "volume", "Completeness", "table/volume/row_count"))
	for _, column := range []string{"amount", "country"} {
		fmt.Fprintf(b, "    - name: %s\n      checks:\n%s%s", column,
			d.check("      ", "nulls_percent", "nulls", "Completeness", "column/nulls/null_percent"),
			d.check("      ", "number_below_min", "numeric", "Validity", "column/numeric/below_min"))
	}
}

// check writes a check of a random type; some crash, some are disabled.
func (d *deletions) check(indent, name, category, dimension, sensor string) string {
	scale := pick(d.draw, "daily", "monthly")
	kind, values := "monitoring", pick(d.draw, "5", "{DE: 0, FR: 5}", "[0, 5, 7, 9, 11, 13]")
	switch d.draw.IntN(3) {
	case 0:
		kind, name = "partitioned", scale+"_partition_"+name
		values = pick(d.draw, "{-3..0: 5}", "{-40..-1: 0}", "{-2..0: {DE: 5, FR: 0}}")
	case 1:
		kind, name, scale = "profiling", "profile_"+name, ""
	default:
		name = scale + "_" + name
	}
	more := ""
	if scale != "" {
		more += ", time-scale: " + scale
	}
	if d.chance(15) {
		more += ", fails: " + pick(d.draw, "sensor", "rule")
	}
	if d.chance(10) {
		more += ", disabled: true"
	}
	if d.chance(20) {
		more += ", comparison: yesterday"
	}
	return fmt.Sprintf("%s- {name: %s, type: %s, category: %s, dimension: %s, sensor: %s, error: {upper: 1}, values: %s%s}\n",
		indent, name, kind, category, dimension, sensor, values, more)
}

// fill lets the server store something of every kind, in several months.
func (d *deletions) fill() {
	d.Helper()
	c := d.client()
	for range 2 {
		d.sim.AdvanceClock(time.Duration(1+d.draw.IntN(30)) * 24 * time.Hour)
		start := dqops.Start{Wait: true, WaitTimeout: limit}
		everything := &dqops.CheckSearchFilters{Connection: "*"}
		_, err := c.RunChecks(d.Context(), dqops.RunChecksParameters{}, start)
		if err == nil {
			_, err = c.CollectStatisticsOnDataGroups(d.Context(), dqops.StatisticsCollectorSearchFilters{}, dqops.CollectStatisticsOptions{}, start)
		}
		if err == nil {
			_, err = c.CollectErrorSamples(d.Context(), dqops.CollectErrorSamplesParameters{CheckSearchFilters: everything, DataScope: "data_group"}, start)
		}
		if err != nil {
			d.Fatal(err)
		}
	}
}

// words are what a user says about one deletion; a filter without a value was not
// given.
type words struct {
	connection, table string
	kinds             []string
	filters           map[string]string
}

func (d *deletions) say(rows []simulator.DataRow) words {
	w := words{connection: pick(d.draw, "shop", "shop2"), filters: map[string]string{}}
	for _, kind := range kindsOfData {
		if d.chance(25) {
			w.kinds = append(w.kinds, kind.name)
		}
	}
	if len(w.kinds) == 0 {
		w.kinds = []string{kindsOfData[d.draw.IntN(len(kindsOfData))].name}
	}
	like := pick(d.draw, rows...) // what the filters are made after
	if d.chance(75) {
		schema, name, _ := strings.Cut(like.Table, ".")
		w.table = pick(d.draw, like.Table, like.Table, like.Table, schema+".*", "*."+name, name, schema+".ord*", "*.*old*", "s1.nosuch", strings.ToUpper(like.Table))
	}
	given := func(n int, name string, values ...string) {
		if value := pick(d.draw, values...); d.chance(n) && value != "" {
			w.filters[name] = value
		}
	}
	if day := like.Period; !day.IsZero() {
		given(30, "from", day.Format(time.DateOnly), day.AddDate(0, 0, -d.draw.IntN(40)).Format(time.DateOnly))
		given(30, "through", day.Format(time.DateOnly), day.AddDate(0, 0, d.draw.IntN(40)).Format(time.DateOnly))
	}
	given(12, "column", like.Column, like.Column, "nosuch", strings.ToUpper(like.Column))
	given(8, "check", like.Check, like.Check, strings.ToUpper(like.Check))
	given(8, "category", like.Category, "nulls", "Nulls")
	given(8, "check-type", like.CheckType, "monitoring")
	given(8, "dimension", like.Dimension, "Validity", "validity")
	given(6, "comparison", like.Comparison, "yesterday")
	given(6, "sensor", like.Sensor, "nosuch")
	given(6, "data-group", like.DataGroup, "DE", "no grouping")
	given(8, "time-gradient", like.TimeGradient, "day", "month", "daily")
	given(4, "collector", like.Collector, "row_count")
	given(4, "collector-category", like.CollectorCategory, "nulls")
	given(4, "collector-target", like.CollectorTarget, "table")
	given(4, "incident-status", like.IncidentStatus, "open")
	return w
}

func (w words) args() []string {
	args := []string{"delete-data", "-c", w.connection, "--what", strings.Join(w.kinds, ","), "--yes"}
	if w.table == "" {
		args = append(args, "--all-tables")
	} else {
		args = append(args, "--table", w.table)
	}
	for name, value := range w.filters {
		args = append(args, "--"+name, value)
	}
	if w.filters["from"] == "" && w.filters["through"] == "" {
		args = append(args, "--all-dates")
	}
	return args
}

// mean says whether the words describe the row. What a row does not have, it does
// not match.
func (w words) mean(r simulator.DataRow) bool {
	at := slices.IndexFunc(kindsOfData, func(k struct {
		name string
		kind simulator.DataKind
	},
	) bool {
		return k.kind == r.Kind
	})
	if r.Connection != w.connection || r.Disabled || !slices.Contains(w.kinds, kindsOfData[at].name) || w.table != "" && !namesTable(w.table, r.Table) {
		return false
	}
	of := map[string]string{
		"column": r.Column, "check": r.Check, "category": r.Category, "check-type": r.CheckType, "dimension": r.Dimension, "comparison": r.Comparison,
		"sensor": r.Sensor, "data-group": r.DataGroup, "time-gradient": r.TimeGradient + r.TimeScale, "collector": r.Collector,
		"collector-category": r.CollectorCategory, "collector-target": r.CollectorTarget, "incident-status": r.IncidentStatus,
	}
	for name, value := range w.filters {
		day := r.Period.Format(time.DateOnly)
		switch {
		case name == "from" && (r.Period.IsZero() || day < value), name == "through" && (r.Period.IsZero() || day > value):
			return false
		case name == "from", name == "through":
		case r.Kind == simulator.KindChecks && strings.EqualFold(of[name], value):
		case of[name] != value:
			return false
		}
	}
	return true
}

// namesTable reads a table's words: schema and table, each with a star perhaps.
func namesTable(pattern, table string) bool {
	if !strings.Contains(pattern, ".") {
		pattern = "*." + pattern
	}
	schema, name, _ := strings.Cut(pattern, ".")
	expression := func(part string) string { return strings.ReplaceAll(regexp.QuoteMeta(part), `\*`, ".*") }
	return regexp.MustCompile("^" + strings.ReplaceAll(expression(schema), ".*", "[^.]*") + `\.` + expression(name) + "$").MatchString(table)
}

// mustBeRefused is why the server would not do what the words say.
func (w words) mustBeRefused(rows []simulator.DataRow) string {
	for i, kind := range kindsOfData {
		if !slices.Contains(w.kinds, kind.name) {
			continue
		}
		for name := range w.filters {
			if applied[name][i] != 'y' {
				return "--" + name + " does not reach " + kind.name
			}
		}
		if reason := w.refusedFor(kind.kind, rows); reason != "" {
			return reason
		}
	}
	if g := w.filters["time-gradient"]; g == "daily" && !slices.Equal(w.kinds, []string{"checks-configuration"}) {
		return "no such gradient"
	}
	if w.filters["through"] != "" && w.filters["through"] < w.filters["from"] {
		return "dates in the wrong order"
	}
	return ""
}

// refusedFor is what else two kinds are particular about.
func (w words) refusedFor(kind simulator.DataKind, rows []simulator.DataRow) string {
	gradient := w.filters["time-gradient"]
	isTwin := func(r simulator.DataRow) bool {
		return r.Connection == w.connection && !namesTable(w.table, r.Table) && namesTable(strings.ToLower(w.table), strings.ToLower(r.Table))
	}
	switch {
	case kind == simulator.KindChecks && (strings.Contains(w.table, "*") || w.table != "" && !strings.Contains(w.table, ".")):
		return "a pattern of tables"
	case kind == simulator.KindChecks && gradient != "" && (gradient != "daily" && gradient != "monthly" || len(w.kinds) > 1):
		return "no such gradient"
	case kind == simulator.KindIncidents && w.table != "" && slices.ContainsFunc(rows, isTwin):
		return "a table that differs by case"
	}
	return ""
}

var deletedRows = regexp.MustCompile(`(?m)^✓ ok: (?:(\d+) rows? deleted|nothing deleted, 0 rows matched|how much of checks-configuration)`)

func (d *deletions) one() {
	d.Helper()
	before := d.sim.StoredData("")
	posts := len(d.asked("POST", "/"))
	w := d.say(before)
	line := "dqoctl " + strings.Join(w.args(), " ")
	got := d.call(w.args()...)
	gone := count(before)
	for row, n := range count(d.sim.StoredData("")) {
		if gone[row] -= n; gone[row] == 0 {
			delete(gone, row)
		}
	}
	if reason := w.mustBeRefused(before); got.code == 64 || reason != "" {
		d.refused++
		if got.code != 64 || reason == "" || len(gone) > 0 || len(d.asked("POST", "/")) > posts {
			d.Errorf("%s: code %d, %d rows gone, %d requests; should be refused: %q\n%s", line, got.code, len(gone), len(d.asked("POST", "/"))-posts, reason, got.err)
		}
		return
	}
	want := count(slices.DeleteFunc(before, func(r simulator.DataRow) bool { return !w.mean(r) }))
	if !maps.Equal(want, gone) {
		d.Errorf("%s: gone are\n%s\nmeant were\n%s%s", line, listed(gone), listed(want), got.err)
	}
	rows, said := 0, deletedRows.FindStringSubmatch(got.out)
	for row, n := range want {
		if row.Kind != simulator.KindChecks {
			rows += n
		}
	}
	if got.code != 0 || said == nil || said[1] != "" && said[1] != strconv.Itoa(rows) || said[1] == "" && rows > 0 {
		d.Errorf("%s: code %d, %d rows were meant\n%s%s", line, got.code, rows, got.out, got.err)
	}
	if len(want) > 0 {
		d.deleted++
	} else {
		d.empty++
	}
}

func count(rows []simulator.DataRow) map[simulator.DataRow]int {
	counts := map[simulator.DataRow]int{}
	for _, r := range rows {
		counts[r]++
	}
	return counts
}

func listed(rows map[simulator.DataRow]int) string {
	var b strings.Builder
	for row, n := range rows {
		fmt.Fprintf(&b, "  %d x %+v\n", n, row)
		if b.Len() > 1500 {
			fmt.Fprintf(&b, "  ... of %d\n", len(rows))
			break
		}
	}
	return b.String()
}
