package request

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// source is where a value came from: a place in a file, or a flag.
type source struct {
	name         string // of the field or flag
	file         string // empty for a flag
	line, column int
}

// lead begins a message about the source.
func (s source) lead() string {
	lead := ""
	if s.file != "" {
		lead = fmt.Sprintf("%s:%d:%d: ", s.file, s.line, s.column)
	}
	if s.name != "" {
		lead += s.name + " "
	}
	return lead
}

// mention names the source within a message.
func (s source) mention() string {
	if s.file == "" {
		return s.name
	}
	return fmt.Sprintf("%s (%s:%d:%d)", s.name, s.file, s.line, s.column)
}

type problem struct {
	at   source
	text string
	hint string
}

const (
	problemsShown = 10
	problemsKept  = 100
)

// problems collects what is wrong, so that all of it is said at once.
type problems struct {
	kept []problem
	more int
}

func (p *problems) add(at source, hint, format string, args ...any) {
	if p.full() {
		p.more++
		return
	}
	p.kept = append(p.kept, problem{at, at.lead() + fmt.Sprintf(format, args...), hint})
}

// hintSince gives the problems found since there were count of them a hint, if
// they have none.
func (p *problems) hintSince(count int, hint string) {
	for i := count; i < len(p.kept); i++ {
		p.kept[i].hint = cmp.Or(p.kept[i].hint, hint)
	}
}

// merge adds what the other found and this one does not know yet.
func (p *problems) merge(other problems) {
	for _, each := range other.kept {
		switch {
		case slices.ContainsFunc(p.kept, func(known problem) bool { return known.text == each.text }):
		case p.full():
			p.more++
		default:
			p.kept = append(p.kept, each)
		}
	}
	p.more = max(p.more, other.more)
}

// full says that further problems are only counted.
func (p *problems) full() bool { return len(p.kept) >= problemsKept }

func (p *problems) count() int { return len(p.kept) + p.more }

// err is one usage error with a line for each problem, in the order of the file
// and the flags after it; nil when there is none.
func (p *problems) err() error {
	if p.count() == 0 {
		return nil
	}
	sorted := slices.Clone(p.kept)
	slices.SortStableFunc(sorted, func(a, b problem) int {
		return cmp.Or(
			cmp.Compare(b.at.file, a.at.file),
			cmp.Compare(a.at.line, b.at.line),
			cmp.Compare(a.at.column, b.at.column),
		)
	})
	rest := p.more
	if len(sorted) > problemsShown {
		rest += len(sorted) - problemsShown
		sorted = sorted[:problemsShown]
	}
	var lines, hints []string
	for _, each := range sorted {
		lines = append(lines, each.text)
		if each.hint != "" && !slices.Contains(hints, each.hint) {
			hints = append(hints, each.hint)
		}
	}
	if rest > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", rest))
	}
	return exit.Usagef(strings.Join(hints, "; "), "%s", strings.Join(lines, "\n"))
}

// quote shows foreign text on one line, shortened.
func quote(text string) string {
	const most = 60
	count := 0
	for i := range text {
		if count == most {
			return fmt.Sprintf("%q", text[:i]+"...")
		}
		count++
	}
	return fmt.Sprintf("%q", text)
}

// printable shows the name of a field as it is if it could be one.
func printable(name string) string {
	plain := func(r rune) bool {
		return r == '_' || r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if name == "" || len(name) > 60 || strings.ContainsFunc(name, func(r rune) bool { return !plain(r) }) {
		return quote(name)
	}
	return name
}
