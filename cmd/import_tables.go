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

type importTablesOptions struct {
	app      *App
	settings *config.Settings
	starting startFlags
	body     dqops.ImportTablesQueueJobParameters
}

func newImportTablesCmd(a *App) *cobra.Command {
	o := &importTablesOptions{app: a}
	var flags request.ImportTables
	cmd := &cobra.Command{
		Use:     "import-tables",
		Short:   "Import the metadata of tables",
		GroupID: groupChecks,
		Long: `Import the metadata of a connection's tables, and follow the job to its end.

Both --connection and --schema are required: without either the server lets the job
hang for ever. The exit code is 0 when as many tables came as were asked for, 4 when
fewer came than names were given, 5 when none came.

From a plain schema the server imports at most 300 tables and says nothing about the
rest; with a pattern, --limit raises that.`,
		Example: `  dqoctl import-tables --connection wh --schema sales
  dqoctl import-tables -c wh --schema sales --table orders --table customers
  dqoctl import-tables -c wh --schema 'sales*' --limit 5000
  dqoctl import-tables -c shop --schema files --table orders.csv`,
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
			return runImportTables(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	textFlag(f, &flags.Connection, "connection", "c", "NAME", "connection, exact")
	textFlag(f, &flags.Schema, "schema", "", "NAME", "schema, wildcards allowed; '*' is all, the system schemas too")
	f.StringArrayVarP(&flags.Tables, "table", "t", nil, "exact `NAME` of a table, without its schema (repeatable); file connections need it")
	textFlag(f, &flags.Contains, "contains", "", "TEXT", "only tables with this in their name; case matters")
	numberFlag(f, &flags.Limit, "limit", "the most tables of a schema; only with a pattern as --schema")
	o.starting.add(f)
	addSettingFlags(f, config.GroupFollowing)
	addNamedSettingFlags(f, "allow-empty")
	return cmd
}

func runImportTables(ctx context.Context, o *importTablesOptions) error {
	if o.starting.dryRun {
		return dryRun(o.app, o.settings, dqops.ImportTablesPath, dqops.Start{BusinessKey: o.starting.key, Wait: o.starting.wait, WaitTimeout: follow.WaitTimeout(o.settings.Timeout)}, nil, o.body)
	}
	if o.body.SchemaName == "*" {
		o.app.inform("warning: --schema '*' also imports the system schemas of the database, such as information_schema")
	}
	p, err := o.app.newPipeline(o.settings)
	if err != nil {
		return err
	}
	defer p.close()
	var imported *dqops.ImportTablesResult
	post := func(ctx context.Context, c *dqops.Client, start dqops.Start) (*dqops.JobID, error) {
		answer, err := c.ImportTables(ctx, o.body, start)
		if err == nil {
			imported = answer.Result
		}
		return jobID(answer, err)
	}
	submission := p.submission(&o.starting, job{dqops.TypeImportTables, o.body, post})
	result := p.startWaiting(ctx, submission, o.starting.wait, func(ctx context.Context, e *verdict.Evidence) {
		e.Import = &verdict.Import{Result: imported, Asked: o.body.TableNames}
		if imported != nil && len(imported.SourceTableSpecs) < len(o.body.TableNames) {
			e.Import.Missing, e.Err = p.missingTables(ctx, o.body)
		}
	})
	p.progress.Stop()
	o.explain(&result)
	return o.app.report(o.settings.Output, result)
}

// missingTables asks the table search which of the names the server does not
// have: the answer to an import names nothing (wire 3.5).
func (p *pipeline) missingTables(ctx context.Context, body dqops.ImportTablesQueueJobParameters) ([]string, error) {
	missing := slices.Clone(body.TableNames)
	for t, err := range p.tablesOf(ctx, body.ConnectionName) {
		if err != nil {
			return nil, err
		}
		if dqops.MatchesPattern(body.SchemaName, t.Schema) {
			missing = slices.DeleteFunc(missing, func(name string) bool { return name == t.Table })
		}
	}
	return missing, nil
}

// importLimit is where the server cuts a plain schema in silence (wire L13).
const importLimit = 300

// explain adds what the server does not say: that it cut a schema, and what file
// connections need.
func (o *importTablesOptions) explain(r *verdict.Result) {
	if r.Import != nil && r.Import.Result != nil {
		if warning := o.cutWarning(len(r.Import.Result.SourceTableSpecs)); warning != "" {
			o.app.inform("warning: " + warning)
		}
	}
	if r.Outcome == exit.JobFailed && len(o.body.TableNames) == 0 && strings.Contains(r.Job.ErrorMessage, "NullPointerException") {
		r.Problem = &verdict.Problem{
			Message: "the import failed inside the server with a NullPointerException, as it does for file connections (CSV, Parquet, JSON) without table names",
			Hint:    "name the tables, with their file extension: --table orders.csv",
		}
	}
}

// cutWarning says where the server may have cut: a plain schema always, each
// schema of a pattern unless a limit was given.
func (o *importTablesOptions) cutWarning(came int) string {
	schema := o.body.SchemaName
	switch {
	case len(o.body.TableNames) == came:
		return ""
	case !strings.Contains(schema, "*") && came == importLimit:
		return "exactly 300 tables came, where the server cuts a schema in silence; for the rest make the schema a pattern and set a limit, for example --schema '" +
			schema + "*' --limit 5000"
	case strings.Contains(schema, "*") && o.body.TablesImportLimit == nil && came >= importLimit:
		return fmt.Sprintf("%d tables came, and without a limit the server cuts each schema at 300 tables in silence; for the rest set one, for example --limit 5000", came)
	}
	return ""
}
