package progress

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

var (
	queued  = State{Status: "queued", Note: "behind job 17"}
	running = State{Status: "running", Total: 5, Unit: "tables"}
)

func runningWith(done int) State {
	s := running
	s.Done = done
	return s
}

// logged runs work in a bubble that begins at midnight and returns stderr.
func logged(t *testing.T, quiet bool, work func(r Reporter)) string {
	t.Helper()
	var out, stderr bytes.Buffer
	synctest.Test(t, func(*testing.T) {
		r := New(iostreams.Pipes(nil, &out, &stderr, nil), quiet)
		defer r.Stop()
		work(r)
	})
	if out.Len() > 0 {
		t.Errorf("stdout: %q", &out)
	}
	return stderr.String()
}

func TestPlainLines(t *testing.T) {
	got := logged(t, false, func(r Reporter) {
		r.Line("started job 42")
		r.Update(queued)
		time.Sleep(4 * time.Second)
		r.Update(State{Status: queued.Status, Note: queued.Note, Unit: "tables"}) // reads the same
		r.Update(runningWith(0))
		r.Update(runningWith(0))
		time.Sleep(3 * time.Second)
		r.Update(runningWith(1))
		r.Line("one\ntwo \x1b[31m")
		r.Update(State{Status: "odd\n\x1b[2Jstatus", Done: 7, Unit: "rows"})
	})
	want := `started job 42
2000-01-01T00:00:00Z queued, behind job 17
2000-01-01T00:00:04Z running, 0 of 5 tables
2000-01-01T00:00:07Z running, 1 of 5 tables
one
two ␛[31m
2000-01-01T00:00:07Z odd ␛[2Jstatus, 7 rows
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}

func TestHeartbeat(t *testing.T) {
	got := logged(t, false, func(r Reporter) {
		time.Sleep(40 * time.Second) // nothing is known yet: nothing to say
		r.Update(runningWith(2))
		time.Sleep(29 * time.Second)
		r.Update(runningWith(3)) // just before it was due
		time.Sleep(61 * time.Second)
		r.Update(runningWith(4))
		time.Sleep(10 * time.Second)
		r.Stop()
		time.Sleep(time.Hour)
	})
	want := `2000-01-01T00:00:40Z running, 2 of 5 tables
2000-01-01T00:01:09Z running, 3 of 5 tables
2000-01-01T00:01:39Z still running, 3 of 5 tables, 1m39s
2000-01-01T00:02:09Z still running, 3 of 5 tables, 2m9s
2000-01-01T00:02:10Z running, 4 of 5 tables
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
}

func TestQuiet(t *testing.T) {
	got := logged(t, true, func(r Reporter) {
		r.Update(runningWith(1))
		r.Line("started job 42")
		time.Sleep(time.Hour)
		r.Update(runningWith(2))
	})
	if want := "started job 42\n"; got != want {
		t.Errorf("stderr %q, want %q", got, want)
	}
}

func TestAfterStop(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		got := logged(t, quiet, func(r Reporter) {
			r.Stop()
			r.Stop()
			r.Update(runningWith(1))
			r.Line("detached")
		})
		if want := "detached\n"; got != want {
			t.Errorf("quiet %t: stderr %q, want %q", quiet, got, want)
		}
	}
}

func TestManyGoroutines(t *testing.T) {
	got := logged(t, false, func(r Reporter) {
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for j := range 20 {
					r.Update(runningWith(i*20 + j))
					time.Sleep(time.Second)
				}
				r.Line(fmt.Sprint("done ", i))
				r.Stop()
			})
		}
		all.Wait()
	})
	if n := strings.Count(got, "\ndone "); n != 8 {
		t.Errorf("%d messages, want 8:\n%s", n, got)
	}
	for line := range strings.Lines(got) {
		if !strings.HasSuffix(line, " of 5 tables\n") && !strings.HasPrefix(line, "done ") {
			t.Errorf("odd line %q", line)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestStderrThatFails(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		r := New(iostreams.Pipes(nil, io.Discard, broken{}, nil), false)
		r.Update(running)
		r.Line("text")
		time.Sleep(time.Minute)
		r.Stop()
	})
}
