package watch

import (
	"fmt"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/output"
)

// Table lists jobs. Programs get every value exactly; on a terminal times of
// today, in this machine's zone, have no date.
func Table(jobs []*follow.Entry, withParents bool, now time.Time) *output.List {
	l := &output.List{Columns: []output.Column{
		{Name: "JOB"},
		{Name: "KEY"},
		{Name: "TYPE"},
		{Name: "STATUS"},
		{Name: "TABLES", Right: true, Spare: 2},
		{Name: "CREATED", Spare: 1},
		{Name: "CHANGED", Spare: 3},
	}}
	if withParents {
		l.Columns = append(l.Columns, output.Column{Name: "PARENT"})
	}
	l.Columns = append(l.Columns, output.Column{Name: "ERROR", Shrinks: true})
	l.Rows = make([][]output.Cell, 0, len(jobs))
	for _, e := range jobs {
		row := []output.Cell{
			{Text: strconv.FormatInt(e.ID, 10)},
			key(e.Key),
			{Text: string(e.Type)},
			{Text: string(e.Status), Tone: toneOf(e.Status)},
			{Text: tables(e)},
			moment(e.CreatedAt, now),
			moment(e.ChangedAt, now),
		}
		if withParents {
			row = append(row, output.Cell{Text: parent(e)})
		}
		l.Rows = append(l.Rows, append(row, output.Cell{Text: dqops.WithoutClassNames(e.Error)}))
	}
	return l
}

// key hides from people the names that dqoctl made up.
func key(text string) output.Cell {
	if follow.IsNewKey(text) {
		return output.Cell{Exact: text}
	}
	return output.Cell{Text: text}
}

func tables(e *follow.Entry) string {
	if e.Children == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", e.Ended, e.Children)
}

func parent(e *follow.Entry) string {
	if e.Parent == 0 {
		return ""
	}
	return strconv.FormatInt(e.Parent, 10)
}

func toneOf(s dqops.JobStatus) output.Tone {
	switch s {
	case dqops.StatusFinished:
		return output.Good
	case dqops.StatusFailed, lost:
		return output.Bad
	case dqops.StatusCancelled, dqops.StatusCancelRequested, dqops.StatusWaiting:
		return output.Doubtful
	default:
		return output.Plain
	}
}

func moment(t, now time.Time) output.Cell {
	if t.IsZero() {
		return output.Cell{}
	}
	exact := t.Format(time.RFC3339Nano)
	t, now = t.Local(), now.Local()
	layout := "2006-01-02 15:04:05"
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		layout = time.TimeOnly
	}
	return output.Cell{Text: t.Format(layout), Exact: exact}
}
