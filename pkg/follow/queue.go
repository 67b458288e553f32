package follow

import (
	"context"
	"slices"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

const (
	// queuePatience is how long a job may be queued before it is asked what is
	// before it; most are so for an instant.
	queuePatience = time.Second
	// queueInterval is the least time between two such questions. A server that
	// has no news holds them for 20 s.
	queueInterval = 5 * time.Second
)

// watchQueue learns from the changes of all jobs which one the queued job waits
// for. It is a courtesy: whatever goes wrong ends it.
func (w *waiter) watchQueue(ctx context.Context, job *dqops.Job) {
	if pause(ctx, queuePatience) != nil {
		return
	}
	var all Ledger
	var since int64
	for w.family.queued() {
		last, err := w.Server.JobChangesSince(ctx, since, func(c dqops.JobChange) error {
			all.Fold(c)
			// Its end is for those who read all changes before it.
			if c.ID.ID == job.ID.ID && !c.Status.Final() {
				return w.family.fold(c)
			}
			return nil
		})
		if err != nil {
			return
		}
		since = last
		w.family.waitsFor(all.before(job))
		w.observe(w.family.progress())
		if pause(ctx, queueInterval) != nil {
			return
		}
	}
}

// before is the job that a queued one waits for; 0 when that is not known. The
// server runs jobs that have tables of their own, and all others, in two queues
// (wire 5); of several that run the oldest is named.
func (l *Ledger) before(job *dqops.Job) int64 {
	var oldest int64
	for _, e := range l.entries {
		runs := e.Status == dqops.StatusRunning || e.Status == "" && e.Children > e.Ended
		if runs && e.Parent == 0 && e.ID < job.ID.ID && mayBlock(e.Type, job.Type) && (oldest == 0 || e.ID < oldest) {
			oldest = e.ID
		}
	}
	return oldest
}

// mayBlock reports whether a job of the one type can keep one of the other waiting.
// Those without tables wait for the jobs of other ones' tables, too.
func mayBlock(running, queued dqops.JobType) bool {
	alone := []dqops.JobType{dqops.TypeImportTables, dqops.TypeDeleteStoredData}
	return slices.Contains(alone, queued) || !slices.Contains(alone, running)
}
