package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/request"
	"github.com/dqoctl/dqoctl/pkg/watch"
)

type jobsListOptions struct {
	app      *App
	settings *config.Settings
	query    follow.Query
	parent   string
	mine     bool
}

// jobsListFlags are the flags as typed.
type jobsListFlags struct {
	status, types []string
	parent, since *string
	limit         *int
	sort          string
}

func newJobsListCmd(a *App) *cobra.Command {
	o := &jobsListOptions{app: a}
	var flags jobsListFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the jobs that the server tells of",
		Long: `List the jobs that the server tells of, the newest first.

The server has no list of jobs. It remembers the changes of about the last 20
minutes, and jobs for about an hour after their end: a job that did not change for
20 minutes is not listed, and can still be read with jobs get. How far back the
changes go is said on stderr, to people and where it may explain an empty list.

With --mine the list is of the jobs that this machine started, from its journal. A job
that the server does not know any more is "forgotten"; LAST KNOWN is what the journal
knows of its end.

Jobs that other jobs started, such as those of the tables of a run, are counted in
the column TABLES as ended/started, and listed with --children.`,
		Example: `  dqoctl jobs list
  dqoctl jobs list --status failed,cancelled --since 10m
  dqoctl jobs list --mine
  dqoctl jobs list --parent 1795443329000000 -o csv
  dqoctl jobs list --status running -o id
  dqoctl jobs list -o jsonl | jq -r .status
  dqoctl jobs list --columns job,status --no-headers`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.resolve(cmd, &flags); err != nil {
				return err
			}
			return runJobsList(cmd.Context(), o)
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML, output.FormatJSONL, output.FormatCSV, output.FormatID)
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&flags.status, "status", nil, "only jobs in this `STATUS` (repeatable, or with commas)")
	f.StringSliceVar(&flags.types, "type", nil, "only jobs of this `TYPE` (repeatable, or with commas)")
	f.BoolVar(&o.mine, "mine", false, "the jobs that this machine started, also those that the server forgot")
	textFlag(f, &flags.parent, "parent", "", "ID", "only the jobs that this one started")
	f.BoolVar(&o.query.Children, "children", false, "also the jobs that other jobs started")
	textFlag(f, &flags.since, "since", "", "DUR|TIME", "only jobs that changed since: 10m, 2026-11-23T08:00:00Z")
	numberFlag(f, &flags.limit, "limit", "at most this many")
	f.StringVar(&flags.sort, "sort", string(follow.ByID), "`ORDER`: id, created, changed (newest first), status or type")
	return cmd
}

func (o *jobsListOptions) resolve(cmd *cobra.Command, flags *jobsListFlags) error {
	var err error
	if o.settings, err = o.app.settings(cmd); err != nil {
		return err
	}
	if err := refuseEmpty(cmd.Flags(), "status", "type", "parent", "since"); err != nil {
		return err
	}
	if o.query.Status, err = wordsOf[dqops.JobStatus]("status", flags.status, jobStatuses); err != nil {
		return err
	}
	if o.query.Types, err = wordsOf[dqops.JobType]("type", flags.types, jobTypes); err != nil {
		return err
	}
	order, err := wordsOf[follow.Order]("sort", []string{flags.sort}, jobOrders)
	if err != nil {
		return err
	}
	o.query.Order = order[0]
	if o.mine && o.query.Order == follow.ByID {
		o.query.Order = follow.ByCreated // of a job that was never found no number is known
	}
	if flags.since != nil {
		if o.query.Since, err = moment(*flags.since, time.Now()); err != nil {
			return err
		}
	}
	if flags.limit != nil {
		if o.query.Limit = *flags.limit; o.query.Limit < 1 {
			return exit.Usagef("leave it out for all", "--limit must be 1 or more")
		}
	}
	if err := o.resolveParent(flags.parent); err != nil {
		return err
	}
	return checkColumns(o.list(nil, nil), o.settings)
}

func (o *jobsListOptions) resolveParent(parent *string) error {
	if o.mine && (parent != nil || o.query.Children) {
		return exit.Usagef("leave --mine out: what a job started is not in the journal", "--mine is of the jobs that were started here, not of their children")
	}
	if parent == nil {
		return nil
	}
	ids, err := o.app.resolveIDs(o.settings, []string{*parent})
	if err == nil {
		o.parent = ids[0]
	}
	return err
}

// The words of the server, wire 3.1, and our own orders.
var (
	jobStatuses = []string{"queued", "running", "waiting", "finished", "failed", "cancel_requested", "cancelled"}
	jobOrders   = []string{string(follow.ByID), string(follow.ByCreated), string(follow.ByChanged), string(follow.ByStatus), string(follow.ByType)}
	jobTypes    = []string{
		"run_checks", "run_checks_on_table", "collect_statistics", "collect_scheduled_statistics", "collect_statistics_on_table",
		"collect_error_samples", "collect_error_samples_on_table", "queue_thread_shutdown", "synchronize_folder",
		"synchronize_multiple_folders", "run_scheduled_checks_cron", "import_schema", "import_tables", "auto_import_tables",
		"delete_stored_data", "repair_stored_data",
	}
)

// wordsOf refuses a word that does not exist: it would match nothing in silence.
func wordsOf[T ~string](flag string, given, known []string) ([]T, error) {
	words := make([]T, 0, len(given))
	for _, word := range given {
		if !slices.Contains(known, word) {
			return nil, exit.Usagef("", "--%s %s", flag, request.NoneOf(word, known))
		}
		words = append(words, T(word))
	}
	return words, nil
}

// refuseEmpty refuses flags that were given without a value, from a variable that
// is not set perhaps: they would select everything.
func refuseEmpty(flags *pflag.FlagSet, names ...string) error {
	for _, name := range names {
		if f := flags.Lookup(name); f.Changed && strings.Trim(f.Value.String(), "[]\"") == "" {
			return exit.Usagef("leave it out, or fill the variable that it comes from", "--%s is empty", name)
		}
	}
	return nil
}

func (o *jobsListOptions) list(jobs []*follow.Entry, kept []mine) *output.List {
	l := watch.Table(jobs, o.query.Children || o.parent != "", time.Now())
	if o.mine {
		mineColumn(l, kept)
	}
	return l
}

func runJobsList(ctx context.Context, o *jobsListOptions) error {
	client, err := o.app.connect(o.settings)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	server := o.app.steady(o.settings, client)
	ledger, err := follow.ReadLedger(ctx, server)
	if err != nil {
		return err
	}
	if o.parent != "" {
		if o.query.Parent, err = numberOfJob(ctx, server, ledger, o.parent); err != nil {
			return err
		}
	}
	if o.mine {
		jobs, err := o.listMine(ctx, server, ledger)
		if err != nil {
			return err
		}
		entries := make([]*follow.Entry, len(jobs))
		for i, job := range jobs {
			entries[i] = job.Entry
		}
		o.app.write(func() error { return printJobs(o, jobs, o.list(entries, jobs), entries) })
		return nil
	}
	jobs := ledger.List(o.query)
	o.sayHowFar(ledger.Oldest(), len(jobs) == 0)
	o.app.write(func() error { return printJobs(o, jobs, o.list(jobs, nil), jobs) })
	return nil
}

func numberOfJob(ctx context.Context, server follow.Server, ledger *follow.Ledger, id string) (int64, error) {
	if e, known := ledger.Find(id); known {
		return e.ID, nil
	}
	job, err := server.GetJob(ctx, id)
	if err != nil {
		return 0, err
	}
	return job.ID.ID, nil
}

// sayHowFar says how much of the past the list can know, to people and wherever it
// may be what explains the list.
func (o *jobsListOptions) sayHowFar(oldest time.Time, empty bool) {
	beyond := !o.query.Since.IsZero() && o.query.Since.Before(oldest)
	switch {
	case o.settings.Quiet, !o.app.Streams.ErrIsTerminal() && !empty && !beyond:
	case oldest.IsZero():
		o.app.inform("the server remembers no changes of jobs")
	default:
		o.app.inform("the server remembers changes since " + oldest.UTC().Format(time.RFC3339) +
			"; jobs that did not change since are not listed, jobs get reads them")
	}
}

// printJobs prints the objects of the jobs, their list, or their numbers.
func printJobs[T any](o *jobsListOptions, objects []T, list *output.List, jobs []*follow.Entry) error {
	out, format := o.app.Streams.Out, output.Format(o.settings.Output)
	switch {
	case format.IsObject():
		return output.Values(out, format, objects)
	case format == output.FormatJSONL:
		return output.JSONLines(out, objects)
	case format == output.FormatID:
		var ids []int64
		for _, job := range jobs {
			if job.ID != 0 { // one of the journal may have none
				ids = append(ids, job.ID)
			}
		}
		return output.IDs(out, ids...)
	}
	return o.app.printList(o.settings, list)
}
