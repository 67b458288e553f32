package simulator

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Proxy stands between the server and its callers and has limits of its own.
type Proxy struct {
	// Idle is when a connection without a request ends, without a word before:
	// close at once, reset when the next request comes, or stall then.
	Idle Limit `yaml:"idle"`
	// Exchange is how long one answer may take: answer with 504, close, reset or
	// stall. The server goes on with it.
	Exchange Limit `yaml:"exchange"`
}

// Limit is a time and what happens after it.
type Limit struct {
	After Duration `yaml:"after"`
	Do    Action   `yaml:"do"`
}

func (p *Proxy) validate() error {
	for _, l := range []struct {
		name    string
		limit   *Limit
		allowed []Action
	}{
		{"idle", &p.Idle, []Action{Close, Reset, Stall}},
		{"exchange", &p.Exchange, []Action{Answer, Close, Reset, Stall}},
	} {
		if l.limit.Do == "" {
			l.limit.Do = l.allowed[0]
		} else if l.limit.After == 0 {
			return fmt.Errorf("%s needs a time: after", l.name)
		}
		if !slices.Contains(l.allowed, l.limit.Do) {
			return fmt.Errorf("%s: do is one of %v, not %s", l.name, l.allowed, l.limit.Do)
		}
	}
	return nil
}

// relay lets the answer take as long as the proxy bears. After that the caller
// gets what the proxy does, and the answer nobody.
func (s *Server) relay(x *exchange, answer func() bool) {
	limit := s.proxy.Exchange
	if limit.After == 0 {
		if !answer() {
			panic(http.ErrAbortHandler)
		}
		return
	}
	caller, request, kept := x.w, x.r, newRecorder()
	x.w = kept
	done := make(chan struct{})
	s.launch("a relayed answer", func() {
		defer close(done)
		_ = answer() // what was kept says it too
	})
	timer := time.NewTimer(time.Duration(limit.After))
	defer timer.Stop()
	select {
	case <-done:
		if !kept.sendTo(caller) {
			panic(http.ErrAbortHandler)
		}
	case <-timer.C:
		f := &Fault{Do: limit.Do, Status: http.StatusGatewayTimeout}
		s.logf("proxy: %s after %s of %s %s", limit.Do, time.Duration(limit.After), request.Method, request.URL.EscapedPath())
		if limit.Do == Answer {
			s.answerOther(caller, request, f, nil)
		} else {
			s.endConnection(caller, f, nil)
		}
	case <-x.life.over:
		panic(http.ErrAbortHandler)
	}
}

// relayedConn is a connection that the proxy forgets when it is idle.
type relayedConn struct {
	net.Conn
	idle Limit

	mu    sync.Mutex
	spoke time.Time // last byte in either direction; zero before the first
}

var errIdle = errors.New("the proxy has forgotten the connection")

// Read hands on what the caller sends, unless it comes too late.
func (c *relayedConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	if n == 0 || !c.late() {
		c.note(n)
		return n, err
	}
	if c.idle.Do == Stall {
		_, _ = io.Copy(io.Discard, c.Conn)
	}
	reset(c)
	return 0, errIdle
}

// Write hands on what the server says.
func (c *relayedConn) Write(text []byte) (int, error) {
	n, err := c.Conn.Write(text)
	c.note(n)
	return n, err
}

// CloseWrite lets the server half close the connection.
func (c *relayedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

func (c *relayedConn) note(n int) {
	if n > 0 {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.spoke = time.Now()
	}
}

func (c *relayedConn) late() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.spoke.IsZero() && time.Since(c.spoke) >= time.Duration(c.idle.After)
}
