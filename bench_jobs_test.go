package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// BenchmarkJobsList lists 100,000 changes of jobs with the whole program, and with
// curl and jq where these are.
func BenchmarkJobsList(b *testing.B) {
	server := serveChanges(b)
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("dqoctl", func(b *testing.B) {
		for b.Loop() {
			c := exec.CommandContext(b.Context(), self, "jobs", "list", "--children", "-q")
			c.Args[0] = "dqoctl" // TestMain looks at the name
			c.Env = []string{"DQOCTL_SERVER=" + server.URL, "HOME=" + b.TempDir()}
			measure(b, c)
		}
	})
	// The same in jq, without the children's counts: the last state of each job.
	const program = `.jobChanges | group_by(.jobId.jobId) | reverse | .[]
		| [.[-1].jobId.jobId, .[-1].jobId.jobBusinessKey, ([.[].updatedModel.jobType] | map(select(.)) | .[0]),
			.[-1].status, .[-1].jobId.createdAt, .[-1].statusChangedAt] | @tsv`
	b.Run("curl and jq", func(b *testing.B) {
		for _, tool := range []string{"curl", "jq"} {
			if _, err := exec.LookPath(tool); err != nil {
				b.Skipf("there is no %s", tool)
			}
		}
		for b.Loop() {
			curl := exec.CommandContext(b.Context(), "curl", "-s", server.URL+"/api/jobs/jobchangessince/0")
			jq := exec.CommandContext(b.Context(), "jq", "-r", program)
			var err error
			if jq.Stdin, err = curl.StdoutPipe(); err != nil {
				b.Fatal(err)
			}
			if err := curl.Start(); err != nil {
				b.Fatal(err)
			}
			measure(b, jq)
			if err := curl.Wait(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// serveChanges is a server of 100,000 changes. They come from a file, so that they
// are not on this heap.
func serveChanges(b *testing.B) *httptest.Server {
	b.Helper()
	answer := filepath.Join(b.TempDir(), "changes.json")
	if err := os.WriteFile(answer, []byte(manyChanges(100_000)), 0o600); err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		http.ServeFile(w, r, answer)
	}))
	b.Cleanup(server.Close)
	return server
}

// measure runs the program and holds that it listed every job.
func measure(b *testing.B, c *exec.Cmd) {
	b.Helper()
	lines := new(lineCounter)
	c.Stdout, c.Stderr = lines, os.Stderr
	if err := c.Run(); err != nil {
		b.Fatal(err)
	}
	if lines.count < 33_334 || lines.count > 33_335 {
		b.Fatalf("%d lines", lines.count)
	}
}

type lineCounter struct{ count int }

var _ io.Writer = (*lineCounter)(nil)

func (l *lineCounter) Write(text []byte) (int, error) {
	l.count += strings.Count(string(text), "\n")
	return len(text), nil
}

// manyChanges is a server's answer about so many changes: of runs of a hundred
// tables each.
func manyChanges(count int) string {
	var b strings.Builder
	b.WriteString(`{"jobChanges":[`)
	const at = `"2026-11-23T15:00:04.147073067Z"`
	const result = `,"run_checks_result":{"highest_severity":"valid","executed_checks":54,"valid_results":27,"warnings":0,"errors":0,"fatals":0,"execution_errors":0}`
	number := int64(1795446004000000)
	parent := ""
	for i := 0; i < count; i += 3 {
		number += 4
		id := fmt.Sprintf(`{"jobId":%d,"createdAt":%s}`, number, at)
		kind, set := "run_checks", `"runChecksParameters":{"check_search_filters":{"connection":"shop","enabled":true}`
		if i%300 == 0 {
			parent = id
		} else {
			id = fmt.Sprintf(`{"jobId":%d,"parentJobId":%s,"createdAt":%s}`, number, parent, at)
			kind = "run_checks_on_table"
			set = fmt.Sprintf(`"runChecksOnTableParameters":{"connection":"shop","table":{"schema_name":"public","table_name":"fact_%d"},`+
				`"check_search_filters":{"connection":"shop","enabled":true},"dummy_execution":false`, i)
		}
		for j, status := range []string{"queued", "running", "finished"} {
			if i+j > 0 {
				b.WriteByte(',')
			}
			model := fmt.Sprintf(`"updatedModel":{"jobId":%s,"jobType":%q,"parameters":{%s},"status":%q,"statusChangedAt":%s,"dataDomain":""},`,
				id, kind, set+map[string]string{"queued": "}", "finished": result + "}"}[status], status, at)
			if status == "running" {
				model = ""
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
	server := serveChanges(b)
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
