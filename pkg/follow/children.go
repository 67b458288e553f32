package follow

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

func (w *waiter) hasChildren() bool { return mayHaveChildren(w.followed.Job) }

// mayHaveChildren reports a job that others may work for: when one of those is
// cancelled, the server only leaves it out and calls the job finished (wire T6).
// A kind that is not known may have some.
func mayHaveChildren(job *dqops.Job) bool {
	switch job.Type {
	case dqops.TypeRunChecksOnTable, dqops.TypeCollectStatisticsOnTable, dqops.TypeCollectErrorSamplesOnTable,
		dqops.TypeSynchronizeFolder, dqops.TypeImportTables, dqops.TypeDeleteStoredData:
		return false
	default:
		return true
	}
}

// stream folds the changes after the job's creation until the context ends or
// the job is over. Losing it costs progress and the list of children, never the
// truth about the job, so its errors end here.
func (w *waiter) stream(ctx context.Context) {
	p := patience{budget: w.Budget}
	p.good()
	for !w.family.over() {
		started := time.Now()
		_, err := w.family.read(ctx, w.Server)
		switch {
		case err == nil, wasCut(err, started):
			p.good()
		case p.bear(ctx, err) != nil:
			return
		}
		w.observe(w.family.progress())
		if pause(ctx, minInterval-time.Since(started)) != nil {
			return
		}
	}
}

// collectChildren reads the changes to their end: the last child's may come after
// the parent's (wire L14). The children of a cancelled job go on for long and are
// not waited for (wire T6).
func (w *waiter) collectChildren(ctx context.Context) {
	job := w.followed.Job
	if job == nil || !w.hasChildren() {
		return
	}
	if job.Status.Final() {
		bounded, cancel := context.WithTimeout(ctx, settleTime)
		defer cancel()
		w.followed.ChildrenKnown = w.read || w.readToEnd(bounded, job.Status == dqops.StatusFinished)
	}
	w.followed.Children = w.family.list()
}

func (w *waiter) readToEnd(ctx context.Context, allEnded bool) bool {
	w.family.rewind()
	p := patience{budget: settleTime}
	p.good()
	for {
		_, err := read(ctx, &p, func(ctx context.Context) (int64, error) { return w.family.read(ctx, w.Server) })
		if err != nil {
			return false
		}
		if w.family.complete(allEnded) {
			return true
		}
		// A creation that is not among the changes by now has expired (wire T5).
		if !w.family.isBorn() || pause(ctx, minInterval) != nil {
			return false
		}
	}
}

// family folds the changes of one job and of those that it started. Safe for
// concurrent use.
type family struct {
	mutex    sync.Mutex
	id       dqops.JobID
	status   dqops.JobStatus
	behind   int64 // the job that it waits for while it is queued; 0: not known
	since    int64 // where the next question begins
	born     bool  // the job's own creation was among the changes
	ended    int64 // the sequence number of its end; 0 before
	order    []int64
	children map[int64]*Child
}

// parent records a reading of the job itself. Its id is where the changes begin:
// ids and sequence numbers come from one counter (wire T19).
func (f *family) parent(job *dqops.Job) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.id, f.status = job.ID, job.Status
	if f.since == 0 {
		f.since = job.ID.ID
	}
}

// read asks once for the changes and folds them.
func (f *family) read(ctx context.Context, server Server) (int64, error) {
	f.mutex.Lock()
	since := f.since
	f.mutex.Unlock()
	last, err := server.JobChangesSince(ctx, since, f.fold)
	if err != nil {
		return 0, err
	}
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.since = last
	return last, nil
}

// rewind lets the next question begin just before the job's end when that was
// read already: it is then answered at once and not held for 20 s.
func (f *family) rewind() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.ended != 0 {
		f.since = f.ended - 1
	}
}

func (f *family) fold(c dqops.JobChange) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if c.ID.ID == f.id.ID {
		f.born = f.born || c.Status == dqops.StatusQueued
		if c.Status.Final() {
			f.ended = c.Sequence
		} else if !f.status.Final() {
			f.status = c.Status
		}
		return nil
	}
	if c.ID.Parent == nil || c.ID.Parent.ID != f.id.ID {
		return nil
	}
	child, known := f.children[c.ID.ID]
	if !known {
		if f.children == nil {
			f.children = make(map[int64]*Child)
		}
		child = &Child{ID: c.ID.ID}
		f.children[c.ID.ID] = child
		f.order = append(f.order, c.ID.ID)
	}
	learn(child, c)
	return nil
}

func learn(child *Child, c dqops.JobChange) {
	if !child.Status.Final() {
		child.Status = c.Status
	}
	if c.Status == dqops.StatusRunning && child.StartedAt.IsZero() {
		child.StartedAt = c.StatusChangedAt
	}
	if c.Job == nil {
		return
	}
	child.Type, child.ErrorMessage = c.Job.Type, c.Job.ErrorMessage
	if table, err := c.Job.Parameters.Table(); err == nil && table != nil {
		child.Connection = table.Connection
		child.Table = dqops.PhysicalTableName{SchemaName: table.Schema, TableName: table.Table}
	}
	child.Folder = cmp.Or(c.Job.Parameters.Folder(), child.Folder)
	// A child of another shape is counted, not understood.
	if run, err := c.Job.Parameters.RunChecksOnTable(); err == nil && run != nil && run.RunChecksResult != nil {
		child.Result = run.RunChecksResult
	}
}

func (f *family) queued() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.status == dqops.StatusQueued
}

func (f *family) waitsFor(job int64) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.behind = job
}

// over reports whether the end of the job was among the changes.
func (f *family) over() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.ended != 0
}

// traceable reports whether the creation of the job was among the changes.
func (f *family) traceable() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.born
}

func (f *family) isBorn() bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.born
}

// complete reports whether the changes reach from the job's creation to its end
// and, if asked, to the end of every child. One whose end is only requested may stay
// so for long, and the job was finished without it (wire T6).
func (f *family) complete(allEnded bool) bool {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if !f.born || f.ended == 0 {
		return false
	}
	for _, child := range f.children {
		if allEnded && !child.Status.Final() && child.Status != dqops.StatusCancelRequested {
			return false
		}
	}
	return true
}

func (f *family) progress() Progress {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	p := Progress{Job: f.id, Status: f.status, Total: len(f.order)}
	for _, child := range f.children {
		p.Folders = p.Folders || child.Folder != ""
		if child.Status.Final() {
			p.Done++
		}
	}
	if p.Status == dqops.StatusQueued {
		p.Behind = f.behind
	}
	return p
}

func (f *family) list() []Child {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	list := make([]Child, 0, len(f.order))
	for _, id := range f.order {
		list = append(list, *f.children[id])
	}
	return list
}
