package config

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

const (
	// lockPatience is how long a change waits for another one; each takes
	// milliseconds.
	lockPatience = 10 * time.Second
	lockPause    = 10 * time.Millisecond
	maxLinks     = 40
)

// takenFile is a file that one process alone changes: the new text is written
// into FILE.lock, which only one can create, and is renamed over the file.
type takenFile struct {
	path string // what a symbolic link leads to
	text []byte // what is in it; empty for a file that is not there
	mode fs.FileMode
	lock *os.File
}

func takeFile(ctx context.Context, file string) (*takenFile, error) {
	path, err := behindLinks(file)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err != nil {
		return nil, cannotWrite(err)
	}
	t := &takenFile{path: path, mode: 0o600}
	if err := t.acquire(ctx); err != nil {
		return nil, err
	}
	if err := t.read(); err != nil {
		t.release()
		return nil, err
	}
	return t, nil
}

func (t *takenFile) acquire(ctx context.Context) error {
	late := time.After(lockPatience)
	for {
		lock, err := os.OpenFile(t.path+".lock", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			t.lock = lock
			return nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return cannotWrite(err)
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-late:
			return exit.Configf("if no other dqoctl is at it, delete that file: one that was killed left it",
				"change the configuration: %s.lock says that another dqoctl is changing it", t.path)
		}
	}
}

func (t *takenFile) read() error {
	info, err := os.Stat(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		t.mode = info.Mode().Perm()
		t.text, err = readFile(t.path)
	}
	if err != nil {
		return exit.Configf("make it readable, or name another one with --config", "read the configuration file: %w", err)
	}
	return nil
}

// replace puts the text in the file's place at once, with the old file's mode.
func (t *takenFile) replace(text []byte) error {
	_, err := t.lock.Write(text)
	err = errors.Join(err, t.lock.Chmod(t.mode), t.lock.Sync(), t.lock.Close())
	if err == nil {
		err = os.Rename(t.lock.Name(), t.path)
	}
	if err != nil {
		return cannotWrite(err)
	}
	t.lock = nil
	return nil
}

// release gives the file free unless replace did.
func (t *takenFile) release() {
	if t.lock != nil {
		_ = t.lock.Close()
		_ = os.Remove(t.lock.Name())
	}
}

// behindLinks follows symbolic links, also to a file that is not there yet: the
// link must stay one.
func behindLinks(file string) (string, error) {
	for range maxLinks {
		to, err := os.Readlink(file)
		if err != nil {
			return file, nil //nolint:nilerr // no link, or nothing at all
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(file), to)
		}
		file = to
	}
	return "", errors.New("too many symbolic links at " + file)
}

func cannotWrite(err error) error {
	return exit.Configf("make the folder writable, or name another file with --config", "write the configuration: %w", err)
}
