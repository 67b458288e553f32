package exit

import (
	"runtime/debug"
	"sync"
)

// Group starts goroutines and waits for them. It is the only place that does:
// a panic in one becomes an Internal error instead of Go's exit code 2, which is
// the outcome "error" of the data.
type Group struct {
	wait  sync.WaitGroup
	mutex sync.Mutex
	first error
}

// Go runs f in a goroutine of its own.
func (g *Group) Go(f func() error) {
	g.wait.Go(func() {
		if err := Recover(f); err != nil {
			g.mutex.Lock()
			defer g.mutex.Unlock()
			if g.first == nil {
				g.first = err
			}
		}
	})
}

// Wait returns when all have ended, with the first error that one returned.
func (g *Group) Wait() error {
	g.wait.Wait()
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.first
}

// Recover runs f; a panic in it becomes an Internal error that carries the stack
// in its message's second and later lines.
func Recover(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Internalf("crashed: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
