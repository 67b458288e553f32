package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

const (
	// breakOffTime is what the first signal leaves for saying how things stand; a
	// command that still has to ask the server takes more (see afterInterrupt). It
	// ends what nothing else can: a write that nobody reads.
	breakOffTime = 5 * time.Second
	// otherTime is what a signal of another kind leaves for what is under way: CI
	// runners send SIGTERM some seconds after SIGINT, and SIGKILL soon after that.
	otherTime = 2 * time.Second
	// lastWords is what is left, once nothing is waited for any more, for the
	// result. A process that is not stuck needs none of it.
	lastWords = time.Second
	// tidyTime bounds writing to a terminal that may be stuck itself.
	tidyTime = 300 * time.Millisecond
)

var errSilent = errors.New("the server did not answer in time")

// interrupts is what signals do to a running command.
type interrupts struct {
	process Process
	streams *iostreams.Streams
	group   *exit.Group
	signals chan os.Signal
	longer  chan time.Duration
	done    chan struct{}
	soft    context.CancelCauseFunc
	hard    context.CancelCauseFunc
	first   os.Signal // nil: none yet
	hurry   bool      // a signal of another kind came
}

// interrupts gives the context that the first SIGINT, SIGTERM or SIGHUP ends, with
// the outcome as its cause. The same signal again ends app.Hard too, which bounds
// what is done after an interrupt, and soon after it the process.
func (a *App) interrupts(p Process, group *exit.Group) (context.Context, func()) {
	ctx, soft := context.WithCancelCause(context.Background())
	hardCtx, hard := context.WithCancelCause(context.Background())
	i := &interrupts{
		process: p, streams: a.Streams, group: group, soft: soft, hard: hard,
		signals: make(chan os.Signal, 4), longer: make(chan time.Duration), done: make(chan struct{}),
	}
	a.Hard, a.longer = hardCtx, i.longer
	p.Notify(i.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT)
	group.Go(i.watch)
	return ctx, func() { close(i.done); soft(nil); hard(nil) }
}

// afterInterrupt bounds what is done after the first signal: by the time, and by
// the second signal.
func (a *App) afterInterrupt(most time.Duration) (context.Context, context.CancelFunc) {
	select {
	case a.longer <- most:
	case <-a.Hard.Done():
	}
	return context.WithTimeoutCause(a.Hard, most, errSilent)
}

func (i *interrupts) watch() error {
	var late <-chan time.Time
	for {
		select {
		case <-i.done:
			return nil
		case more := <-i.longer:
			if !i.hurry {
				late = time.After(more + breakOffTime)
			}
		case <-late:
			i.end(i.hurry)
			return nil
		case s := <-i.signals:
			wait, over := i.take(s)
			if over {
				return nil
			}
			late = time.After(wait)
		}
	}
}

// take does what a signal asks for. It returns how long the command may go on, or
// that there is nothing more to watch.
func (i *interrupts) take(s os.Signal) (wait time.Duration, over bool) {
	switch {
	case s == syscall.SIGQUIT || s == syscall.SIGABRT:
		i.dump(s)
		return 0, true
	case i.first == nil:
		i.first = s
		i.soft(interruptedBy(s))
		return breakOffTime, false
	case s == i.first || i.hurry:
		i.end(true)
		return 0, true
	}
	i.hurry = true
	return otherTime, false
}

// end ends the command, and the process if it cannot.
func (i *interrupts) end(again bool) {
	interrupt := interruptedBy(i.first)
	why := interrupt.Message
	if again {
		why = "interrupted again"
	}
	i.hard(&exit.Error{Outcome: interrupt.Outcome, Message: why})
	select {
	case <-i.done:
	case <-time.After(lastWords):
		i.leave(interrupt.Outcome, "dqoctl: "+why+", and ended before all was said\n")
	}
}

// dump ends the process with the stacks of all goroutines. Go's own dump would
// exit with 2, the outcome "error" of the data.
func (i *interrupts) dump(s os.Signal) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	i.leave(exit.Internal, fmt.Sprintf("dqoctl: ended at once by %s; a job that was started goes on\n"+
		"  hint: if dqoctl hung, please report it with the command line and all that follows\n"+
		"dqoctl %s\n\n%s", nameOf(s), readBuildInfo().Version, iostreams.CleanLines(string(stacks))))
}

// leave ends the process while its command may be stuck anywhere: nothing here
// waits for a lock or, for long, for a stream.
func (i *interrupts) leave(outcome exit.Outcome, text string) {
	said := make(chan struct{})
	i.group.Go(func() error {
		defer close(said)
		i.streams.Restore()
		_, _ = io.WriteString(i.process.Stderr, text)
		return nil
	})
	select {
	case <-said:
	case <-time.After(tidyTime):
	}
	i.process.Exit(outcome.Code())
}

// interruptedBy is the outcome of a command that a signal ended. A terminal that
// goes away (SIGHUP) means the same as SIGTERM: nobody is there to see the result.
func interruptedBy(s os.Signal) *exit.Error {
	if s == os.Interrupt {
		return &exit.Error{Outcome: exit.Interrupted, Message: "interrupted"}
	}
	return &exit.Error{Outcome: exit.Terminated, Message: "ended by " + nameOf(s)}
}

func nameOf(s os.Signal) string {
	switch s {
	case syscall.SIGTERM:
		return "SIGTERM"
	case syscall.SIGHUP:
		return "SIGHUP"
	case syscall.SIGQUIT:
		return "SIGQUIT"
	case syscall.SIGABRT:
		return "SIGABRT"
	}
	return s.String()
}

// breakable is an input whose reading ends with the context. Nothing can break a
// read of a terminal off: it is left behind, and ends with the process.
type breakable struct {
	ctx  context.Context
	from io.Reader
	// left is for reads that were left behind and that nobody waits for.
	left exit.Group
}

// Read gives the context's cause when it ends first.
func (b *breakable) Read(p []byte) (int, error) {
	type piece struct {
		n   int
		err error
	}
	own := make([]byte, len(p)) // one left behind must not write into p
	read := make(chan piece, 1)
	b.left.Go(func() error {
		n, err := b.from.Read(own)
		read <- piece{n, err}
		return nil
	})
	select {
	case <-b.ctx.Done():
		return 0, context.Cause(b.ctx)
	case got := <-read:
		return copy(p, own[:got.n]), got.err
	}
}
