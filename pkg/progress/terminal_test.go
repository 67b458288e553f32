//go:build unix

package progress

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/briandowns/spinner"
	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
)

// drawn runs work in a bubble, stderr being a terminal, and returns what the
// terminal got.
func drawn(t *testing.T, columns uint16, env map[string]string, work func(r Reporter, s *iostreams.Streams)) string {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(&got, master) // ends with an error when the last writer has closed
	}()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	synctest.Test(t, func(*testing.T) {
		s := iostreams.New(null, null, tty, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
		r := New(s, false)
		work(r, s)
		r.Stop()
		time.Sleep(frameTime) // the library's goroutine ends with its frame
	})
	if err := tty.Close(); err != nil {
		t.Fatal(err)
	}
	<-read
	return got.String()
}

var sequence = regexp.MustCompile("^\x1b\\[([?0-9;]*)([A-Za-z])")

// screen is what a reader sees after the text, line by line, and whether the
// cursor shows.
func screen(t *testing.T, text string) (lines []string, cursor bool) {
	t.Helper()
	cursor, lines = true, []string{""}
	row, column := 0, 0
	for text != "" {
		if m := sequence.FindStringSubmatch(text); m != nil {
			switch m[1] + m[2] {
			case "K":
				lines[row] = string([]rune(lines[row])[:column])
			case "?25l", "?25h":
				cursor = m[2] == "h"
			default:
				if m[2] != "m" {
					t.Fatalf("unexpected sequence %q", m[0])
				}
			}
			text = text[len(m[0]):]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		switch r {
		case '\r':
			column = 0
		case '\n':
			row++
			lines = append(lines, "")
		default:
			line := []rune(lines[row])
			line = append(line[:column], append([]rune{r}, line[min(column+1, len(line)):]...)...)
			lines[row] = string(line)
			column++
		}
	}
	return lines, cursor
}

func TestSpinner(t *testing.T) {
	got := drawn(t, 100, nil, func(r Reporter, s *iostreams.Streams) {
		r.Line("started job 42")
		r.Update(runningWith(1))
		time.Sleep(1950 * time.Millisecond)
		r.Line("a message\nof two lines")
		time.Sleep(time.Second)
		r.Update(runningWith(3))
		time.Sleep(65 * time.Second)
		fmt.Fprintln(s.Err, "a warning of somebody else")
		time.Sleep(time.Second)
		r.Stop()
		r.Update(runningWith(5))
		time.Sleep(time.Second)
		r.Line("resume with: dqoctl jobs wait 42")
	})
	for _, frame := range []string{"running  1/5 tables  0s", "running  1/5 tables  1s", "running  1/5 tables  2s", "running  3/5 tables  1m7s"} {
		if !strings.Contains(got, " "+frame) {
			t.Errorf("never drawn: %q", frame)
		}
	}
	if strings.Contains(got, "5/5") {
		t.Error("drawn after Stop")
	}
	if n := strings.Count(got, hideCursor); n != 1 || strings.Count(got, showCursor) != 1 {
		t.Errorf("cursor hidden %d times, shown %d times", n, strings.Count(got, showCursor))
	}
	lines, cursor := screen(t, got)
	want := []string{"started job 42", "a message", "of two lines", "a warning of somebody else", "resume with: dqoctl jobs wait 42", ""}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("left on the screen (-want +got):\n%s", diff)
	}
	if !cursor {
		t.Error("the cursor is hidden")
	}
	early, _, _ := strings.Cut(got, "a warning")
	middle, cursor := screen(t, early)
	if cursor || len(middle) != 4 || middle[3] != "" {
		t.Errorf("before the warning: cursor %t, screen %q", cursor, middle)
	}
}

func TestSpinnerFitsTheTerminal(t *testing.T) {
	state := State{Status: "running", Done: 3, Total: 5, Unit: "tables", Note: strings.Repeat("long ", 30)}
	for _, columns := range []uint16{1, 5, 8, 20, 40, 61, 300} {
		got := drawn(t, columns, nil, func(r Reporter, _ *iostreams.Streams) {
			r.Update(state)
			time.Sleep(3 * time.Second)
		})
		widest := 0
		for _, frame := range regexp.MustCompile("\x1b\\[[?0-9;]*[A-Za-z]|\r").Split(got, -1) {
			widest = max(widest, utf8.RuneCountInString(frame))
		}
		if limit := max(1, min(int(columns), 60)-1); widest > limit || widest == 0 {
			t.Errorf("%d columns: a frame of %d, want 1 to %d", columns, widest, limit)
		}
		if columns >= 20 && !strings.Contains(got, "  2s") {
			t.Errorf("%d columns: the elapsed time is lost: %q", columns, got)
		}
	}
}

func TestTerminalsThatDoNotDraw(t *testing.T) {
	for _, env := range []map[string]string{{"TERM": "dumb"}, {"CI": "true"}} {
		got := drawn(t, 80, env, func(r Reporter, _ *iostreams.Streams) {
			r.Update(runningWith(1))
			time.Sleep(31 * time.Second)
		})
		want := "2000-01-01T00:00:00Z running, 1 of 5 tables\r\n2000-01-01T00:00:30Z still running, 1 of 5 tables, 30s\r\n"
		if got != want {
			t.Errorf("%v: %q, want %q", env, got, want)
		}
	}
}

func TestSpinnerWithoutUpdate(t *testing.T) {
	got := drawn(t, 80, nil, func(r Reporter, _ *iostreams.Streams) {
		r.Stop()
		r.Update(running)
		time.Sleep(time.Second)
		r.Stop()
	})
	if got != "" {
		t.Errorf("drawn: %q", got)
	}
}

func TestSpinnerFromManyGoroutines(t *testing.T) {
	got := drawn(t, 80, nil, func(r Reporter, s *iostreams.Streams) {
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				for j := range 20 {
					r.Update(runningWith(j))
					r.Line(fmt.Sprintf("line %d %d", i, j))
					fmt.Fprintf(s.Err, "other %d %d\n", i, j)
					time.Sleep(70 * time.Millisecond)
				}
				r.Stop()
			})
		}
		all.Wait()
	})
	lines, cursor := screen(t, got)
	if !cursor || len(lines) != 161 {
		t.Errorf("cursor %t, %d lines, want 161: %q", cursor, len(lines), lines)
	}
	for _, line := range lines[:len(lines)-1] {
		if !strings.HasPrefix(line, "line ") && !strings.HasPrefix(line, "other ") {
			t.Errorf("odd line %q", line)
		}
	}
}

func TestCrashesLeaveTheTerminal(t *testing.T) {
	var err error
	got := drawn(t, 80, nil, func(r Reporter, _ *iostreams.Streams) {
		err = exit.Recover(func() error {
			defer r.Stop()
			r.Update(running)
			time.Sleep(time.Second)
			panic("off by one")
		})
		r.Line("it crashed")
	})
	if lines, cursor := screen(t, got); !cursor || lines[0] != "it crashed" {
		t.Errorf("cursor %t, screen %q", cursor, lines)
	}
	if err == nil || !strings.Contains(got, "running") {
		t.Errorf("%v, drawn %q", err, got)
	}
	// One in the drawing itself costs the text.
	got = drawn(t, 80, nil, func(r Reporter, _ *iostreams.Streams) {
		line := r.(*terminal)
		line.spinner.PreUpdate = func(s *spinner.Spinner) {
			line.state.Store(nil)
			line.draw(s)
		}
		r.Update(running)
		time.Sleep(time.Second)
	})
	if lines, cursor := screen(t, got); !cursor || lines[0] != "" || strings.Contains(got, "running") {
		t.Errorf("cursor %t, screen %q", cursor, lines)
	}
}

// A process that cannot end in order gives the terminal back all the same.
func TestRestoreWhileTheSpinnerTurns(t *testing.T) {
	got := drawn(t, 80, nil, func(r Reporter, s *iostreams.Streams) {
		r.Update(running)
		time.Sleep(time.Second + frameTime/2)
		s.Restore()
		s.Restore()
		r.(*terminal).spinner.HideCursor = false // what comes now would not be drawn any more
	})
	if n := strings.Count(got, showCursor); n != 1 {
		t.Errorf("the cursor is shown %d times", n)
	}
	before, _, _ := strings.Cut(got, showCursor)
	if lines, _ := screen(t, before); !strings.Contains(before, "running") || lines[0] != "" {
		t.Errorf("left on the screen: %q", lines)
	}
}
