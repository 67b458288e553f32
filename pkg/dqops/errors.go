package dqops

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// ErrNotKnownYet is an empty success: the server does not know yet. A wait that
// timed out answers so, and so does a wait on a synchronize job that finished
// well (wire 2.1, T7). It is never "done" and never a broken answer.
var ErrNotKnownYet = errors.New("the server does not know yet")

// UnreachableError says that no complete answer came.
type UnreachableError struct {
	Doing  string // what was attempted
	Server string
	// Sent is true when a connection stood, so that the request may have
	// arrived; false proves that it never left.
	Sent bool
	Err  error
}

func (e *UnreachableError) Error() string {
	if e.Sent {
		return fmt.Sprintf("%s: contact with %s was lost: %v", e.Doing, e.Server, e.Err)
	}
	return fmt.Sprintf("%s: cannot reach %s: %v", e.Doing, e.Server, e.Err)
}

// Unwrap gives the network's error.
func (e *UnreachableError) Unwrap() error { return e.Err }

// ProtocolError says that an answer came which is not a DQOps server's: HTML,
// no body where one must be, another product's JSON, a wrong path.
type ProtocolError struct {
	Doing  string
	Server string // "" when what was read is wrong only as a whole
	Status int
	Reason string
}

func (e *ProtocolError) Error() string {
	return fmt.Sprintf("%s: %s does not answer like a DQOps server (HTTP %d): %s", e.Doing, cmp.Or(e.Server, "this"), e.Status, e.Reason)
}

// UnauthorizedError is a 401 (the token is missing or wrong) or a 403 (the user
// may not even view); wire 1.1.
type UnauthorizedError struct {
	Doing  string
	Status int
	// WithToken tells whether a token was sent.
	WithToken bool
}

func (e *UnauthorizedError) Error() string {
	switch {
	case e.Status == http.StatusForbidden:
		return e.Doing + ": the server denies this user access (HTTP 403)"
	case e.WithToken:
		return e.Doing + ": the server does not accept the token (HTTP 401)"
	}
	return e.Doing + ": the server asks for a token (HTTP 401)"
}

// NotFoundError is a 404 about the thing that was asked for, as opposed to a
// wrong address. A job is unknown when it was never started, is forgotten, or is
// of another data domain (wire 1.2, 1.3).
type NotFoundError struct {
	Doing string
	What  string // "job 17", "table shop: files.orders.csv"
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("%s: the server knows no %s", e.Doing, e.What)
}

// ServerError is any other refusal or failure, with what the server said of it.
// A failed or cancelled job answers every wait with a 500 (wire T4).
type ServerError struct {
	Doing     string
	Status    int
	Message   string // the server's "message"; "" for a cancelled job
	RequestID string
	// Cause is the first line of the trace without Java class names; for a 400
	// the only useful text (wire L4).
	Cause string
	// Trace is the server's stack trace, several KB; not for users.
	Trace string
	// RetryAfter is what the header of that name asks for; 0 when absent.
	RetryAfter time.Duration
}

func (e *ServerError) Error() string {
	text := e.Message
	if (e.Status == http.StatusBadRequest || text == "") && e.Cause != "" {
		text = e.Cause
	}
	if text == "" {
		text = http.StatusText(e.Status)
	}
	if text != "" {
		text = ": " + text
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf("; it asks to come back in %s", e.RetryAfter.Round(time.Second))
	}
	return fmt.Sprintf("%s: the server answered HTTP %d%s", e.Doing, e.Status, text)
}

// refused turns an answer that is no success into one of the types.
func (c *Client) refused(r call, resp *http.Response, lost func(error) error) error {
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// What follows is the bare connection, whose reading no context ends.
		return c.protocol(r, resp, "it wants to speak another protocol")
	}
	body, err := readBody(resp, maxErrorBody)
	if err != nil && !errors.Is(err, errTooLarge) && !isCorrupt(err) {
		return lost(err)
	}
	switch status := resp.StatusCode; {
	case status < 400:
		reason := "the server redirects"
		if to, err := resp.Location(); err == nil {
			reason = fmt.Sprintf("the server redirects to %s://%s%s", to.Scheme, to.Host, to.Path)
		}
		return c.protocol(r, resp, reason)
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return &UnauthorizedError{Doing: r.doing, Status: status, WithToken: c.options.Token != ""}
	case status == http.StatusNotFound && r.what != "" && saysNothing(body):
		return &NotFoundError{Doing: r.doing, What: r.what}
	case status == http.StatusNotFound:
		return c.protocol(r, resp, "it has no "+r.method+" "+r.path)
	}
	return newServerError(r, resp, body)
}

// saysNothing recognises the bodies of a 404 about a thing: empty for jobs and
// table status, an empty list for stored results (wire 3.10). A wrong address
// has an error object.
func saysNothing(body []byte) bool {
	text := strings.TrimSpace(string(body))
	return text == "" || text == "[]"
}

func newServerError(r call, resp *http.Response, body []byte) *ServerError {
	e := &ServerError{Doing: r.doing, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header)}
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return e
	}
	var said struct {
		Message   string `json:"message"`
		RequestID string `json:"requestId"`
		Trace     string `json:"trace"`
	}
	if json.Unmarshal(body, &said) != nil {
		return e
	}
	first, _, _ := strings.Cut(said.Trace, "\n")
	e.Message, e.RequestID, e.Trace = said.Message, said.RequestID, said.Trace
	e.Cause = WithoutClassNames(first)
	return e
}

// maxRetryAfter is the longest pause that a server may ask for.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads both forms of the header: seconds and an HTTP date. A date is
// compared with the server's own clock, as far as the answer tells it.
func retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.Atoi(text); err == nil {
		return time.Duration(max(0, min(n, int(maxRetryAfter/time.Second)))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, min(at.Sub(now), maxRetryAfter))
}

var classNames = regexp.MustCompile(`^(?:(?:[a-z][A-Za-z0-9_]*\.)+[A-Z][\w$]*(?::\s*|$))+`)

// WithoutClassNames cuts the Java class names that the server puts before the
// text of an error, once or several times (wire T4).
func WithoutClassNames(text string) string {
	cut := strings.TrimSpace(classNames.ReplaceAllString(text, ""))
	if cut == "" {
		return strings.TrimSpace(text)
	}
	return cut
}
