// Package yamltext tells where a text is no YAML. It is internal to dqoctl and may
// change without notice.
package yamltext

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ofLine is how the parser names a line, and of which kind its errors are that count
// lines from 0: those of its grammar, unlike those of its scanner.
var (
	ofLine    = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)
	ofGrammar = regexp.MustCompile(`^did not find expected (<document start>|node content|'-' indicator|key|',' or ('\]'|'\}'))`)
)

// Explain is the parser's error with its line, from 1, and the column, from 1, where
// what stands on that line begins; of a tab that indents, which is what most errors
// come from, the column of the tab. An error that names no line stays as it is, but
// for its prefix.
func Explain(text []byte, err error) string {
	said := ofLine.FindStringSubmatch(err.Error())
	if said == nil {
		return strings.TrimPrefix(err.Error(), "yaml: ")
	}
	number, _ := strconv.Atoi(said[1]) // digits
	if ofGrammar.MatchString(said[2]) {
		number++
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n \t"), "\n")
	// What is not closed is missed behind the end.
	number = max(1, min(number, len(lines)))
	for at := number; at <= min(number+1, len(lines)); at++ {
		if tab := strings.IndexByte(indentation(lines[at-1]), '\t'); tab >= 0 {
			return fmt.Sprintf("line %d, column %d: a tab, and YAML is indented with blanks", at, tab+1)
		}
	}
	return fmt.Sprintf("line %d, column %d: %s", number, len(indentation(lines[number-1]))+1, said[2])
}

func indentation(line string) string { return line[:len(line)-len(strings.TrimLeft(line, " \t"))] }
