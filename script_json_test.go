package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// readJSON decodes a file that must hold exactly one JSON value.
func readJSON(ts *testscript.TestScript, file string) any {
	value, err := decodeOne(ts.ReadFile(file))
	if err != nil {
		ts.Fatalf("%s: %v", file, err)
	}
	return value
}

func decodeOne(text string) (any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if !errors.Is(decoder.Decode(new(any)), io.EOF) {
		return nil, errors.New("there is more than one JSON value")
	}
	return value, nil
}

// at follows a path such as jobs.0.jobId.jobId; "." is the whole value and "#"
// the length of a list.
func at(value any, path string) (any, bool) {
	if path == "." {
		return value, true
	}
	for step := range strings.SplitSeq(path, ".") {
		switch inner := value.(type) {
		case map[string]any:
			next, ok := inner[step]
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			index, err := strconv.Atoi(step)
			switch {
			case step == "#":
				value = json.Number(strconv.Itoa(len(inner)))
			case err == nil && index < len(inner):
				value = inner[index]
			default:
				return nil, false
			}
		default:
			return nil, false
		}
	}
	return value, true
}

// cmdJSONHas is "[!] jsonhas FILE PATH [VALUE]": the file is one JSON value with
// that in it. A value that is no JSON is a text. Negated: nothing is there.
func cmdJSONHas(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, len(args) == 2 || len(args) == 3 && !neg, "[!] jsonhas FILE PATH [VALUE]")
	got, found := at(readJSON(ts, args[0]), args[1])
	if found == neg {
		ts.Fatalf("%s of %s: found is %v (%v)", args[1], args[0], found, got)
	}
	if len(args) < 3 {
		return
	}
	want, err := decodeOne(args[2])
	if err != nil {
		want = args[2]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		ts.Fatalf("%s of %s (-want +got):\n%s", args[1], args[0], diff)
	}
}

// cmdJSONKeys is "jsonkeys FILE PATH KEY...": the object there has exactly these.
func cmdJSONKeys(ts *testscript.TestScript, args []string) {
	need(ts, len(args) >= 3, "jsonkeys FILE PATH KEY...")
	value, _ := at(readJSON(ts, args[0]), args[1])
	object, ok := value.(map[string]any)
	if !ok {
		ts.Fatalf("%s of %s is no object: %v", args[1], args[0], value)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(args[2:])), slices.Sorted(maps.Keys(object))); diff != "" {
		ts.Fatalf("keys of %s (-want +got):\n%s", args[1], diff)
	}
}

// cmdJSONSame is "jsonsame FILE PATH FILE PATH": the same value at both places.
func cmdJSONSame(ts *testscript.TestScript, args []string) {
	need(ts, len(args) == 4, "jsonsame FILE PATH FILE PATH")
	one, found := at(readJSON(ts, args[0]), args[1])
	other, foundToo := at(readJSON(ts, args[2]), args[3])
	if !found || !foundToo {
		ts.Fatalf("%s is there: %v, %s is there: %v", args[1], found, args[3], foundToo)
	}
	if diff := cmp.Diff(one, other); diff != "" {
		ts.Fatalf("%s and %s differ:\n%s", args[1], args[3], diff)
	}
}

// cmdKeep is "keep NAME FILE [PATH]": the text of the file, or the value there,
// becomes a variable.
func cmdKeep(ts *testscript.TestScript, args []string) {
	need(ts, len(args) == 2 || len(args) == 3, "keep NAME FILE [PATH]")
	if len(args) == 2 {
		ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile(args[1])))
		return
	}
	value, found := at(readJSON(ts, args[1]), args[2])
	if !found {
		ts.Fatalf("%s has no %s", args[1], args[2])
	}
	ts.Setenv(args[0], fmt.Sprint(value))
}
