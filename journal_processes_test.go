package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/journal"
)

// TestManyProcesses: fifty processes at once share one journal. Every job is in it,
// whole, with its own number and its end.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	s := newStation(t, warehouse(t))
	var running sync.WaitGroup
	for i := range 50 {
		running.Go(func() {
			got := s.run("run-checks", "-c", "nosuch", "--allow-empty", "--key", fmt.Sprint("k-", i), "-o", "id")
			if got.code != 0 || strings.Contains(got.err, "warning") {
				t.Errorf("run %d: code %d\n%s", i, got.code, got.err)
			}
		})
	}
	running.Wait()
	kept := s.journal()
	if len(kept) != 50 {
		t.Errorf("%d jobs in the journal", len(kept))
	}
	numbers := make(map[string]int64)
	for _, job := range s.sim.Jobs() {
		numbers[job.Key] = job.ID
	}
	for _, job := range kept {
		if job.ID == 0 || job.ID != numbers[job.Key] || job.Status != "finished" || job.Request["check_search_filters.connection"] != "nosuch" {
			t.Errorf("in the journal: %+v", job)
		}
	}
	text, err := os.ReadFile(s.journalFile())
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if !json.Valid(line) {
			t.Errorf("line %q", line)
		}
	}
}

func (s *station) journalFile() string {
	return journal.Place{OS: runtime.GOOS, Env: func(name string) (string, bool) {
		return s.home, name == "XDG_STATE_HOME"
	}}.File()
}

func (s *station) journal() []journal.Job {
	s.Helper()
	j := journal.Journal{File: s.journalFile(), Scope: journal.Scope{Server: s.url}}
	jobs, err := j.Jobs()
	if err != nil {
		s.Fatal(err)
	}
	return jobs
}
