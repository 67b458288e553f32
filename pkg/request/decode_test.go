package request

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

type inner struct {
	Name   string `json:"name,omitempty"`
	Hidden int    `json:"-"`
}

type outer struct {
	inner
	Embedded
	Text  string            `json:"text"`
	Word  word              `json:"word"`
	Flag  *bool             `json:"flag"`
	Small int32             `json:"small"`
	Large *int64            `json:"large"`
	Texts []string          `json:"texts"`
	Part  *inner            `json:"part"`
	Parts []inner           `json:"parts"`
	Any   json.RawMessage   `json:"any"`
	Anys  []json.RawMessage `json:"anys"`
	Odd   map[string]string `json:"odd"`
}

type word string

// Embedded has fields that belong to the object around it.
type Embedded struct {
	Promoted string `json:"promoted"`
}

func decodeOuter(t *testing.T, body string) (outer, error) {
	t.Helper()
	file, err := ParseFile("b", []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var target outer
	d := newDraft(file, nil)
	d.decode(&target)
	return target, d.problems.err()
}

func TestDecodeAnyStruct(t *testing.T) {
	got, err := decodeOuter(t, `
promoted: p
text: |
  two
  lines
word: 2024-02-03
flag: false
small: -2147483648
large: 9223372036854775807
texts: [a, 1.50, .inf, yes, <<]
part: {name: x}
parts: [{name: y}, {}]
any: {b: [1, 1.50, 1e400, -0, 123456789012345678901234567890, true, True, ~, "", 2024-02-03, 'x"<é'], a: {}}
anys: [null, [], "007", no]
`)
	if err != nil {
		t.Fatal(err)
	}
	want := outer{
		Embedded: Embedded{"p"}, Text: "two\nlines\n", Word: "2024-02-03", Flag: new(false), Small: -2147483648, Large: new(int64(9223372036854775807)),
		Texts: []string{"a", "1.50", ".inf", "yes", "<<"}, Part: &inner{Name: "x"}, Parts: []inner{{Name: "y"}, {}},
		Any:  json.RawMessage(`{"b":[1,1.50,1e400,-0,123456789012345678901234567890,true,true,null,"","2024-02-03","x\"\u003cé"],"a":{}}`),
		Anys: []json.RawMessage{json.RawMessage("null"), json.RawMessage("[]"), json.RawMessage(`"007"`), json.RawMessage(`"no"`)},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outer{}, inner{})); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeRefusesInAnyStruct(t *testing.T) {
	tests := map[string]string{
		"Hidden: 1":             "b:1:1: Hidden is an unknown field in the body; it has",
		"odd: {a: b}":           "b:1:6: odd cannot be given in a body",
		"large: 1e2":            "b:1:8: large takes a whole number in plain digits, not 1e2",
		"parts: [{nam: a}]":     "b:1:10: nam is an unknown field in parts[0], did you mean name?",
		"part: {name: a, x: b}": "b:1:17: x is an unknown field in part; it has name",
		"any: {a: 1, a: 2}":     "b:1:13: a is given twice, first in line 1",
		"any: {[a]: 1}":         "b:1:7: any has a list where the name of a field belongs",
		"anys: [1_0.0]":         "b:1:8: anys[0] takes numbers as JSON writes them, not 1_0.0; if it is a text, quote it",
	}
	for body, want := range tests {
		_, err := decodeOuter(t, body)
		if err == nil || err.Error()[:min(len(want), len(err.Error()))] != want {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}

// A field of a body whose kind the decoder does not know could not be given.
func TestEveryBodyFieldCanBeDecoded(t *testing.T) {
	bodies := []reflect.Type{reflect.TypeFor[dqops.RunChecksParameters]()}
	for _, body := range bodies {
		checkDecodable(t, body, body.Name())
	}
}

func checkDecodable(t *testing.T, kind reflect.Type, name string) {
	t.Helper()
	switch {
	case kind == rawType || kind.Kind() == reflect.String || kind.Kind() == reflect.Bool || reflect.Zero(kind).CanInt():
	case kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice:
		checkDecodable(t, kind.Elem(), name)
	case kind.Kind() == reflect.Struct:
		for _, each := range fieldsOf(kind) {
			checkDecodable(t, kind.FieldByIndex(each.index).Type, name+"."+each.name)
		}
	default:
		t.Errorf("%s is a %s", name, kind)
	}
}
