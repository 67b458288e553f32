package cmd

import "github.com/spf13/cobra"

func newJobsCmd(a *App) *cobra.Command {
	jobs := newGroupCmd("jobs", "Read and follow jobs", `Read and follow jobs, whoever started them.

An ID is the number that the server gave a job, or the business key that its
caller gave it. A key that looks like a number hides the job with that number.`)
	jobs.GroupID = groupJobs
	jobs.AddCommand(newJobsGetCmd(a), newJobsWaitCmd(a))
	return jobs
}
