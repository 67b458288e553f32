package dqops_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// strange is a job of another version: blanks, an order of its own, unknown
// statuses, types, fields and numbers that no float holds.
const strange = `{ "status" : "paused",
  "jobType":"run_checks_on_mars", "rank":9007199254740993, "ratio":1.10,
  "jobId":{"shard":[1, 2],"createdAt":"2026-11-23T14:07:02.661573674Z","jobId":9007199254740993,
    "parentJobId":{"jobId":9223372036854775807,"jobBusinessKey":"a<b>&c","createdAt":"2026-11-23T14:07:02Z","x":{ }}},
  "parameters":{"runChecksOnMarsParameters":{"crater":"<7>"}, "runChecksParameters":{"check_search_filters":{},
    "run_checks_result":{"highest_severity":"lethal","executed_checks":2,"sols" : 1e400}}},
  "statusChangedAt":"2026-11-23T14:07:02+01:00","dataDomain":"sales" }`

func getStrange(t *testing.T) *dqops.Job {
	t.Helper()
	job, err := serve(t, says(200, strange+"\n")).client(t).GetJob(t.Context(), "7")
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func TestWhatIsUnknownSurvives(t *testing.T) {
	job := getStrange(t)
	if job.Status != "paused" || job.Status.Final() {
		t.Errorf("status %q, final %v", job.Status, job.Status.Final())
	}
	if job.Type != "run_checks_on_mars" || job.DataDomain != "sales" {
		t.Errorf("type %q, domain %q", job.Type, job.DataDomain)
	}
	if got, want := string(job.Parameters["runChecksOnMarsParameters"]), `{"crater":"<7>"}`; got != want {
		t.Errorf("parameters %s, want %s", got, want)
	}
	result, err := job.RunChecksResult()
	if err != nil {
		t.Fatal(err)
	}
	if result.HighestSeverity != "lethal" || result.HighestSeverity.Level() != -1 || result.ExecutedChecks != 2 {
		t.Errorf("result %+v", result)
	}
	if got, want := string(result.Raw), `{"highest_severity":"lethal","executed_checks":2,"sols" : 1e400}`; got != want {
		t.Errorf("raw result %s, want %s", got, want)
	}
}

func TestRawIsWhatTheServerSent(t *testing.T) {
	job := getStrange(t)
	if diff := cmp.Diff(strange, string(job.Raw)); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
	if job.ID.ID != 9007199254740993 || job.ID.Parent.ID != 9223372036854775807 || job.ID.Parent.BusinessKey != "a<b>&c" {
		t.Errorf("ids %d, parent %d %q", job.ID.ID, job.ID.Parent.ID, job.ID.Parent.BusinessKey)
	}
	var printed bytes.Buffer
	encoder := json.NewEncoder(&printed)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(map[string]any{"job": job.Raw, "id": job.ID, "parent": job.ID.Parent}); err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(strange)); err != nil {
		t.Fatal(err)
	}
	const (
		parent = `{"jobId":9223372036854775807,"jobBusinessKey":"a<b>&c","createdAt":"2026-11-23T14:07:02Z","x":{}}`
		id     = `{"shard":[1,2],"createdAt":"2026-11-23T14:07:02.661573674Z","jobId":9007199254740993,"parentJobId":` + parent + `}`
	)
	if want := `{"id":` + id + `,"job":` + compact.String() + `,"parent":` + parent + "}\n"; printed.String() != want {
		t.Errorf("printed again:\n%s\nwant\n%s", &printed, want)
	}
}

func TestRawIsACopy(t *testing.T) {
	text := []byte(aJob)
	var job dqops.Job
	if err := json.Unmarshal(text, &job); err != nil {
		t.Fatal(err)
	}
	for i := range text {
		text[i] = 'x'
	}
	if string(job.Raw) != aJob || string(job.ID.Raw) != `{"jobId":7,"createdAt":"2026-11-23T14:07:02Z"}` {
		t.Errorf("changed with the text that it was read from: %s", job.Raw)
	}
}

func TestIDsOfOurOwnAreEncoded(t *testing.T) {
	id := dqops.JobID{ID: 7, BusinessKey: "k", Parent: &dqops.JobID{ID: 6}, CreatedAt: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)}
	text, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"jobId":7,"jobBusinessKey":"k","parentJobId":{"jobId":6,"createdAt":"0001-01-01T00:00:00Z"},"createdAt":"2026-11-23T00:00:00Z"}`
	if string(text) != want {
		t.Errorf("%s\nwant %s", text, want)
	}
}

func TestInstants(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2024-11-23T13:53:20Z":           time.Date(2024, 11, 23, 13, 53, 20, 0, time.UTC),
		"2024-11-23T13:53:20.120Z":       time.Date(2024, 11, 23, 13, 53, 20, 120e6, time.UTC),
		"2024-11-23T13:53:20.123456Z":    time.Date(2024, 11, 23, 13, 53, 20, 123456e3, time.UTC),
		"2024-11-23T13:53:20.123456789Z": time.Date(2024, 11, 23, 13, 53, 20, 123456789, time.UTC),
	} {
		body := `{"jobId":{"jobId":7,"createdAt":"` + text + `"},"status":"queued","statusChangedAt":"` + text + `"}`
		job, err := serve(t, says(200, body)).client(t).GetJob(t.Context(), "7")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if !job.ID.CreatedAt.Equal(want) || !job.StatusChangedAt.Equal(want) {
			t.Errorf("%s became %s and %s", text, job.ID.CreatedAt, job.StatusChangedAt)
		}
	}
}

func TestFinalStates(t *testing.T) {
	for status, want := range map[dqops.JobStatus]bool{
		"queued": false, "running": false, "waiting": false, "cancel_requested": false, "": false, "FINISHED": false,
		"finished": true, "failed": true, "cancelled": true,
	} {
		if got := status.Final(); got != want {
			t.Errorf("%q final: %v", status, got)
		}
	}
}

func TestSeverities(t *testing.T) {
	for severity, want := range map[dqops.Severity]int{
		"valid": 0, "warning": 1, "error": 2, "fatal": 3, "": -1, "execution_error": -1, "Fatal": -1,
	} {
		if got := severity.Level(); got != want {
			t.Errorf("%q is %d, want %d", severity, got, want)
		}
	}
}

func TestResultsOfRuns(t *testing.T) {
	const counts = `{"highest_severity":"error","executed_checks":1,"valid_results":2,"warnings":3,"errors":4,"fatals":5,"execution_errors":6}`
	want := &dqops.RunChecksResult{
		HighestSeverity: "error", ExecutedChecks: 1, ValidResults: 2, Warnings: 3, Errors: 4, Fatals: 5, ExecutionErrors: 6,
		Raw: json.RawMessage(counts),
	}
	for _, tc := range []struct {
		parameters string
		want       *dqops.RunChecksResult
	}{
		{`{"runChecksParameters":{"run_checks_result":` + counts + `}}`, want},
		{`{"runChecksOnTableParameters":{"connection":"shop","run_checks_result":` + counts + `}}`, want},
		{`{"runChecksParameters":{"check_search_filters":{}}}`, nil},
		{`{"runChecksParameters":{"run_checks_result":null}}`, nil},
		{`{"runChecksOnTableParameters":{}}`, nil},
		{`{"importTableParameters":{"run_checks_result":7}}`, nil},
		{`{}`, nil},
		{`null`, nil},
	} {
		job := new(dqops.Job)
		text := `{"jobId":{"jobId":7},"status":"finished","parameters":` + tc.parameters + `}`
		if err := json.Unmarshal([]byte(text), job); err != nil {
			t.Fatal(err)
		}
		got, err := job.RunChecksResult()
		if err != nil {
			t.Errorf("%s: %v", tc.parameters, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.parameters, diff)
		}
	}
}

func TestParametersThatCannotBeUnderstood(t *testing.T) {
	for _, name := range []string{"runChecksParameters", "runChecksOnTableParameters"} {
		job := new(dqops.Job)
		text := `{"jobId":{"jobId":7},"status":"finished","parameters":{"` + name + `":{"run_checks_result":7}}}`
		if err := json.Unmarshal([]byte(text), job); err != nil {
			t.Fatalf("the job itself must be read: %v", err)
		}
		result, err := job.RunChecksResult()
		if err == nil || result != nil {
			t.Errorf("%s: %v %v, want an error", name, result, err)
		}
	}
}

func TestNumbersOfResults(t *testing.T) {
	const body = `[{"checkName":"c","checkType":"monitoring","dataGroups":["no grouping","a"],"dataGroup":"a","checkResultEntries":[
		{"id":"i","severity":0,"actualValue":0.0,"expectedValue":-1.5,"warningLowerBound":1.0,"warningUpperBound":2.0,
		 "errorLowerBound":3.0,"errorUpperBound":4.0,"fatalLowerBound":5.0,"fatalUpperBound":6.0,"tableComparison":"x"},{}]}]`
	lists, err := serve(t, says(200, body)).client(t).CheckResults(t.Context(), amounts, dqops.ResultsQuery{})
	if err != nil {
		t.Fatal(err)
	}
	want := []dqops.CheckResultsList{{
		CheckName: "c", CheckType: "monitoring", DataGroups: []string{dqops.NoGrouping, "a"}, DataGroup: "a",
		Entries: []dqops.CheckResultEntry{
			{
				ID: "i", Severity: new(0), ActualValue: new(0.0), ExpectedValue: new(-1.5),
				WarningLowerBound: new(1.0), WarningUpperBound: new(2.0), ErrorLowerBound: new(3.0),
				ErrorUpperBound: new(4.0), FatalLowerBound: new(5.0), FatalUpperBound: new(6.0), TableComparison: "x",
			},
			{},
		},
	}}
	if diff := cmp.Diff(want, lists); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
