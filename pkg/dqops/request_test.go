package dqops_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// token is long enough not to occur by chance.
const token = "7b2261-secret-token"

func TestRequestsOnTheWire(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			server := serve(t, says(op.status, op.answer))
			client := server.client(t, func(o *dqops.Options) {
				o.Token, o.DataDomain, o.UserAgent = token, "sales", "dqoctl/1.2.3"
			})
			if err := op.call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			asked := server.requests()
			if len(asked) != 1 {
				t.Fatalf("%d requests, want 1", len(asked))
			}
			got := asked[0]
			want := request{Method: op.method, Path: op.path, Query: op.query, Body: op.body}
			if diff := cmp.Diff(want, request{Method: got.Method, Path: got.Path, Query: got.Query, Body: got.Body}); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			checkHeader(t, op, got.Header)
		})
	}
}

func checkHeader(t *testing.T, op operation, got http.Header) {
	t.Helper()
	want := map[string][]string{
		"Accept":          {"application/json"},
		"Accept-Encoding": {"gzip"},
		"Authorization":   {"Bearer " + token},
		"Cookie":          {"DQODataDomain=sales"},
		"Cache-Control":   {"no-cache"},
		"User-Agent":      {"dqoctl/1.2.3"},
	}
	if op.body != "" {
		want["Content-Type"] = []string{"application/json"}
	}
	rest := map[string][]string{}
	for name, values := range got {
		if name != "Content-Length" && name != "Connection" {
			rest[name] = values
		}
	}
	if diff := cmp.Diff(want, rest); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
}

func TestNothingIsSentThatWasNotGiven(t *testing.T) {
	server := serve(t, says(200, aJob))
	if _, err := server.client(t).GetJob(t.Context(), "7"); err != nil {
		t.Fatal(err)
	}
	got := server.requests()[0].Header
	for _, name := range []string{"Authorization", "Cookie", "Content-Type"} {
		if values, sent := got[name]; sent {
			t.Errorf("%s: %q was sent", name, values)
		}
	}
}

func TestWaitTimesOnTheWire(t *testing.T) {
	const most = "2147483647"
	for _, tc := range []struct {
		length time.Duration
		want   string
	}{
		{0, "0"},
		{-time.Second, "0"},
		{time.Millisecond, "1"},
		{1500 * time.Millisecond, "2"},
		{20 * time.Second, "20"},
		{2147483647 * time.Second, most},
		{3000000000 * time.Second, most},
	} {
		if got := (dqops.Start{Wait: true, WaitTimeout: tc.length}).Query().Encode(); got != "wait=true&waitTimeout="+tc.want {
			t.Errorf("%s is sent as %s, want %s s", tc.length, got, tc.want)
		}
	}
	for _, start := range []dqops.Start{{}, {WaitTimeout: time.Minute}} {
		if got := start.Query().Encode(); got != "wait=false" {
			t.Errorf("%+v is sent as %q", start, got)
		}
	}
}

// TestConnections holds that what must arrive at most once is never written to a
// kept connection, and that the rest shares one.
func TestConnections(t *testing.T) {
	for _, op := range operations {
		alone := op.method == "POST" || op.method == "DELETE"
		t.Run(op.name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == op.method && r.URL.EscapedPath() == op.path {
					says(op.status, op.answer)(w, r)
					return
				}
				says(200, aJob)(w, r)
			})
			client := server.client(t)
			other := func() {
				if _, err := client.GetJob(t.Context(), "7"); err != nil {
					t.Fatal(err)
				}
			}
			// A busy machine may lose a kept connection, not each of them.
			shared := 0
			for range 5 {
				other()
				if err := op.call(t.Context(), client); err != nil {
					t.Fatal(err)
				}
				other()
				asked := server.requests()
				before, own, behind := asked[len(asked)-3], asked[len(asked)-2], asked[len(asked)-1]
				if own.Remote == before.Remote || own.Remote == behind.Remote {
					shared++
				}
				if closes := own.Header.Get("Connection") == "close"; closes != alone {
					t.Errorf("Connection: close is %v", closes)
				}
			}
			if alone != (shared == 0) {
				t.Errorf("%d of 5 shared a connection with others", shared)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, op := range operations {
			t.Run(http.StatusText(status)+" "+op.name, func(t *testing.T) {
				other := serve(t, says(200, aJob))
				server := serve(t, says(status, "", "Location", other.URL+"/login?back=here"))
				client := server.client(t, func(o *dqops.Options) { o.Token = token })
				err := op.call(t.Context(), client)
				if kind(err) != "protocol" || !strings.Contains(err.Error(), "the server redirects to "+other.URL+"/login") {
					t.Errorf("%v", err)
				}
				if asked := other.requests(); len(asked) != 0 {
					t.Errorf("the other host was asked: %v", asked)
				}
				if asked := server.requests(); len(asked) != 1 {
					t.Errorf("%d requests, want 1", len(asked))
				}
			})
		}
	}
}

// TestRedirectsToTheSameHost are not followed either: another scheme would show the
// token to whoever listens.
func TestRedirectsToTheSameHost(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		for _, place := range []string{"/elsewhere", "http://", "https://", "//"} {
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				to := place
				if strings.HasSuffix(place, "//") {
					to += r.Host + "/elsewhere"
				}
				says(status, "", "Location", to)(w, r)
			})
			for _, op := range []operation{runChecks, operations[0]} {
				before := len(server.requests())
				err := op.call(t.Context(), server.client(t, func(o *dqops.Options) { o.Token = token }))
				if asked := server.requests()[before:]; kind(err) != "protocol" || len(asked) != 1 || strings.Contains(asked[0].Path, "elsewhere") {
					t.Errorf("%d to %s: %v after %d requests", status, place, err, len(asked))
				}
			}
		}
	}
}

func TestRedirectsWithoutAPlace(t *testing.T) {
	for _, location := range []string{"", "http://[bad", "%zz"} {
		server := serve(t, says(302, "", "Location", location))
		if _, err := server.client(t).GetJob(t.Context(), "7"); kind(err) != "protocol" {
			t.Errorf("Location %q: %v", location, err)
		}
	}
}

func TestBaseURLs(t *testing.T) {
	for _, tc := range []struct{ base, path string }{
		{"", "/api/jobs/jobs/7"},
		{"/", "/api/jobs/jobs/7"},
		{"//", "/api/jobs/jobs/7"},
		{"/dqops", "/dqops/api/jobs/jobs/7"},
		{"/tools/dqops/", "/tools/dqops/api/jobs/jobs/7"},
		{"/a%2Fb/", "/a%2Fb/api/jobs/jobs/7"},
		{"/a b", "/a%20b/api/jobs/jobs/7"},
	} {
		server := serve(t, says(200, aJob))
		client := newClient(t, dqops.Options{BaseURL: server.URL + tc.base})
		if _, err := client.GetJob(t.Context(), "7"); err != nil {
			t.Errorf("%q: %v", tc.base, err)
			continue
		}
		if got := server.requests()[0].Path; got != tc.path {
			t.Errorf("%q: asked for %s, want %s", tc.base, got, tc.path)
		}
		if got := client.BaseURL(); strings.HasSuffix(got, "/") || !strings.HasPrefix(got, server.URL) {
			t.Errorf("%q: BaseURL is %q", tc.base, got)
		}
	}
}

func TestBaseURLsThatAreRefused(t *testing.T) {
	const secret = "pa55word"
	for base, want := range map[string]string{
		"":                                    `server address "" must start with http:// or https://`,
		"localhost:8888":                      `server address "localhost:8888" must start with http:// or https://`,
		"localhost":                           `server address "localhost" must start with http:// or https://`,
		"ftp://localhost":                     `server address "ftp://localhost" must start with http:// or https://`,
		"http://":                             `server address "http://" has no host`,
		"http://:8888":                        `server address "http://:8888" has no host`,
		"http:localhost":                      `server address "http:localhost" has no host`,
		"http://localhost?x=1":                "server address must not have a query or fragment",
		"http://localhost?":                   "server address must not have a query or fragment",
		"http://localhost#x":                  "server address must not have a query or fragment",
		"http://localhost?token=" + secret:    "server address must not have a query or fragment",
		"ftp://localhost?token=" + secret:     "server address must start with http:// or https://",
		"http://me:" + secret + "@localhost":  "server address must not contain a user or password",
		"http://" + secret + "@localhost":     "server address must not contain a user or password",
		"http://me:" + secret + "@local host": "server address is not a URL",
		"me:" + secret + "@localhost:8888":    "server address must start with http:// or https://",
		"http:me:" + secret + "@localhost":    "server address has no host",
		"http:/me:" + secret + "@localhost":   "server address has no host",
		"http://localhost:x":                  "server address is not a URL",
	} {
		_, err := dqops.New(dqops.Options{BaseURL: base})
		if err == nil {
			t.Errorf("%q was taken", base)
			continue
		}
		if err.Error() != want {
			t.Errorf("%q: %v, want %s", base, err, want)
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q: the error holds the password: %v", base, err)
		}
	}
}

func TestOptionsThatCannotBeSent(t *testing.T) {
	for _, tc := range []struct {
		options dqops.Options
		want    string
	}{
		{dqops.Options{Token: token + "\n"}, "the token contains a line break or another control character"},
		{dqops.Options{Token: "a\x00b"}, "the token contains a line break or another control character"},
		{dqops.Options{DataDomain: "sälés"}, `data domain "sälés" cannot be sent: it contains characters that no cookie may have`},
		{dqops.Options{DataDomain: "a;b"}, `data domain "a;b" cannot be sent: it contains characters that no cookie may have`},
		{dqops.Options{DataDomain: "a\nb"}, `data domain "a\nb" cannot be sent: it contains characters that no cookie may have`},
	} {
		tc.options.BaseURL = dqops.DefaultURL
		if _, err := dqops.New(tc.options); err == nil || err.Error() != tc.want {
			t.Errorf("%+v: %v, want %s", tc.options, err, tc.want)
		}
	}
}

func TestTraceTellsEachExchangeWithoutSecrets(t *testing.T) {
	var told []dqops.Exchange
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			says(401, "")(w, r)
			return
		}
		says(201, runChecks.answer)(w, r)
	})
	client := server.client(t, func(o *dqops.Options) {
		o.Token, o.Trace = token, func(e dqops.Exchange) { told = append(told, e) }
	})
	if err := runChecks.call(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	_, denied := client.GetJob(t.Context(), "7")
	server.Close()
	_, gone := client.GetJob(t.Context(), "7")
	if denied == nil || gone == nil {
		t.Fatal("no errors")
	}
	for i := range told {
		if told[i].Duration <= 0 {
			t.Errorf("exchange %d took %s", i, told[i].Duration)
		}
		told[i].Duration = 0
	}
	asked := http.Header{"Accept": {jsonType}, "Authorization": {"Bearer ***"}}
	posted := asked.Clone()
	posted.Set("Content-Type", jsonType)
	answered := func(length string) http.Header {
		return http.Header{"Content-Length": {length}, "Content-Type": {jsonType}}
	}
	want := []dqops.Exchange{
		{
			Method: "POST", URL: server.URL + runChecks.path + "?" + runChecks.query, Status: 201,
			Sent:   dqops.Message{Header: posted, Body: []byte(runChecks.body)},
			Answer: dqops.Message{Header: answered(fmt.Sprint(len(runChecks.answer))), Body: []byte(runChecks.answer)},
		},
		{
			Method: "GET", URL: server.URL + "/api/jobs/jobs/7", Status: 401, Err: denied,
			Sent: dqops.Message{Header: asked}, Answer: dqops.Message{Header: answered("0")},
		},
		{Method: "GET", URL: server.URL + "/api/jobs/jobs/7", Err: gone, Sent: dqops.Message{Header: asked}},
	}
	for i := range told {
		told[i].Answer.Header.Del("Date")
		told[i].Answer.Header.Del("Connection")
	}
	sameError := cmp.Comparer(func(a, b error) bool { return a == b }) //nolint:errorlint // the very same is wanted
	if diff := cmp.Diff(want, told, sameError, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("exchanges (-want +got):\n%s", diff)
	}
}

func TestBodiesOfRunChecks(t *testing.T) {
	no, one := false, int32(1)
	for _, tc := range []struct {
		body dqops.RunChecksParameters
		want string
	}{
		{dqops.RunChecksParameters{}, `{"check_search_filters":{}}`},
		{
			dqops.RunChecksParameters{
				CheckSearchFilters: dqops.CheckSearchFilters{
					Connection: "c", FullTableName: "s.t", Enabled: &no, Tags: []string{"t"}, Labels: []string{"l"},
					MaxResults: &one, Column: "k", ColumnDataType: "INT", ColumnNullable: &no, CheckTarget: "column",
					CheckType: "monitoring", TimeScale: "daily", CheckCategory: "volume", QualityDimension: "Validity",
					TableComparisonName: "x", CheckName: "daily_*", SensorName: "table/volume/row_count",
					CheckHierarchyIDsModels: []json.RawMessage{json.RawMessage(`{"path":["c"]}`)},
				},
				TimeWindowFilter: &dqops.TimeWindowFilterParameters{
					DailyPartitioningRecentDays: &one, DailyPartitioningIncludeToday: &no,
					MonthlyPartitioningRecentMonths: &one, MonthlyPartitioningIncludeCurrentMonth: &no,
					FromDate: "2026-11-01", FromDateTime: "2026-11-01T00:00:00", FromDateTimeOffset: "2026-11-01T00:00:00Z",
					ToDate: "2026-12-01", ToDateTime: "2026-12-01T00:00:00", ToDateTimeOffset: "2026-12-01T00:00:00+02:00",
					WhereFilter: "{alias}.id < 7",
				},
				CollectErrorSamples: &no, ExecutionTarget: dqops.TargetOnlySensors, DummyExecution: true,
			},
			`{"check_search_filters":{"connection":"c","fullTableName":"s.t","enabled":false,"tags":["t"],"labels":["l"],` +
				`"maxResults":1,"column":"k","columnDataType":"INT","columnNullable":false,"checkTarget":"column",` +
				`"checkType":"monitoring","timeScale":"daily","checkCategory":"volume","qualityDimension":"Validity",` +
				`"tableComparisonName":"x","checkName":"daily_*","sensorName":"table/volume/row_count",` +
				`"checkHierarchyIdsModels":[{"path":["c"]}]},` +
				`"time_window_filter":{"daily_partitioning_recent_days":1,"daily_partitioning_include_today":false,` +
				`"monthly_partitioning_recent_months":1,"monthly_partitioning_include_current_month":false,` +
				`"from_date":"2026-11-01","from_date_time":"2026-11-01T00:00:00","from_date_time_offset":"2026-11-01T00:00:00Z",` +
				`"to_date":"2026-12-01","to_date_time":"2026-12-01T00:00:00","to_date_time_offset":"2026-12-01T00:00:00+02:00",` +
				`"where_filter":"{alias}.id \u003c 7"},` +
				`"collect_error_samples":false,"execution_target":"only_sensors","dummy_execution":true}`,
		},
	} {
		server := serve(t, says(201, runChecks.answer))
		if _, err := server.client(t).RunChecks(t.Context(), tc.body, dqops.Start{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tc.want, server.requests()[0].Body); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	}
}

func TestPathsOfChecks(t *testing.T) {
	leapDay := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	month := dqops.ResultsQuery{First: leapDay, Last: leapDay}
	for _, tc := range []struct {
		path dqops.CheckPath
		want string
	}{
		{dqops.CheckPath{CheckType: dqops.CheckTypeProfiling}, "/profiling/results"},
		{dqops.CheckPath{CheckType: dqops.CheckTypeMonitoring, TimeScale: dqops.TimeScaleDaily}, "/monitoring/daily/results"},
		{
			dqops.CheckPath{Column: "a%b?c#d", CheckType: dqops.CheckTypePartitioned, TimeScale: dqops.TimeScaleMonthly},
			"/columns/a%25b%3Fc%23d/partitioned/monthly/results",
		},
	} {
		tc.path.TableRef = dqops.TableRef{Connection: "shop", Schema: "files", Table: "orders.csv"}
		server := serve(t, says(200, "[]"))
		if _, err := server.client(t).CheckResults(t.Context(), tc.path, month); err != nil {
			t.Fatal(err)
		}
		got := server.requests()[0]
		if want := "/api/connections/shop/schemas/files/tables/orders.csv" + tc.want; got.Path != want {
			t.Errorf("asked for %s, want %s", got.Path, want)
		}
		if want := "maxResultsPerCheck=1000000&monthEnd=2024-02-01&monthStart=2024-02-01"; got.Query != want {
			t.Errorf("query %s, want %s", got.Query, want)
		}
	}
}

func TestTheCallersEndEndsTheCall(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			reached := make(chan struct{})
			server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				close(reached)
				<-r.Context().Done()
			})
			cause := errors.New("the caller's own cause")
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() {
				<-reached
				cancel(cause)
			}()
			err := op.call(ctx, server.client(t))
			if !errors.Is(err, cause) || kind(err) != "an error without a type" {
				t.Errorf("%v, want the caller's cause and no verdict on the server", err)
			}
		})
	}
}
