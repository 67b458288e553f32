package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEveryFifthAnswerCloses(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		var closed []bool
		for range 11 {
			closed = append(closed, b.get("/api/ishealthy").Close)
		}
		want := make([]bool, 11)
		want[4], want[9] = true, true
		if diff := cmp.Diff(want, closed); diff != "" {
			t.Errorf("answers that close their connection (-want +got):\n%s", diff)
		}
	})
}

func TestAuthorization(t *testing.T) {
	for _, tc := range []struct {
		name   string
		opts   Options
		header []string
		want   int
	}{
		{"none", Options{}, nil, 200},
		{"none, required", Options{RequireToken: true}, nil, 401},
		{"right", Options{Token: "abc1"}, []string{"Bearer abc1"}, 200},
		{"right in quotes", Options{Token: "abc1"}, []string{`Bearer "abc1"`}, 200},
		{"right, required", Options{Token: "abc1", RequireToken: true}, []string{"Bearer abc1"}, 200},
		{"wrong", Options{Token: "abc1"}, []string{"Bearer abc2"}, 401},
		{"any, where none is known", Options{}, []string{"Bearer abc"}, 401},
		{"not shaped like one", Options{}, []string{"Bearer {abc}"}, 200},
		{"not shaped like one, required", Options{RequireToken: true}, []string{"Bearer {abc}"}, 401},
		{"three words", Options{}, []string{"Bearer a b"}, 200},
		{"another scheme", Options{}, []string{"Basic abc"}, 200},
		{"lower case", Options{}, []string{"bearer abc"}, 200},
		{"two headers", Options{}, []string{"Bearer a", "Bearer b"}, 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.opts.Scenario = shopScenario()
			inBubble(t, tc.opts, func(t *testing.T, b *bench) {
				req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, "http://simulator/api/jobs/jobs", http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				for _, value := range tc.header {
					req.Header.Add("Authorization", value)
				}
				got := b.do(req)
				if got.StatusCode != tc.want || tc.want == 401 && len(got.body) > 0 {
					t.Errorf("%s %q, want %d", got.Status, got.body, tc.want)
				}
			})
		})
	}
}

func TestBodiesThatAreRefused(t *testing.T) {
	const filters = `{"check_search_filters":{%s}}`
	for _, tc := range []struct {
		body   string
		status int
		trace  string
	}{
		{`null`, 400, "No request body"},
		{` `, 400, "No request body"},
		{`[]`, 400, "Cannot deserialize value of type `com.dqops.execution.checks.jobs.RunChecksParameters` from Array value"},
		{`{"check_search_filters":7}`, 400, "from Integer value"},
		{`{"a":}`, 400, "Unexpected character ('}' (code 125))"},
		{`"checkType":"Monitoring"`, 400, "not one of the values accepted for Enum class: [monitoring, partitioned, profiling]"},
		{`"checkType":""`, 400, `from String ""`},
		{`"labels":"a"`, 500, "Type definition error"},
		{`"connection":{}`, 400, "java.lang.String"},
		{`"maxResults":"many"`, 400, "java.lang.Integer"},
		{`"enabled":"perhaps"`, 400, "java.lang.Boolean"},
		{`"checkHierarchyIdsModels":[{"path":[7]}]`, 400, "HierarchyIdModel"},
		{`{"execution_target":"all"}`, 400, "[only_rules, only_sensors, sensors_and_rules]"},
		{`{"time_window_filter":{"from_date":"2024-2-3"}}`, 400, "Text '2024-2-3' could not be parsed at index 5"},
		{`{"time_window_filter":{"from_date_time":"2024-02-03T10:00:00+02:00"}}`, 400, "could not be parsed at index 19"},
		{`{"time_window_filter":{"from_date_time_offset":"2023-02-20 14:10:00+02"}}`, 400, "could not be parsed at index 10"},
		{`{"a":"` + strings.Repeat("x", maxBody) + `"}`, 500, "Exceeded limit on max bytes to buffer : 10485760"},
	} {
		body := tc.body
		if strings.HasPrefix(body, `"`) {
			body = strings.Replace(filters, "%s", body, 1)
		}
		t.Run(body[:min(len(body), 60)], func(t *testing.T) {
			inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
				got := b.send(http.MethodPost, "/api/jobs/runchecks?wait=false", body)
				var failed errorBody
				if err := json.Unmarshal(got.body, &failed); err != nil {
					t.Fatalf("%s %q", got.Status, got.body)
				}
				first, _, _ := strings.Cut(failed.Trace, "\n")
				if got.StatusCode != tc.status || !strings.Contains(first, tc.trace) {
					t.Errorf("%s %q, want %d %q", got.Status, first, tc.status, tc.trace)
				}
				if len(b.Jobs()) > 0 {
					t.Errorf("a job was started: %v", b.Jobs())
				}
			})
		})
	}
}

func TestBodiesThatAreTaken(t *testing.T) {
	for _, tc := range []struct{ body, echo string }{
		{`{}`, `{"check_search_filters":{"enabled":true}}`},
		{`{} and more`, `{"check_search_filters":{"enabled":true}}`},
		{`{"Check_search_filters":{"connection":"x"}}`, `{"check_search_filters":{"enabled":true}}`},
		{`{"check_search_filters":{"enabled":null,"connection":7}}`, `{"check_search_filters":{"connection":"7"}}`},
		{`{"check_search_filters":{"enabled":"false","checkType":1}}`, `{"check_search_filters":{"enabled":false,"checkType":"monitoring"}}`},
		{
			`{"check_search_filters":{"maxResults":1,"maxResults":"5"},"dummy_execution":0}`,
			`{"check_search_filters":{"enabled":true,"maxResults":5}}`,
		},
		{
			`{"time_window_filter":{"from_date":"2024-02-03T10:00:00Z","to_date":[2024,2,4]}}`,
			`{"check_search_filters":{"enabled":true},"time_window_filter":{"from_date":"2024-02-03","to_date":"2024-02-04"}}`,
		},
		{
			`{"time_window_filter":{"from_date":"","from_date_time":"2024-02-03T10:00Z"}}`,
			`{"check_search_filters":{"enabled":true},"time_window_filter":{"from_date_time":"2024-02-03T10:00:00"}}`,
		},
		{
			`{"time_window_filter":{"to_date_time_offset":"2024-02-03T10:00:00+02"}}`,
			`{"check_search_filters":{"enabled":true},"time_window_filter":{"to_date_time_offset":"2024-02-03T08:00:00Z"}}`,
		},
	} {
		t.Run(tc.body, func(t *testing.T) {
			p, err := decodeRunChecks([]byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			echo, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.echo, string(echo)); diff != "" {
				t.Errorf("echo (-want +got):\n%s", diff)
			}
		})
	}
}

func TestQueryParameters(t *testing.T) {
	for query, want := range map[string]int{
		"wait=%20OFF%20": 201, "wait=no": 201, "wait=0": 201, "wait=false&wait=maybe": 201,
		"wait=&waitTimeout=": 201, "wait=2": 400, "wait=false&waitTimeout=2147483648": 400,
		"wait=false&wait_timeout=x&job_business_key=y": 201,
	} {
		inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
			got := b.send(http.MethodPost, "/api/jobs/runchecks?"+query, `{"check_search_filters":{"connection":"nosuch"}}`)
			if got.StatusCode != want {
				t.Errorf("%s: %s, want %d", query, got.Status, want)
			}
		})
	}
}

func TestPathsAndAccept(t *testing.T) {
	for _, tc := range []struct {
		method, path, accept string
		status               int
		contentType, body    string
	}{
		{"GET", "/api/jobs/jobs/", jsonType, 404, jsonType, `"message":null`},
		{"GET", "/api", jsonType, 404, jsonType, `"path":"/api"`},
		{"POST", "/nosuch", "text/html", 404, "text/html", "status=404"},
		{"GET", "/", "text/html,*/*", 200, "text/html", "<title>DQOps</title>"},
		{"GET", "/dqops/api/jobs/jobs", "*/*", 200, "text/html", "<title>DQOps</title>"},
		{"GET", "/api/jobs/nosuch", "text/html, application/json", 404, "text/html", "Whitelabel"},
		{"GET", "/api/jobs/jobs", "application/xml", 406, jsonType, "Not Acceptable"},
		{"DELETE", "/api/jobs/jobs", jsonType, 405, jsonType, `Request method 'DELETE' is not supported.`},
	} {
		t.Run(tc.method+" "+tc.path+" "+tc.accept, func(t *testing.T) {
			inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
				got := b.send(tc.method, tc.path, "", "Accept", tc.accept)
				if got.StatusCode != tc.status || got.Header.Get("Content-Type") != tc.contentType || !strings.Contains(string(got.body), tc.body) {
					t.Errorf("%s %s %s, want %d %s with %q", got.Status, got.Header.Get("Content-Type"), got.body, tc.status, tc.contentType, tc.body)
				}
			})
		})
	}
}

func TestCompression(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		ended("k", `{"connection":"shop"}`)(b)
		plain := b.get("/api/jobs/jobchangessince/0")
		packed := b.send(http.MethodGet, "/api/jobs/jobchangessince/0", "", "Accept-Encoding", "gzip")
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Content-Length") != "" {
			t.Fatalf("headers of a large answer: %v", packed.Header)
		}
		reader, err := gzip.NewReader(bytes.NewReader(packed.body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(reader)
		if err != nil || len(text) != len(plain.body) {
			t.Errorf("%d bytes unpacked (%v), want %d", len(text), err, len(plain.body))
		}
		small := b.send(http.MethodGet, "/api/jobs/jobs/k", "", "Accept-Encoding", "gzip")
		if small.Header.Get("Content-Encoding") != "" {
			t.Errorf("a small answer is compressed: %v", small.Header)
		}
	})
}

func TestBooksAndLog(t *testing.T) {
	var lines []string
	opts := Options{Scenario: shopScenario(), Log: func(line string) { lines = append(lines, line) }}
	inBubble(t, opts, func(t *testing.T, b *bench) {
		b.start("a%2Fb", `{"connection":"nosuch"}`)
		b.get("/api/jobs/jobs/a%2Fb")
		requests := b.Requests()
		if len(requests) != 2 {
			t.Fatalf("%d requests in the books", len(requests))
		}
		post, get := requests[0], requests[1]
		if post.Method != "POST" || post.Path != "/api/jobs/runchecks" || post.Query != "wait=false&jobBusinessKey=a%2Fb" ||
			string(post.Body) != `{"check_search_filters":{"connection":"nosuch"}}` || post.Status != 201 ||
			post.Header.Get("Content-Type") != jsonType {
			t.Errorf("the POST is %+v", post)
		}
		if get.Path != "/api/jobs/jobs/a%2Fb" || get.Status != 200 {
			t.Errorf("the GET is %+v", get)
		}
		want := []string{"POST /api/jobs/runchecks?wait=false&jobBusinessKey=a%2Fb 201", "GET /api/jobs/jobs/a%2Fb 200"}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

func TestPanicIsAnswered(t *testing.T) {
	var lines []string
	opts := Options{Scenario: shopScenario(), Log: func(line string) { lines = append(lines, line) }}
	inBubble(t, opts, func(t *testing.T, b *bench) {
		b.routes = append(b.routes, route{http.MethodGet, "/api/bug", func(*exchange) error { panic("a bug") }})
		if got := b.get("/api/bug"); got.StatusCode != 500 || !strings.Contains(string(got.body), `"message":"a bug"`) {
			t.Errorf("%s %s", got.Status, got.body)
		}
		want := []string{"panic while answering GET /api/bug: a bug", "GET /api/bug 500"}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Errorf("log (-want +got):\n%s", diff)
		}
	})
}

func TestBarriersAroundTheSubmit(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		before, after := b.Hold(StageSubmit), b.Hold(StageSubmitted)
		b.later(0, func() { b.start("k", `{"connection":"nosuch"}`) })
		<-before.Reached()
		synctest.Wait()
		if got := len(b.Jobs()); got != 0 {
			t.Errorf("%d jobs before the effect", got)
		}
		before.Release()
		<-after.Reached()
		settle()
		b.wantStatus("k", statusFinished)
		if got := b.Requests()[0].Status; got != 0 {
			t.Errorf("the held request is answered with %d", got)
		}
		after.Release()
		b.endings[0]()
		if got := b.start("again", `{}`); got.StatusCode != 201 {
			t.Errorf("a released barrier still holds: %s", got.Status)
		}
	})
}

func TestCloseEndsEverything(t *testing.T) {
	inBubble(t, Options{Scenario: shopScenario()}, func(t *testing.T, b *bench) {
		barrier := b.Hold(StageQueued)
		b.start("held", `{"connection":"wh"}`)
		<-barrier.Reached()
		last := b.lastSequence("/api/jobs/jobs")
		_ = b.statuses(last)
		last = b.lastSequence("/api/jobs/jobs") + 1_000_000
		poll := make(chan string, 1)
		b.later(0, func() { poll <- string(b.get("/api/jobs/jobchangessince/" + jsonNumber(last)).body) })
		dropped := make(chan error, 1)
		b.later(0, func() {
			resp, err := b.client.Get("http://simulator/api/jobs/jobs/held/wait?waitTimeout=3600")
			if err == nil {
				err = resp.Body.Close()
			}
			dropped <- err
		})
		synctest.Wait()
		begin := time.Now()
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if took := time.Since(begin); took > closeGrace {
			t.Errorf("Close took %v", took)
		}
		if got := <-poll; !strings.Contains(got, `"jobChanges":[]`) {
			t.Errorf("the long poll answered %s", got)
		}
		if err := <-dropped; err == nil {
			t.Error("a wait in progress was answered")
		}
		if resp, err := b.client.Get("http://simulator/api/ishealthy"); err == nil {
			_ = resp.Body.Close()
			t.Error("a closed server answers")
		}
	})
}

func jsonNumber(value int64) string {
	text, _ := json.Marshal(value)
	return string(text)
}

func TestHandlerWithoutServe(t *testing.T) {
	s := New(Options{})
	t.Cleanup(func() { _ = s.Close() })
	recorder := httptest.NewRecorder()
	s.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/ishealthy", nil))
	if recorder.Code != 200 || recorder.Body.String() != "OK" || slices.Contains(recorder.Header().Values("Connection"), "close") {
		t.Errorf("%d %q %v", recorder.Code, recorder.Body, recorder.Header())
	}
}
