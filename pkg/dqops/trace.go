package dqops

import (
	"io"
	"net/http"
	"time"
)

// maxTraced is how much of each body an Exchange holds.
const maxTraced = 4 << 10

// Exchange is one request and what came of it, for tracing. The token is masked
// in it, wherever it stood.
type Exchange struct {
	Method string
	URL    string
	Sent   Message
	Status int // 0 when no answer came
	Answer Message
	// Duration is until the whole answer was read.
	Duration time.Duration
	Err      error
}

// Message is one side of an exchange.
type Message struct {
	// Header holds those headers alone that explain what happened.
	Header http.Header
	// Body is its beginning, as far as it was read.
	Body []byte
	// Cut says that there was more of it.
	Cut bool
}

// tracedHeaders are what may be shown. Authorization is shown for that it was sent,
// never with what; all others may hold what is nobody's business.
var tracedHeaders = []string{
	"Accept", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Location",
	"Retry-After", "Server", "User-Agent", "Via", "X-Request-Id",
}

func traced(h http.Header) http.Header {
	shown := make(http.Header)
	for _, name := range tracedHeaders {
		if values := h.Values(name); len(values) > 0 {
			shown[name] = values
		}
	}
	if h.Get("Authorization") != "" {
		shown.Set("Authorization", "Bearer "+masked)
	}
	return shown
}

// tracing is what is seen of one exchange; nil when nobody wants to know.
type tracing struct {
	exchange Exchange
	began    time.Time
	told     func(Exchange)
}

func (c *Client) trace(req *http.Request, body []byte) *tracing {
	if c.options.Trace == nil {
		return nil
	}
	t := &tracing{began: time.Now(), told: c.options.Trace}
	t.exchange.Method, t.exchange.URL = req.Method, c.secret.mask(req.URL.String())
	t.exchange.Sent.Header = traced(req.Header)
	t.exchange.Sent.add([]byte(c.secret.mask(string(body))))
	return t
}

// add keeps what fits.
func (m *Message) add(text []byte) {
	kept := text[:min(len(text), maxTraced-len(m.Body))]
	m.Body = append(m.Body, kept...)
	m.Cut = m.Cut || len(kept) < len(text)
}

// answer notes the answer, and what is read of its body.
func (t *tracing) answer(resp *http.Response, body io.ReadCloser) io.ReadCloser {
	if t == nil {
		return body
	}
	t.exchange.Status, t.exchange.Answer.Header = resp.StatusCode, traced(resp.Header)
	return &tracedBody{body, &t.exchange.Answer}
}

func (t *tracing) tell(err error) {
	if t == nil {
		return
	}
	t.exchange.Duration, t.exchange.Err = time.Since(t.began), err
	t.told(t.exchange)
}

type tracedBody struct {
	io.ReadCloser

	message *Message
}

func (b *tracedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.message.add(p[:n])
	return n, err
}
