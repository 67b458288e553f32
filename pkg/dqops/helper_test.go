package dqops_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

const jsonType = "application/json"

// request is one request as it came over the wire.
type request struct {
	Method string
	Path   string // as sent, escaped
	Query  string // as sent
	Header http.Header
	Body   string
	Remote string
}

// fake is a server that answers everything with answer and keeps what it was
// asked.
type fake struct {
	*httptest.Server
	mutex sync.Mutex
	asked []request
}

func serve(t *testing.T, answer http.HandlerFunc) *fake {
	t.Helper()
	f := new(fake)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read the request: %v", err)
		}
		f.mutex.Lock()
		f.asked = append(f.asked, request{
			r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header, string(body), r.RemoteAddr,
		})
		f.mutex.Unlock()
		answer(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) requests() []request {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return slices.Clone(f.asked)
}

// client is a client of the server; change edits its options.
func (f *fake) client(t *testing.T, change ...func(*dqops.Options)) *dqops.Client {
	t.Helper()
	o := dqops.Options{BaseURL: f.URL}
	for _, apply := range change {
		apply(&o)
	}
	return newClient(t, o)
}

func newClient(t *testing.T, o dqops.Options) *dqops.Client {
	t.Helper()
	client, err := dqops.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// says answers with a body, of the type application/json unless a header says
// otherwise.
func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// kind names the type of an error of the package.
func kind(err error) string {
	var kinds []string
	note := func(name string, is bool) {
		if is {
			kinds = append(kinds, name)
		}
	}
	_, is := errors.AsType[*dqops.UnreachableError](err)
	note("unreachable", is)
	_, is = errors.AsType[*dqops.ProtocolError](err)
	note("protocol", is)
	_, is = errors.AsType[*dqops.UnauthorizedError](err)
	note("unauthorized", is)
	_, is = errors.AsType[*dqops.NotFoundError](err)
	note("not found", is)
	_, is = errors.AsType[*dqops.ServerError](err)
	note("server", is)
	note("not known yet", errors.Is(err, dqops.ErrNotKnownYet))
	switch {
	case err == nil:
		return "none"
	case len(kinds) == 0:
		return "an error without a type"
	}
	return strings.Join(kinds, " and ")
}

// operation is one call of the client with what its request must be and the
// smallest answer that satisfies it.
type operation struct {
	name   string
	doing  string // how its errors begin
	call   func(context.Context, *dqops.Client) error
	method string
	path   string
	query  string
	body   string
	status int
	answer string
	// waits: an empty success means that the server does not know yet.
	waits bool
	// what names the thing that an empty 404 is about; "" for none.
	what string
}

var (
	orders  = dqops.TableRef{Connection: "my shop", Schema: "a/b", Table: "orders.csv"}
	amounts = dqops.CheckPath{TableRef: orders, Column: "net amount/€", CheckType: "partitioned", TimeScale: "daily"}
	noCheck = func(dqops.JobChange) error { return nil }
)

const (
	ordersPath  = "/api/connections/my%20shop/schemas/a%2Fb/tables/orders.csv"
	amountsPath = ordersPath + "/columns/net%20amount%2F%E2%82%AC/partitioned/daily"
	aJob        = `{"jobId":{"jobId":7,"createdAt":"2026-11-23T14:07:02Z"},"jobType":"run_checks","status":"running"}`
)

func autumn(call func(*dqops.Client, context.Context, dqops.CheckPath, dqops.ResultsQuery) error) func(context.Context, *dqops.Client) error {
	return func(ctx context.Context, c *dqops.Client) error {
		return call(c, ctx, amounts, dqops.ResultsQuery{
			First: time.Date(2026, 9, 30, 23, 0, 0, 0, time.FixedZone("", -7200)), Last: time.Date(2026, 11, 1, 0, 0, 0, 0, time.FixedZone("", 7200)),
			DataGroup: "a & b", CheckName: "daily_sum", Comparison: "c d",
		})
	}
}

const autumnQuery = "checkName=daily_sum&dataGroup=a+%26+b&maxResultsPerCheck=1000000&monthEnd=2026-11-01&monthStart=2026-09-01&tableComparison=c+d"

var operations = []operation{
	{
		name:  "start the checks",
		doing: "start the checks",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.RunChecks(ctx, dqops.RunChecksParameters{
				CheckSearchFilters: dqops.CheckSearchFilters{Connection: "my shop", FullTableName: "a/b.orders.csv"},
			}, dqops.Start{BusinessKey: "a/b c&d"})
			return err
		},
		method: "POST", path: "/api/jobs/runchecks", query: "jobBusinessKey=a%2Fb+c%26d&wait=false",
		body:   `{"check_search_filters":{"connection":"my shop","fullTableName":"a/b.orders.csv"}}`,
		status: 201, answer: `{"jobId":{"jobId":7,"createdAt":"2026-11-23T14:07:02Z"},"status":"queued"}`, waits: true,
	},
	{
		name:  "start the checks and wait",
		doing: "start the checks",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.RunChecks(ctx, dqops.RunChecksParameters{}, dqops.Start{Wait: true, WaitTimeout: 90 * time.Second})
			return err
		},
		method: "POST", path: "/api/jobs/runchecks", query: "wait=true&waitTimeout=90",
		body:   `{"check_search_filters":{}}`,
		status: 201, answer: `{"jobId":{"jobId":7,"createdAt":"2026-11-23T14:07:02Z"},"status":"finished"}`, waits: true,
	},
	{
		name:  "read a job",
		doing: "read job a/b c",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.GetJob(ctx, "a/b c")
			return err
		},
		method: "GET", path: "/api/jobs/jobs/a%2Fb%20c", status: 200, answer: aJob, what: "job a/b c",
	},
	{
		name:  "wait for a job",
		doing: "wait for job a/b c",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.WaitForJob(ctx, "a/b c", 20*time.Second)
			return err
		},
		method: "GET", path: "/api/jobs/jobs/a%2Fb%20c/wait", query: "waitTimeout=20",
		status: 200, answer: aJob, waits: true, what: "job a/b c",
	},
	{
		name:   "list jobs",
		doing:  "list jobs",
		call:   func(ctx context.Context, c *dqops.Client) error { _, err := c.GetAllJobs(ctx); return err },
		method: "GET", path: "/api/jobs/jobs", status: 200, answer: `{"jobs":[],"lastSequenceNumber":7}`,
	},
	{
		name:  "read the changes",
		doing: "read the changes of jobs",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.JobChangesSince(ctx, 1795442822000004, noCheck)
			return err
		},
		method: "GET", path: "/api/jobs/jobchangessince/1795442822000004",
		status: 200, answer: `{"jobChanges":[],"lastSequenceNumber":7}`,
	},
	{
		name:   "cancel a job",
		doing:  "cancel job a/b c",
		call:   func(ctx context.Context, c *dqops.Client) error { return c.CancelJob(ctx, "a/b c") },
		method: "DELETE", path: "/api/jobs/jobs/a%2Fb%20c", status: 204,
	},
	{
		name:  "read a status",
		doing: "read the status of table my shop: a/b.orders.csv",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.TableStatus(ctx, orders, dqops.StatusQuery{Months: 120, Partitioned: true})
			return err
		},
		method: "GET", path: ordersPath + "/status", query: "monitoring=false&months=120&partitioned=true&profiling=false",
		status: 200, answer: `{"checks":{},"columns":{}}`, what: "table my shop: a/b.orders.csv",
	},
	{
		name:  "search tables",
		doing: "search tables",
		call: func(ctx context.Context, c *dqops.Client) error {
			_, err := c.SearchTables(ctx, "my shop", "files*", "", 2)
			return err
		},
		method: "GET", path: "/api/search/tables", query: "connection=my+shop&limit=1000&page=2&schema=files%2A",
		status: 200, answer: `[]`,
	},
	{
		name:  "read results",
		doing: "read the results of my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
		call: autumn(func(c *dqops.Client, ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) error {
			_, err := c.CheckResults(ctx, p, q)
			return err
		}),
		method: "GET", path: amountsPath + "/results", query: autumnQuery, status: 200, answer: `[]`,
		what: "table or column my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
	},
	{
		name:  "read readouts",
		doing: "read the readouts of my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
		call: autumn(func(c *dqops.Client, ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) error {
			_, err := c.SensorReadouts(ctx, p, q)
			return err
		}),
		method: "GET", path: amountsPath + "/readouts", query: autumnQuery, status: 200, answer: `[]`,
		what: "table or column my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
	},
	{
		name:  "read errors",
		doing: "read the errors of my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
		call: autumn(func(c *dqops.Client, ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery) error {
			_, err := c.CheckErrors(ctx, p, q)
			return err
		}),
		method: "GET", path: amountsPath + "/errors", query: autumnQuery, status: 200, answer: `[]`,
		what: "table or column my shop: a/b.orders.csv column net amount/€ (partitioned daily)",
	},
}

// pipes is a network of in-memory connections for tests in virtual time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.IPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
