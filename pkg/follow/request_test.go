package follow

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

func parsed(t *testing.T, text string) Request {
	t.Helper()
	r, err := parseRequest([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return r
}

// TestTheSameRequest: what is sent, and how the server echoes it (wire 3, T8).
func TestTheSameRequest(t *testing.T) {
	for _, tc := range []struct{ name, sent, echoed string }{
		{"nothing", `{}`, `{"check_search_filters":{"enabled":true}}`},
		{"null is absent", `{"check_search_filters":{}}`, `{"check_search_filters":{"enabled":null,"labels":null},"time_window_filter":null}`},
		{"empty text", `{"connection":""}`, `{}`},
		{"results", `{"a":"b"}`, `{"a":"b","run_checks_result":{"executed_checks":1},"error_sampler_result":{},"collect_statistics_result":{"x":1}}`},
		{"switches that are off", `{}`, `{"dummy_execution":false,"dummy_sensor_execution":false,"deleteErrors":false,"sources":false,"configure_table":false}`},
		{"words", `{}`, `{"data_scope":"table","execution_target":"sensors_and_rules","direction":"full"}`},
		{"lists are sets", `{"labels":["b","a"]}`, `{"labels":["a","b"]}`},
		{"empty lists", `{}`, `{"columnNames":[]}`},
		{"names of collectors", `{"profilerHierarchyIdsModels":[{"path":["a"]}]}`, `{"collectorsHierarchyIdsModels":[{"path":["a"]}]}`},
		{"offsets", `{"from_date_time_offset":"2026-11-01T08:00:00.500+02:00"}`, `{"from_date_time_offset":"2026-11-01T06:00:00.5Z"}`},
		{"offsets without seconds", `{"to_date_time_offset":"2026-11-01T08:00+02:00"}`, `{"to_date_time_offset":"2026-11-01T06:00:00Z"}`},
		{"local times", `{"from_date_time":"2026-11-01T08:00"}`, `{"from_date_time":"2026-11-01T08:00:00"}`},
		{"fractions", `{"to_date_time":"2026-11-01T08:00:00.500"}`, `{"to_date_time":"2026-11-01T08:00:00.5"}`},
		{"big numbers", `{"a":9007199254740993}`, `{"a":9007199254740993}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if d := parsed(t, tc.sent).differences(parsed(t, tc.echoed)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestAnotherRequest(t *testing.T) {
	for _, tc := range []struct{ mine, theirs, want string }{
		{`{"a":"x"}`, `{"a":"y"}`, `a is y there and x here`},
		{`{"f":{"enabled":false}}`, `{"f":{"enabled":true}}`, `f.enabled is not set there and false here`},
		{`{"columnNullable":false}`, `{}`, `columnNullable is not set there and false here`},
		{`{}`, `{"collect_error_samples":false}`, `collect_error_samples is false there and not set here`},
		{`{}`, `{"daily_partitioning_include_today":false}`, `daily_partitioning_include_today is false there and not set here`},
		{`{}`, `{"tableNames":[]}`, `tableNames is [] there and not set here`},
		{`{"labels":["a"]}`, `{"labels":["a","b"]}`, `labels is "a","b" there and "a" here`},
		{`{"labels":["a,b"]}`, `{"labels":["a","b"]}`, `labels is "a","b" there and "a,b" here`},
		{`{"from_date":"2026-11-01"}`, `{"from_date_time":"2026-11-01T00:00:00"}`, `from_date is not set there and 2026-11-01 here, from_date_time is 2026-11-01T00:00:00 there and not set here`},
		{`{"a":9007199254740993}`, `{"a":9007199254740992}`, `a is 9007199254740992 there and 9007199254740993 here`},
		{`{"a":1,"b":1,"c":1,"d":1,"e":1}`, `{}`, `a is not set there and 1 here, b is not set there and 1 here, c is not set there and 1 here, and 2 more`},
		{`{}`, `{"something_new":true}`, `something_new is true there and not set here`},
	} {
		if got := parsed(t, tc.mine).differences(parsed(t, tc.theirs)); got != tc.want {
			t.Errorf("%s against %s: %q, want %q", tc.mine, tc.theirs, got, tc.want)
		}
	}
}

// TestTheRecordedJobs: how the real server keeps what it was sent. The parameters
// that it was sent are decoded from them, so that what it added is dropped by the
// models where it is no field of a request.
func TestTheRecordedJobs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "simulator", "testdata", "recordings", "get_*.json"))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[dqops.JobType]int)
	for _, file := range files {
		var recording struct {
			Response struct {
				Body json.RawMessage `json:"body"`
			} `json:"response"`
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var job dqops.Job
		if json.Unmarshal(text, &recording) != nil || json.Unmarshal(recording.Response.Body, &job) != nil {
			continue
		}
		body := bodyOf(&job)
		if body == nil {
			continue
		}
		seen[job.Type]++
		mine, err := requestOf(body)
		if err != nil {
			t.Fatal(err)
		}
		if difference, err := mine.differsFrom(&job, job.Type); difference != "" || err != nil {
			t.Errorf("%s: %s, %v", filepath.Base(file), difference, err)
		}
		if difference, _ := mine.differsFrom(&job, "another"); !strings.HasPrefix(difference, "its type is ") {
			t.Errorf("%s: the type does not count: %q", filepath.Base(file), difference)
		}
		mine["connection"] = "another"
		if difference, _ := mine.differsFrom(&job, job.Type); difference == "" {
			t.Errorf("%s: the connection does not count", filepath.Base(file))
		}
	}
	for kind := range kinds {
		if seen[kind] == 0 {
			t.Errorf("no recording of a %s job", kind)
		}
	}
}

// bodyOf is what was sent to start the job.
func bodyOf(job *dqops.Job) any {
	p := job.Parameters
	for _, read := range []func() (any, error){
		func() (any, error) { v, err := p.RunChecks(); return pointer(v), err },
		func() (any, error) { v, err := p.CollectStatistics(); return pointer(v), err },
		func() (any, error) { v, err := p.CollectErrorSamples(); return pointer(v), err },
		func() (any, error) { v, err := p.ImportTables(); return pointer(v), err },
		func() (any, error) { v, err := p.DeleteStoredData(); return pointer(v), err },
		func() (any, error) { v, err := p.SynchronizeMultipleFolders(); return pointer(v), err },
	} {
		if body, err := read(); err == nil && body != nil && kinds[job.Type].parameters != "" {
			return body
		}
	}
	return nil
}

// pointer keeps a nil pointer from becoming something in an interface.
func pointer[T any](v *T) any {
	if v == nil {
		return nil
	}
	return v
}

// FuzzRequest: no text of a server breaks the comparison, and every request is the
// same as itself, also after the journal kept it.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `[]`, `{"a":{"b":[1,"x",null,{"c":true}]}}`, `{"from_date_time":"x","to_date_time_offset":""}`,
		`{"from_date_time_offset":"2026-11-01T08:00:00.500+02:00","enabled":false}`, `{"a":1e999}`, `{"":""," ":{"":1}}`, `{"tableNames":[]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseRequest([]byte(text))
		if err != nil {
			return
		}
		if d := r.differences(r); d != "" {
			t.Error(d)
		}
		kept, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var again Request
		if err := json.Unmarshal(kept, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fmt.Sprint(r), fmt.Sprint(again)); diff != "" {
			t.Error(diff)
		}
	})
}
