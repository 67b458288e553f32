package watch

import (
	"fmt"
	"io"
	"time"

	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/output"
)

// Lines writes one line a change to Out, messages to Err.
type Lines struct {
	Streams *iostreams.Streams
	// JSON makes each line the job's object instead of values with tabs between.
	JSON bool
}

var _ View = (*Lines)(nil)

// Changed writes the job; the stream keeps the first error.
func (l *Lines) Changed(job *follow.Entry, at time.Time) { _ = l.write(l.Streams.Out, job, at) }

// Over reports that the lines reach nobody.
func (l *Lines) Over() bool { return l.Streams.OutGone() || l.Streams.OutError() != nil }

func (l *Lines) write(w io.Writer, job *follow.Entry, at time.Time) error {
	if l.JSON {
		return output.JSONLine(w, job)
	}
	row := output.List{NoHeaders: true, Rows: [][]output.Cell{append(
		[]output.Cell{{Text: at.Format(time.RFC3339Nano)}}, lineOf(job)...,
	)}}
	return row.TSV(w)
}

// lineOf leaves out the times, which the line begins with or does not need.
func lineOf(job *follow.Entry) []output.Cell {
	list := Table([]*follow.Entry{job}, false, time.Time{})
	// The keys are this package's own.
	_ = list.Select([]string{"job", "type", "status", "tables", "key", "error"})
	return list.Rows[0]
}

// Show writes nothing: every change was written.
func (l *Lines) Show([]*follow.Entry) {}

// Say writes the message with the time.
func (l *Lines) Say(text string, _ bool) {
	_, _ = fmt.Fprintf(l.Streams.Err, "%s %s\n", time.Now().UTC().Format(time.RFC3339), iostreams.Clean(text))
}
