package simulator

import (
	"strconv"
	"strings"
	"time"
)

// queryText returns a query parameter, nil when it is not given.
func (x *exchange) queryText(name string) *string {
	values, given := x.r.URL.Query()[name]
	if !given {
		return nil
	}
	return &values[0]
}

// queryString returns a query parameter that means nothing when empty.
func (x *exchange) queryString(name string) string {
	if text := x.queryText(name); text != nil {
		return *text
	}
	return ""
}

// queryFlag reads a boolean as wire 1 lists them; empty is not given.
func (x *exchange) queryFlag(name string) (*bool, error) {
	text := x.queryText(name)
	if text == nil || strings.TrimSpace(*text) == "" {
		return nil, nil
	}
	value := false
	switch strings.ToLower(strings.TrimSpace(*text)) {
	case "true", "on", "yes", "1":
		value = true
	case "false", "off", "no", "0":
	default:
		return nil, errQueryParam(*text, "java.lang.Boolean")
	}
	return &value, nil
}

// queryInt reads a 32-bit number; empty is not given (wire 1).
func (x *exchange) queryInt(name string) (*int, error) {
	text := x.queryText(name)
	if text == nil || strings.TrimSpace(*text) == "" {
		return nil, nil
	}
	number, err := strconv.ParseInt(strings.TrimSpace(*text), 10, 32)
	if err != nil {
		return nil, errQueryParam(*text, "java.lang.Integer")
	}
	value := int(number)
	return &value, nil
}

// queryMonth reads a date as the month that it is in; empty is not given.
func (x *exchange) queryMonth(name string) (*time.Time, error) {
	text := x.queryString(name)
	if text == "" {
		return nil, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil, errQueryParam(text, javaDate)
	}
	month := monthOf(day)
	return &month, nil
}

// queryLocal reads a date-time without zone; empty is not given.
func (x *exchange) queryLocal(name string) (*time.Time, error) {
	text := x.queryString(name)
	if text == "" {
		return nil, nil
	}
	at, ok := parseLocal(text)
	if !ok {
		return nil, errQueryParam(text, javaDateTime)
	}
	return &at, nil
}
