package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const maxSeconds = math.MaxInt64 / int64(time.Second)

// ParseDuration reads a span of time: whole seconds (90) or numbers with units
// (90s, 1h30m, 1.5h, 250ms). Signs, blanks and nothing at all are refused, and so
// is what does not fit or is too small to be told from 0.
func ParseDuration(text string) (time.Duration, error) {
	switch {
	case text == "":
		return 0, errors.New("an empty duration")
	case strings.HasPrefix(text, "-"):
		return 0, fmt.Errorf("%q is negative", text)
	case text[0] != '.' && (text[0] < '0' || text[0] > '9'):
		return 0, notADuration(text)
	case strings.Trim(text, "0123456789") == "":
		return wholeSeconds(text)
	case strings.Trim(text, ".0123456789") == "":
		return 0, fmt.Errorf("%q has no unit: %[1]ss?", text)
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		// The library does not tell too large from wrong.
		return 0, notADuration(text)
	}
	if d == 0 && strings.ContainsAny(text, "123456789") {
		return 0, fmt.Errorf("%q is too small", text)
	}
	return d, nil
}

func wholeSeconds(text string) (time.Duration, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > maxSeconds {
		return 0, fmt.Errorf("%q is too large", text)
	}
	return time.Duration(n) * time.Second, nil
}

func notADuration(text string) error {
	return fmt.Errorf("%q is not a duration, or too large: use 90 (seconds), 90s or 1h30m", text)
}
