package cmd

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
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
			ids, err := a.resolveIDs(s, args)
			if err != nil {
				return err
			}
			if err := o.refuseIdleGate(cmd); err != nil {
				return err
			}
			o.settings, o.id = s, ids[0]
			return runJobsGet(cmd.Context(), o)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&o.exitStatus, "exit-status", false, "exit as jobs wait would; 75 while the job is not over")
	addSettingFlags(cmd.Flags(), config.GroupGate)
	return cmd
}

// refuseIdleGate refuses flags of the gate where nothing is judged.
func (o *jobsGetOptions) refuseIdleGate(cmd *cobra.Command) error {
	for _, option := range config.Options() {
		if option.Group == config.GroupGate && !o.exitStatus && cmd.Flags().Changed(option.Name) {
			return exit.Usagef("add --exit-status", "--%s means nothing without --exit-status", option.Name)
		}
	}
	return nil
}

func runJobsGet(ctx context.Context, o *jobsGetOptions) error {
	p, err := o.app.newPipeline(o.settings)
	if err != nil {
		return err
	}
	defer p.close()
	job, err := o.app.steady(o.settings, p.client).GetJob(ctx, o.id)
	p.progress.Stop()
	if err != nil {
		return err
	}
	if o.exitStatus {
		return o.app.report(o.settings.Output, p.status(ctx, job))
	}
	o.app.write(func() error {
		switch f := output.Format(o.settings.Output); {
		case f.IsObject():
			return output.Value(o.app.Streams.Out, f, job.Raw)
		case f == output.FormatID:
			return output.IDs(o.app.Streams.Out, job.ID.ID)
		}
		return output.Print(o.app.Streams.Out, screenOf(o.app.Streams), describe(job))
	})
	return nil
}

// status judges a job that is over as jobs wait does, and tells of another that it
// is not.
func (p *pipeline) status(ctx context.Context, job *dqops.Job) verdict.Result {
	if !job.Status.Final() {
		return p.judge(verdict.Evidence{Job: job})
	}
	return p.follow(ctx, strconv.FormatInt(job.ID.ID, 10), nil, nil)
}

// describe lays one job out as the server knows it, without a verdict.
func describe(job *dqops.Job) output.Document {
	r := verdict.Result{ID: &job.ID, Job: job}
	mark, tone := markOfStatus(job.Status)
	fields := output.Fields{
		{Name: "Job", Value: jobName(r.ID)},
		{Name: "Created", Value: job.ID.CreatedAt.Format(time.RFC3339)},
		{Name: "Changed", Value: job.StatusChangedAt.Format(time.RFC3339)},
		{Name: "Domain", Value: job.DataDomain},
	}
	if job.ID.Parent != nil {
		fields = append(fields, output.Field{Name: "Parent", Value: jobName(job.ID.Parent)})
	}
	fields = append(fields, output.Field{Name: "Error", Value: dqops.WithoutClassNames(job.ErrorMessage)})
	if run, err := job.RunChecksResult(); err == nil && run != nil {
		fields = append(fields, output.Field{Name: "Run", Value: runText(run)})
	}
	fields = append(fields, detailFields(r)...)
	d := output.Document{
		Mark: mark, Tone: tone,
		Headline: fmt.Sprintf("%s %s", job.Type, statusText(r)),
		Blocks:   []output.Block{fields},
	}
	if job.Status == dqops.StatusFinished && (job.Type == dqops.TypeRunChecks || job.Type == dqops.TypeRunChecksOnTable) {
		// The run's own summary is no verdict (wire L2), so it gets no green mark.
		d.Mark, d.Tone = "→", output.Plain
		d.Blocks = append(d.Blocks, output.Lines{"This is the server's own summary. To judge the data: dqoctl jobs wait " + exit.Quote(cmp.Or(job.ID.BusinessKey, strconv.FormatInt(job.ID.ID, 10)))})
	}
	if set := parameterFields(job.Parameters); len(set) > 0 {
		d.Blocks = append(d.Blocks, output.Section{Title: "Parameters", Block: set})
	}
	return d
}

// parameterFields are the parameters that are set, by their names on the wire.
// What is empty, off or the result of the job is left out.
func parameterFields(p dqops.JobParameters) output.Fields {
	var fields output.Fields
	for _, raw := range p {
		collectParameters(&fields, "", raw)
	}
	return fields
}

func collectParameters(fields *output.Fields, name string, raw json.RawMessage) {
	if strings.HasSuffix(name, "_result") {
		return
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	token, err := d.Token()
	if err != nil {
		return
	}
	switch token {
	case json.Delim('{'):
		collectMembers(fields, name, d, raw)
	case json.Delim('['):
		var items []any
		if json.Unmarshal(raw, &items) == nil && len(items) > 0 {
			*fields = append(*fields, output.Field{Name: name, Value: joinItems(items, raw)})
		}
	case nil, false, "":
	default:
		*fields = append(*fields, output.Field{Name: name, Value: fmt.Sprint(token)})
	}
}

func collectMembers(fields *output.Fields, name string, d *json.Decoder, raw json.RawMessage) {
	var table dqops.PhysicalTableName
	if name == "table" && json.Unmarshal(raw, &table) == nil && table.TableName != "" {
		*fields = append(*fields, output.Field{Name: name, Value: table.SchemaName + "." + table.TableName})
		return
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return
		}
		collectParameters(fields, fmt.Sprint(key), value)
	}
}

// joinItems writes a list of texts readably and any other list as it is.
func joinItems(items []any, raw json.RawMessage) string {
	words := make([]string, len(items))
	for i, item := range items {
		word, ok := item.(string)
		if !ok {
			return string(raw)
		}
		words[i] = word
	}
	return strings.Join(words, ", ")
}

func markOfStatus(s dqops.JobStatus) (string, output.Tone) {
	switch s {
	case dqops.StatusFinished:
		return "✓", output.Good
	case dqops.StatusFailed, dqops.StatusCancelled:
		return "✗", output.Bad
	default:
		return "…", output.Plain
	}
}
