package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

const (
	// maxBody is the largest request body; more is a 500 (wire L7).
	maxBody = 10 << 20
	// gzipOver is the size from which answers are compressed (wire 1).
	gzipOver = 2048
	jsonType = "application/json"
)

// exchange is one request and its answer.
type exchange struct {
	s      *Server
	life   *life
	w      http.ResponseWriter
	r      *http.Request
	vars   []string
	entry  int
	status int
}

// finish is the end of every exchange, also of one that panics or has nobody
// to answer.
func (x *exchange) finish() {
	if cause := recover(); cause != nil {
		x.s.logf("panic while answering %s %s: %v", x.r.Method, x.r.URL.EscapedPath(), cause)
		if x.status == 0 {
			x.fail(newAPIError(http.StatusInternalServerError, fmt.Sprint(cause), fmt.Sprint("java.lang.RuntimeException: ", cause)))
		}
	}
	if x.status == 0 {
		x.note(0)
	}
}

// head begins the answer. The books know of it before the caller does.
func (x *exchange) head(status int) {
	x.note(status)
	x.w.WriteHeader(status)
}

func (x *exchange) note(status int) {
	x.status = status
	entry := x.s.book.close(x.entry, status)
	target := entry.Path
	if entry.Query != "" {
		target += "?" + entry.Query
	}
	x.s.logf("%s %s %d", entry.Method, target, status)
}

// raw answers with a body and its length.
func (x *exchange) raw(status int, contentType string, body []byte) {
	header := x.w.Header()
	header.Set("Content-Type", contentType)
	if len(body) > gzipOver && contentType == jsonType && x.wantsGzip() {
		header.Set("Content-Encoding", "gzip")
		x.head(status)
		_ = http.NewResponseController(x.w).Flush() // no length: it is sent in chunks
		packed := gzip.NewWriter(x.w)
		_, _ = packed.Write(body)
		_ = packed.Close()
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	x.head(status)
	_, _ = x.w.Write(body)
}

func (x *exchange) json(status int, value any) error {
	body, err := encoded(value)
	if err != nil {
		return err
	}
	x.raw(status, jsonType, body)
	return nil
}

// list answers with a list: in chunks, without a length (wire 3.10).
func (x *exchange) list(status int, value any) error {
	body, err := encoded(value)
	if err != nil {
		return err
	}
	if len(body) > gzipOver && x.wantsGzip() {
		x.raw(status, jsonType, body)
		return nil
	}
	x.w.Header().Set("Content-Type", jsonType)
	x.head(status)
	_ = http.NewResponseController(x.w).Flush()
	_, _ = x.w.Write(body)
	return nil
}

func encoded(value any) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return bytes.TrimSuffix(body.Bytes(), []byte("\n")), nil
}

// empty is a wait that ran out of time, or a job that is not known: no body,
// but a type and a length (wire 2.1).
func (x *exchange) empty(status int) { x.raw(status, jsonType, nil) }

// noContent is a 204: neither type nor length (wire 2.1).
func (x *exchange) noContent() { x.head(http.StatusNoContent) }

// unauthorized is chunked, without type and without body (wire 2.1).
func (x *exchange) unauthorized() {
	x.head(http.StatusUnauthorized)
	_ = http.NewResponseController(x.w).Flush()
}

// webPage is the web UI that answers any GET outside /api (wire 1.3).
func (x *exchange) webPage() {
	x.raw(http.StatusOK, "text/html", []byte("<!DOCTYPE html><html><head><title>DQOps</title></head>"+
		"<body><noscript>You need to enable JavaScript to run this app.</noscript><div id=\"root\"></div></body></html>\n"))
}

// fail answers with the error JSON, or a page for those who take HTML.
func (x *exchange) fail(err error) {
	if errors.Is(err, errGone) {
		return
	}
	answer, ok := errors.AsType[*apiError](err)
	if !ok {
		answer = newAPIError(http.StatusInternalServerError, err.Error(), "java.lang.RuntimeException: "+err.Error())
	}
	body := x.s.errorBody(x.r, answer)
	if strings.Contains(x.r.Header.Get("Accept"), "text/html") {
		x.raw(answer.status, "text/html", fmt.Appendf(nil, "<html><body><h1>Whitelabel Error Page</h1>"+
			"<div>There was an unexpected error (type=%s, status=%d).</div></body></html>", body.Error, body.Status))
		return
	}
	if err := x.json(answer.status, body); err != nil {
		x.s.logf("%v", err)
	}
}

func (s *Server) errorBody(r *http.Request, e *apiError) errorBody {
	return errorBody{
		Timestamp: s.clock.now().Format("2006-01-02T15:04:05.000-07:00"),
		Path:      r.URL.EscapedPath(), Status: e.status, Error: http.StatusText(e.status),
		Message:   e.message,
		RequestID: fmt.Sprintf("%08x-%d", uint32(hash64(r.RemoteAddr)), s.requestNo.Add(1)),
		Trace:     e.trace + traceFrames,
	}
}

// readBody returns the request's JSON text.
func (x *exchange) readBody() ([]byte, error) {
	declared := x.r.Header.Get("Content-Type")
	mediaType, _, _ := mime.ParseMediaType(declared)
	if mediaType != jsonType {
		if declared == "" {
			declared = "application/octet-stream"
		}
		return nil, errMediaType(declared)
	}
	body, err := io.ReadAll(io.LimitReader(x.r.Body, maxBody+1))
	x.s.book.setBody(x.entry, body)
	switch {
	case err != nil:
		return nil, errGone
	case len(body) > maxBody:
		return nil, errTooLarge()
	}
	return body, nil
}

func (x *exchange) wantsGzip() bool {
	return strings.Contains(x.r.Header.Get("Accept-Encoding"), "gzip")
}

func (x *exchange) wantsJSON() bool {
	return strings.Contains(x.r.Header.Get("Accept"), jsonType)
}

func (x *exchange) acceptsJSON() bool {
	accept := x.r.Header.Get("Accept")
	if accept == "" {
		return true
	}
	for _, kind := range []string{jsonType, "application/*", "*/*"} {
		if strings.Contains(accept, kind) {
			return true
		}
	}
	return false
}
