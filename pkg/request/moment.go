package request

import (
	"slices"
	"strings"
	"time"
)

// form is how a bound of the time window is written, which decides the field
// that it is sent in (wire T8).
type form string

const (
	formDate   form = "a date"
	formLocal  form = "a date-time without offset"
	formOffset form = "a date-time with offset"
)

// moment is a bound of the time window.
type moment struct {
	form form
	text string    // as the server takes it
	when time.Time // in UTC unless the form has an offset: moments of one form compare
}

const momentForms = "2006-01-02, 2006-01-02T15:04:05 or 2006-01-02T15:04:05+02:00"

// parseMoment takes the three forms. Between date and time a blank stands for
// the T, which the server insists on (wire T8); seconds and their fraction may
// be left out.
func parseMoment(text string) (moment, complaint) {
	date, clock, zone, ok := splitMoment(text)
	if !ok {
		return moment{}, "takes " + momentForms + ", not " + quote(text)
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return moment{}, "is no day of the calendar: " + quote(text)
	}
	if clock == "" {
		return moment{formDate, date, day}, ""
	}
	const seconds = "15:04:05"
	layout := time.DateOnly + "T" + seconds[:min(len(clock), len(seconds))]
	when, err := time.Parse(layout, date+"T"+clock)
	if err != nil {
		return moment{}, "is no time of a day: " + quote(text)
	}
	m := moment{formLocal, date + "T" + clock, when}
	if zone == "" {
		return m, ""
	}
	offset, normal, ok := parseOffset(zone)
	if !ok {
		return moment{}, "has an offset that no place has: " + quote(text)
	}
	return moment{formOffset, m.text + normal, m.when.Add(-offset)}, ""
}

// splitMoment cuts the text into parts of the right shape; which numbers they
// hold is not looked at.
func splitMoment(text string) (date, clock, zone string, ok bool) {
	const day = len("2006-01-02")
	if len(text) <= day {
		return text, "", "", shaped(text, "0000-00-00")
	}
	date, clock = text[:day], text[day+1:]
	if i := strings.IndexAny(clock, "Z+-"); i >= 0 {
		clock, zone = clock[:i], clock[i:]
	}
	ok = shaped(date, "0000-00-00") && (text[day] == 'T' || text[day] == ' ') && isClock(clock)
	return date, clock, zone, ok && (zone == "" || zone == "Z" || shaped(zone[1:], "00", "0000", "00:00"))
}

func isClock(text string) bool {
	const seconds = len("00:00:00")
	if len(text) <= seconds {
		return shaped(text, "00:00", "00:00:00")
	}
	digits := len(text) - seconds - 1
	return digits <= 9 && shaped(text, "00:00:00."+strings.Repeat("0", digits)) && digits > 0
}

// shaped reports that the text is one of the shapes, in which 0 is any digit.
func shaped(text string, shapes ...string) bool {
	digitsToZero := func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}
	return slices.Contains(shapes, strings.Map(digitsToZero, text))
}

// parseOffset takes Z, +02, +0200 and +02:00, up to 18 hours as the server does.
func parseOffset(zone string) (offset time.Duration, normal string, ok bool) {
	if zone == "Z" {
		return 0, zone, true
	}
	digits := strings.ReplaceAll(zone[1:], ":", "")
	if len(digits) == 2 {
		digits += "00"
	}
	clock, err := time.Parse("1504", digits)
	if err != nil {
		return 0, "", false
	}
	offset = time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute
	if zone[0] == '-' {
		offset = -offset
	}
	return offset, zone[:1] + digits[:2] + ":" + digits[2:], offset.Abs() <= 18*time.Hour
}
