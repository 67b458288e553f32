package cmd

import "github.com/spf13/cobra"

func newJobsCmd(a *App) *cobra.Command {
	jobs := newGroupCmd("jobs", "List, read, follow and cancel jobs", `List, read, follow and cancel jobs, whoever started them.

An ID is the number that the server gave a job, or the business key that its
caller gave it. A key that looks like a number hides the job with that number.
@last is the newest job that this machine started on this server and in this data
domain.`)
	jobs.GroupID = groupJobs
	jobs.AddCommand(newJobsListCmd(a), newJobsGetCmd(a), newJobsWaitCmd(a), newJobsWatchCmd(a), newJobsCancelCmd(a), newJobsResumeCmd(a))
	return jobs
}
