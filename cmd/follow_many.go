package cmd

import (
	"context"
	"strconv"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// startMany submits several jobs and follows them together. A job that cannot be
// started does not stop the others: what was started is followed.
func (p *pipeline) startMany(ctx context.Context, submissions []follow.Submission, wait bool) []verdict.Result {
	results := make([]verdict.Result, len(submissions))
	var places []int
	var ids []string
	var ours []*dqops.JobID
	broken := make(map[int]*brokenOff)
	for i, s := range submissions {
		if cause := context.Cause(ctx); cause != nil {
			broken[i] = &brokenOff{cause: cause, asked: s.Key, starting: true, unsent: true, submission: s}
			continue
		}
		s, sent := watchPost(s)
		job, err := p.follower.Submit(ctx, s)
		switch {
		case isInterrupt(err):
			broken[i] = &brokenOff{cause: err, asked: s.Key, starting: true, unsent: !sent.Load(), submission: s}
			continue
		case err != nil:
			results[i] = p.judge(verdict.Evidence{Err: err})
			continue
		}
		p.announce(*job)
		id := &job.ID
		if err := p.inDomain(ctx, id); err != nil && (!wait || !isInterrupt(err)) {
			results[i] = p.conclude(ctx, follow.Followed{}, err, strconv.FormatInt(id.ID, 10), id, nil)
			continue
		}
		results[i] = p.judge(verdict.Evidence{ID: id, Submitted: true, Adopted: job.How == follow.Adopted})
		places, ids, ours = append(places, i), append(ids, strconv.FormatInt(id.ID, 10)), append(ours, id)
	}
	if len(broken) > 0 {
		return p.startedSome(results, broken, places, ours, wait) //nolint:contextcheck // ctx is over; what follows lives until the second interrupt
	}
	if wait && len(ids) > 0 {
		for n, result := range p.followMany(ctx, ids, ours) {
			results[places[n]] = result
		}
	}
	return results
}

// startedSome is the end of startMany when an interrupt came while jobs were being
// started. Those that run are treated with those that may; not to be waited for,
// they go on, unless they are to be cancelled.
func (p *pipeline) startedSome(results []verdict.Result, broken map[int]*brokenOff, places []int, ours []*dqops.JobID, wait bool) []verdict.Result {
	ids := make(map[int]*dqops.JobID)
	var jobs []*brokenOff
	var cause error
	for i := range results {
		if b := broken[i]; b != nil {
			cause = b.cause
			jobs = append(jobs, b)
		}
	}
	if wait || p.settings.OnInterrupt == "cancel" {
		for n, i := range places {
			ids[i] = ours[n]
			broken[i] = &brokenOff{cause: cause, id: ours[n].ID, asked: ours[n].BusinessKey}
			jobs = append(jobs, broken[i])
		}
	}
	p.breakOff(jobs...)
	for i, b := range broken {
		results[i] = p.broken(b, ids[i])
	}
	return results
}

// followMany waits for several jobs together and judges each. Ours holds the ids
// of those that this process started, nil for the others. A job is judged as soon
// as it has ended, so that the time of the others is not its own.
func (p *pipeline) followMany(ctx context.Context, ids []string, ours []*dqops.JobID) []verdict.Result {
	targets := make([]follow.Target, len(ids))
	for i, id := range ids {
		targets[i] = follow.Target{ID: id, Ours: ours[i] != nil}
	}
	results := make([]verdict.Result, len(ids))
	judge := func(i int, end follow.End) {
		results[i] = p.conclude(ctx, end.Followed, end.Err, ids[i], ours[i], nil)
	}
	ends := p.follower.WaitMany(ctx, targets, p.deadline, judge)
	p.breakOffOpen(ends, ids, ours) //nolint:contextcheck // ctx is over; what follows lives until the second interrupt
	for i, end := range ends {
		if end.Err != nil {
			judge(i, end)
		}
	}
	return results
}

// breakOffOpen does with all jobs together that an interrupt found running what
// --on-interrupt says.
func (p *pipeline) breakOffOpen(ends []follow.End, ids []string, ours []*dqops.JobID) {
	var open []*brokenOff
	places := make(map[*brokenOff]int)
	for i, end := range ends {
		if !isInterrupt(end.Err) {
			continue
		}
		b := &brokenOff{cause: end.Err, asked: ids[i], job: end.Job}
		if ours[i] != nil {
			b.id = ours[i].ID
		}
		open = append(open, b)
		places[b] = i
	}
	p.breakOff(open...)
	for b, i := range places {
		ends[i].Job, ends[i].Err = b.job, b.err
	}
}

// followAny waits until the first of several jobs has ended, and judges it. After
// an interrupt none decides, and the result tells of all.
func (p *pipeline) followAny(ctx context.Context, ids []string) []verdict.Result {
	targets := make([]follow.Target, len(ids))
	for i, id := range ids {
		targets[i] = follow.Target{ID: id}
	}
	first, end := p.follower.WaitAny(ctx, targets, p.deadline)
	if !isInterrupt(end.Err) {
		return []verdict.Result{p.conclude(ctx, end.Followed, end.Err, ids[first], nil, nil)}
	}
	jobs := make([]*brokenOff, len(ids))
	for i, id := range ids {
		jobs[i] = &brokenOff{cause: end.Err, asked: id}
	}
	p.breakOff(jobs...) //nolint:contextcheck // ctx is over; what follows lives until the second interrupt
	results := make([]verdict.Result, len(ids))
	for i, b := range jobs {
		results[i] = p.broken(b, nil)
		results[i].Asked = ids[i]
	}
	return results
}
