package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBlockedWaitHasNoResult(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		barrier := b.Hold(StageFinishing)
		b.start("k", `{"connection":"shop"}`)
		blocked := b.get("/api/jobs/jobs/k/wait?waitTimeout=60")
		if blocked.StatusCode != http.StatusOK || blocked.hasResult() || !strings.Contains(string(blocked.body), `"status":"finished"`) {
			t.Errorf("blocked wait: %s %s", blocked.Status, blocked.body)
		}
		<-barrier.Reached()
		b.wantStatus("k", statusRunning)
		if post := b.send(http.MethodPost, "/api/jobs/runchecks?waitTimeout=0", `{}`); len(post.body) != 0 {
			t.Errorf("a queued job's answer has a body: %s", post.body)
		}
		barrier.Release()
		settle()
		if after := b.get("/api/jobs/jobs/k/wait"); !after.hasResult() {
			t.Errorf("wait after the end: %s %s", after.Status, after.body)
		}
	})
}

func TestWaitTimeoutEdges(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		started("k", `{"connection":"shop"}`)(b)
		for _, timeout := range []string{"0", "-5"} {
			begin := time.Now()
			if got := b.get("/api/jobs/jobs/k/wait?waitTimeout=" + timeout); got.StatusCode != 200 || len(got.body) > 0 || time.Since(begin) > 0 {
				t.Errorf("waitTimeout %s while running: %s %q after %v", timeout, got.Status, got.body, time.Since(begin))
			}
		}
		<-time.After(time.Minute)
		if got := b.get("/api/jobs/jobs/k/wait?waitTimeout=-5"); !got.hasResult() {
			t.Errorf("waitTimeout -5 after the end: %s %q", got.Status, got.body)
		}
		// The default is two minutes.
		started("long", `{"connection":"wh"}`)(b)
		started("behind", `{"connection":"wh"}`)(b)
		started("last", `{"connection":"wh"}`)(b)
		begin := time.Now()
		if got := b.get("/api/jobs/jobs/last/wait?waitTimeout="); len(got.body) > 0 || time.Since(begin) != 120*time.Second {
			t.Errorf("default wait: %q after %v", got.body, time.Since(begin))
		}
	})
}

func TestOneParentAtATime(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		started("first", `{"connection":"shop"}`)(b)
		started("second", `{"connection":"nosuch"}`)(b)
		b.wantStatus("first", statusRunning)
		b.wantStatus("second", statusQueued)
		<-time.After(10 * time.Second)
		b.wantStatus("first", statusFinished)
		b.wantStatus("second", statusFinished)
	})
	sc := shopScenario()
	sc.ParallelJobs = 2
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		started("first", `{"connection":"shop"}`)(b)
		started("second", `{"connection":"nosuch"}`)(b)
		b.wantStatus("first", statusRunning)
		b.wantStatus("second", statusFinished)
	})
}

// statuses returns the changes since a number as "key-or-table status".
func (b *bench) statuses(since int64) []string {
	b.t.Helper()
	var body struct {
		Changes []struct {
			Status string
			JobID  struct {
				Key    string           `json:"jobBusinessKey"`
				Parent *json.RawMessage `json:"parentJobId"`
			}
			Updated *struct {
				Parameters struct {
					OnTable struct {
						Table physicalTableName
					} `json:"runChecksOnTableParameters"`
				}
			} `json:"updatedModel"`
		} `json:"jobChanges"`
	}
	got := b.get(fmt.Sprint("/api/jobs/jobchangessince/", since))
	if err := json.Unmarshal(got.body, &body); err != nil {
		b.t.Fatalf("changes: %v: %s", err, got.body)
	}
	var lines []string
	for _, change := range body.Changes {
		name := change.JobID.Key
		if change.JobID.Parent != nil {
			name = "child"
		}
		if change.Updated != nil && change.Updated.Parameters.OnTable.Table.Table != "" {
			name = change.Updated.Parameters.OnTable.Table.Table
		}
		lines = append(lines, name+" "+change.Status)
	}
	return lines
}

func TestChangesOfARun(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		ended("k", `{"connection":"shop"}`)(b)
		want := []string{
			"k queued", "k running",
			"customers.csv queued", "child running",
			"orders.csv queued", "customers.csv finished", "child running",
			"stock.csv queued", "orders.csv finished", "child running",
			"stock.csv finished", "k finished",
		}
		if diff := cmp.Diff(want, b.statuses(0)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	})
}

func TestCancelledParentLeavesItsChildren(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		started("k", `{"connection":"shop"}`)(b)
		b.cancelKey("k")
		begin := time.Now()
		if got := b.get("/api/jobs/jobs/k/wait"); got.StatusCode != 500 || time.Since(begin) > 0 {
			t.Errorf("wait for a cancelled job: %s after %v", got.Status, time.Since(begin))
		}
		<-time.After(time.Minute)
		want := []string{
			"k queued", "k running", "customers.csv queued", "child running",
			"k cancel_requested", "k cancelled", "customers.csv finished",
		}
		if diff := cmp.Diff(want, b.statuses(0)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	})
}

func TestCancelledChildIsLeftOut(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		started("k", `{"connection":"shop"}`)(b)
		b.cancelKey(fmt.Sprint(b.Jobs()[1].ID))
		<-time.After(time.Minute)
		jobs := b.Jobs()
		if jobs[1].Status != statusCancelled || jobs[1].ParentID != jobs[0].ID || jobs[1].Type != jobRunChecksOnTable {
			t.Errorf("the child is %+v", jobs[1])
		}
		got := b.get("/api/jobs/jobs/k")
		if !strings.Contains(string(got.body), `"executed_checks":2`) || !strings.Contains(string(got.body), `"status":"finished"`) {
			t.Errorf("the parent is %s", got.body)
		}
	})
}

func TestCancellationIsCooperative(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		// Behind its last look a job ends well, and says so to no waiting caller.
		barrier := b.Hold(StageFinishing)
		b.start("late", `{"connection":"nosuch"}`)
		<-barrier.Reached()
		b.cancelKey("late")
		b.wantStatus("late", statusCancelRequested)
		barrier.Release()
		settle()
		b.wantStatus("late", statusFinished)

		// Between sensors and rules a cancellation leaves readouts without a verdict.
		rules := b.Hold(StageRules)
		b.start("between", `{"connection":"shop"}`)
		<-rules.Reached()
		jobs := b.Jobs()
		b.cancelKey(fmt.Sprint(jobs[len(jobs)-1].ID))
		rules.Release()
		<-time.After(time.Minute)
		first := b.warehouse.connections[0].tables[0].checks[0]
		if len(first.readouts) != 1 || len(first.results) != 0 {
			t.Errorf("%d readouts, %d results; want 1, 0", len(first.readouts), len(first.results))
		}
	})
}

func TestCancelBeforeTheStart(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		queued(b)
		b.cancelKey("q-1")
		b.wantStatus("q-1", statusCancelRequested)
		<-time.After(time.Minute)
		b.wantStatus("q-1", statusCancelled)
		b.cancelKey("q-1")
		<-time.After(3 * time.Hour)
		b.start("later", `{"connection":"nosuch"}`)
		settle()
		b.wantStatus("q-1", statusCancelRequested) // for ever
		b.cancelKey("q-0")
		if got := b.get("/api/jobs/jobs/q-0"); got.StatusCode != http.StatusNotFound {
			t.Errorf("q-0 is still known: %s", got.body)
		}
	})
}

func TestFailures(t *testing.T) {
	sc := shopScenario()
	sc.Connections[0].Tables[1].Fail = "table is locked"
	sc.Connections = append(sc.Connections, Connection{Name: "down", Fail: "refused", Tables: []Table{{Name: "a.b"}}})
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		const child = "com.dqops.execution.checks.TableCheckExecutionException: table is locked"
		b.wantFailure("child", `{"check_search_filters":{"connection":"shop"}}`, child,
			"com.dqops.core.jobqueue.exceptions.DqoQueueJobExecutionException: "+child)
		var ends []string
		for _, j := range b.Jobs()[1:] {
			ends = append(ends, j.Status+" "+b.job(fmt.Sprint(j.ID)).ErrorMessage)
		}
		if diff := cmp.Diff([]string{"finished ", "failed " + child, "finished "}, ends); diff != "" {
			t.Errorf("ends of the children (-want +got):\n%s", diff)
		}
		b.wantFailure("own", `{"check_search_filters":{"connection":"down"}}`, "refused",
			"com.dqops.connectors.ConnectorOperationFailedException: refused")
		const null = `Cannot invoke "com.dqops.metadata.search.TableSearchFilters.createTableSearchFilterVisitor()" because "tableSearchFilters" is null`
		b.wantFailure("null", `{"check_search_filters":null}`, null, "java.lang.NullPointerException: "+null)
	})
}

func (b *bench) wantFailure(key, body, message, history string) {
	b.t.Helper()
	got := b.send(http.MethodPost, "/api/jobs/runchecks?jobBusinessKey="+key, body)
	var failed errorBody
	if err := json.Unmarshal(got.body, &failed); err != nil {
		b.t.Fatalf("%s: %s %q", key, got.Status, got.body)
	}
	settle()
	if got.StatusCode != 500 || *failed.Message != message {
		b.t.Errorf("%s: %s %q, want 500 %q", key, got.Status, *failed.Message, message)
	}
	if now := b.job(key); now.Status != statusFailed || now.ErrorMessage != history {
		b.t.Errorf("%s in the history: %s %q, want failed %q", key, now.Status, now.ErrorMessage, history)
	}
}

// panicWork is a job with a bug in it.
type panicWork struct{ statisticsWork }

func (w *panicWork) run(*Server, *job) error { panic("a bug") }

func TestPanicFailsTheJob(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		b.startWork("p", &panicWork{})
		if now := b.job("p"); now.Status != statusFailed || now.ErrorMessage != "java.lang.RuntimeException: a bug" {
			t.Errorf("a job that panics is %s %q", now.Status, now.ErrorMessage)
		}
		ended("next", `{"connection":"nosuch"}`)(b)
		b.wantStatus("next", statusFinished)
	})
}

func TestBusinessKeys(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		ended("dup", `{"connection":"nosuch"}`)(b)
		old := b.job("dup").JobID.JobID
		<-time.After(50 * time.Minute)
		ended("dup", `{"connection":"nosuch"}`)(b)
		newer := b.job("dup").JobID.JobID
		if newer == old {
			t.Errorf("the key still points at %d", old)
		}
		// The purge of the older job takes the key away, the newer stays.
		<-time.After(15 * time.Minute)
		b.start("", `{"connection":"nosuch"}`)
		settle()
		if got := b.get("/api/jobs/jobs/dup"); got.StatusCode != http.StatusNotFound {
			t.Errorf("the key is still known: %s", got.body)
		}
		b.wantStatus(fmt.Sprint(newer), statusFinished)
		if got := b.get("/api/jobs/jobs/DUP"); got.StatusCode != http.StatusNotFound {
			t.Errorf("keys do not mind case: %s", got.body)
		}
	})
}

func TestHistoryExpires(t *testing.T) {
	sc := shopScenario()
	sc.History = History{Jobs: Duration(time.Hour), Changes: Duration(time.Minute)}
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		ended("old", `{"connection":"nosuch"}`)(b)
		<-time.After(2 * time.Hour)
		// Nothing is purged until something changes.
		b.wantStatus("old", statusFinished)
		if got := len(b.statuses(0)); got != 3 {
			t.Errorf("%d changes kept, want 3", got)
		}
		ended("new", `{"connection":"nosuch"}`)(b)
		if got := b.get("/api/jobs/jobs/old"); got.StatusCode != http.StatusNotFound || len(got.body) > 0 {
			t.Errorf("old is %s %q", got.Status, got.body)
		}
		if diff := cmp.Diff([]string{"new queued", "new running", "new finished"}, b.statuses(0)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if got := len(b.Jobs()); got != 2 {
			t.Errorf("the books know %d jobs, want 2", got)
		}
	})
}

func TestManySubmitsAtOnce(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		const callers, each = 16, 20
		for caller := range callers {
			b.later(0, func() {
				for i := range each {
					key := fmt.Sprintf("k-%d-%d", caller, i)
					b.start(key, `{"connection":"nosuch"}`)
					if got := b.get("/api/jobs/jobs/" + key); got.StatusCode != http.StatusOK {
						t.Errorf("%s is not known after its 201: %s", key, got.Status)
					}
				}
			})
		}
		for _, end := range b.endings {
			end()
		}
		<-time.After(time.Minute)
		seen := map[int64]bool{}
		for _, j := range b.Jobs() {
			if seen[j.ID] || j.Status != statusFinished {
				t.Errorf("job %+v, seen before: %v", j, seen[j.ID])
			}
			seen[j.ID] = true
		}
		if len(seen) != callers*each {
			t.Errorf("%d jobs, want %d", len(seen), callers*each)
		}
	})
}

func TestChangesAreHeldUntilThereAreAny(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		last := b.lastSequence("/api/jobs/jobs")
		begin := time.Now()
		next := b.lastSequence(fmt.Sprint("/api/jobs/jobchangessince/", last))
		if time.Since(begin) != 20*time.Second || next <= last {
			t.Errorf("an empty poll took %v and went from %d to %d", time.Since(begin), last, next)
		}
		b.later(5*time.Second, func() { b.start("k", `{"connection":"nosuch"}`) })
		begin = time.Now()
		if got := b.statuses(next); time.Since(begin) != 5*time.Second || len(got) == 0 || got[0] != "k queued" {
			t.Errorf("a poll was woken after %v by %v", time.Since(begin), got)
		}
		b.endings[0]()
		settle()
		// The number given is one below the oldest change.
		if got := b.statuses(b.lastSequence("/api/jobs/jobs")); len(got) != 3 || got[0] != "k queued" {
			t.Errorf("changes from the start: %v", got)
		}
	})
}

func TestFolderStatusWakesThePoll(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		barrier := b.Hold(StageTable)
		b.start("k", `{"connection":"shop"}`)
		<-barrier.Reached()
		synctest.Wait()
		b.mu.Lock()
		last := b.nextNumber()
		b.mu.Unlock()
		b.later(time.Second, func() { b.touchFolders(false) })
		begin := time.Now()
		if got := b.statuses(last); len(got) != 0 || time.Since(begin) != time.Second {
			t.Errorf("woken after %v with %v, want 1s and nothing", time.Since(begin), got)
		}
		b.endings[0]()
		barrier.Release()
	})
}

func (b *bench) lastSequence(path string) int64 {
	b.t.Helper()
	var body struct {
		Last int64 `json:"lastSequenceNumber"`
	}
	got := b.get(path)
	if err := json.Unmarshal(got.body, &body); err != nil {
		b.t.Fatalf("%s: %s %q", path, got.Status, got.body)
	}
	return body.Last
}
