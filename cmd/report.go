package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// combined is the result of several jobs.
type combined struct {
	Jobs     []verdict.Result `json:"jobs"`
	Outcome  exit.Outcome     `json:"outcome"`
	ExitCode int              `json:"exitCode"`
}

// report prints the results of job commands once and gives the error that
// carries the exit code. Problems go to stderr in every format.
func (a *App) report(format string, results ...verdict.Result) error {
	outcomes := make([]exit.Outcome, len(results))
	var ids []int64
	for i, r := range results {
		outcomes[i] = r.Outcome
		if r.ID != nil {
			ids = append(ids, r.ID.ID)
		}
	}
	a.complainOf(results)
	worst := exit.Worst(outcomes...)
	a.write(func() error {
		switch f := output.Format(format); {
		case f.IsObject() && len(results) == 1:
			return output.Value(a.Streams.Out, f, results[0])
		case f.IsObject():
			return output.Value(a.Streams.Out, f, combined{results, worst, worst.Code()})
		case f == output.FormatID:
			return output.IDs(a.Streams.Out, ids...)
		}
		return a.printSummaries(results, worst)
	})
	if worst.Code() == 0 {
		return nil
	}
	return &reported{worst}
}

// maxProblems is how many different problems are said on stderr.
const maxProblems = 20

// complainOf says each different problem once.
func (a *App) complainOf(results []verdict.Result) {
	said := make(map[verdict.Problem]bool)
	for _, r := range results {
		if r.Problem == nil || said[*r.Problem] {
			continue
		}
		said[*r.Problem] = true
		if len(said) <= maxProblems {
			a.complain(*r.Problem)
		}
	}
	if more := len(said) - maxProblems; more > 0 {
		a.inform(fmt.Sprintf("and %d more problems; -o json shows all", more))
	}
}

// printSummaries lays the results out one below the other; of several the last
// line says which outcome decides.
func (a *App) printSummaries(results []verdict.Result, worst exit.Outcome) error {
	var b strings.Builder
	for _, r := range results {
		if r.ID == nil && len(results) == 1 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		if err := output.Print(&b, screenOf(a.Streams), summarize(r)); err != nil {
			return err
		}
	}
	if len(results) > 1 {
		fmt.Fprintf(&b, "\n%d jobs: %s, exit code %d\n", len(results), outcomeText(worst), worst.Code())
	}
	_, err := io.WriteString(a.Streams.Out, b.String())
	return err
}

func screenOf(s *iostreams.Streams) output.Screen {
	return output.Screen{Width: s.OutWidth(), Color: s.ColorOut()}
}

// refuseIDs refuses -o id for what has no ids.
func refuseIDs(s *config.Settings, what string) error {
	if output.Format(s.Output) != output.FormatID {
		return nil
	}
	return exit.Usagef("use -o table, -o json or -o yaml", "-o id: %s has no ids", what)
}
