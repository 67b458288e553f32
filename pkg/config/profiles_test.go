package config

import (
	"errors"
	"slices"
	"testing"
)

func TestListProfiles(t *testing.T) {
	text := "profiles:\n  prod: {server: https://dqops.example.test}\n  lab: {}\n"
	from := Source{
		Flags: map[string]string{"config": "here.yaml"},
		ReadFile: func(path string) ([]byte, error) {
			if path != "here.yaml" {
				return nil, errors.New("another file: " + path)
			}
			return []byte(text), nil
		},
	}
	got, err := Profiles(from)
	want := []Profile{{Name: "lab"}, {Name: "prod", Server: "https://dqops.example.test"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v (%v), want %v", got, err, want)
	}
	text = "profiles: ["
	if got, err := Profiles(from); err == nil {
		t.Errorf("%v of a broken file", got)
	}
}
