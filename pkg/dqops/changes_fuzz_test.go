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

// FuzzJobChanges is inside the package because connections between would make
// what the fuzzer learns depend on chance.
func FuzzJobChanges(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "recordings", "changes_*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		var recorded struct {
			Response struct {
				Body struct {
					Changes []json.RawMessage `json:"jobChanges"`
				} `json:"body"`
			} `json:"response"`
		}
		text, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(text, &recorded) != nil {
			f.Fatalf("%s: %v", file, err)
		}
		// One by one: the fuzzer needs short ones.
		for _, change := range recorded.Response.Body.Changes {
			var short bytes.Buffer
			if err := json.Compact(&short, change); err != nil {
				f.Fatal(err)
			}
			f.Add([]byte(`{"jobChanges":[` + short.String() + `],"lastSequenceNumber":7}`))
		}
	}
	for _, seed := range []string{
		"", "null", "[]", `{}`, `{"jobChanges":[`, `{"jobChanges":[{}],"lastSequenceNumber":7}`, `{"lastSequenceNumber":-1}`,
		`{"jobChanges":[{"jobId":{"jobId":7,"createdAt":7}}],"lastSequenceNumber":7}`,
		`{"a":[[[[1]]],"jobChanges":null}`, `{"lastSequenceNumber":7}{`, `{"lastSequenceNumber":7}null`,
	} {
		f.Add([]byte(seed))
	}
	client, err := New(Options{BaseURL: DefaultURL})
	if err != nil {
		f.Fatal(err)
	}
	enough := errors.New("enough")
	f.Fuzz(func(t *testing.T, text []byte) {
		read := func(body io.Reader, each func(JobChange) error) (int64, error) {
			return client.readChanges(call{}, &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}, each)
		}
		seen := 0
		last, err := read(bytes.NewReader(text), func(JobChange) error { seen++; return nil })
		if _, typed := errors.AsType[*ProtocolError](err); err != nil && (!typed || last != 0) {
			t.Fatalf("%q: %d, %v", text, last, err)
		}
		if err == nil && !json.Valid(text) {
			t.Fatalf("%q is no JSON and was taken", text)
		}
		if seen > 0 {
			if _, err := read(bytes.NewReader(text), func(JobChange) error { return enough }); !errors.Is(err, enough) {
				t.Fatalf("%q: %v, want the caller's error", text, err)
			}
		}
		cut := io.MultiReader(bytes.NewReader(text), broken{})
		_, err = read(cut, func(JobChange) error { return nil })
		if _, lost := errors.AsType[*readError](err); json.Valid(text) && !lost {
			if _, typed := errors.AsType[*ProtocolError](err); !typed {
				t.Fatalf("%q: the connection broke and it is %v", text, err)
			}
		}
	})
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
