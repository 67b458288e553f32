package standing

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// since is when the run of these tests began; times are minutes from it.
var since = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return since.Add(time.Duration(n) * time.Minute) }

func readout(id string, minutes int, value float64) dqops.SensorReadoutEntry {
	return dqops.SensorReadoutEntry{ID: id, ActualValue: &value, DataGroup: id, ExecutedAt: minute(minutes), TimePeriod: "2026-11-23T00:00:00"}
}

func result(id string, minutes, severity int, value float64) dqops.CheckResultEntry {
	return dqops.CheckResultEntry{ID: id, ActualValue: &value, Severity: &severity, DataGroup: id, ExecutedAt: minute(minutes), SensorName: "sensor/a"}
}

func crashed(source, id string, minutes int) dqops.ErrorEntry {
	return dqops.ErrorEntry{ReadoutID: id, ErrorSource: source, DataGroup: id, ExecutedAt: minute(minutes), TimePeriod: "2026-11-23T00:00:00", SensorName: "sensor/a"}
}

func newJudged(name string, f dqops.CheckSearchFilters) *judged {
	r := newReading(&Collector{BaseURL: "http://dqops.test:8888"}, scope{filters: f})
	r.end = minute(5)
	p := dqops.CheckPath{TableRef: dqops.TableRef{Connection: "shop", Schema: "files", Table: "orders.csv"}, CheckType: "monitoring", TimeScale: "daily"}
	return &judged{reading: r, target: target{TableRef: p.TableRef, since: since}, path: p, name: name, status: dqops.CheckStatus{Category: "volume"}}
}

func (j *judged) of(readouts []dqops.SensorReadoutEntry, results []dqops.CheckResultEntry, crashes []dqops.ErrorEntry) error {
	byID := make(map[string]dqops.CheckResultEntry)
	for _, e := range results {
		byID[e.ID] = e
	}
	return j.judge(readouts, j.covered(j.target, j.path, readouts), byID, crashes)
}

func short(f verdict.Finding) string {
	text := f.DataGroup + " " + string(f.Severity)
	for _, has := range []struct {
		it   bool
		text string
	}{
		{f.Stale, " stale"},
		{f.Unchanged, " unchanged"},
		{f.Crashed != "", "crash of the " + f.Crashed},
		{f.CrashedBefore, " before"},
	} {
		if has.it {
			text += has.text
		}
	}
	return text
}

func TestJudge(t *testing.T) {
	type (
		readouts = []dqops.SensorReadoutEntry
		results  = []dqops.CheckResultEntry
		crashes  = []dqops.ErrorEntry
	)
	for _, tc := range []struct {
		name     string
		check    string
		readouts readouts
		results  results
		crashes  crashes
		want     []string
		unjudged int
	}{
		{name: "good", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", 1, 0, 4)}},
		{name: "bad", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", 1, 3, 4)}, want: []string{"a fatal"}},
		{name: "bad and unchanged", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", -9, 1, 4)}, want: []string{"a warning unchanged"}},
		{name: "not covered", readouts: readouts{readout("a", -1, 4)}, results: results{result("a", -1, 3, 4)}},
		{name: "covered at the first millisecond", readouts: readouts{readout("a", 0, 4)}, results: results{result("a", 0, 3, 4)}, want: []string{"a fatal"}},
		{name: "one group of two", readouts: readouts{readout("a", 1, 4), readout("b", 1, 4)}, results: results{result("a", 1, 0, 4), result("b", -1, 2, 4)}, want: []string{"b error unchanged"}},
		{name: "a left-over group", readouts: readouts{readout("a", 1, 4), readout("b", -1, 4)}, results: results{result("a", 1, 0, 4), result("b", -1, 2, 4)}},
		{name: "repaired by a later run", readouts: readouts{readout("a", 99, 0)}, results: results{result("a", 99, 0, 0)}},
		{name: "stale over bad", readouts: readouts{readout("a", 1, 0)}, results: results{result("a", -1, 3, 4)}, want: []string{"a fatal stale"}},
		{name: "stale over good", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", -1, 0, 0)}, want: []string{"a valid stale"}},
		{name: "another value, judged at the same time", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", 1, 2, 1)}, want: []string{"a error"}},
		{name: "a rule that rewrites its value", check: "daily_table_availability", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", -1, 2, 7)}, want: []string{"a error unchanged"}},
		{name: "never judged", readouts: readouts{readout("a", 1, 4)}, unjudged: 1},
		{name: "the rule crashed", readouts: readouts{readout("a", 1, 4)}, crashes: crashes{crashed("rule", "a", 1)}, want: []string{"a crash of the rule"}},
		{name: "it crashed before and the value is the same", readouts: readouts{readout("a", 1, 4)}, crashes: crashes{crashed("rule", "a", -7)}, want: []string{"a crash of the rule before"}},
		{name: "it crashed after a good result", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", -9, 0, 4)}, crashes: crashes{crashed("rule", "a", -7)}, want: []string{"a crash of the rule before"}},
		{name: "it crashed after a bad result", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", -9, 3, 1)}, crashes: crashes{crashed("rule", "a", 1)}, want: []string{"a crash of the rule"}},
		{name: "it crashed before a bad result", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", 1, 3, 4)}, crashes: crashes{crashed("rule", "a", -1)}, want: []string{"a fatal"}},
		{name: "the newest of two crashes counts", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", -5, 0, 4)}, crashes: crashes{crashed("rule", "a", -7), crashed("rule", "a", -3)}, want: []string{"a crash of the rule before"}},
		{name: "a crash whose source is not told is the rule's", readouts: readouts{readout("a", 1, 4)}, crashes: crashes{crashed("", "a", 1)}, want: []string{"a crash of the rule"}},
		{name: "the sensor crashed", crashes: crashes{crashed("sensor", "a", 1)}, want: []string{"a crash of the sensor"}},
		{name: "the sensor crashed, older values are left", readouts: readouts{readout("a", -9, 4)}, results: results{result("a", -9, 0, 4)}, crashes: crashes{crashed("sensor", "a", 1)}, want: []string{"a crash of the sensor"}},
		{name: "the sensor has healed since", readouts: readouts{readout("a", 3, 4)}, results: results{result("a", 3, 0, 4)}, crashes: crashes{crashed("sensor", "a", 1)}},
		{name: "the sensor healed in another group", readouts: readouts{readout("b", 3, 4)}, results: results{result("b", 3, 0, 4)}, crashes: crashes{crashed("sensor", "a", 1)}},
		{name: "the sensor crashed before the run only", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", 1, 0, 4)}, crashes: crashes{crashed("sensor", "a", -1)}},
		{name: "the sensor crashed after the value", readouts: readouts{readout("a", 1, 4)}, results: results{result("a", 1, 2, 4)}, crashes: crashes{crashed("sensor", "a", 2)}, want: []string{"a crash of the sensor", "a error"}},
		{name: "no value twice", readouts: readouts{{ID: "a", DataGroup: "a", ExecutedAt: minute(1), TimePeriod: "2026-11"}}, results: results{{ID: "a", Severity: new(2), ExecutedAt: minute(-1)}}, want: []string{"a error unchanged"}},
		{name: "no value any more", readouts: readouts{{ID: "a", DataGroup: "a", ExecutedAt: minute(1), TimePeriod: "2026-11"}}, results: results{result("a", -1, 0, 4)}, want: []string{"a valid stale"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			name := tc.check
			if name == "" {
				name = "daily_row_count"
			}
			j := newJudged(name, dqops.CheckSearchFilters{})
			if err := j.of(tc.readouts, tc.results, tc.crashes); err != nil {
				t.Fatal(err)
			}
			j.finish(nil)
			var got []string
			for _, f := range j.reading.standing.Findings {
				got = append(got, short(f))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if j.unjudged != tc.unjudged {
				t.Errorf("%d without a verdict, want %d", j.unjudged, tc.unjudged)
			}
		})
	}
}

// TestSensorFilter: only results and errors name the sensor.
func TestSensorFilter(t *testing.T) {
	for filter, want := range map[string]int{"": 3, "sensor/*": 3, "sensor/b": 0} {
		j := newJudged("daily_row_count", dqops.CheckSearchFilters{SensorName: filter})
		err := j.of(
			[]dqops.SensorReadoutEntry{readout("a", 1, 4), readout("b", 1, 4)},
			[]dqops.CheckResultEntry{result("a", 1, 3, 4)},
			[]dqops.ErrorEntry{crashed("rule", "b", 1), crashed("sensor", "c", 2)},
		)
		if s := j.reading.standing; err != nil || len(s.Findings) != want || s.Judged != (want > 0) {
			t.Errorf("%q: %d findings, judged %t, %v; want %d", filter, len(s.Findings), s.Judged, err, want)
		}
	}
}

func TestStaleTellsBothValues(t *testing.T) {
	j := newJudged("daily_row_count", dqops.CheckSearchFilters{})
	if err := j.of([]dqops.SensorReadoutEntry{readout("a", 1, 0)}, []dqops.CheckResultEntry{result("a", -1, 3, 4)}, nil); err != nil {
		t.Fatal(err)
	}
	j.finish(nil)
	s := j.reading.standing
	f := s.Findings[0]
	if *f.ActualValue != 0 || *f.JudgedValue != 4 || s.Stale != 1 || s.Fatals != 0 || s.Severity != dqops.SeverityValid {
		t.Errorf("%+v of %+v: a stale result says nothing about severity", f, s)
	}
}

// TestNeverMilderThanTheSummary compares what was found of each table with the
// server's own summary of it.
func TestNeverMilderThanTheSummary(t *testing.T) {
	a, b := dqops.TableRef{Table: "a"}, dqops.TableRef{Table: "b"}
	fatal := &dqops.RunChecksResult{HighestSeverity: "fatal", Fatals: 1}
	found := func(ref dqops.TableRef, s dqops.Severity) verdict.Finding {
		return verdict.Finding{Table: ref.Table, Severity: s}
	}
	stale := found(a, "fatal")
	stale.Stale = true
	for _, tc := range []struct {
		name     string
		findings []verdict.Finding
		tables   []target
		again    []dqops.TableRef
		severity dqops.Severity
		coverage verdict.Coverage
	}{
		{"as found", []verdict.Finding{found(a, "fatal")}, []target{{TableRef: a, summary: fatal}}, nil, "fatal", "exact"},
		{"less found", []verdict.Finding{found(a, "warning")}, []target{{TableRef: a, summary: fatal}}, nil, "fatal", "approximate"},
		{"nothing found", nil, []target{{TableRef: a, summary: fatal}}, nil, "fatal", "approximate"},
		{"found of another table only", []verdict.Finding{found(b, "fatal")}, []target{{TableRef: a, summary: fatal}, {TableRef: b}}, nil, "fatal", "approximate"},
		{"only stale", []verdict.Finding{stale}, []target{{TableRef: a, summary: fatal}}, nil, "fatal", "approximate"},
		{"explained by a later execution", nil, []target{{TableRef: a, summary: fatal}}, []dqops.TableRef{a}, "valid", "exact"},
		{"not by one of another table", nil, []target{{TableRef: a, summary: fatal}}, []dqops.TableRef{b}, "fatal", "approximate"},
		{"one later value does not explain two", nil, []target{{TableRef: a, summary: &dqops.RunChecksResult{HighestSeverity: "fatal", Fatals: 2}}}, []dqops.TableRef{a}, "fatal", "approximate"},
		{"more found", []verdict.Finding{found(a, "error")}, []target{{TableRef: a, summary: &dqops.RunChecksResult{HighestSeverity: "valid"}}}, nil, "error", "exact"},
		{"counts outrank the word", nil, []target{{TableRef: a, summary: &dqops.RunChecksResult{HighestSeverity: "valid", Errors: 1}}}, nil, "error", "approximate"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newReading(&Collector{}, scope{})
			r.standing.Findings = tc.findings
			for _, ref := range tc.again {
				r.again(ref, 1)
			}
			r.finish(tc.tables)
			if r.standing.Severity != tc.severity || r.standing.Coverage != tc.coverage {
				t.Errorf("%s, %s; want %s, %s", r.standing.Severity, r.standing.Coverage, tc.severity, tc.coverage)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	table := dqops.TableRef{Connection: "shop & co", Schema: "files/x", Table: "orders 100%.csv"}
	const base = "https://dqops.test/prefix"
	const prefix = "/connection/shop%20&%20co/schema/files%2Fx/table/orders%20100%25.csv"
	for _, tc := range []struct {
		path            dqops.CheckPath
		category, check string
		want            string
	}{
		{dqops.CheckPath{TableRef: table, CheckType: "profiling"}, "volume", "profile_row_count", base + "/profiling" + prefix + "/checks/advanced-profiling/volume/profile_row_count"},
		{dqops.CheckPath{TableRef: table, CheckType: "monitoring", TimeScale: "daily"}, "volume", "daily_row_count", base + "/monitoring" + prefix + "/monitoring/daily/volume/daily_row_count"},
		{dqops.CheckPath{TableRef: table, CheckType: "partitioned", TimeScale: "monthly", Column: "e mail/?#ż"}, "custom checks", "a/b", base + "/partitioned" + prefix + "/columns/e%20mail%2F%3F%23%C5%BC/partitioned/monthly/custom%20checks/a%2Fb"},
		{dqops.CheckPath{TableRef: table, CheckType: "monitoring", TimeScale: "daily"}, "", "daily_row_count", base + "/monitoring" + prefix + "/monitoring/daily"},
	} {
		if got := link(base, tc.path, tc.category, tc.check); got != tc.want {
			t.Errorf("link\n%s, want\n%s", got, tc.want)
		}
	}
	if got := link("", dqops.CheckPath{TableRef: table}, "volume", "x"); got != "" {
		t.Errorf("%q without an address", got)
	}
}

func TestFindingsAreSorted(t *testing.T) {
	want := []verdict.Finding{
		{Crashed: "rule", Table: "z"},
		{Stale: true, Severity: "valid", Table: "z"},
		{Severity: "fatal", Table: "z"},
		{Severity: "error", Connection: "a", Schema: "b", Table: "c"},
		{Severity: "error", Connection: "a", Schema: "c", Table: "b"},
		{Severity: "error", Connection: "a", Schema: "c", Table: "b", Column: "a"},
		{Severity: "error", Connection: "a", Schema: "c", Table: "b", Column: "a", Check: "x"},
		{Severity: "error", Connection: "a", Schema: "c", Table: "b", Column: "a", Check: "x", Comparison: "y"},
		{Severity: "error", Connection: "b", TimePeriod: "2026-11-23T00:00:00", DataGroup: "a"},
		{Severity: "error", Connection: "b", TimePeriod: "2026-11-23T00:00:00", DataGroup: "b"},
		{Severity: "error", Connection: "b", TimePeriod: "2026-11-22T00:00:00", DataGroup: "a"},
		{Severity: "warning", Connection: "a"},
	}
	for shift := range want {
		got := slices.Concat(want[shift:], want[:shift])
		slices.Reverse(got[:shift])
		sortFindings(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("order (-want +got):\n%s", diff)
		}
	}
}

// row reads one byte of a fuzzed row at a time; after its end all are 0.
type rows struct{ text []byte }

func (r *rows) next(below int) int {
	if len(r.text) == 0 {
		return 0
	}
	n := int(r.text[0]) % below
	r.text = r.text[1:]
	return n
}

func (r *rows) value() *float64 {
	return []*float64{nil, new(0.0), new(4.0), new(4.5)}[r.next(4)]
}

// FuzzJudge puts arbitrary readouts, results and errors together: it never panics,
// and is never green over a covered result of warning or worse.
func FuzzJudge(f *testing.F) {
	for _, seed := range []string{
		"", "\x01\x00\x0b\x02\x01\x00\x0b\x04\x02", "\x02\x00\x0b\x02\x01\x0b\x01\x02\x00\x05\x01\x02\x01\x0b\x04\x01\x01\x00\x08\x01",
		strings.Repeat("\x03\x01\x0c", 12), "\x01\x00\x0b\x02\x01\x00\x03\x04\x02\x01\x00\x07\x01", "\x01\x00\x0b\x01\x01\x00\x03\x01\x02",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, text []byte, available bool) {
		r := &rows{text}
		var readouts []dqops.SensorReadoutEntry
		var results []dqops.CheckResultEntry
		var crashes []dqops.ErrorEntry
		for range r.next(4) {
			id := fmt.Sprint(r.next(4))
			readouts = append(readouts, dqops.SensorReadoutEntry{ID: id, DataGroup: id, ExecutedAt: minute(r.next(20) - 10), ActualValue: r.value(), TimePeriod: "2026-11-23T00:00:00"})
		}
		for range r.next(4) {
			id := fmt.Sprint(r.next(4))
			severity := []*int{nil, new(0), new(1), new(2), new(3), new(4), new(-1)}
			results = append(results, dqops.CheckResultEntry{ID: id, ExecutedAt: minute(r.next(20) - 10), Severity: severity[r.next(7)], ActualValue: r.value()})
		}
		for range r.next(4) {
			id := fmt.Sprint(r.next(4))
			crashes = append(crashes, dqops.ErrorEntry{ReadoutID: id, DataGroup: id, ExecutedAt: minute(r.next(20) - 10), ErrorSource: []string{"rule", "sensor", ""}[r.next(3)]})
		}
		name := "daily_row_count"
		if available {
			name = "daily_table_availability"
		}
		holdJudgement(t, newJudged(name, dqops.CheckSearchFilters{}), readouts, results, crashes)
	})
}

func holdJudgement(t *testing.T, j *judged, readouts []dqops.SensorReadoutEntry, results []dqops.CheckResultEntry, crashes []dqops.ErrorEntry) {
	t.Helper()
	standing := make(map[string]dqops.CheckResultEntry)
	for _, e := range results {
		standing[e.ID] = e
	}
	if err := j.of(readouts, results, crashes); err != nil {
		return
	}
	j.finish(nil)
	s := j.reading.standing
	job := &dqops.Job{Type: dqops.TypeRunChecks, Status: dqops.StatusFinished, Parameters: dqops.JobParameters{
		"runChecksParameters": []byte(`{"run_checks_result":{"highest_severity":"valid","executed_checks":1}}`),
	}}
	green := verdict.Judge(verdict.Evidence{Job: job, Standing: s}, verdict.Policy{FailOn: dqops.SeverityWarning, Judge: verdict.JudgeStanding}).Outcome == "ok"
	for _, e := range readouts {
		result, has := standing[e.ID]
		// One without a severity is not read where a crash is newer.
		if e.ExecutedAt.Before(since) || !has || result.Severity == nil || *result.Severity == 0 {
			continue
		}
		if green {
			t.Errorf("green over %+v of %+v", result, e)
		}
		if !slices.ContainsFunc(s.Findings, func(f verdict.Finding) bool { return f.DataGroup == e.DataGroup }) {
			t.Errorf("nothing is said of %+v", result)
		}
	}
	for _, c := range crashes {
		judged, has := standing[c.ReadoutID]
		covered := slices.ContainsFunc(readouts, func(e dqops.SensorReadoutEntry) bool { return e.ID == c.ReadoutID && !e.ExecutedAt.Before(since) })
		if green && covered && c.ErrorSource != sensorSource && (!has || c.ExecutedAt.After(judged.ExecutedAt)) {
			t.Errorf("green over the crash %+v", c)
		}
	}
}
