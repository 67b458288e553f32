package cmd

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/request"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

type syncOptions struct {
	app      *App
	settings *config.Settings
	starting startFlags
	body     dqops.SynchronizeMultipleFoldersParameters
}

func newSyncCmd(a *App) *cobra.Command {
	o := &syncOptions{app: a}
	var flags request.Sync
	cmd := &cobra.Command{
		Use:     "sync [FOLDER...]",
		Short:   "Synchronize folders with DQOps Cloud",
		GroupID: groupJobs,
		Long: `Synchronize folders with DQOps Cloud, and follow the job to its end.

The folders are: ` + strings.Join(request.SyncFolders(), ", ") + `.`,
		Example: `  dqoctl sync sources data-check-results
  dqoctl sync --all --direction upload`,
		Args: usageArgs(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.Folders = args
			var file *request.File
			var err error
			if o.settings, file, err = o.starting.resolve(a, cmd); err != nil {
				return err
			}
			if o.body, err = flags.Build(file); err != nil {
				return err
			}
			return runSync(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&flags.All, "all", false, "all folders")
	textFlag(f, &flags.Direction, "direction", "", "DIRECTION", "full (default), download or upload")
	boolFlag(f, &flags.RefreshNativeTables, "refresh-native-tables", "refresh the tables of the data quality data warehouse")
	boolFlag(f, &flags.DetectCronSchedules, "detect-cron-schedules", "look for changed cron schedules")
	boolFlag(f, &flags.WithLocalChanges, "with-local-changes", "also the folders that have local changes now")
	o.starting.add(f)
	addSettingFlags(f, config.GroupFollowing)
	return cmd
}

func runSync(ctx context.Context, o *syncOptions) error {
	if o.starting.dryRun {
		return dryRun(o.app, o.settings, dqops.SynchronizeFoldersPath, dqops.Start{BusinessKey: o.starting.key}, nil, o.body)
	}
	post := func(ctx context.Context, c *dqops.Client, start dqops.Start) (*dqops.JobID, error) {
		return jobID(c.SynchronizeFolders(ctx, o.body, start))
	}
	return o.app.runJob(ctx, o.settings, &o.starting, job{dqops.TypeSynchronizeMultipleFolders, o.body, post}, explainSync)
}

// explainSync puts what a synchronization may run into in plain words.
func explainSync(r *verdict.Result) {
	switch {
	case r.Outcome == exit.JobFailed && strings.Contains(r.Job.ErrorMessage, "DqoCloudInvalidKeyException"):
		r.Problem = &verdict.Problem{
			Message: "this DQOps server has no valid key for DQOps Cloud, so there is nothing to synchronize with",
			Hint:    "log the server in with \"cloud login\" in its own shell, or leave the synchronization out",
		}
	case r.Outcome == exit.JobLost && r.Job == nil && r.ID != nil:
		// It vanished before its first reading, which would have told its type.
		problem := verdict.Explain(follow.Superseded(strconv.FormatInt(r.ID.ID, 10), nil))
		r.Problem, r.Reason = &problem, problem.Message
	}
}
