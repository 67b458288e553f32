package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

type jobsWaitOptions struct {
	app      *App
	settings *config.Settings
	ids      []string
	any      bool
}

func newJobsWaitCmd(a *App) *cobra.Command {
	o := &jobsWaitOptions{app: a}
	cmd := &cobra.Command{
		Use:   "wait ID...",
		Short: "Follow jobs to their end and judge them",
		Long: `Follow jobs to their end and judge them as the command that started them would.

With several jobs the worst outcome decides, and the results are in the order of
the arguments. Thousands can be waited for at once: one stream of changes tells of
all of them.

With --any the job that ends first decides and ends the command; the others go on.
A job that the server does not know counts as ended: with code 8.`,
		Example: `  dqoctl jobs wait 1795443329000000
  dqoctl jobs wait nightly-orders --timeout 30m -o json
  dqoctl jobs wait @last
  dqoctl jobs wait $(dqoctl jobs list --status queued,running -o id)
  dqoctl jobs wait nightly-orders nightly-customers --any`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.settings(cmd)
			if err != nil {
				return err
			}
			if o.ids, err = a.resolveIDs(s, args); err != nil {
				return err
			}
			o.settings = s
			return runJobsWait(cmd.Context(), o)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&o.any, "any", false, "end with the first job that ends, and judge that one")
	addSettingFlags(cmd.Flags(), followingGroups...)
	return cmd
}

func runJobsWait(ctx context.Context, o *jobsWaitOptions) error {
	p, err := o.app.newPipeline(o.settings)
	if err != nil {
		return err
	}
	defer p.close()
	var results []verdict.Result
	switch {
	case len(o.ids) == 1:
		results = []verdict.Result{p.follow(ctx, o.ids[0], nil, nil)}
	case o.any:
		results = p.followAny(ctx, o.ids)
	default:
		results = p.followMany(ctx, o.ids, make([]*dqops.JobID, len(o.ids)))
	}
	p.progress.Stop()
	return o.app.report(o.settings.Output, results...)
}
