package cmd

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// maxFindings is how many findings a summary for people names.
const maxFindings = 20

// standingText counts what was found.
func standingText(s *verdict.Standing) string {
	var parts []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(s.Fatals, "fatal", "fatal")
	add(s.Errors, "error", "errors")
	add(s.Warnings, "warning", "warnings")
	add(s.ExecutionErrors, "crashed check", "crashed checks")
	add(s.Stale, "stale result", "stale results")
	if len(parts) == 0 {
		parts = append(parts, "no issue")
	}
	text := strings.Join(parts, ", ")
	if s.Tables == 1 {
		text += " in 1 table"
	} else {
		text += fmt.Sprintf(" in %d tables", s.Tables)
	}
	if s.WithoutVerdict != nil && *s.WithoutVerdict > 0 {
		text += fmt.Sprintf("; %d values without a verdict", *s.WithoutVerdict)
	}
	if s.Coverage == verdict.CoverageApproximate {
		text += " (approximate: what the run covered is not exactly known)"
	}
	return text
}

// findingBlocks lists the worst findings, a table of them for each table of data.
// Times on the day of now are shown without their date.
func findingBlocks(findings []verdict.Finding, now time.Time) []output.Block {
	shown := findings[:min(len(findings), maxFindings)]
	var blocks []output.Block
	var order []string
	tables := make(map[string]*output.Table)
	for _, f := range shown {
		name := f.Connection + ": " + f.Schema + "." + f.Table
		t, ok := tables[name]
		if !ok {
			t = &output.Table{Title: name, Lead: 3, Columns: []output.Column{
				{Name: "SEVERITY"},
				{Name: "COLUMN"},
				{Name: "CHECK"},
				{Name: "VALUE", Right: true},
				{Name: "LIMIT"},
				{Name: "PERIOD"},
				{Name: "NOTE", Shrinks: true},
			}}
			tables[name] = t
			order = append(order, name)
		}
		t.Rows = append(t.Rows, findingRow(f, now))
	}
	for _, name := range order {
		blocks = append(blocks, tables[name])
	}
	var lines output.Lines
	if more := len(findings) - len(shown); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more, -o json shows all", more))
	}
	lines = append(lines, crashReasons(findings)...)
	if len(lines) > 0 {
		blocks = append(blocks, lines)
	}
	return blocks
}

func findingRow(f verdict.Finding, now time.Time) []output.Cell {
	word, tone := findingMark(f)
	check := f.Check
	if f.Comparison != "" {
		check += "/" + f.Comparison
	}
	period, _, _ := strings.Cut(f.TimePeriod, "T00:00:00")
	if f.DataGroup != "" && f.DataGroup != dqops.NoGrouping {
		period += " [" + f.DataGroup + "]"
	}
	return []output.Cell{
		{Text: word, Tone: tone},
		{Text: orDash(f.Column)},
		{Text: check},
		{Text: number(f.ActualValue)},
		{Text: limitOf(f)},
		{Text: period},
		{Text: noteOf(f, now)},
	}
}

func findingMark(f verdict.Finding) (string, output.Tone) {
	switch {
	case f.Crashed != "":
		return "✗ crashed", output.Bad
	case f.Stale:
		return "? stale", output.Doubtful
	case f.Severity == dqops.SeverityWarning:
		return "! warning", output.Doubtful
	default:
		return "✗ " + string(f.Severity), output.Bad
	}
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// number writes a value for reading; JSON has it exactly.
func number(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(math.Round(*v*10000)/10000, 'f', -1, 64)
}

// limitOf is the bound of the severity that the finding has.
func limitOf(f verdict.Finding) string {
	b := f.Bounds
	lower, upper := b.WarningLower, b.WarningUpper
	switch f.Severity {
	case dqops.SeverityError:
		lower, upper = b.ErrorLower, b.ErrorUpper
	case dqops.SeverityFatal:
		lower, upper = b.FatalLower, b.FatalUpper
	case dqops.SeverityValid:
		return "-"
	default:
	}
	switch {
	case lower != nil && upper != nil:
		return number(lower) + " to " + number(upper)
	case lower != nil:
		return "min " + number(lower)
	case upper != nil:
		return "max " + number(upper)
	}
	return "-"
}

func noteOf(f verdict.Finding, now time.Time) string {
	switch {
	case f.Crashed != "":
		note := f.Crashed + " crashed"
		if f.CrashedBefore {
			note += " at " + shortTime(f.ExecutedAt, now) + ", not evaluated since"
		}
		return note
	case f.Stale:
		return fmt.Sprintf("never judged; the result of %s is of value %s (%s)", shortTime(f.ExecutedAt, now), number(f.JudgedValue), f.Severity)
	case f.Unchanged:
		return "unchanged since " + shortTime(f.ExecutedAt, now)
	}
	return ""
}

func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return "the server gives no reason"
}

// shortTime is a server's instant in this machine's zone.
func shortTime(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// crashReasons says once why checks crashed, and where one broken column took
// others with it: the sensors of a table are merged into one query (wire L3).
func crashReasons(findings []verdict.Finding) []string {
	type cause struct{ table, source, reason string }
	columns := make(map[cause]map[string]bool)
	checks := make(map[cause]int)
	var order []cause
	for _, f := range findings {
		if f.Crashed == "" {
			continue
		}
		c := cause{f.Schema + "." + f.Table, f.Crashed, firstLine(f.Reason)}
		if columns[c] == nil {
			columns[c] = make(map[string]bool)
			order = append(order, c)
		}
		columns[c][f.Column] = true
		checks[c]++
	}
	var lines []string
	for _, c := range order {
		noun := "check"
		if checks[c] > 1 {
			noun = "checks"
		}
		line := fmt.Sprintf("%d %s of %s, %s crashed: %s", checks[c], noun, c.table, c.source, c.reason)
		if c.source == "sensor" && len(columns[c]) > 1 {
			line += " (their sensors share one query: one broken column is enough)"
		}
		lines = append(lines, line)
	}
	return lines
}
