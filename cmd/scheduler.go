package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/output"
)

type schedulerOptions struct {
	app      *App
	settings *config.Settings
	change   func(c *dqops.Client, ctx context.Context) error // nil for status
	note     string
}

func newSchedulerCmd(a *App) *cobra.Command {
	scheduler := newGroupCmd("scheduler", "Start, stop and look at the job scheduler", "Start, stop and look at the scheduler that runs jobs by their cron schedules.")
	scheduler.GroupID = groupJobs
	scheduler.AddCommand(
		newSchedulerPartCmd(a, "status", "Tell whether the scheduler runs", "Prints running or stopped.", nil, ""),
		newSchedulerPartCmd(a, "start", "Start the scheduler", "That it runs already is no error. "+printsState, (*dqops.Client).StartCronScheduler,
			"unless the scheduler ran already, starting it queued a synchronization of the metadata, seen as a synchronize_multiple_folders job"),
		newSchedulerPartCmd(a, "stop", "Stop the scheduler", "Jobs that are queued or running go on. "+printsState, (*dqops.Client).StopCronScheduler, ""),
	)
	return scheduler
}

const printsState = "Prints running or stopped, as the server\ntells it afterwards."

func newSchedulerPartCmd(a *App, use, short, more string, change func(*dqops.Client, context.Context) error, note string) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short,
		Long:    short + ".\n\n" + more,
		Example: "  dqoctl scheduler " + use,
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.settings(cmd)
			if err != nil {
				return err
			}
			return runScheduler(cmd.Context(), &schedulerOptions{a, s, change, note})
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML)
	return cmd
}

func runScheduler(ctx context.Context, o *schedulerOptions) error {
	client, err := o.app.connect(o.settings)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	server := o.app.steady(o.settings, client)
	if o.change != nil {
		// Doing it twice is doing it once.
		if _, err := follow.Steadily(ctx, server, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, o.change(client, ctx)
		}); err != nil {
			return err
		}
		if o.note != "" {
			o.app.inform(o.note)
		}
	}
	running, err := follow.Steadily(ctx, server, client.IsCronSchedulerRunning)
	if err != nil {
		return err
	}
	o.app.write(func() error {
		if f := output.Format(o.settings.Output); f.IsObject() {
			return output.Value(o.app.Streams.Out, f, map[string]bool{"running": running})
		}
		word := "stopped"
		if running {
			word = "running"
		}
		_, err := fmt.Fprintln(o.app.Streams.Out, word)
		return err
	})
	return nil
}
