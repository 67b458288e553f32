package dqops_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// addRecorded makes seeds of the recorded bodies whose files match.
func addRecorded(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "recordings", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no recordings match %s: %v", pattern, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var r recording
		if err := json.Unmarshal(text, &r); err != nil {
			f.Fatal(err)
		}
		f.Add(r.body())
	}
}

func FuzzJob(f *testing.F) {
	addRecorded(f, "get_job*.json")
	for _, seed := range []string{strange, aJob, "null", "{}", "[]", `{"jobId":null,"status":"x"}`, `{"jobId":{"jobId":1},"status":"x","parameters":{"runChecksParameters":null}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var job dqops.Job
		if json.Unmarshal(text, &job) != nil {
			return
		}
		if string(text) == "null" {
			t.Fatal("null is no job")
		}
		if job.ID.ID == 0 || job.Status == "" || !json.Valid(job.Raw) {
			t.Fatalf("%s became %+v", text, job)
		}
		var again dqops.Job
		if err := json.Unmarshal(job.Raw, &again); err != nil || again.ID.ID != job.ID.ID || again.Status != job.Status {
			t.Fatalf("%s: read again it is %+v (%v)", text, again, err)
		}
		printed, err := json.Marshal(job.ID)
		var id dqops.JobID
		if err != nil || json.Unmarshal(printed, &id) != nil || id.ID != job.ID.ID {
			t.Fatalf("%s: its id is printed as %s (%v)", text, printed, err)
		}
		if result, err := job.RunChecksResult(); err != nil && result != nil {
			t.Fatalf("%s: a result beside the error %v", text, err)
		}
	})
}
