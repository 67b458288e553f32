//go:build darwin || linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestKilledBeforeTheJournal: the journal is held, so that nothing can be written.
// Nothing is sent before that, and a process that is killed there leaves nothing
// behind on either side.
func TestKilledBeforeTheJournal(t *testing.T) {
	t.Parallel()
	s := newStation(t, warehouse(t))
	release := s.holdJournal()
	defer release()
	path, err := exec.LookPath("dqoctl")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), path, "run-checks", "-c", "shop", "--key", "nightly")
	command.Dir, command.Env = s.home, s.environment()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	// Its question for the key is the last thing that it does before it writes.
	for late := time.After(limit); len(s.asked("GET", "/api/jobs/jobs/nightly")) == 0; {
		select {
		case <-late:
			t.Fatal("it did not ask for its key")
		case <-time.After(time.Millisecond):
		}
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	release()
	if n := len(s.asked("POST", "/")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if kept := s.journal(); len(kept) != 0 {
		t.Errorf("in the journal: %v", kept)
	}
	if got := s.run("jobs", "resume"); got.code != 0 || !strings.Contains(got.err, "nothing to resume") {
		t.Errorf("code %d\n%s", got.code, got.err)
	}
}

// holdJournal takes its lock, as a process does that is stopped while it writes.
func (s *station) holdJournal() (release func()) {
	s.Helper()
	name := s.journalFile() + ".lock"
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		s.Fatal(err)
	}
	file, err := os.Create(name)
	if err != nil {
		s.Fatal(err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		s.Fatal(err)
	}
	return sync.OnceFunc(func() { _ = file.Close() })
}
