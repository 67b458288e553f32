package cmd

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// readBody reads the file of --file; "-" is standard input, "" is none.
func (a *App) readBody(path string) (*request.File, error) {
	switch path {
	case "":
		return nil, nil
	case "-":
		return a.parseBody("standard input", a.Streams.In)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadableBody(path, err)
	}
	defer f.Close()
	return a.parseBody(path, f)
}

func (a *App) parseBody(name string, r io.Reader) (*request.File, error) {
	// One byte more than is allowed, so that a larger file is seen to be larger.
	data, err := io.ReadAll(io.LimitReader(r, request.MaxBytes+1))
	if err != nil {
		return nil, unreadableBody(name, err)
	}
	return request.ParseFile(name, data)
}

func unreadableBody(name string, err error) error {
	if isInterrupt(err) {
		return err
	}
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err // it names the file a second time
	}
	return exit.Usagef("check the path; - is standard input", "read the body %s: %w", name, err)
}
