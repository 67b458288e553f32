package dqops_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// exchangeOf holds the body types of one operation.
type exchangeOf struct {
	request func() any
	result  func(answer []byte) (any, json.RawMessage, error)
}

func operationOf[B, R any](raw func(R) json.RawMessage) exchangeOf {
	return exchangeOf{
		request: func() any { return new(B) },
		result: func(answer []byte) (any, json.RawMessage, error) {
			var a dqops.QueueJobResult[R]
			if err := json.Unmarshal(answer, &a); err != nil || a.Result == nil {
				return nil, nil, err
			}
			return a.Result, raw(*a.Result), nil
		},
	}
}

var exchanges = map[string]exchangeOf{
	dqops.CollectStatisticsOnTablePath: operationOf[dqops.StatisticsCollectorSearchFilters](
		func(r dqops.CollectStatisticsResult) json.RawMessage { return r.Raw }),
	dqops.CollectStatisticsOnDataGroupsPath: operationOf[dqops.StatisticsCollectorSearchFilters](
		func(r dqops.CollectStatisticsResult) json.RawMessage { return r.Raw }),
	dqops.CollectErrorSamplesPath: operationOf[dqops.CollectErrorSamplesParameters](
		func(r dqops.ErrorSamplerResult) json.RawMessage { return r.Raw }),
	dqops.ImportTablesPath: operationOf[dqops.ImportTablesQueueJobParameters](
		func(r dqops.ImportTablesResult) json.RawMessage { return r.Raw }),
	dqops.DeleteStoredDataPath: operationOf[dqops.DeleteStoredDataQueueJobParameters](
		func(r dqops.DeleteStoredDataResult) json.RawMessage { return r.Raw }),
	dqops.SynchronizeFoldersPath: operationOf[dqops.SynchronizeMultipleFoldersParameters](
		func(dqops.NoResult) json.RawMessage { return nil }),
}

// TestRecordedOperations decodes each recorded body of the other operations
// strictly and holds that nothing of it is lost: a request comes out as it went
// in, a result too, but for the specs of imported tables, which are kept raw.
func TestRecordedOperations(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "operations", "*.json"))
	if err != nil || len(files) != 19 {
		t.Fatalf("%d recordings (%v), want 19", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var r recording
			if err := json.Unmarshal(text, &r); err != nil {
				t.Fatal(err)
			}
			path, _, _ := strings.Cut(r.Request.Path, "?")
			types, ok := exchanges[path]
			if !ok {
				t.Fatalf("no types for %s", path)
			}
			request := types.request()
			strict := json.NewDecoder(bytes.NewReader(r.Request.Body))
			strict.DisallowUnknownFields()
			if err := strict.Decode(request); err != nil {
				t.Fatalf("the request: %v", err)
			}
			same(t, "request", withoutFalse(t, r.Request.Body), withoutFalse(t, marshal(t, request)))
			if r.Response.Status != 201 {
				return
			}
			result, raw, err := types.result(r.body())
			if err != nil {
				t.Fatalf("the result: %v", err)
			}
			if result == nil || raw == nil {
				return
			}
			var answer struct {
				Result json.RawMessage `json:"result"`
			}
			if err := json.Unmarshal(r.body(), &answer); err != nil {
				t.Fatal(err)
			}
			same(t, "raw result", generic(t, answer.Result), generic(t, raw))
			if path != dqops.ImportTablesPath {
				same(t, "result", generic(t, answer.Result), generic(t, marshal(t, result)))
			}
		})
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-recorded +ours):\n%s", what, diff)
	}
}

func marshal(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func generic(t *testing.T, data []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// withoutFalse leaves out what the server takes for absent: false is the default of
// every boolean of these bodies.
func withoutFalse(t *testing.T, data []byte) any {
	t.Helper()
	object, ok := generic(t, data).(map[string]any)
	if !ok {
		t.Fatalf("no object: %s", data)
	}
	for name, value := range object {
		if value == false {
			delete(object, name)
		}
	}
	return object
}
