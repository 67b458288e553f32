package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// The scopes of statistics and error samples (wire 3.1).
const (
	scopeTable     = "table"
	scopeDataGroup = "data_group"
)

type collectStatsOptions struct {
	app       *App
	settings  *config.Settings
	starting  startFlags
	body      dqops.StatisticsCollectorSearchFilters
	scope     string
	samples   *int
	configure *bool
	query     dqops.CollectStatisticsOptions
}

func newCollectStatsCmd(a *App) *cobra.Command {
	o := &collectStatsOptions{app: a}
	var flags request.CollectStats
	cmd := &cobra.Command{
		Use:     "collect-stats",
		Short:   "Collect basic statistics of tables or data groups",
		GroupID: groupChecks,
		Long: `Collect basic statistics of tables, or of each data group of tables, and follow the
job to its end.

The exit code is 0 when at least one collector ran and none failed, 4 when some
failed, 5 when none matched.`,
		Example: `  dqoctl collect-stats --connection shop
  dqoctl collect-stats -c shop -t files.orders.csv --column amount --column order_id
  dqoctl collect-stats -c shop --scope data_group --samples-limit 20`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.resolve(cmd, flags); err != nil {
				return err
			}
			return runCollectStats(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	textFlag(f, &flags.Connection, "connection", "c", "NAME", "connection, wildcards allowed (pre*, *suf, *mid*, pre*suf)")
	textFlag(f, &flags.Table, "table", "t", "SCHEMA.TABLE", "table, wildcards allowed in both parts; split at the first dot")
	f.StringArrayVar(&flags.Columns, "column", nil, "only collectors of this `COLUMN`, wildcards allowed (repeatable)")
	textFlag(f, &flags.Collector, "collector", "", "NAME", "collector name, wildcards allowed")
	textFlag(f, &flags.CollectorCategory, "collector-category", "", "NAME", "collector category, wildcards allowed")
	textFlag(f, &flags.Sensor, "sensor", "", "NAME", "full sensor name, wildcards allowed")
	textFlag(f, &flags.Target, "target", "", "TARGET", "table or column")
	f.StringArrayVar(&flags.Labels, "label", nil, "`LABEL` that must be set, wildcards allowed (repeatable: all must match)")
	textFlag(f, &flags.Schedule, "schedule", "", "CRON", "only tables on this profiling schedule")
	numberFlag(f, &flags.MaxResults, "max-results", "stop after this many matches")
	f.BoolVar(&flags.All, "all", false, "collect from every table of every connection")
	f.StringVar(&o.scope, "scope", scopeTable, "`SCOPE`: table or data_group")
	numberFlag(f, &o.samples, "samples-limit", "the most sample values of a column; 0 collects none")
	boolFlag(f, &o.configure, "configure-table", "also set the table's timestamp and id columns from what is found")
	o.starting.add(f)
	addSettingFlags(f, config.GroupFollowing)
	addNamedSettingFlags(f, "allow-execution-errors", "allow-empty")
	return cmd
}

func (o *collectStatsOptions) resolve(cmd *cobra.Command, flags request.CollectStats) error {
	var file *request.File
	var err error
	if o.settings, file, err = o.starting.resolve(o.app, cmd); err != nil {
		return err
	}
	if err := checkScope(o.scope); err != nil {
		return err
	}
	if o.samples != nil {
		if *o.samples < 0 || int64(*o.samples) != int64(int32(*o.samples)) {
			return exit.Usagef("0 collects no samples", "--samples-limit %d is out of range", *o.samples)
		}
		o.query.SamplesLimit = new(int32(*o.samples))
	}
	o.query.ConfigureTable = o.configure
	o.body, err = flags.Build(file)
	return err
}

func checkScope(scope string) error {
	scopes := []string{scopeTable, scopeDataGroup}
	if slices.Contains(scopes, scope) {
		return nil
	}
	return exit.Usagef("", "--scope %s", request.NoneOf(scope, scopes))
}

func runCollectStats(ctx context.Context, o *collectStatsOptions) error {
	path := dqops.CollectStatisticsOnTablePath
	if o.scope == scopeDataGroup {
		path = dqops.CollectStatisticsOnDataGroupsPath
	}
	if o.starting.dryRun {
		return dryRun(o.app, o.settings, path, dqops.Start{BusinessKey: o.starting.key}, o.query.Query(), o.body)
	}
	post := func(ctx context.Context, c *dqops.Client, start dqops.Start) (*dqops.JobID, error) {
		if o.scope == scopeDataGroup {
			return jobID(c.CollectStatisticsOnDataGroups(ctx, o.body, o.query, start))
		}
		return jobID(c.CollectStatisticsOnTable(ctx, o.body, o.query, start))
	}
	return o.app.runJob(ctx, o.settings, &o.starting, job{dqops.TypeCollectStatistics, o.parameters(), post}, nil)
}

// parameters are those that the job's history will show.
func (o *collectStatsOptions) parameters() dqops.CollectStatisticsParameters {
	return dqops.CollectStatisticsParameters{
		Filters: o.body, DataScope: o.scope, SamplesLimit: o.query.SamplesLimit,
		ConfigureTable: o.query.ConfigureTable != nil && *o.query.ConfigureTable,
	}
}
