package simulator

import (
	"net/http"
	"slices"
	"sync"
)

// Request is one request that the server has received.
type Request struct {
	Method string
	Path   string // as sent, escaped
	Query  string // as sent
	Header http.Header
	Body   []byte
	Status int // 0 while unanswered, or when the caller went away
}

// JobRecord is one job that was ever started, also one that the history has
// forgotten.
type JobRecord struct {
	ID       int64
	Key      string
	Type     string
	Status   string
	ParentID int64 // 0: not a child
	// Life counts the server's restarts before the job was started.
	Life int
	// Domain is the data domain; "" is the root.
	Domain string
}

// Restarts is how often the server has restarted.
func (s *Server) Restarts() int { return s.currentLife().number }

// requestBook keeps every request in the order of arrival.
type requestBook struct {
	mu       sync.Mutex
	requests []Request
}

func (b *requestBook) open(r *http.Request) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = append(b.requests, Request{
		Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header.Clone(),
	})
	return len(b.requests) - 1
}

func (b *requestBook) setBody(entry int, body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests[entry].Body = body
}

func (b *requestBook) close(entry, status int) Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests[entry].Status = status
	return b.requests[entry]
}

// Requests returns what was asked so far, in the order of arrival.
func (s *Server) Requests() []Request {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	return slices.Clone(s.book.requests)
}

// Jobs returns every job ever started, in the order of their ids.
func (s *Server) Jobs() []JobRecord {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := make([]JobRecord, 0, len(s.everyJob))
	for _, j := range s.everyJob {
		record := JobRecord{ID: j.id, Type: j.work.kind(), Status: j.status, Life: j.life.number, Domain: j.domain}
		if j.key != nil {
			record.Key = *j.key
		}
		if j.parent != nil {
			record.ParentID = j.parent.id
		}
		records = append(records, record)
	}
	return records
}
