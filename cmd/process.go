// Package cmd is the command line: one file a command, and the pipeline that
// every job command goes through. It is internal to dqoctl and may change
// without notice.
package cmd

import (
	"os"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// Process is what the operating system gives a program; main alone touches the
// real thing.
type Process struct {
	Args []string // without the program's name
	Env  func(name string) (value string, ok bool)
	// Environ lists the variables as NAME=VALUE.
	Environ func() []string
	Stdin   *os.File
	Stdout  *os.File
	Stderr  *os.File
	// Notify sends the signals to the channel, except those that the process was
	// started to ignore.
	Notify func(c chan<- os.Signal, signals ...os.Signal)
	// Exit ends the process at once. It is for a process that a signal did not end
	// in time.
	Exit func(code int)
}

// Main runs one command line and returns its exit code. The terminal is then as it
// was found.
func Main(p Process) int {
	streams := iostreams.New(p.Stdin, p.Stdout, p.Stderr, p.Env)
	defer streams.Restore()
	app := &App{Streams: streams, Env: p.Env, Environ: p.Environ, Args: p.Args}

	var group exit.Group
	ctx, stop := app.interrupts(p, &group)
	streams.In = &breakable{ctx: ctx, from: streams.In}
	err := exit.Recover(func() error { return app.execute(ctx) })
	code := app.end(err)
	stop()
	if crash := group.Wait(); crash != nil && code == 0 {
		return app.end(crash)
	}
	return code
}

// end is finish, which may crash as everything else may.
func (a *App) end(err error) (code int) {
	crash := exit.Recover(func() error {
		code = a.finish(err)
		return nil
	})
	if crash == nil {
		return code
	}
	a.complain(blamed(verdict.Explain(crash)))
	return exit.Internal.Code()
}

// blamed adds to a problem of dqoctl's own what a report of it needs.
func blamed(p verdict.Problem) verdict.Problem {
	p.Hint = "please report it with the command line and this text, from dqoctl " + readBuildInfo().Version
	return p
}
