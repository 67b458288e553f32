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
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
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

// TestCompletionFromTheServer asks a server for each thing that it knows, after a
// run: what a check is called is told by what is stored of it.
func TestCompletionFromTheServer(t *testing.T) {
	scenario, err := simulator.LoadScenario(strings.NewReader(`
connections:
  - name: shop
    tables:
      - name: files.orders.csv
        checks:
          - {name: daily_row_count, type: monitoring, time-scale: daily, category: volume, dimension: Completeness, sensor: table/volume/row_count, error: {lower: 1}, values: 5}
          - {name: daily_row_count_match, comparison: ledger, type: monitoring, time-scale: daily, category: comparisons, dimension: Accuracy, sensor: table/volume/row_count, error: {lower: 1}, values: 5}
        columns:
          - name: amount
            checks:
              - {name: profile_nulls_count, type: profiling, category: nulls, dimension: Completeness, sensor: column/nulls/null_count, error: {upper: 0}, values: 0}
  - name: wh
    tables:
      - {name: sales.customers}
      - {name: stock.parts}
`))
	if err != nil {
		t.Fatal(err)
	}
	server := simulate(t, scenario)
	client, err := dqops.New(dqops.Options{BaseURL: server})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	start := dqops.Start{BusinessKey: "nightly", Wait: true, WaitTimeout: time.Minute}
	if _, err := client.RunChecks(t.Context(), dqops.RunChecksParameters{CheckSearchFilters: dqops.CheckSearchFilters{Connection: "shop"}}, start); err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, c := range []struct {
		line, want string
	}{
		{"run-checks --connection ", "shop wh"},
		{"run-checks --connection w", "wh"},
		{"import-tables -c wh --schema ", "sales stock"},
		{"import-tables -c wh --schema st", "stock"},
		{"import-tables -c wh --schema sales --table ", "customers"},
		{"run-checks -c wh --table s", "sales.customers stock.parts"},
		{"run-checks -c shop --table files.o", "files.orders.csv"},
		{"run-checks -c shop -t files.orders.csv --column ", "amount"},
		{"run-checks -c shop -t files.orders.csv --check ", "daily_row_count daily_row_count_match profile_nulls_count"},
		{"checks status -c shop -t files.orders.csv --category ", "comparisons nulls volume"},
		{"checks status -c shop -t files.orders.csv --category n", "nulls"},
		{"collect-error-samples -c shop -t files.orders.csv --dimension ", "Accuracy Completeness"},
		{"run-checks -c shop --comparison ", "ledger"},
		{"run-checks -c wh -t sales.customers --category ", ""},
	} {
		args := strings.Split(c.line, " ")
		asked[strings.TrimPrefix(args[len(args)-2], "--")] = true
		got := press(t, server, args...)
		slices.Sort(got)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %s", c.line, got, c.want)
		}
	}
	for name := range flagCompleters {
		if !asked[name] && name != "profile" && name != "parent" {
			t.Errorf("--%s is completed and not tried", name)
		}
	}
	all, err := client.GetJob(t.Context(), "nightly")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"jobs", "get", ""}, {"jobs", "wait", ""}, {"jobs", "list", "--parent", ""}} {
		if got := press(t, server, args...); !slices.Contains(got, fmt.Sprint(all.ID.ID)) {
			t.Errorf("%q: %q, want job %d among them", args, got, all.ID.ID)
		}
	}
	if got := press(t, server, "sync", "data-c"); !slices.Equal(got, []string{"data-check-results"}) {
		t.Errorf("folders: %q", got)
	}
}
