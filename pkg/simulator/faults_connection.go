package simulator

import (
	"io"
	"net"
	"net/http"
	"sync"
)

// openConnections are those that a restart resets.
type openConnections struct {
	mu   sync.Mutex
	open map[net.Conn]bool
}

// note is an http.Server's ConnState.
func (o *openConnections) note(conn net.Conn, state http.ConnState) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch state {
	case http.StateNew:
		if o.open == nil {
			o.open = map[net.Conn]bool{}
		}
		o.open[conn] = true
	case http.StateClosed, http.StateHijacked:
		delete(o.open, conn)
	default:
	}
}

func (o *openConnections) resetAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for conn := range o.open {
		reset(conn)
	}
}

// reset breaks a connection, so that its caller sees an error and no end. One in
// memory knows no difference.
func reset(conn net.Conn) {
	if relayed, ok := conn.(*relayedConn); ok {
		conn = relayed.Conn
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// endConnection sends as much of the answer as the fault lets through and ends
// the connection in its way.
func (s *Server) endConnection(w http.ResponseWriter, f *Fault, truth *recorder) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if part := upTo(f.At, truth.raw()); len(part) > 0 {
		_, _ = conn.Write(part) // a caller that has gone suffers nothing more
	}
	switch f.Do {
	case Reset:
		reset(conn)
	case HalfClose:
		if half, ok := conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
			s.keepOpen(conn)
		}
		_ = conn.Close()
	case Stall:
		s.keepOpen(conn)
		_ = conn.Close()
	default:
		_ = conn.Close()
	}
}

// keepOpen listens to a caller without a word until it gives up or the life ends.
func (s *Server) keepOpen(conn net.Conn) {
	left := make(chan struct{})
	s.launch("a silent connection", func() {
		defer close(left)
		_, _ = io.Copy(io.Discard, conn)
	})
	select {
	case <-left:
	case <-s.currentLife().over:
		reset(conn)
	}
}

// door lets callers in, unless the server is down.
type door struct {
	net.Listener
	s *Server
}

func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if d.s.isDown() {
			reset(conn)
			continue
		}
		if d.s.proxy.Idle.After > 0 && d.s.proxy.Idle.Do != Close {
			return &relayedConn{Conn: conn, idle: d.s.proxy.Idle}, nil
		}
		return conn, nil
	}
}
