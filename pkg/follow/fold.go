package follow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// Ledger is what the changes tell of all jobs: one entry a job, as it was last
// seen. The zero value is empty. Not safe for concurrent use.
type Ledger struct {
	entries map[int64]*Entry
	keys    map[string]int64 // the newest job of each business key (wire T9)
	words   map[string]string
	oldest  time.Time
}

// Entry is one job of a Ledger.
type Entry struct {
	ID        int64
	Key       string // the caller's own name; "" without one
	Parent    int64  // the job that started it; 0 when a caller did
	CreatedAt time.Time
	// Type and Status are empty as long as no change told them: of a job that is
	// known from its children alone, or that began before the oldest change.
	Type      dqops.JobType
	Status    dqops.JobStatus
	ChangedAt time.Time
	Domain    string
	Error     string
	// Children counts the jobs that it started, Ended those of them that are over,
	// as far as their changes were seen.
	Children, Ended int

	sequence int64
	id       json.RawMessage // as the server sent it, while there is no model
	model    json.RawMessage // the last one that the server sent
	said     dqops.JobStatus // the status in the model
}

// Fold takes one change and returns the entry of its job; nil when the change was
// folded before.
func (l *Ledger) Fold(c dqops.JobChange) *Entry {
	l.begin()
	if l.oldest.IsZero() || c.StatusChangedAt.Before(l.oldest) {
		l.oldest = c.StatusChangedAt
	}
	e := l.entry(&c.ID)
	if c.Sequence <= e.sequence {
		return nil
	}
	if parent, known := l.entries[e.Parent]; known && c.Status.Final() && !e.Status.Final() {
		parent.Ended++
	}
	e.sequence = c.Sequence
	e.Status = dqops.JobStatus(l.word(string(c.Status)))
	e.ChangedAt, e.Domain = c.StatusChangedAt, l.word(c.Domain)
	if c.Job != nil {
		e.learn(c.Job, l.word(string(c.Job.Type)))
	} else if e.model == nil {
		e.id = c.ID.Raw
	}
	return e
}

func (l *Ledger) begin() {
	if l.entries == nil {
		l.entries, l.keys, l.words = make(map[int64]*Entry), make(map[string]int64), make(map[string]string)
	}
}

func (l *Ledger) entry(id *dqops.JobID) *Entry {
	if e, known := l.entries[id.ID]; known {
		return e
	}
	e := &Entry{ID: id.ID, Key: id.BusinessKey, CreatedAt: id.CreatedAt}
	l.entries[id.ID] = e
	if e.Key != "" {
		l.keys[e.Key] = max(l.keys[e.Key], e.ID)
	}
	if id.Parent != nil {
		e.Parent = id.Parent.ID
		l.entry(id.Parent).Children++
	}
	return e
}

// word keeps one copy of a text that most jobs have.
func (l *Ledger) word(text string) string {
	if kept, known := l.words[text]; known {
		return kept
	}
	l.words[text] = text
	return text
}

func (e *Entry) learn(job *dqops.Job, kind string) {
	e.Type, e.Error = dqops.JobType(kind), job.ErrorMessage
	e.model, e.said, e.id = job.Raw, job.Status, nil
}

// Learn takes a reading of a job itself, which tells what no change told, and
// returns its entry.
func (l *Ledger) Learn(job *dqops.Job) *Entry {
	l.begin()
	e := l.entry(&job.ID)
	e.learn(job, l.word(string(job.Type)))
	e.Status, e.ChangedAt, e.Domain = job.Status, job.StatusChangedAt, job.DataDomain
	return e
}

// Forget drops the jobs up to that number: those of a server process that ended.
func (l *Ledger) Forget(last int64) {
	maps.DeleteFunc(l.entries, func(id int64, _ *Entry) bool { return id <= last })
	maps.DeleteFunc(l.keys, func(_ string, id int64) bool { return id <= last })
}

// Prune drops the oldest jobs that are over, with their children, when more than
// that many jobs are remembered.
func (l *Ledger) Prune(most int) {
	excess := len(l.entries) - most
	if excess <= 0 {
		return
	}
	gone := func(e *Entry) bool {
		parent, child := l.entries[e.Parent]
		return e.Status.Final() && (!child || parent.Status.Final())
	}
	numbers := slices.Sorted(maps.Keys(l.entries))
	for _, id := range slices.DeleteFunc(numbers, func(id int64) bool { return !gone(l.entries[id]) }) {
		if excess--; excess < 0 {
			return
		}
		if key := l.entries[id].Key; l.keys[key] == id {
			delete(l.keys, key)
		}
		delete(l.entries, id)
	}
}

// Newest is the number of the newest job; 0 without any.
func (l *Ledger) Newest() int64 {
	var newest int64
	for id := range l.entries {
		newest = max(newest, id)
	}
	return newest
}

// Find gives the entry of a job by business key or number, the key first as the
// server does it (wire 2.0).
func (l *Ledger) Find(id string) (*Entry, bool) {
	number, known := l.keys[id]
	if !known {
		if number, known = numberOf(id); !known {
			return nil, false
		}
	}
	e, known := l.entries[number]
	return e, known
}

// Oldest is the time of the oldest change that was folded; zero without any.
func (l *Ledger) Oldest() time.Time { return l.oldest }

// MarshalJSON gives the server's own object of the job as last known, unknown
// fields included, with the counts of its children beside it.
func (e *Entry) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := e.writeServerKeys(&b); err != nil {
		return nil, fmt.Errorf("write job %d: %w", e.ID, err)
	}
	fmt.Fprintf(&b, `,"children":{"total":%d,"ended":%d}}`, e.Children, e.Ended)
	return b.Bytes(), nil
}

// Job is the entry as a job, for when it could not be read itself.
func (e *Entry) Job() (*dqops.Job, error) {
	var b bytes.Buffer
	if err := e.writeServerKeys(&b); err != nil {
		return nil, fmt.Errorf("understand job %d: %w", e.ID, err)
	}
	b.WriteByte('}')
	job := new(dqops.Job)
	if err := json.Unmarshal(b.Bytes(), job); err != nil {
		return nil, fmt.Errorf("understand job %d: %w", e.ID, err)
	}
	return job, nil
}

// writeServerKeys writes the object without its closing brace. A later change
// than the model's replaces the two values that it tells.
func (e *Entry) writeServerKeys(b *bytes.Buffer) error {
	if e.model == nil {
		return e.writeBare(b)
	}
	if e.said == e.Status {
		b.Write(bytes.TrimRight(bytes.TrimSuffix(bytes.TrimSpace(e.model), []byte("}")), " \t\r\n"))
		return nil
	}
	changed, err := json.Marshal(e.ChangedAt)
	if err != nil {
		return err
	}
	status, err := json.Marshal(e.Status)
	if err != nil {
		return err
	}
	news := map[string][]byte{"status": status, "statusChangedAt": changed}
	d := json.NewDecoder(bytes.NewReader(e.model))
	if _, err := d.Token(); err != nil {
		return err
	}
	for first := true; d.More(); first = false {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if newer, ok := news[fmt.Sprint(name)]; ok {
			value = newer
		}
		separator := byte(',')
		if first {
			separator = '{'
		}
		b.WriteByte(separator)
		quoted, err := json.Marshal(name)
		if err != nil {
			return err
		}
		b.Write(quoted)
		b.WriteByte(':')
		b.Write(value)
	}
	return nil
}

// writeBare is for a job of which the server sent no model.
func (e *Entry) writeBare(b *bytes.Buffer) error {
	bare := struct {
		ID        json.RawMessage `json:"jobId"`
		Status    dqops.JobStatus `json:"status,omitempty"`
		ChangedAt *time.Time      `json:"statusChangedAt,omitempty"`
		Domain    string          `json:"dataDomain"`
	}{ID: e.id, Status: e.Status, Domain: e.Domain}
	if !e.ChangedAt.IsZero() {
		bare.ChangedAt = &e.ChangedAt
	}
	if bare.ID == nil {
		id, err := json.Marshal(dqops.JobID{ID: e.ID, BusinessKey: e.Key, CreatedAt: e.CreatedAt})
		if err != nil {
			return err
		}
		bare.ID = id
	}
	text, err := json.Marshal(bare)
	if err != nil {
		return err
	}
	b.Write(text[:len(text)-1])
	return nil
}
