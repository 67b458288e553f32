package output_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/dqoctl/dqoctl/pkg/output"
)

// report is a document with all that one can have.
func report() output.Document {
	return output.Document{
		Mark: "✗", Headline: "fatal: 1 check result at severity fatal", Tone: output.Bad,
		Blocks: []output.Block{
			output.Fields{
				{Name: "Job", Value: "1795443329000000  (key dqoctl-0123456789abcdef01234567)"},
				{Name: "Status", Value: "finished after 1.4s"},
				{Name: "Error", Value: ""},
				{Name: "Standing", Value: "1 fatal, 1 error and 1 warning in 3 tables, all of them read exactly and none of them stale"},
			},
			&output.Table{
				Title: "Findings",
				Columns: []output.Column{
					{Name: "SEVERITY"}, {Name: "CHECK"}, {Name: "VALUE", Right: true}, {Name: "REASON", Shrinks: true},
				},
				Rows: [][]output.Cell{
					{{Text: "fatal", Tone: output.Bad}, {Text: "daily_duplicate_count"}, {Text: "4"}, {Text: "more than 0 duplicates in the column order_id"}},
					{{Text: "warning", Tone: output.Doubtful}, {Text: "daily_row_count"}, {Text: "1200.5"}, {Text: "fewer than 2000 rows"}},
				},
			},
			&output.Table{Title: "Nothing", Columns: []output.Column{{Name: "NOTHING"}}},
			output.Lines{"Read more: http://localhost:8888/sources/shop/schema/files/table/orders.csv", "dqoctl jobs get 1795443329000000"},
		},
	}
}

func printed(t *testing.T, screen output.Screen, d output.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := output.Print(&b, screen, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const (
	at120 = `✗ fatal: 1 check result at severity fatal

  Job       1795443329000000  (key dqoctl-0123456789abcdef01234567)
  Status    finished after 1.4s
  Standing  1 fatal, 1 error and 1 warning in 3 tables, all of them read exactly and none of them stale

  Findings
  SEVERITY  CHECK                   VALUE  REASON
  fatal     daily_duplicate_count       4  more than 0 duplicates in the column order_id
  warning   daily_row_count        1200.5  fewer than 2000 rows

  Read more: http://localhost:8888/sources/shop/schema/files/table/orders.csv
  dqoctl jobs get 1795443329000000
`
	at80 = `✗ fatal: 1 check result at severity fatal

  Job       1795443329000000  (key dqoctl-0123456789abcdef01234567)
  Status    finished after 1.4s
  Standing  1 fatal, 1 error and 1 warning in 3 tables, all of them read exactly
            and none of them stale

  Findings
  SEVERITY  CHECK                   VALUE  REASON
  fatal     daily_duplicate_count       4  more than 0 duplicates in the column…
  warning   daily_row_count        1200.5  fewer than 2000 rows

  Read more: http://localhost:8888/sources/shop/schema/files/table/orders.csv
  dqoctl jobs get 1795443329000000
`
	at40 = `✗ fatal: 1 check result at severity
  fatal

  Job       1795443329000000  (key
    dqoctl-0123456789abcdef01234567)
  Status    finished after 1.4s
  Standing  1 fatal, 1 error and 1
            warning in 3 tables, all of
            them read exactly and none
            of them stale

  Findings
  SEVERITY  CHECK                   VALUE  REASON
  fatal     daily_duplicate_count       4  more than 0…
  warning   daily_row_count        1200.5  fewer than …

  Read more:
  http://localhost:8888/sources/shop/schema/files/table/orders.csv
  dqoctl jobs get 1795443329000000
`
	// ^ is the escape character. The library resets once too often.
	inColour = `^[31m✗^[0m ^[1mfatal: 1 check result at severity fatal^[0m

  ^[2mJob     ^[0m  1795443329000000  (key dqoctl-0123456789abcdef01234567)
  ^[2mStatus  ^[0m  finished after 1.4s
  ^[2mStanding^[0m  1 fatal, 1 error and 1 warning in 3 tables, all of them read exactly
            and none of them stale

  ^[1mFindings^[0m
  ^[2mSEVERITY^[0m  ^[0m^[2mCHECK^[0m                  ^[0m ^[2mVALUE^[0m  ^[2mREASON^[0m^[0m
  ^[31mfatal^[0m     ^[0mdaily_duplicate_count       4  more than 0 duplicates in the column…
  ^[33mwarning^[0m   ^[0mdaily_row_count        1200.5  fewer than 2000 rows

  Read more: http://localhost:8888/sources/shop/schema/files/table/orders.csv
  dqoctl jobs get 1795443329000000
`
)

func TestDocuments(t *testing.T) {
	for _, tc := range []struct {
		screen output.Screen
		want   string
	}{
		{output.Screen{Width: 120}, at120},
		{output.Screen{Width: 80}, at80},
		{output.Screen{Width: 40}, at40},
		{output.Screen{Width: 80, Color: true}, inColour},
	} {
		got := strings.ReplaceAll(printed(t, tc.screen, report()), "\x1b", "^")
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tc.screen, diff)
		}
	}
}

func TestColourChangesNothingElse(t *testing.T) {
	for _, width := range []int{120, 80, 40} {
		plain := printed(t, output.Screen{Width: width}, report())
		coloured := colours.ReplaceAllString(printed(t, output.Screen{Width: width, Color: true}, report()), "")
		trimmed := regexp.MustCompile(` +\n`).ReplaceAllString(coloured, "\n")
		if diff := cmp.Diff(plain, trimmed); diff != "" {
			t.Errorf("width %d (-plain +coloured):\n%s", width, diff)
		}
	}
}

var colours = regexp.MustCompile("\x1b\\[\\d*m")

// TestTheLocaleChangesNothing: the library guesses from it how wide marks are.
func TestTheLocaleChangesNothing(t *testing.T) {
	defer twwidth.SetEastAsian(twwidth.IsEastAsian())
	twwidth.SetEastAsian(true)
	arrows := output.Document{Blocks: []output.Block{output.Lines{"→→→→ →→→→"}}}
	if got, want := printed(t, output.Screen{Width: 11}, arrows), "  →→→→ →→→→\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	twwidth.SetEastAsian(true)
	if diff := cmp.Diff(at80, printed(t, output.Screen{Width: 80}, report())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTones(t *testing.T) {
	for tone, want := range map[output.Tone]string{
		output.Plain: "x ^[1mtext^[0m\n", output.Good: "^[32mx^[0m ^[1mtext^[0m\n", output.Doubtful: "^[33mx^[0m ^[1mtext^[0m\n",
		output.Bad: "^[31mx^[0m ^[1mtext^[0m\n", output.Faint: "^[2mx^[0m ^[1mtext^[0m\n", output.Strong: "^[1mx^[0m ^[1mtext^[0m\n",
	} {
		got := printed(t, output.Screen{Width: 80, Color: true}, output.Document{Mark: "x", Headline: "text", Tone: tone})
		if got := strings.ReplaceAll(got, "\x1b", "^"); got != want {
			t.Errorf("tone %d: %q, want %q", tone, got, want)
		}
	}
}

func TestPartsThatAreMissing(t *testing.T) {
	empty := &output.Table{Title: "Nothing", Columns: []output.Column{{Name: "NOTHING"}}}
	one := output.Fields{{Name: "Job", Value: "7"}}
	for _, tc := range []struct {
		name string
		d    output.Document
		want string
	}{
		{"nothing", output.Document{}, ""},
		{"a headline", output.Document{Headline: "done"}, "done\n"},
		{"no headline", output.Document{Mark: "✓", Blocks: []output.Block{one}}, "  Job  7\n"},
		{"nothing before", output.Document{Blocks: []output.Block{empty, output.Fields{}, output.Lines{}, one}}, "  Job  7\n"},
		{"nothing between", output.Document{Headline: "done", Blocks: []output.Block{one, empty, one}}, "done\n\n  Job  7\n\n  Job  7\n"},
		{"nothing after", output.Document{Headline: "done", Blocks: []output.Block{one, empty}}, "done\n\n  Job  7\n"},
		{"no values", output.Document{Headline: "done", Blocks: []output.Block{output.Fields{{Name: "Job"}, {Name: "Type", Value: " "}}}}, "done\n"},
		{"an empty line", output.Document{Blocks: []output.Block{output.Lines{"a", "", "b"}}}, "  a\n\n  b\n"},
	} {
		if got := printed(t, output.Screen{Width: 80}, tc.d); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestWrapping(t *testing.T) {
	for _, tc := range []struct {
		width      int
		text, want string
	}{
		{12, "one two three", "  one two\n  three\n"},
		{9, "one two", "  one two\n"},
		{8, "one two", "  one\n  two\n"},
		{4, "one two", "  one\n  two\n"},
		{0, "one two", "  one\n  two\n"},
		{20, "a much-too-long-word-to-fit b", "  a\n  much-too-long-word-to-fit\n  b\n"},
		{40, "dqoctl run-checks --where 'a  b'", "  dqoctl run-checks --where 'a  b'\n"},
		{10, "one       two ", "  one\n  two\n"},
		{14, "表の名前 表の名前", "  表の名前\n  表の名前\n"},
		{19, "表の名前 表の名前", "  表の名前 表の名前\n"},
	} {
		got := printed(t, output.Screen{Width: tc.width}, output.Document{Blocks: []output.Block{output.Lines{tc.text}}})
		if got != tc.want {
			t.Errorf("%q at %d: %q, want %q", tc.text, tc.width, got, tc.want)
		}
	}
}

// TestForeignTextCannotSteerTheTerminal: whatever the server sends, wherever it
// is shown.
func TestForeignTextCannotSteerTheTerminal(t *testing.T) {
	const evil = "a\x1b]0;title\x07b\x1b[2Jc\rd\ne\tf\x00g\u202eh\u200bi\x7fj\u009bk\xff"
	const tame = "a␛]0;title␇b␛[2Jc␍d e f␀g\\u202eh\\u200bi␡j\\u009bk\\xff"
	d := output.Document{Mark: "✓", Headline: evil, Blocks: []output.Block{
		output.Fields{{Name: "Job", Value: evil}},
		output.Lines{evil},
		&output.Table{Title: evil, Columns: []output.Column{{Name: "NAME"}}, Rows: [][]output.Cell{{{Text: evil}}}},
	}}
	want := "✓ " + tame + "\n\n  Job  " + tame + "\n\n  " + tame + "\n\n  " + tame + "\n  NAME\n  " + tame + "\n"
	if diff := cmp.Diff(want, printed(t, output.Screen{Width: 120}, d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPrintWritesOnce(t *testing.T) {
	w := new(countingWriter)
	if err := output.Print(w, output.Screen{Width: 80}, report()); err != nil || w.writes != 1 {
		t.Errorf("%d writes, %v", w.writes, err)
	}
	full := errors.New("no space left")
	w.err = full
	if err := output.Print(w, output.Screen{Width: 80}, report()); !errors.Is(err, full) {
		t.Errorf("%v, want %v", err, full)
	}
}

type countingWriter struct {
	writes int
	err    error
}

func (w *countingWriter) Write(p []byte) (int, error) {
	w.writes++
	return len(p), w.err
}
