package journal

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// The ends of a job that no server tells; all others are the server's words.
const (
	// NotStarted: the server refused the request, or it never left.
	NotStarted = "not_started"
	// Lost: the server does not know the job any more.
	Lost = "lost"
)

// Job is one job that this machine started, or took over by its key.
type Job struct {
	// Entry tells jobs of the same key apart.
	Entry string    `json:"entry"`
	At    time.Time `json:"at,omitzero"`
	Scope
	Key  string `json:"key,omitempty"`
	Type string `json:"type,omitempty"`
	// Request is the normalized request by the names of its fields; nil when it was
	// too long to be kept.
	Request map[string]string `json:"request,omitempty"`
	// Before is the job that the key named before the request was sent; 0 for none.
	Before int64 `json:"before,omitempty"`
	// ID is 0 until the server's answer came.
	ID int64 `json:"id,omitempty"`
	// Status is empty until the end is known.
	Status string `json:"status,omitempty"`
}

// Scope is the server and the data domain that a job belongs to.
type Scope struct {
	Server string `json:"server,omitempty"`
	Domain string `json:"domain,omitempty"`
}

// Open reports a job whose end is not known.
func (j Job) Open() bool { return j.Status == "" }

// join adds what a later line says of the same job. One that gives the id opens
// the job again: it was taken for lost too early.
func (j *Job) join(line Job) {
	if line.ID != 0 {
		j.ID, j.Status = line.ID, ""
	}
	if line.Status != "" {
		j.Status = line.Status
	}
}

// fold reads all lines, the oldest job first. Lines that cannot be understood, torn
// ones among them, and what belongs to no job are skipped.
func fold(data []byte) []*Job {
	var jobs []*Job
	known := make(map[string]*Job)
	for line := range bytes.Lines(data) {
		var read Job
		if json.Unmarshal(line, &read) != nil || read.Entry == "" {
			continue
		}
		if job := known[read.Entry]; job != nil {
			job.join(read)
			continue
		}
		if read.Server == "" || read.Key == "" && read.ID == 0 {
			continue
		}
		known[read.Entry] = &read
		jobs = append(jobs, &read)
	}
	return jobs
}

// compact gives one line for each job, the oldest first, of as many as fit: those
// whose end is not known before the others, and then the newest.
func compact(data []byte, most int) []byte {
	jobs := fold(data)
	keep := make(map[*Job][]byte)
	size := 0
	for _, open := range []bool{true, false} {
		for _, job := range slices.Backward(jobs) {
			line := encode(*job)
			if job.Open() != open || size+len(line) > most {
				continue
			}
			keep[job], size = line, size+len(line)
		}
	}
	var b bytes.Buffer
	for _, job := range jobs {
		b.Write(keep[job])
	}
	return b.Bytes()
}

// maxRequest keeps one line small; a body may have megabytes.
const maxRequest = 32 << 10

// encode makes the line of a job.
func encode(job Job) []byte {
	size := 0
	for name, value := range job.Request {
		size += len(name) + len(value)
	}
	if size > maxRequest {
		job.Request = nil
	}
	line, err := json.Marshal(job)
	if err != nil {
		return nil // no field of it can fail
	}
	return append(line, '\n')
}

// of gives the jobs of the scope, the newest first. A job that stands in several
// entries, because it was started here and taken over by its key, is given once.
func (s Scope) of(jobs []*Job) []Job {
	var mine []Job
	seen := make(map[int64]bool)
	for _, job := range slices.Backward(jobs) {
		if job.Scope != s || job.ID != 0 && seen[job.ID] {
			continue
		}
		seen[job.ID] = true
		mine = append(mine, *job)
	}
	return mine
}
