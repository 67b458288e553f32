package output_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/output"
)

func printTable(t *testing.T, width int, table *output.Table) string {
	t.Helper()
	return printed(t, output.Screen{Width: width}, output.Document{Blocks: []output.Block{table}})
}

func row(cells ...string) []output.Cell {
	var r []output.Cell
	for _, text := range cells {
		r = append(r, output.Cell{Text: text})
	}
	return r
}

func TestWidthsOfCharacters(t *testing.T) {
	table := &output.Table{
		Columns: []output.Column{{Name: "NAME"}, {Name: "N", Right: true}, {Name: "END"}},
		Rows: [][]output.Cell{
			row("plain", "1", "|"), row("表の名前", "22", "|"), row("ｗｉｄｅ", "3", "|"), row("한국어", "4", "|"),
			row("cafe\u0301", "5", "|"), row("✓ → …", "6", "|"), row("நி", "7", "|"), row("😀", "8", "|"), row("", "9", "|"),
		},
	}
	want := "" +
		"  NAME       N  END\n" +
		"  plain      1  |\n" +
		"  表の名前  22  |\n" +
		"  ｗｉｄｅ   3  |\n" +
		"  한국어     4  |\n" +
		"  cafe\u0301       5  |\n" +
		"  ✓ → …      6  |\n" +
		"  நி         7  |\n" +
		"  😀         8  |\n" +
		"             9  |\n"
	if diff := cmp.Diff(want, printTable(t, 80, table)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPicturesOfSeveralCodePoints: no two terminals agree how wide they are.
func TestPicturesOfSeveralCodePoints(t *testing.T) {
	for text, want := range map[string]string{
		"👨‍👩‍👧‍👦 family":   "□ family",
		"a🇩🇪b🇫🇷":           "a□b□",
		"👍🏽👍":              "□👍",
		"1️⃣ and #️⃣":      "□ and □",
		"❤️ and ⚠️":        "❤ and ⚠",
		"☎︎":               "☎",
		"🏳️‍🌈":             "□",
		"🏴󠁧󠁢󠁳󠁣󠁴󠁿":          `🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f`,
		"🇩":                "🇩",
		"क्\u200dष":        "क्\u200dष", // a joiner in a script
		"a\u200db":         "a\u200db",
		"😀😀":               "😀😀",
		"a\u200d😀 b🏽":      "a\u200d😀 b🏽",
		"plain":            "plain",
		"1 2 # *":          "1 2 # *",
		"\U0001f3fd alone": "\U0001f3fd alone",
		"👩🏽‍🚀 and 👩🏽‍🚀":    "□ and □",
	} {
		table := &output.Table{Columns: []output.Column{{Name: "X"}}, Rows: [][]output.Cell{row(text)}}
		if got := printTable(t, 80, table); got != "  X\n  "+want+"\n" {
			t.Errorf("%q is shown as %q, want %q", text, strings.TrimPrefix(got, "  X\n  "), want)
		}
	}
}

func TestOnlyProseIsCut(t *testing.T) {
	const id, message = "1795443329000000", "the quick brown fox jumps over the lazy dog again and again"
	table := &output.Table{
		Columns: []output.Column{{Name: "ID"}, {Name: "MESSAGE", Shrinks: true}, {Name: "N", Right: true}},
		Rows:    [][]output.Cell{row(id, message, "1"), row(id, "short", "200"), row(id, "表の名前表の名前表の名前表の名前", "3"), row(id, "", "4")},
	}
	for width, want := range map[int]string{
		84: "" +
			"  ID                MESSAGE                                                        N\n" +
			"  1795443329000000  the quick brown fox jumps over the lazy dog again and again    1\n" +
			"  1795443329000000  short                                                        200\n" +
			"  1795443329000000  表の名前表の名前表の名前表の名前                               3\n" +
			"  1795443329000000                                                                 4\n",
		45: "" +
			"  ID                MESSAGE                 N\n" +
			"  1795443329000000  the quick brown fox…    1\n" +
			"  1795443329000000  short                 200\n" +
			"  1795443329000000  表の名前表の名前表…     3\n" +
			"  1795443329000000                          4\n",
		10: "" +
			"  ID                MESSAGE         N\n" +
			"  1795443329000000  the quick b…    1\n" +
			"  1795443329000000  short         200\n" +
			"  1795443329000000  表の名前表…     3\n" +
			"  1795443329000000                  4\n",
	} {
		if diff := cmp.Diff(want, printTable(t, width, table)); diff != "" {
			t.Errorf("width %d (-want +got):\n%s", width, diff)
		}
	}
}

func TestATableWithoutProseIsNeverCut(t *testing.T) {
	const long = "a-name-that-is-longer-than-the-line"
	table := &output.Table{
		Columns: []output.Column{{Name: "jobId v1.2"}, {Name: "Name"}},
		Rows:    [][]output.Cell{row("1", long), row(" 2", long+" ")},
	}
	want := "  jobId v1.2  Name\n  1           " + long + "\n   2          " + long + "\n"
	if diff := cmp.Diff(want, printTable(t, 20, table)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPrintingATableTwiceIsTheSame(t *testing.T) {
	d := report()
	first := printed(t, output.Screen{Width: 40}, d)
	if second := printed(t, output.Screen{Width: 120}, d); second != at120 {
		t.Errorf("after it was printed narrow:\n%s\n%s", first, second)
	}
}
