package iostreams_test

import (
	"encoding/json"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

func TestWhatACISystemWouldObey(t *testing.T) {
	for text, want := range map[string]string{
		"##vso[task.complete result=Succeeded;]ok":   "# #vso[task.complete result=Succeeded;]ok",
		"orders: ##[error]no":                        "orders: # #[error]no",
		"###VSO[a]##vso[b]":                          "## #VSO[a]# #vso[b]",
		"::error file=a::b":                          ": :error file=a::b",
		"  ::stop-commands::x":                       "  : :stop-commands::x",
		"\x1b##vso[x]":                               "␛# #vso[x]",
		"#\u200d#vso[x]":                             "#\u200d#vso[x]",
		"select a::int, '## [x]', b## from #[t] # #": "select a::int, '## [x]', b## from #[t] # #",
		"##": "##", "##vso": "##vso", "## vso[": "## vso[", ":": ":", "": "",
	} {
		if got := iostreams.Clean(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got, want := iostreams.CleanLines("a\n::warning::b\nc::d\n::e"), "a\n: :warning::b\nc::d\n: :e"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestJSONKeepsWhatACISystemWouldObey: it is escaped, and says the same.
func TestJSONKeepsWhatACISystemWouldObey(t *testing.T) {
	const text = `{"a":"##vso[x]###[y]","##[k]":"é## [","b":"##"}`
	got := iostreams.CleanJSON([]byte(text))
	if want := `{"a":"#\u0023vso[x]##\u0023[y]","#\u0023[k]":"é## [","b":"##"}`; string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
	var before, after map[string]string
	if err := json.Unmarshal([]byte(text), &before); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got, &after); err != nil {
		t.Fatal(err)
	}
	for key, value := range before {
		if after[key] != value {
			t.Errorf("%s became %q, want %q", key, after[key], value)
		}
	}
}
