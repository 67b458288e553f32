package simulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

// serve answers the exchange, or lets it suffer what a fault or the proxy has for
// it.
func (s *Server) serve(x *exchange) {
	f := s.faults.strike(x.r)
	if f == nil && s.proxy.Exchange.After == 0 {
		if !s.answered(x) {
			panic(http.ErrAbortHandler) // net/http's way to end without an answer
		}
		return
	}
	if err := x.keepBody(); err != nil {
		x.note(0)
		panic(http.ErrAbortHandler)
	}
	if f != nil {
		s.logf("fault: %s of %s %s", f, x.r.Method, x.r.URL.EscapedPath())
	}
	switch {
	case f == nil:
		s.relay(x, func() bool { return s.answered(x) })
	case f.Do == Delay:
		s.relay(x, func() bool { return s.answerLate(x, f) })
	case f.Do == Shutdown:
		s.relay(x, func() bool { return s.answerAround(x, f) })
	default:
		s.strike(x, f)
	}
}

func (s *Server) answered(x *exchange) bool {
	s.answer(x)
	return x.status != 0
}

// keepBody reads the request to its end and frees it from its caller, so that it
// has its effect also when that one has gone.
func (x *exchange) keepBody() error {
	body, err := io.ReadAll(io.LimitReader(x.r.Body, maxBody+1))
	if err != nil {
		return err
	}
	x.s.book.setBody(x.entry, body)
	x.r = x.r.WithContext(context.WithoutCancel(x.r.Context()))
	x.r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

func (s *Server) answerLate(x *exchange, f *Fault) bool {
	if f.When == After {
		late := s.recorded(x)
		return x.life.pause(time.Duration(f.For), nil) == nil && late.sendTo(x.w)
	}
	return x.life.pause(time.Duration(f.For), nil) == nil && s.answered(x)
}

func (s *Server) answerAround(x *exchange, f *Fault) bool {
	stop := func() {
		s.stop(time.Duration(f.For), Restart{Down: time.Duration(f.Down), Starting: time.Duration(f.Starting)})
	}
	if f.When == After {
		defer stop()
		return s.answered(x)
	}
	stop()
	return s.answered(x)
}

// recorded lets the exchange have its effect and keeps the answer.
func (s *Server) recorded(x *exchange) *recorder {
	caller, kept := x.w, newRecorder()
	x.w = kept
	s.answer(x)
	x.w = caller
	return kept
}

// strike does what breaks the exchange. Only one of the caller's connection and
// the exchange is used after the effect was launched.
func (s *Server) strike(x *exchange, f *Fault) {
	caller, request := x.w, x.r
	var truth *recorder
	switch f.When {
	case After:
		truth = s.recorded(x)
	case During:
		s.launch("a late effect", func() {
			if x.life.pause(time.Duration(f.Late), nil) == nil {
				s.recorded(x)
			}
		})
	case Before:
		if f.Do == Answer {
			x.note(f.statusOf(nil))
		} else {
			x.note(0)
		}
	}
	switch f.Do {
	case RestartNow:
		s.Restart(Restart{Down: time.Duration(f.Down), Starting: time.Duration(f.Starting)})
		panic(http.ErrAbortHandler)
	case Answer:
		s.answerOther(caller, request, f, truth)
	default:
		s.endConnection(caller, f, truth)
	}
}
