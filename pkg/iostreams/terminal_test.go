//go:build unix

package iostreams

import (
	"os"
	"testing"

	"github.com/creack/pty"
)

func terminalOf(t *testing.T, columns uint16) *os.File {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = tty.Close(), master.Close() })
	if err := pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: columns}); err != nil {
		t.Fatal(err)
	}
	return tty
}

func TestTerminals(t *testing.T) {
	_, w := pipe(t)
	tty := terminalOf(t, 93)
	tests := []struct {
		name         string
		s            *Streams
		in, out, err bool
		outW, errW   int
	}{
		{"all", New(tty, tty, tty, none), true, true, true, 93, 93},
		{"only stderr", New(w, w, tty, none), false, false, true, 120, 93},
		{"only stdout", New(w, tty, w, none), false, true, false, 93, 120},
		{"only stdin", New(tty, w, w, none), true, false, false, 120, 120},
		{"COLUMNS of no use", New(w, tty, w, envOf("COLUMNS=50")), false, true, false, 93, 120},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.s
			if s.InIsTerminal() != tt.in || s.OutIsTerminal() != tt.out || s.ErrIsTerminal() != tt.err {
				t.Errorf("terminals: %t %t %t", s.InIsTerminal(), s.OutIsTerminal(), s.ErrIsTerminal())
			}
			if s.OutWidth() != tt.outW || s.ErrWidth() != tt.errW {
				t.Errorf("widths %d and %d, want %d and %d", s.OutWidth(), s.ErrWidth(), tt.outW, tt.errW)
			}
			if s.ColorOut() != tt.out || s.ColorErr() != tt.err || s.ErrAnimated() != tt.err {
				t.Errorf("colour %t and %t, animated %t", s.ColorOut(), s.ColorErr(), s.ErrAnimated())
			}
		})
	}
}

func TestTerminalThatDoesNotSayItsWidth(t *testing.T) {
	tty := terminalOf(t, 0)
	for columns, want := range map[string]int{"": 80, "COLUMNS=132": 132, "COLUMNS=0": 80, "COLUMNS=-4": 80, "COLUMNS=many": 80} {
		if got := New(tty, tty, tty, envOf(columns)).OutWidth(); got != want {
			t.Errorf("with %q: %d columns, want %d", columns, got, want)
		}
	}
}

func TestTerminalAndEnvironment(t *testing.T) {
	tty := terminalOf(t, 80)
	tests := []struct {
		env              string
		mode             string
		colored, animate bool
	}{
		{"TERM=xterm", "auto", true, true},
		{"TERM=dumb", "auto", false, false},
		{"TERM=dumb", "always", true, false},
		{"NO_COLOR=1", "auto", false, true},
		{"NO_COLOR=1", "always", true, true},
		{"", "never", false, true},
		{"CI=true", "auto", true, false},
		{"CI=false", "auto", true, true},
		{"CI=", "auto", true, true},
	}
	for _, tt := range tests {
		s := New(tty, tty, tty, envOf(tt.env))
		s.SetColor(tt.mode)
		if s.ColorErr() != tt.colored || s.ColorOut() != tt.colored || s.ErrAnimated() != tt.animate {
			t.Errorf("%s --color %s: colour %t, animated %t", tt.env, tt.mode, s.ColorErr(), s.ErrAnimated())
		}
	}
}
