package simulator

import (
	"net/http"
	"sort"
	"strconv"
	"time"
)

// setStatus moves a job on and tells whoever listens. It needs s.mu.
func (s *Server) setStatus(j *job, status string, at time.Time) {
	j.status, j.statusAt = status, at
	change := jobChange{
		Status: status, JobID: j.wireID(), Sequence: s.nextNumber(), StatusChangedAt: instant(at), DomainName: j.domain,
	}
	// The model comes with new jobs, failed ones, and those whose parameters
	// got a result (wire 3.8).
	if status == statusQueued || status == statusFailed || status == statusFinished && j.work.storesResult() {
		entry := j.entry()
		change.Updated = &entry
	}
	s.changes = append(s.changes, change)
	s.forget(at)
	s.wake()
}

// wake tells the long polls that something changed. It needs s.mu.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// touchFolders marks the folders of stored data as changed, which wakes the
// long polls with an empty answer (wire T19).
func (s *Server) touchFolders(failed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	folders := s.folders
	folders.SensorReadouts, folders.CheckResults = "changed", "changed"
	if failed {
		folders.Errors = "changed"
	}
	if folders != s.folders {
		s.folders = folders
		s.folderChange = s.nextNumber()
		s.wake()
	}
}

func (s *Server) changesRoutes() []route {
	return []route{
		{http.MethodGet, "/api/jobs/jobs", s.getAllJobs},
		{http.MethodGet, "/api/jobs/jobchangessince/{}", s.getChanges},
	}
}

// getAllJobs lists nothing, ever; its number is one below the oldest change
// that is kept (wire T5).
func (s *Server) getAllJobs(x *exchange) error {
	s.mu.Lock()
	answer := allJobs{Jobs: []historyEntry{}, Folders: s.folders}
	if len(s.changes) > 0 {
		answer.LastSequence = s.changes[0].Sequence - 1
	} else {
		answer.LastSequence = s.nextNumber()
	}
	s.mu.Unlock()
	return x.json(http.StatusOK, answer)
}

// getChanges answers at once if there is something after the number, else
// holds until there is, or until the time is up (wire T19).
func (s *Server) getChanges(x *exchange) error {
	since, err := strconv.ParseInt(x.vars[0], 10, 64)
	if err != nil {
		return errPathNumber(x.vars[0])
	}
	timer := time.NewTimer(s.settings.holdPolls)
	defer timer.Stop()
	domain := x.domain()
	answer, fresh, changed := s.changesSince(since, domain)
	if fresh {
		return x.json(http.StatusOK, answer)
	}
	select {
	case <-changed:
		answer, _, _ = s.changesSince(since, domain)
	case <-timer.C:
	case <-x.life.over:
	case <-x.r.Context().Done():
		return errGone
	}
	return x.json(http.StatusOK, answer)
}

// changesSince returns the domain's answer as of now, whether it has anything new, and
// the channel that the next change closes. The number to go on from is freshly
// drawn, not the last change's (wire L14).
func (s *Server) changesSince(since int64, domain string) (answer changesAnswer, fresh bool, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer = changesAnswer{Changes: []jobChange{}, Folders: s.folders}
	first := sort.Search(len(s.changes), func(i int) bool { return s.changes[i].Sequence > since })
	for _, c := range s.changes[first:] {
		if c.DomainName == domain {
			answer.Changes = append(answer.Changes, c)
		}
	}
	fresh = len(answer.Changes) > 0 || s.folderChange > since
	answer.LastSequence = s.nextNumber()
	return answer, fresh, s.changed
}
