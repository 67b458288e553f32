package main

import (
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// screen is a terminal that understands what dqoctl writes to one: text, line
// ends, carriage returns, colours, erasing to the end of the line, and hiding
// the cursor. Anything else is noted as unknown.
type screen struct {
	columns int
	lines   [][]rune
	row     int
	column  int
	hidden  bool // the cursor
	painted bool // a colour is on
	unknown []string
}

// showScreen writes the files of a program that had a terminal. A terminal that
// is not left as it was found is an error, whatever the script is about.
func showScreen(ts *testscript.TestScript, p *program) {
	raw, _ := p.out.now()
	s := &screen{columns: p.columns, lines: [][]rune{nil}}
	s.write(string(raw))
	ts.Check(os.WriteFile(ts.MkAbs("screen.raw"), raw, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(s.text()), 0o600))
	ts.Logf("[screen]\n%s", s.text())
	switch {
	case len(s.unknown) > 0:
		ts.Fatalf("the terminal was sent %q", s.unknown)
	case s.hidden:
		ts.Fatalf("the terminal is left without a cursor")
	case s.painted:
		ts.Fatalf("the terminal is left coloured")
	case s.column != 0:
		ts.Fatalf("the terminal is left in the middle of a line")
	}
}

func (s *screen) text() string {
	var b strings.Builder
	for _, line := range s.lines {
		b.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (s *screen) write(text string) {
	for text != "" {
		if rest, ok := strings.CutPrefix(text, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				s.unknown = append(s.unknown, text)
				return
			}
			s.obey(rest[:end+1])
			text = rest[end+1:]
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		s.put(r)
		text = text[size:]
	}
}

func (s *screen) obey(sequence string) {
	switch {
	case sequence == "K":
		if s.column < len(s.lines[s.row]) {
			s.lines[s.row] = s.lines[s.row][:s.column]
		}
	case sequence == "?25l":
		s.hidden = true
	case sequence == "?25h":
		s.hidden = false
	case strings.HasSuffix(sequence, "m"):
		code, err := strconv.Atoi(strings.TrimSuffix(sequence, "m"))
		s.painted = err != nil || code != 0
	default:
		s.unknown = append(s.unknown, "\x1b["+sequence)
	}
}

func (s *screen) put(r rune) {
	switch {
	case r == '\r':
		s.column = 0
	case r == '\n':
		s.feed()
	case r < ' ' || r == '\x7f':
		s.unknown = append(s.unknown, string(r))
	default:
		if s.column == s.columns {
			s.feed()
			s.column = 0
		}
		for len(s.lines[s.row]) <= s.column {
			s.lines[s.row] = append(s.lines[s.row], ' ')
		}
		s.lines[s.row][s.column] = r
		s.column++
	}
}

func (s *screen) feed() {
	s.row++
	if s.row == len(s.lines) {
		s.lines = append(s.lines, nil)
	}
}
