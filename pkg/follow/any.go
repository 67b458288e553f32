package follow

import (
	"context"
	"time"
)

// WaitAny is WaitMany until the first of the jobs has ended, by the server's clock.
// It returns that one's place among the targets.
func (f *Follower) WaitAny(ctx context.Context, targets []Target, deadline time.Time) (int, End) {
	c := newCrowd(f, targets)
	c.any = true
	c.follow(ctx, deadline)
	first := 0
	for i, m := range c.members {
		if m.before(c.members[first]) {
			first = i
		}
	}
	return first, c.members[first].end()
}

// decided reports that it is known which of the jobs ended first: each was looked
// at, and of those that are over the first is followed to its end.
func (c *crowd) decided() bool {
	var first *member
	var end time.Time
	done := false
	for _, m := range c.members {
		at, over := m.overAt()
		switch {
		case !m.done && !m.seenBefore() && m.missing.IsZero():
			return false
		case over && (first == nil || at.Before(end)):
			first, end = m, at
		}
		done = done || m.done
	}
	if first == nil {
		return done
	}
	return first.done
}
