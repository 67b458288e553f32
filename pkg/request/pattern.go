package request

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A complaint says what is wrong with a value, as the rest of a sentence that
// begins with the value's name; it is empty when nothing is.
type complaint = string

// isBlank reports a selector that the server would take as not set, or as
// nothing that exists.
func isBlank(text string) bool { return strings.TrimSpace(text) == "" }

// checkName refuses what no name has: a line break left over from a file read
// into a variable, or bytes that JSON cannot carry.
func checkName(text string) complaint {
	switch {
	case !utf8.ValidString(text):
		return "is not UTF-8: " + quote(text)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "has a line break or another control character in it: " + quote(text)
	}
	return ""
}

// checkExact is for the fields that the server compares as they are (wire 3.2).
func checkExact(text string) complaint {
	if strings.Contains(text, "*") {
		return "is compared exactly, * does not stand for anything there: " + quote(text)
	}
	return ""
}

// checkPattern refuses what looks like a pattern and is none for the server,
// which takes a further * as a letter (wire 3.2.1).
func checkPattern(text string) complaint {
	stars := strings.Count(text, "*")
	inside := len(text) > 2 && strings.HasPrefix(text, "*") && strings.HasSuffix(text, "*")
	if stars <= 1 || (stars == 2 && inside) {
		return ""
	}
	return "is no pattern of the server: " + quote(text) + "; it knows *, start*, *end, *middle* and start*end"
}

// checkTable takes schema.table, or a table alone, which the server looks for in
// all schemas; both parts may be patterns and stand in quotes or brackets. The
// server splits at the first dot and takes an empty part as all (wire 3.2.1).
func checkTable(text string) complaint {
	schema, table, split := strings.Cut(text, ".")
	if !split {
		schema, table = "*", text
	}
	schema, closed := unwrap(schema)
	if !closed {
		return "is split at its first dot, also within quotes and brackets: " + quote(text) + "; a schema with a dot in its name cannot be selected, use * for the dot"
	}
	table, _ = unwrap(table)
	switch {
	case isBlank(schema) && isBlank(table):
		return "is empty: " + quote(text) + `; the server would take it as "all tables"`
	case isBlank(schema):
		return "has no schema before the dot: " + quote(text) + `; the server would take it as "all schemas", write ` + quote("*."+table) + " if that is meant"
	case isBlank(table):
		return "has no table after the dot: " + quote(text) + `; the server would take it as "all tables", write ` + quote(schema+".*") + " if that is meant"
	}
	if bad := checkPattern(schema); bad != "" {
		return bad
	}
	return checkPattern(table)
}

// unwrap takes off the quotes or brackets that a part of a table name may have;
// closed is false when only the opening one is there.
func unwrap(part string) (inner string, closed bool) {
	for _, pair := range []string{"[]", "''", `""`, "``"} {
		if !strings.HasPrefix(part, pair[:1]) {
			continue
		}
		if len(part) < 2 || !strings.HasSuffix(part, pair[1:]) {
			return part, false
		}
		return part[1 : len(part)-1], true
	}
	return part, true
}

// canonicalTable is the same for all ways to write the same table or pattern
// (wire 3.2.1).
func canonicalTable(text string) string {
	schema, table, split := strings.Cut(text, ".")
	if !split {
		schema, table = "*", text
	}
	schema, _ = unwrap(schema)
	table, _ = unwrap(table)
	return strings.ToLower(schema + "." + table)
}

// oneOf is for the values of an enumeration, which are case-sensitive on the
// server (wire 3.1).
func oneOf(allowed ...string) func(string) complaint {
	return func(text string) complaint {
		if slices.Contains(allowed, text) {
			return ""
		}
		return NoneOf(text, allowed)
	}
}

// NoneOf says of a flag or field, whose name comes before it, that its word is not
// one of those allowed, and which one is near.
func NoneOf(word string, allowed []string) string {
	bad := "is " + quote(word) + ", not one of " + strings.Join(allowed, ", ")
	if meant, ok := Nearest(word, allowed); ok {
		bad += "; did you mean " + meant + "?"
	}
	return bad
}

// checkNothing is for texts that may hold anything, such as cron expressions.
func checkNothing(string) complaint { return "" }
