package dqops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	// maxBody bounds an answer that is held in memory; the largest known one, the
	// tables of a big import, stays far below it.
	maxBody = 64 << 20
	// maxStream bounds an answer that is decoded element by element.
	maxStream = 1 << 30
	// maxChange bounds one of those elements, which is held.
	maxChange = 16 << 20
	// maxHeader bounds the head of an answer.
	maxHeader = 1 << 20
	// maxErrorBody is enough for the stack trace of any server error.
	maxErrorBody = 1 << 20
)

// call describes one request.
type call struct {
	// doing says what is attempted, for error texts: "start the checks".
	doing  string
	method string
	path   string
	query  url.Values
	body   any
	// single asks for a connection of its own.
	single bool
	// whole says that a success always has a body.
	whole bool
	// timeout bounds the exchange; 0 means the client's RequestTimeout.
	timeout time.Duration
	// what names the thing whose absence a 404 means.
	what string
}

// errRequestTimeout tells the deadline of one exchange from the caller's own.
var errRequestTimeout = errors.New("no complete answer in time")

// exchange sends the request and hands a success's body to read. The error is
// one of the package's types, or the context's when the caller gave up.
func (c *Client) exchange(ctx context.Context, r call, read func(*http.Response) error) (err error) {
	timeout := r.timeout
	if timeout <= 0 {
		timeout = c.options.RequestTimeout
	}
	bounded, cancel := context.WithTimeoutCause(ctx, timeout, errRequestTimeout)
	defer cancel()

	req, body, err := c.newRequest(bounded, r)
	if err != nil {
		return err
	}
	var connected atomic.Bool
	seen := c.trace(req, body)
	defer func() { seen.tell(err) }()
	req = req.WithContext(httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	lost := func(cause error) error {
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", r.doing, context.Cause(ctx))
		}
		if errors.Is(context.Cause(bounded), errRequestTimeout) {
			cause = fmt.Errorf("%w (%s)", errRequestTimeout, timeout)
		}
		return &UnreachableError{Doing: r.doing, Server: c.BaseURL(), Sent: connected.Load() && !isHandshakeRefused(cause), Err: c.secret.maskError(cause)}
	}

	transport := c.shared
	if r.single {
		transport = c.single
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return lost(err)
	}
	unpack(resp)
	c.secret.maskHeader(resp.Header)
	resp.Body = seen.answer(resp, c.secret.reader(resp.Body))
	defer resp.Body.Close()
	if status := resp.StatusCode; status < 200 || status > 299 {
		return c.refused(r, resp, lost)
	}
	err = read(resp)
	if broken, ok := errors.AsType[*readError](err); ok {
		return lost(broken.err)
	}
	return err
}

func (c *Client) newRequest(ctx context.Context, r call) (*http.Request, []byte, error) {
	target := c.base.String() + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body []byte
	var reader io.Reader
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return nil, nil, fmt.Errorf("%s: encode the request: %w", r.doing, err)
		}
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, reader)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", r.doing, err)
	}
	// Without it errors come as HTML pages (wire 1.3).
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Encoding", "gzip") // see unpack
	// A cache between must not answer for the server: what is asked changes.
	req.Header.Set("Cache-Control", "no-cache")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.options.UserAgent != "" {
		req.Header.Set("User-Agent", c.options.UserAgent)
	}
	if c.options.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.options.Token)
	}
	if c.options.DataDomain != "" {
		req.AddCookie(domainCookie(c.options.DataDomain))
	}
	return req, body, nil
}

// readError marks a body that broke off while it was read: contact was lost,
// whereas a body that is complete and wrong is a ProtocolError.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// decode does the exchange and decodes a JSON answer into out. An empty success
// is ErrNotKnownYet, unless the call is one that always answers with a body.
func (c *Client) decode(ctx context.Context, r call, out any) error {
	return c.exchange(ctx, r, func(resp *http.Response) error { return c.readAnswer(r, resp, out) })
}

func (c *Client) readAnswer(r call, resp *http.Response, out any) error {
	body, err := readBody(resp, maxBody)
	if err != nil {
		return c.unreadable(r, resp, err)
	}
	text := bytes.TrimSpace(body)
	if len(text) == 0 {
		if r.whole {
			return c.protocol(r, resp, "the answer is empty")
		}
		return fmt.Errorf("%s: %w", r.doing, ErrNotKnownYet)
	}
	if err := c.checkJSON(r, resp); err != nil {
		return err
	}
	// Unmarshal takes null for anything.
	if string(text) == "null" {
		return c.protocol(r, resp, "the answer is null")
	}
	if err := json.Unmarshal(text, out); err != nil {
		return c.protocol(r, resp, fmt.Sprintf("the answer cannot be understood: %v", err))
	}
	return nil
}

func (c *Client) checkJSON(r call, resp *http.Response) error {
	text := resp.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(text)
	switch {
	case err == nil && media == "application/json":
		return nil
	case media == "text/html":
		return c.protocol(r, resp, "an HTML page came instead of JSON")
	}
	return c.protocol(r, resp, fmt.Sprintf("content type %q came instead of JSON", text))
}

// unreadable tells a broken connection from a body that is wrong in itself.
func (c *Client) unreadable(r call, resp *http.Response, err error) error {
	if errors.Is(err, errTooLarge) || isCorrupt(err) {
		return c.protocol(r, resp, err.Error())
	}
	return &readError{err}
}

func (c *Client) protocol(r call, resp *http.Response, reason string) error {
	return &ProtocolError{Doing: r.doing, Server: c.BaseURL(), Status: resp.StatusCode, Reason: reason}
}

// lacks is the answer that is JSON of another shape, another product's perhaps.
func (c *Client) lacks(r call, status int, key string) error {
	return &ProtocolError{Doing: r.doing, Server: c.BaseURL(), Status: status, Reason: "the answer has no " + key}
}
