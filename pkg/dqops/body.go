package dqops

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// errTooLarge ends the reading of an answer that no DQOps server sends.
var errTooLarge = errors.New("the answer is larger than a DQOps server sends")

// bounded reads at most left bytes and then fails instead of ending quietly, so
// that a cut answer is never taken for a whole one.
type bounded struct {
	reader io.Reader
	left   int64
	// failed is why reading ended before the end; a decoder's own error does not
	// tell a broken connection from a wrong text.
	failed error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		b.failed = errTooLarge
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.reader.Read(p)
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

func readBody(resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("%w (%d bytes announced)", errTooLarge, resp.ContentLength)
	}
	return io.ReadAll(&bounded{reader: resp.Body, left: limit})
}
