//go:build unix

package watch_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/watch"
)

func running(t *testing.T, id int) *follow.Entry {
	return entry(t, fmt.Sprintf(`{"status":"running","jobId":{"jobId":%d,"createdAt":"2026-11-23T15:00:00Z"},"changeSequence":99,"statusChangedAt":"2026-11-23T15:00:00Z",
 "updatedModel":{"jobId":{"jobId":%d,"createdAt":"2026-11-23T15:00:00Z"},"jobType":"run_checks","status":"running","statusChangedAt":"2026-11-23T15:00:00Z"}}`, id, id))
}

// terminal is a pseudo-terminal and all that was written to it.
type terminal struct {
	t       *testing.T
	tty     *os.File
	mutex   sync.Mutex
	text    string
	ended   chan struct{}
	streams *iostreams.Streams
}

func newTerminal(t *testing.T) *terminal {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Skipf("there are no pseudo-terminals: %v", err)
	}
	term := &terminal{t: t, tty: tty, ended: make(chan struct{})}
	term.resize(24, 100)
	go func() {
		defer close(term.ended)
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			term.mutex.Lock()
			term.text += string(buffer[:n])
			term.mutex.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { _ = tty.Close(); _ = master.Close(); <-term.ended })
	none := func(string) (string, bool) { return "", false }
	term.streams = iostreams.New(tty, tty, tty, none)
	return term
}

func (term *terminal) resize(rows, columns uint16) {
	term.t.Helper()
	if err := pty.Setsize(term.tty, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		term.t.Fatal(err)
	}
}

func (term *terminal) written() string {
	term.mutex.Lock()
	defer term.mutex.Unlock()
	return term.text
}

// see waits until the last complete drawing is as wanted.
func (term *terminal) see(what string, wanted func(lines []string) bool) {
	term.t.Helper()
	late := time.After(10 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		frames := strings.Split(term.written(), "\x1b[H")
		last := ""
		if len(frames) > 1 {
			last, _, _ = strings.Cut(frames[len(frames)-1], "\x1b[J")
		}
		var lines []string
		for line := range strings.SplitSeq(last, "\r\n") {
			lines = append(lines, strings.TrimSuffix(strings.TrimRight(line, "\r"), "\x1b[K"))
		}
		if wanted(lines) {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			term.t.Fatalf("not seen: %s\n%q", what, lines)
		}
	}
}

func has(text string) func([]string) bool {
	return func(lines []string) bool { return strings.Contains(strings.Join(lines, "\n"), text) }
}

func TestScreen(t *testing.T) {
	term := newTerminal(t)
	v := watch.NewScreen(term.streams, "http://dqops")
	term.see("no jobs", has("no jobs yet"))
	v.Show([]*follow.Entry{running(t, 17)})
	term.see("a job", func(lines []string) bool {
		return len(lines) == 4 && strings.HasPrefix(lines[0], "http://dqops") && strings.Contains(lines[0], "1 open, 0 over") &&
			strings.Contains(lines[2], "JOB") && strings.Contains(lines[3], "17   run_checks  running")
	})
	v.Say("contact lost: \x1b[2J", true)
	term.see("trouble", func(lines []string) bool {
		return strings.Contains(lines[0], "NO CONTACT") && strings.HasSuffix(lines[len(lines)-1], "contact lost: ␛[2J")
	})
	v.Say("contact is back", false)
	term.see("no trouble", func(lines []string) bool { return !strings.Contains(lines[0], "NO CONTACT") })

	// Too narrow: one record below the other. Too low: the rest is counted.
	term.resize(24, 30)
	term.see("records", has("STATUS \x1b[0m  running"))
	var many []*follow.Entry
	for id := range 100 {
		many = append(many, running(t, 100+id))
	}
	term.resize(10, 100)
	v.Show(many)
	term.see("ten lines", func(lines []string) bool {
		return len(lines) == 10 && strings.Contains(strings.Join(lines, "\n"), "and 96 more")
	})
	term.resize(40, 100)
	term.see("forty lines", func(lines []string) bool { return len(lines) == 40 })

	v.Show([]*follow.Entry{running(t, 18)})
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	_, _ = io.WriteString(term.tty, "END")
	term.see("the end", func([]string) bool { return strings.Contains(term.written(), "END") })
	_, left, _ := strings.Cut(term.written(), "\x1b[?7h\x1b[?25h\x1b[?1049l")
	if !strings.Contains(left, "18   run_checks  running") || strings.Contains(left, "\x1b[H") || strings.Count(term.written(), "\x1b[?1049l") != 1 {
		t.Errorf("left on the terminal: %q", left)
	}
	if first := term.written(); !strings.HasPrefix(first, "\x1b[?1049h\x1b[?7l\x1b[?25l") {
		t.Errorf("it began with %q", first[:min(40, len(first))])
	}
}
