package cmd

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// demoStep is one command of the demo, with what it shows.
type demoStep struct {
	shows string
	args  []string
	code  int
}

func demoSteps() []demoStep {
	return []demoStep{
		{"All is well in this connection, so a pipeline may go on:", []string{"run-checks", "--connection", "wh"}, 0},
		{"Bad data stops it:", []string{"run-checks", "--connection", "shop"}, 3},
		{"Pressing \"re-run\" on unchanged bad data. The server now answers \"valid\"; dqoctl does not believe it:", []string{"run-checks", "--connection", "shop"}, 3},
		{"The same with --judge run, which believes the server, as its other clients do:", []string{"run-checks", "--connection", "shop", "--judge", "run"}, 0},
	}
}

func newDemoCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "Show the tool at work, nothing to set up",
		GroupID: groupTry,
		Long: `Show the tool at work: start the simulator on a free port of this machine, run
real commands against it over HTTP, and say what each exit code means.`,
		Example: "  dqoctl demo",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkRawFormat(cmd); err != nil {
				return err
			}
			return runDemo(cmd.Context(), a, howToShow(cmd.Flags()))
		},
	}
	printsIn(cmd, output.FormatTable)
	return cmd
}

// howToShow are the flags that hold for what is shown of the steps, too.
func howToShow(flags *pflag.FlagSet) []string {
	var how []string
	for _, name := range []string{"quiet", "color"} {
		if f := flags.Lookup(name); f.Changed {
			how = append(how, "--"+name+"="+f.Value.String())
		}
	}
	return how
}

func runDemo(ctx context.Context, a *App, how []string) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return exit.Internalf("open a port on this machine: %w", err)
	}
	url := "http://" + listener.Addr().String()
	simulated, stop := context.WithCancel(ctx)
	var group exit.Group
	group.Go(func() error { return serve(simulated, simulator.New(simulator.Options{}), listener) })
	err = a.runDemoSteps(ctx, url, how)
	stop()
	if serveErr := group.Wait(); err == nil {
		err = serveErr
	}
	return err
}

func (a *App) runDemoSteps(ctx context.Context, url string, how []string) error {
	a.tell("%s", a.paragraph("A stand-in DQOps server runs inside this process at "+url+"."))
	for i, step := range demoSteps() {
		a.tell("\n%s\n$ dqoctl %s\n\n", a.paragraph(fmt.Sprintf("%d. %s", i+1, step.shows)), strings.Join(step.args, " "))
		if lost := a.Streams.OutError(); lost != nil {
			return lost
		}
		code := a.runDemoStep(ctx, slices.Concat(step.args, how), url)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		a.tell("\nexit code %d\n", code)
		if lost := a.Streams.OutError(); lost != nil {
			return lost
		}
		if code != step.code {
			return exit.Internalf("step %d of the demo ended with exit code %d instead of %d", i+1, code, step.code)
		}
	}
	a.tell("\n%s", a.paragraph("That was the real tool on a simulated server. Next: dqoctl simulator, or --server URL for your own."))
	return nil
}

// runDemoStep runs one command line as a user would, apart from this user's
// environment and configuration.
func (a *App) runDemoStep(ctx context.Context, args []string, url string) int {
	step := &App{
		Streams: a.Streams, Args: args, Hard: a.Hard, longer: a.longer,
		Env: func(name string) (string, bool) {
			switch name {
			case "DQOCTL_SERVER":
				return url, true
			case "DQOCTL_COLOR", "DQOCTL_QUIET":
				return a.Env(name)
			}
			return "", false
		},
	}
	code := step.finish(step.execute(ctx))
	a.lostSaid = step.lostSaid
	return code
}

// paragraph breaks the text at the width of a terminal.
func (a *App) paragraph(text string) string {
	if !a.Streams.OutIsTerminal() {
		return text + "\n"
	}
	return strings.Join(output.Wrap(text, a.Streams.OutWidth()), "\n") + "\n"
}

func (a *App) tell(format string, args ...any) {
	a.write(func() error {
		_, err := fmt.Fprintf(a.Streams.Out, format, args...)
		return err
	})
}
