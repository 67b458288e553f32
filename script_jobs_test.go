package main

import (
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// What a program that takes the whole terminal over begins and ends with.
const (
	takesOver = "\x1b[?1049h\x1b[?7l\x1b[?25l"
	givesBack = "\x1b[?7h\x1b[?25h\x1b[?1049l"
)

var _ = func() bool {
	scriptCommands["restored"] = positive(cmdRestored)
	return true
}()

// cmdRestored is "restored N NAME": the program, which had taken the whole
// terminal over, ends with exactly that code and has given it back. What it left
// there is stdout then.
func cmdRestored(ts *testscript.TestScript, args []string) {
	need(ts, len(args) == 2, "restored N NAME")
	p := programOf(ts, args[1])
	select {
	case <-p.ended:
	case <-time.After(limit):
		ts.Fatalf("%s did not end", args[1])
	}
	raw, _ := p.out.now()
	_, drawn, taken := strings.Cut(string(raw), takesOver)
	drawn, left, given := strings.Cut(drawn, givesBack)
	if !taken || !given || strings.Count(drawn, "\x1b[H") == 0 {
		ts.Fatalf("the terminal was not taken over and given back: %q", raw)
	}
	s := &screen{columns: p.columns, lines: [][]rune{nil}}
	s.write(left)
	if len(s.unknown) > 0 || s.hidden || s.painted || s.column != 0 {
		ts.Fatalf("the terminal is not as it was: %q", left)
	}
	_, _ = ts.Stdout().Write([]byte(s.text()))
	if want := number(ts, args[0]); p.code != want {
		ts.Fatalf("%s: exit code %d, want %d", args[1], p.code, want)
	}
}
