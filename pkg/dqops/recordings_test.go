package dqops_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// recording is one exchange with a real server.
type recording struct {
	Request struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"response"`
}

// body is the recorded answer as it was sent: JSON, or a text that was none.
func (r recording) body() []byte {
	var text string
	if json.Unmarshal(r.Response.Body, &text) == nil {
		return []byte(text)
	}
	return r.Response.Body
}

func readRecordings(t *testing.T) map[string]recording {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "recordings", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	recordings := map[string]recording{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r recording
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		recordings[strings.TrimSuffix(filepath.Base(file), ".json")] = r
	}
	return recordings
}

// replay makes the call that the recording is an answer to, against a server
// that gives this answer.
func replay(t *testing.T, r recording) (any, error) {
	t.Helper()
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range r.Response.Headers {
			if name == "content-type" || name == "connection" {
				w.Header().Set(name, value)
			}
		}
		w.WriteHeader(r.Response.Status)
		_, _ = w.Write(r.body())
	})
	return callRecorded(t.Context(), server.client(t), r)
}

var (
	jobPath   = regexp.MustCompile(`^/api/jobs/jobs/([^/?]+)(/wait)?(?:\?|$)`)
	checkPath = regexp.MustCompile(`^/api/connections/([^/]+)/schemas/([^/]+)/tables/([^/]+)(?:/columns/([^/]+))?/(?:(profiling|monitoring|partitioned)(?:/(daily|monthly))?/)?(status|results|readouts|errors)`)
)

func callRecorded(ctx context.Context, c *dqops.Client, r recording) (any, error) {
	path := r.Request.Path
	if m := jobPath.FindStringSubmatch(path); m != nil {
		id, err := url.PathUnescape(m[1])
		switch {
		case err != nil:
			return nil, err
		case r.Request.Method == http.MethodDelete:
			return nil, c.CancelJob(ctx, id)
		case m[2] != "":
			return c.WaitForJob(ctx, id, time.Second)
		}
		return c.GetJob(ctx, id)
	}
	if m := checkPath.FindStringSubmatch(path); m != nil {
		table := dqops.TableRef{Connection: m[1], Schema: m[2], Table: m[3]}
		checks := dqops.CheckPath{TableRef: table, Column: m[4], CheckType: m[5], TimeScale: m[6]}
		switch m[7] {
		case "status":
			return c.TableStatus(ctx, table, dqops.StatusQuery{Months: 1})
		case "results":
			return c.CheckResults(ctx, checks, dqops.ResultsQuery{})
		case "readouts":
			return c.SensorReadouts(ctx, checks, dqops.ResultsQuery{})
		}
		return c.CheckErrors(ctx, checks, dqops.ResultsQuery{})
	}
	switch at, _, _ := strings.Cut(path, "?"); {
	case strings.HasPrefix(at, "/api/jobs/jobchangessince/"):
		changes := changesAnswer{Changes: []dqops.JobChange{}}
		sequence, _ := strconv.ParseInt(filepath.Base(at), 10, 64)
		last, err := c.JobChangesSince(ctx, sequence, func(change dqops.JobChange) error {
			changes.Changes = append(changes.Changes, change)
			return nil
		})
		changes.Last = last
		return changes, err
	case at == "/api/search/tables":
		return c.SearchTables(ctx, "shop", "", "", 1)
	case at == "/api/jobs/runchecks":
		var body dqops.RunChecksParameters
		return c.RunChecks(ctx, body, dqops.Start{})
	}
	return c.GetAllJobs(ctx)
}

type changesAnswer struct {
	Changes []dqops.JobChange `json:"jobChanges"`
	Last    int64             `json:"lastSequenceNumber"`
}

// recordedErrors are the recorded answers that are errors, or no answer yet, in
// the words of the client.
var recordedErrors = map[string]string{
	"bad_datetime": "start the checks: the server answered HTTP 400: JSON decoding error: Cannot deserialize value of type `java.time.LocalDateTime` " +
		"from String \"2024-02-03 10:00:00\": Failed to deserialize java.time.LocalDateTime: (java.time.format.DateTimeParseException) Text '2024-02-03 10:00:00' could not be parsed at index 10",
	"bad_timeout_param": "wait for job dt: the server answered HTTP 400: " + notConverted + "java.lang.Integer] for value [5s]",
	"bad_wait_param":    "start the checks: the server answered HTTP 400: " + notConverted + "java.lang.Boolean] for value [maybe]",
	"changes_bad_number": "read the changes of jobs: the server answered HTTP 400: Failed to convert value of type 'java.lang.String' " +
		"to required type 'long'; For input string: \"abc\"",
	"get_job_unknown":                "read job nosuchkey: the server knows no job nosuchkey",
	"malformed_json":                 "start the checks: the server answered HTTP 400: JSON decoding error: Unexpected end-of-input within/between Object entries",
	"method_not_allowed":             "start the checks: the server answered HTTP 405: Request method 'PUT' is not supported.",
	"outside_api":                    "list jobs: URL does not answer like a DQOps server (HTTP 404): it has no GET /api/jobs/jobs",
	"post_wait_cancelled":            "start the checks: the server answered HTTP 500: java.util.concurrent.CancellationException",
	"results_after_deletion":         noPartitions,
	"results_after_deletion_and_run": noPartitions,
	"results_unknown_column": "read the results of shop: files.orders.csv column nosuch (monitoring daily): " +
		"the server knows no table or column shop: files.orders.csv column nosuch (monitoring daily)",
	"results_unknown_table": "read the results of shop: files.nosuch (monitoring daily): " +
		"the server knows no table or column shop: files.nosuch (monitoring daily)",
	"run_checks_wait_timeout":   "start the checks: the server does not know yet",
	"status_unknown_connection": "read the status of table nosuch: files.orders.csv: the server knows no table nosuch: files.orders.csv",
	"status_unknown_table":      "read the status of table shop: files.nosuch: the server knows no table shop: files.nosuch",
	"unknown_enum": "start the checks: the server answered HTTP 400: JSON decoding error: Cannot deserialize value of type `com.dqops.checks.CheckType` " +
		"from String \"weekly\": not one of the values accepted for Enum class: [monitoring, partitioned, profiling]",
	"wait_after_cancelled":       "wait for job c-1: the server answered HTTP 500: java.util.concurrent.CancellationException",
	"wait_cancelled_job":         "wait for job c-1: the server answered HTTP 500: java.util.concurrent.CancellationException",
	"wait_failed_job":            "wait for job f-1: the server answered HTTP 500: Connection nosuch  was not found",
	"wait_for_job_timeout":       "wait for job k-1: the server does not know yet",
	"wait_import_stuck":          "wait for job st-0: the server does not know yet",
	"wait_job_unknown":           "wait for job 12345: the server knows no job 12345",
	"wait_job_waiting":           "wait for job sl-d-1795446560: the server does not know yet",
	"wait_old_job_after_restart": "wait for job k-4: the server knows no job k-4",
	"wait_queued_after_cancel":   "wait for job q-1: the server answered HTTP 500: java.util.concurrent.CancellationException",
	"wait_sync_job_after_end":    "wait for job s-1: the server does not know yet",
	"wrong_content_type":         "start the checks: the server answered HTTP 415: Content type 'text/plain' not supported",
	"wrong_token":                "list jobs: the server asks for a token (HTTP 401)",
	"wrong_url":                  "list jobs: URL does not answer like a DQOps server (HTTP 404): it has no GET /api/jobs/jobs",
}

const (
	notConverted = "Failed to convert value of type 'java.lang.String' to required type 'java.util.Optional'; Failed to convert from type [java.lang.String] " +
		"to type [@io.swagger.annotations.ApiParam @org.springframework.web.bind.annotation.RequestParam "
	noPartitions = "read the results of shop: files.orders.csv column order_id (monitoring daily): the server answered HTTP 500: " +
		"Cannot invoke \"java.util.Map.values()\" because the return value of \"com.dqops.data.checkresults.snapshot.CheckResultsSnapshot.getLoadedMonthlyPartitions()\" is null"
)

func TestRecordedErrors(t *testing.T) {
	for name, r := range readRecordings(t) {
		_, err := replay(t, r)
		want, isError := recordedErrors[name]
		switch {
		case isError != (err != nil):
			t.Errorf("%s: %v", name, err)
		case isError && hostName.ReplaceAllString(err.Error(), "URL") != want:
			t.Errorf("%s: %v\nwant %s", name, err, want)
		}
	}
}

var hostName = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// unmodelled lists, by the kind of answer, the recorded keys that the models
// leave out on purpose.
var unmodelled = map[string][]string{
	"*dqops.JobSnapshot":       {".folderSynchronizationStatus"},
	"dqops_test.changesAnswer": {".folderSynchronizationStatus"},
	"[]dqops.CheckResultsList": {
		"[].checkCategory", "[].checkDisplayName", "[].checkHash", "[].checkResultEntries[].checkDisplayName",
		"[].checkResultEntries[].checkHash", "[].checkResultEntries[].checkType", "[].checkResultEntries[].durationMs",
		"[].checkResultEntries[].includeInKpi", "[].checkResultEntries[].provider", "[].checkResultEntries[].timeGradient",
		"[].checkResultEntries[].updatedAt",
	},
	"[]dqops.SensorReadoutsList": {
		"[].checkCategory", "[].checkDisplayName", "[].checkHash", "[].sensorReadoutEntries[].checkDisplayName",
		"[].sensorReadoutEntries[].checkType", "[].sensorReadoutEntries[].durationMs", "[].sensorReadoutEntries[].provider",
		"[].sensorReadoutEntries[].qualityDimension", "[].sensorReadoutEntries[].timeGradient",
	},
	"[]dqops.ErrorsList": {
		"[].checkCategory", "[].checkDisplayName", "[].checkHash", "[].errorEntries[].checkType", "[].errorEntries[].durationMs",
		"[].errorEntries[].errorTimestamp", "[].errorEntries[].provider", "[].errorEntries[].qualityDimension",
		"[].errorEntries[].timeGradient",
	},
	"*dqops.TableStatus": {
		".checks.*.current_severity", ".checks.*.highest_historical_severity", ".columns.*.checks.*.column_name",
		".columns.*.checks.*.current_severity", ".columns.*.checks.*.highest_historical_severity", ".columns.*.current_severity",
		".columns.*.data_quality_kpi", ".columns.*.dimensions", ".columns.*.highest_historical_severity",
		".columns.*.last_check_executed_at", ".current_severity", ".data_quality_kpi", ".dimensions",
		".highest_historical_severity", ".last_check_executed_at", ".table_exist", ".total_row_count",
	},
	"[]dqops.TableListEntry": {
		"[].advanced_properties", "[].can_collect_statistics", "[].can_delete_data", "[].can_edit", "[].can_run_checks",
		"[].collect_statistics_job_template", "[].data_quality_status", "[].has_any_configured_checks",
		"[].has_any_configured_monitoring_checks", "[].partitioning_configuration_missing", "[].run_checks_job_template",
		"[].run_monitoring_checks_job_template", "[].run_partition_checks_job_template", "[].run_profiling_checks_job_template",
		"[].table_hash",
	},
}

// TestModelsLoseNothing decodes every recorded success and encodes it again.
func TestModelsLoseNothing(t *testing.T) {
	lost := map[string][]string{}
	for name, r := range readRecordings(t) {
		value, err := replay(t, r)
		if _, isError := recordedErrors[name]; isError || r.Request.Method == http.MethodDelete {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		kind := fmt.Sprintf("%T", value)
		for _, key := range lostKeys(t, r.body(), withoutRaw(value)) {
			if !slices.Contains(lost[kind], key) {
				lost[kind] = append(lost[kind], key)
			}
		}
	}
	for _, keys := range lost {
		slices.Sort(keys)
	}
	if diff := cmp.Diff(unmodelled, lost); diff != "" {
		t.Errorf("keys that are lost (-expected +really):\n%s", diff)
	}
}

// TestParametersLoseNothing does the same with the parameters of the jobs that a
// run of checks is made of, and with the bodies that start one.
func TestParametersLoseNothing(t *testing.T) {
	seen := map[string]int{}
	compare := func(name, kind string, sent json.RawMessage, decoded any, err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		seen[kind]++
		if lost := lostKeys(t, sent, decoded); lost != nil {
			t.Errorf("%s: %s loses %s", name, kind, lost)
		}
	}
	ofJob := func(name string, job *dqops.Job) {
		if sent, there := job.Parameters["runChecksParameters"]; there {
			run, err := job.Parameters.RunChecks()
			compare(name, "a run", sent, run, err)
		} else if run, err := job.Parameters.RunChecks(); run != nil || err != nil {
			t.Errorf("%s: %v %v out of nothing", name, run, err)
		}
		if sent, there := job.Parameters["runChecksOnTableParameters"]; there {
			run, err := job.Parameters.RunChecksOnTable()
			compare(name, "a run on a table", sent, run, err)
		}
	}
	for name, r := range readRecordings(t) {
		value, _ := replay(t, r)
		switch value := value.(type) {
		case *dqops.Job:
			if value != nil {
				ofJob(name, value)
			}
		case changesAnswer:
			for _, change := range value.Changes {
				if change.Job != nil {
					ofJob(name, change.Job)
				}
			}
		case *dqops.RunChecksQueueJobResult:
			if value != nil && name != "unknown_field" {
				body := new(dqops.RunChecksParameters)
				compare(name, "a body", r.Request.Body, body, json.Unmarshal(r.Request.Body, body))
			}
		}
	}
	if seen["a run"] < 10 || seen["a run on a table"] < 5 || seen["a body"] < 10 {
		t.Errorf("seen %v: the recordings do not show what they should", seen)
	}
}

// withoutRaw drops the copies of the server's own text, so that the fields have
// to carry all.
func withoutRaw(value any) any {
	var drop func(*dqops.JobID)
	drop = func(id *dqops.JobID) {
		if id != nil {
			id.Raw = nil
			drop(id.Parent)
		}
	}
	switch value := value.(type) {
	case *dqops.Job:
		drop(&value.ID)
	case *dqops.RunChecksQueueJobResult:
		drop(value.JobID)
	case changesAnswer:
		for i := range value.Changes {
			drop(&value.Changes[i].ID)
			if job := value.Changes[i].Job; job != nil {
				drop(&job.ID)
			}
		}
	}
	return value
}

// lostKeys are the keys of the server's text, below each other and without the
// numbers of lists and the names of checks and columns, whose values another
// encoding of it lacks.
func lostKeys(t *testing.T, sent []byte, decoded any) []string {
	t.Helper()
	again, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	return compareJSON("", decodeNumbers(t, sent), decodeNumbers(t, again))
}

func decodeNumbers(t *testing.T, text []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil && !errors.Is(err, io.EOF) {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

func compareJSON(at string, sent, again any) []string {
	switch sent := sent.(type) {
	case map[string]any:
		object, _ := again.(map[string]any)
		var lost []string
		for key, value := range sent {
			below := at + "." + key
			if strings.HasSuffix(at, ".checks") || strings.HasSuffix(at, ".columns") || strings.HasSuffix(at, ".dimensions") {
				below = at + ".*"
			}
			other, kept := object[key]
			if !kept && !isZero(value) {
				lost = append(lost, below)
				continue
			}
			lost = append(lost, compareJSON(below, value, other)...)
		}
		return lost
	case []any:
		list, _ := again.([]any)
		if len(list) != len(sent) {
			return []string{at}
		}
		var lost []string
		for i := range sent {
			lost = append(lost, compareJSON(at+"[]", sent[i], list[i])...)
		}
		return lost
	}
	if !sameScalar(sent, again) {
		return []string{at}
	}
	return nil
}

func isZero(value any) bool {
	switch value := value.(type) {
	case bool:
		return !value
	case string:
		return value == ""
	case json.Number:
		return value == "0"
	}
	return false
}

func sameScalar(sent, again any) bool {
	if sent == again || again == nil && isZero(sent) {
		return true
	}
	switch sent := sent.(type) {
	case json.Number:
		other, ok := again.(json.Number)
		a, errA := sent.Float64()
		b, errB := other.Float64()
		return ok && errA == nil && errB == nil && a == b && strings.Contains(sent.String(), ".")
	case string:
		other, _ := again.(string)
		a, errA := time.Parse(time.RFC3339Nano, sent)
		b, errB := time.Parse(time.RFC3339Nano, other)
		return errA == nil && errB == nil && a.Equal(b)
	}
	return false
}
