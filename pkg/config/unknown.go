package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fileError is a mistake in the configuration file with what to do about it.
type fileError struct {
	error
	hint string
}

func hintOf(err error) string {
	if e, ok := errors.AsType[*fileError](err); ok {
		return e.hint
	}
	return ""
}

// unknownKey is the error for a key that does not belong where it stands: in the
// profile, or at the top for an empty one. It shows no value.
func unknownKey(key *yaml.Node, profile string) error {
	name := key.Value
	o, option := lookup(name)
	switch {
	case name == nameToken:
		return &fileError{
			complain(key, "a token never stands in this file"),
			"put it into a file of its own and name that with " + nameTokenFile,
		}
	case profile == "" && option && o.Profile:
		return &fileError{
			complain(key, "%s belongs into a profile", name),
			fmt.Sprintf("%s: {NAME: {%s: ...}}, and %s: NAME", keyProfiles, name, keyCurrent),
		}
	case profile != "" && option:
		return complain(key, "%s is not for profiles, only for the flag --%s and %s", name, name, o.Env)
	}
	known, where := []string{keyCurrent, keyProfiles}, ""
	if profile != "" {
		known, where = profileKeys(), " in profile "+profile
	}
	did := ""
	if near := nearest(name, known); near != "" {
		did = fmt.Sprintf(", did you mean %q?", near)
	}
	return &fileError{complain(key, "unknown key %q%s%s", name, where, did), "known here: " + strings.Join(known, ", ")}
}

func profileKeys() []string {
	var keys []string
	for _, o := range table {
		if o.Profile {
			keys = append(keys, o.Name)
		}
	}
	slices.Sort(keys)
	return keys
}

// nearest is the word that a mistyped one most likely means, empty when none is
// near.
func nearest(word string, known []string) string {
	word = strings.ToLower(strings.ReplaceAll(word, "_", "-"))
	best, least := "", max(2, len(word)/3)+1
	for _, k := range known {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
