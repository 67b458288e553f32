package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func isFinal(status string) bool {
	return status == statusFinished || status == statusFailed || status == statusCancelled
}

// find looks the job of the path up: its business key first, then its number
// (wire 2.0). Those of other data domains are not there (wire 1.2).
func (x *exchange) find() *job {
	s, text, domain := x.s, x.vars[0], x.domain()
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.byKey[text]; j != nil && j.domain == domain {
		return j
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	at, known := slices.BinarySearchFunc(s.history, number, func(j *job, id int64) int { return cmp.Compare(j.id, id) })
	if !known || s.history[at].domain != domain {
		return nil
	}
	return s.history[at]
}

func (j *job) wireID() jobID {
	id := jobID{JobID: j.id, BusinessKey: j.key, CreatedAt: instant(j.createdAt)}
	if j.parent != nil {
		parent := j.parent.wireID()
		id.Parent = &parent
	}
	return id
}

// entry is the job as the history shows it. It needs s.mu.
func (j *job) entry() historyEntry {
	return historyEntry{
		JobID: j.wireID(), JobType: j.work.kind(), Parameters: j.work.parameters(j.status == statusFinished),
		Status: j.status, ErrorMessage: j.errorMessage, StatusChangedAt: instant(j.statusAt), DataDomain: j.domain,
	}
}

// jobRoutes serves one job: read and cancel.
func (s *Server) jobRoutes() []route {
	return []route{
		{http.MethodGet, "/api/jobs/jobs/{}", s.getJob},
		{http.MethodDelete, "/api/jobs/jobs/{}", s.cancelJob},
	}
}

func (s *Server) getJob(x *exchange) error {
	j := x.find()
	if j == nil {
		x.empty(http.StatusNotFound)
		return nil
	}
	s.mu.Lock()
	entry := j.entry()
	s.mu.Unlock()
	return x.json(http.StatusOK, entry)
}

// forget drops what is too old. It runs only when something changes, and the
// look at ended jobs stops at the first young one in the order of ids (wire
// 5). It needs s.mu.
func (s *Server) forget(now time.Time) {
	old := 0
	for old < len(s.changes) && now.Sub(time.Time(s.changes[old].StatusChangedAt)) > s.settings.keepChanges {
		old++
	}
	s.changes = s.changes[old:]
	young := len(s.history)
	var open []*job
	for i, j := range s.history {
		if isFinal(j.status) && now.Sub(j.statusAt) <= s.settings.keepJobs {
			young = i
			break
		}
		if !isFinal(j.status) {
			open = append(open, j)
		} else if j.key != nil {
			// Also when the key points at a newer job by now (wire T9).
			delete(s.byKey, *j.key)
		}
	}
	if len(open) < young {
		s.history = append(open, s.history[young:]...)
	}
}
