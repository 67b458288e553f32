// Package cmd is the command line: one file a command, and the pipeline that
// every job command goes through. It is internal to dqoctl and may change
// without notice.
package cmd

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// Process is what the operating system gives a program; main alone touches the
// real thing.
type Process struct {
	Args   []string // without the program's name
	Env    func(name string) (value string, ok bool)
	Stdin  *os.File
	Stdout *os.File
	Stderr *os.File
	Notify func(c chan<- os.Signal, signals ...os.Signal)
	// Exit ends the process at once; only for a second interrupt.
	Exit func(code int)
}

// Main runs one command line and returns its exit code.
func Main(p Process) int {
	streams := iostreams.New(p.Stdin, p.Stdout, p.Stderr, p.Env)
	app := &App{Streams: streams, Env: p.Env, Args: p.Args}

	var group exit.Group
	ctx, stop := app.interrupts(p, &group)
	err := exit.Recover(func() error { return app.execute(ctx) })
	stop()
	if groupErr := group.Wait(); err == nil {
		err = groupErr
	}
	return app.finish(err)
}

// secondGrace is what a second interrupt leaves for putting the terminal right.
const secondGrace = 300 * time.Millisecond

// interrupts gives the context that the first SIGINT or SIGTERM ends, with the
// outcome as its cause. The second one ends app.Hard too, which bounds what is
// done after an interrupt, and soon after it the process.
func (a *App) interrupts(p Process, group *exit.Group) (context.Context, func()) {
	ctx, soft := context.WithCancelCause(context.Background())
	hardCtx, hard := context.WithCancelCause(context.Background())
	a.Hard = hardCtx
	done := make(chan struct{})
	signals := make(chan os.Signal, 4)
	p.Notify(signals, os.Interrupt, syscall.SIGTERM)
	group.Go(func() error {
		var first error
		for {
			select {
			case <-done:
				return nil
			case s := <-signals:
				if first == nil {
					first = interruptedBy(s)
					soft(first)
					continue
				}
				hard(first)
				select {
				case <-done:
				case <-time.After(secondGrace):
					p.Exit(outcomeOf(first).Code())
				}
				return nil
			}
		}
	})
	return ctx, func() { close(done); soft(nil); hard(nil) }
}

func interruptedBy(s os.Signal) error {
	if s == syscall.SIGTERM {
		return &exit.Error{Outcome: exit.Terminated, Message: "ended by SIGTERM"}
	}
	return &exit.Error{Outcome: exit.Interrupted, Message: "interrupted"}
}

func outcomeOf(err error) exit.Outcome {
	if coded, ok := errors.AsType[*exit.Error](err); ok {
		return coded.Outcome
	}
	return exit.Internal
}
