package output_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/output"
)

func jobs() *output.List {
	return &output.List{
		Columns: []output.Column{{Name: "JOB"}, {Name: "KEY"}, {Name: "CHANGED"}, {Name: "ERROR", Shrinks: true}},
		Rows: [][]output.Cell{
			{{Text: "1795443329000000"}, {}, {Text: "15:00:01", Exact: "2026-11-23T15:00:01.5Z"}, {Text: "the disk\tof \"a\"\nis full, and so on and on\x1b"}},
			{{Text: "17"}, {Exact: "dqoctl-1"}, {Text: "15:00:02", Exact: "2026-11-23T15:00:02Z"}, {Text: "ошибка, 表"}},
		},
	}
}

func layout(t *testing.T, l *output.List, width int) string {
	t.Helper()
	text, err := l.Layout(output.Screen{Width: width})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestListOnATerminal(t *testing.T) {
	for _, tc := range []struct {
		name  string
		width int
		want  string
	}{
		{"wide", 100, `
JOB               CHANGED   ERROR
1795443329000000  15:00:01  the disk of "a" is full, and so on and on␛
17                15:00:02  ошибка, 表
`},
		{"the message is cut", 50, `
JOB               CHANGED   ERROR
1795443329000000  15:00:01  the disk of "a" is fu…
17                15:00:02  ошибка, 表
`},
		{"too narrow", 39, `
  JOB      1795443329000000
  CHANGED  15:00:01
  ERROR    the disk of "a" is full, and
           so on and on␛

  JOB      17
  CHANGED  15:00:02
  ERROR    ошибка, 表
`},
	} {
		if diff := cmp.Diff(strings.TrimPrefix(tc.want, "\n"), layout(t, jobs(), tc.width)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
	l := jobs()
	l.NoHeaders = true
	if got := layout(t, l, 100); strings.Contains(got, "JOB") || strings.Count(got, "\n") != 2 {
		t.Errorf("without headers: %q", got)
	}
	if got := layout(t, &output.List{Columns: jobs().Columns}, 100); got != "" {
		t.Errorf("empty: %q", got)
	}
}

func TestListForPrograms(t *testing.T) {
	for _, tc := range []struct {
		name    string
		write   func(*output.List, *bytes.Buffer) error
		headers string
		want    string
	}{
		{
			"tsv", func(l *output.List, b *bytes.Buffer) error { return l.TSV(b) }, "JOB\tKEY\tCHANGED\tERROR\n",
			"1795443329000000\t\t2026-11-23T15:00:01.5Z\tthe disk of \"a\" is full, and so on and on␛\n17\tdqoctl-1\t2026-11-23T15:00:02Z\tошибка, 表\n",
		},
		{
			"csv", func(l *output.List, b *bytes.Buffer) error { return l.CSV(b) }, "job,key,changed,error\n",
			"1795443329000000,,2026-11-23T15:00:01.5Z,\"the disk of \"\"a\"\"\nis full, and so on and on␛\"\n17,dqoctl-1,2026-11-23T15:00:02Z,\"ошибка, 表\"\n",
		},
	} {
		for _, bare := range []bool{false, true} {
			l, want := jobs(), tc.headers+tc.want
			if l.NoHeaders = bare; bare {
				want = tc.want
			}
			var b bytes.Buffer
			if err := tc.write(l, &b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, b.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.name, diff)
			}
		}
	}
}

func TestListSelect(t *testing.T) {
	l := jobs()
	if err := l.Select([]string{"changed", " JOB"}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := l.TSV(&b); err != nil {
		t.Fatal(err)
	}
	if want := "CHANGED\tJOB\n2026-11-23T15:00:01.5Z\t1795443329000000\n2026-11-23T15:00:02Z\t17\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	if err := jobs().Select([]string{"jobs"}); !errors.Is(err, output.ErrNoColumn) {
		t.Errorf("%v", err)
	}
	if got := jobs().Keys(); !slices.Equal(got, []string{"job", "key", "changed", "error"}) {
		t.Errorf("%v", got)
	}
}

func TestJSONList(t *testing.T) {
	for _, values := range [][]any{{}, {1}, {map[string]any{"a": "<b>", "n": json.Number("1.50")}, []any{}}} {
		var streamed, whole bytes.Buffer
		if err := output.JSONList(&streamed, values); err != nil {
			t.Fatal(err)
		}
		if err := output.JSON(&whole, values); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole.String(), streamed.String()); diff != "" {
			t.Errorf("(-whole +streamed):\n%s", diff)
		}
	}
	var b bytes.Buffer
	for _, value := range []any{map[string]any{"a": "<b>\n"}, 17} {
		if err := output.JSONLine(&b, value); err != nil {
			t.Fatal(err)
		}
	}
	if want := "{\"a\":\"<b>\\n\"}\n17\n"; b.String() != want {
		t.Errorf("%q", b.String())
	}
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestListsOnAFullDisk(t *testing.T) {
	for name, write := range map[string]func() error{
		"tsv":   func() error { return jobs().TSV(full{}) },
		"csv":   func() error { return jobs().CSV(full{}) },
		"json":  func() error { return output.JSONList(full{}, []int{1}) },
		"jsonl": func() error { return output.JSONLine(full{}, 1) },
	} {
		if err := write(); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestANarrowListDoesWithoutSpareColumns, the least important first, and never
// without one that was asked for by name.
func TestANarrowListDoesWithoutSpareColumns(t *testing.T) {
	list := func() *output.List {
		return &output.List{
			Columns: []output.Column{{Name: "ID"}, {Name: "MADE", Spare: 1}, {Name: "SIZE", Right: true, Spare: 2}, {Name: "TEXT", Shrinks: true}},
			Rows:    [][]output.Cell{{{Text: "1234567890"}, {Text: "2026-11-23"}, {Text: "10"}, {Text: "a text of some length"}}},
		}
	}
	for width, want := range map[int]string{
		60: "", 42: "", 41: "MADE", 30: "MADE", 29: "MADE SIZE", 24: "MADE SIZE",
	} {
		got := list().LeftOut(output.Screen{Width: width})
		if strings.Join(got, " ") != want {
			t.Errorf("at %d columns %q is left out, want %q", width, got, want)
		}
		text, err := list().Layout(output.Screen{Width: width})
		if err != nil || strings.Count(text, "\n") != 2 || strings.Contains(text, "MADE") == strings.Contains(want, "MADE") {
			t.Errorf("at %d columns: %v\n%s", width, err, text)
		}
	}
	// Nothing is left out of records.
	text, err := list().Layout(output.Screen{Width: 20})
	if err != nil || !strings.Contains(text, "MADE") || list().LeftOut(output.Screen{Width: 20}) != nil {
		t.Errorf("%v\n%s", err, text)
	}
	asked := list()
	if err := asked.Select([]string{"id", "made", "text"}); err != nil {
		t.Fatal(err)
	}
	if left := asked.LeftOut(output.Screen{Width: 38}); left != nil {
		t.Errorf("%q is left out", left)
	}
	if text, err := asked.Layout(output.Screen{Width: 38}); err != nil || !strings.Contains(text, "MADE") {
		t.Errorf("%v\n%s", err, text)
	}
}
