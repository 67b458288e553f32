package simulator

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// operationCases lists the covered recordings of statistics, error samples,
// imports, deletions, synchronizations, the scheduler and the connections.
var operationCases = []conformanceCase{
	{recording: "collect_statistics_table", scenario: filesScenario},
	{recording: "collect_statistics_grouping", scenario: filesScenario},
	{recording: "collect_statistics_nothing", scenario: filesScenario, exact: true},
	{recording: "collect_statistics_samples_limit", scenario: noColumnScenario},
	{recording: "get_job_statistics", scenario: filesScenario, prepare: runs("collect_statistics_table")},
	{recording: "get_job_statistics_grouping", scenario: filesScenario, prepare: posts(
		"collectstatistics/withgrouping?jobBusinessKey=mx-1", `{"connection":"shop","fullTableName":"files.customers.csv","columnNames":["country"]}`,
	)},
	{recording: "get_statistics_limit", scenario: noColumnScenario, prepare: runs("collect_statistics_samples_limit")},
	{recording: "collect_error_samples", scenario: filesScenario},
	{recording: "collect_error_samples_no_filters", scenario: filesScenario},
	{recording: "get_job_error_samples", scenario: filesScenario, prepare: runs("collect_error_samples")},
	{recording: "cancel_running_error_samples", scenario: filesScenario, prepare: samplesStarted("q-0")},
	{recording: "run_checks_execution_errors_again", scenario: brokenColumnScenario, prepare: runs("run_checks_execution_errors_again"), exact: true},

	{recording: "pg_import_schema", scenario: databaseScenario},
	{recording: "pg_import_names", scenario: databaseScenario},
	{recording: "pg_import_contains", scenario: databaseScenario},
	{recording: "pg_import_unknown_schema", scenario: databaseScenario},
	{recording: "pg_import_limit_pattern", scenario: databaseScenario},
	{recording: "import_unknown_connection", scenario: databaseScenario},
	{recording: "import_no_schema"},
	{recording: "get_import_stuck", prepare: runs("import_no_schema")},
	{recording: "wait_import_stuck", prepare: runs("import_no_schema")},
	{recording: "cancel_import_stuck", prepare: runs("import_no_schema")},
	{recording: "get_import_stuck_after_cancel", prepare: runs("import_no_schema", "cancel_import_stuck")},
	{recording: "get_job_waiting", scenario: slowSourceScenario, prepare: leakedPlace},
	{recording: "wait_job_waiting", scenario: slowSourceScenario, prepare: leakedPlace},
	{recording: "cancel_waiting_job", scenario: slowSourceScenario, prepare: leakedPlace},
	{recording: "get_waiting_job_after_cancel", scenario: slowSourceScenario, prepare: func(b *bench) {
		leakedPlace(b)
		runs("cancel_waiting_job")(b)
	}},

	{recording: "delete_no_connection"},
	{recording: "delete_bad_date"},
	{recording: "delete_flags_absent", scenario: stockScenario, prepare: runTwice},
	{recording: "delete_snake_key_flags", scenario: stockScenario, prepare: runTwice},
	{recording: "delete_unknown_connection", scenario: stockScenario, prepare: runTwice},
	{recording: "delete_wait_false", scenario: stockScenario, prepare: runTwice},
	{recording: "delete_statistics", scenario: stockScenario, clock: "2026-11-23T14:11:12Z", prepare: posts(
		"collectstatistics/table", `{"connection":"shop","fullTableName":"files.stock.csv"}`,
	), exact: true},
	{recording: "delete_check_results", scenario: stockScenario, clock: "2026-11-23T14:11:12Z", prepare: runTwice, exact: true},
	{recording: "get_job_delete", scenario: stockScenario, prepare: runs("delete_statistics")},
	{recording: "wait_delete_after_end", scenario: stockScenario, prepare: runs("delete_statistics")},

	{recording: "sync_empty"},
	{recording: "sync_sources_no_cloud"},
	{recording: "sync_wait_timeout_0"},
	{recording: "get_sync_job", prepare: runs("sync_empty")},
	{recording: "wait_superseded_sync_job", prepare: func(b *bench) {
		posts("synchronize?jobBusinessKey=mx-4", `{"settings":true}`)(b)
		b.wantStatus("mx-4", statusFailed)
		runs("sync_wait_timeout_0")(b)
	}},

	{recording: "scheduler_isrunning"},
	{recording: "scheduler_start"},
	{recording: "scheduler_isrunning_after_start", prepare: runs("scheduler_start")},
	{recording: "scheduler_stop", prepare: runs("scheduler_start")},
	{recording: "scheduler_isrunning_after_stop", prepare: runs("scheduler_start", "scheduler_stop")},
	{recording: "keepalive_3", before: 3},
	{recording: "keepalive_4", before: 4},

	{recording: "connections", scenario: filesScenario},
	{recording: "profile"},
	{recording: "incidents", scenario: incidentScenario, clock: "2026-11-23T14:12:15Z", prepare: runTwice},

	{recording: "changes_since_last", scenario: importedScenario, clock: "2026-11-23T14:05:06Z", prepare: firstDay},
	{recording: "changes_all_job_types", scenario: allTypesScenario, clock: "2026-11-23T15:00:03Z", prepare: everyType},
}

// posts starts jobs: paths below /api/jobs and their bodies by turns.
func posts(calls ...string) func(b *bench) {
	return func(b *bench) {
		for i := 0; i < len(calls); i += 2 {
			b.send(http.MethodPost, "/api/jobs/"+calls[i], calls[i+1])
			settle()
		}
	}
}

func samplesStarted(key string) func(b *bench) {
	return posts("collecterrorsamples?wait=false&jobBusinessKey="+key, `{"check_search_filters":{"connection":"shop"}}`)
}

// filesScenario has the tables of connection shop and nothing else.
func filesScenario() *Scenario {
	names := []string{"customer_id", "name", "email", "country", "created"}
	customers := Table{Name: "files.customers.csv"}
	for _, name := range names {
		check := monitoring("daily_nulls_percent", 5)
		check.Error = &Bounds{Upper: new(float64(0))}
		customers.Columns = append(customers.Columns, Column{Name: name, Checks: []Check{check}})
	}
	customers.ErrorSamples.Duration = Duration(2 * time.Second)
	return shop(customers, stockScenario().Connections[0].Tables[0])
}

// stockScenario has 27 checks in stock.csv, 17 of them with a verdict, and 131
// rows of statistics to collect.
func stockScenario() *Scenario {
	table := Table{Name: "files.stock.csv", Columns: []Column{{Name: "sku"}, {Name: "quantity"}, {Name: "price"}}}
	table.Statistics.Rows = new(30)
	for i := range 27 {
		check := monitoring(fmt.Sprintf("daily_check_%d", i), 0)
		if i < 17 {
			check.Error = &Bounds{Upper: new(float64(0))}
		}
		table.Checks = append(table.Checks, check)
	}
	return shop(table)
}

// brokenColumnScenario is the column that the file does not have: eight of its
// checks read the data, two the catalogue.
func brokenColumnScenario() *Scenario {
	column := Column{Name: "nocolumn", Broken: Runs{All: true}}
	for i := range 10 {
		check := monitoring(fmt.Sprintf("daily_broken_%d", i), 0)
		check.Metadata, check.Error = i >= 8, &Bounds{Upper: new(float64(0))}
		column.Checks = append(column.Checks, check)
	}
	return shop(Table{Name: "files.stock.csv", Columns: []Column{column}})
}

// databaseScenario is the recorded PostgreSQL connection.
func databaseScenario() *Scenario {
	id := SourceColumn{Name: "id", Type: "INTEGER", Precision: new(0)}
	return &Scenario{Connections: []Connection{{Name: "wh", Provider: "postgresql", Source: Source{Schemas: []SourceSchema{
		{Name: "sales", Tables: []string{"orders", "customers", "items", "returns"}, Columns: []SourceColumn{
			id,
			{Name: "name", Type: "TEXT", Length: new(1073741824)},
			{Name: "amount", Type: "NUMERIC"},
			{Name: "created", Type: "DATE", Precision: new(0)},
		}},
		{Name: "big", Count: 400, Columns: []SourceColumn{id, {Name: "v", Type: "NUMERIC"}}},
		{Name: "hr", Tables: []string{"items"}, Columns: []SourceColumn{id}},
	}}}}}
}

// slowSourceScenario is a database that takes half a minute to answer.
func slowSourceScenario() *Scenario {
	return &Scenario{Connections: []Connection{{
		Name: "slow", Provider: "postgresql", Source: Source{Duration: Duration(30 * time.Second)},
	}}}
}

// leakedPlace imports three times: the second job is cancelled while it is
// queued and keeps its place, so that the third waits for ever, and one that
// comes later too (wire L14a).
func leakedPlace(b *bench) {
	const body = `{"connectionName":"slow","schemaName":"public"}`
	for _, key := range []string{"sl-a", "sl-b", "sl-c"} {
		posts("importtables?wait=false&jobBusinessKey="+key, body)(b)
	}
	b.wantStatus("sl-b", statusQueued)
	b.cancelKey("sl-b")
	<-time.After(time.Minute)
	for key, status := range map[string]string{"sl-a": statusFinished, "sl-b": statusCancelled, "sl-c": statusWaiting} {
		b.wantStatus(key, status)
	}
	posts("importtables?wait=false&jobBusinessKey=sl-d-1795446560", body)(b)
}

// incidentScenario has two checks whose first run begins an incident each.
func incidentScenario() *Scenario {
	exists, available := monitoring("daily_column_exists", 0), monitoring("daily_table_availability", 1)
	exists.Category, exists.Dimension, exists.Warning = "schema", "Completeness", &Bounds{Lower: new(float64(1))}
	available.Category, available.Dimension, available.Warning = "availability", "Availability", &Bounds{Upper: new(float64(0))}
	return shop(Table{Name: "files.stock.csv", Checks: []Check{exists, available}})
}

// importedScenario is connection shop before its files were imported.
func importedScenario() *Scenario {
	sc := shop()
	sc.Connections[0].Source.Schemas = []SourceSchema{{Name: "files", Tables: []string{"customers.csv", "orders.csv", "stock.csv"}}}
	return sc
}

// firstDay is what happened before the first look at the changes.
func firstDay(b *bench) {
	posts(
		"importtables?jobBusinessKey=imp-1", `{"connectionName":"shop","schemaName":"files"}`,
		"importtables?jobBusinessKey=imp-2", `{"connectionName":"shop","schemaName":"files","tableNames":[]}`,
		"importtables?jobBusinessKey=imp-2", `{"connectionName":"shop","schemaName":"*"}`,
		"importtables?jobBusinessKey=imp-2", `{"connectionName":"shop","schemaName":"files","tableNames":["customers.csv","orders.csv","stock.csv"]}`,
		"runchecks?jobBusinessKey=rc-1", `{"check_search_filters":{"connection":"shop","checkType":"monitoring"}}`,
	)(b)
}

func allTypesScenario() *Scenario {
	sc := databaseScenario()
	sc.Connections = append(sc.Connections, filesScenario().Connections...)
	return sc
}

// everyType starts a job of every type, one after the other; the deletion
// follows as soon as the synchronization's caller was answered.
func everyType(b *bench) {
	<-time.After(time.Second)
	posts("collectstatistics/withgrouping?jobBusinessKey=mx-1",
		`{"connection":"shop","fullTableName":"files.customers.csv","columnNames":["country"]}`,
		"collecterrorsamples?jobBusinessKey=mx-2", `{"check_search_filters":{"connection":"shop",`+
			`"fullTableName":"files.customers.csv","column":"email","checkType":"monitoring","checkName":"daily_nulls_percent"}}`,
		"importtables?jobBusinessKey=mx-3", `{"connectionName":"wh","schemaName":"hr"}`,
	)(b)
	b.send(http.MethodPost, "/api/jobs/synchronize?jobBusinessKey=mx-4", `{"settings":true}`)
	posts("deletestoreddata?jobBusinessKey=mx-5", `{"connection":"wh","fullTableName":"hr.items","deleteStatistics":true}`)(b)
}

// TestEveryRecordingIsCovered holds the numbers that the lists must have, so
// that none is lost.
func TestEveryRecordingIsCovered(t *testing.T) {
	seen := map[string]bool{}
	for _, cases := range [][]conformanceCase{conformanceCases, readingCases, operationCases} {
		for _, c := range cases {
			if seen[c.recording] {
				t.Errorf("%s is covered twice", c.recording)
			}
			seen[c.recording] = true
		}
	}
	if len(seen) != 169 {
		t.Errorf("%d recordings are covered, want 169", len(seen))
	}
}
