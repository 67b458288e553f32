package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

type jobsWaitOptions struct {
	app      *App
	settings *config.Settings
	ids      []string
}

func newJobsWaitCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wait ID...",
		Short: "Follow jobs to their end and judge them",
		Long: `Follow jobs to their end and judge them as the command that started them would.

With several jobs the worst outcome decides.`,
		Example: `  dqoctl jobs wait 1795443329000000
  dqoctl jobs wait nightly-orders --timeout 30m -o json`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.settings(cmd)
			if err != nil {
				return err
			}
			if err := checkIDs(args); err != nil {
				return err
			}
			return runJobsWait(cmd.Context(), &jobsWaitOptions{a, s, args})
		},
	}
	addSettingFlags(cmd.Flags(), followingGroups...)
	return cmd
}

func checkIDs(ids []string) error {
	if slices.Contains(ids, "") {
		return exit.Usagef("give the number or the business key of a job", "an ID is empty")
	}
	return nil
}

func runJobsWait(ctx context.Context, o *jobsWaitOptions) error {
	p, err := o.app.newPipeline(o.settings)
	if err != nil {
		return err
	}
	defer p.close()
	results := make([]verdict.Result, len(o.ids))
	for i, id := range o.ids {
		results[i] = p.follow(ctx, id, nil, nil)
	}
	p.progress.Stop()
	return o.app.report(o.settings.Output, results...)
}
