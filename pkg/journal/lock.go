package journal

import (
	"context"
	"errors"
	"os"
	"time"
)

const (
	// lockTime bounds the wait for other processes, each of which holds the lock
	// for as long as it takes to write a line.
	lockTime  = 5 * time.Second
	lockPause = 2 * time.Millisecond
)

var errBusy = errors.New("another process holds its lock")

// acquire takes the lock that the file of that name stands for. The file is never
// removed: a process may be waiting on it. The system gives the lock back when a
// process dies.
func acquire(ctx context.Context, name string) (release func(), err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeoutCause(ctx, lockTime, errBusy)
	defer cancel()
	for {
		taken, err := tryLock(file)
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		if taken {
			return func() { _ = file.Close() }, nil // which gives the lock back
		}
		timer := time.NewTimer(lockPause)
		select {
		case <-waiting.Done():
			timer.Stop()
			return nil, errors.Join(context.Cause(waiting), file.Close())
		case <-timer.C:
		}
	}
}
