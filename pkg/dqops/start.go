package dqops

import (
	"context"
	"maps"
	"math"
	"net/http"
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
	// Limit bounds the exchange of a call without Wait, if it is below the client's
	// RequestTimeout; 0 is none.
	Limit time.Duration
}

// Query are the query parameters that carry the settings.
func (s Start) Query() url.Values {
	q := url.Values{"wait": {strconv.FormatBool(s.Wait)}}
	if s.BusinessKey != "" {
		q.Set("jobBusinessKey", s.BusinessKey)
	}
	if s.Wait {
		q.Set("waitTimeout", waitSeconds(s.WaitTimeout))
	}
	return q
}

// timeout bounds the exchange, where usual is the client's.
func (s Start) timeout(usual time.Duration) time.Duration {
	switch {
	case s.Wait:
		return s.WaitTimeout + waitMargin
	case s.Limit > 0:
		return min(s.Limit, usual)
	}
	return usual
}

// waitSeconds gives the 32-bit number that the server takes; a fraction is
// rounded up so that a short wait does not become none (wire 1, T16).
func waitSeconds(d time.Duration) string {
	seconds := int64((d + time.Second - 1) / time.Second)
	return strconv.FormatInt(min(max(seconds, 0), math.MaxInt32), 10)
}

// QueueJobResult is the answer to a call that starts a job (wire 2.2). JobID is
// nil when the server started nothing because it is shutting down (wire T20).
// Status is a constant with wait=false; Result is only there after a wait that
// saw the end, and never for synchronize.
type QueueJobResult[T any] struct {
	JobID  *JobID    `json:"jobId"`
	Result *T        `json:"result"`
	Status JobStatus `json:"status"`
}

// startJob posts a request that starts a job. It goes on a connection of its own,
// so that it is never written to a kept one that the server is about to close.
func startJob[T any](ctx context.Context, c *Client, r call, start Start) (*QueueJobResult[T], error) {
	query := start.Query()
	maps.Copy(query, r.query)
	r.method, r.query, r.single, r.timeout = http.MethodPost, query, true, start.timeout(c.options.RequestTimeout)
	answer := new(QueueJobResult[T])
	if err := c.decode(ctx, r, answer); err != nil {
		return nil, err
	}
	// A server that is shutting down says queued all the same (wire T20); another
	// product's JSON does not.
	if id := answer.JobID; id == nil && answer.Status != StatusQueued || id != nil && id.ID == 0 {
		return nil, c.lacks(r, http.StatusCreated, "jobId")
	}
	return answer, nil
}
