package standing

import (
	"context"
	"sync/atomic"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// each does something for every item, at most Parallel at once, and returns the
// first error. After one only the items at hand, as many as go at once, come to
// their end, so that what they find is listed. A table that is gone stops nothing: the
// others can be read.
func each[T any](ctx context.Context, items []T, do func(context.Context, T) error) error {
	var next atomic.Int64
	var stopped atomic.Bool
	var group exit.Group
	for range min(Parallel, len(items)) {
		group.Go(func() error {
			var first error
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) || i >= Parallel && stopped.Load() {
					return first
				}
				err := do(ctx, items[i])
				if err != nil && first == nil {
					first = err
				}
				if err != nil && !isGone(err) {
					stopped.Store(true)
				}
			}
			if first == nil && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return first
		})
	}
	return group.Wait()
}

// isGone reports a table that is not there any more.
func isGone(err error) bool { return err != nil && verdict.OutcomeOf(err) == exit.JobLost }

// canGoOn reports whether the rest can be read: a server that failed at one call
// answers others, a lost one or one that refuses the token does not.
func canGoOn(err error) bool {
	return err == nil || isGone(err) || verdict.OutcomeOf(err) == exit.Protocol
}

// worse is the error that decides about two readings.
func worse(a, b error) error {
	if a == nil || b != nil && exit.Worst(verdict.OutcomeOf(a), verdict.OutcomeOf(b)) != verdict.OutcomeOf(a) {
		return b
	}
	return a
}
