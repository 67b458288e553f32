package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/request"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

type deleteDataOptions struct {
	app         *App
	settings    *config.Settings
	starting    startFlags
	body        dqops.DeleteStoredDataQueueJobParameters
	yes         bool
	requireRows bool
}

func newDeleteDataCmd(a *App) *cobra.Command {
	o := &deleteDataOptions{app: a}
	var flags request.DeleteData
	cmd := &cobra.Command{
		Use:     "delete-data",
		Short:   "Delete stored data quality results",
		GroupID: groupChecks,
		Long: `Delete stored data quality results. There is no dry run on the server and no way
back.

So a connection that exists, tables (--table or --all-tables), dates (--from, --through
or --all-dates) and kinds of data (--what) must be said. A filter that the server does
not apply to one of the kinds is refused, since it would silently delete more.

` + deleteKindsHelp(),
		Example: `  dqoctl delete-data -c shop -t files.orders.csv --what errors --from 2026-11-01 --through 2026-11-30
  dqoctl delete-data -c shop -t files.orders.csv --what check-results,sensor-readouts --all-dates --yes
  dqoctl delete-data -c shop --all-tables --what all-data --through 2025-12-31 --dry-run`,
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
			if err := o.checkRequireRows(); err != nil {
				return err
			}
			return runDeleteData(cmd.Context(), o)
		},
	}
	o.addFlags(cmd, &flags)
	return cmd
}

func (o *deleteDataOptions) addFlags(cmd *cobra.Command, d *request.DeleteData) {
	f := cmd.Flags()
	f.SortFlags = false
	textFlag(f, &d.Connection, "connection", "c", "NAME", "connection, exact; it must exist")
	textFlag(f, &d.Table, "table", "t", "SCHEMA.TABLE", "table, wildcards allowed; case matters")
	f.BoolVar(&d.AllTables, "all-tables", false, "all tables of the connection")
	textFlag(f, &d.From, "from", "", "DATE", "first day, inclusive: 2026-11-01")
	textFlag(f, &d.Through, "through", "", "DATE", "last day, inclusive")
	f.BoolVar(&d.AllDates, "all-dates", false, "the whole history")
	f.StringArrayVar(&d.What, "what", nil, "`KIND` of data to delete (repeatable, or a comma list); all-data is all but checks-configuration")
	f.StringArrayVar(&d.Columns, "column", nil, "only this `COLUMN`, exact (repeatable)")
	textFlag(f, &d.Check, "check", "", "NAME", "only this check, exact")
	textFlag(f, &d.Category, "category", "", "NAME", "only this check category, exact")
	textFlag(f, &d.CheckType, "check-type", "", "TYPE", "profiling, monitoring or partitioned")
	textFlag(f, &d.Dimension, "dimension", "", "NAME", "only this data quality dimension, exact")
	textFlag(f, &d.Comparison, "comparison", "", "NAME", "only this table comparison, exact")
	textFlag(f, &d.Sensor, "sensor", "", "NAME", "only this sensor, full name")
	textFlag(f, &d.DataGroup, "data-group", "", "NAME", "only this data group, exact")
	textFlag(f, &d.TimeGradient, "time-gradient", "", "GRADIENT", "stored gradient: day, month, ...")
	textFlag(f, &d.Collector, "collector", "", "NAME", "only this statistics collector")
	textFlag(f, &d.CollectorCategory, "collector-category", "", "NAME", "only this category of collectors")
	textFlag(f, &d.CollectorTarget, "collector-target", "", "TARGET", "table or column")
	textFlag(f, &d.IncidentStatus, "incident-status", "", "STATUS", "open, acknowledged, resolved or muted")
	f.BoolVar(&o.requireRows, "require-rows", false, "exit with 5 when nothing was deleted")
	f.BoolVar(&o.yes, "yes", false, "do not ask; required without a terminal")
	o.starting.add(f)
	addSettingFlags(f, config.GroupFollowing)
}

// checkRequireRows refuses to require what nobody would tell.
func (o *deleteDataOptions) checkRequireRows() error {
	switch {
	case !o.requireRows:
		return nil
	case !o.starting.wait:
		return exit.Usagef("leave one of them out", "--require-rows and --no-wait contradict each other: only a job that is followed tells its rows")
	case len(deletedKinds(o.body)) == 1 && o.body.DeleteChecksConfiguration:
		return exit.Usagef("leave --require-rows out", "--require-rows: the server does not tell what it deletes of checks-configuration")
	}
	return nil
}

func runDeleteData(ctx context.Context, o *deleteDataOptions) error {
	if o.starting.dryRun {
		return dryRun(o.app, o.settings, dqops.DeleteStoredDataPath, dqops.Start{BusinessKey: o.starting.key, Wait: o.starting.wait, WaitTimeout: follow.WaitTimeout(o.settings.Timeout)}, nil, o.body)
	}
	if !o.yes && (o.settings.NoInput || !o.app.Streams.InIsTerminal() || !o.app.Streams.ErrIsTerminal()) {
		return exit.Usagef("look at it with --dry-run, then add --yes", "a deletion cannot be taken back and there is no terminal to confirm it on")
	}
	p, err := o.app.newPipeline(o.settings)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.connectionExists(ctx, o.body.Connection); err != nil {
		return err
	}
	if err := p.refuseTwins(ctx, o.body); err != nil {
		return err
	}
	if err := o.confirm(ctx); err != nil {
		return err
	}
	if err := p.proveDomain(ctx); err != nil {
		return err
	}
	var deleted *dqops.DeleteStoredDataResult
	post := func(ctx context.Context, c *dqops.Client, start dqops.Start) (*dqops.JobID, error) {
		answer, err := c.DeleteStoredData(ctx, o.body, start)
		if err == nil {
			deleted = answer.Result
		}
		return jobID(answer, err)
	}
	submission := p.submission(&o.starting, job{dqops.TypeDeleteStoredData, o.body, post})
	result := p.startWaiting(ctx, submission, o.starting.wait, func(_ context.Context, e *verdict.Evidence) {
		e.Deletion = &verdict.Deletion{Result: deleted, RequireRows: o.requireRows}
	})
	if result.Deletion != nil && result.Deletion.Result != nil && result.Deletion.Rows() == 0 {
		p.hintAtTable(ctx, o.body)
	}
	p.progress.Stop()
	if o.body.DeleteChecksConfiguration && result.Reason == "" && result.Deletion != nil && result.Deletion.Result != nil {
		result.Reason = deletedChecksText(result.Deletion)
	}
	return o.app.report(o.settings.Output, result)
}

// deleteKindsHelp is the table of kinds and the filters that reach them.
func deleteKindsHelp() string {
	var b strings.Builder
	b.WriteString("Kinds of data, and the filters that the server applies to each:\n")
	for _, kind := range request.DeleteKinds() {
		var filters []string
		for _, filter := range request.DeleteFilters() {
			if kind.Reaches(filter.Flag) {
				filters = append(filters, filter.Flag)
			}
		}
		slices.Sort(filters)
		fmt.Fprintf(&b, "  %-21s %s\n", kind.Name, strings.Join(filters, " "))
	}
	b.WriteString(`
Names are compared as they are written, also upper and lower case; for
checks-configuration the server ignores case. It takes enabled checks only.`)
	return b.String()
}
