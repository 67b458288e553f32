package follow

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// steadyBudget is how long one reading of a command that does not follow is tried
// again.
const steadyBudget = 10 * time.Second

// Steady is a server for commands that read and do not follow. The first contact
// fails at once, unless the server asks to come back within 10 s (Retry-After).
// After a good answer what may pass is tried again for 10 s. Safe for concurrent
// use.
type Steady struct {
	Lister
	// Told hears of each answer that is not taken for the last; may be nil.
	Told func(error)

	answered atomic.Bool
}

var _ Lister = (*Steady)(nil)

// GetJob reads one job.
func (s *Steady) GetJob(ctx context.Context, id string) (*dqops.Job, error) {
	return Steadily(ctx, s, func(ctx context.Context) (*dqops.Job, error) { return s.Lister.GetJob(ctx, id) })
}

// GetAllJobs reads the number where the changes are.
func (s *Steady) GetAllJobs(ctx context.Context) (*dqops.JobSnapshot, error) {
	return Steadily(ctx, s, s.Lister.GetAllJobs)
}

// JobChangesSince reads changes; those of a broken answer come again.
func (s *Steady) JobChangesSince(ctx context.Context, sequence int64, each func(dqops.JobChange) error) (int64, error) {
	return Steadily(ctx, s, func(ctx context.Context) (int64, error) {
		return s.Lister.JobChangesSince(ctx, sequence, each)
	})
}

// Steadily does another call of the same server under the same rules.
func Steadily[T any](ctx context.Context, s *Steady, call func(context.Context) (T, error)) (T, error) {
	p := patience{budget: steadyBudget, told: s.Told}
	if s.answered.Load() {
		p.good()
	}
	answer, err := read(ctx, &p, call)
	if err == nil {
		s.answered.Store(true)
	}
	return answer, err
}
