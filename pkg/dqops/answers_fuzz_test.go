package dqops

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// FuzzServerError holds that whatever a server says of a failure becomes one error
// with its status and a bounded pause.
func FuzzServerError(f *testing.F) {
	f.Add([]byte(`{"message":"Connection nosuch  was not found","requestId":"27663740-40","trace":"com.dqops.A: it\n\tat b"}`), "application/json", "7", "")
	f.Add([]byte(`{"message":null,"trace":7}`), "application/json;charset=x", "Mon, 23 Nov 2026 14:00:00 GMT", "Mon, 23 Nov 2026 13:00:00 GMT")
	f.Add([]byte("<html>"), "text/html", "99999999999999999999", "soon")
	f.Add([]byte("\xff\x1b[31m"), ";", "-1", "")
	f.Fuzz(func(t *testing.T, body []byte, media, after, date string) {
		resp := &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{
			"Content-Type": {media}, "Retry-After": {after}, "Date": {date},
		}}
		e := newServerError(call{doing: "ask"}, resp, body)
		if e.RetryAfter < 0 || e.RetryAfter > 24*time.Hour {
			t.Fatalf("Retry-After %q on %q is %s", after, date, e.RetryAfter)
		}
		if !strings.HasPrefix(e.Error(), "ask: the server answered HTTP 503") {
			t.Fatalf("%q", e.Error())
		}
		if strings.Contains(e.Cause, "\n") {
			t.Fatalf("%q is not one line", e.Cause)
		}
	})
}

// FuzzTableStatus holds that no number below 0 gets through.
func FuzzTableStatus(f *testing.F) {
	for _, seed := range []string{
		`{"checks":{"a":{"errors":1,"last_executed_at":"2026-11-23T15:00:04Z"}},"columns":{"c":{"checks":{"b":{"fatals":-1}},"warnings":0}},"errors":-2}`,
		`{"checks":{},"columns":null}`, `{"checks":{"a":null}}`, "null", "[]", `{"checks":{"a":{"errors":1e2}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		status := new(TableStatus)
		if json.Unmarshal(text, status) != nil || status.hasNegative() {
			return
		}
		least := func(c Counts) int {
			return min(c.ExecutedChecks, c.ValidResults, c.Warnings, c.Errors, c.Fatals, c.ExecutionErrors)
		}
		lowest := least(status.Counts)
		for _, check := range status.Checks {
			lowest = min(lowest, least(check.Counts))
		}
		for _, column := range status.Columns {
			lowest = min(lowest, least(column.Counts))
			for _, check := range column.Checks {
				lowest = min(lowest, least(check.Counts))
			}
		}
		if lowest < 0 {
			t.Fatalf("%s: %d got through", text, lowest)
		}
	})
}

// FuzzQueueJobResult holds that what is taken for an answer to a start can be
// printed and read again.
func FuzzQueueJobResult(f *testing.F) {
	for _, seed := range []string{
		`{"jobId":{"jobId":7,"jobBusinessKey":"k","createdAt":"2026-11-23T15:00:04Z"},"status":"queued"}`,
		`{"jobId":{"jobId":7},"result":{"highest_severity":"valid","executed_checks":54},"status":"finished"}`,
		`{"jobId":null,"status":"queued"}`, `{"jobId":{"jobId":7,"parentJobId":{"jobId":6,"parentJobId":{"jobId":5}}}}`, `{"jobId":{"jobId":9223372036854775808}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		answer := new(QueueJobResult[RunChecksResult])
		if json.Unmarshal(text, answer) != nil || answer.JobID == nil {
			return
		}
		printed, err := json.Marshal(answer.JobID)
		again := new(JobID)
		if err != nil || json.Unmarshal(printed, again) != nil || again.ID != answer.JobID.ID || again.BusinessKey != answer.JobID.BusinessKey {
			t.Fatalf("%s: its id is printed as %s (%v)", text, printed, err)
		}
	})
}
