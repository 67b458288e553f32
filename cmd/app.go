package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// App is what commands work with.
type App struct {
	Streams *iostreams.Streams
	Env     func(name string) (value string, ok bool)
	// Environ lists the whole environment as NAME=VALUE; nil is an empty one.
	Environ func() []string
	Args    []string
	// Hard ends with the second interrupt; it bounds what is done after the first.
	Hard context.Context
	// longer tells those who watch for a stuck process how long what is done after
	// the first interrupt may take.
	longer chan<- time.Duration
	// output is --output once it is resolved; empty before.
	output string
	// lostSaid is whether it was said that the result could not be written.
	lostSaid bool
}

// reported is the outcome of a command that has already said everything: only
// the exit code is left.
type reported struct{ outcome exit.Outcome }

func (r *reported) Error() string { return string(r.outcome) }

func (a *App) execute(ctx context.Context) error {
	root := newRootCmd(a)
	root.SetArgs(a.Args)
	return root.ExecuteContext(ctx)
}

// finish says what has not been said and turns the error into the exit code.
func (a *App) finish(err error) int {
	outcome := exit.OK
	lost := a.Streams.OutError()
	if lost != nil && errors.Is(err, lost) {
		err = nil // a command that printed by itself; it is said below
	}
	if done, ok := errors.AsType[*reported](err); ok {
		outcome = done.outcome
	} else if err != nil {
		outcome = verdict.OutcomeOf(err)
		problem := verdict.Explain(err)
		if outcome == exit.Internal {
			problem = blamed(problem)
		}
		a.complain(problem)
		if f := a.format(); f.IsObject() {
			a.write(func() error {
				return output.Value(a.Streams.Out, f, verdict.Result{Outcome: outcome, Problem: &problem})
			})
		}
	}
	if err := a.Streams.OutError(); err != nil {
		if !a.lostSaid {
			a.complain(verdict.Problem{Message: fmt.Sprintf("write the result: %v", err), Hint: "the result is incomplete, and what was done on the server stays done; look at it with dqoctl jobs list before you run it again with room to write"})
		}
		a.lostSaid = true
		outcome = exit.Worst(outcome, exit.IO)
	}
	return outcome.Code()
}

// complain prints a problem to stderr.
func (a *App) complain(p verdict.Problem) {
	text := a.message("dqoctl: ", p.Message)
	if p.Hint != "" {
		text += a.message("  hint: ", p.Hint)
	}
	if p.RequestID != "" {
		text += a.message("  request id: ", p.RequestID)
	}
	a.say(text)
}

// inform prints one message to stderr that is no problem.
func (a *App) inform(text string) { a.say(a.message("dqoctl: ", text)) }

// message makes foreign text safe and, for a terminal, wraps it at its width: a
// line of a log stays one line, so that it can be searched for.
func (a *App) message(lead, text string) string {
	text = iostreams.CleanLines(text)
	if !a.Streams.ErrIsTerminal() {
		return lead + text + "\n"
	}
	const hang = "    "
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		for _, part := range output.Wrap(line, a.Streams.ErrWidth()-max(len(lead), len(hang))) {
			b.WriteString(strings.TrimRight(lead+part, " ") + "\n")
			lead = hang
		}
		lead = ""
	}
	return b.String()
}

// say writes to stderr. There is nobody left to tell when that fails.
func (a *App) say(text string) { _, _ = a.Streams.Err.Write([]byte(text)) }

// write puts a result on stdout; the stream remembers the first error.
func (a *App) write(result func() error) {
	if err := result(); err != nil && a.Streams.OutError() == nil {
		a.complain(verdict.Problem{Message: err.Error()})
	}
}

// format is the value of --output. It looks at the raw arguments as long as nothing
// is resolved, since it also has to answer when they cannot be parsed.
func (a *App) format() output.Format {
	if a.output != "" {
		return output.Format(a.output)
	}
	format, _ := a.Env("DQOCTL_OUTPUT")
	for i, arg := range a.Args {
		if arg == "--" {
			break
		}
		value, attached := cutPrefix(arg, "--output=", "-o=", "-o")
		switch {
		case slices.Contains([]string{"--output", "-o"}, arg) && i+1 < len(a.Args):
			format = a.Args[i+1]
		case attached && value != "":
			format = value
		}
	}
	return output.Format(format)
}

func cutPrefix(text string, prefixes ...string) (string, bool) {
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			return rest, true
		}
	}
	return text, false
}
