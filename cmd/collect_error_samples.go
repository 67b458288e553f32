package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/request"
)

type collectErrorSamplesOptions struct {
	app      *App
	settings *config.Settings
	starting startFlags
	body     dqops.CollectErrorSamplesParameters
}

func newCollectErrorSamplesCmd(a *App) *cobra.Command {
	o := &collectErrorSamplesOptions{app: a}
	var flags request.CollectErrorSamples
	cmd := &cobra.Command{
		Use:     "collect-error-samples",
		Short:   "Collect sample rows behind failed checks",
		GroupID: groupChecks,
		Long: `Collect sample rows behind failed checks, and follow the job to its end.

At least one filter is required: the server fails a job without any. The exit code
is 0 when at least one sampler ran and none failed; that no sample was found is good
news.`,
		Example: `  dqoctl collect-error-samples --connection shop -t files.orders.csv
  dqoctl collect-error-samples -c shop --check 'daily_*' --scope data_group`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var file *request.File
			var err error
			if o.settings, file, err = o.starting.resolve(a, cmd); err != nil {
				return err
			}
			if o.body, err = flags.Build(file); err != nil {
				return err
			}
			return runCollectErrorSamples(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	addFilterFlags(f, &flags.Filters)
	addWindowFlags(f, &flags.Window)
	textFlag(f, &flags.Scope, "scope", "", "SCOPE", "table (default) or data_group")
	o.starting.add(f)
	addSettingFlags(f, config.GroupFollowing)
	addNamedSettingFlags(f, "allow-execution-errors", "allow-empty")
	return cmd
}

func runCollectErrorSamples(ctx context.Context, o *collectErrorSamplesOptions) error {
	if o.starting.dryRun {
		return dryRun(o.app, o.settings, dqops.CollectErrorSamplesPath, dqops.Start{BusinessKey: o.starting.key}, nil, o.body)
	}
	post := func(ctx context.Context, c *dqops.Client, start dqops.Start) (*dqops.JobID, error) {
		return jobID(c.CollectErrorSamples(ctx, o.body, start))
	}
	return o.app.runJob(ctx, o.settings, &o.starting, job{dqops.TypeCollectErrorSamples, o.body, post}, nil)
}
