package cmd

import (
	"context"
	"strconv"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// inDomain holds that a job that was just started is in the data domain that was
// asked for, at the price of one reading; without such a wish nothing is asked.
func (p *pipeline) inDomain(ctx context.Context, id *dqops.JobID) error {
	if p.settings.DataDomain == "" {
		return nil
	}
	number := strconv.FormatInt(id.ID, 10)
	if !p.deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, p.deadline, &exit.Error{
			Outcome: exit.Timeout,
			Message: "--timeout passed while the data domain of job " + number + " was being read; it goes on without dqoctl",
			Hint:    "resume with: dqoctl jobs wait " + number,
		})
		defer cancel()
	}
	job, err := p.follower.Look(ctx, number)
	if err != nil {
		return err
	}
	return p.checkDomain(job)
}
