package request_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/request"
)

// buildJSON gives the built request as it is sent.
func buildJSON[T any](t *testing.T, body string, build func(*request.File) (T, error)) (string, error) {
	t.Helper()
	var file *request.File
	if body != "" {
		var err error
		if file, err = request.ParseFile("body.yaml", []byte(body)); err != nil {
			return "", err
		}
	}
	built, err := build(file)
	if err != nil {
		var none T
		if diff := cmp.Diff(none, built); diff != "" {
			t.Errorf("a refused request is not empty:\n%s", diff)
		}
		return "", err
	}
	encoded, err := json.Marshal(built)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded), nil
}

type builder[T any] interface {
	Build(*request.File) (T, error)
}

// builds is a request by its flags and file, and what it is sent as.
type builds[T any] struct {
	name, body string
	flags      builder[T]
	want       string
}

func testBuilds[T any](t *testing.T, tests []builds[T]) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := buildJSON(t, tt.body, tt.flags.Build)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// refusals are the same with the message instead; a hint only if it is given.
type refusal[T any] struct {
	name, body string
	flags      builder[T]
	want       string
	hint       string
}

func testRefusals[T any](t *testing.T, tests []refusal[T]) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := buildJSON(t, tt.body, tt.flags.Build)
			usage := checkUsage(t, err)
			if diff := cmp.Diff(tt.want, usage.Error()); diff != "" {
				t.Error(diff)
			}
			if tt.hint != "" && usage.Hint != tt.hint {
				t.Errorf("hint %q, want %q", usage.Hint, tt.hint)
			}
		})
	}
}
