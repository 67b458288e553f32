package main

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

var _ = func() bool {
	scriptCommands["inject"] = positive(cmdInject)
	return true
}()

// cmdInject is "inject FAULT...": each, YAML without spaces between its braces, is
// in force until the script injects again or ends.
func cmdInject(ts *testscript.TestScript, args []string) {
	sim := simOf(ts)
	plan, err := simulator.LoadPlan(strings.NewReader("faults: [" + strings.Join(args, ", ") + "]"))
	ts.Check(err)
	for _, i := range sim.injected {
		i.Remove()
	}
	sim.injected = nil
	for _, f := range plan.Faults {
		i, err := sim.server.Inject(f)
		ts.Check(err)
		sim.injected = append(sim.injected, i)
	}
}
