package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// Tone colours a piece of text where colour is on. It never carries meaning
// alone: a mark or a word says the same.
type Tone int

// The tones.
const (
	Plain Tone = iota
	Good
	Doubtful
	Bad
	Faint
	Strong
)

// Screen is where a document goes.
type Screen struct {
	Width int
	Color bool
}

// Document is a result laid out for reading: a headline, then blocks with a
// blank line between them.
type Document struct {
	Mark     string // one character before the headline
	Headline string
	Tone     Tone
	Blocks   []Block
}

// Block is a part of a document: Fields, a Table or Lines.
type Block interface {
	render(Screen) (string, error)
}

// Field is a name and its value.
type Field struct {
	Name, Value string
	Tone        Tone // of the value
}

// Fields are laid out one a line, the values aligned.
type Fields []Field

// Section is a block with a title above it.
type Section struct {
	Title string
	Block Block
}

// Lines are printed as they are, indented, wrapped at the width.
type Lines []string

var (
	_ Block = Fields(nil)
	_ Block = Section{}
	_ Block = Lines(nil)
	_ Block = (*Table)(nil)
)

const indent = "  "

// Print writes the document at once. All text in it is made safe for a terminal.
func Print(w io.Writer, screen Screen, d Document) error {
	narrow()
	var b strings.Builder
	if d.Headline != "" {
		b.WriteString(screen.headline(d))
	}
	for _, block := range d.Blocks {
		text, err := block.render(screen)
		if err != nil {
			return fmt.Errorf("lay out the result: %w", err)
		}
		if text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString(text)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s Screen) headline(d Document) string {
	lead, hang := "", ""
	if d.Mark != "" {
		lead, hang = s.paint(d.Tone, d.Mark)+" ", indent
	}
	var b strings.Builder
	for _, line := range wrap(iostreams.Clean(d.Headline), s.Width-len(hang)) {
		b.WriteString(lead + s.paint(Strong, line) + "\n")
		lead = hang
	}
	return b.String()
}

// narrow makes the layout the same in every locale: the library guesses from the
// environment how wide marks such as … are.
func narrow() { twwidth.SetEastAsian(false) }

func (s Screen) paint(tone Tone, text string) string {
	codes := map[Tone]string{Good: "32", Doubtful: "33", Bad: "31", Faint: "2", Strong: "1"}
	code, ok := codes[tone]
	if !s.Color || !ok || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (f Fields) render(s Screen) (string, error) {
	widest := 0
	for _, field := range f {
		widest = max(widest, twwidth.Width(field.Name))
	}
	var b strings.Builder
	for _, field := range f {
		if strings.TrimSpace(field.Value) == "" {
			continue
		}
		name := field.Name + strings.Repeat(" ", widest-twwidth.Width(field.Name))
		lead := indent + s.paint(Faint, name) + indent
		hang := strings.Repeat(" ", len(indent)*2+widest)
		for i, line := range wrap(iostreams.Clean(field.Value), s.Width-len(hang)) {
			if i > 0 {
				lead = s.hanging(hang, line)
			}
			b.WriteString(lead + s.paint(field.Tone, line) + "\n")
		}
	}
	return b.String(), nil
}

// hanging moves a line that a single long word makes too wide, an id perhaps, to
// the left if it fits there.
func (s Screen) hanging(hang, line string) string {
	if twwidth.Width(hang)+twwidth.Width(line) > s.Width && len(indent)*2+twwidth.Width(line) <= s.Width {
		return indent + indent
	}
	return hang
}

func (p Section) render(s Screen) (string, error) {
	text, err := p.Block.render(s)
	if err != nil || text == "" {
		return "", err
	}
	return indent + s.paint(Strong, iostreams.Clean(p.Title)) + "\n" + text, nil
}

func (l Lines) render(s Screen) (string, error) {
	var b strings.Builder
	for _, text := range l {
		for _, line := range wrap(iostreams.Clean(text), s.Width-len(indent)) {
			b.WriteString(strings.TrimRight(indent+line, " ") + "\n")
		}
	}
	return b.String(), nil
}

// wrap breaks text at blanks, of which it keeps the others; a word that is wider
// than the width stays whole, so that ids and paths can be copied.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		switch {
		case line == "":
			line = word
		case word == "" || twwidth.Width(line)+1+twwidth.Width(word) <= width:
			line += " " + word
		default:
			lines = append(lines, strings.TrimRight(line, " "))
			line = word
		}
	}
	return append(lines, strings.TrimRight(line, " "))
}
