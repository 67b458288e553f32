package doctor

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"
)

const (
	probeTimeout = 30 * time.Second
	maxProbeBody = 1 << 20
)

// probe is what one request shows of the way to the server.
type probe struct {
	proxy     *url.URL // of the environment, nil for none
	nameError error
	addresses []net.IPAddr // that the name stands for
	connected string       // the other end; "" when no connection stood
	secured   bool         // the handshake was done
	err       error

	status     int
	header     http.Header
	body       []byte
	secure     *tls.ConnectionState
	sent, came time.Time
}

// ask sends a GET of its own: the client hides what happens below its answers.
func (d *Doctor) ask(ctx context.Context, path, token string) *probe {
	p := new(probe)
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var guard sync.Mutex // several addresses are tried at once
	watch := &httptrace.ClientTrace{
		DNSDone: func(i httptrace.DNSDoneInfo) {
			guard.Lock()
			defer guard.Unlock()
			p.addresses, p.nameError = i.Addrs, i.Err
		},
		ConnectDone: func(_, address string, err error) {
			guard.Lock()
			defer guard.Unlock()
			if err == nil && p.connected == "" {
				p.connected = address
			}
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			guard.Lock()
			defer guard.Unlock()
			p.secured = err == nil
		},
		GotConn: func(i httptrace.GotConnInfo) {
			guard.Lock()
			defer guard.Unlock()
			p.connected = i.Conn.RemoteAddr().String()
		},
	}
	err := d.exchange(httptrace.WithClientTrace(ctx, watch), p, path, token)
	guard.Lock()
	defer guard.Unlock()
	p.err = err
	seen := *p // what is still being tried must not change it
	return &seen
}

func (d *Doctor) exchange(ctx context.Context, p *probe, path, token string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.Client.BaseURL()+path, http.NoBody)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if p.proxy, err = http.ProxyFromEnvironment(request); err != nil {
		return err
	}
	transport := d.transport()
	defer transport.CloseIdleConnections()
	p.sent = time.Now()
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	p.came = time.Now()
	p.status, p.header, p.secure = answer.StatusCode, answer.Header, answer.TLS
	p.body, err = io.ReadAll(io.LimitReader(answer.Body, maxProbeBody))
	return err
}

func (d *Doctor) transport() *http.Transport {
	dial := d.DialContext
	if dial == nil {
		dial = (&net.Dialer{Timeout: d.Settings.ConnectTimeout}).DialContext
	}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dial,
		TLSClientConfig:     d.TLS.Clone(),
		TLSHandshakeTimeout: d.Settings.ConnectTimeout,
		DisableKeepAlives:   true,
	}
}
