package iostreams

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"golang.org/x/term"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

const keyCtrlC = 3

// ReadSecret asks at the terminal for a line and does not show it: showing is off
// before the question appears. Ctrl-C is the error of an interrupt, Ctrl-D io.EOF.
// When the context ends first, the read is left behind: it ends with the process.
// The terminal is put right in any case.
func (s *Streams) ReadSecret(ctx context.Context, prompt string) (string, error) {
	if !s.InIsTerminal() || !s.ErrIsTerminal() {
		return "", errors.New("there is no terminal")
	}
	before, err := term.MakeRaw(fd(s.inFile))
	if err != nil {
		return "", err
	}
	type answer struct {
		secret string
		err    error
	}
	read := make(chan answer, 1)
	var group exit.Group
	group.Go(func() error {
		secret, err := s.readHidden(prompt)
		read <- answer{secret, err}
		return nil
	})
	var got answer
	select {
	case got = <-read:
	case <-ctx.Done():
		got.err = context.Cause(ctx)
	}
	if got.err != nil {
		_, _ = s.Err.Write([]byte("\r\n")) // out of the question's line
	}
	if err := term.Restore(fd(s.inFile), before); err != nil && got.err == nil {
		return "", err
	}
	return got.secret, got.err
}

func (s *Streams) readHidden(prompt string) (string, error) {
	keys := &interruptible{from: s.inFile}
	line := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{keys, s.Err}, "")
	_ = line.SetSize(s.ErrWidth(), 1) // of no account: only long prompts are wrapped by it
	// The library takes the lines of its prompt for one, and would break it in a word.
	last := strings.LastIndexByte(prompt, '\n') + 1
	_, _ = s.Err.Write([]byte(strings.ReplaceAll(prompt[:last], "\n", "\r\n")))
	text, err := line.ReadPassword(prompt[last:])
	if keys.interrupted {
		return "", &exit.Error{Outcome: exit.Interrupted, Message: "interrupted"}
	}
	return text, err
}

// interruptible sees Ctrl-C, which is no signal while keys are read one by one.
type interruptible struct {
	from        io.Reader
	interrupted bool
}

func (r *interruptible) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.interrupted = r.interrupted || bytes.IndexByte(p[:n], keyCtrlC) >= 0
	return n, err
}
