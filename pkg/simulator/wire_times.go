package simulator

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The time formats of request bodies (wire T8). What is read is kept in the
// form in which the server echoes it.

const (
	javaDate     = "java.time.LocalDate"
	javaDateTime = "java.time.LocalDateTime"
	javaOffset   = "java.time.OffsetDateTime"
)

// date reads 2024-02-03, the same with a time that is dropped, [2024,2,3], and
// "" as null.
func (r *reader) date(name string) *string {
	raw := r.value(name)
	if raw == nil {
		return nil
	}
	var parts []int
	if json.Unmarshal(raw, &parts) == nil && len(parts) == 3 {
		text := time.Date(parts[0], time.Month(parts[1]), parts[2], 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		return &text
	}
	text := r.text(name)
	if text == nil || *text == "" {
		return nil
	}
	day := *text
	if before, after, cut := strings.Cut(day, "T"); cut {
		if _, ok := parseLocal(strings.TrimSuffix(day, "Z")); ok || after == "" {
			day = before
		}
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		r.badTime(javaDate, *text, "dddd-dd-dd")
		return nil
	}
	return &day
}

// dateTime reads 2024-02-03T10:00[:00[.0]]; a trailing Z is dropped, an offset
// or a blank for the T is wrong.
func (r *reader) dateTime(name string) *string {
	text := r.text(name)
	if text == nil || *text == "" {
		return nil
	}
	at, ok := parseLocal(strings.TrimSuffix(*text, "Z"))
	if !ok {
		r.badTime(javaDateTime, *text, "dddd-dd-ddTdd:dd:dd")
		return nil
	}
	echo := strings.TrimSuffix(instant(at).String(), "Z")
	return &echo
}

// offsetDateTime reads a date-time with an offset and converts it to UTC.
func (r *reader) offsetDateTime(name string) *string {
	text := r.text(name)
	if text == nil || *text == "" {
		return nil
	}
	for _, seconds := range []string{":05", ""} {
		for _, zone := range []string{"Z07:00", "Z0700", "Z07"} {
			if at, err := time.Parse("2006-01-02T15:04"+seconds+zone, *text); err == nil {
				echo := instant(at).String()
				return &echo
			}
		}
	}
	r.badTime(javaOffset, *text, "dddd-dd-ddTdd:dd:dd")
	return nil
}

func parseLocal(text string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

func (r *reader) badTime(class, text, pattern string) {
	cause := fmt.Sprintf("Text '%s' could not be parsed at index %d", text, firstMismatch(text, pattern))
	r.fail(errDecoding(fmt.Sprintf("Cannot deserialize value of type `%s` from String %q: "+
		"Failed to deserialize %s: (java.time.format.DateTimeParseException) %s", class, text, class, cause)))
}

// firstMismatch returns where a text stops to look like the pattern, in which
// d stands for a digit; a field of digits is wrong from its first one.
func firstMismatch(text, pattern string) int {
	for i := range len(pattern) {
		isDigit := i < len(text) && text[i] >= '0' && text[i] <= '9'
		switch {
		case pattern[i] == 'd' && !isDigit:
			return strings.LastIndexFunc(pattern[:i], func(r rune) bool { return r != 'd' }) + 1
		case pattern[i] != 'd' && (i >= len(text) || text[i] != pattern[i]):
			return i
		}
	}
	return len(pattern)
}
