package standing

import (
	"context"
	"sync/atomic"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// each does something for every item, at most Parallel at once. The first error
// ends the others and is returned.
func each[T any](ctx context.Context, items []T, do func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var group exit.Group
	for range min(Parallel, len(items)) {
		group.Go(func() error {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return nil
				}
				if err := do(ctx, items[i]); err != nil {
					cancel(err)
					return err
				}
			}
			return context.Cause(ctx)
		})
	}
	return group.Wait()
}
