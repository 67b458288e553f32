package simulator

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// conformanceCase is the state in which a recorded request is sent.
type conformanceCase struct {
	recording string
	scenario  func() *Scenario // nil: shopScenario
	described func(t *testing.T, rec recording) *Scenario
	clock     string // where numbers of the request depend on it
	prepare   func(b *bench)
	before    int  // requests on the same connection
	exact     bool // the counters must be the recorded ones
	// cut leaves of an answer what the recording was cut to.
	cut func(want, have any) any
}

// conformanceCases lists the recordings that are covered.
var conformanceCases = []conformanceCase{
	// Starting jobs.
	{recording: "run_checks_no_wait"},
	{recording: "run_checks_nothing_matches", exact: true},
	{recording: "run_checks_wait_timeout"},
	{recording: "run_checks_after_delete"},
	{recording: "run_checks_execution_errors", scenario: brokenScenario, exact: true},
	{recording: "post_wait_blocked"},
	{recording: "post_wait_cancelled", prepare: func(b *bench) { b.later(time.Second, func() { b.cancelKey("mx-7") }) }},
	{recording: "unknown_field", exact: true},
	{recording: "good_datetime", exact: true},
	{recording: "shadow_key"},
	{recording: "key_special"},
	{recording: "dup2", prepare: func(b *bench) { b.start("dup", `{"connection":"nosuch"}`) }},

	// Unchanged data.
	{recording: "rerun_1_first", scenario: rerunScenario, exact: true},
	{recording: "rerun_2_second", scenario: rerunScenario, prepare: runs("rerun_1_first"), exact: true},
	{recording: "rerun_3_job", scenario: rerunScenario, prepare: runs("rerun_1_first", "rerun_2_second"), exact: true},
	{recording: "part_1_first", scenario: partitionScenario, exact: true},
	{recording: "part_2_second", scenario: partitionScenario, prepare: runs("part_1_first"), exact: true},
	{recording: "part_3_after_fix_one_day", scenario: partitionScenario, exact: true, prepare: func(b *bench) {
		runs("part_1_first", "part_2_second")(b)
		b.set(CheckRef{Column: "amount", Check: "daily_partition_number_below_min_value", Period: "2024-09-11"}, 0)
	}},
	{recording: "group_1_first", scenario: groupScenario, exact: true},
	{recording: "group_2_second", scenario: groupScenario, prepare: runs("group_1_first"), exact: true},
	{recording: "group_3_after_fix_one", scenario: groupScenario, exact: true, prepare: func(b *bench) {
		runs("group_1_first", "group_2_second")(b)
		ref := CheckRef{Table: "files.customers.csv", Column: "email", Check: "daily_nulls_percent", DataGroup: "DE"}
		b.set(ref, 0)
	}},
	{recording: "stale_1_only_sensors_after_repair", scenario: rerunScenario, prepare: stale(0), exact: true},
	{recording: "stale_2_full_run", scenario: rerunScenario, prepare: stale(1), exact: true},
	{recording: "stale_3_bad_again", scenario: rerunScenario, prepare: stale(2), exact: true},
	{recording: "stale_4_results_deleted_readouts_kept", scenario: rerunScenario, prepare: stale(3), exact: true},

	// Reading jobs.
	{recording: "get_job_right_after_post", clock: "2026-11-23T14:07:02Z", prepare: func(b *bench) {
		b.lastNumber = 1795442822000003
		b.start("k-1", `{"connection":"shop","fullTableName":"files.*"}`)
	}},
	{recording: "get_job_by_key", prepare: started("k-1", `{"connection":"shop","fullTableName":"files.*"}`)},
	{recording: "get_job_finished", prepare: ended("k-2", `{"connection":"shop"}`)},
	{recording: "get_job_right_after_blocked_wait", prepare: ended("mx-8", ordersFilter)},
	{recording: "get_job_unknown"},
	{recording: "get_job_failed", scenario: databaseScenario, prepare: runs("import_unknown_connection")},
	{recording: "get_sync_job_failed", prepare: func(b *bench) {
		// Its waiting caller was answered; the history still says running.
		b.sendRecorded(readRecording(b.t, "sync_sources_no_cloud"))
	}},
	{recording: "dup_get", prepare: func(b *bench) {
		b.start("dup", `{"connection":"nosuch"}`)
		ended("dup", `{"connection":"nosuch"}`)(b)
	}},
	{recording: "shadow_get", clock: "2026-11-23T14:11:12Z", prepare: func(b *bench) {
		b.lastNumber = 1795443072000037
		b.start("by-number", `{"connection":"nosuch"}`)
		ended("1795443072000038", `{"connection":"nosuch2"}`)(b)
	}},
	{recording: "key_special_get", prepare: ended("a%2Fb%20c", `{"connection":"nosuch"}`)},

	// Waiting.
	{recording: "wait_for_job_after_end", prepare: ended("k-1", `{"connection":"shop","fullTableName":"files.*"}`)},
	{recording: "wait_for_job_blocked_to_end_a", prepare: started("ar-a", ordersMonitoring)},
	{recording: "wait_for_job_blocked_to_end_b", prepare: started("ar-b", `{"connection":"shop","fullTableName":"files.customers.csv"}`)},
	{recording: "wait_blocked_again", prepare: started("mx-8", ordersFilter)},
	{recording: "wait_for_job_timeout", prepare: started("k-1", `{"connection":"wh"}`)},
	{recording: "wait_job_unknown"},
	{recording: "wait_old_job_after_restart"},
	{recording: "wait_failed_job", scenario: databaseScenario, prepare: runs("import_unknown_connection")},
	{recording: "wait_sync_job_after_end", prepare: runs("sync_empty")},
	{recording: "wait_run_checks_after_end", prepare: ended("k-1", `{"connection":"shop"}`)},
	{recording: "wait_run_checks_unknown"},
	{recording: "typed_wait_run_checks_blocked_to_end", prepare: started("tw-2", `{"connection":"shop"}`)},
	{recording: "typed_wait_run_checks_other_type_timeout", scenario: filesScenario, prepare: samplesStarted("tw-1")},
	{recording: "typed_wait_error_samples_timeout", scenario: filesScenario, prepare: samplesStarted("tw-1")},
	{recording: "wait_error_samples_after_end", scenario: filesScenario, prepare: runs("collect_error_samples")},
	{recording: "wait_cancelled_job", prepare: func(b *bench) {
		started("c-1", `{"connection":"wh"}`)(b)
		b.later(time.Second, func() { b.cancelKey("c-1") })
	}},
	{recording: "wait_after_cancelled", prepare: cancelledRun("c-1", `{"connection":"shop"}`)},
	{recording: "typed_wait_cancelled", prepare: cancelledRun("mx-7", `{"connection":"wh"}`)},

	// Cancelling.
	{recording: "cancel_finished", prepare: ended("tw-1", `{"connection":"nosuch"}`)},
	{recording: "cancel_queued", prepare: queued},
	{recording: "cancel_running", prepare: started("c-1", `{"connection":"shop"}`)},
	{recording: "cancel_unknown"},
	{recording: "get_job_cancelled", prepare: cancelledRun("c-1", `{"connection":"shop"}`)},
	{recording: "get_job_after_cancel", prepare: cancelledRun("c-1", `{"connection":"shop"}`)},
	{recording: "get_after_post_wait_cancelled", prepare: cancelledRun("mx-7", `{"connection":"wh","fullTableName":"big.*","checkType":"monitoring"}`)},
	{recording: "get_queued", prepare: queued},
	{recording: "get_queued_after_cancel", prepare: func(b *bench) { queued(b); b.cancelKey("q-1") }},
	{recording: "wait_queued_after_cancel", prepare: func(b *bench) { queued(b); b.cancelKey("q-1") }},
	{recording: "get_queued_later", prepare: func(b *bench) {
		queued(b)
		b.cancelKey("q-1")
		<-time.After(time.Minute)
	}},

	// Changes.
	{recording: "get_all_jobs_2", prepare: ended("k-1", `{"connection":"nosuch"}`)},
	{recording: "changes_since_end_longpoll", clock: "2026-11-23T14:10:19Z"},
	{recording: "changes_after_cancel", clock: "2026-11-23T14:10:39Z", prepare: func(b *bench) {
		started("c-1", `{"connection":"shop"}`)(b)
		b.cancelKey("c-1")
		<-time.After(10 * time.Second)
	}},
	{recording: "changes_bad_number"},

	// What is refused.
	{recording: "malformed_json"},
	{recording: "unknown_enum"},
	{recording: "bad_datetime"},
	{recording: "bad_wait_param"},
	{recording: "bad_timeout_param", prepare: ended("dt", `{"connection":"nosuch"}`)},
	{recording: "empty_body"},
	{recording: "wrong_content_type"},
	{recording: "wrong_token"},
	{recording: "wrong_url"},
	{recording: "outside_api"},
	{recording: "method_not_allowed"},
	{recording: "ishealthy"},
}

const (
	ordersFilter     = `{"connection":"shop","fullTableName":"files.orders.csv"}`
	ordersMonitoring = `{"connection":"shop","fullTableName":"files.orders.csv","checkType":"monitoring"}`
)

// later runs something of the test while the recorded request waits.
func (b *bench) later(after time.Duration, what func()) {
	done := make(chan struct{})
	time.AfterFunc(after, func() { defer close(done); what() })
	b.endings = append(b.endings, func() { <-done })
}

func (b *bench) cancelKey(key string) {
	b.t.Helper()
	if got := b.send(http.MethodDelete, "/api/jobs/jobs/"+key, ""); got.StatusCode != http.StatusNoContent {
		b.t.Errorf("cancel %s: %s", key, got.Status)
	}
}

func (b *bench) startWork(key string, w work) {
	b.submit(b.currentLife(), "", w, &key)
	settle()
}

// set changes a value of connection shop, by default of table orders.
func (b *bench) set(ref CheckRef, value float64) {
	b.t.Helper()
	ref.Connection = "shop"
	if ref.Table == "" {
		ref.Table = "files.orders.csv"
	}
	if err := b.SetValue(ref, value); err != nil {
		b.t.Fatal(err)
	}
}

func started(key, filters string) func(b *bench) {
	return func(b *bench) { b.start(key, filters); settle() }
}

func ended(key, filters string) func(b *bench) {
	return func(b *bench) { b.start(key, filters); <-time.After(time.Minute) }
}

func cancelledRun(key, filters string) func(b *bench) {
	return func(b *bench) { started(key, filters)(b); b.cancelKey(key); settle() }
}

// queued leaves q-1 behind a longer job.
func queued(b *bench) {
	started("q-0", `{"connection":"shop"}`)(b)
	started("q-1", `{"connection":"shop"}`)(b)
}

// runs sends earlier recorded requests of a sequence.
func runs(names ...string) func(b *bench) {
	return func(b *bench) {
		for _, name := range names {
			b.sendRecorded(readRecording(b.t, name))
			settle()
		}
	}
}

// stale goes so far into the sequence of the stale_* recordings.
func stale(steps int) func(b *bench) {
	return func(b *bench) {
		ref := CheckRef{Column: "order_id", Check: "daily_duplicate_count"}
		runs("rerun_1_first")(b)
		b.set(ref, 0)
		if steps > 0 {
			runs("stale_1_only_sensors_after_repair")(b)
		}
		if steps > 1 {
			runs("stale_2_full_run")(b)
			b.set(ref, 4)
		}
		if steps > 2 {
			runs("stale_3_bad_again")(b)
			b.forgetResults()
		}
		if steps > 3 {
			runs("stale_4_results_deleted_readouts_kept")(b)
		}
	}
}

// forgetResults deletes every stored result of orders and keeps the readouts.
func (b *bench) forgetResults() {
	b.t.Helper()
	if err := b.DeleteResults(CheckRef{Connection: "shop", Table: "files.orders.csv"}); err != nil {
		b.t.Fatal(err)
	}
}

func one(value float64) Values { return Values{series: []*float64{&value}} }

func monitoring(name string, value float64) Check {
	return Check{Name: name, Type: typeMonitoring, TimeScale: scaleDaily, Values: one(value)}
}

func shop(tables ...Table) *Scenario {
	return &Scenario{Connections: []Connection{{Name: "shop", Tables: tables}}}
}

// shopScenario has three tables that take two seconds each, and a table in wh
// that takes a minute.
func shopScenario() *Scenario {
	var tables []Table
	for _, name := range []string{"customers.csv", "orders.csv", "stock.csv"} {
		check := monitoring("daily_row_count", 7)
		check.Warning = &Bounds{Lower: new(float64(1))}
		tables = append(tables, Table{Name: "files." + name, Duration: Duration(2 * time.Second), Checks: []Check{check}})
	}
	sc := shop(tables...)
	sc.Connections = append(sc.Connections, Connection{
		Name: "wh", Tables: []Table{{Name: "big.t", Duration: Duration(time.Minute)}},
	})
	return sc
}

// rerunScenario is the recorded state of orders.csv: 26 valid checks, one of
// each severity, 25 without a verdict.
func rerunScenario() *Scenario {
	table := Table{Name: "files.orders.csv", Duration: Duration(time.Second)}
	for i := range 26 {
		check := monitoring(fmt.Sprintf("daily_valid_%d", i), 0)
		check.Error = &Bounds{Upper: new(float64(0))}
		table.Checks = append(table.Checks, check)
	}
	for i := range 25 {
		check := monitoring(fmt.Sprintf("daily_silent_%d", i), 1)
		if i%2 == 0 {
			check.Error, check.HistoryNeeded = &Bounds{Upper: new(float64(0))}, 30
		}
		table.Checks = append(table.Checks, check)
	}
	warning, failing := monitoring("daily_row_count", 3), monitoring("daily_number_below_min_value", 18)
	warning.Warning = &Bounds{Lower: new(float64(10))}
	failing.Error = &Bounds{Upper: new(float64(0))}
	fatal := monitoring("daily_duplicate_count", 4)
	fatal.Fatal, fatal.Expected = &Bounds{Upper: new(float64(0))}, new(float64(0))
	fatal.Category, fatal.Dimension, fatal.Sensor = "uniqueness", "Uniqueness", "column/uniqueness/duplicate_count"
	table.Checks = append(table.Checks, warning)
	table.Columns = []Column{{Name: "amount", Checks: []Check{failing}}, {Name: "order_id", Checks: []Check{fatal}}}
	return shop(table)
}

// partitionScenario has 90 days in four months, 9 of them bad, 5 in the last
// two months.
func partitionScenario() *Scenario {
	values := Values{byKey: map[string]Values{}}
	set := func(key string, value float64) {
		values.keys, values.byKey[key] = append(values.keys, key), one(value)
	}
	set("2024-06-22..2024-09-19", 0)
	for _, day := range []string{"06-23", "06-29", "07-01", "07-31", "08-01", "08-20", "09-01", "09-10", "09-11"} {
		set("2024-"+day, 2)
	}
	return shop(Table{Name: "files.orders.csv", Columns: []Column{{Name: "amount", Checks: []Check{{
		Name: "daily_partition_number_below_min_value", Type: typePartitioned, TimeScale: scaleDaily,
		Category: "numeric", Dimension: "Validity", Sensor: "column/numeric/number_below_min_value_count",
		Error: &Bounds{Upper: new(float64(0))}, Expected: new(float64(0)), Values: values,
	}}}}})
}

// groupScenario has one check over four countries.
func groupScenario() *Scenario {
	values := Values{keys: []string{"DE", "FR", "PL", "US"}, byKey: map[string]Values{
		"DE": one(5.882352941176471), "FR": one(2.3076923076923075), "PL": one(3.4782608695652173), "US": one(4.201680672268908),
	}}
	return shop(Table{Name: "files.customers.csv", Columns: []Column{{Name: "email", Checks: []Check{{
		Name: "daily_nulls_percent", Type: typeMonitoring, TimeScale: scaleDaily, Values: values,
		Category: "nulls", Dimension: "Completeness", Sensor: "column/nulls/null_percent", Expected: new(float64(0)),
		Warning: &Bounds{Upper: new(float64(0))}, Error: &Bounds{Upper: new(float64(3))}, Fatal: &Bounds{Upper: new(float64(50))},
	}}}}})
}

// brokenScenario is the recorded stock.csv after a column was added that the
// file does not have: of 35 checks 24 crash, 8 are valid, 2 are warnings, and
// one has no verdict.
func brokenScenario() *Scenario {
	table := Table{Name: "files.stock.csv"}
	for i := range 11 {
		check := monitoring(fmt.Sprintf("daily_metadata_%d", i), 0)
		check.Metadata = true
		switch {
		case i < 8:
			check.Warning = &Bounds{Upper: new(float64(0))}
		case i < 10:
			check.Warning = &Bounds{Lower: new(float64(1))}
		}
		table.Checks = append(table.Checks, check)
	}
	for i := range 16 {
		table.Checks = append(table.Checks, monitoring(fmt.Sprintf("daily_merged_%d", i), 0))
	}
	column := Column{Name: "nocolumn", Broken: Runs{All: true}}
	for i := range 8 {
		column.Checks = append(column.Checks, monitoring(fmt.Sprintf("daily_broken_%d", i), 0))
	}
	table.Columns = []Column{column}
	return shop(table)
}
