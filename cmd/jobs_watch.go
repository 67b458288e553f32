package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/watch"
)

type jobsWatchOptions struct {
	app      *App
	settings *config.Settings
	ids      []string
}

func newJobsWatchCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "watch [ID...]",
		Short: "Watch jobs as they change",
		Long: `Watch jobs as they change: the named ones until all of them are over, or all jobs
until Ctrl-C.

On a terminal the view is drawn over again in place. Elsewhere each change is a
line: time, job, type, status, tables, key and error with tabs between, or with
-o jsonl the job's object.

When contact with the server is lost, or the server is restarted, that is said and
watching goes on. The exit code is 0 whatever became of the jobs; jobs wait judges
them. It is 8 when the server forgot a named job, and 69 when contact is lost for
longer than --retry-budget.`,
		Example: `  dqoctl jobs watch
  dqoctl jobs watch nightly-orders nightly-customers
  dqoctl jobs watch nightly-orders -o jsonl | jq -r .status`,
		Args: usageArgs(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.settings(cmd)
			if err != nil {
				return err
			}
			ids, err := a.resolveIDs(s, args)
			if err != nil {
				return err
			}
			return runJobsWatch(cmd.Context(), &jobsWatchOptions{a, s, ids})
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSONL)
	cmd.Flags().SortFlags = false
	addNamedSettingFlags(cmd.Flags(), "retry-budget")
	return cmd
}

func runJobsWatch(ctx context.Context, o *jobsWatchOptions) error {
	client, err := o.app.connect(o.settings)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	streams := o.app.Streams
	options := watch.Options{Server: client, Budget: o.settings.RetryBudget, Jobs: o.ids}
	if asLines := output.Format(o.settings.Output) == output.FormatJSONL; asLines || !streams.OutAnimated() {
		options.View = &watch.Lines{Streams: streams, JSON: asLines}
		return endOfWatch(watch.Run(ctx, options))
	}
	screen := watch.NewScreen(streams, client.BaseURL())
	defer screen.Close() //nolint:errcheck // for the path of a crash, which has its own error
	options.View = screen
	err = watch.Run(ctx, options)
	if crash := screen.Close(); crash != nil {
		return crash
	}
	return endOfWatch(err)
}

// endOfWatch makes Ctrl-C the usual end that it is.
func endOfWatch(err error) error {
	if coded, ok := errors.AsType[*exit.Error](err); ok && coded.Outcome == exit.Interrupted {
		return nil
	}
	return err
}
