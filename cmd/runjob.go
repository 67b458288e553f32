package cmd

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/journal"
	"github.com/dqoctl/dqoctl/pkg/progress"
	"github.com/dqoctl/dqoctl/pkg/standing"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// pipeline is the way that every job goes: submit, follow, judge, print. No step
// reaches back.
type pipeline struct {
	app      *App
	settings *config.Settings
	client   *dqops.Client
	follower *follow.Follower
	journal  *journal.Journal
	progress progress.Reporter
	deadline time.Time
}

func (a *App) newPipeline(s *config.Settings) (*pipeline, error) {
	client, err := a.connect(s)
	if err != nil {
		return nil, err
	}
	p := &pipeline{app: a, settings: s, client: client, progress: a.newProgress(s)}
	if s.Timeout > 0 {
		p.deadline = time.Now().Add(s.Timeout)
	}
	p.journal = a.journal(s)
	p.follower = &follow.Follower{Server: client, Budget: s.RetryBudget, Observe: p.show, Journal: p.journal}
	return p, nil
}

// newProgress is the display of a long step; its messages are wrapped as all are.
func (a *App) newProgress(s *config.Settings) progress.Reporter {
	return &wrapping{progress.New(a.Streams, s.Quiet), a}
}

type wrapping struct {
	progress.Reporter
	app *App
}

// Line writes a message for people.
func (w *wrapping) Line(text string) {
	w.Reporter.Line(strings.TrimSuffix(w.app.message("", text), "\n"))
}

// close ends the progress display and the connections.
func (p *pipeline) close() {
	p.progress.Stop()
	p.client.CloseIdleConnections()
}

func (p *pipeline) show(state follow.Progress) {
	if state.Status.Final() && state.Done < state.Total {
		return // the last table's end may be told after the job's (wire L14)
	}
	unit := ""
	switch {
	case state.Jobs:
		unit = "jobs"
	case state.Folders:
		unit = "folders"
	case state.Total > 0:
		unit = "tables"
	}
	note := ""
	if state.Behind != 0 {
		note = fmt.Sprintf("behind job %d", state.Behind)
	}
	p.progress.Update(progress.State{
		Status: string(state.Status), Done: state.Done, Total: state.Total, Unit: unit, Note: note,
	})
}

// details adds to the evidence what only the command knows about its own job.
type details func(ctx context.Context, e *verdict.Evidence)

// start submits a job and, if asked, follows it to its verdict.
func (p *pipeline) start(ctx context.Context, s follow.Submission, wait bool) verdict.Result {
	p.progress.Update(progress.State{Status: "starting"})
	s, sent := watchPost(s)
	job, err := p.follower.Submit(ctx, s)
	if err != nil {
		return p.notStarted(err, s, sent.Load()) //nolint:contextcheck // ctx is over; what follows lives until the second interrupt
	}
	p.announce(*job)
	if err := p.inDomain(ctx, &job.ID); err != nil {
		return p.conclude(ctx, follow.Followed{}, err, strconv.FormatInt(job.ID.ID, 10), &job.ID, nil)
	}
	if !wait {
		return p.judge(verdict.Evidence{ID: &job.ID, Submitted: true, Adopted: job.How == follow.Adopted})
	}
	result := p.follow(ctx, strconv.FormatInt(job.ID.ID, 10), &job.ID, nil)
	if run, ok := s.Body.(dqops.RunChecksParameters); ok && result.Job == nil {
		offerStatus(&result, run.CheckSearchFilters)
	}
	return result
}

// runJob starts one job as the flags say, follows it and reports it. After, which
// may be nil, can explain the result first.
func (a *App) runJob(ctx context.Context, s *config.Settings, starting *startFlags, j job, after func(*verdict.Result)) error {
	p, err := a.newPipeline(s)
	if err != nil {
		return err
	}
	defer p.close()
	result := p.start(ctx, p.submission(starting, j), starting.wait)
	p.progress.Stop()
	if after != nil {
		after(&result)
	}
	return a.report(s.Output, result)
}

// startWaiting is start for jobs whose result only the answer to a waited request
// carries. When that answer is lost, the job is followed and its state decides.
func (p *pipeline) startWaiting(ctx context.Context, s follow.Submission, wait bool, add details) verdict.Result {
	if !wait {
		return p.start(ctx, s, false)
	}
	p.progress.Update(progress.State{Status: "starting"})
	s, sent := watchPost(s)
	job, whole, err := p.follower.SubmitWaiting(ctx, s, func(job follow.Submitted) {
		p.announce(job)
		p.progress.Update(progress.State{Status: "started"})
	})
	if job == nil {
		return p.notStarted(err, s, sent.Load()) //nolint:contextcheck // ctx is over; what follows lives until the second interrupt
	}
	id := strconv.FormatInt(job.ID.ID, 10)
	if err != nil {
		return p.conclude(ctx, follow.Followed{Job: nil}, err, id, &job.ID, nil)
	}
	result := p.follow(ctx, id, &job.ID, add)
	if !whole && result.Job != nil && result.Job.Status == dqops.StatusFinished {
		p.progress.Line(detailsLost(job.How))
	}
	return result
}

// follow waits for a job and judges it; ours is its id when this process started
// it, nil otherwise.
func (p *pipeline) follow(ctx context.Context, id string, ours *dqops.JobID, add details) verdict.Result {
	followed, err := p.follower.Wait(ctx, id, ours != nil, p.deadline)
	return p.conclude(ctx, followed, err, id, ours, add)
}

// conclude turns what following a job found into its result.
func (p *pipeline) conclude(ctx context.Context, followed follow.Followed, err error, id string, ours *dqops.JobID, add details) verdict.Result {
	evidence := verdict.Evidence{ID: ours, Job: followed.Job, Err: err}
	if isInterrupt(err) {
		b := &brokenOff{cause: err, asked: id, job: followed.Job}
		if ours != nil {
			b.id = ours.ID
		}
		p.breakOff(b) //nolint:contextcheck // ctx is over; what follows lives until the second interrupt
		evidence.Job, evidence.Err = b.job, b.err
	}
	if evidence.Err == nil && p.readsStanding(followed.Job) {
		evidence.Standing, evidence.Err = p.readStanding(ctx, followed)
		if isInterrupt(evidence.Err) {
			evidence.Err = whileReading(evidence.Err, followed.Job)
		}
	}
	if evidence.Err == nil && add != nil && followed.Job.Status == dqops.StatusFinished {
		add(ctx, &evidence)
	}
	for _, child := range followed.Children {
		evidence.Children = append(evidence.Children, verdict.Child{
			Name: child.Name(), Status: child.Status, ErrorMessage: child.ErrorMessage,
		})
	}
	result := p.judge(evidence)
	if ours == nil {
		result.Asked = id
	}
	offerStatusOfJob(&result, followed.Job)
	p.remember(ctx, result)
	return result
}

func (p *pipeline) judge(e verdict.Evidence) verdict.Result {
	if e.Err == nil {
		e.Err = p.checkDomain(e.Job)
	}
	return verdict.Judge(e, policyOf(p.settings))
}

// readsStanding reports whether how the checks stand decides about the job.
func (p *pipeline) readsStanding(job *dqops.Job) bool {
	if verdict.Mode(p.settings.Judge) == verdict.JudgeRun || job.Status != dqops.StatusFinished {
		return false
	}
	if verdict.JobEvaluatesNoRules(job) {
		return false
	}
	_, run := job.Parameters["runChecksParameters"]
	_, table := job.Parameters["runChecksOnTableParameters"]
	return run || table
}

func (p *pipeline) readStanding(ctx context.Context, followed follow.Followed) (*verdict.Standing, error) {
	p.progress.Update(progress.State{Status: "reading how the checks stand"})
	ctx, cancel := p.beforeDeadline(ctx, fmt.Sprintf("the job is over; judge it with: dqoctl jobs wait %d", followed.Job.ID.ID))
	defer cancel()
	return p.collector().Run(ctx, standing.Run{
		Job: followed.Job, Children: followed.Children, ChildrenKnown: followed.ChildrenKnown,
	})
}

// beforeDeadline bounds the reading of how checks stand.
func (p *pipeline) beforeDeadline(ctx context.Context, hint string) (context.Context, context.CancelFunc) {
	if p.deadline.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, p.deadline, &exit.Error{
		Outcome: exit.Timeout, Message: "--timeout passed while reading how the checks stand", Hint: hint,
	})
}

func (p *pipeline) collector() *standing.Collector {
	return &standing.Collector{
		Server: p.client, Budget: p.settings.RetryBudget, BaseURL: p.client.BaseURL(),
		Exact: verdict.Mode(p.settings.Judge) == verdict.JudgeExact,
	}
}

func policyOf(s *config.Settings) verdict.Policy {
	return verdict.Policy{
		FailOn:               dqops.Severity(s.FailOn),
		AllowExecutionErrors: s.AllowExecutionErrors,
		AllowEmpty:           s.AllowEmpty,
		Judge:                verdict.Mode(s.Judge),
	}
}

// checkDomain compares the domain that was asked for with the job's own: without
// a cloud key the server ignores the choice in silence (wire 1.2).
func (p *pipeline) checkDomain(job *dqops.Job) error {
	asked := p.settings.DataDomain
	if job == nil || asked == "" {
		return nil
	}
	if asked == rootDomain {
		asked = ""
	}
	if job.DataDomain == asked {
		return nil
	}
	return &exit.Error{
		Outcome: exit.Protocol,
		Message: fmt.Sprintf("job %d is in data domain %q, not in %q as --data-domain says", job.ID.ID, job.DataDomain, asked),
		Hint:    "the server took another domain in silence; check the token's domain, or leave --data-domain out",
	}
}
