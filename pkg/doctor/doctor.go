// Package doctor finds out whether a server can be reached, who one is there, and
// what one may do. It changes nothing on the server. It is internal to dqoctl and
// may change without notice.
package doctor

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// Status is how one check ended.
type Status string

// The statuses. A warning is no failure.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failure Status = "failure"
	Skipped Status = "skipped"
)

// The checks, in the order of a report.
const (
	checkConfiguration = "configuration"
	checkName          = "name"
	checkConnection    = "connection"
	checkTLS           = "tls"
	checkProxy         = "proxy"
	checkServer        = "server"
	checkHealth        = "health"
	checkToken         = "token"
	checkUser          = "user"
	checkLicence       = "licence"
	checkRights        = "rights"
	checkDomain        = "data-domain"
	checkClock         = "clock"
	checkScheduler     = "scheduler"
)

var order = []string{
	checkConfiguration, checkName, checkConnection, checkTLS, checkProxy, checkServer, checkHealth, checkToken,
	checkUser, checkLicence, checkRights, checkDomain, checkClock, checkScheduler,
}

// NotReached is the message of what was skipped because something before failed.
const NotReached = "not looked at after the failure above"

// Check is one thing that was looked at.
type Check struct {
	Name    string `json:"name"`
	Status  Status `json:"status"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what to do
	// Outcome is what a failure makes of the whole command.
	Outcome exit.Outcome `json:"outcome,omitempty"`
}

// Report is everything that was looked at. The first failure decides.
type Report struct {
	Server   string       `json:"server,omitempty"`
	Checks   []Check      `json:"checks"`
	Outcome  exit.Outcome `json:"outcome"`
	ExitCode int          `json:"exitCode"`
}

// Failed is the first failure, nil when there is none.
func (r *Report) Failed() *Check {
	for i := range r.Checks {
		if r.Checks[i].Status == Failure {
			return &r.Checks[i]
		}
	}
	return nil
}

// Count is how many checks ended so.
func (r *Report) Count(s Status) int {
	n := 0
	for _, c := range r.Checks {
		if c.Status == s {
			n++
		}
	}
	return n
}

// Doctor looks at the server of the settings.
type Doctor struct {
	Settings *config.Settings
	Client   *dqops.Client
	TLS      *tls.Config
	// Explain gives the outcome of an error and what to do about it.
	Explain func(error) (exit.Outcome, string)
	// Waiting is told why the server is not ready yet; it may be nil.
	Waiting func(why string)
	// DialContext replaces the TCP dialler, for tests over in-memory pipes.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)

	found map[string]Check
}

// Examine makes all checks. Those that make no sense after a failure are skipped.
// Before, it waits up to that long for a server that is starting. The error is the
// context's.
func (d *Doctor) Examine(ctx context.Context, waitReady time.Duration) (*Report, error) {
	d.found = make(map[string]Check)
	if waitReady > 0 {
		d.wait(ctx, waitReady)
	}
	d.ok(checkConfiguration, "%s", d.configuration())
	if p := d.examineNetwork(ctx); p != nil && d.examineServer(ctx) {
		d.examineClock(ctx, p)
		if d.examineToken(ctx) {
			d.examineAccount(ctx)
			d.examineScheduler(ctx)
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return d.report(d.Settings.Server), nil
}

// Broken is the report on settings that cannot be used.
func Broken(problem *exit.Error) *Report {
	d := &Doctor{found: map[string]Check{checkConfiguration: {
		Status: Failure, Message: problem.Message, Hint: problem.Hint, Outcome: problem.Outcome,
	}}}
	return d.report("")
}

func (d *Doctor) report(server string) *Report {
	r := &Report{Server: server, Outcome: exit.OK}
	for _, name := range order {
		c, made := d.found[name]
		if !made {
			c = Check{Status: Skipped, Message: NotReached}
		}
		c.Name = name
		r.Checks = append(r.Checks, c)
	}
	if failed := r.Failed(); failed != nil {
		r.Outcome = failed.Outcome
	}
	r.ExitCode = r.Outcome.Code()
	return r
}

func (d *Doctor) configuration() string {
	s := d.Settings
	switch {
	case s.Profile != "":
		return fmt.Sprintf("profile %s of %s; server from %s", s.Profile, s.ConfigFile, s.Origin("server"))
	case s.Origin("server") == "default":
		return "no profile; the server is the default one"
	}
	return "no profile; server from " + s.Origin("server")
}

func (d *Doctor) ok(name, format string, args ...any) {
	d.found[name] = Check{Status: OK, Message: fmt.Sprintf(format, args...)}
}

func (d *Doctor) skip(name, format string, args ...any) {
	d.found[name] = Check{Status: Skipped, Message: fmt.Sprintf(format, args...)}
}

func (d *Doctor) warn(name, hint, format string, args ...any) {
	d.found[name] = Check{Status: Warning, Message: fmt.Sprintf(format, args...), Hint: hint}
}

func (d *Doctor) fail(name string, outcome exit.Outcome, hint, format string, args ...any) {
	d.found[name] = Check{Status: Failure, Message: fmt.Sprintf(format, args...), Hint: hint, Outcome: outcome}
}

// failBy is fail with an error of the client.
func (d *Doctor) failBy(name string, err error) {
	outcome, hint := d.Explain(err)
	d.fail(name, outcome, hint, "%v", err)
}
