package dqops

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// DefaultURL is where a DQOps server listens unless told otherwise (wire 1).
const DefaultURL = "http://localhost:8888"

const (
	defaultConnectTimeout = 10 * time.Second
	defaultRequestTimeout = 60 * time.Second
	// A busy server takes more than a second for a plain GET (wire L11), so an
	// answer to a wait may come this much later than the wait itself.
	waitMargin = 30 * time.Second
)

// Options say which server a Client talks to and how. Only BaseURL is required.
type Options struct {
	// BaseURL is scheme, host, port and, behind a proxy, a path prefix. It must
	// not carry user info, a query or a fragment.
	BaseURL string
	// Token is sent as "Authorization: Bearer" to the host of BaseURL and to no
	// other. Empty: no header.
	Token string
	// DataDomain is sent as the cookie that selects it (wire 1.2). Empty: none.
	DataDomain string
	// UserAgent names the program, for example "dqoctl/1.2.0".
	UserAgent string
	// ConnectTimeout bounds dialling and the TLS handshake. Default 10 s.
	ConnectTimeout time.Duration
	// RequestTimeout bounds a whole exchange that does not wait for a job.
	// Default 60 s.
	RequestTimeout time.Duration
	// TLS is the configuration for https; nil means the system's roots.
	TLS *tls.Config
	// DialContext replaces the TCP dialler, for tests over in-memory pipes.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Trace is told of every finished exchange; nil is none. The token is masked in
	// all of it.
	Trace func(Exchange)
}

// Client calls one DQOps server. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	options Options
	secret  secret
	// Both are used as they are, without http.Client, which follows redirects: the
	// API never redirects, and following would carry a request, perhaps with the
	// token, to a place that the user did not name.
	shared *http.Transport
	// single makes a connection for each call and closes it: a request that
	// must arrive at most once is never written to a kept connection that the
	// server is about to close (it closes each after five answers, wire 1).
	single *http.Transport
}

// New checks the options and returns a client; it does not contact the server.
func New(o Options) (*Client, error) {
	base, err := ParseBaseURL(o.BaseURL)
	if err != nil {
		return nil, err
	}
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = defaultConnectTimeout
	}
	if o.RequestTimeout <= 0 {
		o.RequestTimeout = defaultRequestTimeout
	}
	if strings.ContainsFunc(o.Token, unicode.IsControl) {
		return nil, errors.New("the token contains a line break or another control character")
	}
	if domainCookie(o.DataDomain).Valid() != nil {
		return nil, fmt.Errorf("data domain %q cannot be sent: it contains characters that no cookie may have", o.DataDomain)
	}
	return &Client{
		base:    base,
		options: o,
		secret:  secret(o.Token),
		shared:  newTransport(o, false),
		single:  newTransport(o, true),
	}, nil
}

// domainCookie selects the data domain (wire 1.2). Characters that a cookie may
// not have would be dropped in silence and name another domain: New refuses them.
func domainCookie(domain string) *http.Cookie {
	return &http.Cookie{Name: "DQODataDomain", Value: domain}
}

// ParseBaseURL checks the address of a server and cuts its trailing slashes. Its
// errors repeat no address that may hold a password.
func ParseBaseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		// url.Error repeats the whole text.
		return nil, errors.New("server address is not a URL")
	}
	shown := ""
	if !strings.ContainsAny(text, "@?#") {
		shown = fmt.Sprintf(" %q", text)
	}
	switch {
	case u.User != nil:
		return nil, errors.New("server address must not contain a user or password")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("server address%s must start with http:// or https://", shown)
	case u.Hostname() == "":
		return nil, fmt.Errorf("server address%s has no host", shown)
	case strings.ContainsAny(text, "?#"):
		return nil, errors.New("server address must not have a query or fragment")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// BaseURL is the server's address as used, without a trailing slash.
func (c *Client) BaseURL() string { return c.base.String() }

// CloseIdleConnections closes kept connections that no call is using.
func (c *Client) CloseIdleConnections() {
	c.shared.CloseIdleConnections()
	c.single.CloseIdleConnections()
}

func newTransport(o Options, single bool) *http.Transport {
	dial := o.DialContext
	if dial == nil {
		dial = (&net.Dialer{Timeout: o.ConnectTimeout, KeepAlive: 15 * time.Second}).DialContext
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dial,
		TLSClientConfig:     o.TLS.Clone(),
		TLSHandshakeTimeout: o.ConnectTimeout,
		IdleConnTimeout:     30 * time.Second,
		MaxIdleConnsPerHost: 8,
		DisableKeepAlives:   single,

		MaxResponseHeaderBytes: maxHeader,
	}
}
