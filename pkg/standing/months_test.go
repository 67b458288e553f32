package standing

import (
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func (s span) String() string { return s.first.Format("2006-01") + ".." + s.last.Format("2006-01") }

// TestMonthsOfARun holds where readouts are looked for, whatever the server's zone.
func TestMonthsOfARun(t *testing.T) {
	for _, tc := range []struct {
		name, since, end, checkType string
		window                      dqops.TimeWindowFilterParameters
		want                        string
	}{
		{"within a month", "2026-11-23T10:00:00Z", "2026-11-23T10:05:00Z", "monitoring", dqops.TimeWindowFilterParameters{}, "2026-11..2026-11"},
		{"the first, still the old month further west", "2026-12-01T05:00:00Z", "2026-12-01T05:05:00Z", "monitoring", dqops.TimeWindowFilterParameters{}, "2026-11..2026-12"},
		{"profiling may keep one result a year", "2026-12-01T05:00:00Z", "2026-12-01T05:05:00Z", "profiling", dqops.TimeWindowFilterParameters{}, "2025-11..2026-12"},
		{"the last, already the new month further east", "2026-11-30T12:00:00Z", "2026-11-30T12:05:00Z", "monitoring", dqops.TimeWindowFilterParameters{}, "2026-11..2026-12"},
		{"over a turn of the month", "2026-11-23T10:00:00Z", "2027-01-02T10:05:00+09:00", "monitoring", dqops.TimeWindowFilterParameters{}, "2026-11..2027-01"},
		{"the window does not move monitoring", "2026-11-23T10:00:00Z", "2026-11-23T10:05:00Z", "monitoring", dqops.TimeWindowFilterParameters{FromDate: "2026-01-01"}, "2026-11..2026-11"},
		{"partitions of the table's own window", "2026-11-23T10:00:00Z", "2026-11-23T10:05:00Z", "partitioned", dqops.TimeWindowFilterParameters{}, "2016-11..2036-11"},
		{"partitions from a day", "2026-11-23T10:00:00Z", "2026-11-23T10:05:00Z", "partitioned", dqops.TimeWindowFilterParameters{FromDate: "2009-05-17"}, "2009-05..2036-11"},
		{"partitions between days", "2026-11-23T10:00:00Z", "2026-11-23T10:05:00Z", "partitioned", dqops.TimeWindowFilterParameters{FromDate: "2026-09-17", ToDate: "2026-10-01"}, "2026-09..2026-11"},
		{"partitions to come", "2026-11-23T10:00:00Z", "2026-11-23T10:05:00Z", "partitioned", dqops.TimeWindowFilterParameters{FromDate: "2027-02-01", ToDate: "2027-03-01"}, "2027-02..2027-03"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w, err := windowOf(&tc.window)
			if err != nil {
				t.Fatal(err)
			}
			r := newReading(&Collector{}, scope{window: w})
			r.end = at(tc.end)
			if got := r.monthsOf(target{since: at(tc.since)}, tc.checkType).String(); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
}

// TestMonthsTheStatusDoesNotLoad: it ends with the server's own present month.
func TestMonthsTheStatusDoesNotLoad(t *testing.T) {
	for end, want := range map[string]string{
		"2026-11-23T10:00:00Z": "2026-12",
		"2026-12-01T05:00:00Z": "2026-12", // November in the west
		"2026-11-30T20:00:00Z": "2026-12", // December in the east; reading it twice harms nothing
	} {
		r := newReading(&Collector{}, scope{})
		r.end = at(end)
		if got := r.unloaded().Format("2006-01"); got != want {
			t.Errorf("at %s: %s, want %s", end, got, want)
		}
	}
}

func TestStatusReachesBackToTheWindow(t *testing.T) {
	for _, from := range []string{"2026-11-01", "2016-12-01", "2016-11-30", "2010-01-01"} {
		w, err := windowOf(&dqops.TimeWindowFilterParameters{FromDate: from})
		if err != nil {
			t.Fatal(err)
		}
		r := newReading(&Collector{}, scope{window: w})
		r.end = at("2026-11-23T10:00:00Z")
		if got := r.statusMonths(); got < 120 {
			t.Errorf("from %s: %d months", from, got)
		}
		if first := monthOf(r.end).AddDate(0, 1-r.statusMonths(), 0); first.After(w.from) {
			t.Errorf("from %s: loaded from %s only", from, first)
		}
	}
}

func TestPeriodMonth(t *testing.T) {
	for period, want := range map[string]string{
		"2026-11-23T00:00:00": "2026-11", "2026-12-01": "2026-12", "2026-11": "2026-11",
		"": "", "2026": "", "2026-13-01T00:00:00": "", "23.11.2026": "",
	} {
		month, ok := periodMonth(period)
		if ok != (want != "") || ok && month.Format("2006-01") != want {
			t.Errorf("%q is of %s, %t", period, month, ok)
		}
	}
}
