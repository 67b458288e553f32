package simulator

import "time"

// The table's own incremental window, as every imported table has it (wire
// 3.5).
const (
	defaultRecentDays   = 7
	defaultRecentMonths = 1
)

// window is the part of the partitions that a run looks at. Times are local,
// without zone.
type window struct {
	from, to       time.Time // zero: open; to is exclusive
	recent         map[string]int
	includeCurrent map[string]bool
}

// newWindow reads the filter of a run. Any single time field replaces the
// table's whole window; where_filter alone keeps it (wire T17).
func newWindow(f *timeWindowFilter, t *table, zone *time.Location) window {
	if f == nil || !f.limitsTime() {
		return window{
			recent:         map[string]int{scaleDaily: defaultRecentDays, scaleMonthly: defaultRecentMonths},
			includeCurrent: map[string]bool{scaleDaily: t.openWindow, scaleMonthly: t.openWindow},
		}
	}
	w := window{
		recent:         map[string]int{},
		includeCurrent: map[string]bool{},
		from:           firstTime(zone, f.FromDateTimeOffset, f.FromDateTime, f.FromDate),
		to:             firstTime(zone, f.ToDateTimeOffset, f.ToDateTime, f.ToDate),
	}
	if f.RecentDays != nil {
		w.recent[scaleDaily] = *f.RecentDays
	}
	if f.RecentMonths != nil {
		w.recent[scaleMonthly] = *f.RecentMonths
	}
	w.includeCurrent[scaleDaily] = f.IncludeToday != nil && *f.IncludeToday
	w.includeCurrent[scaleMonthly] = f.IncludeCurrentMonth != nil && *f.IncludeCurrentMonth
	return w
}

func (f *timeWindowFilter) limitsTime() bool {
	return f.RecentDays != nil || f.IncludeToday != nil || f.RecentMonths != nil || f.IncludeCurrentMonth != nil ||
		f.FromDate != nil || f.FromDateTime != nil || f.FromDateTimeOffset != nil ||
		f.ToDate != nil || f.ToDateTime != nil || f.ToDateTimeOffset != nil
}

// firstTime returns the first time that is given: with offset before local
// time before date (wire 3.3).
func firstTime(zone *time.Location, offset, dateTime, date *string) time.Time {
	switch {
	case offset != nil:
		if at, err := time.Parse(time.RFC3339Nano, *offset); err == nil {
			return withoutZone(at.In(zone))
		}
	case dateTime != nil:
		if at, err := time.Parse("2006-01-02T15:04:05", *dateTime); err == nil {
			return at
		}
	case date != nil:
		if at, err := time.Parse(time.DateOnly, *date); err == nil {
			return at
		}
	}
	return time.Time{}
}

func withoutZone(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
}

// covers says whether any of the partition lies in the window. The current
// period is left out unless it is asked for or an end is given.
func (w window) covers(period time.Time, scale string, now time.Time) bool {
	current := periodStart(now, scale)
	end := stepPeriod(period, scale, 1)
	switch {
	case !w.from.IsZero() && !end.After(w.from):
		return false
	case !w.to.IsZero():
		return period.Before(w.to)
	case !w.includeCurrent[scale] && !period.Before(current):
		return false
	}
	recent, limited := w.recent[scale]
	return !limited || !w.from.IsZero() || !period.Before(stepPeriod(current, scale, -recent))
}
