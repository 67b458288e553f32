package follow

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

const (
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 10 * time.Second
	// failureBudget is how long a request is repeated that the server itself
	// fails at.
	failureBudget = 10 * time.Second
	// firstWish is the longest Retry-After that is obeyed before there was contact.
	firstWish = 10 * time.Second
)

// patience is how long lost contact is borne: a budget that every good answer
// renews, spent with growing pauses. A zero lastGood means that there never was
// contact, and then nothing is borne but a server's wish to be asked a little later.
type patience struct {
	budget   time.Duration
	lastGood time.Time
	backoff  time.Duration
	// told hears of each failure that is borne; may be nil.
	told func(error)
}

// good renews the budget.
func (p *patience) good() {
	p.lastGood, p.backoff = time.Now(), 0
}

// bear waits before the next attempt, or returns why there is none: the error is
// final, there never was contact, or the budget is spent.
func (p *patience) bear(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	asked, retry := transient(err)
	if retry && p.lastGood.IsZero() && asked > 0 && asked <= firstWish {
		p.good()
	}
	if !retry || p.lastGood.IsZero() {
		return err
	}
	p.backoff = min(max(2*p.backoff, firstBackoff), maxBackoff)
	wait := max(asked, jittered(p.backoff))
	budget := p.budget
	if failsItself(err) {
		budget = min(budget, failureBudget)
	}
	if left := budget - time.Since(p.lastGood); wait > left {
		return p.spent(err)
	}
	if p.told != nil {
		p.told(err)
	}
	return pause(ctx, wait)
}

// jittered keeps many clients of one restarted server from knocking together.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// failsItself reports a 500: the server is there and fails at this request, which
// passes soon or not at all.
func failsItself(err error) bool {
	said, ok := errors.AsType[*dqops.ServerError](err)
	return ok && said.Status == http.StatusInternalServerError
}

func (p *patience) spent(err error) error {
	lost := fmt.Errorf("no good answer for %s: %w", time.Since(p.lastGood).Round(time.Second), err)
	if failsItself(err) {
		return lost
	}
	return &exit.Error{
		Outcome: exit.Unreachable, Message: lost.Error(), Err: err,
		Hint: "the job may still run on the server",
	}
}

// Retry does one call on a server that answered a moment ago, under the same
// rules: what may pass is tried again while the budget lasts.
func Retry[T any](ctx context.Context, budget time.Duration, call func(context.Context) (T, error)) (T, error) {
	p := patience{budget: budget}
	p.good()
	return read(ctx, &p, call)
}

// transient tells errors that may pass, with the pause that the server asked
// for, from those that are final.
func transient(err error) (asked time.Duration, retry bool) {
	if isFinalTLS(err) {
		return 0, false
	}
	if _, ok := errors.AsType[*dqops.UnreachableError](err); ok {
		return 0, true
	}
	if said, ok := errors.AsType[*dqops.ServerError](err); ok {
		return said.RetryAfter, said.Status >= 500 || said.Status == http.StatusTooManyRequests
	}
	return 0, errors.Is(err, errStartedNothing)
}

// isFinalTLS reports that the two sides do not accept each other: a certificate, a
// missing one, no version in common. An alert about the other side's own trouble
// may pass.
func isFinalTLS(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	const internalError, userCanceled = tls.AlertError(80), tls.AlertError(90)
	alert, ok := dqops.TLSAlert(err)
	return ok && alert != internalError && alert != userCanceled
}

// read does one call until it succeeds, fails for good, or patience ends.
func read[T any](ctx context.Context, p *patience, call func(context.Context) (T, error)) (T, error) {
	for {
		answer, err := call(ctx)
		if err == nil {
			p.good()
			return answer, nil
		}
		if err := p.bear(ctx, err); err != nil {
			var none T
			return none, err
		}
	}
}
