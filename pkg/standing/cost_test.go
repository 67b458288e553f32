package standing_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/simulator"
	"github.com/dqoctl/dqoctl/pkg/standing"
)

func TestNeverMoreThanEightAtOnce(t *testing.T) {
	for _, exact := range []bool{false, true} {
		t.Run(fmt.Sprintf("exact %t", exact), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{checks: 3, before: func(context.Context, string, string) error {
					<-time.After(time.Second)
					return nil
				}}
				c := &standing.Collector{Server: f, Exact: exact, Budget: time.Minute}
				s, err := c.Run(t.Context(), runOn(50, "{}"))
				if err != nil || len(s.Findings) != 100 {
					t.Errorf("%d findings and %v, want 100", len(s.Findings), err)
				}
				if f.most != 8 {
					t.Errorf("%d calls at once, want 8", f.most)
				}
			})
		})
	}
}

// manyTables describes n tables with one good check each.
func manyTables(n int, duration time.Duration) string {
	var text strings.Builder
	text.WriteString("connections:\n  - name: shop\n    tables:\n")
	for i := range n {
		fmt.Fprintf(&text, "      - name: files.t%04d\n        duration: %v\n        checks:\n", i, duration)
		text.WriteString("          - {name: daily_row_count, type: monitoring, time-scale: daily, category: volume, error: {upper: 10}, values: 1}\n")
	}
	return text.String()
}

func TestCleanTablesCostOneRequestEach(t *testing.T) {
	inBubble(t, loadScenario(t, manyTables(1000, 0)), true, func(b *bench) {
		followed := b.run(dqops.RunChecksParameters{})
		before := b.readings()
		s := b.read(followed, false)
		if got := b.readings() - before; got != 1000 || s.Tables != 1000 || len(s.Findings) != 0 {
			t.Errorf("%d requests for %d tables with %d findings, want 1000 for 1000 with none", got, s.Tables, len(s.Findings))
		}
	})
}

// TestCleanTablesTakeNoMemory measures what is still held after the first hundred
// of a thousand tables and after the last.
func TestCleanTablesTakeNoMemory(t *testing.T) {
	held := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var calls atomic.Int64
	var first, last uint64
	f := &fake{clean: true, checks: 200}
	f.before = func(context.Context, string, string) error {
		switch calls.Add(1) {
		case 100:
			first = held()
		case 1000:
			last = held()
		}
		return nil
	}
	run := runOn(1000, "{}")
	c := &standing.Collector{Server: f, Budget: time.Minute}
	if _, err := c.Run(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	const most = 1 << 20
	if grown := int64(last) - int64(first); f.total() != 1000 || grown > most {
		t.Errorf("%d calls, and %d KiB more held after the last than after the hundredth; want 1000, and at most %d", f.total(), grown>>10, most>>10)
	}
}

// TestCostOfSuspects counts what one bad check costs, with data groups and months.
func TestCostOfSuspects(t *testing.T) {
	const text = `
clock: 2026-11-23T14:15:26Z
connections:
  - name: shop
    tables:
      - name: files.orders
        checks:
          - {name: daily_good, type: monitoring, time-scale: daily, error: {upper: 10}, values: {DE: 1, FR: 1, PL: 1}}
          - {name: daily_bad, type: monitoring, time-scale: daily, error: {upper: 10}, values: {DE: 1, FR: 50, PL: 50}}
          - {name: daily_partition_bad, type: partitioned, time-scale: daily, error: {upper: 10},
             values: {2026-09-05..2026-09-07: {DE: 50, FR: 1}, 2026-11-02: {DE: 50, FR: 1}}}
          - {name: daily_partition_good, type: partitioned, time-scale: daily, error: {upper: 10}, values: {2026-11-02: {DE: 1, FR: 1}}}
`
	inBubble(t, loadScenario(t, text), false, func(b *bench) {
		from := &dqops.TimeWindowFilterParameters{FromDate: "2026-09-01"}
		b.run(dqops.RunChecksParameters{TimeWindowFilter: from})
		followed := b.run(dqops.RunChecksParameters{TimeWindowFilter: from})
		// One table; daily_bad in 3 groups and 1 month, daily_partition_bad in 2 of both.
		standingMost := 1 + 3*3*1 + 3*2*2
		// Two paths: in 3 groups and 1 month, in 2 groups and 2 months.
		exactMost := standingMost + 2*3*1 + 2*2*2
		for _, tc := range []struct {
			exact bool
			most  int
		}{{false, standingMost}, {true, exactMost}} {
			before := b.readings()
			s := b.read(followed, tc.exact)
			if got := b.readings() - before; got > tc.most || len(s.Findings) != 6 {
				t.Errorf("exact %t: %d requests and %d findings, want %d at most and 6", tc.exact, got, len(s.Findings), tc.most)
			}
		}
	})
}

// BenchmarkReading reads how the checks of a run of 40 tables stand, on a server
// that takes as long for a table as the real one did (wire L15), and relates the
// time to that of the run. One table in eight has a fatal finding.
func BenchmarkReading(b *testing.B) {
	served, end := serve(b, loadScenario(b, manyTables(40, 75*time.Millisecond)), false)
	defer end()
	for i := 0; i < 40; i += 8 {
		ref := simulator.CheckRef{Connection: "shop", Table: fmt.Sprintf("files.t%04d", i), Check: "daily_row_count"}
		if err := served.SetValue(ref, 500); err != nil {
			b.Fatal(err)
		}
	}
	followed := served.run(dqops.RunChecksParameters{})
	ran := followed.Job.StatusChangedAt.Sub(followed.Job.ID.CreatedAt)
	for _, exact := range []bool{false, true} {
		b.Run(map[bool]string{false: "standing", true: "exact"}[exact], func(b *testing.B) {
			c := served.collector(exact)
			for b.Loop() {
				s, err := c.Run(b.Context(), runOf(followed))
				if err != nil || s.Errors != 5 {
					b.Fatalf("%+v: %v", s, err)
				}
			}
			read := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64(ran.Milliseconds()), "run-ms")
			b.ReportMetric(100*float64(read)/float64(ran), "added-%")
		})
	}
}
