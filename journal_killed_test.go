package main

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// startingCommands has one command line for each operation that starts a job.
var startingCommands = map[string]string{
	"run_checks":                        "run-checks -c shop",
	"collect_statistics_on_table":       "collect-stats -c shop",
	"collect_statistics_on_data_groups": "collect-stats -c shop --scope data_group",
	"collect_error_samples":             "collect-error-samples -c shop",
	"import_tables":                     "import-tables -c wh --schema sales",
	"delete_stored_data":                "delete-data -c shop --all-tables --all-dates --what incidents --yes",
	"synchronize_folders":               "sync sources",
}

// TestKilledBehindTheJournal: whatever is started, once its line is written the
// death of the process loses nothing. Resume follows the one job to its end, and
// then nothing is left to resume.
func TestKilledBehindTheJournal(t *testing.T) {
	t.Parallel()
	parts := map[string]func(*testing.T){}
	for operation, line := range startingCommands {
		for name, stage := range map[string]simulator.Stage{"request": simulator.StageSubmit, "answer": simulator.StageSubmitted} {
			parts[operation+", "+name+" under way"] = func(t *testing.T) {
				s := newStation(t, warehouse(t))
				s.killAt(stage, line)
				// The server has the whole request and works it off alone.
				for late := time.After(limit); len(s.sim.Jobs()) == 0; {
					select {
					case <-late:
						t.Fatal("no job was started")
					case <-time.After(time.Millisecond):
					}
				}
				if kept := s.journal(); len(kept) != 1 || kept[0].ID != 0 || !kept[0].Open() {
					t.Errorf("in the journal: %+v", kept)
				}
				got := s.run("jobs", "resume")
				if started := s.parents(); len(started) != 1 || !strings.Contains(got.out, started[0].Key) {
					t.Errorf("jobs %+v, and resume says %d\n%s%s", started, got.code, got.out, got.err)
				}
				if kept := s.journal(); len(kept) != 1 || kept[0].Status != s.parents()[0].Status || kept[0].ID != s.parents()[0].ID {
					t.Errorf("in the journal: %+v", kept)
				}
				if again := s.run("jobs", "resume"); again.code != 0 || !strings.Contains(again.err, "nothing to resume") {
					t.Errorf("code %d\n%s", again.code, again.err)
				}
			}
		}
	}
	alongside(t, parts)
}

// killAt kills the command when the server stands at the stage with its request.
func (s *station) killAt(stage simulator.Stage, line string) {
	s.Helper()
	path, err := exec.LookPath("dqoctl")
	if err != nil {
		s.Fatal(err)
	}
	hold := s.sim.Hold(stage)
	defer hold.Release()
	command := exec.CommandContext(s.Context(), path, strings.Fields(line)...)
	command.Dir, command.Env = s.home, s.environment()
	if err := command.Start(); err != nil {
		s.Fatal(err)
	}
	select {
	case <-hold.Reached():
	case <-time.After(limit):
		s.Error("its request did not come")
	}
	if err := command.Process.Kill(); err != nil {
		s.Error(err)
	}
	_ = command.Wait()
}

// parents are the jobs of the server that no other job started.
func (s *station) parents() []simulator.JobRecord {
	var parents []simulator.JobRecord
	for _, job := range s.sim.Jobs() {
		if job.ParentID == 0 {
			parents = append(parents, job)
		}
	}
	return parents
}
