package follow

import (
	"fmt"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// member is one of the jobs of a crowd.
type member struct {
	Target
	number   int64  // 0: not known yet
	entry    *Entry // as its changes tell; nil before the first
	family   family
	followed Followed
	due      bool      // to be read
	missing  time.Time // since when the server does not know it; zero: it does
	heard    time.Time // of it
	ended    time.Time // when it was first read as over; zero: before
	endedAt  int       // the questions answered by then
	done     bool
	handed   bool // to the caller
	err      error
}

func (m *member) learn(e *Entry) {
	m.entry, m.heard = e, time.Now()
	if e.Status.Final() && m.ended.IsZero() {
		m.due = true
	}
}

// seenBefore reports whether the job was known to the server once.
func (m *member) seenBefore() bool { return m.followed.Job != nil || m.entry != nil }

// mayVanish reports a job that the server may forget without a change; also when
// its type is not known.
func (m *member) mayVanish() bool {
	job := m.lastSeen()
	return job == nil || job.Type == "" || job.Type == dqops.TypeSynchronizeMultipleFolders || job.Type == dqops.TypeSynchronizeFolder
}

// unknown takes a 404, which is asked about again for some seconds, since a starting
// server says so too (wire T20).
func (m *member) unknown(err error) {
	if m.missing.IsZero() {
		m.missing = time.Now()
	}
	m.due = true
	if time.Since(m.missing) >= settleTime {
		m.finish(lost(m.ID, m.lastSeen(), err))
	}
}

// timedOut is the end of a job that was still followed at the deadline.
func (m *member) timedOut() error {
	if m.missing.IsZero() {
		return stillOpen(m.ID, m.lastSeen())
	}
	return &exit.Error{
		Outcome: exit.Timeout,
		Message: fmt.Sprintf("--timeout passed, and the server does not know job %s at this moment: it is starting, or has forgotten the job", m.ID),
		Hint:    "see what became of it with: dqoctl jobs wait " + exit.Quote(m.ID),
	}
}

// settle ends the following of a job that was read as over, once its result and
// its children are there or no longer to be expected.
func (m *member) settle(asked int) {
	if m.done || m.ended.IsZero() || m.due {
		return
	}
	job := m.followed.Job
	if mayHaveChildren(job) {
		m.followed.ChildrenKnown = m.family.complete(job.Status == dqops.StatusFinished)
		expected := asked == m.endedAt || m.family.over() && m.family.traceable()
		if !m.followed.ChildrenKnown && expected && time.Since(m.ended) < settleTime {
			return
		}
	}
	m.finish(nil)
}

func (m *member) finish(err error) {
	m.done, m.due, m.err = true, false, err
	m.followed.Job = m.lastSeen()
	if m.followed.Job != nil && mayHaveChildren(m.followed.Job) {
		m.followed.Children = m.family.list()
	}
}

// lastSeen is the job as last read or as its changes tell; nil when neither.
func (m *member) lastSeen() *dqops.Job {
	read := m.followed.Job
	if m.entry == nil || read != nil && (read.Status.Final() || !m.entry.ChangedAt.After(read.StatusChangedAt)) {
		return read
	}
	job, err := m.entry.Job()
	if err != nil {
		return read
	}
	return job
}

// overAt is when the server's clock says that the job ended; false as long as that
// is not known.
func (m *member) overAt() (time.Time, bool) {
	job := m.lastSeen()
	if job == nil || !job.Status.Final() {
		return time.Time{}, false
	}
	return job.StatusChangedAt, true
}

func (m *member) end() End { return End{m.followed, m.err} }

// before orders members by their end: the first that is known, then those whose
// end cannot be known, then those that go on.
func (m *member) before(other *member) bool {
	if m.rank() != other.rank() {
		return m.rank() < other.rank()
	}
	return m.rank() == 0 && m.followed.Job.StatusChangedAt.Before(other.followed.Job.StatusChangedAt)
}

func (m *member) rank() int {
	switch {
	case m.done && m.err == nil:
		return 0
	case m.done:
		return 1
	default:
		return 2
	}
}
