package dqops

import "strings"

// MatchesPattern compares as the server's filters of checks and statistics do:
// case is ignored, an empty pattern matches all, and the first star splits, the
// rest is literal, but for *mid* (wire 3.2.1).
func MatchesPattern(pattern, text string) bool {
	pattern, text = fold(pattern), fold(text)
	if pattern == "" || pattern == "*" {
		return true
	}
	if len(pattern) > 1 && strings.HasPrefix(pattern, "*") && strings.HasSuffix(pattern, "*") {
		return strings.Contains(text, pattern[1:len(pattern)-1])
	}
	before, after, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	return len(text) >= len(before)+len(after) && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
}

// fold drops case as Java does, which compares letters in upper and then in lower
// case: a dotless i is an i.
func fold(text string) string { return strings.ToLower(strings.ToUpper(text)) }
