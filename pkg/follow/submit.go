package follow

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// NewKey makes a business key that no other job has. It is never a number, since
// a numeric key shadows the job with that id (wire 2.0).
func NewKey() string {
	random := make([]byte, 12)
	_, _ = rand.Read(random) // documented never to fail
	return "dqoctl-" + hex.EncodeToString(random)
}

// CheckKey refuses a caller's key that would shadow a job (wire 2.0) or name
// nothing.
func CheckKey(key string) error {
	if key == "" {
		return exit.Usagef("leave --key out and one is made", "--key is empty")
	}
	if _, err := strconv.ParseInt(key, 10, 64); err == nil {
		return exit.Usagef("put a word before it, for example nightly-"+key,
			"--key %s is a number: the server would mix it up with the id of a job", key)
	}
	return nil
}

// Submission is one job to start.
type Submission struct {
	Key string
	// Callers says that the user chose the key, so that it may be taken already.
	Callers bool
	// Post sends the request, once, on a connection of its own, and gives the new
	// job's id; nil when the server started nothing.
	Post func(ctx context.Context, start dqops.Start) (*dqops.JobID, error)
}

// Submit starts the job without waiting for it. When the answer is lost or
// doubtful, the key is looked up: a job that is found is the one that was
// started. A request is never sent a second time.
func (f *Follower) Submit(ctx context.Context, s Submission) (*dqops.JobID, error) {
	if s.Callers {
		if err := f.refuseTakenKey(ctx, s.Key); err != nil {
			return nil, err
		}
	}
	id, err := s.Post(ctx, dqops.Start{BusinessKey: s.Key})
	switch {
	case err == nil && id != nil:
		return id, nil
	case err == nil:
		return nil, startedNothing()
	case !doubtful(err):
		return nil, err
	}
	return f.lookUp(ctx, s.Key, err)
}

func (f *Follower) refuseTakenKey(ctx context.Context, key string) error {
	job, err := f.Server.GetJob(ctx, key)
	if _, ok := errors.AsType[*dqops.NotFoundError](err); ok {
		return nil
	}
	if err != nil {
		return err
	}
	return exit.Usagef("follow that one with: dqoctl jobs wait "+key,
		"--key %s: the server already has job %d of that key (%s)", key, job.ID.ID, job.Status)
}

// doubtful reports an error after which the job may have been started.
func doubtful(err error) bool {
	if lost, ok := errors.AsType[*dqops.UnreachableError](err); ok {
		return lost.Sent
	}
	if said, ok := errors.AsType[*dqops.ServerError](err); ok {
		return said.Status >= 500
	}
	if spoiled, ok := errors.AsType[*dqops.ProtocolError](err); ok {
		// The request was taken and only its answer is not understood.
		return spoiled.Status >= 200 && spoiled.Status < 300
	}
	return errors.Is(err, dqops.ErrNotKnownYet)
}

// lookUp asks for the key for some seconds: the job may become visible late
// (wire T21), and the server may be busy.
func (f *Follower) lookUp(ctx context.Context, key string, cause error) (*dqops.JobID, error) {
	until := time.Now().Add(settleTime)
	for {
		job, err := f.Server.GetJob(ctx, key)
		if err == nil {
			return &job.ID, nil
		}
		if _, foreign := errors.AsType[*dqops.ProtocolError](err); foreign {
			return nil, cause
		}
		if time.Now().After(until) {
			outcome := exit.Unreachable
			if failsItself(cause) {
				outcome = exit.Protocol
			}
			return nil, &exit.Error{
				Outcome: outcome, Err: cause,
				Message: fmt.Sprintf("the job may have been started: %v, and its key %s is not known", cause, key),
				Hint:    "look for it with: dqoctl jobs get " + key,
			}
		}
		if err := pause(ctx, minInterval); err != nil {
			return nil, err
		}
	}
}
