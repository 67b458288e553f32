package output

import (
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// Column describes one column of a table.
type Column struct {
	Name string
	// Right aligns the cells to the right, as numbers are read.
	Right bool
	// Shrinks says that the column holds prose and may be cut to fit the width;
	// names and ids are never cut.
	Shrinks bool
	// Spare is the turn in which a list on a narrow terminal does without the column,
	// the lowest first; 0: never.
	Spare int
}

// Cell is one value of a table.
type Cell struct {
	Text string
	Tone Tone
	// Exact is what a List gives to programs instead of the text; empty: the text.
	Exact string
}

// Table is a list for people: no frame, one line a row.
type Table struct {
	Title   string
	Columns []Column
	Rows    [][]Cell
	// Lead is how many cells stay together on the first line of a row when the
	// screen is too narrow for one line a row; 0 keeps it at one line.
	Lead int
}

const (
	reset       = "\x1b[0m"
	gap         = "  "
	narrowProse = 12
)

func (t *Table) render(s Screen) (string, error) {
	if len(t.Rows) == 0 {
		return "", nil
	}
	text, err := t.rows(s)
	if err != nil {
		return "", err
	}
	title := ""
	if t.Title != "" {
		title = indent + s.paint(Strong, iostreams.Clean(t.Title)) + "\n"
	}
	return title + indentLines(text, indent), nil
}

// rows lays the rows out one a line or, when they are wider than the screen and
// the table says how, over two and more lines each.
func (t *Table) rows(s Screen) (string, error) {
	texts := clean(t.Rows)
	if !fit(t.Columns, texts, s.Width-len(indent)) && t.Lead > 0 {
		return t.folded(s), nil
	}
	return t.layout(texts, s)
}

// folded puts the leading cells of a row on one line and the others, with their
// names, below it.
func (t *Table) folded(s Screen) string {
	var b strings.Builder
	for i, texts := range clean(t.Rows) {
		t.writeLead(&b, s, t.Rows[i], texts)
		var rest []string
		for j := t.Lead; j < len(texts); j++ {
			switch {
			case texts[j] == "", texts[j] == "-":
			case t.Columns[j].Shrinks:
				rest = append(rest, texts[j])
			default:
				rest = append(rest, strings.ToLower(t.Columns[j].Name)+" "+texts[j])
			}
		}
		if len(rest) == 0 {
			continue
		}
		for _, line := range wrap(strings.Join(rest, ", "), s.Width-3*len(indent)) {
			b.WriteString(indent + indent + line + "\n")
		}
	}
	return b.String()
}

// writeLead writes the cells that stay together, on further lines what does not fit.
func (t *Table) writeLead(b *strings.Builder, s Screen, row []Cell, texts []string) {
	used := 0
	for j := range t.Lead {
		width := twwidth.Width(texts[j])
		switch {
		case j == 0:
		case used+len(gap)+width > s.Width-len(indent):
			b.WriteString("\n" + gap)
			used = len(gap)
		default:
			b.WriteString(gap)
			used += len(gap)
		}
		for i, part := range wrap(texts[j], s.Width-len(indent)-len(gap)) {
			if i > 0 {
				b.WriteString("\n" + gap)
			}
			b.WriteString(s.paint(row[j].Tone, part))
		}
		used += width
	}
	b.WriteByte('\n')
}

// manyRows is the length from which a table is laid out without the library, which
// takes ten times as long and copies every row several times.
const manyRows = 1000

func (t *Table) layout(texts [][]string, s Screen) (string, error) {
	if len(t.Rows) > manyRows {
		return t.plainLayout(texts, s), nil
	}
	var b strings.Builder
	table := newTable(&b, t.Columns)
	header := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		header[i] = s.paint(Faint, column.Name)
	}
	table.Header(header)
	for i, row := range t.Rows {
		painted := make([]string, len(row))
		for j, cell := range row {
			painted[j] = s.paint(cell.Tone, texts[i][j])
		}
		if err := table.Append(painted); err != nil {
			return "", err
		}
	}
	if err := table.Render(); err != nil {
		return "", err
	}
	return b.String(), nil
}

// plainLayout looks as layout does.
func (t *Table) plainLayout(texts [][]string, s Screen) string {
	widths := make([]int, len(t.Columns))
	for j, column := range t.Columns {
		widths[j] = twwidth.Width(column.Name)
		for i := range texts {
			widths[j] = max(widths[j], twwidth.Width(texts[i][j]))
		}
	}
	var b strings.Builder
	line := func(texts []string, tone func(j int) Tone) {
		for j, text := range texts {
			free := strings.Repeat(" ", widths[j]-twwidth.Width(text))
			text = s.paint(tone(j), text)
			if t.Columns[j].Right {
				text, free = free+text, ""
			}
			b.WriteString(text)
			if j < len(texts)-1 {
				b.WriteString(free + gap)
			}
		}
		b.WriteByte('\n')
	}
	names := make([]string, len(t.Columns))
	for j, column := range t.Columns {
		names[j] = column.Name
	}
	line(names, func(int) Tone { return Faint })
	for i, row := range t.Rows {
		line(texts[i], func(j int) Tone { return row[j].Tone })
	}
	return b.String()
}

func clean(rows [][]Cell) [][]string {
	texts := make([][]string, len(rows))
	for i, row := range rows {
		texts[i] = make([]string, len(row))
		for j, cell := range row {
			texts[i][j] = withoutClusters(iostreams.Clean(cell.Text))
		}
	}
	return texts
}

// fit cuts the cells of columns that may shrink until a row fits the width, and
// reports whether it does. The library would shrink every column in proportion,
// ids first.
func fit(columns []Column, texts [][]string, width int) bool {
	narrow()
	used := len(gap) * (len(columns) - 1)
	prose := -1
	widths := make([]int, len(columns))
	for j, column := range columns {
		widths[j] = twwidth.Width(column.Name)
		for i := range texts {
			widths[j] = max(widths[j], twwidth.Width(texts[i][j]))
		}
		used += widths[j]
		if column.Shrinks {
			prose = j
		}
	}
	if prose < 0 || used <= width {
		return used <= width
	}
	room := max(narrowProse, widths[prose]-(used-width))
	for i := range texts {
		// Truncate puts its mark behind a text that fits as well.
		if twwidth.Width(texts[i][prose]) > room {
			texts[i][prose] = twwidth.Truncate(texts[i][prose], room, "…")
		}
	}
	return used-widths[prose]+max(room, twwidth.Width(columns[prose].Name)) <= width
}

// newTable switches off what the library does to text: upper-casing headers,
// centring, trimming, wrapping, frames.
func newTable(b *strings.Builder, columns []Column) *tablewriter.Table {
	aligns := make(tw.Alignment, len(columns))
	for i, column := range columns {
		aligns[i] = tw.AlignLeft
		if column.Right {
			aligns[i] = tw.AlignRight
		}
	}
	return tablewriter.NewTable(b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleNone),
			Settings: tw.Settings{
				Separators: tw.SeparatorsNone,
				Lines:      tw.LinesNone,
			},
		})),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: aligns}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: aligns}),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
		tablewriter.WithPadding(tw.Padding{Right: gap, Overwrite: true}),
	)
}

// indentLines puts the indent before each line and cuts the blanks that the
// library leaves at the ends.
func indentLines(text, indent string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		// The library pads inside a coloured cell.
		if inner, coloured := strings.CutSuffix(line, reset); coloured {
			line = strings.TrimRight(inner, " ") + reset
		}
		if line != "" {
			b.WriteString(indent + line + "\n")
		}
	}
	return b.String()
}
