package dqops_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

const (
	page      = "<!DOCTYPE html><html><body>Welcome</body></html>"
	errorJSON = `{"timestamp":"2026-11-23T14:09:36.581+00:00","path":"/x","status":500,"error":"Internal Server Error",` +
		`"message":"Connection nosuch  was not found","requestId":"27663740-40",` +
		`"trace":"com.dqops.core.jobqueue.jobs.table.ImportTablesQueueJobException: Connection nosuch  was not found\n\tat com.dqops.Main"}`
)

// answers are what a server, or something else in its place, may say to any
// request; want gives the type of the error that each operation makes of it.
var answers = []struct {
	name   string
	answer http.HandlerFunc
	want   func(operation) string
}{
	{"an HTML page", says(200, page, "Content-Type", "text/html; charset=utf-8"), always("protocol")},
	{"a page for a submit", says(201, page, "Content-Type", "text/html"), always("protocol")},
	{"plain text", says(200, "hello", "Content-Type", "text/plain"), always("protocol")},
	{"JSON without a type", says(200, aJob, "Content-Type", ""), always("protocol")},
	{"no content", says(204, ""), func(op operation) string {
		if op.status == 204 {
			return "none"
		}
		return ifEmpty(op)
	}},
	{"nothing", says(200, ""), ifEmpty},
	{"nothing, created", says(201, ""), ifEmpty},
	{"blanks", says(200, " \r\n"), ifEmpty},
	{"null", says(200, "null"), always("protocol")},
	{"an empty object", says(200, "{}"), always("protocol")},
	{"a text", says(200, `"OK"`), always("protocol")},
	{"a list of numbers", says(200, `[1,2]`), always("protocol")},
	{"another product", says(200, `{"status":"UP","version":"3.1","jobs":null,"components":{"db":{"status":"UP"}}}`), always("protocol")},
	{"half an object", says(200, `{"jobId":{"jobId":7`), always("protocol")},
	{"half a list", says(200, `[{"checkName":"a"`), always("protocol")},
	{"not JSON", says(200, `jobId: 7`), always("protocol")},
	{"more than JSON", says(200, aJob+` and more`), always("protocol")},
	{"numbers for texts", says(200, `{"jobId":{"jobId":"seven"},"status":7,"jobs":7,"jobChanges":{"a":7},"checks":[7],"lastSequenceNumber":"7"}`), always("protocol")},
	{"instants as numbers", says(200, `{"jobId":{"jobId":7,"createdAt":1795442822},"status":"queued","checks":{"a":{"last_executed_at":7}},`+
		`"jobs":[{"jobId":{"jobId":7,"createdAt":7},"status":"queued"}],"jobChanges":[{"jobId":{"jobId":7},"statusChangedAt":1795442822}],"lastSequenceNumber":7}`), always("protocol")},
	{"a number too large", says(200, `{"jobId":{"jobId":9223372036854775808},"status":"queued","jobs":[],"checks":{},"jobChanges":[],"lastSequenceNumber":9223372036854775808}`), func(op operation) string {
		if op.name == "read a status" {
			return "none"
		}
		return "protocol"
	}},
	{"100,000 levels", says(200, `{"jobChanges":[{"deep":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`}],"lastSequenceNumber":7}`), always("protocol")},
	{"100,000 lists", says(200, strings.Repeat("[", 100_000)), always("protocol")},
	{"bytes that are no gzip", says(200, strings.Repeat("not compressed ", 10), "Content-Encoding", "gzip"), always("protocol")},
	{"a gzip that is broken", says(200, gzipHeader+strings.Repeat("\xff", 50), "Content-Encoding", "gzip"), always("protocol")},
	{"404 and nothing", says(404, ""), ifUnknown},
	{"404 and an empty list", says(404, "[]"), ifUnknown},
	{"404 and a page", says(404, page, "Content-Type", "text/html"), always("protocol")},
	{"404 and an error", says(404, `{"status":404,"error":"Not Found","message":null,"trace":"x"}`), always("protocol")},
	{"401", says(401, ""), always("unauthorized")},
	{"401 and a page", says(401, page, "Content-Type", "text/html"), always("unauthorized")},
	{"403", says(403, "Access Denied", "Content-Type", "text/plain"), always("unauthorized")},
	{"400", says(400, errorJSON), always("server")},
	{"405", says(405, errorJSON), always("server")},
	{"415", says(415, errorJSON), always("server")},
	{"429", says(429, ""), always("server")},
	{"500", says(500, errorJSON), always("server")},
	{"500 and nothing", says(500, ""), always("server")},
	{"half a gzip in a whole answer", says(200, packedHalf(aJob, 50), "Content-Encoding", "gzip"), always("protocol")},
	{"the head of a gzip and no more", says(200, gzipHeader[:4], "Content-Encoding", "gzip"), always("protocol")},
	{"500 and bytes that are no gzip", says(500, errorJSON, "Content-Encoding", "gzip"), always("server")},
	{"502 and a page", says(502, page, "Content-Type", "text/html"), always("server")},
	{"503 and half an object", says(503, `{"message":"`), always("server")},
}

// packedHalf is the first half of the text so many times over, compressed.
func packedHalf(text string, times int) string {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	_, _ = io.WriteString(zip, strings.Repeat(text, times))
	_ = zip.Close()
	return packed.String()[:packed.Len()/2]
}

const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"

func always(kind string) func(operation) string { return func(operation) string { return kind } }

func ifEmpty(op operation) string {
	if op.waits {
		return "not known yet"
	}
	return "protocol"
}

func ifUnknown(op operation) string {
	if op.what != "" {
		return "not found"
	}
	return "protocol"
}

func TestEveryAnswerHasItsType(t *testing.T) {
	for _, tc := range answers {
		server := serve(t, tc.answer)
		client := server.client(t)
		for _, op := range operations {
			t.Run(tc.name+"/"+op.name, func(t *testing.T) {
				err := op.call(t.Context(), client)
				if got, want := kind(err), tc.want(op); got != want {
					t.Fatalf("%s (%v), want %s", got, err, want)
				}
				if err == nil {
					return
				}
				if text := err.Error(); !strings.HasPrefix(text, op.doing+": ") || strings.Contains(text, "\n") || strings.Contains(text, "com.dqops") {
					t.Errorf("%q does not say in one line what was attempted and what happened", text)
				}
			})
		}
	}
}

func TestWordsOfErrors(t *testing.T) {
	withToken := func(o *dqops.Options) { o.Token = token }
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
		change func(*dqops.Options)
	}{
		{"401", says(401, ""), "read job 7: the server asks for a token (HTTP 401)", nil},
		{"401 with a token", says(401, ""), "read job 7: the server does not accept the token (HTTP 401)", withToken},
		{"403", says(403, "Access Denied", "Content-Type", "text/plain"), "read job 7: the server denies this user access (HTTP 403)", withToken},
		{"404", says(404, ""), "read job 7: the server knows no job 7", nil},
		{"404 of a wrong path", says(404, page, "Content-Type", "text/html"), "read job 7: URL does not answer like a DQOps server (HTTP 404): it has no GET /api/jobs/jobs/7", nil},
		{"HTML", says(200, page, "Content-Type", "text/html"), "read job 7: URL does not answer like a DQOps server (HTTP 200): an HTML page came instead of JSON", nil},
		{"a picture", says(200, page, "Content-Type", "image/png"), `read job 7: URL does not answer like a DQOps server (HTTP 200): content type "image/png" came instead of JSON`, nil},
		{"nothing", says(200, ""), "read job 7: URL does not answer like a DQOps server (HTTP 200): the answer is empty", nil},
		{"no content", says(204, ""), "read job 7: URL does not answer like a DQOps server (HTTP 204): the answer is empty", nil},
		{"another object", says(200, "{}"), "read job 7: URL does not answer like a DQOps server (HTTP 200): the answer cannot be understood: no job: jobId or status is missing", nil},
		{"a job without a status", says(200, `{"jobId":{"jobId":7}}`), "read job 7: URL does not answer like a DQOps server (HTTP 200): the answer cannot be understood: no job: jobId or status is missing", nil},
		{"a job without a number", says(200, `{"jobId":{"jobBusinessKey":"k"},"status":"queued"}`), "read job 7: URL does not answer like a DQOps server (HTTP 200): the answer cannot be understood: no job: jobId or status is missing", nil},
		{"500", says(500, errorJSON), "read job 7: the server answered HTTP 500: Connection nosuch  was not found", nil},
		{"500 of a cancelled job", says(500, `{"message":"","requestId":"r","trace":"java.util.concurrent.CancellationException\n\tat x"}`), "read job 7: the server answered HTTP 500: java.util.concurrent.CancellationException", nil},
		{"500 and nothing", says(500, ""), "read job 7: the server answered HTTP 500: Internal Server Error", nil},
		{"502 and a page", says(502, page, "Content-Type", "text/html"), "read job 7: the server answered HTTP 502: Bad Gateway", nil},
		{"a number without a name", says(599, ""), "read job 7: the server answered HTTP 599", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := serve(t, tc.answer)
			o := dqops.Options{BaseURL: server.URL}
			if tc.change != nil {
				tc.change(&o)
			}
			_, err := newClient(t, o).GetJob(t.Context(), "7")
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.ReplaceAll(err.Error(), server.URL, "URL"); got != tc.want {
				t.Errorf("%s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestServerErrors(t *testing.T) {
	const trace = "org.springframework.core.codec.DecodingException: JSON decoding error: Unexpected end-of-input\n\tat com.dqops.Main"
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		want   dqops.ServerError
		text   string
	}{
		{
			"the cause of a 400 is in its trace",
			says(400, `{"message":"Failed to read HTTP message","requestId":"8ffdb0de-64","trace":"`+strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(trace)+`"}`),
			dqops.ServerError{
				Status: 400, Message: "Failed to read HTTP message", RequestID: "8ffdb0de-64", Trace: trace,
				Cause: "JSON decoding error: Unexpected end-of-input",
			},
			"list jobs: the server answered HTTP 400: JSON decoding error: Unexpected end-of-input",
		},
		{
			"a 400 without a trace",
			says(400, `{"message":"Type mismatch.","requestId":"ab-1"}`),
			dqops.ServerError{Status: 400, Message: "Type mismatch.", RequestID: "ab-1"},
			"list jobs: the server answered HTTP 400: Type mismatch.",
		},
		{
			"a message that is null",
			says(500, `{"message":null,"requestId":"ab-1"}`),
			dqops.ServerError{Status: 500, RequestID: "ab-1"},
			"list jobs: the server answered HTTP 500: Internal Server Error",
		},
		{
			"seconds to wait", says(503, "", "Retry-After", "7"),
			dqops.ServerError{Status: 503, RetryAfter: 7 * time.Second},
			"list jobs: the server answered HTTP 503: Service Unavailable; it asks to come back in 7s",
		},
		{
			"too many", says(429, "", "Retry-After", " 120 "),
			dqops.ServerError{Status: 429, RetryAfter: 2 * time.Minute},
			"list jobs: the server answered HTTP 429: Too Many Requests; it asks to come back in 2m0s",
		},
		{
			"longer than a day", says(503, "", "Retry-After", "99999999"),
			dqops.ServerError{Status: 503, RetryAfter: 24 * time.Hour},
			"list jobs: the server answered HTTP 503: Service Unavailable; it asks to come back in 24h0m0s",
		},
		{
			"a time to wait that is none", says(503, "", "Retry-After", "soon"),
			dqops.ServerError{Status: 503},
			"list jobs: the server answered HTTP 503: Service Unavailable",
		},
		{
			"less than nothing", says(503, "", "Retry-After", "-5"),
			dqops.ServerError{Status: 503},
			"list jobs: the server answered HTTP 503: Service Unavailable",
		},
		{
			"a moment that is past", says(503, "", "Retry-After", "Mon, 23 Nov 2015 14:00:00 GMT"),
			dqops.ServerError{Status: 503},
			"list jobs: the server answered HTTP 503: Service Unavailable",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := serve(t, tc.answer).client(t).GetAllJobs(t.Context())
			got, ok := errors.AsType[*dqops.ServerError](err)
			if !ok {
				t.Fatalf("%v", err)
			}
			tc.want.Doing = "list jobs"
			if diff := cmp.Diff(tc.want, *got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Error() != tc.text {
				t.Errorf("%s\nwant %s", got, tc.text)
			}
		})
	}
}

func TestRetryAfterAMoment(t *testing.T) {
	inBubble(t, func(w http.ResponseWriter, r *http.Request) {
		says(503, "", "Retry-After", time.Now().Add(90*time.Second).UTC().Format(http.TimeFormat))(w, r)
	}, func(t *testing.T, client *dqops.Client) {
		_, err := client.GetAllJobs(t.Context())
		got, ok := errors.AsType[*dqops.ServerError](err)
		if !ok || got.RetryAfter != 90*time.Second {
			t.Errorf("%v after %v, want 90 s", err, got.RetryAfter)
		}
	})
}

// TestRetryAfterByTheServersClock: ours may be wrong.
func TestRetryAfterByTheServersClock(t *testing.T) {
	for at, want := range map[string]time.Duration{
		"Mon, 23 Nov 2015 14:01:30 GMT": 90 * time.Second,
		"Mon, 23 Nov 2015 13:00:00 GMT": 0,
		"Mon, 23 Nov 2099 14:00:00 GMT": 24 * time.Hour,
	} {
		server := serve(t, says(503, "", "Date", "Mon, 23 Nov 2015 14:00:00 GMT", "Retry-After", at))
		_, err := server.client(t).GetAllJobs(t.Context())
		if got, ok := errors.AsType[*dqops.ServerError](err); !ok || got.RetryAfter != want {
			t.Errorf("%s: %v, want %s", at, err, want)
		}
	}
}

func TestNotFoundNamesTheThing(t *testing.T) {
	server := serve(t, says(404, ""))
	for _, op := range operations {
		if op.what == "" {
			continue
		}
		err := op.call(t.Context(), server.client(t))
		if got, ok := errors.AsType[*dqops.NotFoundError](err); !ok || got.What != op.what {
			t.Errorf("%s: %v, want one about %q", op.name, err, op.what)
		}
	}
}

func TestWithoutClassNames(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "",
		"Connection nosuch  was not found": "Connection nosuch  was not found",
		"java.lang.IllegalArgumentException: Connection not specified":                  "Connection not specified",
		"com.dqops.a.BException: com.dqops.c.DException: it is gone":                    "it is gone",
		"java.util.concurrent.CompletionException: com.dqops.X$Inner: it is gone: real": "it is gone: real",
		"java.util.concurrent.CancellationException":                                    "java.util.concurrent.CancellationException",
		"java.lang.RuntimeException: java.lang.NullPointerException":                    "java.lang.RuntimeException: java.lang.NullPointerException",
		"read the file orders.csv: it is gone":                                          "read the file orders.csv: it is gone",
		"orders.csv: it is gone":                                                        "orders.csv: it is gone",
		" padded ":                                                                      "padded",
	} {
		if got := dqops.WithoutClassNames(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// TestLostConnections holds the type, and whether the request may have arrived.
func TestLostConnections(t *testing.T) {
	compressed := new(bytes.Buffer)
	zip := gzip.NewWriter(compressed)
	_, _ = io.WriteString(zip, strings.Repeat(aJob, 50))
	_ = zip.Close()

	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for _, tc := range []struct {
		name, sent string
		reset      bool
	}{
		{"closed without an answer", "", false},
		{"reset without an answer", "", true},
		{"cut in the head", "HTTP/1.1 200 O", false},
		{"cut before the body", head + "Content-Length: 100\r\n\r\n", false},
		{"cut in the body", head + "Content-Length: 1000\r\n\r\n" + aJob[:40], false},
		{"cut in a change", head + "Content-Length: 1000\r\n\r\n" + `{"jobChanges":[{"status":"qu`, false},
		{"reset in the body", head + "Content-Length: 1000\r\n\r\n" + aJob[:40], true},
		{"cut between chunks", head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"job\r\n", false},
		{"cut in a gzip", head + "Content-Encoding: gzip\r\nContent-Length: " + fmt.Sprint(compressed.Len()) + "\r\n\r\n" + compressed.String()[:compressed.Len()/2], false},
		{"cut in an error", "HTTP/1.1 500 No\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"mess", false},
	} {
		base := serveBytes(t, tc.sent, tc.reset)
		for _, op := range operations {
			if op.status == 204 && strings.HasPrefix(tc.sent, head) {
				continue // no body is read
			}
			t.Run(tc.name+"/"+op.name, func(t *testing.T) {
				err := op.call(t.Context(), newClient(t, dqops.Options{BaseURL: base}))
				lost, ok := errors.AsType[*dqops.UnreachableError](err)
				if !ok || kind(err) != "unreachable" || !lost.Sent {
					t.Fatalf("%s: %v, want an unreachable one that may have arrived", kind(err), err)
				}
				if want := op.doing + ": contact with " + base + " was lost: "; !strings.HasPrefix(err.Error(), want) {
					t.Errorf("%q does not begin with %q", err, want)
				}
			})
		}
	}
}

// serveBytes answers each request with the same bytes and hangs up.
func serveBytes(t *testing.T, answer string, reset bool) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("hijack: %v", err)
			return
		}
		_, _ = io.WriteString(conn, answer)
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return "http://" + listener.Addr().String()
}

// TestNeverSent holds the errors that prove that the request never left.
func TestNeverSent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	_ = listener.Close()
	noTrust := httptest.NewUnstartedServer(says(200, aJob))
	noTrust.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of clients that go away
	noTrust.StartTLS()
	t.Cleanup(noTrust.Close)
	plain := serve(t, says(200, aJob))
	silent := newSilent(t)

	unknownHost := &net.DNSError{Err: "no such host", Name: "nosuch.example", IsNotFound: true}
	for _, tc := range []struct {
		name    string
		options dqops.Options
		cause   func(error) bool
	}{
		{"refused", dqops.Options{BaseURL: closed}, func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		{
			"unknown host",
			dqops.Options{BaseURL: "http://localhost", DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, unknownHost }},
			func(err error) bool { dns, ok := errors.AsType[*net.DNSError](err); return ok && dns == unknownHost },
		},
		{"certificate", dqops.Options{BaseURL: noTrust.URL}, func(err error) bool { _, ok := errors.AsType[*tls.CertificateVerificationError](err); return ok }},
		{"TLS to a server without", dqops.Options{BaseURL: strings.Replace(plain.URL, "http:", "https:", 1)}, func(err error) bool { return err != nil }},
		{
			"no handshake",
			dqops.Options{BaseURL: "https://" + silent, ConnectTimeout: 50 * time.Millisecond},
			func(err error) bool { late, ok := errors.AsType[net.Error](err); return ok && late.Timeout() },
		},
	} {
		for _, op := range operations {
			t.Run(tc.name+"/"+op.name, func(t *testing.T) {
				err := op.call(t.Context(), newClient(t, tc.options))
				lost, ok := errors.AsType[*dqops.UnreachableError](err)
				if !ok || kind(err) != "unreachable" || lost.Sent {
					t.Fatalf("%s: %v, want an unreachable one that never left", kind(err), err)
				}
				if !tc.cause(err) {
					t.Errorf("the cause cannot be told by its type: %v", err)
				}
				if want := op.doing + ": cannot reach " + tc.options.BaseURL + ": "; !strings.HasPrefix(err.Error(), want) {
					t.Errorf("%q does not begin with %q", err, want)
				}
			})
		}
	}
}

// newSilent is a listener that takes connections and never says anything.
func newSilent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String()
}

// inBubble runs the test with a client of a server that is in the same bubble of
// virtual time.
func inBubble(t *testing.T, answer http.HandlerFunc, test func(*testing.T, *dqops.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		server := &http.Server{Handler: answer}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = server.Serve(network)
		}()
		client, err := dqops.New(dqops.Options{BaseURL: "http://localhost", DialContext: network.dial})
		if err != nil {
			t.Fatal(err)
		}
		test(t, client)
		client.CloseIdleConnections()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("shut down: %v", err)
		}
		<-ended
	})
}

// TestEveryCallHasALimit: a server that takes the request and never answers, or
// never ends its answer.
func TestEveryCallHasALimit(t *testing.T) {
	limits := map[string]time.Duration{
		"wait for a job": 50 * time.Second, "read the changes": 50 * time.Second,
		"start the checks and wait": 2 * time.Minute, "import tables": 2 * time.Minute, "delete stored data": 2 * time.Minute,
	}
	for _, op := range operations {
		for name, answer := range map[string]http.HandlerFunc{
			"no answer": func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			},
			"an answer that drips": func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", jsonType)
				w.WriteHeader(500) // even the answer to a cancellation has a body then
				for r.Context().Err() == nil {
					if _, err := io.WriteString(w, " "); err != nil {
						return
					}
					_ = http.NewResponseController(w).Flush()
					time.Sleep(time.Second)
				}
			},
		} {
			t.Run(op.name+"/"+name, func(t *testing.T) {
				inBubble(t, answer, func(t *testing.T, client *dqops.Client) {
					started := time.Now()
					err := op.call(t.Context(), client)
					limit, special := limits[op.name]
					if !special {
						limit = time.Minute
					}
					if took := time.Since(started); took != limit {
						t.Errorf("took %s, want %s", took, limit)
					}
					lost, ok := errors.AsType[*dqops.UnreachableError](err)
					if !ok || !lost.Sent || !strings.HasSuffix(err.Error(), fmt.Sprintf("no complete answer in time (%s)", limit)) {
						t.Errorf("%v", err)
					}
				})
			})
		}
	}
}

func TestTheCallersDeadlineIsTheCallers(t *testing.T) {
	inBubble(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, func(t *testing.T, client *dqops.Client) {
		cause := errors.New("the caller's own cause")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 3*time.Second, cause)
		defer cancel()
		_, err := client.GetJob(ctx, "7")
		if !errors.Is(err, cause) || kind(err) != "an error without a type" {
			t.Errorf("%v, want the caller's cause and no verdict on the server", err)
		}
	})
}

// TestEndlessBodies holds that an answer without end is given up, and how much of
// it was taken at most.
func TestEndlessBodies(t *testing.T) {
	const much = 70 << 20
	for _, tc := range []struct {
		name   string
		status int
		length bool
		want   string
		most   int64
		begin  string
	}{
		{"a job", 200, false, "protocol", 68 << 20, `{"x":"`},
		{"a job with its length", 200, true, "protocol", 4 << 20, `{"x":"`},
		{"an error", 500, false, "server", 4 << 20, `{"message":"`},
		{"an error with its length", 500, true, "server", 4 << 20, `{"message":"`},
		{"a 404", 404, false, "protocol", 4 << 20, "<html>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var taken atomic.Int64
			ended := make(chan struct{})
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				defer close(ended)
				w.Header().Set("Content-Type", jsonType)
				if tc.length {
					w.Header().Set("Content-Length", fmt.Sprint(much))
				}
				w.WriteHeader(tc.status)
				block := strings.Repeat(" ", 1<<20)
				for text := tc.begin + block[len(tc.begin):]; taken.Load() < much; text = block {
					n, err := io.WriteString(w, text)
					taken.Add(int64(n))
					if err != nil {
						return
					}
				}
			})
			_, err := server.client(t).GetJob(t.Context(), "7")
			if kind(err) != tc.want {
				t.Errorf("%s: %v, want %s", kind(err), err, tc.want)
			}
			<-ended
			// What the sockets hold comes on top.
			if got := taken.Load(); got > tc.most+(4<<20) {
				t.Errorf("%d MB were taken, want at most %d", got>>20, tc.most>>20)
			}
		})
	}
}
