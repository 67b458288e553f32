package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/request"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// press is what the shells are told when Tab is pressed there: the candidates
// without their descriptions, and what is said instead of them.
func press(t *testing.T, server string, args ...string) []string {
	t.Helper()
	env := func(name string) (string, bool) {
		if name == "DQOCTL_SERVER" {
			return server, true
		}
		return "", false
	}
	var out bytes.Buffer
	a := &App{
		Streams: iostreams.Pipes(strings.NewReader(""), &out, io.Discard, env), Env: env,
		Args: append([]string{cobra.ShellCompRequestCmd}, args...),
	}
	if err := a.execute(context.Background()); err != nil {
		t.Fatal(err)
	}
	var values []string
	for line := range strings.Lines(out.String()) {
		value, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		values = append(values, value)
	}
	return values[:len(values)-1]
}

func simulate(t *testing.T, scenario *simulator.Scenario) string {
	t.Helper()
	s := simulator.New(simulator.Options{Scenario: scenario})
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

// A list that was cut would complete to a beginning that only its part has.
func TestCompletionOfManyTables(t *testing.T) {
	var b strings.Builder
	b.WriteString("connections:\n  - name: big\n    tables:\n")
	for i := range mostFound + 1 {
		fmt.Fprintf(&b, "      - {name: public.a%03d}\n", i)
	}
	b.WriteString("      - {name: public.b}\n")
	scenario, err := simulator.LoadScenario(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	server := simulate(t, scenario)
	for _, c := range []struct {
		args []string
		want int
		hint string
	}{
		{[]string{"run-checks", "-c", "big", "--table", ""}, 1, "too many match: type the beginning"},
		{[]string{"run-checks", "-c", "big", "--table", "public.a"}, 1, "too many match: type the beginning"},
		{[]string{"run-checks", "-c", "big", "--table", "public.a01"}, 10, ""},
		{[]string{"run-checks", "-c", "big", "--table", "public.b"}, 1, ""},
		{[]string{"run-checks", "-c", "big", "--check", ""}, 1, "too many match: name the connection and the table"},
		{[]string{"run-checks", "-c", "big", "-t", "public.b", "--check", ""}, 0, ""},
	} {
		got := press(t, server, c.args...)
		if len(got) != c.want || c.hint != "" && !strings.Contains(got[0], c.hint) {
			t.Errorf("%q: %q, want %d and %q", c.args, got, c.want, c.hint)
		}
	}
}

// What cannot be on one line, or would obey a terminal, is never offered.
func TestCompletionOfferedNames(t *testing.T) {
	found := []candidate{
		{"ok", "a\tb\nc"}, {"ok", "again"}, {"two\nlines", ""}, {"a\tb", ""}, {"\x1b[2J", ""}, {" led", ""}, {"", ""}, {"other", ""},
	}
	if got, want := offered(found, ""), []string{"ok\ta b c", "other"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := offered(found, "ot"), []string{"other"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Every flag that takes one of a few words offers them, and every flag that takes
// a file offers files.
func TestCompletionOfEveryFlag(t *testing.T) {
	root := newRootCmd(&App{Streams: iostreams.Pipes(strings.NewReader(""), io.Discard, io.Discard, noEnv), Env: noEnv})
	seen := 0
	eachCommand(root, func(cmd *cobra.Command) {
		cmd.InheritedFlags() // merges them
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			words := request.Words("--" + f.Name)
			for _, o := range config.Options() {
				if o.Name == f.Name && o.Kind == config.KindEnum && o.Name != "output" {
					words = o.Values
				}
			}
			if words == nil {
				return
			}
			seen++
			args := append(strings.Fields(cmd.CommandPath())[1:], "--"+f.Name, "")
			if got := press(t, "http://127.0.0.1:0", args...); !slices.Equal(got, words) {
				t.Errorf("%s --%s: %q, want %q", cmd.CommandPath(), f.Name, got, words)
			}
		})
	})
	if seen < 20 {
		t.Errorf("only %d flags with words were seen", seen)
	}
}

func noEnv(string) (string, bool) { return "", false }

func eachCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		eachCommand(sub, visit)
	}
}
