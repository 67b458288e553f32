// Package iostreams holds the three standard streams and answers what can be
// asked of them: is it a terminal, how wide, may it be coloured. It also makes
// foreign text safe to print. It is internal to dqoctl and may change without
// notice.
package iostreams

import (
	"io"
	"os"
)

// Streams are the standard streams of a command. Make them with New or Pipes;
// tests may also fill the exported fields themselves, for streams that are no
// terminals.
type Streams struct {
	In io.Reader
	// Out carries the result and nothing else. One goroutine writes to it. Its
	// first error is kept for OutError; a reader that went away is none.
	Out io.Writer
	// Err carries everything else. Each Write is one piece: pieces of several
	// goroutines do not mix.
	Err io.Writer

	inFile, outFile, errFile *os.File
	env                      func(string) (string, bool)
	color                    string
	undo                     undo
}

// New makes the streams of a process. The environment is asked for NO_COLOR,
// CLICOLOR_FORCE, TERM, CI and COLUMNS, and for the rest by Variable.
func New(in, out, err *os.File, env func(string) (string, bool)) *Streams {
	s := Pipes(in, out, err, env)
	s.inFile, s.outFile, s.errFile = in, out, err
	s.remember()
	return s
}

// Pipes makes streams that are no terminals, whatever is behind them.
func Pipes(in io.Reader, out, err io.Writer, env func(string) (string, bool)) *Streams {
	return &Streams{In: in, Out: &outWriter{to: out}, Err: &errWriter{to: err}, env: env}
}

// ErrFile is the file behind Err, nil when there is none.
func (s *Streams) ErrFile() *os.File { return s.errFile }

// OutError is the first error of writing to Out, nil when all was written or the
// reader went away.
func (s *Streams) OutError() error {
	if out, ok := s.Out.(*outWriter); ok {
		return out.failed
	}
	return nil
}

// OutGone says whether the reader of Out went away, so that writing on is of no
// use.
func (s *Streams) OutGone() bool {
	out, ok := s.Out.(*outWriter)
	return ok && out.gone
}

// AroundErr has every later write to Err made inside around, which must call
// write once; nil ends it. One at a time: it is how a progress line gets out of
// the way of other text. It returns when no write is under way.
func (s *Streams) AroundErr(around func(write func())) {
	if w, ok := s.Err.(*errWriter); ok {
		w.surround(around)
	}
}

// Variable is the value of an environment variable, empty without one.
func (s *Streams) Variable(name string) string {
	if s.env == nil {
		return ""
	}
	value, _ := s.env(name)
	return value
}
