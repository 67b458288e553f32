package simulator

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

func (b *bench) synchronizeNow(key, body string) (status string, got answer) {
	b.t.Helper()
	got = b.send(http.MethodPost, "/api/jobs/synchronize?jobBusinessKey="+key, body)
	var done struct {
		Status any `json:"status"`
	}
	if err := json.Unmarshal(got.body, &done); err != nil {
		b.t.Fatalf("%s %s: %v", got.Status, got.body, err)
	}
	settle()
	status, _ = done.Status.(string)
	return status, got
}

func TestSynchronizeWithACloudKey(t *testing.T) {
	inBubble(t, Options{Scenario: scenario(t, "cloud-key: true\nconnections: [{name: shop}]")}, func(t *testing.T, b *bench) {
		b.changeFolder("data_statistics")
		if status, got := b.synchronizeNow("s", `{"sources":true,"rules":true,"synchronizeFolderWithLocalChanges":true}`); status != statusFinished {
			t.Fatalf("%s %s", got.Status, got.body)
		}
		var folders []string
		for _, j := range b.Jobs()[1:] {
			entry := b.get("/api/jobs/jobs/" + strconv.FormatInt(j.ID, 10))
			_, folder, _ := strings.Cut(string(entry.body), `"folder":"`)
			folder, _, _ = strings.Cut(folder, `"`)
			folders = append(folders, folder+" "+j.Status)
		}
		wantSame(t, "folders", []string{"sources finished", "rules finished", "data_statistics finished"}, folders)
		var all allJobsFolders
		if err := json.Unmarshal(b.get("/api/jobs/jobs").body, &all); err != nil || all.Folders["data_statistics"] != "unchanged" {
			t.Errorf("folders: %v %v", all, err)
		}
	})
}

type allJobsFolders struct {
	Folders map[string]string `json:"folderSynchronizationStatus"`
}

// TestSynchronizeJobsVanish: a finished one takes the others along, queued
// ones and their changes too; a failed one does not (wire T18).
func TestSynchronizeJobsVanish(t *testing.T) {
	inBubble(t, Options{Scenario: scenario(t, "parallel-jobs: 3\nconnections: [{name: shop}]")}, func(t *testing.T, b *bench) {
		b.synchronizeNow("old", `{}`)
		b.synchronizeNow("failed", `{"checks":true}`)
		b.wantStatus("old", statusFinished)
		b.wantStatus("failed", statusFailed)
		run := b.Hold(StageRunning)
		posts("synchronize?wait=false&jobBusinessKey=first", `{}`, "synchronize?wait=false&jobBusinessKey=second", `{}`)(b)
		b.wantStatus("first", statusRunning)
		b.wantStatus("second", statusWaiting)
		run.Release()
		settle()
		b.synchronizeNow("last", `{}`)
		last := b.job("last").JobID.JobID
		for _, key := range []string{"old", "failed", "first", "second"} {
			if got := b.get("/api/jobs/jobs/" + key); got.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %s", key, got.Status)
			}
		}
		var seen struct {
			Changes []struct {
				JobID struct {
					JobID int64 `json:"jobId"`
				} `json:"jobId"`
			} `json:"jobChanges"`
		}
		if err := json.Unmarshal(b.get("/api/jobs/jobchangessince/0").body, &seen); err != nil {
			t.Fatal(err)
		}
		for _, change := range seen.Changes {
			if change.JobID.JobID != last {
				t.Errorf("a change of job %d is left", change.JobID.JobID)
			}
		}
	})
}

func TestSynchronizeAnswersWithItsStatus(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		started("busy", `{"connection":"wh"}`)(b)
		for query, want := range map[string]string{"waitTimeout=0": statusQueued, "waitTimeout=1": statusQueued, "wait=false": statusQueued} {
			if got := b.send(http.MethodPost, "/api/jobs/synchronize?"+query, `{}`); got.StatusCode != 201 || !strings.Contains(string(got.body), `"status":"`+want+`"`) {
				t.Errorf("%s: %s %s", query, got.Status, got.body)
			}
		}
	})
}

func TestScheduler(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		running := func(want string) {
			t.Helper()
			if got := b.get("/api/jobs/scheduler/isrunning"); string(got.body) != want {
				t.Errorf("running: %s, want %s", got.body, want)
			}
		}
		running("false")
		for range 2 {
			posts("scheduler/status/start", "")(b)
			running("true")
		}
		jobs := b.Jobs()
		if len(jobs) != 1 || jobs[0].Type != "synchronize_multiple_folders" || jobs[0].Status != statusFinished {
			t.Errorf("jobs: %+v", jobs)
		}
		for range 2 {
			posts("scheduler/status/stop", "")(b)
			running("false")
		}
	})
}

// TestWaitsHaveADefaultTime: two minutes for every kind of job (wire 5).
func TestWaitsHaveADefaultTime(t *testing.T) {
	sc := filesScenario()
	const long = Duration(time.Hour)
	for i := range sc.Connections[0].Tables {
		table := &sc.Connections[0].Tables[i]
		table.Duration, table.Statistics.Duration, table.ErrorSamples.Duration = long, long, long
	}
	sc.Connections[0].Source.Duration, sc.ParallelJobs = long, 4
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		for call, body := range map[string]string{
			"runchecks": `{}`, "collectstatistics/table": `{}`, "collectstatistics/withgrouping": `{}`,
			"collecterrorsamples": `{"check_search_filters":{}}`, "importtables": `{"connectionName":"shop","schemaName":"files","tableNames":[]}`,
		} {
			key := strings.ReplaceAll(call, "/", "-")
			for _, request := range [][3]string{
				{http.MethodPost, call + "?jobBusinessKey=" + key, body},
				{http.MethodGet, "jobs/" + key + "/wait", ""},
			} {
				start := time.Now()
				got := b.send(request[0], "/api/jobs/"+request[1], request[2])
				if took := time.Since(start); len(got.body) > 0 || took != 2*time.Minute {
					t.Errorf("%s %s: %s %q after %v", request[0], request[1], got.Status, got.body, took)
				}
			}
		}
	})
}
