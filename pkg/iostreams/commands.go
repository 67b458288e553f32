package iostreams

import (
	"bytes"
	"strings"
)

// CI systems obey lines of a log: `##vso[task.complete result=Succeeded]` anywhere in
// one turns a failed step of Azure Pipelines green, `##[...]` and a line that begins
// with `::` are commands to GitHub Actions. A server's text may hold them, and a log
// cannot be told that it is text, wherever it is read.

// withoutCommands breaks such a mark, visibly, in text that may have several lines.
func withoutCommands(text string) string {
	if at := commandMark(text); at >= 0 {
		var b strings.Builder
		for ; at >= 0; at = commandMark(text) {
			b.WriteString(text[:at+1] + " ")
			text = text[at+1:]
		}
		text = b.String() + text
	}
	if !strings.Contains(text, "::") {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if rest := strings.TrimLeft(line, " "); strings.HasPrefix(rest, "::") {
			lines[i] = line[:len(line)-len(rest)] + ": " + rest[1:]
		}
	}
	return strings.Join(lines, "\n")
}

// commandMark finds the first `##`, letters, `[`; -1 when there is none.
func commandMark(text string) int {
	for from := 0; ; {
		at := strings.Index(text[from:], "##")
		if at < 0 {
			return -1
		}
		at += from
		rest := strings.TrimLeft(text[at+2:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
		if strings.HasPrefix(rest, "[") {
			return at
		}
		from = at + 1
	}
}

// escapeCommands writes the second # of such a mark in a JSON text as an escape,
// which says the same. It can stand in a string only, and a line of JSON begins with
// no colon.
func escapeCommands(text []byte) []byte {
	if !bytes.Contains(text, []byte("##")) {
		return text
	}
	var escaped []byte
	rest := string(text)
	for at := commandMark(rest); at >= 0; at = commandMark(rest) {
		escaped = append(escaped, rest[:at+1]+`\u0023`...)
		rest = rest[at+2:]
	}
	return append(escaped, rest...)
}
