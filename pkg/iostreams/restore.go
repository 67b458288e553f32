package iostreams

import (
	"io"
	"sync/atomic"

	"golang.org/x/term"
)

// undo is how the terminals were found, and what gives them back.
type undo struct {
	in       *term.State // nil: it is no terminal
	out, err atomic.Pointer[string]
}

// remember takes the state of the terminal behind In.
func (s *Streams) remember() {
	if s.InIsTerminal() {
		// Without it there is nothing to go back to.
		s.undo.in, _ = term.GetState(fd(s.inFile))
	}
}

// BorrowOut says what text, written to the terminal behind Out, undoes what was
// done to it: it is written by Restore unless ReturnOut came before.
func (s *Streams) BorrowOut(undo string) { s.undo.out.Store(&undo) }

// ReturnOut says that the terminal behind Out is as it was found.
func (s *Streams) ReturnOut() { s.undo.out.Store(nil) }

// BorrowErr is BorrowOut for the terminal behind Err.
func (s *Streams) BorrowErr(undo string) { s.undo.err.Store(&undo) }

// ReturnErr is ReturnOut for the terminal behind Err.
func (s *Streams) ReturnErr() { s.undo.err.Store(nil) }

// Restore leaves the terminals as they were found, also while somebody else is
// stuck in writing to them. The second call does nothing.
func (s *Streams) Restore() {
	// Setting the state from the background would stop the process, so it is only
	// done when there is something to undo.
	if before := s.undo.in; before != nil {
		if now, err := term.GetState(fd(s.inFile)); err == nil && *now != *before {
			_ = term.Restore(fd(s.inFile), before)
		}
	}
	if text := s.undo.out.Swap(nil); text != nil {
		_, _ = io.WriteString(s.outFile, *text)
	}
	if text := s.undo.err.Swap(nil); text != nil {
		_, _ = io.WriteString(s.errFile, *text)
	}
}
