package output

import (
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// Entry is a term and what it means.
type Entry struct{ Term, Text string }

// Entries are laid out as a list of definitions: the meaning beside its term or,
// where that is too narrow, below it.
type Entries struct {
	Title   string
	Entries []Entry
}

// Prose is text of several paragraphs with blank lines between them. Their lines
// are joined and wrapped at the width; lines that are indented stay as they are, or are a term and its
// meaning with two blanks between.
type Prose string

// Verbatim is lines that are printed as they are, below a title.
type Verbatim struct {
	Title string
	Lines string
}

var (
	_ Block = (*Entries)(nil)
	_ Block = Prose("")
	_ Block = (*Verbatim)(nil)
)

const (
	// narrowScreen is the width below which nothing stands side by side.
	narrowScreen = 60
	// widestTerm is how wide the column of the terms may get.
	widestTerm = 30
)

func (e *Entries) render(s Screen) (string, error) {
	if len(e.Entries) == 0 {
		return "", nil
	}
	var b strings.Builder
	b.WriteString(title(s, e.Title))
	column := e.column(s.Width)
	for _, entry := range e.Entries {
		term := iostreams.Clean(entry.Term)
		if s.Width < narrowScreen {
			term = strings.TrimLeft(term, " ")
		}
		lines := wrap(iostreams.Clean(entry.Text), s.Width-column)
		line := indent + term
		if free := column - twwidth.Width(line); free >= len(indent) && lines[0] != "" {
			line += strings.Repeat(" ", free) + lines[0]
			lines = lines[1:]
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		for _, line := range lines {
			b.WriteString(strings.TrimRight(strings.Repeat(" ", column)+line, " ") + "\n")
		}
	}
	return b.String(), nil
}

// column is where the meanings begin.
func (e *Entries) column(width int) int {
	if width < narrowScreen {
		return 3 * len(indent)
	}
	widest := 0
	for _, entry := range e.Entries {
		if w := twwidth.Width(iostreams.Clean(entry.Term)); w <= widestTerm {
			widest = max(widest, w)
		}
	}
	return len(indent) + max(widest, 3*len(indent)) + len(indent)
}

func (p Prose) render(s Screen) (string, error) {
	var b strings.Builder
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			for _, line := range wrap(strings.Join(paragraph, " "), s.Width) {
				b.WriteString(line + "\n")
			}
			paragraph = nil
		}
	}
	for line := range strings.SplitSeq(strings.Trim(string(p), "\n"), "\n") {
		kept := strings.TrimRight(strings.ReplaceAll(line, "\t", indent+indent), " ")
		if strings.HasPrefix(kept, " ") || kept == "" {
			flush()
			b.WriteString(indented(iostreams.Clean(kept), s.Width))
			continue
		}
		paragraph = append(paragraph, iostreams.Clean(kept))
	}
	flush()
	if b.Len() == 1 {
		return "", nil
	}
	return b.String(), nil
}

// indented keeps a line as it is, unless it is a term and its meaning, which is
// wrapped within its column.
func indented(line string, width int) string {
	text := strings.TrimLeft(line, " ")
	term, meaning, defines := strings.Cut(text, gap)
	if !defines {
		return line + "\n"
	}
	meaning = strings.TrimLeft(meaning, " ")
	column := len(line) - len(meaning)
	lead := line[:column]
	if width < narrowScreen {
		column = 3 * len(indent)
		lead = strings.Repeat(" ", len(line)-len(text)) + term + "\n" + strings.Repeat(" ", column)
	}
	var b strings.Builder
	for _, part := range wrap(meaning, width-column) {
		b.WriteString(lead + part + "\n")
		lead = strings.Repeat(" ", column)
	}
	return b.String()
}

func (v *Verbatim) render(s Screen) (string, error) {
	lines := slices.DeleteFunc(strings.Split(v.Lines, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	if len(lines) == 0 {
		return "", nil
	}
	var b strings.Builder
	b.WriteString(title(s, v.Title))
	for _, line := range lines {
		b.WriteString(indent + strings.TrimSpace(iostreams.Clean(line)) + "\n")
	}
	return b.String(), nil
}

func title(s Screen, text string) string {
	if text == "" {
		return ""
	}
	return s.paint(Strong, iostreams.Clean(text)) + "\n"
}

// Wrap breaks text at blanks so that no line is wider than the width, unless a
// single word is.
func Wrap(text string, width int) []string {
	narrow()
	return wrap(text, width)
}
