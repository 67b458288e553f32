package iostreams

import (
	"os"
	"strconv"

	"golang.org/x/term"
)

const (
	// pipeWidth is for logs of CI runs, which are read by people.
	pipeWidth = 120
	// unknownWidth is for a terminal that does not say.
	unknownWidth = 80
	// unknownHeight likewise.
	unknownHeight = 24
)

// InIsTerminal says whether somebody may type an answer.
func (s *Streams) InIsTerminal() bool { return isTerminal(s.inFile) }

// OutIsTerminal says whether the result goes to a terminal.
func (s *Streams) OutIsTerminal() bool { return isTerminal(s.outFile) }

// ErrIsTerminal says whether messages go to a terminal.
func (s *Streams) ErrIsTerminal() bool { return isTerminal(s.errFile) }

// ErrAnimated says whether a line on Err may be drawn over again: a terminal
// that can, and that is not the log of a CI run.
func (s *Streams) ErrAnimated() bool { return s.ErrIsTerminal() && s.animated() }

// OutAnimated says whether Out may be drawn over again, as ErrAnimated.
func (s *Streams) OutAnimated() bool { return s.OutIsTerminal() && s.animated() }

func (s *Streams) animated() bool {
	ci := s.Variable("CI")
	return s.Variable("TERM") != "dumb" && (ci == "" || ci == "false" || ci == "0")
}

// OutWidth is the number of columns for the result: those of the terminal now,
// 80 when it does not say (and COLUMNS does not either), 120 elsewhere.
func (s *Streams) OutWidth() int { return s.width(s.outFile) }

// ErrWidth is the number of columns for messages, as OutWidth.
func (s *Streams) ErrWidth() int { return s.width(s.errFile) }

// OutHeight is the number of lines of the terminal behind Out now, 24 when it does
// not say.
func (s *Streams) OutHeight() int {
	if s.OutIsTerminal() {
		if _, lines, err := term.GetSize(fd(s.outFile)); err == nil && lines > 0 {
			return lines
		}
	}
	return unknownHeight
}

func (s *Streams) width(f *os.File) int {
	if !isTerminal(f) {
		return pipeWidth
	}
	if columns, _, err := term.GetSize(fd(f)); err == nil && columns > 0 {
		return columns
	}
	if columns, err := strconv.Atoi(s.Variable("COLUMNS")); err == nil && columns > 0 {
		return columns
	}
	return unknownWidth
}

// SetColor takes the value of --color: "always" and "never" win over the
// environment, anything else leaves it to ColorOut and ColorErr.
func (s *Streams) SetColor(mode string) { s.color = mode }

// ColorOut says whether the result may be coloured: --color, then NO_COLOR, then
// CLICOLOR_FORCE, then a terminal that is not dumb.
func (s *Streams) ColorOut() bool { return s.colored(s.OutIsTerminal()) }

// ColorErr says whether messages may be coloured, as ColorOut.
func (s *Streams) ColorErr() bool { return s.colored(s.ErrIsTerminal()) }

func (s *Streams) colored(terminal bool) bool {
	switch s.color {
	case "always":
		return true
	case "never":
		return false
	}
	if s.Variable("NO_COLOR") != "" {
		return false
	}
	if force := s.Variable("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return terminal && s.Variable("TERM") != "dumb"
}

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(fd(f)) }

func fd(f *os.File) int { return int(f.Fd()) }
