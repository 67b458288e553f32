package cmd

import (
	"context"
	"iter"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// tablesOf gives all tables of one connection. The search compares its name in a
// way of its own, so others may come with it.
func (p *pipeline) tablesOf(ctx context.Context, connection string) iter.Seq2[dqops.TableRef, error] {
	found := dqops.FoundTables(func(page int) ([]dqops.TableListEntry, error) {
		return follow.Retry(ctx, p.settings.RetryBudget, func(ctx context.Context) ([]dqops.TableListEntry, error) {
			return p.client.SearchTables(ctx, connection, "", "", page)
		})
	})
	return func(yield func(dqops.TableRef, error) bool) {
		for t, err := range found {
			if (err != nil || t.Connection == connection) && !yield(t, err) {
				return
			}
		}
	}
}
