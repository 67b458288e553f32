package verdict

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// TestedServer is the DQOps version whose behaviour this program was built and
// tested against.
const TestedServer = "1.13.2"

// Problem is why a result is not a verdict on the data: what was attempted and
// what happened, what to do now, and the server's number for the request.
type Problem struct {
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	RequestID string `json:"requestId,omitempty"`
}

// OutcomeOf is the outcome that an error decides; exit.OK for nil. Types decide,
// never texts.
func OutcomeOf(err error) exit.Outcome {
	if err == nil {
		return exit.OK
	}
	if coded, ok := errors.AsType[*exit.Error](err); ok {
		return coded.Outcome
	}
	if _, ok := errors.AsType[*dqops.UnreachableError](err); ok {
		return exit.Unreachable
	}
	if _, ok := errors.AsType[*dqops.UnauthorizedError](err); ok {
		return exit.Unauthorized
	}
	if _, ok := errors.AsType[*dqops.NotFoundError](err); ok {
		return exit.JobLost
	}
	if _, ok := errors.AsType[*dqops.ProtocolError](err); ok {
		return exit.Protocol
	}
	if said, ok := errors.AsType[*dqops.ServerError](err); ok {
		if isGateway(said) {
			return exit.Unreachable
		}
		return exit.Protocol
	}
	if errors.Is(err, dqops.ErrNotKnownYet) {
		return exit.Protocol
	}
	if errors.Is(err, context.Canceled) {
		return exit.Interrupted
	}
	return exit.Internal
}

// isGateway reports an answer that no DQOps server gives once it runs: it comes from
// a proxy, or from one that starts (wire T20).
func isGateway(e *dqops.ServerError) bool { return e.Status >= 502 && e.Status <= 504 }

// Explain puts an error into the words of a Problem.
func Explain(err error) Problem {
	p := Problem{Message: err.Error()}
	if coded, ok := errors.AsType[*exit.Error](err); ok {
		p.Hint, p.RequestID = coded.Hint, coded.RequestID
		return p
	}
	if e, ok := errors.AsType[*dqops.UnreachableError](err); ok {
		p.Hint = unreachableHint(e)
	}
	if e, ok := errors.AsType[*dqops.ServerError](err); ok {
		p.RequestID = e.RequestID
		switch {
		case isGateway(e):
			p.Hint = "a proxy between says so, or a server that is starting: try again, or check --server; dqoctl doctor looks closer"
		case e.Status >= 500:
			p.Hint = "the server's own log says more; --debug shows its trace"
		}
	}
	if _, ok := errors.AsType[*dqops.UnauthorizedError](err); ok {
		p.Hint = "dqoctl config login keeps an API key, or set DQOCTL_TOKEN; a key that the server does not know is refused even where none is needed"
	}
	if _, ok := errors.AsType[*dqops.NotFoundError](err); ok {
		p.Hint = "the server forgets ended jobs after about an hour, all of them when it restarts, and shows only those of the active data domain"
	}
	if _, ok := errors.AsType[*dqops.ProtocolError](err); ok {
		p.Hint = "check --server: it must be the address of DQOps itself, by default " + dqops.DefaultURL
	}
	return p
}

func unreachableHint(e *dqops.UnreachableError) string {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](e.Err); ok {
		return "the server's certificate is not trusted; name its authority with --ca-cert"
	}
	if _, ok := dqops.TLSAlert(e.Err); ok {
		return "the server ends the TLS connection; it may want a certificate of yours: --client-cert and --client-key"
	}
	if dns, ok := errors.AsType[*net.DNSError](e.Err); ok {
		return fmt.Sprintf("the host %q cannot be found; check --server", dns.Name)
	}
	if errors.Is(e.Err, syscall.ECONNREFUSED) {
		return "nothing listens there; is the server running, and is --server right?"
	}
	if e.Sent {
		return "the connection broke; the server may be restarting or a proxy may have cut it"
	}
	return "check --server, the network and any proxy between"
}
