package iostreams

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
)

func none(string) (string, bool) { return "", false }

func envOf(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for _, pair := range pairs {
			if value, ok := strings.CutPrefix(pair, name+"="); ok {
				return value, true
			}
		}
		return "", false
	}
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = r.Close(), w.Close() })
	return r, w
}

func TestPipesAreNoTerminals(t *testing.T) {
	r, w := pipe(t)
	for name, s := range map[string]*Streams{
		"files":   New(r, w, w, none),
		"writers": Pipes(strings.NewReader(""), io.Discard, io.Discard, nil),
		"literal": {In: strings.NewReader(""), Out: io.Discard, Err: io.Discard},
	} {
		t.Run(name, func(t *testing.T) {
			if s.InIsTerminal() || s.OutIsTerminal() || s.ErrIsTerminal() || s.ErrAnimated() {
				t.Error("it is taken for a terminal")
			}
			if s.OutWidth() != 120 || s.ErrWidth() != 120 {
				t.Errorf("widths %d and %d, want 120", s.OutWidth(), s.ErrWidth())
			}
			if s.ColorOut() || s.ColorErr() {
				t.Error("it is coloured")
			}
			s.AroundErr(nil)
			if err := s.OutError(); err != nil {
				t.Errorf("OutError: %v", err)
			}
		})
	}
}

func TestErrFile(t *testing.T) {
	r, w := pipe(t)
	if got := New(r, w, w, none).ErrFile(); got != w {
		t.Errorf("ErrFile() = %v, want the file", got)
	}
	if got := Pipes(r, w, w, none).ErrFile(); got != nil {
		t.Errorf("ErrFile() = %v, want nil", got)
	}
}

func TestReaderThatWentAway(t *testing.T) {
	r, w := pipe(t)
	s := New(r, w, w, none)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if n, err := io.WriteString(s.Out, "text"); n != 4 || err != nil {
			t.Fatalf("Write = %d, %v, want it taken", n, err)
		}
	}
	if err := s.OutError(); err != nil {
		t.Errorf("OutError: %v", err)
	}
}

func TestNothingIsTriedAfterTheReaderWentAway(t *testing.T) {
	calls := 0
	s := Pipes(nil, writerFunc(func([]byte) (int, error) {
		calls++
		return 0, io.ErrClosedPipe
	}), io.Discard, none)
	for range 3 {
		if n, err := io.WriteString(s.Out, "text"); n != 4 || err != nil {
			t.Fatalf("Write = %d, %v, want it taken", n, err)
		}
	}
	if calls != 1 {
		t.Errorf("written %d times, want once", calls)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// failing takes some bytes and then has an error for each further write.
type failing struct {
	room  int
	taken bytes.Buffer
	calls int
}

func (f *failing) Write(p []byte) (int, error) {
	f.calls++
	n := min(len(p), f.room-f.taken.Len())
	f.taken.Write(p[:n])
	if n < len(p) {
		return n, fmt.Errorf("error %d", f.calls)
	}
	return n, nil
}

func TestOutRemembersItsFirstError(t *testing.T) {
	disk := &failing{room: 6}
	s := Pipes(nil, disk, io.Discard, none)
	if n, err := io.WriteString(s.Out, "four"); n != 4 || err != nil {
		t.Fatalf("Write = %d, %v", n, err)
	}
	n, err := io.WriteString(s.Out, "four")
	if n != 2 || err == nil || err.Error() != "error 2" {
		t.Fatalf("Write = %d, %v, want 2 and the error", n, err)
	}
	if n, again := io.WriteString(s.Out, "x"); n != 0 || !errors.Is(again, err) || !errors.Is(s.OutError(), err) {
		t.Errorf("later Write = %d, %v, OutError %v: want the first error", n, again, s.OutError())
	}
	if disk.taken.String() != "fourfo" || disk.calls != 2 {
		t.Errorf("wrote %q in %d calls", &disk.taken, disk.calls)
	}
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	s := New(nil, full, full, none)
	if _, err := io.WriteString(s.Out, "x"); err == nil || s.OutError() == nil {
		t.Errorf("Write: %v, OutError: %v, want errors", err, s.OutError())
	}
}

// pieces is a writer that is no good for several goroutines: the race detector
// and the mixed text would show it.
type pieces struct{ text []byte }

func (p *pieces) Write(b []byte) (int, error) {
	for i := range b { // one by one, so that others get in between
		p.text = append(p.text, b[i:i+1]...)
	}
	return len(b), nil
}

func TestErrDoesNotMix(t *testing.T) {
	var got pieces
	s := Pipes(nil, io.Discard, &got, none)
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			for range 50 {
				fmt.Fprintln(s.Err, strings.Repeat(string(rune('a'+i)), 60))
			}
		})
	}
	writers.Wait()
	lines := strings.Split(strings.TrimSuffix(string(got.text), "\n"), "\n")
	if len(lines) != 400 {
		t.Errorf("%d lines, want 400", len(lines))
	}
	for _, line := range lines {
		if line != strings.Repeat(line[:1], 60) {
			t.Errorf("mixed: %q", line)
		}
	}
}

func TestAroundErr(t *testing.T) {
	var got bytes.Buffer
	s := Pipes(nil, io.Discard, &got, none)
	s.AroundErr(func(write func()) {
		got.WriteString("<")
		write()
		got.WriteString(">")
	})
	if n, err := io.WriteString(s.Err, "in"); n != 2 || err != nil {
		t.Errorf("Write = %d, %v", n, err)
	}
	s.AroundErr(nil)
	_, _ = io.WriteString(s.Err, "out")
	if got.String() != "<in>out" {
		t.Errorf("wrote %q", &got)
	}
}

func TestColorOfPipes(t *testing.T) {
	tests := []struct {
		mode string
		env  []string
		want bool
	}{
		{"auto", nil, false},
		{"", nil, false},
		{"always", nil, true},
		{"always", []string{"NO_COLOR=1"}, true},
		{"never", []string{"CLICOLOR_FORCE=1"}, false},
		{"auto", []string{"CLICOLOR_FORCE=1"}, true},
		{"auto", []string{"CLICOLOR_FORCE=0"}, false},
		{"auto", []string{"CLICOLOR_FORCE="}, false},
		{"auto", []string{"CLICOLOR_FORCE=1", "NO_COLOR=1"}, false},
		{"auto", []string{"CLICOLOR_FORCE=1", "NO_COLOR="}, true},
	}
	for _, tt := range tests {
		s := Pipes(nil, io.Discard, io.Discard, envOf(tt.env...))
		s.SetColor(tt.mode)
		if s.ColorOut() != tt.want || s.ColorErr() != tt.want {
			t.Errorf("--color %s with %q: %t and %t, want %t", tt.mode, tt.env, s.ColorOut(), s.ColorErr(), tt.want)
		}
	}
}
