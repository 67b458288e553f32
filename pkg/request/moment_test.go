package request

import (
	"testing"
	"time"
)

func TestParseMoment(t *testing.T) {
	utc := func(hour, minute, second, nanos int) time.Time {
		return time.Date(2024, 2, 29, hour, minute, second, nanos, time.UTC)
	}
	tests := []struct {
		text string
		want moment
	}{
		{"2024-02-29", moment{formDate, "2024-02-29", utc(0, 0, 0, 0)}},
		{"2024-02-29T23:59", moment{formLocal, "2024-02-29T23:59", utc(23, 59, 0, 0)}},
		{"2024-02-29 10:20:30", moment{formLocal, "2024-02-29T10:20:30", utc(10, 20, 30, 0)}},
		{"2024-02-29T10:20:30.5", moment{formLocal, "2024-02-29T10:20:30.5", utc(10, 20, 30, 5e8)}},
		{"2024-02-29T10:20:30.123456789", moment{formLocal, "2024-02-29T10:20:30.123456789", utc(10, 20, 30, 123456789)}},
		{"2024-02-29T10:20:30Z", moment{formOffset, "2024-02-29T10:20:30Z", utc(10, 20, 30, 0)}},
		{"2024-02-29 10:20+02", moment{formOffset, "2024-02-29T10:20+02:00", utc(8, 20, 0, 0)}},
		{"2024-02-29T10:20:30.25-0530", moment{formOffset, "2024-02-29T10:20:30.25-05:30", utc(15, 50, 30, 25e7)}},
		{"2024-02-29T10:20:30+05:45", moment{formOffset, "2024-02-29T10:20:30+05:45", utc(4, 35, 30, 0)}},
		{"2024-02-29T00:00:00+18:00", moment{formOffset, "2024-02-29T00:00:00+18:00", utc(-18, 0, 0, 0)}},
	}
	for _, tt := range tests {
		got, bad := parseMoment(tt.text)
		if bad != "" || got.form != tt.want.form || got.text != tt.want.text || !got.when.Equal(tt.want.when) {
			t.Errorf("%q: got %+v %s, want %+v", tt.text, got, bad, tt.want)
		}
	}
}

func TestParseMomentRefuses(t *testing.T) {
	const shape = "takes " + momentForms + ", not "
	const day, clock, offset = "is no day of the calendar: ", "is no time of a day: ", "has an offset that no place has: "
	tests := map[string]string{
		"":                               shape,
		"today":                          shape,
		"2024-2-3":                       shape,
		"03.02.2024":                     shape,
		"20240203":                       shape,
		" 2024-02-03":                    shape,
		"2024-02-03 ":                    shape,
		"2024-02-03T":                    shape,
		"2024-02-03Z":                    shape,
		"2024-02-03TZ":                   shape,
		"2024-02-03t10:00":               shape,
		"2024-02-03T10:00z":              shape,
		"2024-02-03  10:00":              shape,
		"2024-02-03T10":                  shape,
		"2024-02-03T9:05:05":             shape,
		"2024-02-03T10:00:00.":           shape,
		"2024-02-03T10:00:00,5":          shape,
		"2024-02-03T10:00:00.1234567890": shape,
		"2024-02-03T10:00:00 +02":        shape,
		"2024-02-03T10:00:00+2":          shape,
		"2024-02-03T10:00:00+02:0":       shape,
		"2024-02-03T10:00:00+02:00:00":   shape,
		"2024-02-03T10:00:00Z+02":        shape,
		"2024-02-03T10:00+Z":             shape,
		"２０２４-02-03":                     shape,
		"2024-02-30":                     day,
		"2023-02-29T10:00":               day,
		"2024-00-10":                     day,
		"2024-13-01":                     day,
		"2024-02-03T24:00":               clock,
		"2024-02-03T10:60":               clock,
		"2024-02-03T10:00:60":            clock,
		"2024-02-03T10:00:60.5Z":         clock,
		"2024-02-03T10:00+19":            offset,
		"2024-02-03T10:00+18:01":         offset,
		"2024-02-03T10:00-02:60":         offset,
		"2024-02-03T10:00+99":            offset,
	}
	for text, want := range tests {
		got, bad := parseMoment(text)
		if want += quote(text); bad != want {
			t.Errorf("%q: got %+v %q, want %q", text, got, bad, want)
		}
	}
}
