package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

type jobsGetOptions struct {
	app        *App
	settings   *config.Settings
	id         string
	exitStatus bool
}

func newJobsGetCmd(a *App) *cobra.Command {
	o := &jobsGetOptions{app: a}
	cmd := &cobra.Command{
		Use:   "get ID",
		Short: "Show one job",
		Long: `Show one job as the server knows it now.

The exit code is 0 when the job could be read, whatever became of it. With
--exit-status it is what jobs wait would give, and 75 while the job is not over.`,
		Example: `  dqoctl jobs get 1795443329000000
  dqoctl jobs get nightly-orders -o json`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.settings(cmd)
			if err != nil {
				return err
			}
			if err := checkIDs(args); err != nil {
				return err
			}
			o.settings, o.id = s, args[0]
			return runJobsGet(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.exitStatus, "exit-status", false, "exit as jobs wait would; 75 while the job is not over")
	addSettingFlags(cmd.Flags(), config.GroupGate)
	return cmd
}

func runJobsGet(ctx context.Context, o *jobsGetOptions) error {
	p, err := o.app.newPipeline(o.settings)
	if err != nil {
		return err
	}
	defer p.close()
	job, err := p.client.GetJob(ctx, o.id)
	p.progress.Stop()
	if err != nil {
		return err
	}
	if o.exitStatus {
		return o.app.report(o.settings.Output, p.judge(verdict.Evidence{Job: job}))
	}
	o.app.write(func() error {
		switch output.Format(o.settings.Output) {
		case output.FormatJSON:
			return output.JSON(o.app.Streams.Out, job.Raw)
		case output.FormatID:
			return output.IDs(o.app.Streams.Out, job.ID.ID)
		default:
			return output.Print(o.app.Streams.Out, screenOf(o.app.Streams), describe(job))
		}
	})
	return nil
}
