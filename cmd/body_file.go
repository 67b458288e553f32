package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// maxBodyFile is one byte more than the server takes (wire L7), so that a larger
// file is seen to be larger.
const maxBodyFile = 10<<20 + 1

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
		if inner, ok := errors.AsType[*fs.PathError](err); ok {
			err = inner.Err
		}
		return nil, exit.Usagef("check the path; - is standard input", "read the body %s: %w", path, err)
	}
	defer f.Close()
	return a.parseBody(path, f)
}

func (a *App) parseBody(name string, r io.Reader) (*request.File, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBodyFile))
	if err != nil {
		return nil, exit.Usagef("", "read the body %s: %w", name, fmt.Errorf("%w", err))
	}
	return request.ParseFile(name, data)
}
