package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// TestLive runs the scripts of testdata/live against the server that
// DQOCTL_LIVE_SERVER names, or else against a simulator, so that the scripts
// themselves are held. They change no data: they run the checks of the connection
// DQOCTL_LIVE_CONNECTION (default shop, the simulator's), which must be set up and
// have at least one bad result, and read. DQOCTL_LIVE_TOKEN is the token.
func TestLive(t *testing.T) {
	server, connection := os.Getenv("DQOCTL_LIVE_SERVER"), os.Getenv("DQOCTL_LIVE_CONNECTION")
	if server == "" {
		server, connection = standIn(t), "shop"
	} else if connection == "" {
		t.Skip("DQOCTL_LIVE_SERVER is set and DQOCTL_LIVE_CONNECTION does not name a connection with checks")
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "live"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			settle(env)
			env.Setenv("DQOCTL_SERVER", server)
			env.Setenv("DQOCTL_TOKEN", os.Getenv("DQOCTL_LIVE_TOKEN"))
			env.Setenv("CONNECTION", connection)
			return nil
		},
		Cmds: scriptCommands,
	})
}

// standIn is the address of a simulator with the built-in scenario.
func standIn(t *testing.T) string {
	t.Helper()
	scenario := simulator.Builtin()
	takeNoTime(scenario)
	sim := simulator.New(simulator.Options{Scenario: scenario})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- sim.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(sim.Close(), <-served); err != nil {
			t.Logf("close the simulator: %v", err)
		}
	})
	return "http://" + listener.Addr().String()
}
