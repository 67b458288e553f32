package doctor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// newDoctor looks at the address; flags are more settings.
func newDoctor(t *testing.T, address string, secure *tls.Config, flags map[string]string) *Doctor {
	t.Helper()
	given := map[string]string{"server": address}
	maps.Copy(given, flags)
	s, err := config.Load(config.Source{Flags: given})
	if err != nil {
		t.Fatal(err)
	}
	client, err := dqops.New(dqops.Options{BaseURL: address, TLS: secure, DataDomain: s.DataDomain})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return &Doctor{
		Settings: s, Client: client, TLS: secure,
		Explain: func(err error) (exit.Outcome, string) {
			if _, ok := errors.AsType[*dqops.UnauthorizedError](err); ok {
				return exit.Unauthorized, "a hint"
			}
			return exit.Protocol, "a hint"
		},
	}
}

func examine(t *testing.T, d *Doctor) *Report {
	t.Helper()
	r, err := d.Examine(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// want compares one check: its status, and words of its message and hint.
func (r *Report) want(t *testing.T, name string, status Status, words ...string) {
	t.Helper()
	for _, c := range r.Checks {
		if c.Name != name {
			continue
		}
		if c.Status != status {
			t.Errorf("%s is %s, want %s: %s", name, c.Status, status, c.Message)
		}
		for _, word := range words {
			if !strings.Contains(c.Message+"\n"+c.Hint, word) {
				t.Errorf("%s: no %q in %q, %q", name, word, c.Message, c.Hint)
			}
		}
		return
	}
	t.Errorf("there is no check %s", name)
}

func (r *Report) wantCode(t *testing.T, code int, failed string) {
	t.Helper()
	name := ""
	if c := r.Failed(); c != nil {
		name = c.Name
	}
	if r.ExitCode != code || r.Outcome.Code() != code || name != failed {
		t.Errorf("code %d (%s) by %q, want %d by %q", r.ExitCode, r.Outcome, name, code, failed)
	}
}

func simulated(t *testing.T, scenario *simulator.Scenario) http.Handler {
	t.Helper()
	s := simulator.New(simulator.Options{Scenario: scenario})
	t.Cleanup(func() { _ = s.Close() })
	return s.Handler()
}

func TestNamesOfTheChecks(t *testing.T) {
	want := "configuration name connection tls proxy server health token user licence rights data-domain clock scheduler"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("the checks are %s, want %s", got, want)
	}
}

func TestAccounts(t *testing.T) {
	server := httptest.NewServer(simulated(t, simulator.Builtin()))
	defer server.Close()
	r := examine(t, newDoctor(t, server.URL, nil, map[string]string{"data-domain": "sales"}))
	r.wantCode(t, 0, "")
	r.want(t, "user", OK, "tells users not apart")
	r.want(t, "licence", OK, "FREE: one job at a time")
	r.want(t, "rights", OK, "not reliable", "not allowed: sync")
	r.want(t, "data-domain", Warning, "sales is asked for", "76")
	r.want(t, "clock", OK)
	r.want(t, "scheduler", Warning, "dqoctl scheduler start")

	scenario := simulator.Builtin()
	scenario.CloudKey, scenario.ParallelJobs = true, 4
	scenario.Clock = &simulator.Instant{Time: time.Now().Add(-3 * time.Hour)}
	account := httptest.NewServer(simulated(t, scenario))
	defer account.Close()
	r = examine(t, newDoctor(t, account.URL, nil, nil))
	r.want(t, "user", OK, "simulated@example.test")
	r.want(t, "licence", OK, "TEAM: 4 jobs at a time")
	r.want(t, "rights", OK, "sync")
	r.want(t, "clock", Warning, "3h0m0s behind", "verdicts do not suffer")
}

// answers is a server that has its own words for some paths.
func answers(t *testing.T, own map[string]http.HandlerFunc) *httptest.Server {
	t.Helper()
	rest := simulated(t, simulator.Builtin())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler := own[r.URL.Path]; handler != nil {
			handler(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

func says(status int, kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}
}

func TestFailures(t *testing.T) {
	html := says(200, "text/html", "<html>")
	for _, c := range []struct {
		name   string
		own    map[string]http.HandlerFunc
		code   int
		failed string
	}{
		{"another product", map[string]http.HandlerFunc{"/api/ishealthy": html}, 76, "server"},
		{"starting", map[string]http.HandlerFunc{"/api/ishealthy": says(503, "application/json;charset=UTF-8", "UNAVAILABLE")}, 69, "health"},
		{"wrong token", map[string]http.HandlerFunc{"/api/jobs/jobs": says(401, "", "")}, 77, "token"},
		{"no view", map[string]http.HandlerFunc{"/api/jobs/jobs": says(403, "text/plain", "Access Denied")}, 77, "token"},
		{"no profile", map[string]http.HandlerFunc{"/api/environment/profile": html}, 76, "user"},
		{"no scheduler", map[string]http.HandlerFunc{"/api/jobs/scheduler/isrunning": html}, 76, "scheduler"},
		{"cut", map[string]http.HandlerFunc{"/api/ishealthy": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}, 69, "server"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := examine(t, newDoctor(t, answers(t, c.own).URL, nil, nil))
			r.wantCode(t, c.code, c.failed)
		})
	}
}

func TestWhatStandsBetween(t *testing.T) {
	server := answers(t, map[string]http.HandlerFunc{"/api/ishealthy": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Via", "1.1 edge")
		w.Header()["Date"] = nil
		says(200, "application/json", "OK")(w, r)
	}})
	r := examine(t, newDoctor(t, server.URL, nil, nil))
	r.want(t, "proxy", OK, "Via: 1.1 edge", "30 s")
	r.want(t, "clock", OK) // from the timestamp of an error
}

// authority signs certificates for 127.0.0.1.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := authority{key: key}
	a.certificate = a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Test Authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, time.Now().Add(-time.Hour), time.Now().AddDate(10, 0, 0), &key.PublicKey)
	return a
}

func (a authority) sign(t *testing.T, template, parent *x509.Certificate, from, until time.Time, public *ecdsa.PublicKey) *x509.Certificate {
	t.Helper()
	if parent == nil {
		parent = template
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(7), from, until
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, a.key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// serve is a simulator behind TLS whose certificate is for that address.
func (a authority) serve(t *testing.T, address string, until time.Time, asks tls.ClientAuthType) *httptest.Server {
	t.Helper()
	leaf := a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "leaf"}, IPAddresses: []net.IP{net.ParseIP(address)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.certificate, until.AddDate(0, -3, 0), until, &a.key.PublicKey)
	server := httptest.NewUnstartedServer(simulated(t, simulator.Builtin()))
	server.Config.ErrorLog = nil
	server.TLS = &tls.Config{ClientAuth: asks, Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: a.key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestTLS(t *testing.T) {
	a, long := newAuthority(t), time.Now().AddDate(0, 2, 0)
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	trusting := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	careless := &tls.Config{RootCAs: roots, InsecureSkipVerify: true}
	for _, c := range []struct {
		name    string
		address string
		until   time.Time
		asks    tls.ClientAuthType
		secure  *tls.Config
		status  Status
		words   []string
	}{
		{"good", "127.0.0.1", long, 0, trusting, OK, []string{"TLS 1.3, leaf, issued by Test Authority, 2 in the chain, valid until 20", "days)"}},
		{"ends soon", "127.0.0.1", time.Now().Add(13 * 24 * time.Hour), 0, trusting, Warning, []string{"(12 days)", "renew the certificate of leaf"}},
		{"over", "127.0.0.1", time.Now().Add(-time.Hour), 0, trusting, Failure, []string{"the certificate of leaf is valid from", "clock"}},
		{"unknown authority", "127.0.0.1", long, 0, &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}, Failure, []string{"CN=Test Authority", "--ca-cert"}},
		{"another host", "127.0.0.2", long, 0, trusting, Failure, []string{"127.0.0.2, not 127.0.0.1"}},
		{"wants a certificate", "127.0.0.1", long, tls.RequireAnyClientCert, trusting, Failure, []string{"certificate required", "--client-cert"}},
		{"not verified, good", "127.0.0.1", long, 0, careless, Warning, []string{"not verified", "the certificate is good"}},
		{"not verified, over", "127.0.0.1", time.Now().Add(-time.Hour), 0, careless, Warning, []string{"it would fail: the certificate of leaf"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := examine(t, newDoctor(t, a.serve(t, c.address, c.until, c.asks).URL, c.secure, nil))
			r.want(t, "tls", c.status, c.words...)
			if c.status == Failure {
				r.wantCode(t, 69, "tls")
			} else {
				r.wantCode(t, 0, "")
			}
		})
	}
	plain := httptest.NewServer(simulated(t, simulator.Builtin()))
	defer plain.Close()
	r := examine(t, newDoctor(t, strings.Replace(plain.URL, "http:", "https:", 1), trusting, nil))
	r.want(t, "tls", Failure, "does not speak TLS", "http://")
}

// pipes is a network of in-memory connections to one handler.
func pipes(t *testing.T, handler http.Handler) func(context.Context, string, string) (net.Conn, error) {
	l := &pipeListener{connections: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // it ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return l.dial
}

type pipeListener struct {
	connections chan net.Conn
	closed      chan struct{}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.connections <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.connections:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// waitsFor has a server that becomes ready after that long, in virtual time:
// first a proxy's error, then a server that starts.
func waitsFor(t *testing.T, ready, most time.Duration) (r *Report, took time.Duration, reasons []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		rest := simulated(t, simulator.Builtin())
		dial := pipes(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch passed := time.Since(began); {
			case passed < ready/2:
				says(502, "text/html", "bad gateway")(w, r)
			case passed < ready:
				says(503, "application/json;charset=UTF-8", "UNAVAILABLE")(w, r)
			default:
				rest.ServeHTTP(w, r)
			}
		}))
		d := newDoctor(t, "http://127.0.0.1", nil, nil)
		client, err := dqops.New(dqops.Options{BaseURL: "http://127.0.0.1", DialContext: dial})
		if err != nil {
			t.Fatal(err)
		}
		defer client.CloseIdleConnections()
		d.Client, d.DialContext = client, dial
		d.Waiting = func(why string) { reasons = append(reasons, why) }
		if r, err = d.Examine(t.Context(), most); err != nil {
			t.Fatal(err)
		}
		took = time.Since(began)
	})
	return r, took, reasons
}

func TestWaitsForAServerThatStarts(t *testing.T) {
	r, took, reasons := waitsFor(t, 90*time.Second, 5*time.Minute)
	r.wantCode(t, 0, "")
	if took < 90*time.Second || took > 92*time.Second {
		t.Errorf("it took %s", took)
	}
	all := strings.Join(reasons, "\n")
	if !strings.Contains(all, "502") || !strings.Contains(all, "its job queues do not run yet") {
		t.Errorf("the reasons were %q", reasons)
	}
}

func TestWaitsNoLongerThanAsked(t *testing.T) {
	r, took, _ := waitsFor(t, time.Hour, 40*time.Minute)
	r.wantCode(t, 69, "health")
	if took != 40*time.Minute {
		t.Errorf("it took %s", took)
	}
	r, _, _ = waitsFor(t, time.Hour, 10*time.Minute)
	r.wantCode(t, 76, "server")
}

func TestInterrupted(t *testing.T) {
	server := httptest.NewServer(simulated(t, simulator.Builtin()))
	defer server.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&exit.Error{Outcome: exit.Interrupted})
	_, err := newDoctor(t, server.URL, nil, nil).Examine(ctx, time.Hour)
	if coded, ok := errors.AsType[*exit.Error](err); !ok || coded.Outcome != exit.Interrupted {
		t.Errorf("%v", err)
	}
}
