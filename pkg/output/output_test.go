package output_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/output"
)

func TestJSON(t *testing.T) {
	type object struct {
		Text  string          `json:"text"`
		ID    int64           `json:"id"`
		Raw   json.RawMessage `json:"raw,omitempty"`
		Empty []string        `json:"empty"`
	}
	for _, tc := range []struct {
		name  string
		value any
		want  string
	}{
		{
			"text is not escaped for HTML",
			object{Text: `a < b && c > "d" 表 😀`, ID: math.MaxInt64, Empty: []string{}},
			"{\n  \"text\": \"a < b && c > \\\"d\\\" 表 😀\",\n  \"id\": 9223372036854775807,\n  \"empty\": []\n}\n",
		},
		{
			"raw values stay as they are",
			object{Raw: json.RawMessage(`{"n":1.10, "big":9007199254740993,"e":1e400,"x":[ ],"s":"<&>"}`)},
			"{\n  \"text\": \"\",\n  \"id\": 0,\n  \"raw\": {\n    \"n\": 1.10,\n    \"big\": 9007199254740993,\n    \"e\": 1e400,\n    \"x\": [],\n    \"s\": \"<&>\"\n  },\n  \"empty\": null\n}\n",
		},
		{"a list", []int64{1, 2}, "[\n  1,\n  2\n]\n"},
		{"an empty list", []int64{}, "[]\n"},
		{"an object of our own making", embedded(`{"a":"<b>","n":12345678901234567890}`), "{\n  \"a\": \"<b>\",\n  \"n\": 12345678901234567890\n}\n"},
	} {
		var b bytes.Buffer
		if err := output.JSON(&b, tc.value); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if diff := cmp.Diff(tc.want, b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// embedded marshals itself.
type embedded string

func (e embedded) MarshalJSON() ([]byte, error) { return []byte(e), nil }

func TestJSONThatCannotBeWritten(t *testing.T) {
	w := new(countingWriter)
	if err := output.JSON(w, math.NaN()); err == nil || w.writes != 0 {
		t.Errorf("%v after %d writes: a value that cannot be encoded must leave no half of it", err, w.writes)
	}
	if err := output.JSON(w, map[string]int{"a": 1}); err != nil || w.writes != 1 {
		t.Errorf("%v after %d writes, want 1", err, w.writes)
	}
	full := errors.New("no space left")
	w.err = full
	if err := output.JSON(w, 7); !errors.Is(err, full) {
		t.Errorf("%v, want %v", err, full)
	}
	if err := output.IDs(w, 7); !errors.Is(err, full) {
		t.Errorf("%v, want %v", err, full)
	}
}

func TestIDs(t *testing.T) {
	for _, tc := range []struct {
		ids  []int64
		want string
	}{
		{nil, ""},
		{[]int64{1795443329000000}, "1795443329000000\n"},
		{[]int64{9007199254740993, math.MaxInt64}, "9007199254740993\n9223372036854775807\n"},
	} {
		var b bytes.Buffer
		if err := output.IDs(&b, tc.ids...); err != nil || b.String() != tc.want {
			t.Errorf("%v: %q, %v, want %q", tc.ids, b.String(), err, tc.want)
		}
	}
}
