// Command dqoctl runs and follows the jobs of a DQOps data quality server.
package main

import (
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/dqoctl/dqoctl/cmd"
)

//go:generate go run ./cmd/generate .

func main() {
	// A reader that goes away must end in an error that the program sees, not in
	// its death by signal before the exit code is decided.
	signal.Ignore(syscall.SIGPIPE)
	log.SetOutput(io.Discard) //nolint:forbidigo // net/http writes there what a server sends unasked, which may be anything
	os.Exit(cmd.Main(cmd.Process{
		Args:    os.Args[1:],
		Env:     os.LookupEnv,
		Environ: os.Environ,
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Notify:  notify,
		Exit:    os.Exit,
	}))
}

// notify leaves alone what the process was started to ignore: SIGHUP under nohup,
// SIGINT and SIGQUIT in the background of a shell script.
func notify(c chan<- os.Signal, signals ...os.Signal) {
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}
