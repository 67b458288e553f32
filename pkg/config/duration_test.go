package config

import (
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	tests := map[string]time.Duration{
		"0": 0, "90": 90 * time.Second, "90s": 90 * time.Second, "007": 7 * time.Second,
		"1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute, "250ms": 250 * time.Millisecond,
		".5s": 500 * time.Millisecond, "0s": 0, "0.0h": 0, "9223372036": 9223372036 * time.Second,
	}
	for text, want := range tests {
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	tests := map[string]string{
		"":                     "empty",
		"-1":                   "negative",
		"-0s":                  "negative",
		"+5s":                  "not a duration",
		" 5s":                  "not a duration",
		"5 s":                  "not a duration",
		"5d":                   "not a duration",
		"five":                 "not a duration",
		"5m-3s":                "not a duration",
		"5m3":                  "not a duration",
		"0x10":                 "not a duration",
		"1e3":                  "not a duration",
		"1.5":                  "1.5s?",
		"9223372037":           "too large",
		"99999999999999999999": "too large",
		"2562048h":             "too large",
		"0.1ns":                "too small",
	}
	for text, want := range tests {
		got, err := ParseDuration(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseDuration(%q) = %v, %v, want an error with %q", text, got, err, want)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"", "0", "90", "90s", "1h30m", "1.5h", "-1", "+1s", "1d", "0.1ns", "9223372036", "9223372037", "2562047h47m16.854775807s", "9223372036854775807ns", "9223372036854775808ns", "1µs", "٣", "1_000", "1e9", ".", "00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		switch {
		case err != nil && d != 0:
			t.Errorf("%q: %v beside the error %v", text, d, err)
		case err != nil:
			return
		case d < 0:
			t.Errorf("%q became negative: %v", text, d)
		case d == 0 && strings.ContainsAny(text, "123456789"):
			t.Errorf("%q became 0", text)
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d {
			t.Errorf("%q is %v, which is read as %v, %v", text, d, again, err)
		}
	})
}
