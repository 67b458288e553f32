// Package progress shows on stderr how a job gets on: a moving line on a
// terminal, timestamped lines elsewhere. Nothing that matters is said here alone.
// It is internal to dqoctl and may change without notice.
package progress

import (
	"fmt"
	"time"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// State is what is known of the work now.
type State struct {
	Status      string // "running", "queued", also a word of the server's
	Done, Total int    // Total 0: not known
	Unit        string // what Done and Total count, in the plural: "tables"
	Note        string // for example "behind job 17"
}

// Reporter shows progress. All methods may be called from several goroutines.
type Reporter interface {
	// Update says what is known now. The same again costs nothing.
	Update(state State)
	// Line prints a message of its own above the progress, also when there is
	// no progress. It is cleaned for the terminal and may have several lines.
	Line(text string)
	// Stop ends the progress and leaves the terminal as it was. It returns when
	// nothing more will be drawn; the second call does nothing. Line still works.
	Stop()
}

// New makes the reporter that fits the streams; elapsed time counts from here.
// Quiet is no progress, only messages. Call Stop in any case.
func New(s *iostreams.Streams, quiet bool) Reporter {
	base := messages{streams: s}
	switch {
	case quiet:
		return base
	case s.ErrAnimated():
		return newTerminal(base, time.Now())
	}
	return newPlain(base, time.Now())
}

// messages prints lines and no progress.
type messages struct{ streams *iostreams.Streams }

var (
	_ Reporter = messages{}
	_ Reporter = (*plain)(nil)
	_ Reporter = (*terminal)(nil)
)

func (m messages) Update(State) {}

func (m messages) Line(text string) {
	fmt.Fprintln(m.streams.Err, iostreams.CleanLines(text))
}

func (m messages) Stop() {}
