package progress

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/briandowns/spinner"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

const (
	frameTime = 100 * time.Millisecond
	// The library measures bytes against the width of stdin and takes a line
	// for two when it is longer, so the line stays short.
	lineWidth = 60
	// A frame is one column and three bytes; a carriage return and the blank
	// after it count as well, and the last column stays free.
	frameBytes = 6
	eraseLine  = "\r\x1b[K"
	// giveBack undoes what the library does to the terminal.
	giveBack = eraseLine + "\x1b[0m\x1b[?25h"
)

// terminal draws one line again and again with the spinner library.
type terminal struct {
	messages
	began   time.Time
	state   atomic.Pointer[State]
	spinner *spinner.Spinner

	mutex            sync.Mutex // of starting and stopping
	started, stopped bool
}

func newTerminal(base messages, now time.Time) *terminal {
	t := &terminal{messages: base, began: now}
	color := "reset"
	if base.streams.ColorErr() {
		color = "cyan"
	}
	t.spinner = spinner.New(spinner.CharSets[14], frameTime,
		spinner.WithWriterFile(base.streams.ErrFile()), spinner.WithColor(color))
	t.spinner.PreUpdate = t.draw
	return t
}

// Update shows the state from the next frame on; the first one starts the line.
func (t *terminal) Update(state State) {
	t.state.Store(&state)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.started || t.stopped {
		return
	}
	t.started = true
	t.streams.BorrowErr(giveBack)
	t.streams.AroundErr(t.aside)
	t.spinner.Start()
}

// Stop removes the line and shows the cursor again. The library's goroutine
// ends within a frame and draws nothing more.
func (t *terminal) Stop() {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.started && !t.stopped {
		t.spinner.Stop()
		t.streams.AroundErr(nil)
		t.streams.ReturnErr()
	}
	t.stopped = true
}

// draw sets the text of the next frame; the library holds its lock.
func (t *terminal) draw(s *spinner.Spinner) {
	s.Suffix = ""
	// A crash in the library's goroutine would end the process with Go's own code,
	// and without it there is only one text less.
	_ = exit.Recover(func() error {
		room := min(lineWidth, t.streams.ErrWidth()) - frameBytes
		if text := t.state.Load().glance(time.Since(t.began), room); text != "" {
			s.Suffix = " " + text
		}
		return nil
	})
}

// aside makes room for other text on stderr; the next frame is drawn below it.
func (t *terminal) aside(write func()) {
	t.spinner.Lock()
	defer t.spinner.Unlock()
	if !t.spinner.Active() { // stopped: the line is gone
		write()
		return
	}
	_, _ = io.WriteString(t.streams.ErrFile(), eraseLine)
	write()
}
