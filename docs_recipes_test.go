package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// recipes are the files for other systems, by their slashed path.
func recipes(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join("docs", "ci"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, "docs/ci/"+entry.Name())
	}
	return names
}

// inRecipe is a command line of dqoctl inside whatever language; it ends where
// that one's quotes do.
var inRecipe = regexp.MustCompile(`(?:^|[\s'])(dqoctl [a-z-]+ --[^'\n]*)`)

// recipeLines hands over the command lines of the recipes with their variables
// filled in.
func recipeLines(t *testing.T, add func(where, line string)) {
	t.Helper()
	for _, name := range recipes(t) {
		found := 0
		for line := range strings.SplitSeq(document(t, name), "\n") {
			m := inRecipe.FindStringSubmatch(line)
			if m == nil || strings.HasPrefix(strings.TrimSpace(line), "#") || strings.HasPrefix(strings.TrimSpace(line), "//") {
				continue
			}
			found++
			add(name, shellVariables.Replace(m[1]))
		}
		if found == 0 {
			t.Errorf("%s runs no dqoctl", name)
		}
	}
}

// shellVariables has those that the command lines do not work without.
var shellVariables = strings.NewReplacer("$connection", "shop", "$table", "*")

// TestRecipesAreYAML parses those that are.
func TestRecipesAreYAML(t *testing.T) {
	t.Parallel()
	parsed := 0
	for _, name := range recipes(t) {
		if filepath.Ext(name) != ".yaml" {
			continue
		}
		parsed++
		var content map[string]any
		if err := yaml.Unmarshal([]byte(document(t, name)), &content); err != nil || len(content) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if parsed < 3 {
		t.Errorf("%d recipes are YAML", parsed)
	}
}

// TestTheIndexOfRecipes: each is named on the page about them.
func TestTheIndexOfRecipes(t *testing.T) {
	t.Parallel()
	page := document(t, "docs/ci.md")
	for _, name := range recipes(t) {
		if !strings.Contains(page, "]("+strings.TrimPrefix(name, "docs/")+")") {
			t.Errorf("docs/ci.md does not name %s", name)
		}
	}
}

// TestMessagesOfTroubleshooting: a message that the page explains is one that the
// code has, or the server.
func TestMessagesOfTroubleshooting(t *testing.T) {
	t.Parallel()
	sources := sourceText(t)
	rows := 0
	for line := range strings.Lines(document(t, "docs/troubleshooting.md")) {
		cell, _, isRow := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !strings.HasPrefix(line, "| `") || !isRow {
			continue
		}
		rows++
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
			for part := range strings.SplitSeq(m[1], "...") {
				if !strings.Contains(sources, strings.TrimSpace(part)) {
					t.Errorf("no message has %q", part)
				}
			}
		}
	}
	if rows < 10 {
		t.Errorf("only %d messages are explained", rows)
	}
}

// sourceText is the code that writes messages, and what the server is known to say.
func sourceText(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	all.WriteString(document(t, "docs/jobs-api.md"))
	for _, folder := range []string{"cmd", "pkg"} {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				all.WriteString(document(t, filepath.ToSlash(path)))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}
