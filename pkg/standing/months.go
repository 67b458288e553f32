package standing

import (
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// zoneSlack is the farthest that a server's local time can be from UTC. Periods
// have no zone on the wire and the server's is not known.
const zoneSlack = 14 * time.Hour

// historyMonths is how far back stored results are looked for. Loading them costs
// the server no more than loading one month (wire 3.10).
const historyMonths = 120

// allMonths reaches back beyond 1900, the oldest of the dates that stand for a
// missing one.
const allMonths = 200 * 12

// span is a range of whole months, both inclusive, first days in UTC.
type span struct{ first, last time.Time }

func monthOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// monthsAround spans the months that a server with any time zone may have been in
// between two moments: two of them when a month turned.
func monthsAround(from, to time.Time) span {
	return span{monthOf(from.UTC().Add(-zoneSlack)), monthOf(to.UTC().Add(zoneSlack))}
}

// longestPeriod is what one period of profiling checks may span: the server can be
// told to keep one result a week, a quarter or a year.
const longestPeriod = 12

// periodsAround spans the months in which the periods may begin that a run between
// two moments wrote, but for partitions.
func periodsAround(checkType string, from, to time.Time) span {
	s := monthsAround(from, to)
	if checkType == dqops.CheckTypeProfiling {
		return s.back(longestPeriod)
	}
	return s
}

// errorSpans are the spans in which errors are asked for: the months around a run
// one by one, the many of profiling at once.
func errorSpans(s span) []span {
	if s.last.After(s.first.AddDate(0, 1, 0)) {
		return []span{s}
	}
	var spans []span
	for _, month := range s.list() {
		spans = append(spans, span{month, month})
	}
	return spans
}

// back extends the span into the past.
func (s span) back(months int) span {
	return span{s.first.AddDate(0, -months, 0), s.last}
}

// ahead extends the span into the future.
func (s span) ahead(months int) span {
	return span{s.first, s.last.AddDate(0, months, 0)}
}

// until extends the span to a later month, if it is one.
func (s span) until(t time.Time) span {
	if m := monthOf(t); m.After(s.last) {
		s.last = m
	}
	return s
}

// list gives every month of the span.
func (s span) list() []time.Time {
	var months []time.Time
	for m := s.first; !m.After(s.last); m = m.AddDate(0, 1, 0) {
		months = append(months, m)
	}
	return months
}

// periodMonth is the month of a stored period, which is local text without a zone.
func periodMonth(period string) (time.Time, bool) {
	if len(period) < len("2006-01") {
		return time.Time{}, false
	}
	month, err := time.Parse("2006-01", period[:len("2006-01")])
	return month, err == nil
}
