package progress

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// sentence is a state for the lines of a log: "running, 3 of 5 tables, behind job 17".
func (s State) sentence() string {
	parts := []string{s.Status}
	switch {
	case s.Total > 0:
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d of %d %s", s.Done, s.Total, s.Unit)))
	case s.Done > 0:
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", s.Done, s.Unit)))
	}
	parts = append(parts, s.Note)
	return join(parts, ", ")
}

// glance is a state for a line of at most room columns, in ASCII:
// "running  3/5 tables  behind job 17  4s". What has no room is left out, so that no
// id is cut; the elapsed time is kept longest.
func (s State) glance(elapsed time.Duration, room int) string {
	count := ""
	switch {
	case s.Total > 0:
		count = strings.TrimSpace(fmt.Sprintf("%d/%d %s", s.Done, s.Total, s.Unit))
	case s.Done > 0:
		count = strings.TrimSpace(fmt.Sprintf("%d %s", s.Done, s.Unit))
	}
	tail := seconds(elapsed)
	if room < len(tail) {
		return ""
	}
	left := room - len(tail) - 2
	head := cut(ascii(iostreams.Clean(s.Status)), left)
	shorter := []string{s.Status, count}
	if count == "" {
		shorter = []string{s.Note}
	}
	for _, parts := range [][]string{{s.Status, count, s.Note}, shorter} {
		if text := ascii(join(parts, "  ")); text != "" && len(text) <= left {
			head = text
			break
		}
	}
	return join([]string{head, tail}, "  ")
}

// join leaves out what is empty.
func join(parts []string, separator string) string {
	var b strings.Builder
	for _, part := range parts {
		part = iostreams.Clean(part)
		if part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(separator)
		}
		b.WriteString(part)
	}
	return b.String()
}

// ascii keeps bytes and columns the same number.
func ascii(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '?'
		}
		return r
	}, text)
}

func cut(text string, room int) string {
	const mark = "..."
	switch {
	case len(text) <= room:
		return text
	case room <= len(mark):
		return ""
	}
	return strings.TrimRight(text[:room-len(mark)], " ") + mark
}

func seconds(d time.Duration) string { return d.Truncate(time.Second).String() }
