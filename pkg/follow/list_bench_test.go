package follow_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// manyChanges is the server's answer about so many changes: of runs of a hundred
// tables each.
func manyChanges(count int) string {
	var b strings.Builder
	b.WriteString(`{"jobChanges":[`)
	const at = `"2026-11-23T15:00:04.147073067Z"`
	number := int64(1795446004000000)
	parent := ""
	for i := 0; i < count; i += 3 {
		number += 4
		id := fmt.Sprintf(`{"jobId":%d,"createdAt":%s}`, number, at)
		kind, set := "run_checks_on_table", fmt.Sprintf(`"runChecksOnTableParameters":{"connection":"shop","table":{"schema_name":"public","table_name":"fact_%d"},"check_search_filters":{"connection":"shop","enabled":true},"dummy_execution":false`, i)
		if i%300 == 0 {
			parent = id
			kind, set = "run_checks", `"runChecksParameters":{"check_search_filters":{"connection":"shop","enabled":true}`
		} else {
			id = fmt.Sprintf(`{"jobId":%d,"parentJobId":%s,"createdAt":%s}`, number, parent, at)
		}
		result := `,"run_checks_result":{"highest_severity":"valid","executed_checks":54,"valid_results":27,"warnings":0,"errors":0,"fatals":0,"execution_errors":0}`
		for j, status := range []string{"queued", "running", "finished"} {
			if i+j > 0 {
				b.WriteByte(',')
			}
			model := ""
			if status == "queued" {
				model = fmt.Sprintf(`"updatedModel":{"jobId":%s,"jobType":%q,"parameters":{%s}},"status":%q,"statusChangedAt":%s,"dataDomain":""},`, id, kind, set, status, at)
			} else if status == "finished" {
				model = fmt.Sprintf(`"updatedModel":{"jobId":%s,"jobType":%q,"parameters":{%s%s}},"status":%q,"statusChangedAt":%s,"dataDomain":""},`, id, kind, set, result, status, at)
			}
			fmt.Fprintf(&b, `{"status":%q,"jobId":%s,"changeSequence":%d,%s"statusChangedAt":%s,"domainName":""}`, status, id, number+int64(j)+1, model, at)
		}
	}
	fmt.Fprintf(&b, `],"folderSynchronizationStatus":{"sources":"unchanged"},"lastSequenceNumber":%d}`, number+9)
	return b.String()
}

// BenchmarkReadLedger folds 100,000 changes. Peak is the largest heap beside what
// was there before, in units of the decoded result.
func BenchmarkReadLedger(b *testing.B) {
	// From a file, so that the answer itself is not on this heap.
	answer := filepath.Join(b.TempDir(), "changes.json")
	if err := os.WriteFile(answer, []byte(manyChanges(100_000)), 0o600); err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		http.ServeFile(w, r, answer)
	}))
	defer server.Close()
	client, err := dqops.New(dqops.Options{BaseURL: server.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer client.CloseIdleConnections()
	var peak, kept uint64
	for b.Loop() {
		before := heap(true)
		watched := &watchedClient{Client: client}
		l, err := follow.ReadLedger(b.Context(), watched)
		if err != nil {
			b.Fatal(err)
		}
		if jobs := len(l.List(follow.Query{Children: true})); jobs != 33_334 {
			b.Fatalf("%d jobs", jobs)
		}
		peak = max(peak, watched.peak-before)
		kept = heap(true) - before
		runtime.KeepAlive(l)
	}
	b.ReportMetric(float64(kept)/1e6, "MB-kept")
	b.ReportMetric(float64(peak)/float64(kept), "peak/kept")
}

func heap(collected bool) uint64 {
	if collected {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// watchedClient looks at the heap now and then.
type watchedClient struct {
	*dqops.Client
	seen int
	peak uint64
}

func (c *watchedClient) JobChangesSince(ctx context.Context, since int64, each func(dqops.JobChange) error) (int64, error) {
	return c.Client.JobChangesSince(ctx, since, func(change dqops.JobChange) error {
		if c.seen++; c.seen%200 == 0 {
			c.peak = max(c.peak, heap(false))
		}
		return each(change)
	})
}
