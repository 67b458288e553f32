package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/request"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

type runChecksOptions struct {
	app      *App
	settings *config.Settings
	starting startFlags
	bodies   []dqops.RunChecksParameters // one a job
}

func newRunChecksCmd(a *App) *cobra.Command {
	o := &runChecksOptions{app: a}
	var flags request.RunChecks
	var tables []string
	cmd := &cobra.Command{
		Use:     "run-checks",
		Short:   "Run data quality checks and judge the data",
		GroupID: groupChecks,
		Long: `Run data quality checks, follow the run to its end and judge the data.

The exit code lets a pipeline pass (0) or stops it: 1, 2, 3 for the worst severity
at or above --fail-on, 4 when checks crashed, 5 when nothing ran, others when the
verdict cannot be had.`,
		Example: `  dqoctl run-checks --connection shop
  dqoctl run-checks -c shop -t 'files.orders*' --check-type monitoring --fail-on warning
  dqoctl run-checks -c shop --check-type partitioned --from 2026-11-01 --to 2026-11-08
  dqoctl run-checks -f body.yaml --dry-run
  dqoctl run-checks -c shop --no-wait -o id`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.resolve(cmd, flags, tables); err != nil {
				return err
			}
			return runRunChecks(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVarP(&tables, "table", "t", nil, "`SCHEMA.TABLE`, wildcards allowed in both parts; split at the first dot (repeatable: one job each)")
	addFilterFlags(f, &flags.Filters)
	addWindowFlags(f, &flags.Window)
	boolFlag(f, &flags.CollectErrorSamples, "collect-error-samples", "collect error samples of every check (true) or of none (false)")
	textFlag(f, &flags.ExecutionTarget, "execution-target", "", "TARGET", "sensors_and_rules, only_sensors or only_rules")
	boolFlag(f, &flags.DummyExecution, "dummy-execution", "only render the queries, run nothing")
	f.BoolVar(&flags.All, "all", false, "run every check of every connection")
	o.starting.add(f)
	addSettingFlags(f, followingGroups...)
	return cmd
}

func (o *runChecksOptions) resolve(cmd *cobra.Command, flags request.RunChecks, tables []string) error {
	var file *request.File
	var err error
	if o.settings, file, err = o.starting.resolve(o.app, cmd); err != nil {
		return err
	}
	if len(tables) > 1 && o.starting.key != "" {
		return exit.Usagef("run each table with a key of its own", "--key with several --table: each table is a job of its own, and a key names one job")
	}
	if o.bodies, err = flags.BuildEach(file, tables); err != nil {
		return err
	}
	return refuseEmptyGate(o.bodies[0], o.settings)
}

// refuseEmptyGate refuses a run that evaluates no rules where its verdict would
// be used: it says nothing about the data.
func refuseEmptyGate(body dqops.RunChecksParameters, s *config.Settings) error {
	if !verdict.EvaluatesNoRules(body) || s.FailOn == string(verdict.FailOnNever) || verdict.Mode(s.Judge) == verdict.JudgeRun {
		return nil
	}
	return exit.Usagef("add --fail-on never if only the execution matters",
		"a run that evaluates no rules (only_sensors, only_rules or dummy) says nothing about the data and cannot be a gate")
}

func runRunChecks(ctx context.Context, o *runChecksOptions) error {
	if o.starting.dryRun {
		return dryRun(o.app, o.settings, dqops.RunChecksPath, dqops.Start{BusinessKey: o.starting.key}, nil, o.bodies...)
	}
	p, err := o.app.newPipeline(o.settings)
	if err != nil {
		return err
	}
	defer p.close()
	submissions := make([]follow.Submission, len(o.bodies))
	for i, body := range o.bodies {
		submissions[i] = p.submission(&o.starting, job{dqops.TypeRunChecks, body, func(ctx context.Context, c *dqops.Client, start dqops.Start) (*dqops.JobID, error) {
			return jobID(c.RunChecks(ctx, body, start))
		}})
	}
	var results []verdict.Result
	if len(submissions) == 1 {
		results = append(results, p.start(ctx, submissions[0], o.starting.wait))
	} else {
		results = p.startMany(ctx, submissions, o.starting.wait)
	}
	p.progress.Stop()
	for i := range results {
		p.suggestConnection(ctx, results[i], o.bodies[i].CheckSearchFilters)
	}
	return o.app.report(o.settings.Output, results...)
}
