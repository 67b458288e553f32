package simulator

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// recorder keeps an answer instead of sending it.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

var _ http.ResponseWriter = (*recorder)(nil)

func newRecorder() *recorder { return &recorder{header: http.Header{}} }

func (k *recorder) Header() http.Header            { return k.header }
func (k *recorder) WriteHeader(status int)         { k.status = status }
func (k *recorder) Write(text []byte) (int, error) { return k.body.Write(text) }

// sendTo sends the kept answer, if there is one.
func (k *recorder) sendTo(w http.ResponseWriter) (sent bool) {
	if k.status == 0 {
		return false
	}
	maps.Copy(w.Header(), k.header)
	w.WriteHeader(k.status)
	if k.chunked() {
		_ = http.NewResponseController(w).Flush()
	}
	_, _ = w.Write(k.body.Bytes())
	return true
}

// chunked answers have no length.
func (k *recorder) chunked() bool {
	return k.header.Get("Content-Length") == "" && k.status != http.StatusNoContent
}

// raw is the answer as bytes on the wire; nothing when there is none.
func (k *recorder) raw() []byte {
	if k == nil || k.status == 0 {
		return nil
	}
	answer := http.Response{
		StatusCode: k.status, ProtoMajor: 1, ProtoMinor: 1, Header: k.header,
		Body: io.NopCloser(&k.body), ContentLength: int64(k.body.Len()),
	}
	if k.chunked() {
		answer.ContentLength, answer.TransferEncoding = -1, []string{"chunked"}
	}
	var text bytes.Buffer
	_ = answer.Write(&text) // a buffer takes everything
	return text.Bytes()
}

// upTo is the part of the answer that is sent before the connection ends.
func upTo(at string, raw []byte) []byte {
	head := len(raw)
	if end := bytes.Index(raw, []byte("\r\n\r\n")); end >= 0 {
		head = end + 4
	}
	switch at {
	case "":
		return nil
	case AtHeader:
		return raw[:head]
	case AtBody:
		return raw[:head+(len(raw)-head)/2]
	case AtEnd:
		return raw
	}
	n, _ := strconv.Atoi(at) // validated before
	if n < 0 {
		n += len(raw)
	}
	return raw[:min(max(n, 0), len(raw))]
}

// answerOther says what the fault has instead of the truth.
func (s *Server) answerOther(w http.ResponseWriter, r *http.Request, f *Fault, truth *recorder) {
	status, header := f.statusOf(truth), w.Header()
	if f.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(int(time.Duration(f.RetryAfter).Seconds())))
	}
	if f.RetryDate > 0 {
		header.Set("Retry-After", time.Now().Add(time.Duration(f.RetryDate)).UTC().Format(http.TimeFormat))
	}
	contentType, body := s.otherBody(r, f.bodyOf(status), status, truth)
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func (f *Fault) statusOf(truth *recorder) int {
	switch {
	case f.Status != 0:
		return f.Status
	case truth != nil && truth.status != 0:
		return truth.status
	}
	return http.StatusOK
}

func (f *Fault) bodyOf(status int) string {
	switch {
	case f.Body != "":
		return f.Body
	case status == http.StatusInternalServerError:
		return BodyError
	case status >= http.StatusBadRequest:
		return BodyHTML
	}
	return BodyEmpty
}

func (s *Server) otherBody(r *http.Request, body string, status int, truth *recorder) (contentType string, text []byte) {
	switch body {
	case BodyHTML:
		return "text/html", fmt.Appendf(nil, "<html>\r\n<head><title>%[1]d %[2]s</title></head>\r\n<body>\r\n"+
			"<center><h1>%[1]d %[2]s</h1></center>\r\n<hr><center>proxy</center>\r\n</body>\r\n</html>\r\n", status, http.StatusText(status))
	case BodyError:
		failed := newAPIError(status, "a fault was injected", "java.lang.IllegalStateException: a fault was injected")
		text, _ = encoded(s.errorBody(r, failed)) // strings and numbers only
		return jsonType, text
	case BodyGarbage:
		return jsonType, []byte("\x00\x01{]jobId\xff\xfe")
	case BodyTruncated:
		return jsonType, truth.body.Bytes()[:truth.body.Len()/2]
	}
	return jsonType, nil
}
