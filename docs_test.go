package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/cmd"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// document reads a file of the project.
func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documents are README.md and everything below docs.
func documents(t *testing.T) []string {
	t.Helper()
	names := []string{"README.md", "CONTRIBUTING.md"}
	err := filepath.WalkDir("docs", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".md" {
			names = append(names, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// builtin is a simulator with the scenario that users get, where folders can be
// synchronized too.
func builtin(t *testing.T) *station {
	t.Helper()
	scenario := simulator.Builtin()
	scenario.CloudKey = true
	takeNoTime(scenario)
	return newStation(t, scenario)
}

var yamlExample = regexp.MustCompile("(?s)```yaml\n# dqoctl ([^\n]+)\n(.*?)```")

// TestBodies runs every example of the page about bodies as its comment says,
// first without sending anything.
func TestBodies(t *testing.T) {
	t.Parallel()
	text := document(t, "docs/bodies.md")
	examples := yamlExample.FindAllStringSubmatch(text, -1)
	if n := strings.Count(text, "```yaml"); n != len(examples) {
		t.Errorf("%d of %d examples say how they are run", len(examples), n)
	}
	starts := []string{"collect-error-samples", "collect-stats", "delete-data", "import-tables", "run-checks", "sync"}
	var covered []string
	for i, example := range examples {
		args := shellWords(t, example[1])
		covered = append(covered, args[0])
		t.Run(fmt.Sprintf("%s %d", args[0], i), func(t *testing.T) {
			s := builtin(t)
			args := s.withFile(args, "body.yaml", example[2])
			shown := s.call(append(args, "--dry-run", "-o", "json")...)
			if shown.code != 0 || len(s.sim.Requests()) > 0 {
				t.Fatalf("dqoctl %s --dry-run: code %d, %d requests\n%s", example[1], shown.code, len(s.sim.Requests()), shown.err)
			}
			got := s.call(append(args, "-o", "json")...)
			if got.code > exit.ExecutionErrors.Code() {
				t.Errorf("dqoctl %s: code %d\n%s%s", example[1], got.code, example[2], got.err)
			}
			request, err := decodeOne(shown.out)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := at(request, "body")
			posted := s.asked("POST", "/api/jobs/")
			if len(posted) != 1 {
				t.Fatalf("%d requests were posted", len(posted))
			}
			if sent, err := decodeOne(string(posted[0].Body)); err != nil || fmt.Sprint(sent) != fmt.Sprint(body) {
				t.Errorf("shown was %v, sent %v (%v)", body, sent, err)
			}
		})
	}
	slices.Sort(covered)
	if covered = slices.Compact(covered); !slices.Equal(covered, starts) {
		t.Errorf("there are examples for %v, want %v", covered, starts)
	}
}

// withFile writes a file and puts its place where the arguments name it.
func (s *station) withFile(args []string, name, text string) []string {
	s.Helper()
	path := s.file(name, text)
	args = slices.Clone(args)
	for i := range args {
		if args[i] == name {
			args[i] = path
		}
	}
	return args
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fence   = regexp.MustCompile("(?s)```.*?```")
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
)

// TestLinks follows the links between the documents.
func TestLinks(t *testing.T) {
	t.Parallel()
	links := 0
	for _, name := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(document(t, name), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			path, anchor, _ := strings.Cut(m[1], "#")
			target := filepath.Join(filepath.Dir(filepath.FromSlash(name)), filepath.FromSlash(path))
			if path == "" {
				target = name
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			} else if anchor != "" && !slices.Contains(anchors(document(t, target)), anchor) {
				t.Errorf("%s links to %s, and there is no such heading", name, m[1])
			}
		}
	}
	if links < 10 {
		t.Errorf("only %d links were found", links)
	}
}

func anchors(text string) []string {
	var found []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		slug := regexp.MustCompile("[^a-z0-9 _-]").ReplaceAllString(strings.ToLower(m[1]), "")
		found = append(found, strings.ReplaceAll(slug, " ", "-"))
	}
	return found
}

var (
	codeRow   = regexp.MustCompile(`(?m)^\| ([0-9 /]+) \| (.+) \|$`)
	wordsIn   = regexp.MustCompile("`([a-z_]+)`")
	numbersIn = regexp.MustCompile(`\d+`)
)

// TestExitCodesAreDocumented compares the tables of the documents with the one in
// code.
func TestExitCodesAreDocumented(t *testing.T) {
	t.Parallel()
	want, codes := map[string]bool{}, map[string]bool{}
	for _, row := range exit.Table() {
		name, err := row.Outcome.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		want[fmt.Sprintf("%d %s", row.Code, name)] = true
		codes[strconv.Itoa(row.Code)] = true
	}
	got := map[string]bool{}
	for _, m := range codeRow.FindAllStringSubmatch(document(t, "docs/exit-codes.md"), -1) {
		cell, _, _ := strings.Cut(m[2], " | ")
		for _, pair := range pairs(numbersIn.FindAllString(m[1], -1), wordsIn.FindAllStringSubmatch(cell, -1)) {
			got[pair] = true
		}
	}
	if !maps.Equal(want, got) {
		t.Errorf("docs/exit-codes.md has %v, the table in code %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	inReadme := map[string]bool{}
	for _, m := range codeRow.FindAllStringSubmatch(document(t, "README.md"), -1) {
		for _, code := range numbersIn.FindAllString(m[1], -1) {
			inReadme[code] = true
		}
	}
	if !maps.Equal(codes, inReadme) {
		t.Errorf("README.md has %v, the table in code %v", slices.Sorted(maps.Keys(inReadme)), slices.Sorted(maps.Keys(codes)))
	}
}

// pairs combines codes and outcomes: one by one, or one with all.
func pairs(codes []string, outcomes [][]string) []string {
	var found []string
	for i, code := range codes {
		for j, outcome := range outcomes {
			if len(codes) == 1 || len(outcomes) == 1 || i == j {
				found = append(found, code+" "+outcome[1])
			}
		}
	}
	return found
}

// TestScenarioKeysAreDocumented looks for keys of a scenario that its page does
// not name.
func TestScenarioKeysAreDocumented(t *testing.T) {
	t.Parallel()
	text := document(t, "docs/simulator.md")
	for _, key := range slices.Sorted(maps.Keys(keysOf(reflect.TypeFor[simulator.Scenario](), map[string]bool{}))) {
		if !regexp.MustCompile("(?m)(?:^|[`{ ])" + key + "[`:,} ]").MatchString(text) {
			t.Errorf("docs/simulator.md does not name %s", key)
		}
	}
}

// keysOf collects the YAML names of a type and of those within it.
func keysOf(of reflect.Type, keys map[string]bool) map[string]bool {
	switch kind := of.Kind(); {
	case kind == reflect.Pointer, kind == reflect.Slice:
		return keysOf(of.Elem(), keys)
	case kind == reflect.Struct:
		for field := range of.Fields() {
			switch key := field.Tag.Get("yaml"); {
			case field.Anonymous:
				keysOf(field.Type, keys)
			case key != "":
				keys[key] = true
				keysOf(field.Type, keys)
			}
		}
	}
	return keys
}

var (
	shownDay    = regexp.MustCompile("(?s)```yaml\n# bad-day.yaml\n(.*?)```.*?```\n(.*?)```")
	shownCode   = regexp.MustCompile(`(?m)^(dqoctl .*?) +# (\d+): `)
	scriptedDay = regexp.MustCompile(`(?s)-- bad-day\.yaml --\n(.*?)-- wrong\.yaml --`)
	scriptCode  = regexp.MustCompile(`(?m)^code (\d+) (dqoctl .*)$`)
)

// TestBadDayIsScripted compares the bad day of the page with the one that a script
// lives through: the file, the commands and their exit codes.
func TestBadDayIsScripted(t *testing.T) {
	t.Parallel()
	script := document(t, "testdata/script/simulator_bad_day.txtar")
	page := shownDay.FindStringSubmatch(document(t, "docs/simulator.md"))
	day := scriptedDay.FindStringSubmatch(script)
	if page == nil || day == nil || page[1] != day[1] {
		t.Fatalf("the page shows\n%q, the script has\n%q", page, day)
	}
	var shown, scripted []string
	for _, m := range shownCode.FindAllStringSubmatch(page[2], -1) {
		shown = append(shown, m[2]+" "+m[1])
	}
	for _, m := range scriptCode.FindAllStringSubmatch(script, -1) {
		if !strings.Contains(m[2], " simulator ") {
			scripted = append(scripted, m[1]+" "+m[2])
		}
	}
	if len(shown) < 5 || !slices.Equal(shown, scripted) {
		t.Errorf("the page shows %q, the script runs %q", shown, scripted)
	}
}

var flagInText = regexp.MustCompile("(?:^|[\\s`(])(--[a-z][a-z-]+)")

// TestFlagsInDocuments looks for flags that no command has.
func TestFlagsInDocuments(t *testing.T) {
	t.Parallel()
	commands := tree()
	for _, name := range documents(t) {
		if name == "docs/jobs-api.md" || strings.HasPrefix(name, "docs/reference/") {
			continue // flags of the server and its shell; generated from the flags
		}
		for _, m := range flagInText.FindAllStringSubmatch(document(t, name), -1) {
			known := slices.ContainsFunc(commands, func(c command) bool { return c.hasFlag(strings.TrimPrefix(m[1], "--")) })
			if !known {
				t.Errorf("%s speaks of %s, which no command has", name, m[1])
			}
		}
	}
}

// command is one of the tree, by its words.
type command struct {
	words   []string
	example string
	hasFlag func(name string) bool
}

func tree() []command {
	var found []command
	waiting := cmd.Reference().Commands()
	for len(waiting) > 0 {
		c := waiting[0]
		waiting = append(waiting[1:], c.Commands()...)
		c.InitDefaultHelpFlag()
		found = append(found, command{
			words: strings.Fields(c.CommandPath())[1:], example: c.Example,
			hasFlag: func(name string) bool { return c.Flag(name) != nil },
		})
	}
	return found
}

// commandOf is the command that a line begins with.
func commandOf(commands []command, args []string) (command, error) {
	best := command{}
	for _, c := range commands {
		if len(c.words) <= len(args) && slices.Equal(c.words, args[:len(c.words)]) && len(c.words) > len(best.words) {
			best = c
		}
	}
	if best.words == nil {
		return best, errors.New("there is no such command")
	}
	return best, nil
}

var (
	inline     = regexp.MustCompile("`(dqoctl [^`]+)`")
	expectedIn = regexp.MustCompile("^\\| `(dqoctl [^`]+)` \\| (\\d+): ")
)

// shown is a command line of a document.
type shown struct {
	where, line string
	code        int // that the document promises; -1 if none
}

// commandLines are those of code blocks and between backquotes, and the examples
// of the commands' help.
func commandLines(t *testing.T) []shown {
	t.Helper()
	found := map[shown]bool{}
	add := func(where, line string, code int) {
		line, _, _ = strings.Cut(line, " #")
		for _, end := range []string{" | ", " > ", " && "} {
			line, _, _ = strings.Cut(line, end)
		}
		found[shown{where, strings.TrimSpace(line), code}] = true
	}
	for _, name := range documents(t) {
		if strings.HasPrefix(name, "docs/reference/") {
			continue // generated from the help
		}
		fenced := false
		for line := range strings.Lines(document(t, name)) {
			line = strings.TrimSpace(line)
			fenced = fenced != strings.HasPrefix(line, "```")
			if text := strings.TrimPrefix(line, "$ "); fenced && strings.HasPrefix(text, "dqoctl ") {
				add(name, text, -1)
			}
			if m := expectedIn.FindStringSubmatch(line); m != nil {
				code, _ := strconv.Atoi(m[2])
				add(name, m[1], code)
				continue
			}
			for _, m := range inline.FindAllStringSubmatch(line, -1) {
				if !fenced {
					add(name, m[1], -1)
				}
			}
		}
	}
	recipeLines(t, func(where, line string) { add(where, line, -1) })
	for _, c := range tree() {
		for line := range strings.Lines(c.example) {
			add("the help of "+strings.Join(c.words, " "), strings.TrimSpace(line), -1)
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b shown) int { return cmp.Compare(a.line+a.where, b.line+b.where) })
}

// TestCommandLines runs what the documents show: as it is where it only reads,
// without sending where it starts a job, and just parsed where it would not end.
func TestCommandLines(t *testing.T) {
	t.Parallel()
	commands, lines := tree(), commandLines(t)
	if len(lines) < 50 {
		t.Errorf("only %d command lines were found", len(lines))
	}
	parts := map[string]func(*testing.T){}
	for _, l := range lines {
		parts[l.line+" in "+l.where] = func(t *testing.T) { runShown(t, commands, l) }
	}
	alongside(t, parts)
}

var (
	substitution = regexp.MustCompile(`\$\([^)]*\)`)
	alternatives = regexp.MustCompile(` ([a-z]+)(?:\|[a-z]+)+`)
)

func runShown(t *testing.T, commands []command, l shown) {
	line := substitution.ReplaceAllString(strings.TrimPrefix(l.line, "dqoctl "), "nightly-orders")
	args := shellWords(t, alternatives.ReplaceAllString(line, " $1"))
	c, err := commandOf(commands, args)
	if err != nil && !slices.Equal(args, []string{"--help"}) && args[0] != "help" && args[0] != "completion" {
		t.Fatalf("%s: %s: %v", l.where, l.line, err)
	}
	name, rest := strings.Join(c.words, " "), args[len(c.words):]
	s := builtin(t)
	args = s.withFile(args, "body.yaml", "check_search_filters: {connection: shop}\n")
	args = s.withFile(args, "warehouse.yaml", "connections: []\n")
	switch {
	case l.code >= 0:
		// As the document shows it, with what it promises.
		s = newStation(t, simulator.Builtin())
	case len(rest) == 0 && c.hasFlag != nil && name != "version", slices.Contains(rest, "ID"), slices.Contains(rest, "ID..."), slices.Contains(rest, "KEY"):
		// The name of a command in a sentence.
		args = append(slices.Clone(c.words), "--help")
	case name == "simulator", name == "demo", name == "config login":
		args = append(args, "--help")
	case c.hasFlag != nil && c.hasFlag("dry-run") && !slices.Contains(args, "id") && !slices.Contains(args, "--dry-run") && !strings.Contains(line, " --adopt"):
		args = append(args, "--dry-run")
	case strings.HasPrefix(name, "config "), slices.Contains(args, "--profile"):
		s.must("config", "set", "--profile", "prod", "quiet", "true")
		s.must("config", "set", "--profile", "test", "quiet", "true")
	case strings.HasPrefix(name, "jobs "):
		s.must("collect-stats", "-c", "wh", "--key", "nightly-orders")
		s.must("collect-stats", "-c", "wh", "--key", "nightly-customers")
	}
	got := s.call(args...)
	if l.code >= 0 && got.code != l.code || got.code > exit.JobLost.Code() && l.code < 0 {
		t.Errorf("%s: %s: code %d (promised: %d)\n%s%s", l.where, l.line, got.code, l.code, got.out, got.err)
	}
}

// shellWords splits a line as a shell does, as far as the documents need it.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	var words []string
	var word strings.Builder
	quote, begun := rune(0), false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && r == ' ':
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		t.Fatalf("a quote is open: %s", line)
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}
