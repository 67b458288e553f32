package iostreams

import (
	"errors"
	"io"
	"sync"
)

// outWriter remembers the first error. Once the reader has gone, everything is
// taken and dropped.
type outWriter struct {
	to     io.Writer
	failed error
	gone   bool
}

func (w *outWriter) Write(p []byte) (int, error) {
	if w.failed != nil {
		return 0, w.failed
	}
	// A full device refuses to be written nothing, too.
	if w.gone || len(p) == 0 {
		return len(p), nil
	}
	n, err := w.to.Write(p)
	switch {
	case err == nil:
		return n, nil
	case readerGone(err):
		w.gone = true
		return len(p), nil
	}
	w.failed = err
	return n, err
}

func readerGone(err error) bool {
	if errors.Is(err, io.ErrClosedPipe) {
		return true
	}
	for _, gone := range goneErrors {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

// errWriter lets one Write through at a time.
type errWriter struct {
	mutex  sync.Mutex
	to     io.Writer
	around func(write func())
}

func (w *errWriter) Write(p []byte) (n int, err error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	write := func() { n, err = w.to.Write(p) }
	if w.around != nil {
		w.around(write)
	} else {
		write()
	}
	return n, err
}

func (w *errWriter) surround(around func(write func())) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.around = around
}
