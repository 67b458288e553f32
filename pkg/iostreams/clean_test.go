package iostreams

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"plain", "orders.csv: 3 of 5 (60 %)", "orders.csv: 3 of 5 (60 %)"},
		{"letters", "Zażółć 表 ñ é ✓", "Zażółć 表 ñ é ✓"},
		{"line breaks and tabs", "a\nb\tc\r\nd", "a b c d"},
		{"carriage return", "99 rows\r0 rows", "99 rows␍0 rows"},
		{"colour", "\x1b[31mred\x1b[0m", "␛[31mred␛[0m"},
		{"title", "\x1b]0;owned\a", "␛]0;owned␇"},
		{"backspace and delete", "ab\b\x7fc", "ab␈␡c"},
		{"nul", "a\x00b", "a␀b"},
		{"C1", "\u009b31m\u0085", `\u009b31m\u0085`},
		{"C1 as a byte", "\x9b31m", `\x9b31m`},
		{"half a letter", "a\xe2\x82", `a\xe2\x82`},
		{"direction", "a\u202ecba\u2069\u200f\u061c", `a\u202ecba\u2069\u200f\u061c`},
		{"invisible", "i\u200bd\u00ad\ufeff\u2060", `i\u200bd\u00ad\ufeff\u2060`},
		{"tags", "a\U000e0041", `a\U000e0041`},
		{"separators", "a\u2028b\u2029c", `a\u2028b\u2029c`},
		{"joiners", "👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"},
		{"visible format character", "\u0601", "\u0601"},
		{"replacement character", "\ufffd", "\ufffd"},
		{"surrogate as bytes", "\xed\xa0\x80", `\xed\xa0\x80`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.text); got != tt.want {
				t.Errorf("Clean(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestCleanLines(t *testing.T) {
	const text, want = "a\n\tb\r\nc\rd\x1b[2J\n", "a\n b\nc␍d␛[2J\n"
	if got := CleanLines(text); got != want {
		t.Errorf("CleanLines(%q) = %q, want %q", text, got, want)
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"", "a\n", "\x1b[31m", "\u202e", "\xff", "\u009b", "é", "\r\n\t", "\U000e0041", "\u2028"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		one, lines := Clean(text), CleanLines(text)
		if strings.ReplaceAll(lines, "\n", " ") != one {
			t.Errorf("%q: lines %q and one line %q differ in more than line feeds", text, lines, one)
		}
		if !utf8.ValidString(one) {
			t.Errorf("%q became invalid UTF-8: %q", text, one)
		}
		for _, r := range one {
			if unicode.In(r, unicode.Cc, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
				t.Errorf("%q keeps %U: %q", text, r, one)
			}
		}
		if again := Clean(one); again != one {
			t.Errorf("%q is not settled: %q, then %q", text, one, again)
		}
	})
}

func TestCleanJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":"plain <b> & é € 漢 😀"}`:      `{"a":"plain <b> & é € 漢 😀"}`,
		"{\n\t\"a\": 1\n}":                 "{\n\t\"a\": 1\n}",
		"\"\u009b31m\x7f\u0085\"":          `"\u009b31m\u007f\u0085"`,
		"\"\u202eevil\u2066\u200f\u061c\"": `"\u202eevil\u2066\u200f\u061c"`,
		"\"\u200d joins\"":                 "\"\u200d joins\"",
		"\"\U000e0041\"":                   `"\udb40\udc41"`,
		"\"a\xff\xc3b\x9b\"":               `"a\ufffd\ufffdb\ufffd"`,
		"\"\u2028\ufeff\"":                 `"\u2028\ufeff"`,
	} {
		if got := string(CleanJSON([]byte(text))); got != want {
			t.Errorf("%q became %s, want %s", text, got, want)
		}
	}
}

// FuzzCleanJSON holds that the value stays the same and that nothing is left that
// a terminal obeys.
func FuzzCleanJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,null,"x"]}`, "\"\u009b\u202e\"", "\"\xff\"", "\"\U000e0041\x7f\"", `"\u001b"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var before, after any
		if json.Unmarshal(text, &before) != nil {
			return
		}
		clean := CleanJSON(text)
		if err := json.Unmarshal(clean, &after); err != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("%q became %q: %v, want %v (%v)", text, clean, after, before, err)
		}
		blanks := strings.NewReplacer("\t", " ", "\r", " ", "\n", " ")
		if line := blanks.Replace(string(clean)); Clean(line) != line {
			t.Fatalf("%q is not safe", clean)
		}
	})
}
