//go:build unix

package main

import (
	"errors"
	"os"
	"syscall"
)

// fill writes to the pipe until not one more byte fits.
func fill(pipe *os.File) error {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		for size := 1 << 16; size > 0; {
			_, failed = syscall.Write(int(fd), make([]byte, size))
			switch {
			case errors.Is(failed, syscall.EAGAIN):
				size /= 2
			case failed != nil:
				return true
			}
		}
		failed = nil
		return true
	})
	return errors.Join(err, failed)
}
