package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/journal"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

func newJobsResumeCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "Follow the jobs that this machine left behind",
		Long: `Follow to their end, and judge, the jobs that this machine started on this server
and in this data domain and whose end it has not seen: it did not wait for them, its
time was up, it was interrupted or killed.

They are read from the journal, $XDG_STATE_HOME/dqoctl/jobs.jsonl, by default
~/.local/state/dqoctl/jobs.jsonl. A job whose number was never answered is looked up
by its key. A job that the server does not know any more counts as lost, code 8, and
is not resumed again.

The exit code is that of jobs wait; 0 when there is nothing to resume.`,
		Example: `  dqoctl jobs resume
  dqoctl jobs resume --timeout 30m -o json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := a.settings(cmd)
			if err != nil {
				return err
			}
			return runJobsResume(cmd.Context(), a, s)
		},
	}
	cmd.Flags().SortFlags = false
	addSettingFlags(cmd.Flags(), followingGroups...)
	return cmd
}

func runJobsResume(ctx context.Context, a *App, s *config.Settings) error {
	p, err := a.newPipeline(s)
	if err != nil {
		return err
	}
	defer p.close()
	if p.journal.File == "" {
		return exit.Configf("name a folder for it with XDG_STATE_HOME; dqoctl jobs list shows the jobs of the server", "what this machine left behind is not known: %s", noJobs(p.journal))
	}
	jobs, err := kept(p.journal)
	if err != nil {
		return err
	}
	jobs = slices.DeleteFunc(jobs, func(j journal.Job) bool { return !j.Open() })
	slices.Reverse(jobs) // the oldest first, as they were started
	results := p.resume(ctx, jobs)
	p.progress.Stop()
	if len(jobs) == 0 {
		a.inform("nothing to resume")
	}
	return a.report(s.Output, results...)
}

// resume follows the jobs together; the results are in their order.
func (p *pipeline) resume(ctx context.Context, jobs []journal.Job) []verdict.Result {
	results := make([]verdict.Result, len(jobs))
	var places []int
	var ids []string
	for i, job := range jobs {
		if job.ID == 0 {
			found, err := p.follower.FindAgain(ctx, job)
			if err != nil {
				results[i] = p.forgotten(ctx, job, err)
				continue
			}
			job.ID = found.ID.ID
		}
		places, ids = append(places, i), append(ids, nameOfKept(job))
	}
	switch len(ids) {
	case 0:
	case 1:
		results[places[0]] = p.follow(ctx, ids[0], nil, nil)
	default:
		for n, result := range p.followMany(ctx, ids, make([]*dqops.JobID, len(ids))) {
			results[places[n]] = result
		}
	}
	for i, job := range jobs {
		if results[i].Job == nil && dqops.JobType(job.Type) == dqops.TypeRunChecks {
			offerStatus(&results[i], dqops.CheckSearchFilters{
				Connection:    job.Request["check_search_filters.connection"],
				FullTableName: job.Request["check_search_filters.fullTableName"],
			})
		}
	}
	return results
}

// forgotten is the result of a job that could not be found by its key.
func (p *pipeline) forgotten(ctx context.Context, job journal.Job, err error) verdict.Result {
	result := p.judge(verdict.Evidence{Err: err})
	result.Asked = job.Key
	if result.Outcome == exit.JobLost {
		p.journal.Entry(job).Over(ctx, journal.Lost)
	}
	return result
}
