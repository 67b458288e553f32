package follow

import (
	"context"
	"fmt"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/journal"
)

// Adopt says which job of a caller's key is followed instead of starting one.
type Adopt string

// The values of --adopt.
const (
	AdoptNone       Adopt = ""           // none: a key that is taken is refused
	AdoptUnfinished Adopt = "unfinished" // one that is not over
	AdoptAny        Adopt = "any"        // also one that is
)

// claim looks the caller's key up. A job that is to be taken over is returned, one
// that must not be is an error; otherwise the key is free for a new job.
func (u *submitting) claim(ctx context.Context) (*Submitted, error) {
	job, err := u.Server.GetJob(ctx, u.s.Key)
	if isUnknown(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	switch {
	case u.s.Adopt == AdoptNone:
		return nil, exit.Usagef("follow that one with: dqoctl jobs wait "+exit.Quote(u.s.Key),
			"--key %s: the server already has job %d of that key (%s)", u.s.Key, job.ID.ID, job.Status)
	case u.s.Adopt == AdoptUnfinished && job.Status.Final():
		u.before = job.ID.ID
		return nil, nil
	}
	difference, err := u.differs(job)
	if err != nil {
		return nil, err
	}
	if difference != "" {
		return nil, exit.Usagef("give this request a key of its own",
			"--key %s: job %d of that key (%s) is another request: %s", u.s.Key, job.ID.ID, job.Status, difference)
	}
	return &Submitted{job.ID, Adopted}, nil
}

// differs says in which way a job is not the one of this submission; empty when it
// is.
func (u *submitting) differs(job *dqops.Job) (string, error) {
	return u.request.differsFrom(job, u.s.Type)
}

// differsFrom says in which way a job is not the one of this request; empty when it
// is. A nil request is known by its type alone.
func (r Request) differsFrom(job *dqops.Job, kind dqops.JobType) (string, error) {
	if job.Type != kind {
		return fmt.Sprintf("its type is %s and not %s", job.Type, kind), nil
	}
	theirs, err := requestOfJob(job)
	if err != nil {
		return "", &exit.Error{Outcome: exit.Protocol, Err: err, Message: err.Error(), Hint: "give this request a key of its own"}
	}
	if r == nil {
		return "", nil
	}
	return r.differences(theirs), nil
}

// FindAgain finds a job of the journal that has no id: its process ended before the
// server's answer came. The error is a JobLost when the server has no such job.
func (f *Follower) FindAgain(ctx context.Context, kept journal.Job) (*dqops.Job, error) {
	job, err := f.Server.GetJob(ctx, kept.Key)
	if isUnknown(err) {
		return nil, neverSeen(kept, "the server knows no job of that key", err)
	}
	if err != nil {
		return nil, err
	}
	difference, err := Request(kept.Request).differsFrom(job, dqops.JobType(kept.Type))
	switch {
	case err != nil:
		return nil, err
	case job.ID.ID == kept.Before:
		return nil, neverSeen(kept, fmt.Sprintf("the key still names job %d, which was there before", job.ID.ID), nil)
	case difference != "":
		return nil, neverSeen(kept, fmt.Sprintf("the key names job %d, which is another request: %s", job.ID.ID, difference), nil)
	}
	f.Journal.Entry(kept).Started(ctx, job.ID.ID)
	return job, nil
}

func neverSeen(kept journal.Job, what string, cause error) error {
	return &exit.Error{
		Outcome: exit.JobLost, Err: cause,
		Message: fmt.Sprintf("the job with key %s is lost: %s; its request never arrived, or the server forgot the job", kept.Key, what),
		Hint:    "start it again if its work is needed",
	}
}
