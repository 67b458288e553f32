package dqops

import (
	"compress/flate"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
)

// errCutCompressed is a compressed text that ends in the middle although the answer
// itself is whole: its sender made it so, and would again.
var errCutCompressed = errors.New("the compressed answer ends in the middle")

// unpack lets the answer be read as it was before it was compressed. Go's own
// transport would do that, too, but not tell a text that ends in the middle from a
// connection that does.
func unpack(resp *http.Response) {
	if resp.Header.Get("Content-Encoding") != "gzip" || resp.ContentLength == 0 {
		return
	}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength = -1
	resp.Uncompressed = true
	resp.Body = &unpacked{packed: &packed{ReadCloser: resp.Body}}
}

// packed knows whether the answer was read to its end.
type packed struct {
	io.ReadCloser
	whole bool
}

func (p *packed) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.whole = p.whole || errors.Is(err, io.EOF)
	return n, err
}

type unpacked struct {
	packed *packed
	text   *gzip.Reader
	err    error
}

func (u *unpacked) Read(b []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.text == nil {
		if u.text, u.err = gzip.NewReader(u.packed); u.err != nil {
			return 0, u.told()
		}
	}
	var n int
	n, u.err = u.text.Read(b)
	return n, u.told()
}

func (u *unpacked) told() error {
	if u.packed.whole && errors.Is(u.err, io.ErrUnexpectedEOF) {
		u.err = errCutCompressed
	}
	return u.err
}

func (u *unpacked) Close() error { return u.packed.Close() }

// isCorrupt reports a body that says it is compressed and is not, or not whole.
func isCorrupt(err error) bool {
	if _, ok := errors.AsType[flate.CorruptInputError](err); ok {
		return true
	}
	return errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, errCutCompressed)
}
