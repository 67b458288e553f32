package follow

import (
	"context"
	"fmt"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// hidden is why a synchronization whose key the server does not know may have been
// started all the same: one that finishes removes all others from the history (wire
// T18). Nil when none has finished in the time of which changes are kept. One of
// another data domain removes them, too, and is not seen.
func (u *submitting) hidden(ctx context.Context, cause error) error {
	if u.s.Type != dqops.TypeSynchronizeMultipleFolders {
		return nil
	}
	kept, err := read(ctx, &u.patience, u.keptChanges)
	if ctx.Err() != nil {
		return u.notFound(ctx, cause, err)
	}
	if err != nil {
		return u.maybeHidden(cause, fmt.Sprintf("as may have happened (%v)", err))
	}
	for _, e := range kept.List(Query{Status: []dqops.JobStatus{dqops.StatusFinished}}) {
		if e.Type == dqops.TypeSynchronizeMultipleFolders {
			return u.maybeHidden(cause, fmt.Sprintf("as job %d did", e.ID))
		}
		if e.Type == "" {
			return u.maybeHidden(cause, fmt.Sprintf("as job %d perhaps did", e.ID))
		}
	}
	return nil
}

func (u *submitting) maybeHidden(cause error, example string) error {
	why := fmt.Sprintf("its key %s is not known: when a synchronization ends, %s, the server removes all others from its history", u.s.Key, example)
	return u.maybeStarted(cause, why, "look at the folders on the server; start it again if its work is needed")
}

// keptChanges folds the changes that the server keeps. When there are none it holds
// the question for 20 s (wire T19): its answer is waited for, since silence may also
// be that of a busy server.
func (u *submitting) keptChanges(ctx context.Context) (*Ledger, error) {
	kept := new(Ledger)
	_, err := u.Server.JobChangesSince(ctx, 0, func(c dqops.JobChange) error {
		kept.Fold(c)
		return nil
	})
	return kept, err
}
