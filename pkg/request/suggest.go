package request

import "strings"

// Nearest finds the candidate that a mistyped word most likely means: the same
// word in another style of naming, then one that is a few typing mistakes away,
// then the only one that contains it or is contained in it.
func Nearest(word string, candidates []string) (string, bool) {
	if same, ok := sameName(word, candidates); ok {
		return same, true
	}
	plain := []rune(plainName(word))
	if len(plain) < 2 || len(plain) > 64 {
		return "", false
	}
	best, least := "", min(3, max(1, len(plain)/3))+1
	for _, candidate := range candidates {
		if d := distance(plain, []rune(plainName(candidate))); d < least {
			best, least = candidate, d
		}
	}
	if best != "" {
		return best, true
	}
	return onlyRelated(string(plain), candidates)
}

// sameName finds the candidate that differs only in case, underscores, hyphens
// and blanks.
func sameName(word string, candidates []string) (string, bool) {
	plain := plainName(word)
	for _, candidate := range candidates {
		if plain != "" && plain == plainName(candidate) {
			return candidate, true
		}
	}
	return "", false
}

func onlyRelated(plain string, candidates []string) (string, bool) {
	relations := []func(candidate string) bool{
		func(c string) bool { return len(plain) >= 3 && strings.Contains(c, plain) },
		func(c string) bool { return len(c) >= 4 && strings.Contains(plain, c) },
	}
	for _, related := range relations {
		var found []string
		for _, candidate := range candidates {
			if related(plainName(candidate)) {
				found = append(found, candidate)
			}
		}
		if len(found) == 1 {
			return found[0], true
		}
	}
	return "", false
}

var nameStyle = strings.NewReplacer("_", "", "-", "", " ", "")

func plainName(name string) string { return nameStyle.Replace(strings.ToLower(name)) }

// distance counts the letters to insert, delete, replace or swap with their
// neighbour that turn a into b.
func distance(a, b []rune) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row = above, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
