package request_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// FuzzBuild holds that no input is a crash, every refusal is a usage error, and
// a body that builds is sent as the typed request says it: its JSON decodes
// strictly into the same request, and builds the same again.
func FuzzBuild(f *testing.F) {
	bodies, err := filepath.Glob("testdata/bodies/*")
	if err != nil || len(bodies) == 0 {
		f.Fatalf("no seed bodies: %v", err)
	}
	for _, name := range bodies {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "", "", false)
		f.Add(body, "2024-02-03 10:00", "public.orders*", true)
	}
	f.Fuzz(func(t *testing.T, body []byte, from, table string, all bool) {
		flags := request.RunChecks{All: all}
		if from != "" {
			flags.Window.From = &from
		}
		if table != "" {
			flags.Filters.Table = &table
		}
		built, ok := buildOrRefuse(t, body, flags)
		if !ok {
			return
		}
		encoded, err := json.Marshal(built)
		if err != nil {
			t.Fatalf("a request that was built cannot be sent: %v", err)
		}
		var strict dqops.RunChecksParameters
		decoder := json.NewDecoder(bytes.NewReader(encoded))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&strict); err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		if diff := cmp.Diff(built, strict); diff != "" {
			t.Errorf("%s\n%s", encoded, diff)
		}
		again, ok := buildOrRefuse(t, encoded, request.RunChecks{All: all})
		if !ok {
			t.Fatalf("%s: refused the second time", encoded)
		}
		if diff := cmp.Diff(built, again); diff != "" {
			t.Errorf("%s\n%s", encoded, diff)
		}
	})
}

func buildOrRefuse(t *testing.T, body []byte, flags request.RunChecks) (dqops.RunChecksParameters, bool) {
	t.Helper()
	file, err := request.ParseFile("body", body)
	if err == nil {
		built, buildErr := flags.Build(file)
		if buildErr == nil {
			return built, true
		}
		err = buildErr
	}
	usage, ok := errors.AsType[*exit.Error](err)
	if !ok || usage.Outcome != exit.Usage || usage.Message == "" {
		t.Fatalf("got %#v, want a usage error", err)
	}
	return dqops.RunChecksParameters{}, false
}
