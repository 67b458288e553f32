package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

var update = flag.Bool("update", false, "write the screens of testdata/screens anew; read each of them")

// shot is one command line whose screen is kept, after others that prepare it.
type shot struct {
	code   int
	before [][]string
	args   []string
	config string // what config.yaml holds
	// types is what somebody types, or pipes in, when the screen says the prompt.
	prompt, types string
	redraws       bool // where it cannot, it writes lines as in a pipe
	endless       bool // it runs until it is interrupted, so that a pipe shows nothing else
}

// screenToken is what the server of the screens takes.
const screenToken = "0123456789abcdef"

func line(text string) []string { return strings.Fields(text) }

// twoProfiles is a configuration with something that has no effect.
const twoProfiles = "current-profile: prod\nprofiles:\n  prod:\n    fail-on: error\n    timeout: 1h\n  test:\n    quiet: true\n"

// shots are the tables and summaries of every command, by the name of their files.
func shots() map[string]shot {
	failed := [][]string{line("run-checks -c shop --key nightly-orders"), line("run-checks -c broken --key nightly-broken"), line("collect-stats -c wh --key stats")}
	return map[string]shot{
		"run-checks.fatal":      {code: 3, args: line("run-checks -c shop -q")},
		"run-checks.again":      {code: 3, before: [][]string{line("run-checks -c shop")}, args: line("run-checks -c shop -q")},
		"run-checks.ok":         {code: 0, args: line("run-checks -c wh -q")},
		"run-checks.failed":     {code: 6, args: line("run-checks -c broken -q")},
		"run-checks.nothing":    {code: 5, args: line("run-checks -c shop --check nosuch -q")},
		"run-checks.nowhere":    {code: 5, args: line("run-checks -c shpo -q")},
		"run-checks.submitted":  {code: 0, args: line("run-checks -c wh --no-wait -q --key nightly")},
		"run-checks.dry":        {code: 0, args: line("run-checks -c wh --dry-run")},
		"run-checks.tables":     {code: 3, args: line("run-checks -c shop -t files.orders.csv -t files.customers.csv -q")},
		"checks-status":         {code: 3, before: [][]string{line("run-checks -c shop")}, args: line("checks status -c shop -q")},
		"checks-status.csv":     {code: 3, before: [][]string{line("run-checks -c shop")}, args: line("checks status -c shop -q -o csv")},
		"collect-stats":         {code: 0, args: line("collect-stats -c wh -q")},
		"collect-error-samples": {code: 0, before: [][]string{line("run-checks -c shop")}, args: line("collect-error-samples -c shop -q")},
		"import-tables":         {code: 0, args: line("import-tables -c wh --schema * -q")},
		"delete-data":           {code: 0, before: [][]string{line("run-checks -c shop")}, args: line("delete-data -c shop --all-tables --all-dates --what check-results,sensor-readouts --yes -q")},
		"sync":                  {code: 0, args: line("sync sources checks -q")},
		"jobs-list":             {code: 0, before: failed, args: line("jobs list")},
		"jobs-list.children":    {code: 0, before: failed[:1], args: line("jobs list --children -q")},
		"jobs-list.csv":         {code: 0, before: failed, args: line("jobs list -q -o csv --columns job,key,status,error")},
		"jobs-list.yaml":        {code: 0, before: failed[2:], args: line("jobs list -q -o yaml")},
		"jobs-get.run":          {code: 0, before: failed, args: line("jobs get nightly-orders")},
		"jobs-get.failed":       {code: 0, before: failed, args: line("jobs get nightly-broken")},
		"jobs-get.stats":        {code: 0, before: failed, args: line("jobs get stats")},
		"jobs-wait":             {code: 6, before: failed, args: line("jobs wait nightly-orders nightly-broken stats -q")},
		"jobs-cancel":           {code: 0, before: failed, args: line("jobs cancel nightly-orders nightly-broken --children -q")},
		"scheduler":             {code: 0, args: line("scheduler status")},
		"version":               {code: 0, args: line("version")},
		"scheduler.start":       {code: 0, args: line("scheduler start")},
		"scheduler.stop":        {code: 0, args: line("scheduler stop")},
		"jobs-watch":            {code: 0, before: failed, args: line("jobs watch nightly-orders nightly-broken"), redraws: true},
		"jobs-resume":           {code: 0, before: [][]string{line("collect-stats -c wh --no-wait --key stats")}, args: line("jobs resume -q")},
		"jobs-resume.nothing":   {code: 0, args: line("jobs resume")},
		"doctor":                {code: 0, args: line("doctor")},
		"doctor.unreachable":    {code: 69, args: line("doctor --server http://127.0.0.1:1")},
		"config-view":           {code: 0, args: line("config view --config config.yaml --fail-on never"), config: twoProfiles},
		"config-login":          {code: 0, args: line("config login --config config.yaml --profile prod"), config: twoProfiles, prompt: "shown): ", types: screenToken + "\n"},
		"config-login.refused":  {code: 77, args: line("config login --config config.yaml"), config: twoProfiles, prompt: "shown): ", types: "0123\n"},
		"demo":                  {code: 0, args: line("demo -q")},
		"simulator":             {code: 0, args: line("simulator --listen 127.0.0.1:0"), prompt: "Ctrl-C", types: "\x03", endless: true},
		"config-path":           {code: 0, args: line("config path --config config.yaml"), config: twoProfiles},
		"config-set":            {code: 0, args: line("config set --config config.yaml --profile test timeout 30m"), config: twoProfiles},
		"config-use-profile":    {code: 0, args: line("config use-profile --config config.yaml test"), config: twoProfiles},
		"config-use-profile.no": {code: 64, args: line("config use-profile --config config.yaml tset"), config: twoProfiles},
		"error.usage":           {code: 64, args: line("run-checks -c shop --fail-on eror --check-type x")},
		"error.job":             {code: 8, args: line("jobs get nobody")},
		"error.yaml":            {code: 8, args: line("jobs get nobody -o yaml")},
	}
}

// TestScreens compares what every command shows on terminals and in a pipe with
// files that were read.
func TestScreens(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no pseudo-terminals")
	}
	parts := map[string]func(*testing.T){}
	for name, s := range shots() {
		for _, columns := range []int{80, 40, 0} {
			if s.isForPrograms() && columns > 0 || s.endless && columns == 0 {
				continue
			}
			place := fmt.Sprintf("%s.%d.txt", name, columns)
			if columns == 0 {
				place = name + ".pipe.txt"
			}
			parts[place] = func(t *testing.T) { compareScreen(t, place, lasting(s.take(t, columns))) }
		}
	}
	alongside(t, parts)
	checkNoOthers(t, filepath.Join("testdata", "screens"), parts)
}

// TestEveryCommandHasAScreen: one that is new has none until it is taken.
func TestEveryCommandHasAScreen(t *testing.T) {
	taken := shots()
	for _, c := range tree() {
		name := strings.Join(c.words, "-")
		has := name == "help" || name == "completion" || strings.HasPrefix(name, "completion-") // a script, no screen
		for _, s := range taken {
			has = has || strings.HasPrefix(strings.Join(s.args, " ")+" ", strings.Join(c.words, " ")+" ")
		}
		if !has {
			t.Errorf("no screen of %s is kept", name)
		}
	}
}

// isForPrograms is true for forms that look the same everywhere.
func (c shot) isForPrograms() bool { return slices.Contains(c.args, "-o") }

// TestPlainTerminals: nothing is said by colour alone, so without it all looks the
// same, in whatever way it was switched off.
func TestPlainTerminals(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no pseudo-terminals")
	}
	parts := map[string]func(*testing.T){}
	for name, c := range shots() {
		if c.isForPrograms() {
			continue
		}
		for env, coloured := range map[string]bool{"CI=true": true, "NO_COLOR=1": false, "TERM=dumb": false, "DQOCTL_COLOR=never": false} {
			if env == "DQOCTL_COLOR=never" && name == "config-view" {
				continue // which shows it
			}
			parts[name+"/"+env] = func(t *testing.T) {
				text, raw := c.takeOnTerminal(t, 80, env)
				if c.redraws && (env == "CI=true" || env == "TERM=dumb") {
					piped := strings.ReplaceAll(document(t, "testdata/screens/"+name+".pipe.txt"), "\t", " ")
					if got := lasting(strings.ReplaceAll(raw, "\r\n", "\n")) + "--- stderr ---\n"; got != piped {
						t.Errorf("it is not as in a pipe:\n%s", got)
					}
					return
				}
				compareScreen(t, name+".80.txt", lasting(text))
				if has := colour.MatchString(raw); has && !coloured || !has && coloured && name == "run-checks.fatal" {
					t.Errorf("coloured is %t, want %t: %q", has, coloured, raw)
				}
			}
		}
	}
	alongside(t, parts)
}

// colour is what paints, unlike what moves.
var colour = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// TestHelpScreens does the same for the help of every command and topic.
func TestHelpScreens(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no pseudo-terminals")
	}
	lines := map[string][]string{"dqoctl": {"--help"}, "exit-codes": {"help", "exit-codes"}, "environment": {"help", "environment"}}
	for _, c := range tree() {
		if len(c.words) > 0 && c.words[0] != "completion" {
			lines[strings.Join(c.words, "-")] = append(slices.Clone(c.words), "--help")
		}
	}
	parts := map[string]func(*testing.T){}
	for name, args := range lines {
		wide := filepath.Join("help", name+".80.txt")
		parts[wide] = func(t *testing.T) {
			s := builtin(t)
			text, _ := s.onTerminal(80, nil, 0, args)
			compareScreen(t, wide, text)
			piped := s.run(args...)
			shown := &screen{columns: 80, lines: [][]rune{nil}} // which breaks long examples
			shown.write(strings.ReplaceAll(piped.out, "\n", "\r\n"))
			if diff := cmp.Diff(text, shown.text()); diff != "" || piped.err != "" {
				t.Errorf("in a pipe it differs (-terminal +pipe):\n%s%s", diff, piped.err)
			}
		}
		for _, env := range []string{"CI=true", "NO_COLOR=1", "TERM=dumb"} {
			parts[wide+"/"+env] = func(t *testing.T) {
				text, raw := builtin(t).onTerminal(80, []string{env}, 0, args)
				compareScreen(t, wide, text)
				if env != "CI=true" && colour.MatchString(raw) {
					t.Errorf("it is coloured: %q", raw)
				}
			}
		}
		narrow := filepath.Join("help", name+".40.txt")
		parts[narrow] = func(t *testing.T) {
			text, _ := builtin(t).onTerminal(40, nil, 0, args)
			compareScreen(t, narrow, text)
		}
	}
	alongside(t, parts)
	checkNoOthers(t, filepath.Join("testdata", "screens", "help"), parts)
}

// take runs the command as its user would, once more when midnight came between:
// times of another day are shown with their date.
func (c shot) take(t *testing.T, columns int) string {
	t.Helper()
	for {
		day := time.Now().YearDay()
		var text string
		if columns > 0 {
			text, _ = c.takeOnTerminal(t, columns)
		} else {
			s := c.prepare(t)
			s.in = c.types
			got := s.run(c.args...)
			if got.code != c.code {
				t.Errorf("code %d, want %d", got.code, c.code)
			}
			text = got.out + "--- stderr ---\n" + got.err
		}
		if time.Now().YearDay() == day {
			return text
		}
	}
}

// prepare is what comes before the command.
func (c shot) prepare(t *testing.T) *station {
	t.Helper()
	s := builtinSlow(t)
	for _, args := range c.before {
		s.call(args...)
	}
	if c.config != "" {
		write(t, filepath.Join(s.home, "config.yaml"), c.config)
	}
	return s
}

func (c shot) takeOnTerminal(t *testing.T, columns int, env ...string) (text, sent string) {
	t.Helper()
	return c.prepare(t).onTerminalTyping(columns, env, c)
}

// builtinSlow is a simulator with the scenario that users get, whose tables take
// so long that it can be told.
func builtinSlow(t *testing.T) *station {
	t.Helper()
	scenario := simulator.Builtin()
	scenario.CloudKey = true
	takeNoTime(scenario)
	for _, connection := range scenario.Connections {
		for i := range connection.Tables {
			connection.Tables[i].Duration = simulator.Duration(5 * time.Millisecond)
		}
	}
	return stationOf(t, simulator.Options{Scenario: scenario, Token: screenToken})
}

// onTerminal is what a terminal of that width shows after a command, and the bytes
// that made it so.
func (s *station) onTerminal(columns int, env []string, code int, args []string) (text, sent string) {
	s.Helper()
	return s.onTerminalTyping(columns, env, shot{code: code, args: args})
}

// typist types when the screen says the prompt.
type typist struct {
	seen          bytes.Buffer
	prompt, types string
	keyboard      io.Writer
}

func (y *typist) Write(p []byte) (int, error) {
	n, _ := y.seen.Write(p) // never fails
	if y.types != "" && bytes.Contains(y.seen.Bytes(), []byte(y.prompt)) {
		types := y.types
		y.types = ""
		if _, err := io.WriteString(y.keyboard, types); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (s *station) onTerminalTyping(columns int, env []string, c shot) (text, sent string) {
	s.Helper()
	code, args := c.code, c.args
	path, err := exec.LookPath("dqoctl")
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.Context(), time.Minute) // however busy the machine is
	defer cancel()
	command := exec.CommandContext(ctx, path, args...)
	command.Dir, command.Env = s.home, slices.Concat(s.environment(), []string{"TERM=xterm-256color"}, env)
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 40, Cols: uint16(columns)})
	if err != nil {
		s.Fatal(err)
	}
	typed := typist{prompt: c.prompt, types: c.types, keyboard: terminal}
	_, _ = io.Copy(&typed, terminal) // a terminal answers EIO when nobody has its other side
	_ = terminal.Close()
	raw := typed.seen.String()
	if _, ended := errors.AsType[*exec.ExitError](command.Wait()); !ended && command.ProcessState == nil {
		s.Fatalf("dqoctl %s did not run", strings.Join(args, " "))
	}
	if got := command.ProcessState.ExitCode(); got != code {
		s.Errorf("dqoctl %s: code %d, want %d", strings.Join(args, " "), got, code)
	}
	if c.redraws {
		raw = strings.ReplaceAll(raw, "\t", " ") // between the fields of its lines
	}
	shown := &screen{columns: columns, lines: [][]rune{nil}}
	shown.write(otherScreen.ReplaceAllString(raw, ""))
	if len(shown.unknown) > 0 || shown.hidden || shown.painted || shown.column != 0 && !c.endless {
		s.Errorf("dqoctl %s: the terminal is not left as it was: %q", strings.Join(args, " "), raw)
	}
	return shown.text(), raw
}

// otherScreen is the one that jobs watch draws on meanwhile: it is gone with the
// command.
var otherScreen = regexp.MustCompile(`(?s)\x1b\[\?1049h.*?\x1b\[\?1049l`)

// What differs from run to run, replaced by something as wide.
var passing = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\b1[0-9]{15}\b`), "1795443329000000"},
	{regexp.MustCompile(`\bdqoctl(\n?)-[0-9a-f]{24}\b`), "dqoctl$1-0123456789abcdef01234567"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\d`), "2026-11-23"},
	// All but midnight, where the period of a check begins.
	{regexp.MustCompile(`(0[1-9]|1\d|2[0-3]):\d\d:\d\d|00:(0[1-9]|[1-5]\d):\d\d|00:00:(0[1-9]|[1-5]\d)`), "08:30:00"},
	{regexp.MustCompile(`T08:30:00(\.\d+)?Z`), "T08:30:00.123Z"}, // the server leaves zeros out
	{regexp.MustCompile(`since(\s+)\d\d:\d\d\b`), "since${1}08:30"},
	{regexp.MustCompile(`127\.(\n?)0\.0\.1:\d{4,}`), "127.${1}0.0.1:38888"},
	{regexp.MustCompile(`after\s+(less\s+than\s+1ms|[0-9.]+m?s)`), "after 12ms"},
	{regexp.MustCompile(`"elapsedSeconds": [0-9.]+`), `"elapsedSeconds": 0.012`},
	{regexp.MustCompile(`"go1[0-9.]+"`), `"go1.26.8"`},
	{regexp.MustCompile(`"platform": "[^"]+"`), `"platform": "linux/amd64"`},
	{regexp.MustCompile(`\(\w+/\w+, go[0-9.]+\)`), "(linux/amd64, go1.26.8)"},
}

// lasting is a screen without what passes.
func lasting(text string) string {
	for _, p := range passing {
		text = p.pattern.ReplaceAllString(text, p.instead)
	}
	return text
}

func compareScreen(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "screens", name)
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o600)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), go test . -run Screens -update writes it anew:\n%s", path, diff)
	}
}

// checkNoOthers finds the screens of commands that are gone.
func checkNoOthers(t *testing.T, folder string, known map[string]func(*testing.T)) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		name := entry.Name()
		if _, ok := known[name]; !entry.IsDir() && !ok && known[filepath.Join("help", name)] == nil {
			t.Errorf("%s is the screen of nothing", filepath.Join(folder, name))
		}
	}
}
