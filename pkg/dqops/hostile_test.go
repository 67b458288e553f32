package dqops_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// TestAnAnswerThatNeverEndsIsGivenUp: endless in every place that a decoder holds,
// plain and as a small gzip. What is held stays bounded.
func TestAnAnswerThatNeverEndsIsGivenUp(t *testing.T) {
	changes := func(c *dqops.Client) error {
		_, err := c.JobChangesSince(t.Context(), 7, func(dqops.JobChange) error { return nil })
		return err
	}
	job := func(c *dqops.Client) error { _, err := c.GetJob(t.Context(), "7"); return err }
	for _, tc := range []struct {
		name, begin, block string
		call               func(*dqops.Client) error
		most               int // megabytes
	}{
		{"a text in a change", `{"jobChanges":[{"status":"`, "x", changes, 17},
		{"a field in a change", `{"jobChanges":[{"x":[`, "1,", changes, 17},
		{"a field beside the changes", `{"x":[`, "1,", changes, 17},
		{"a key", `{"`, "k", changes, 17},
		{"a number", `{"lastSequenceNumber":`, "1", changes, 17},
		{"a text in a job", `{"x":"`, "x", job, 66},
		{"a number in a job", `{"x":`, "1", job, 66},
	} {
		for _, zipped := range []bool{false, true} {
			name := tc.name
			if zipped {
				name += ", zipped"
			}
			t.Run(name, func(t *testing.T) {
				taken := endless(t, tc.begin, tc.block, tc.most+4, zipped)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				err := tc.call(taken.client(t, func(o *dqops.Options) { o.Token = token }))
				runtime.ReadMemStats(&after)
				if kind(err) != "protocol" || !strings.Contains(err.Error(), "larger than a DQOps server sends") {
					t.Errorf("%s: %v", kind(err), err)
				}
				// Buffers grow by doubling, and a decoder holds the text twice.
				if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > uint64(6*tc.most) {
					t.Errorf("%d MB were allocated, want at most %d", used, 6*tc.most)
				}
			})
		}
	}
}

// endless serves the block again and again behind the beginning, beyond the
// bound. What is zipped is made before, so that it is not measured.
func endless(t *testing.T, begin, block string, megabytes int, zipped bool) *fake {
	t.Helper()
	blocks := strings.Repeat(block, 64<<10)
	write := func(w io.Writer) {
		_, err := io.WriteString(w, begin)
		for sent := 0; err == nil && sent < megabytes<<20; sent += len(blocks) {
			_, err = io.WriteString(w, blocks)
		}
	}
	if !zipped {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			write(w)
		})
	}
	var bomb bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	write(zip)
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return serve(t, says(200, bomb.String(), "Content-Encoding", "gzip"))
}

func TestAHeadThatNeverEndsIsGivenUp(t *testing.T) {
	base := serveBytes(t, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X-More: and more\r\n", 1<<17), false)
	_, err := newClient(t, dqops.Options{BaseURL: base}).GetJob(t.Context(), "7")
	if kind(err) != "unreachable" || !strings.Contains(err.Error(), "headers exceeded") {
		t.Errorf("%s: %v", kind(err), err)
	}
}

// TestNumbersThatNoServerCounts are no sums to judge by.
func TestNumbersThatNoServerCounts(t *testing.T) {
	run := `{"jobId":{"jobId":7},"status":"finished","parameters":{"runChecksParameters":{"run_checks_result":{"highest_severity":"valid","executed_checks":%}}}}`
	for _, number := range []string{"-1", "1e999999", "1.5", "99999999999999999999", `"7"`, "1e2"} {
		job := new(dqops.Job)
		if err := job.UnmarshalJSON([]byte(strings.Replace(run, "%", number, 1))); err != nil {
			t.Fatal(err)
		}
		if result, err := job.RunChecksResult(); err == nil {
			t.Errorf("%s executed checks are taken for %d", number, result.ExecutedChecks)
		}
		for _, status := range []string{
			`{"checks":{"a":{"errors":%}},"columns":{}}`, `{"checks":{},"columns":{"c":{"checks":{"a":{"errors":%}}}}}`,
			`{"checks":{},"fatals":%}`, `{"checks":{},"columns":{"c":{"warnings":%}}}`,
		} {
			server := serve(t, says(200, strings.Replace(status, "%", number, 1)))
			_, err := server.client(t).TableStatus(t.Context(), dqops.TableRef{Connection: "a", Schema: "b", Table: "c"}, dqops.StatusQuery{Months: 1})
			if _, ok := errors.AsType[*dqops.ProtocolError](err); !ok {
				t.Errorf("%s in %s: %v", number, status, err)
			}
		}
	}
}

// TestATokenThatIsEchoed is found in nothing that the client hands out.
func TestATokenThatIsEchoed(t *testing.T) {
	told := ""
	hide := func(o *dqops.Options) {
		o.Token = token
		o.Trace = func(e dqops.Exchange) {
			told += e.URL + string(e.Sent.Body) + string(e.Answer.Body)
			for _, values := range e.Answer.Header {
				told += strings.Join(values, " ")
			}
			if e.Err != nil {
				told += e.Err.Error()
			}
		}
	}
	echo := strings.ReplaceAll(errorJSON, "nosuch", token)
	for name, answer := range map[string]http.HandlerFunc{
		"500": says(500, strings.ReplaceAll(echo, "27663740-40", token)), "400": says(400, echo),
		"a page": says(200, token, "Content-Type", "text/html"), "a type": says(200, aJob, "Content-Type", "text/"+token),
		"a place": says(302, "", "Location", "http://other.test/"+token+"?"+token), "a server": says(200, aJob, "Server", token),
		"bad JSON": says(200, `{"status":`+token), "a wrong type": says(200, `{"jobId":{"jobId":7,"createdAt":"`+token+`"},"status":"queued"}`),
		"a job": says(200, strings.Replace(aJob, `"queued"`, `"`+token+`"`, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			client := serve(t, answer).client(t, hide)
			for _, op := range operations {
				if err := op.call(t.Context(), client); err != nil && strings.Contains(err.Error(), token) {
					t.Errorf("%s: %v", op.name, err)
				} else if said, ok := errors.AsType[*dqops.ServerError](err); ok && strings.Contains(said.Message+said.Cause+said.Trace+said.RequestID, token) {
					t.Errorf("%s: %+v", op.name, said)
				}
			}
			if job, err := client.GetJob(t.Context(), "7"); err == nil && strings.Contains(string(job.Raw)+string(job.Status), token) {
				t.Errorf("%s", job.Raw)
			}
		})
	}
	for name, sent := range map[string]string{"no HTTP": token + " " + token + "\r\n\r\n", "a bad header": "HTTP/1.1 200 OK\r\n" + token + "\r\n\r\n"} {
		_, err := newClient(t, func() dqops.Options {
			o := dqops.Options{BaseURL: serveBytes(t, sent, false)}
			hide(&o)
			return o
		}()).GetJob(t.Context(), "7")
		if kind(err) != "unreachable" || strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "***") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if strings.Contains(told, token) || !strings.Contains(told, "***") {
		t.Errorf("the trace tells it: %s", told)
	}
}

// TestAServerThatWantsACertificate refuses in TLS 1.3 when the request was written
// already; it proves all the same that it was not read.
func TestAServerThatWantsACertificate(t *testing.T) {
	pattern := httptest.NewTLSServer(nil)
	defer pattern.Close()
	config := &tls.Config{Certificates: pattern.TLS.Certificates, ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13}
	var served sync.WaitGroup
	defer served.Wait()
	roots := x509.NewCertPool()
	roots.AddCert(pattern.Certificate())
	client := newClient(t, dqops.Options{
		BaseURL: "https://example.com", TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			served.Go(func() {
				defer there.Close()
				_ = tls.Server(there, config).Handshake()
				_, _ = io.Copy(io.Discard, there) // the request, unread by anybody
			})
			return here, nil
		},
	})
	_, err := client.GetJob(t.Context(), "7")
	lost, ok := errors.AsType[*dqops.UnreachableError](err)
	if !ok || lost.Sent {
		t.Fatalf("%v, want an unreachable one that never left", err)
	}
	if alert, ok := dqops.TLSAlert(err); !ok || alert != 116 {
		t.Errorf("alert %v of %v", alert, err)
	}
}

// TestAnotherProtocol: what comes behind a 101 is not read, since nothing would end
// that.
func TestAnotherProtocol(t *testing.T) {
	base := serveOpen(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\nhello")
	_, err := newClient(t, dqops.Options{BaseURL: base}).GetJob(t.Context(), "7")
	if kind(err) != "protocol" || !strings.Contains(err.Error(), "(HTTP 101): it wants to speak another protocol") {
		t.Errorf("%s: %v", kind(err), err)
	}
}

// serveOpen writes the bytes as its only answer and leaves the connection open
// until the test ends.
func serveOpen(t *testing.T, answer string) string {
	t.Helper()
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("hijack: %v", err)
			return
		}
		_, _ = io.WriteString(conn, answer)
		<-over
		_ = conn.Close()
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(over) })
	return server.URL
}
