package watch

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/output"
)

const (
	// Another screen has no lines that a resized terminal could wrap anew; lines
	// are cut at its edge. The cursor is hidden.
	enter = "\x1b[?1049h\x1b[?7l\x1b[?25l"
	leave = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	home  = "\x1b[H"
	// eraseLine and eraseRest remove what is left of the drawing before.
	eraseLine = "\x1b[K"
	eraseRest = "\x1b[J"

	// lookTime is how soon a resized terminal is drawn anew.
	lookTime  = 200 * time.Millisecond
	clockTime = time.Second
)

// Screen draws the jobs over and over on the terminal that Out is. Close it on
// every path.
type Screen struct {
	streams *iostreams.Streams
	server  string
	group   exit.Group
	end     chan struct{}

	mutex   sync.Mutex
	jobs    []follow.Entry
	message string
	trouble bool
	width   int // of the last drawing
	height  int
	drawn   time.Time
	changed bool
	closed  bool
}

var _ View = (*Screen)(nil)

// NewScreen takes the terminal over. Server is shown above the jobs.
func NewScreen(s *iostreams.Streams, server string) *Screen {
	v := &Screen{streams: s, server: server, end: make(chan struct{}), changed: true}
	s.BorrowOut(leave)
	v.put(enter)
	v.group.Go(v.keepDrawing)
	return v
}

// Changed does nothing: Show follows.
func (v *Screen) Changed(*follow.Entry, time.Time) {}

// Show draws the jobs within a moment.
func (v *Screen) Show(jobs []*follow.Entry) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.jobs = v.jobs[:0]
	for _, e := range jobs {
		v.jobs = append(v.jobs, *e)
	}
	v.changed = true
}

// Say shows the message below the jobs until the next one.
func (v *Screen) Say(text string, troubled bool) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.message = time.Now().Format(time.TimeOnly) + " " + text
	v.trouble, v.changed = troubled, true
}

// Over reports that the terminal is gone.
func (v *Screen) Over() bool {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	return v.streams.OutGone() || v.streams.OutError() != nil
}

// Close gives the terminal back as it was and leaves the last state of the jobs on
// it. The second call does nothing.
func (v *Screen) Close() error {
	v.mutex.Lock()
	first := !v.closed
	v.closed = true
	v.mutex.Unlock()
	if !first {
		return nil
	}
	close(v.end)
	err := v.group.Wait()
	v.put(leave)
	v.streams.ReturnOut()
	if list, layoutErr := v.list().Layout(v.screen()); layoutErr == nil {
		v.put(list)
	} else if err == nil {
		err = layoutErr
	}
	if v.message != "" {
		v.put(iostreams.Clean(v.message) + "\n")
	}
	return err
}

func (v *Screen) keepDrawing() error {
	ticker := time.NewTicker(lookTime)
	defer ticker.Stop()
	for {
		if err := v.draw(); err != nil {
			return err
		}
		select {
		case <-v.end:
			return nil
		case <-ticker.C:
		}
	}
}

// draw draws when there is something new, the terminal has another size, or the
// clock has moved.
func (v *Screen) draw() error {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	width, height := v.streams.OutWidth(), v.streams.OutHeight()
	if !v.changed && width == v.width && height == v.height && time.Since(v.drawn) < clockTime {
		return nil
	}
	v.changed, v.width, v.height, v.drawn = false, width, height, time.Now()
	lines, err := v.lines(height)
	if err != nil {
		return err
	}
	v.put(home + strings.Join(lines, eraseLine+"\r\n") + eraseLine + eraseRest)
	return nil
}

// lines are at most as many as the terminal has; the rest of the jobs is counted.
func (v *Screen) lines(height int) ([]string, error) {
	list, err := v.list().Layout(v.screen())
	if err != nil {
		return nil, err
	}
	body := strings.Split(strings.TrimSuffix(list, "\n"), "\n")
	if list == "" {
		body = []string{"no jobs yet"}
	}
	top := []string{v.headline(), ""}
	var bottom []string
	if v.message != "" {
		bottom = []string{"", iostreams.Clean(v.message)}
	}
	room := max(height-len(top)-len(bottom), 2)
	if more := len(body) - room; more > 0 {
		body = append(body[:room-1], fmt.Sprintf("and %d more lines", more+1))
	}
	lines := append(append(top, body...), bottom...)
	return lines[:min(len(lines), height)], nil
}

func (v *Screen) headline() string {
	open := 0
	for i := range v.jobs {
		if !over(&v.jobs[i]) {
			open++
		}
	}
	text := fmt.Sprintf("%s  %s  %d open, %d over", v.server, time.Now().Format(time.TimeOnly), open, len(v.jobs)-open)
	if v.trouble {
		text += "  NO CONTACT"
	}
	return iostreams.Clean(text) + "  (Ctrl-C ends)"
}

func (v *Screen) list() *output.List {
	jobs := make([]*follow.Entry, len(v.jobs))
	for i := range v.jobs {
		jobs[i] = &v.jobs[i]
	}
	list := Table(jobs, false, time.Now())
	// The keys are this package's own.
	_ = list.Select([]string{"job", "key", "type", "status", "tables", "changed", "error"})
	return list
}

func (v *Screen) screen() output.Screen {
	return output.Screen{Width: v.streams.OutWidth(), Color: v.streams.ColorOut()}
}

// put writes to the terminal; the stream keeps the first error.
func (v *Screen) put(text string) { _, _ = io.WriteString(v.streams.Out, text) }
