package dqops

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// FuzzStored holds that the readings on which a verdict rests, and the search for
// tables, either understand an answer or say that it is none of a server's, and
// that what they understood is all that they will say of it.
func FuzzStored(f *testing.F) {
	for _, pattern := range []string{"readouts_*.json", "results_*.json", "group_re*.json", "rerun_[56]*.json", "search_tables*.json"} {
		addStored(f, pattern)
	}
	for _, seed := range []string{
		"", "null", "{}", "[]", "[null]", "[{}]", "[", `[{"checkName":7}]`, `[{"sensorReadoutEntries":null},{"errorEntries":[{"executedAt":"soon"}]}]`,
		`[{"checkResultEntries":[{"severity":9,"actualValue":1e999}]}]`, `[{"connection_name":"c","target":{"schema_name":"s","table_name":"t"}}]`,
		`[{"errorEntries":[{"readoutId":"a","errorSource":"rule","executedAt":"2026-11-23T14:15:26.1Z","errorMessage":"a\u001b[31m\nb"}]}]`,
	} {
		f.Add([]byte(seed))
	}
	client, err := New(Options{BaseURL: DefaultURL})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		readsTheSame[CheckResultsList](t, client, text)
		readsTheSame[SensorReadoutsList](t, client, text)
		readsTheSame[ErrorsList](t, client, text)
		readsTheSame[TableListEntry](t, client, text)
	})
}

// readsTheSame reads an answer, and what it was understood as once more.
func readsTheSame[T any](t *testing.T, c *Client, text []byte) {
	t.Helper()
	read := func(text []byte) ([]T, error) {
		var lists []T
		err := c.readAnswer(call{whole: true}, &http.Response{
			StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(text)),
		}, &lists)
		return lists, err
	}
	lists, err := read(text)
	if err != nil {
		if _, typed := errors.AsType[*ProtocolError](err); !typed {
			t.Fatalf("%q: %v", text, err)
		}
		return
	}
	once, err := json.Marshal(lists)
	if err != nil {
		t.Fatalf("%q became what cannot be written: %v", text, err)
	}
	again, err := read(once)
	if err != nil {
		t.Fatalf("%q became %s: %v", text, once, err)
	}
	if twice, err := json.Marshal(again); err != nil || !bytes.Equal(once, twice) {
		t.Fatalf("%q became %s and then %s (%v)", text, once, twice, err)
	}
}

// addStored makes seeds of recorded answers, each entry of their lists alone: the
// fuzzer needs short ones.
func addStored(f *testing.F, pattern string) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "recordings", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no recordings match %s: %v", pattern, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var recorded struct {
			Response struct {
				Body json.RawMessage `json:"body"`
			} `json:"response"`
		}
		if err := json.Unmarshal(text, &recorded); err != nil {
			f.Fatal(err)
		}
		var lists []json.RawMessage
		if json.Unmarshal(recorded.Response.Body, &lists) != nil {
			continue // a failure, which has a target of its own
		}
		for _, list := range lists {
			var short bytes.Buffer
			if err := json.Compact(&short, list); err != nil {
				f.Fatal(err)
			}
			f.Add([]byte("[" + short.String() + "]"))
		}
	}
}
