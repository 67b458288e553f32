package output_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/dqoctl/dqoctl/pkg/output"
)

// awkward are values that break tables.
var awkward = map[string]string{
	"empty":        "",
	"blank":        "   ",
	"CJK":          "顧客の注文データ",
	"family":       "👨‍👩‍👧‍👦 family",
	"flag":         "🇩🇪 flag",
	"skin tone":    "👍🏽 skin",
	"keycap":       "1️⃣ one",
	"Hebrew":       "שלום עולם",
	"Arabic":       "مرحبا بالعالم",
	"override":     "a\u202eb\u2066c",
	"combining":    "e\u0301a\u0308o\u0302",
	"controls":     "\x1b[31mred\x1b[0m\a\x00\x7f",
	"lines":        "one\ntwo\r\nthree\tfour",
	"not UTF-8":    "\xff\xfe",
	"10000 words":  strings.TrimSpace(strings.Repeat("word ", 2000)),
	"10000 in one": strings.Repeat("x", 10000),
	"10000 CJK":    strings.Repeat("表", 10000),
}

// TestAwkwardValuesInEveryColumn puts each of them into each column of tables of
// each form: no line is wider than the screen unless a word is, the columns stand
// below each other, and programs get all of it.
func TestAwkwardValuesInEveryColumn(t *testing.T) {
	columns := []output.Column{{Name: "JOB"}, {Name: "N", Right: true}, {Name: "STATUS"}, {Name: "ERROR", Shrinks: true}}
	for name, value := range awkward {
		for at := range columns {
			rows := [][]output.Cell{row("1", "22", "failed", "it broke"), row("2", "3", "finished", "")}
			rows[0][at].Text = value
			for _, width := range []int{20, 40, 80, 200} {
				where := fmt.Sprintf("%s in %s at %d", name, columns[at].Name, width)
				list := &output.List{Columns: columns, Rows: rows}
				text, err := list.Layout(output.Screen{Width: width})
				if err != nil {
					t.Fatal(err)
				}
				checkFrame(t, where, text, width)
				table := &output.Table{Title: "Rows", Lead: 2, Columns: columns, Rows: rows}
				checkFrame(t, where, printTable(t, width, table), width)
			}
			checkPrograms(t, name, columns, rows)
		}
	}
}

// checkFrame finds lines that are wider than the screen for another reason than a
// long word, and what a terminal would obey.
func checkFrame(t *testing.T, where, text string, width int) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		longest := 0
		for word := range strings.FieldsSeq(line) {
			longest = max(longest, twwidth.Width(word))
		}
		// 13 is the widest indentation: below a name in a record.
		if w := twwidth.Width(line); w > width && w > longest+13 {
			t.Errorf("%s: %d columns wide: %.100q", where, w, line)
		}
		if strings.ContainsAny(line, "\x1b\a\x00\r\t\x7f\u202e\u2066") {
			t.Errorf("%s: a terminal would obey %.100q", where, line)
		}
	}
}

func checkPrograms(t *testing.T, name string, columns []output.Column, rows [][]output.Cell) {
	t.Helper()
	list := &output.List{Columns: columns, Rows: rows}
	var tsv, table, jsonText, yamlText bytes.Buffer
	if err := list.TSV(&tsv); err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(tsv.String(), "\n"), "\n") {
		if got := strings.Count(line, "\t"); got != len(columns)-1 {
			t.Errorf("%s: line %d has %d tabs: %.100q", name, i, got, line)
		}
	}
	if err := list.CSV(&table); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&table).ReadAll()
	if err != nil || len(records) != len(rows)+1 {
		t.Fatalf("%s: %d records, %v", name, len(records), err)
	}
	for j := range columns {
		text := rows[0][j].Text
		if utf8.ValidString(text) && !strings.ContainsAny(text, "\x1b\x00\r\t\u202e") && records[1][j] != text {
			t.Errorf("%s: csv has %.100q of %.100q", name, records[1][j], text)
		}
		if len([]rune(records[1][j])) < len([]rune(strings.ReplaceAll(text, "\r\n", "\n"))) {
			t.Errorf("%s: csv has only %.100q of %.100q", name, records[1][j], text)
		}
	}
	value := map[string]string{"value": strings.ToValidUTF8(rows[0][0].Text, "\ufffd")}
	if err := output.JSON(&jsonText, value); err != nil {
		t.Fatal(err)
	}
	if err := output.YAML(&yamlText, value); err != nil {
		t.Fatal(err)
	}
	var back map[string]string
	if err := json.Unmarshal(jsonText.Bytes(), &back); err != nil || cmp.Diff(value, back) != "" {
		t.Errorf("%s: JSON lost something: %v", name, err)
	}
	sameValue(t, name, jsonText.String(), yamlText.String())
}

// TestLargeTablesLookTheSame: from some length on the library does not lay them out.
func TestLargeTablesLookTheSame(t *testing.T) {
	columns := []output.Column{{Name: "JOB"}, {Name: "N", Right: true}, {Name: "名前"}, {Name: "ERROR", Shrinks: true}}
	var rows [][]output.Cell
	for i := range 1000 {
		rows = append(rows, []output.Cell{
			{Text: fmt.Sprint(1795443329000000 + i)},
			{Text: fmt.Sprint(i)},
			{Text: strings.Repeat("表", i%5), Tone: output.Tone(i % 6)},
			{Text: strings.Repeat("word ", i%30)},
		})
	}
	for _, width := range []int{60, 80, 120} {
		for _, color := range []bool{false, true} {
			screen := output.Screen{Width: width, Color: color}
			small := &output.List{Columns: columns, Rows: rows}
			large := &output.List{Columns: columns, Rows: append(rows[:1000:1000], rows[0])}
			want, err := small.Layout(screen)
			if err != nil {
				t.Fatal(err)
			}
			got, err := large.Layout(screen)
			if err != nil {
				t.Fatal(err)
			}
			// The library resets colours where there are none.
			want, got = colours.ReplaceAllString(want, ""), colours.ReplaceAllString(got, "")
			wantLines, gotLines := strings.Split(want, "\n"), strings.Split(got, "\n")
			for i := range wantLines[:1001] {
				if strings.TrimRight(wantLines[i], " ") != strings.TrimRight(gotLines[i], " ") {
					t.Fatalf("line %d at %d:\n%q, want\n%q", i, width, gotLines[i], wantLines[i])
				}
			}
			if color && !strings.Contains(fmt.Sprint(large.Layout(screen)), "\x1b[31m") {
				t.Error("there is no colour")
			}
		}
	}
}

func BenchmarkLargeTable(b *testing.B) {
	var rows [][]output.Cell
	for i := range 10000 {
		rows = append(rows, row(fmt.Sprint(i), "run_checks", "finished", "some words of an error"))
	}
	list := &output.List{Columns: []output.Column{{Name: "JOB"}, {Name: "TYPE"}, {Name: "STATUS"}, {Name: "ERROR", Shrinks: true}}, Rows: rows}
	for b.Loop() {
		if _, err := list.Layout(output.Screen{Width: 80}); err != nil {
			b.Fatal(err)
		}
	}
}
