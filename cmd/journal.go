package cmd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/journal"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// journal is that of the jobs which this machine started on the server and in the
// data domain of the settings.
func (a *App) journal(s *config.Settings) *journal.Journal {
	base, err := dqops.ParseBaseURL(s.Server)
	if err != nil {
		return nil // connecting refuses it and says why
	}
	domain := s.DataDomain
	if domain == rootDomain {
		domain = ""
	}
	return &journal.Journal{
		File:  journal.Place{Env: a.Env}.File(),
		Scope: journal.Scope{Server: base.String(), Domain: domain},
		Warn: func(err error) {
			a.inform("warning: " + err.Error() + "; this job will not be found by @last, jobs list --mine and jobs resume")
		},
	}
}

// rootDomain is how the data domain without a name is asked for (wire 1.2).
const rootDomain = "(default)"

// kept reads the journal for a command that cannot do without it: to find nothing
// in a journal that cannot be read would be a lie.
func kept(j *journal.Journal) ([]journal.Job, error) {
	jobs, err := j.Jobs()
	if err != nil {
		return nil, exit.Configf("make it readable, or name another folder with XDG_STATE_HOME", "%w", err)
	}
	return jobs, nil
}

// noJobs says why the journal has none.
func noJobs(j *journal.Journal) string {
	switch {
	case j == nil || j.File == "":
		return "this user has no place for a journal of started jobs (neither HOME nor XDG_STATE_HOME is set)"
	case j.Domain != "":
		return fmt.Sprintf("this machine has started no job on %s in data domain %s", j.Server, j.Domain)
	}
	return "this machine has started no job on " + j.Server
}

// resolveIDs refuses empty IDs and puts the newest job of this machine in the place
// of @last.
func (a *App) resolveIDs(s *config.Settings, ids []string) ([]string, error) {
	for _, id := range ids {
		if err := follow.CheckID(id); err != nil {
			return nil, err
		}
	}
	if !slices.Contains(ids, follow.LastJob) {
		return ids, nil
	}
	j := a.journal(s)
	jobs, err := kept(j)
	if err != nil {
		return nil, err
	}
	if len(jobs) == 0 {
		return nil, exit.Usagef("give the number or the key of a job; dqoctl jobs list shows them", "%s: %s", follow.LastJob, noJobs(j))
	}
	resolved := slices.Clone(ids)
	for i, id := range resolved {
		if id == follow.LastJob {
			resolved[i] = nameOfKept(jobs[0])
		}
	}
	return resolved, nil
}

func nameOfKept(job journal.Job) string {
	if job.ID == 0 {
		return job.Key
	}
	return strconv.FormatInt(job.ID, 10)
}

// announce says which job it is, before it is followed.
func (p *pipeline) announce(job follow.Submitted) {
	name := fmt.Sprintf("job %d (key %s)", job.ID.ID, job.ID.BusinessKey)
	switch job.How {
	case follow.Answered, follow.Seen:
		p.progress.Line("started " + name)
	case follow.Found:
		p.progress.Line("started " + name + ", found by its key")
	case follow.Adopted:
		p.progress.Line("adopted " + name + ": it was there already, and nothing was started")
	}
}

// detailsLost says why the details of an import or a deletion are missing.
func detailsLost(how follow.Way) string {
	if how == follow.Adopted {
		return "details lost: only the request that started the job is told what it did; its state is the outcome"
	}
	return "details lost: the answer that tells what the job did never came; its state is the outcome"
}

// remember writes what became of a job of this machine. Commands that only look (get,
// list, watch) do not: jobs resume is to judge what nobody has judged.
func (p *pipeline) remember(ctx context.Context, r verdict.Result) {
	switch {
	case r.Job != nil && r.Job.Status.Final():
		p.journal.Ended(ctx, r.Job.ID.ID, string(r.Job.Status))
	case r.Outcome != exit.JobLost:
	case r.ID != nil:
		p.journal.Ended(ctx, r.ID.ID, journal.Lost)
	default:
		if id, err := strconv.ParseInt(r.Asked, 10, 64); err == nil {
			p.journal.Ended(ctx, id, journal.Lost)
		}
	}
}

// offerStatus says, of a run whose verdict is lost, how to see all the same how its
// checks stand.
func offerStatus(r *verdict.Result, f dqops.CheckSearchFilters) {
	if r.Outcome != exit.JobLost || r.Problem == nil {
		return
	}
	line := "dqoctl checks status --connection NAME"
	if f.Connection != "" && !strings.Contains(f.Connection, "*") {
		line = "dqoctl checks status --connection " + exit.Quote(f.Connection)
	}
	if f.FullTableName != "" {
		line += " --table " + exit.Quote(f.FullTableName)
	}
	explained := *r.Problem
	explained.Hint = "how its checks stand now shows: " + line + "; if they have to run, start it again"
	r.Problem = &explained
}

// offerStatusOfJob is offerStatus for a job that was read before it was lost.
func offerStatusOfJob(r *verdict.Result, job *dqops.Job) {
	if job == nil {
		return
	}
	if run, err := job.Parameters.RunChecks(); err == nil && run != nil {
		offerStatus(r, run.CheckSearchFilters)
	}
	if run, err := job.Parameters.RunChecksOnTable(); err == nil && run != nil {
		offerStatus(r, dqops.CheckSearchFilters{
			Connection: run.Connection, FullTableName: run.Table.SchemaName + "." + run.Table.TableName,
		})
	}
}
