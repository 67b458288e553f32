package dqops

import (
	"bytes"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
)

const (
	masked = "***"
	// minSecret is the shortest token that is looked for in answers: a shorter one
	// hides nothing, and masking it would eat the words of the data.
	minSecret = 6
	// maskBlock is how much of an answer is searched at a time.
	maskBlock = 32 << 10
)

// secret is the token as it must never be seen: as it is, and as JSON or a URL
// spell it. A server, or what stands in its place, may repeat what it was sent.
type secret string

func (s secret) isSearched() bool { return len(s) >= minSecret }

// mask is the text without the secret.
func (s secret) mask(text string) string {
	if !s.isSearched() {
		return text
	}
	out, _ := s.replace(nil, []byte(text), true)
	return string(out)
}

// maskHeader masks every value in place.
func (s secret) maskHeader(h http.Header) {
	for _, values := range h {
		for i := range values {
			values[i] = s.mask(values[i])
		}
	}
}

// maskError is the error with a text without the secret; its type and causes can
// still be told.
func (s secret) maskError(err error) error {
	text := err.Error()
	if clean := s.mask(text); clean != text {
		return &maskedError{err, clean}
	}
	return err
}

type maskedError struct {
	cause error
	text  string
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.cause }

// reader masks what it reads, as it comes: only what may be the secret's
// beginning is held back.
func (s secret) reader(r io.ReadCloser) io.ReadCloser {
	if !s.isSearched() {
		return r
	}
	return &maskingReader{ReadCloser: r, secret: s, block: make([]byte, maskBlock)}
}

type maskingReader struct {
	io.ReadCloser

	secret secret
	block  []byte
	text   []byte // read, not yet searched to its end
	out    []byte // searched, all of it
	ready  []byte // the part of out that nobody took yet
	err    error
}

func (m *maskingReader) Read(p []byte) (int, error) {
	for len(m.ready) == 0 {
		if m.err != nil {
			return 0, m.err
		}
		var n int
		n, m.err = m.ReadCloser.Read(m.block)
		m.text = append(m.text, m.block[:n]...)
		var rest []byte
		m.out, rest = m.secret.replace(m.out[:0], m.text, m.err != nil)
		m.ready = m.out
		m.text = append(m.text[:0], rest...)
	}
	n := copy(p, m.ready)
	m.ready = m.ready[n:]
	return n, nil
}

// replace appends the masked text to out. Rest is the end of the text that may
// become the secret with what follows; nothing when whole says that nothing does.
func (s secret) replace(out, text []byte, whole bool) (masks, rest []byte) {
	starts := string([]byte{s[0], '\\', '%'})
	for {
		at := bytes.IndexAny(text, starts)
		if at < 0 {
			return append(out, text...), nil
		}
		out, text = append(out, text[:at]...), text[at:]
		n, open := s.match(text)
		switch {
		case n > 0:
			out, text = append(out, masked...), text[n:]
		case open && !whole:
			return out, text
		default:
			out, text = append(out, text[0]), text[1:]
		}
	}
}

// match is how many bytes at the text's start spell the secret, 0 for none; open
// says that the text ends before that is known.
func (s secret) match(text []byte) (n int, open bool) {
	if bytes.HasPrefix(text, []byte(s)) {
		return len(s), false
	}
	for i := range len(s) {
		step, more := spelled(s[i], text[n:])
		switch {
		case more:
			return 0, true
		case step == 0:
			return 0, bytes.HasPrefix([]byte(s), text)
		}
		n += step
	}
	return n, false
}

// spelled is how many bytes at the text's start spell one character: itself, its
// escape in JSON or in a URL; 0 for none. More says that the text is too short to
// tell.
func spelled(c byte, text []byte) (n int, more bool) {
	if len(text) == 0 {
		return 0, true
	}
	lead := ""
	switch text[0] {
	case '%':
		lead = "%"
	case '\\':
		if len(text) > 1 && text[1] == c && strings.IndexByte("\"\\/", c) >= 0 {
			return 2, false
		}
		lead = `\u00`
	}
	if lead != "" {
		form := lead + hex.EncodeToString([]byte{c})
		have := string(text[:min(len(text), len(form))])
		if strings.EqualFold(have, form[:len(have)]) {
			return len(form), len(have) < len(form)
		}
	}
	if text[0] == c {
		return 1, false
	}
	return 0, false
}
