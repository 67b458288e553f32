package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

type simulatorOptions struct {
	app      *App
	listen   string
	scenario string
	faults   string
}

func newSimulatorCmd(a *App) *cobra.Command {
	o := &simulatorOptions{app: a}
	cmd := &cobra.Command{
		Use:     "simulator",
		Short:   "Run a stand-in DQOps server to rehearse with",
		GroupID: groupTry,
		Long: `Run a stand-in DQOps server to try commands and rehearse pipelines.

It keeps jobs, and the data of a small described warehouse, and answers as a real
server does, its surprises included. It is no DQOps: it has no database behind it
and forgets everything when it ends. Stop it with Ctrl-C.

With --faults it also has a bad day: lost answers, errors of proxies, restarts.
docs/simulator.md describes the file.`,
		Example: `  dqoctl simulator
  dqoctl simulator --listen 127.0.0.1:9999 --scenario warehouse.yaml
  dqoctl simulator --faults bad-day.yaml`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkRawFormat(cmd); err != nil {
				return err
			}
			// An empty address would listen on every interface.
			if err := refuseEmpty(cmd.Flags(), "listen", "scenario", "faults"); err != nil {
				return err
			}
			return runSimulator(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8888", "`ADDRESS` to listen on; port 0 takes a free one")
	f.StringVar(&o.scenario, "scenario", "", "YAML `FILE` that describes the warehouse; default: the built-in one")
	f.StringVar(&o.faults, "faults", "", "YAML `FILE` of what goes wrong with requests")
	printsIn(cmd, output.FormatTable)
	return cmd
}

func runSimulator(ctx context.Context, o *simulatorOptions) error {
	scenario, err := loadScenario(o.scenario)
	if err != nil {
		return err
	}
	plan, err := loadFaults(o.faults)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return exit.Usagef("choose another address with --listen, for example 127.0.0.1:0", "listen on %s: %w", o.listen, err)
	}
	server := simulator.New(simulator.Options{
		Scenario: scenario,
		Plan:     plan,
		Log:      func(line string) { o.app.say(iostreams.Clean(line) + "\n") },
	})
	o.app.say(greeting(listener.Addr().String(), o.scenario == ""))

	if err := serve(ctx, server, listener); err != nil {
		return exit.Internalf("the simulator ended: %w", err)
	}
	return nil
}

// serve runs the simulator until the context ends; Ctrl-C is how it is meant to
// be stopped.
func serve(ctx context.Context, server *simulator.Server, listener net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	var group exit.Group
	group.Go(func() error {
		<-ctx.Done()
		return server.Close() //nolint:contextcheck // ctx is over; Close bounds itself
	})
	err := server.Serve(listener)
	stop()
	return errors.Join(err, group.Wait())
}

func loadScenario(path string) (*simulator.Scenario, error) {
	if path == "" {
		return simulator.Builtin(), nil
	}
	return loadFile(path, "scenario", simulator.LoadScenario)
}

// loadFaults returns nil when there are to be none.
func loadFaults(path string) (*simulator.Plan, error) {
	if path == "" {
		return nil, nil
	}
	return loadFile(path, "faults", simulator.LoadPlan)
}

// loadFile reads the file of a flag.
func loadFile[T any](path, flag string, load func(io.Reader) (*T, error)) (*T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, exit.Usagef("check --"+flag, "read the %s: %w", flag, err)
	}
	defer f.Close()
	loaded, err := load(f)
	if err != nil {
		return nil, exit.Usagef("see docs/simulator.md for its form", "the %s %s cannot be used: %w", flag, path, err)
	}
	return loaded, nil
}

func greeting(address string, builtin bool) string {
	text := fmt.Sprintf("A stand-in DQOps server listens on http://%s (stop it with Ctrl-C)\n", address)
	if !builtin {
		return text
	}
	server := ""
	if address != "127.0.0.1:8888" {
		server = " --server http://" + address
	}
	return text + fmt.Sprintf(`In another terminal, try the following; behind each is its exit code.
  dqoctl run-checks%[1]s -c wh      0, all is well
  dqoctl run-checks%[1]s -c shop    3, bad data
  dqoctl run-checks%[1]s -c crash   4, checks crash
  dqoctl run-checks%[1]s -c broken  6, the job fails
`, server)
}
