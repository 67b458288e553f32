package cmd

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/progress"
	"github.com/dqoctl/dqoctl/pkg/request"
	"github.com/dqoctl/dqoctl/pkg/standing"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

type checksStatusOptions struct {
	app      *App
	settings *config.Settings
	query    standing.Current
}

func newChecksStatusCmd(a *App) *cobra.Command {
	o := &checksStatusOptions{app: a}
	var flags request.RunChecks
	var since *string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how the checks of tables stand now, and gate on it",
		Long: `Show how the checks of tables stand now, without running anything, and gate on it.

What counts is the newest execution of each check: its results in all data groups
and periods, also those that were not evaluated again because nothing changed. With
--from and --to the newest execution of each period in that range counts.

With -o csv and -o jsonl the issues are listed, a row or an object each: everything
at warning or above, crashed or stale, whatever --fail-on says.`,
		Example: `  dqoctl checks status --connection shop
  dqoctl checks status -c shop -t files.orders.csv --fail-on warning
  dqoctl checks status -c shop --check-type partitioned --from 2026-11-01 --to 2026-11-08
  dqoctl checks status -c shop --since 24h
  dqoctl checks status -c shop -o csv --columns severity,table,column,check,value`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.resolve(cmd, flags, since); err != nil {
				return err
			}
			return runChecksStatus(cmd.Context(), o)
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML, output.FormatJSONL, output.FormatCSV)
	listsIn(cmd, output.FormatCSV)
	f := cmd.Flags()
	f.SortFlags = false
	addStoredFilterFlags(f, &flags.Filters)
	f.Lookup("connection").Usage = "connection, exact (required)"
	textFlag(f, &flags.Window.From, "from", "", "WHEN", "first period, inclusive: 2026-11-01, 2026-11-01T08:00 or 2026-11-01T08:00:00+01:00")
	textFlag(f, &flags.Window.To, "to", "", "WHEN", "end of the range, exclusive; same form as --from")
	textFlag(f, &since, "since", "", "DUR|TIME", "only checks executed since: 24h, 2026-11-23, 2026-11-23T08:00:00Z")
	addNamedSettingFlags(f, "timeout", "retry-budget")
	addSettingFlags(f, config.GroupGate)
	return cmd
}

func (o *checksStatusOptions) resolve(cmd *cobra.Command, flags request.RunChecks, since *string) error {
	var err error
	if o.settings, err = o.app.settings(cmd); err != nil {
		return err
	}
	if err := checkColumns(findingList(nil), o.settings); err != nil && o.settings.Output == string(output.FormatCSV) {
		return err
	}
	if verdict.Mode(o.settings.Judge) == verdict.JudgeRun && cmd.Flags().Changed("judge") {
		return exit.Usagef("use standing or exact", "--judge run: nothing is run here, so there is no summary to judge")
	}
	if flags.Filters.Connection == nil {
		return exit.Usagef("for example --connection shop", "--connection is required")
	}
	if strings.Contains(*flags.Filters.Connection, "*") {
		return exit.Usagef("ask for each connection by its name", "--connection %s: wildcards are not possible here", *flags.Filters.Connection)
	}
	body, err := flags.Build(nil)
	if err != nil {
		return err
	}
	o.query = standing.Current{Filters: body.CheckSearchFilters, Window: body.TimeWindowFilter, Now: time.Now()}
	if since != nil {
		o.query.Since, err = moment(*since, o.query.Now)
	}
	return err
}

// moment reads a duration back from now, a date, or a moment.
func moment(text string, now time.Time) (time.Time, error) {
	if d, err := config.ParseDuration(text); err == nil {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, exit.Usagef("for example 24h, 2026-11-23 or 2026-11-23T08:00:00Z", "--since %q is neither a duration nor a time", text)
}

func runChecksStatus(ctx context.Context, o *checksStatusOptions) error {
	p, err := o.app.newPipeline(o.settings)
	if err != nil {
		return err
	}
	defer p.close()
	// The reading bears lost contact for long, so the first contact is made apart:
	// it fails fast.
	if _, err := o.app.steady(o.settings, p.client).GetAllJobs(ctx); err != nil {
		return err
	}
	p.progress.Update(progress.State{Status: "reading how the checks stand"})
	ctx, cancel := p.beforeDeadline(ctx, "give more time, or name fewer tables")
	defer cancel()
	s, checks, err := p.collector().Current(ctx, o.query)
	p.progress.Stop()
	if verdict.OutcomeOf(err) == exit.Usage {
		return err // a table that does not exist stands in no way
	}
	result := verdict.JudgeCurrent(s, checks, err, policyOf(o.settings))
	if result.Problem != nil {
		o.app.complain(*result.Problem)
	}
	o.app.write(func() error { return o.print(result, checks) })
	if result.Outcome.Code() == 0 {
		return nil
	}
	return &reported{result.Outcome}
}

func (o *checksStatusOptions) print(r verdict.Result, checks int) error {
	out, f := o.app.Streams.Out, output.Format(o.settings.Output)
	switch {
	case f.IsObject():
		return output.Value(out, f, r)
	case r.Standing == nil:
		return nil
	case f == output.FormatJSONL:
		return output.JSONLines(out, r.Standing.Findings)
	case f == output.FormatCSV:
		return o.app.printList(o.settings, findingList(r.Standing.Findings))
	}
	return output.Print(out, screenOf(o.app.Streams), summarizeStatus(r, checks, o.query))
}

func summarizeStatus(r verdict.Result, checks int, q standing.Current) output.Document {
	mark, tone := markOf(r.Outcome)
	fields := output.Fields{
		{Name: "Connection", Value: q.Filters.Connection},
		{Name: "Tables", Value: q.Filters.FullTableName},
		{Name: "Checks", Value: strconv.Itoa(checks)},
		{Name: "Standing", Value: standingText(r.Standing)},
		{Name: "Exit code", Value: exitText(r.Outcome)},
	}
	return output.Document{
		Mark: mark, Tone: tone, Headline: headline(r),
		Blocks: append([]output.Block{fields}, findingBlocks(r.Standing.Findings, q.Now)...),
	}
}
