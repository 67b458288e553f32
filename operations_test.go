package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// operation is one of the API and what shows that it is wrapped.
type operation struct {
	name string
	// The request that must be on the wire: ID stands for the job of prepare,
	// SINCE for a number of the changes. The body is compared as JSON, names and
	// values exactly; empty is none.
	method, path, query, body string
	// prepare starts what the command is about and gives its id.
	prepare func(s *station) string
	command string // ID as above; ~ is a blank within a word
	present bool   // the server's clock is the machine's
	table   []string
	json    []string // PATH=VALUE, or PATH alone: it is there
	// client calls the operation where no command uses it.
	client func(t *testing.T, c *dqops.Client, id string)
}

const (
	started  = "jobBusinessKey=op&wait=false"
	waited   = "jobBusinessKey=op&wait=true&waitTimeout=2147483647"
	finished = `^✓ ok`
)

// operations are all of them, by the names of the API. The list is written out
// here on purpose.
var operations = []operation{
	{
		name: "run_checks", method: "POST", path: "/api/jobs/runchecks", query: started,
		command: "run-checks -c shop -t files.orders* --column amount --column-type DOUBLE --nullable --check *nulls_percent --category nulls " +
			"--dimension completeness --sensor column/nulls/* --check-type partitioned --time-scale daily --target column --label daily* --label retail --max-results 5 " +
			"--from 2026-11-20 --to 2026-11-23 --where {alias}.amount~>~0 --collect-error-samples=false --execution-target sensors_and_rules --key op",
		body: `{"check_search_filters": {"connection": "shop", "fullTableName": "files.orders*", "column": "amount", "columnDataType": "DOUBLE",
			"columnNullable": true, "checkName": "*nulls_percent", "checkCategory": "nulls", "qualityDimension": "completeness", "sensorName": "column/nulls/*",
			"checkType": "partitioned", "timeScale": "daily", "checkTarget": "column", "labels": ["daily*", "retail"], "maxResults": 5},
			"time_window_filter": {"from_date": "2026-11-20", "to_date": "2026-11-23", "where_filter": "{alias}.amount > 0"},
			"collect_error_samples": false, "execution_target": "sensors_and_rules"}`,
		table: []string{finished, `Type +run_checks`, `Status +finished`, `Run +1 check executed: 3 valid`, `Standing +`},
		json: []string{
			"jobId.jobBusinessKey=op", "jobType=run_checks", "status=finished", "result.executed_checks=1", "result.highest_severity=valid",
			"parameters.runChecksParameters.check_search_filters.fullTableName=files.orders*", "standing.severity=valid", "issues.#=0", "outcome=ok", "exitCode=0",
		},
	},
	{
		name: "collect_error_samples", method: "POST", path: "/api/jobs/collecterrorsamples", query: started,
		command: "collect-error-samples -c shop -t files.orders.csv --column amount --check-type monitoring --from 2026-11-01T08:00 --to 2026-11-02T00:00:00 --scope data_group --key op",
		body: `{"check_search_filters": {"connection": "shop", "fullTableName": "files.orders.csv", "column": "amount", "checkType": "monitoring"},
			"time_window_filter": {"from_date_time": "2026-11-01T08:00", "to_date_time": "2026-11-02T00:00:00"}, "data_scope": "data_group"}`,
		table: []string{finished, `Type +collect_error_samples`, `Collected +\d+ error samples by 2 samplers, 0 failed; 1 of 1 column analyzed`},
		json: []string{
			"jobType=collect_error_samples", "status=finished", "result.executed_error_samplers=2", "result.total_error_samplers_failed=0",
			"result.total_error_samples_collected", "outcome=ok", "exitCode=0",
		},
	},
	{
		name: "collect_statistics_on_table", method: "POST", path: "/api/jobs/collectstatistics/table",
		query: "configureTable=true&jobBusinessKey=op&samplesLimit=3&wait=false",
		command: "collect-stats -c shop -t files.orders.csv --column amount --column country --collector column_* --collector-category sampling --sensor column/* " +
			"--target column --label daily-load --max-results 7 --samples-limit 3 --configure-table --key op",
		body: `{"connection": "shop", "fullTableName": "files.orders.csv", "columnNames": ["amount", "country"], "collectorName": "column_*",
			"collectorCategory": "sampling", "sensorName": "column/*", "target": "column", "labels": ["daily-load"], "maxResults": 7}`,
		table: []string{finished, `Type +collect_statistics`, `Collected +6 results by 2 collectors, 0 failed; 2 of 2 columns analyzed`},
		json: []string{
			"jobType=collect_statistics", "status=finished", "parameters.collectStatisticsParameters.data_scope=table", "result.executed_statistics_collectors=2",
			"result.total_collected_results=6", "result.columns_analyzed=2", "result.columns_successfully_analyzed=2", "result.total_collectors_failed=0", "outcome=ok", "exitCode=0",
		},
	},
	{
		name: "collect_statistics_on_data_groups", method: "POST", path: "/api/jobs/collectstatistics/withgrouping",
		query:   "configureTable=false&jobBusinessKey=op&samplesLimit=0&wait=false",
		command: "collect-stats -c shop --scope data_group --samples-limit 0 --configure-table=false --key op",
		body:    `{"connection": "shop"}`,
		table:   []string{finished, `Collected +\d+ results by \d+ collectors, 0 failed`},
		json:    []string{"parameters.collectStatisticsParameters.data_scope=data_group", "result.total_collectors_failed=0", "outcome=ok", "exitCode=0"},
	},
	{
		name: "import_tables", method: "POST", path: "/api/jobs/importtables", query: waited,
		command: "import-tables -c wh --schema sal* -t customers -t orders --contains r --limit 20 --key op",
		body:    `{"connectionName": "wh", "schemaName": "sal*", "tableNames": ["customers", "orders"], "tableNameContains": "r", "tablesImportLimit": 20}`,
		table:   []string{finished, `Type +import_tables`, `Imported +2 tables with 4 columns`},
		json: []string{
			"jobType=import_tables", "status=finished", "result.source_table_specs.#=2",
			"result.source_table_specs.0.columns.amount.type_snapshot.column_type=NUMERIC", "outcome=ok", "exitCode=0",
		},
	},
	{
		name: "delete_stored_data", method: "POST", path: "/api/jobs/deletestoreddata", query: waited,
		prepare: func(s *station) string { s.call("run-checks", "-c", "shop"); return "" },
		command: "delete-data -c shop -t files.orders.csv --from 2026-11-01 --through 2026-11-30 --what check-results,sensor-readouts --column amount " +
			"--check daily_nulls_percent --category nulls --check-type monitoring --dimension Completeness --sensor column/nulls/null_percent " +
			"--data-group no~grouping --time-gradient day --yes --key op",
		body: `{"connection": "shop", "fullTableName": "files.orders.csv", "dateStart": "2026-11-01", "dateEnd": "2026-11-30", "deleteCheckResults": true,
			"deleteSensorReadouts": true, "columnNames": ["amount"], "checkName": "daily_nulls_percent", "checkCategory": "nulls", "checkType": "monitoring",
			"qualityDimension": "Completeness", "sensorName": "column/nulls/null_percent", "dataGroupTag": "no grouping", "timeGradient": "day"}`,
		table: []string{
			`^✓ ok: 2 rows deleted, 0 partitions removed whole`, `KIND +TABLE +MONTH +ROWS +PARTITION`,
			`check-results +files\.orders\.csv +2026-11 +1 +kept`, `sensor-readouts +files\.orders\.csv +2026-11 +1 +kept`,
		},
		json: []string{"jobType=delete_stored_data", "status=finished", "result.partitionResults", "outcome=ok", "exitCode=0"},
	},
	{
		name: "synchronize_folders", method: "POST", path: "/api/jobs/synchronize", query: started,
		command: "sync sources data-check-results --direction upload --refresh-native-tables --detect-cron-schedules --with-local-changes --key op",
		body: `{"sources": true, "dataCheckResults": true, "direction": "upload", "forceRefreshNativeTables": true, "detectCronSchedules": true,
			"synchronizeFolderWithLocalChanges": true}`,
		table: []string{finished, `Type +synchronize_multiple_folders`, `Status +finished`},
		json:  []string{"jobType=synchronize_multiple_folders", "status=finished", "outcome=ok", "exitCode=0"},
	},
	{
		// It lists nothing (wire T5). A list of jobs needs it where there are none.
		name: "get_all_jobs", method: "GET", path: "/api/jobs/jobs", present: true,
		command: "jobs list",
		table:   []string{`^JOB`},
		json:    []string{"#=0"},
	},
	{
		name: "get_job_changes_since", method: "GET", path: "/api/jobs/jobchangessince/SINCE", prepare: (*station).doneStatistics,
		command: "jobs list --type collect_statistics",
		table:   []string{`^JOB\tKEY\tTYPE\tSTATUS`, `^ID\tdqoctl-[0-9a-f]+\tcollect_statistics\tfinished\t1/1\t`},
		json:    []string{"#=1", "0.jobId.jobId=ID", "0.jobType=collect_statistics", "0.status=finished"},
	},
	{
		name: "get_job", method: "GET", path: "/api/jobs/jobs/ID", prepare: (*station).doneStatistics,
		command: "jobs get ID",
		table:   []string{`^✓ collect_statistics finished`, `Job +ID`, `customers\.csv`},
		json:    []string{"jobId.jobId=ID", "jobType=collect_statistics", "status=finished", "parameters.collectStatisticsParameters.data_scope=table"},
	},
	{
		name: "wait_for_job", method: "GET", path: "/api/jobs/jobs/ID/wait", query: "waitTimeout=20",
		prepare: func(s *station) string { return s.heldStatistics("/wait") },
		command: "jobs wait ID",
		table:   []string{finished, `Job +ID`, `Type +collect_statistics`, `Collected +\d+ results`},
		json:    []string{"jobId.jobId=ID", "status=finished", "result.total_collected_results", "outcome=ok", "exitCode=0"},
	},
	{
		name: "cancel_job", method: "DELETE", path: "/api/jobs/jobs/ID",
		prepare: func(s *station) string { return s.heldStatistics("DELETE") },
		command: "jobs cancel ID",
		table:   []string{`^✓ .*cancelled`, `Job +ID`, `Status +cancelled`},
		json:    []string{"jobId.jobId=ID", "status=cancelled", "outcome=ok", "exitCode=0"},
	},
	{
		name: "wait_for_run_checks_job", method: "GET", path: "/api/jobs/runchecks/ID/wait", query: "waitTimeout=7",
		prepare: func(s *station) string { return s.id(s.must("run-checks", "-c", "wh", "-o", "id")) },
		client: func(t *testing.T, c *dqops.Client, id string) {
			_, err := c.WaitForRunChecksJob(t.Context(), id, 7*time.Second)
			brokenOnTheServer(t, err)
		},
	},
	{
		name: "wait_for_collect_error_samples_job", method: "GET", path: "/api/jobs/collecterrorsamples/ID/wait", query: "waitTimeout=7",
		prepare: func(s *station) string { return s.id(s.must("collect-error-samples", "-c", "shop", "-o", "id")) },
		client: func(t *testing.T, c *dqops.Client, id string) {
			_, err := c.WaitForCollectErrorSamplesJob(t.Context(), id, 7*time.Second)
			brokenOnTheServer(t, err)
		},
	},
	{
		name: "is_cron_scheduler_running", method: "GET", path: "/api/jobs/scheduler/isrunning",
		command: "scheduler status",
		table:   []string{`^stopped$`},
		json:    []string{"running=false"},
	},
	{
		name: "start_cron_scheduler", method: "POST", path: "/api/jobs/scheduler/status/start",
		command: "scheduler start",
		table:   []string{`^running$`},
		json:    []string{"running=true"},
	},
	{
		name: "stop_cron_scheduler", method: "POST", path: "/api/jobs/scheduler/status/stop",
		prepare: func(s *station) string { s.must("scheduler", "start"); return "" },
		command: "scheduler stop",
		table:   []string{`^stopped$`},
		json:    []string{"running=false"},
	},
}

// TestOperations runs, for each operation of the API, the program itself against
// a simulated server.
func TestOperations(t *testing.T) {
	t.Parallel()
	names, parts := map[string]bool{}, map[string]func(*testing.T){}
	for _, o := range operations {
		names[o.name] = true
		if o.client != nil {
			parts[o.name] = func(t *testing.T) { o.withClient(newStation(t, o.scenario(t))) }
			continue
		}
		parts[o.name+" table"] = func(t *testing.T) { o.asTable(newStation(t, o.scenario(t))) }
		parts[o.name+" json"] = func(t *testing.T) { o.asJSON(newStation(t, o.scenario(t))) }
	}
	if len(names) != 17 {
		t.Errorf("the API has 17 operations, the list %d", len(names))
	}
	alongside(t, parts)
}

func (o *operation) withClient(s *station) {
	id := o.prepare(s)
	o.client(s.T, s.client(), id)
	o.onTheWire(s, id)
}

func (o *operation) scenario(t *testing.T) *simulator.Scenario {
	scenario := warehouse(t)
	if o.present {
		scenario.Clock = nil
	}
	return scenario
}

func (o *operation) start(s *station, more ...string) (got said, id string) {
	s.Helper()
	if o.prepare != nil {
		id = o.prepare(s)
	}
	args := strings.Fields(strings.ReplaceAll(o.command, "ID", id))
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "~", " ")
	}
	got = s.run(append(args, more...)...)
	if got.code != 0 {
		s.Fatalf("dqoctl %s: code %d\n%s%s", o.command, got.code, got.out, got.err)
	}
	o.onTheWire(s, id)
	return got, id
}

func (o *operation) asTable(s *station) {
	got, id := o.start(s)
	for _, want := range o.table {
		if !regexp.MustCompile("(?m)" + strings.ReplaceAll(want, "ID", regexp.QuoteMeta(id))).MatchString(got.out) {
			s.Errorf("dqoctl %s does not say %s:\n%s", o.command, want, got.out)
		}
	}
}

func (o *operation) asJSON(s *station) {
	got, id := o.start(s, "-o", "json")
	value, err := decodeOne(got.out)
	if err != nil {
		s.Fatalf("dqoctl %s: %v\n%s", o.command, err, got.out)
	}
	for _, want := range o.json {
		path, text, compared := strings.Cut(strings.ReplaceAll(want, "ID", id), "=")
		found, there := at(value, path)
		if !there || compared && fmt.Sprint(found) != text {
			s.Errorf("dqoctl %s: %s is %v, want %s\n%s", o.command, path, found, text, got.out)
		}
	}
}

// onTheWire looks for exactly one request of the operation and compares it.
func (o *operation) onTheWire(s *station, id string) {
	s.Helper()
	path := regexp.MustCompile("^" + strings.NewReplacer("ID", regexp.QuoteMeta(id), "SINCE", "-?[0-9]+").Replace(o.path) + "$")
	var found []simulator.Request
	for _, r := range s.sim.Requests() {
		if r.Method == o.method && path.MatchString(r.Path) {
			found = append(found, r)
		}
	}
	if len(found) == 0 || len(found) > 1 && o.method != http.MethodGet {
		s.Fatalf("%d requests are %s %s", len(found), o.method, o.path)
	}
	r := found[0]
	got, err := url.ParseQuery(r.Query)
	if err != nil {
		s.Fatal(err)
	}
	want, _ := url.ParseQuery(o.query)
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("query of %s %s (-want +got):\n%s", o.method, o.path, diff)
	}
	if r.Header.Get("Accept") != "application/json" {
		s.Errorf("%s %s: Accept is %q", o.method, o.path, r.Header.Get("Accept"))
	}
	if o.body == "" {
		if len(r.Body) > 0 {
			s.Errorf("%s %s has a body: %s", o.method, o.path, r.Body)
		}
		return
	}
	if r.Header.Get("Content-Type") != "application/json" {
		s.Errorf("%s %s: Content-Type is %q", o.method, o.path, r.Header.Get("Content-Type"))
	}
	sameJSON(s, o.method+" "+o.path, o.body, string(r.Body))
}

func sameJSON(s *station, what, want, got string) {
	s.Helper()
	wanted, err := decodeOne(want)
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
	sent, err := decodeOne(got)
	if err != nil {
		s.Fatalf("%s: %v\n%s", what, err, got)
	}
	if diff := cmp.Diff(wanted, sent); diff != "" {
		s.Errorf("body of %s (-want +got):\n%s", what, diff)
	}
}

func (s *station) id(got said) string {
	s.Helper()
	id := strings.TrimSpace(got.out)
	if _, err := strconv.ParseInt(id, 10, 64); err != nil {
		s.Fatalf("%q is no id\n%s", got.out, got.err)
	}
	return id
}

// doneStatistics is a statistics job that has ended.
func (s *station) doneStatistics() string {
	return s.id(s.must("collect-stats", "-c", "shop", "-t", "files.customers.csv", "-o", "id"))
}

// heldStatistics is one that runs until a request came whose method or path ends
// so.
func (s *station) heldStatistics(until string) string {
	barrier := s.sim.Hold(simulator.StageRunning)
	id := s.id(s.must("collect-stats", "-c", "shop", "--no-wait", "-o", "id"))
	<-barrier.Reached()
	released := make(chan struct{})
	ctx, stop := context.WithCancel(s.Context())
	go func() {
		defer close(released)
		defer barrier.Release()
		for tick := time.Tick(2 * time.Millisecond); ; {
			if slices.ContainsFunc(s.sim.Requests(), func(r simulator.Request) bool {
				return r.Method == until || strings.HasSuffix(r.Path, until)
			}) {
				return
			}
			select {
			case <-tick:
			case <-ctx.Done():
				return
			}
		}
	}()
	s.Cleanup(func() { stop(); <-released })
	return id
}

// brokenOnTheServer: the typed waits answer 500 about a job that ended well (wire
// L1), which is an error of the server and no outcome.
func brokenOnTheServer(t *testing.T, err error) {
	t.Helper()
	said, ok := errors.AsType[*dqops.ServerError](err)
	if !ok || said.Status != http.StatusInternalServerError || !strings.Contains(said.Error(), "ClassCastException") && !strings.Contains(said.Error(), "cannot be cast") {
		t.Errorf("the typed wait gave %v", err)
	}
}
