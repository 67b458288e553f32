package output

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// List is rows of one kind: laid out for a terminal, complete and separated for
// programs.
type List struct {
	Columns []Column
	Rows    [][]Cell
	// NoHeaders leaves out the names of the columns.
	NoHeaders bool
}

// ErrNoColumn names a column that a list does not have.
var ErrNoColumn = errors.New("no such column")

// Keys are the names of the columns as Select takes them.
func (l *List) Keys() []string {
	keys := make([]string, len(l.Columns))
	for i, column := range l.Columns {
		keys[i] = strings.ToLower(column.Name)
	}
	return keys
}

// Select keeps the columns of these keys, in this order. What was asked for by name
// is spared no more.
func (l *List) Select(keys []string) error {
	if err := l.pick(keys); err != nil {
		return err
	}
	for i := range l.Columns {
		l.Columns[i].Spare = 0
	}
	return nil
}

func (l *List) pick(keys []string) error {
	known := l.Keys()
	picked := make([]int, len(keys))
	columns := make([]Column, len(keys))
	for i, key := range keys {
		at := slices.Index(known, strings.ToLower(strings.TrimSpace(key)))
		if at < 0 {
			return fmt.Errorf("%w: %q", ErrNoColumn, key)
		}
		picked[i], columns[i] = at, l.Columns[at]
	}
	for i, row := range l.Rows {
		cells := make([]Cell, len(picked))
		for j, at := range picked {
			cells[j] = row[at]
		}
		l.Rows[i] = cells
	}
	l.Columns = columns
	return nil
}

// Layout is the list for a terminal: aligned within its width, where columns
// without any value are left out and only those that may shrink are cut. Where that
// is not enough it does without the spare ones, and where that is not, one record
// stands below the other, whole.
func (l *List) Layout(s Screen) (string, error) {
	l = l.filled()
	if len(l.Rows) == 0 {
		return "", nil
	}
	narrowed, texts, _ := l.narrowed(s.Width)
	if narrowed == nil {
		return l.records(s)
	}
	l = narrowed
	t := Table{Columns: l.Columns, Rows: l.Rows}
	text, err := t.layout(texts, s)
	if err != nil {
		return "", fmt.Errorf("lay out the list: %w", err)
	}
	if l.NoHeaders {
		_, text, _ = strings.Cut(text, "\n")
	}
	return indentLines(text, ""), nil
}

// LeftOut are the names of the columns that Layout does without though they have
// values.
func (l *List) LeftOut(s Screen) []string {
	l = l.filled()
	if len(l.Rows) == 0 {
		return nil
	}
	_, _, left := l.narrowed(s.Width)
	return left
}

// narrowed leaves spare columns out until the rest fits; nil when it never does.
func (l *List) narrowed(width int) (narrowed *List, texts [][]string, left []string) {
	narrowed = &List{Columns: l.Columns, Rows: slices.Clone(l.Rows), NoHeaders: l.NoHeaders}
	for {
		texts = clean(narrowed.Rows)
		if fit(narrowed.Columns, texts, width) {
			return narrowed, texts, left
		}
		spare := -1
		for j, column := range narrowed.Columns {
			if column.Spare > 0 && (spare < 0 || column.Spare < narrowed.Columns[spare].Spare) {
				spare = j
			}
		}
		if spare < 0 {
			return nil, nil, nil
		}
		left = append(left, narrowed.Columns[spare].Name)
		_ = narrowed.pick(slices.Delete(narrowed.Keys(), spare, spare+1)) // its own keys
	}
}

// filled is the list without the columns that have no text in any row.
func (l *List) filled() *List {
	keys := l.Keys()
	kept := make([]string, 0, len(keys))
	for j, key := range keys {
		if slices.ContainsFunc(l.Rows, func(row []Cell) bool { return row[j].Text != "" }) {
			kept = append(kept, key)
		}
	}
	filled := &List{Columns: l.Columns, Rows: slices.Clone(l.Rows), NoHeaders: l.NoHeaders}
	if len(kept) < len(keys) {
		_ = filled.pick(kept) // its own keys
	}
	return filled
}

func (l *List) records(s Screen) (string, error) {
	var b strings.Builder
	for i, row := range l.Rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		fields := make(Fields, len(row))
		for j, cell := range row {
			fields[j] = Field{Name: l.Columns[j].Name, Value: cell.Text, Tone: cell.Tone}
		}
		text, err := fields.render(s)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// TSV writes the list for a pipe: a tab between the values, which hold none, and a
// line a row. No value is cut.
func (l *List) TSV(w io.Writer) error {
	b := bufio.NewWriter(w)
	line := func(values []string) {
		for i, value := range values {
			if i > 0 {
				_ = b.WriteByte('\t') // the error is kept for Flush
			}
			_, _ = b.WriteString(iostreams.Clean(value))
		}
		_ = b.WriteByte('\n')
	}
	if !l.NoHeaders {
		line(l.names())
	}
	for _, row := range l.Rows {
		line(exact(row))
	}
	return b.Flush()
}

// CSV writes the list as RFC 4180 has it, with line feeds.
func (l *List) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	if !l.NoHeaders {
		_ = c.Write(l.Keys()) // the error is kept for Error
	}
	for _, row := range l.Rows {
		values := exact(row)
		for i := range values {
			values[i] = iostreams.CleanLines(values[i])
		}
		_ = c.Write(values)
	}
	c.Flush()
	return c.Error()
}

func (l *List) names() []string {
	names := make([]string, len(l.Columns))
	for i, column := range l.Columns {
		names[i] = column.Name
	}
	return names
}

func exact(row []Cell) []string {
	values := make([]string, len(row))
	for i, cell := range row {
		if values[i] = cell.Exact; values[i] == "" {
			values[i] = cell.Text
		}
	}
	return values
}
