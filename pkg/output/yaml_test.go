package output_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/dqoctl/dqoctl/pkg/output"
)

func yamlOf(t *testing.T, value any) string {
	t.Helper()
	var b bytes.Buffer
	if err := output.YAML(&b, value); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestYAML(t *testing.T) {
	for name, tc := range map[string]struct{ json, want string }{
		"order and shapes": {
			`{"z":1,"a":{"list":[1,{"x":true,"y":null},[2,[]]],"none":{},"text":"plain words, here"},"e":[]}`,
			"z: 1\na:\n  list:\n    - 1\n    - x: true\n      \"y\": null\n    - - 2\n      - []\n  none: {}\n  text: plain words, here\ne: []\n",
		},
		"numbers keep their digits": {
			`[9223372036854775807,12345678901234567890,1.10,-0.0,1E+2]`,
			"- 9223372036854775807\n- 12345678901234567890\n- 1.10\n- -0.0\n- 1E+2\n",
		},
		"texts that look like something else": {
			`["1","1.5","0x10","1_000","12:30","2026-11-23","2026-11-23T00:00:00","true","No","y","null","~","","-"," a","a ","a: b","a #b","*x","&x","!x","%x","@x","` + "`x" + `","{","[","'x","\"x","|",">","?","=","<<",".inf","1e3","+1","0o7","---","..."]`,
			"",
		},
		"lines and controls": {
			`["one\ntwo\n","tab\there","\u001b[31m","\u0000","x\ry","a\\b","\u0085","\u2028","é","表","😀","\ud83d\ude00"]`,
			"",
		},
		"the last of two members": {`{"a":1,"b":2,"a":3}`, "a: 3\nb: 2\n"},
		"keys":                    {`{"":1,"1":2,"on":3,"a b":4,"a: b":5,"表":6,"-":7,"? x":8}`, ""},
		"a long key":              {`{"a":{"` + strings.Repeat("k", 2000) + `":{"b":[1]},"c":2}}`, ""},
		"a text alone":            {`"yes"`, "\"yes\"\n"},
		"nothing":                 {`null`, "null\n"},
	} {
		got := yamlOf(t, json.RawMessage(tc.json))
		if tc.want != "" && got != tc.want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, tc.want)
		}
		sameValue(t, name, tc.json, got)
	}
}

// sameValue reads both texts and compares what they say.
func sameValue(t *testing.T, name, jsonText, yamlText string) {
	t.Helper()
	var want any
	d := json.NewDecoder(strings.NewReader(jsonText))
	d.UseNumber()
	if err := d.Decode(&want); err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(yamlText), &root); err != nil {
		t.Errorf("%s: %v\n%s", name, err, yamlText)
		return
	}
	if diff := cmp.Diff(want, plainValue(t, root.Content[0])); diff != "" {
		t.Errorf("%s (-JSON +YAML):\n%s", name, diff)
	}
}

// plainValue is what a node says, with numbers as they are written.
func plainValue(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch {
	case n.Kind == yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].ShortTag() != "!!str" {
				t.Errorf("the key %q is read as %s", n.Content[i].Value, n.Content[i].Tag)
			}
			m[n.Content[i].Value] = plainValue(t, n.Content[i+1])
		}
		return m
	case n.Kind == yaml.SequenceNode:
		l := []any{}
		for _, item := range n.Content {
			l = append(l, plainValue(t, item))
		}
		return l
	case n.ShortTag() == "!!int" || n.ShortTag() == "!!float":
		return json.Number(n.Value)
	}
	var value any
	if err := n.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func FuzzYAML(f *testing.F) {
	for _, text := range []string{"", "a", "a: b", "1", "yes", "2026-11-23", "x\ny", "😀 表", "- a", "# a", "\x7f", "\u202e", "0777", "a\u0085b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		jsonText, err := json.Marshal(map[string]any{text: []string{text}, "k": text})
		if err != nil {
			t.Skip()
		}
		sameValue(t, fmt.Sprintf("%q", text), string(jsonText), yamlOf(t, json.RawMessage(jsonText)))
	})
}

func TestYAMLList(t *testing.T) {
	var b bytes.Buffer
	if err := output.YAMLList(&b, []any{map[string]int{"a": 1, "b": 2}, []int{}, "x"}); err != nil {
		t.Fatal(err)
	}
	if want := "- a: 1\n  b: 2\n- []\n- x\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	b.Reset()
	if err := output.YAMLList(&b, []int{}); err != nil || b.String() != "[]\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestYAMLThatCannotBeWritten(t *testing.T) {
	w := new(countingWriter)
	if err := output.YAML(w, math.NaN()); err == nil || w.writes != 0 {
		t.Errorf("%v after %d writes", err, w.writes)
	}
	if err := output.YAMLList(w, []float64{math.NaN()}); err == nil || w.writes != 0 {
		t.Errorf("%v after %d writes", err, w.writes)
	}
	full := errors.New("no space left")
	w.err = full
	if err := output.YAML(w, 7); !errors.Is(err, full) {
		t.Errorf("%v, want %v", err, full)
	}
	if err := output.YAMLList(w, []int{7}); !errors.Is(err, full) {
		t.Errorf("%v, want %v", err, full)
	}
}
