package output

import (
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// Marked is one line of Marks: a mark, a name, a text, and below it a note.
type Marked struct {
	Mark string // one character
	Tone Tone   // of the mark
	Name string
	Text string
	Note string
}

// Marks are laid out one below the other, the texts aligned and wrapped. On a
// narrow screen the text stands below the name.
type Marks []Marked

var _ Block = Marks(nil)

// minText is the least width that a text is read well in.
const minText = 30

func (m Marks) render(s Screen) (string, error) {
	widest := 0
	for _, line := range m {
		widest = max(widest, twwidth.Width(line.Name))
	}
	hang := len(indent)*2 + widest
	below := s.Width-hang < minText
	if below {
		hang = len(indent)
	}
	var b strings.Builder
	for _, line := range m {
		lead := s.paint(line.Tone, line.Mark) + " " + line.Name
		if below {
			b.WriteString(lead + "\n")
			lead = strings.Repeat(" ", hang)
		} else {
			lead += strings.Repeat(" ", hang-len(indent)-twwidth.Width(line.Name))
		}
		for _, text := range wrap(iostreams.Clean(line.Text), s.Width-hang) {
			b.WriteString(strings.TrimRight(lead+text, " ") + "\n")
			lead = strings.Repeat(" ", hang)
		}
		if line.Note == "" {
			continue
		}
		for _, text := range wrap("→ "+iostreams.Clean(line.Note), s.Width-hang) {
			b.WriteString(strings.Repeat(" ", hang) + s.paint(Faint, text) + "\n")
		}
	}
	return b.String(), nil
}
