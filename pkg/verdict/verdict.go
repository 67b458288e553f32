// Package verdict decides what a job means for the pipeline that asked. It is
// pure: no clock, no network, no output. It is internal to dqoctl and may change
// without notice.
package verdict

import (
	"encoding/json"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// Mode says what the gate looks at.
type Mode string

// The modes of --judge.
const (
	JudgeStanding Mode = "standing" // how every covered check stands now
	JudgeExact    Mode = "exact"    // the same, and clean checks are read too
	JudgeRun      Mode = "run"      // the server's own summary alone
)

// FailOnNever is the policy that no severity trips the gate.
const FailOnNever = dqops.Severity("never")

// Policy is what the user decided about the gate.
type Policy struct {
	// FailOn is the mildest severity that trips the gate, or FailOnNever.
	FailOn dqops.Severity
	// AllowExecutionErrors excuses crashed checks, never a stale result.
	AllowExecutionErrors bool
	AllowEmpty           bool
	Judge                Mode
}

// Evidence is all that is known about one job. What could not be read is absent.
type Evidence struct {
	// ID is known from the submit on; Job from its first reading on.
	ID  *dqops.JobID
	Job *dqops.Job
	// Submitted says that the job was started, or found when Adopted says so, and is
	// not to be followed.
	Submitted bool
	Adopted   bool
	// Children are the jobs that this one started, as far as they were seen.
	Children []Child
	// Standing is how the checks of a run stand; nil when it was not read.
	Standing *Standing
	// Import and Deletion are set for jobs of those kinds that this process
	// started: only their answer tells what they did.
	Import   *Import
	Deletion *Deletion
	// Err is why the truth, or a part of it, is not known.
	Err error
}

// Child is a job that the judged one started, as far as the verdict needs it.
type Child struct {
	Name         string // what it works on, for example a table
	Status       dqops.JobStatus
	ErrorMessage string
}

// Result is the decision, with what it rests on. It marshals to the object that
// -o json prints.
type Result struct {
	// Asked is the ID that the user gave; "" for a job that was started here.
	Asked    string
	ID       *dqops.JobID
	Job      *dqops.Job
	Run      *dqops.RunChecksResult
	Standing *Standing
	// Detail is the result of a job that is no run of checks, as the server sent it.
	Detail   json.RawMessage
	Import   *Import
	Deletion *Deletion
	Outcome  exit.Outcome
	// Reason is one sentence for people: why this outcome.
	Reason string
	// Problem is set when the outcome is not about the data.
	Problem *Problem
}

// Elapsed is the time between a finished job's creation and its end, by the
// server's clock; 0 while it is not over.
func (r Result) Elapsed() time.Duration {
	if r.Job == nil || !r.Job.Status.Final() {
		return 0
	}
	return max(0, r.Job.StatusChangedAt.Sub(r.Job.ID.CreatedAt))
}

// Judge turns evidence into the one result of a job. The worst of all that holds
// decides, in the order of exit.Table.
func Judge(e Evidence, p Policy) Result {
	if e.Standing != nil {
		own := *e.Standing
		e.Standing = &own
	}
	r := Result{ID: e.ID, Job: e.Job, Standing: e.Standing, Import: e.Import, Deletion: e.Deletion, Outcome: exit.OK}
	if e.Job != nil {
		r.ID = &e.Job.ID
	}
	run, err := runResult(e.Job)
	r.Run = run
	var held []holding
	switch {
	case err != nil || e.Job == nil || e.Job.Status != dqops.StatusFinished:
	case isRun(e.Job):
		held = holdsOfRun(run, e, p)
	default:
		held, r.Detail, err = holdsOfWork(e, p)
		err = unreadable(err)
	}
	if e.Err == nil {
		e.Err = err
	}
	if e.Err != nil {
		problem := Explain(e.Err)
		r.Problem = &problem
		held = append(held, holding{OutcomeOf(e.Err), problem.Message})
	}
	held = append(held, holdsOfJob(e)...)
	r.decide(held)
	return r
}

// decide lets the worst of what holds be the outcome.
func (r *Result) decide(held []holding) {
	for _, h := range held {
		if exit.Worst(r.Outcome, h.outcome) != r.Outcome {
			r.Outcome, r.Reason = h.outcome, h.reason
		}
	}
}

// holding is one thing that is true of the job, and what it means.
type holding struct {
	outcome exit.Outcome
	reason  string
}

func holdsOfJob(e Evidence) []holding {
	var held []holding
	switch {
	case e.Submitted && e.Adopted:
		return []holding{{exit.Submitted, "found by its key, nothing was started; not followed"}}
	case e.Submitted:
		return []holding{{exit.Submitted, "started, not followed"}}
	case e.Job == nil && e.Err == nil:
		return []holding{{exit.Internal, "nothing is known about the job"}}
	case e.Job == nil:
		return nil
	}
	switch e.Job.Status {
	case dqops.StatusFinished:
	case dqops.StatusFailed:
		held = append(held, holding{exit.JobFailed, dqops.WithoutClassNames(e.Job.ErrorMessage)})
	case dqops.StatusCancelled:
		held = append(held, holding{exit.JobCancelled, "somebody cancelled it"})
	default:
		if e.Err == nil {
			held = append(held, holding{exit.Timeout, "the job is not over: " + string(e.Job.Status)})
		}
	}
	for _, child := range e.Children {
		switch child.Status {
		case dqops.StatusFailed:
			held = append(held, holding{exit.JobFailed, "the job of " + child.Name + " failed: " + dqops.WithoutClassNames(child.ErrorMessage)})
		case dqops.StatusCancelled, dqops.StatusCancelRequested:
			// A child that was never begun stays cancel_requested for long, and the job
			// was finished without it (wire T6).
			held = append(held, holding{exit.JobCancelled, "somebody cancelled the job of " + child.Name})
		default:
		}
	}
	return held
}

// isRun looks at the parameters too: a run of checks must not pass unjudged because
// its type is missing.
func isRun(job *dqops.Job) bool {
	_, run := job.Parameters["runChecksParameters"]
	_, table := job.Parameters["runChecksOnTableParameters"]
	return run || table || job.Type == dqops.TypeRunChecks || job.Type == dqops.TypeRunChecksOnTable
}

func runResult(job *dqops.Job) (*dqops.RunChecksResult, error) {
	if job == nil || !isRun(job) {
		return nil, nil
	}
	result, err := job.RunChecksResult()
	return result, unreadable(err)
}

// unreadable is a result that is not what this server version sends.
func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return &exit.Error{
		Outcome: exit.Protocol, Message: "read the result of the job: " + err.Error(), Err: err,
		Hint: "this dqoctl was tested with DQOps " + TestedServer,
	}
}
