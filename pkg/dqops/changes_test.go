package dqops_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// oneChange is about as long as a finished run's.
func oneChange(i int) string {
	return fmt.Sprintf(`{"status":"finished","jobId":{"jobId":%d,"jobBusinessKey":"dqoctl-%024d","createdAt":"2026-11-23T14:07:02.661573674Z"},`+
		`"changeSequence":%d,"updatedModel":{"jobId":{"jobId":%d,"createdAt":"2026-11-23T14:07:02.661573674Z"},"jobType":"run_checks",`+
		`"parameters":{"runChecksParameters":{"check_search_filters":{"connection":"shop","fullTableName":"files.orders_%d.csv","enabled":true},`+
		`"run_checks_result":{"highest_severity":"valid","executed_checks":54,"valid_results":27,"warnings":1,"errors":1,"fatals":1,"execution_errors":0}}},`+
		`"status":"finished","statusChangedAt":"2026-11-23T14:07:05.336298833Z","dataDomain":""},"statusChangedAt":"2026-11-23T14:07:05.336298833Z","domainName":""}`,
		i, i, i, i, i)
}

// writeChanges writes an answer of n changes without holding it, and returns how
// long it was.
func writeChanges(w io.Writer, n int) (int, error) {
	length, err := io.WriteString(w, `{"jobChanges":[`)
	for i := 1; i <= n && err == nil; i++ {
		comma := ","
		if i == n {
			comma = ""
		}
		var written int
		written, err = io.WriteString(w, oneChange(i)+comma)
		length += written
	}
	if err == nil {
		_, err = fmt.Fprintf(w, `],"folderSynchronizationStatus":{"sources":"unchanged"},"lastSequenceNumber":%d}`, n+1)
	}
	return length, err
}

func serveChanges(t *testing.T, n int, compressed bool) *fake {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		out := io.Writer(w)
		if compressed {
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			defer zip.Close()
			out = zip
		}
		_, _ = writeChanges(out, n) // fails when the client has had enough
	})
}

func TestChangesInOrder(t *testing.T) {
	const n = 100
	for _, compressed := range []bool{false, true} {
		client := serveChanges(t, n, compressed).client(t)
		seen := 0
		last, err := client.JobChangesSince(t.Context(), 0, func(c dqops.JobChange) error {
			seen++
			if c.ID.ID != int64(seen) || c.Sequence != int64(seen) || c.Job == nil || c.Status != dqops.StatusFinished {
				t.Errorf("change %d is %+v", seen, c)
			}
			return nil
		})
		if err != nil || last != n+1 || seen != n {
			t.Errorf("compressed %v: %d changes, last %d, %v", compressed, seen, last, err)
		}
	}
}

func TestChangesAreNotHeld(t *testing.T) {
	const n = 10_000
	// The answer is built before, so that nothing else is allocated while the heap
	// is measured.
	var body bytes.Buffer
	_, _ = writeChanges(&body, n)
	if body.Len() < 5<<20 {
		t.Fatalf("the answer has %d bytes only", body.Len())
	}
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write(body.Bytes())
	}).client(t)
	seen, most := 0, uint64(0)
	before := liveHeap()
	last, err := client.JobChangesSince(t.Context(), 0, func(dqops.JobChange) error {
		seen++
		if seen%2000 == 0 {
			most = max(most, liveHeap())
		}
		return nil
	})
	if err != nil || last != n+1 || seen != n {
		t.Fatalf("%d changes, last %d, %v", seen, last, err)
	}
	// Buffers of both sides and one change; the whole answer is far more.
	if held, limit := int64(most)-int64(before), int64(1<<20); held > limit {
		t.Errorf("%d bytes were held of an answer of %d, want at most %d", held, body.Len(), limit)
	}
}

func liveHeap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

func BenchmarkJobChangesSince(b *testing.B) {
	const n = 10_000
	var body bytes.Buffer
	_, _ = writeChanges(&body, n)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write(body.Bytes())
	}))
	defer server.Close()
	client, err := dqops.New(dqops.Options{BaseURL: server.URL})
	if err != nil {
		b.Fatal(err)
	}
	defer client.CloseIdleConnections()
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		seen := 0
		_, err := client.JobChangesSince(b.Context(), 0, func(dqops.JobChange) error { seen++; return nil })
		if err != nil || seen != n {
			b.Fatalf("%d changes: %v", seen, err)
		}
	}
}

func TestErrorsOfTheCallerAreReturnedAsTheyAre(t *testing.T) {
	client := serveChanges(t, 100, false).client(t)
	for _, own := range []error{errors.New("enough"), io.ErrUnexpectedEOF, dqops.ErrNotKnownYet} {
		seen := 0
		last, err := client.JobChangesSince(t.Context(), 0, func(dqops.JobChange) error {
			seen++
			if seen == 3 {
				return own
			}
			return nil
		})
		if err != own || seen != 3 || last != 0 { //nolint:errorlint // the very same is wanted
			t.Errorf("%v after %d changes, last %d; want %v", err, seen, last, own)
		}
	}
}

func TestChangesThatBreakOff(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		_, _ = io.WriteString(w, `{"jobChanges":[`+oneChange(1)+`,`+oneChange(2)[:200])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	seen := 0
	last, err := server.client(t).JobChangesSince(t.Context(), 0, func(dqops.JobChange) error { seen++; return nil })
	if kind(err) != "unreachable" || seen != 1 || last != 0 {
		t.Errorf("%v after %d changes, last %d", err, seen, last)
	}
}

func TestChangesThatAreWrong(t *testing.T) {
	for body, want := range map[string]string{
		`{"jobChanges":[]}`:                           "the answer has no lastSequenceNumber",
		`{"jobChanges":[],"lastSequenceNumber":null}`: "the answer has no lastSequenceNumber",
		`{}`: "the answer has no lastSequenceNumber",
		`{"jobChanges":{},"lastSequenceNumber":7}`: "the changes cannot be understood: not the expected JSON object: { instead of [",
		`[]`: "the changes cannot be understood: not the expected JSON object: [ instead of {",
		`{"jobChanges":[{"updatedModel":{}}],"lastSequenceNumber":7}`:    "the changes cannot be understood: no job: jobId or status is missing",
		`{"jobChanges":[],"lastSequenceNumber":7`:                        "the changes cannot be understood: EOF",
		`{"jobChanges":[{"jobId":{"jobId":7}}`:                           "the changes cannot be understood: EOF",
		`{"jobChanges":[{"changeSequence":"7"}],"lastSequenceNumber":7}`: "the changes cannot be understood: json: cannot unmarshal string into Go struct field JobChange.changeSequence of type int64",
		`{"jobChanges":[],"lastSequenceNumber":7} {}`:                    "the changes cannot be understood: more follows the JSON object",
		`{"jobChanges":[],"lastSequenceNumber":7} x`:                     "the changes cannot be understood: invalid character 'x' looking for beginning of value",
		" ": "the answer is empty",
		"":  "the answer is empty",
	} {
		server := serve(t, says(200, body))
		last, err := server.client(t).JobChangesSince(t.Context(), 0, noCheck)
		text := "read the changes of jobs: " + server.URL + " does not answer like a DQOps server (HTTP 200): " + want
		if kind(err) != "protocol" || err.Error() != text || last != 0 {
			t.Errorf("%s: %v\nwant %s", body, err, text)
		}
	}
}

func TestChangesThatAreRight(t *testing.T) {
	for _, tc := range []struct {
		body string
		last int64
		want []dqops.JobStatus
	}{
		{`{"jobChanges":[],"lastSequenceNumber":0}`, 0, nil},
		{`{"lastSequenceNumber":9223372036854775807,"other":[{"jobChanges":[{"status":"x"}]}],"jobChanges":[{"status":"paused","jobId":{"jobId":7}}]}`, 9223372036854775807, []dqops.JobStatus{"paused"}},
		{` { "jobChanges" : [ {"status":"queued","jobId":{"jobId":7},"updatedModel":null} ] , "lastSequenceNumber" : 7 } `, 7, []dqops.JobStatus{"queued"}},
	} {
		var got []dqops.JobStatus
		last, err := serve(t, says(200, tc.body)).client(t).JobChangesSince(t.Context(), -5, func(c dqops.JobChange) error {
			got = append(got, c.Status)
			return nil
		})
		if err != nil || last != tc.last {
			t.Errorf("%s: last %d, %v", tc.body, last, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.body, diff)
		}
	}
}

// TestChangesKeepTheConnection: the question is asked again and again. A busy
// machine may lose one connection or another, not all.
func TestChangesKeepTheConnection(t *testing.T) {
	for _, n := range []int{0, 1, 50} {
		server := serveChanges(t, n, false)
		client := server.client(t)
		for range 10 {
			if _, err := client.JobChangesSince(t.Context(), 0, noCheck); err != nil {
				t.Fatal(err)
			}
		}
		connections := map[string]bool{}
		for _, r := range server.requests() {
			connections[r.Remote] = true
		}
		if len(connections) > 5 {
			t.Errorf("%d changes: %d connections for 10 questions", n, len(connections))
		}
	}
}

func TestFieldsOfAChange(t *testing.T) {
	const body = `{"jobChanges":[{"status":"failed","jobId":{"jobId":8,"parentJobId":{"jobId":7}},"changeSequence":9,` +
		`"updatedModel":{"jobId":{"jobId":8},"status":"failed","errorMessage":"a.B: c"},"statusChangedAt":"2026-11-23T14:07:02Z","domainName":"sales"}],"lastSequenceNumber":10}`
	_, err := serve(t, says(200, body)).client(t).JobChangesSince(t.Context(), 0, func(c dqops.JobChange) error {
		if c.Status != "failed" || c.ID.ID != 8 || c.ID.Parent.ID != 7 || c.Sequence != 9 || c.Domain != "sales" ||
			c.Job.ErrorMessage != "a.B: c" || !c.StatusChangedAt.Equal(time.Date(2026, 11, 23, 14, 7, 2, 0, time.UTC)) {
			t.Errorf("%+v", c)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
