package follow_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// fold reads changes as the server sends them.
func fold(t *testing.T, l *follow.Ledger, text string) {
	t.Helper()
	var changes []dqops.JobChange
	if err := json.Unmarshal([]byte(text), &changes); err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		l.Fold(c)
	}
}

const aRun = `[
{"status":"queued","jobId":{"jobId":10,"jobBusinessKey":"nightly","createdAt":"2026-11-23T15:00:00Z"},"changeSequence":11,"statusChangedAt":"2026-11-23T15:00:00Z","domainName":"",
 "updatedModel":{"jobId":{"jobId":10,"jobBusinessKey":"nightly","createdAt":"2026-11-23T15:00:00Z","shard":7},"jobType":"run_checks","future":{"a":[1.50]},"parameters":{"runChecksParameters":{}},"status":"queued","statusChangedAt":"2026-11-23T15:00:00Z","dataDomain":""}},
{"status":"running","jobId":{"jobId":10,"jobBusinessKey":"nightly","createdAt":"2026-11-23T15:00:00Z"},"changeSequence":12,"statusChangedAt":"2026-11-23T15:00:01.123456789Z","domainName":""},
{"status":"queued","jobId":{"jobId":13,"createdAt":"2026-11-23T15:00:02Z","parentJobId":{"jobId":10,"createdAt":"2026-11-23T15:00:00Z"}},"changeSequence":14,"statusChangedAt":"2026-11-23T15:00:02Z","domainName":"",
 "updatedModel":{"jobId":{"jobId":13,"createdAt":"2026-11-23T15:00:02Z","parentJobId":{"jobId":10,"createdAt":"2026-11-23T15:00:00Z"}},"jobType":"run_checks_on_table","status":"queued","statusChangedAt":"2026-11-23T15:00:02Z","dataDomain":""}},
{"status":"finished","jobId":{"jobId":13,"createdAt":"2026-11-23T15:00:02Z","parentJobId":{"jobId":10,"createdAt":"2026-11-23T15:00:00Z"}},"changeSequence":15,"statusChangedAt":"2026-11-23T15:00:03Z","domainName":""}
]`

func TestLedgerEntry(t *testing.T) {
	var l follow.Ledger
	fold(t, &l, aRun)
	fold(t, &l, aRun) // the same again changes nothing
	e, known := l.Find("nightly")
	if !known || e.ID != 10 || e.Status != dqops.StatusRunning || e.Type != dqops.TypeRunChecks {
		t.Fatalf("%v %+v", known, e)
	}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"jobId":{"jobId":10,"jobBusinessKey":"nightly","createdAt":"2026-11-23T15:00:00Z","shard":7},"jobType":"run_checks",` +
		`"future":{"a":[1.50]},"parameters":{"runChecksParameters":{}},"status":"running","statusChangedAt":"2026-11-23T15:00:01.123456789Z",` +
		`"dataDomain":"","children":{"total":1,"ended":1}}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
	job, err := e.Job()
	if err != nil || job.Status != dqops.StatusRunning || job.ID.BusinessKey != "nightly" {
		t.Errorf("job %+v, %v", job, err)
	}
	if want := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC); !l.Oldest().Equal(want) {
		t.Errorf("oldest %s, want %s", l.Oldest(), want)
	}
}

// Of a job that began before the oldest change no model came.
func TestLedgerWithoutModel(t *testing.T) {
	var l follow.Ledger
	fold(t, &l, `[{"status":"running","jobId":{"jobId":10,"createdAt":"2026-11-23T15:00:00Z","shard":7,"parentJobId":{"jobId":3,"jobBusinessKey":"p","createdAt":"2026-11-23T14:00:00Z"}},"changeSequence":12,"statusChangedAt":"2026-11-23T15:00:01Z","domainName":"d"}]`)
	for id, want := range map[string]string{
		"10": `{"jobId":{"jobId":10,"createdAt":"2026-11-23T15:00:00Z","shard":7,"parentJobId":{"jobId":3,"jobBusinessKey":"p","createdAt":"2026-11-23T14:00:00Z"}},"status":"running","statusChangedAt":"2026-11-23T15:00:01Z","dataDomain":"d","children":{"total":0,"ended":0}}`,
		"p":  `{"jobId":{"jobId":3,"jobBusinessKey":"p","createdAt":"2026-11-23T14:00:00Z"},"dataDomain":"","children":{"total":1,"ended":0}}`,
	} {
		e, known := l.Find(id)
		if !known {
			t.Fatalf("job %s is not known", id)
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(text)); diff != "" {
			t.Errorf("job %s (-want +got):\n%s", id, diff)
		}
	}
}

func TestLedgerList(t *testing.T) {
	var l follow.Ledger
	fold(t, &l, aRun)
	fold(t, &l, `[
{"status":"queued","jobId":{"jobId":20,"jobBusinessKey":"nightly","createdAt":"2026-11-23T14:00:00Z"},"changeSequence":21,"statusChangedAt":"2026-11-23T15:01:00Z","domainName":"",
 "updatedModel":{"jobId":{"jobId":20,"createdAt":"2026-11-23T14:00:00Z"},"jobType":"import_tables","status":"queued","statusChangedAt":"2026-11-23T15:01:00Z","dataDomain":""}},
{"status":"failed","jobId":{"jobId":30,"createdAt":"2026-11-23T13:00:00Z"},"changeSequence":31,"statusChangedAt":"2026-11-23T14:30:00Z","domainName":"",
 "updatedModel":{"jobId":{"jobId":30,"createdAt":"2026-11-23T13:00:00Z"},"jobType":"import_tables","errorMessage":"java.lang.X: bad","status":"failed","statusChangedAt":"2026-11-23T14:30:00Z","dataDomain":""}}]`)
	for _, tc := range []struct {
		name  string
		query follow.Query
		want  string
	}{
		{"all, newest first", follow.Query{}, "[30 20 10]"},
		{"with children", follow.Query{Children: true}, "[30 20 13 10]"},
		{"of a parent", follow.Query{Parent: 10}, "[13]"},
		{"of a parent without any", follow.Query{Parent: 20}, "[]"},
		{"status", follow.Query{Status: []dqops.JobStatus{dqops.StatusFailed, dqops.StatusRunning}}, "[30 10]"},
		{"type", follow.Query{Types: []dqops.JobType{dqops.TypeImportTables}}, "[30 20]"},
		{"since", follow.Query{Since: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)}, "[20 10]"},
		{"limit", follow.Query{Limit: 1}, "[30]"},
		{"by creation", follow.Query{Order: follow.ByCreated}, "[10 20 30]"},
		{"by change", follow.Query{Order: follow.ByChanged}, "[20 10 30]"},
		{"by status", follow.Query{Order: follow.ByStatus}, "[30 20 10]"},
		{"by type", follow.Query{Order: follow.ByType, Children: true}, "[30 20 10 13]"},
	} {
		ids := []int64{}
		for _, e := range l.List(tc.query) {
			ids = append(ids, e.ID)
		}
		if got := fmt.Sprint(ids); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
	// A key points at the newest of its jobs.
	if e, _ := l.Find("nightly"); e.ID != 20 {
		t.Errorf("the key points at %d", e.ID)
	}
	l.Prune(2)
	if _, known := l.Find("30"); known {
		t.Error("a job that is over was kept")
	}
	if _, known := l.Find("13"); !known {
		t.Error("the child of a job that runs was dropped")
	}
}

func TestReadLedger(t *testing.T) {
	// A server that keeps no changes holds the question; it is not waited for.
	inWorld(t, func(t *testing.T, w *world) {
		began := time.Now()
		l, err := follow.ReadLedger(t.Context(), w.client)
		if err != nil || len(l.List(follow.Query{})) != 0 || !l.Oldest().IsZero() {
			t.Errorf("%v, %v", l, err)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %s", took)
		}
	})
	// A run that began before the oldest change is read.
	inWorld(t, func(t *testing.T, w *world) {
		slow := w.start("slow")
		time.Sleep(9 * time.Minute)
		w.start("nowhere")
		time.Sleep(14 * time.Minute)
		w.start("nowhere")
		synctest.Wait()
		l, err := follow.ReadLedger(t.Context(), w.client)
		if err != nil {
			t.Fatal(err)
		}
		e, known := l.Find(slow.BusinessKey)
		if !known || e.Type != dqops.TypeRunChecks || e.Status != dqops.StatusFinished {
			t.Errorf("%v %+v", known, e)
		}
	})
}

func TestGlance(t *testing.T) {
	// Nobody at a keyboard waits for a server that keeps no changes.
	inWorld(t, func(t *testing.T, w *world) {
		began := time.Now()
		l, err := follow.Glance(t.Context(), w.client)
		if err != nil || len(l.List(follow.Query{})) != 0 {
			t.Errorf("%v, %v", l, err)
		}
		if took := time.Since(began); took > 300*time.Millisecond {
			t.Errorf("it took %s", took)
		}
	})
	inWorld(t, func(t *testing.T, w *world) {
		started := w.start("nowhere")
		synctest.Wait()
		l, err := follow.Glance(t.Context(), w.client)
		if err != nil {
			t.Fatal(err)
		}
		if e, known := l.Find(started.BusinessKey); !known || e.Type != dqops.TypeRunChecks {
			t.Errorf("%v %+v", known, e)
		}
	})
}

func TestIsNewKey(t *testing.T) {
	for key, want := range map[string]bool{
		follow.NewKey(): true, "nightly": false, "dqoctl-nightly": false, "": false, "dqoctl-0123456789abcdef01234567x": false,
	} {
		if got := follow.IsNewKey(key); got != want {
			t.Errorf("%q: %v", key, got)
		}
	}
}
