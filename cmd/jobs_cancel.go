package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/progress"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

type jobsCancelOptions struct {
	app      *App
	settings *config.Settings
	ids      []string
	timeout  time.Duration // 0: no end
	children bool
	force    bool
	noWait   bool
}

func newJobsCancelCmd(a *App) *cobra.Command {
	o := &jobsCancelOptions{app: a}
	cmd := &cobra.Command{
		Use:   "cancel ID...",
		Short: "Cancel jobs and tell what became of them",
		Long: `Cancel jobs, and follow them until it is known what became of them: a job may well
finish after all. The server itself answers every cancellation with success.

An import, a deletion, a synchronization, or a job of a table whose connection
limits its jobs, is cancelled only once it runs. Cancelled before, it would keep its
place in the server's queue, and later jobs of that connection would wait until the
server is restarted. --force cancels it at once all the same.

The exit code is 0 when the job no longer runs, however it ended, 8 when the server
does not know it, and 75 when it still runs after --timeout, 30s unless given.`,
		Example: `  dqoctl jobs cancel 1795443329000000
  dqoctl jobs cancel nightly-orders --children --timeout 2m
  dqoctl jobs cancel nightly-orders nightly-customers --no-wait`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.resolve(cmd, args); err != nil {
				return err
			}
			return runJobsCancel(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&o.children, "children", false, "also the jobs that they started, which go on otherwise")
	f.BoolVar(&o.force, "force", false, "also a queued job whose cancellation may block its connection")
	f.BoolVar(&o.noWait, "no-wait", false, "send the cancellation and end")
	addNamedSettingFlags(f, "timeout", "retry-budget")
	return cmd
}

func (o *jobsCancelOptions) resolve(cmd *cobra.Command, args []string) error {
	var err error
	if o.settings, err = o.app.settings(cmd); err != nil {
		return err
	}
	o.timeout = o.settings.Timeout
	if o.settings.Origin("timeout") == "default" {
		o.timeout = follow.CancelTime
	}
	o.ids, err = o.app.resolveIDs(o.settings, args)
	return err
}

func runJobsCancel(ctx context.Context, o *jobsCancelOptions) error {
	p, err := o.app.newPipeline(o.settings)
	if err != nil {
		return err
	}
	defer p.close()
	c := &follow.Canceller{Follower: p.follower, Force: o.force, Children: o.children}
	if o.timeout > 0 {
		c.Deadline = time.Now().Add(o.timeout)
	}
	jobs, err := c.Read(ctx, o.ids)
	if err != nil {
		return o.explain(err, nil)
	}
	if err := o.sayHeldBack(p, jobs); err != nil {
		return err
	}
	if err = c.Send(ctx); err == nil && !o.noWait {
		err = c.Follow(ctx)
	}
	p.progress.Stop()
	if err != nil {
		return o.explain(err, jobs)
	}
	for _, one := range jobs {
		p.remember(ctx, o.result(one))
	}
	return o.report(jobs)
}

// sayHeldBack tells which cancellations have to wait, or refuses them where nobody
// would wait for that.
func (o *jobsCancelOptions) sayHeldBack(p *pipeline, jobs []*follow.Cancellation) error {
	for _, one := range jobs {
		if one.Err != nil || !follow.HeldBack(one.Job) {
			continue
		}
		what := heldBackText(one.Job)
		switch {
		case o.force:
			p.progress.Line("dqoctl: warning: " + what + ": cancelled before it runs, it may block later jobs of its connection until the server is restarted")
		case o.noWait:
			return exit.Usagef("leave --no-wait out: the job is cancelled once it runs; or add --force, which may block its connection until the server is restarted",
				"%s and cannot be cancelled safely before it runs; nothing was sent", what)
		default:
			p.progress.Line(what + " and will be cancelled once it runs")
			p.progress.Update(progress.State{Status: string(one.Job.Status)})
		}
	}
	return nil
}

// explain says after an error which cancellations were sent.
func (o *jobsCancelOptions) explain(err error, jobs []*follow.Cancellation) error {
	var sent []string
	verb := "was sent"
	for _, one := range jobs {
		if one.Sent {
			sent = append(sent, one.ID)
		}
		if one.Doubtful() {
			verb = "may have been sent"
		}
	}
	problem := verdict.Explain(err)
	state := "; no cancellation was sent"
	if len(sent) > 0 {
		state = "; the cancellation " + verb + " to " + strings.Join(sent, ", ")
		problem.Hint = "look again with: dqoctl jobs get " + exit.Quote(sent[0])
	}
	return &exit.Error{
		Outcome: verdict.OutcomeOf(err), Err: err,
		Message: problem.Message + state, Hint: problem.Hint, RequestID: problem.RequestID,
	}
}

// cancelled is what is printed of one job.
type cancelled struct {
	verdict.Result
	children []verdict.Result
}

// MarshalJSON adds the children to the result of the job.
func (c cancelled) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(c.Result)
	if err != nil || c.children == nil {
		return text, err
	}
	children, err := json.Marshal(c.children)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(text[:len(text)-1], `,"children":%s}`, children), nil
}

func (o *jobsCancelOptions) report(jobs []*follow.Cancellation) error {
	results := make([]cancelled, len(jobs))
	var outcomes []exit.Outcome
	var all []verdict.Result
	for i, one := range jobs {
		results[i].Result = o.result(one)
		if o.children {
			results[i].children = []verdict.Result{}
		}
		for _, child := range one.Children {
			results[i].children = append(results[i].children, o.result(child))
		}
		for _, r := range append([]verdict.Result{results[i].Result}, results[i].children...) {
			outcomes, all = append(outcomes, r.Outcome), append(all, r)
		}
	}
	o.app.complainOf(all)
	worst := exit.Worst(outcomes...)
	o.app.write(func() error { return o.print(results, worst) })
	if worst.Code() == 0 {
		return nil
	}
	return &reported{worst}
}

func (o *jobsCancelOptions) result(one *follow.Cancellation) verdict.Result {
	r := verdict.Result{Job: one.Job, Outcome: exit.OK}
	if one.Job != nil {
		r.ID = &one.Job.ID
	}
	switch {
	case one.Err != nil:
		problem := verdict.Explain(one.Err)
		r.Outcome, r.Problem, r.Reason = verdict.OutcomeOf(one.Err), &problem, problem.Message
	case one.Over:
		r.Reason = "it was over already: " + string(one.Job.Status)
	case one.Job.Status == dqops.StatusCancelled:
		r.Reason = "the job was cancelled"
	case one.Job.Status.Final():
		r.Reason = fmt.Sprintf("the job ended as %s before it could be cancelled", one.Job.Status)
	case one.Sent:
		r.Outcome, r.Reason = exit.Submitted, "the cancellation was sent, not followed"
	default:
		r.Outcome, r.Reason = exit.Submitted, "a cancellation was requested before, none was sent"
	}
	return r
}

func (o *jobsCancelOptions) print(results []cancelled, worst exit.Outcome) error {
	out := o.app.Streams.Out
	switch f := output.Format(o.settings.Output); {
	case f.IsObject() && len(results) == 1:
		return output.Value(out, f, results[0])
	case f.IsObject():
		return output.Value(out, f, struct {
			Jobs     []cancelled  `json:"jobs"`
			Outcome  exit.Outcome `json:"outcome"`
			ExitCode int          `json:"exitCode"`
		}{results, worst, worst.Code()})
	case f == output.FormatID:
		for _, r := range results {
			if r.ID != nil {
				if err := output.IDs(out, r.ID.ID); err != nil {
					return err
				}
			}
		}
		return nil
	}
	printed := false
	for _, r := range results {
		if r.ID == nil {
			continue
		}
		if printed {
			if _, err := io.WriteString(out, "\n"); err != nil {
				return err
			}
		}
		printed = true
		if err := output.Print(out, screenOf(o.app.Streams), summarizeCancelled(r)); err != nil {
			return err
		}
	}
	return nil
}

func summarizeCancelled(r cancelled) output.Document {
	mark, tone := markOf(r.Outcome)
	d := output.Document{Mark: mark, Tone: tone, Headline: headline(r.Result), Blocks: []output.Block{output.Fields{
		{Name: "Job", Value: jobName(r.ID)},
		{Name: "Type", Value: string(r.Job.Type)},
		{Name: "Status", Value: statusText(r.Result)},
		{Name: "Exit code", Value: exitText(r.Outcome)},
	}}}
	if len(r.children) == 0 {
		return d
	}
	t := &output.Table{Title: "Jobs that it started", Lead: 3, Columns: []output.Column{{Name: "JOB"}, {Name: "TYPE"}, {Name: "STATUS"}, {Name: "OUTCOME", Shrinks: true}}}
	for _, child := range r.children {
		t.Rows = append(t.Rows, []output.Cell{
			{Text: strconv.FormatInt(child.ID.ID, 10)}, {Text: string(child.Job.Type)}, {Text: string(child.Job.Status)}, {Text: child.Reason},
		})
	}
	d.Blocks = append(d.Blocks, t)
	return d
}
