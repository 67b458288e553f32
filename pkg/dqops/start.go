package dqops

import (
	"math"
	"net/url"
	"strconv"
	"time"
)

// Start is what every call that starts a job may carry (wire 2.2, JQ).
type Start struct {
	// BusinessKey is the caller's own name for the job. The server does not
	// check that it is new (wire T9).
	BusinessKey string
	// Wait keeps the call until the job ended or WaitTimeout passed. It is
	// always sent, since the server's own default is true.
	Wait bool
	// WaitTimeout is counted in whole seconds; only sent with Wait.
	WaitTimeout time.Duration
}

// Query is the query string that carries the settings.
func (s Start) Query() string { return s.query().Encode() }

func (s Start) query() url.Values {
	q := url.Values{"wait": {strconv.FormatBool(s.Wait)}}
	if s.BusinessKey != "" {
		q.Set("jobBusinessKey", s.BusinessKey)
	}
	if s.Wait {
		q.Set("waitTimeout", waitSeconds(s.WaitTimeout))
	}
	return q
}

// timeout bounds the exchange; 0 leaves it to the client.
func (s Start) timeout() time.Duration {
	if !s.Wait {
		return 0
	}
	return s.WaitTimeout + waitMargin
}

// waitSeconds gives the 32-bit number that the server takes; a fraction is
// rounded up so that a short wait does not become none (wire 1, T16).
func waitSeconds(d time.Duration) string {
	seconds := int64((d + time.Second - 1) / time.Second)
	return strconv.FormatInt(min(max(seconds, 0), math.MaxInt32), 10)
}
