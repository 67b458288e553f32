package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// TestMain lets the test binary be dqoctl itself, with main's streams and
// signals, so that scripts run the program as users do.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dqoctl": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, ".config"))
			env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, ".state"))
			env.Setenv("TERM", "xterm-256color")
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Values[simKey{}] = new(simulated)
			env.Values[startedKey{}] = make(map[string]*exec.Cmd)
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"code":     cmdCode,
			"pty":      cmdPty,
			"simulate": cmdSimulate,
			"sim":      cmdSim,
			"serve":    cmdServe,
			"start":    cmdStart,
			"signal":   cmdSignal,
			"end":      cmdEnd,
		},
	})
}

// cmdCode is "code N program args...": the program ends with exactly that code.
func cmdCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	if got := exitCode(err); got != want {
		ts.Fatalf("exit code %d, want %d (%v)", got, want, err)
	}
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return ended.ExitCode()
	}
	return -1
}

// cmdPty is "pty N COLUMNS program args...": the program has a terminal of that
// width as all three streams; what it showed is in the file "screen".
func cmdPty(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: pty N COLUMNS program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	columns, err := strconv.ParseUint(args[1], 10, 16)
	ts.Check(err)
	c := command(ts, args[2:])
	terminal, err := pty.StartWithSize(c, &pty.Winsize{Rows: 40, Cols: uint16(columns)})
	ts.Check(err)
	defer terminal.Close()
	var screen bytes.Buffer
	// A pty answers EIO when its other side is gone.
	_, _ = io.Copy(&screen, terminal)
	got := exitCode(c.Wait())
	ts.Check(os.WriteFile(filepath.Join(c.Dir, "screen"), screen.Bytes(), 0o600))
	ts.Logf("[screen]\n%s", screen.String())
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

type simKey struct{}

// simulated is the simulator of one script and the barriers set on it.
type simulated struct {
	server   *simulator.Server
	barriers map[string]*simulator.Barrier
}

func simOf(ts *testscript.TestScript) *simulated { return ts.Value(simKey{}).(*simulated) }

// cmdSimulate is "simulate [-token T] [scenario.yaml]": a simulator in this
// process; DQOCTL_SERVER names it.
func cmdSimulate(ts *testscript.TestScript, neg bool, args []string) {
	var options simulator.Options
	if len(args) >= 2 && args[0] == "-token" {
		options.Token, options.RequireToken = args[1], true
		args = args[2:]
	}
	if len(args) == 1 {
		scenario, err := simulator.LoadScenario(strings.NewReader(ts.ReadFile(args[0])))
		ts.Check(err)
		options.Scenario = scenario
	}
	sim := simOf(ts)
	sim.server = simulator.New(options)
	sim.barriers = make(map[string]*simulator.Barrier)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	served := make(chan error, 1)
	go func() { served <- sim.server.Serve(listener) }()
	ts.Setenv("DQOCTL_SERVER", "http://"+listener.Addr().String())
	ts.Defer(func() {
		for _, b := range sim.barriers {
			b.Release()
		}
		if err := sim.server.Close(); err != nil {
			ts.Logf("close the simulator: %v", err)
		}
		<-served
	})
}

// cmdSim drives the simulator:
//
//	sim hold STAGE | sim reached STAGE | sim release STAGE
//	sim value CONNECTION TABLE COLUMN CHECK VALUE   ("-" for no column)
//	sim jobs TYPE N                                  so many were ever started
//	sim requests METHOD PREFIX N                     so many were made
func cmdSim(ts *testscript.TestScript, neg bool, args []string) {
	sim := simOf(ts)
	if sim.server == nil || len(args) < 2 {
		ts.Fatalf("sim: no simulator or no arguments")
	}
	switch args[0] {
	case "hold":
		sim.barriers[args[1]] = sim.server.Hold(simulator.Stage(args[1]))
	case "reached":
		select {
		case <-sim.barriers[args[1]].Reached():
		case <-time.After(30 * time.Second):
			ts.Fatalf("nothing reached %s", args[1])
		}
	case "release":
		sim.barriers[args[1]].Release()
		delete(sim.barriers, args[1])
	case "value":
		value, err := strconv.ParseFloat(args[5], 64)
		ts.Check(err)
		column := args[3]
		if column == "-" {
			column = ""
		}
		ts.Check(sim.server.SetValue(simulator.CheckRef{
			Connection: args[1], Table: args[2], Column: column, Check: args[4],
		}, value))
	case "jobs":
		count := 0
		for _, job := range sim.server.Jobs() {
			if job.Type == args[1] {
				count++
			}
		}
		equal(ts, "jobs of type "+args[1], count, args[2])
	case "requests":
		count := 0
		for _, r := range sim.server.Requests() {
			if r.Method == args[1] && strings.HasPrefix(r.Path, args[2]) {
				count++
			}
		}
		equal(ts, args[1]+" "+args[2], count, args[3])
	default:
		ts.Fatalf("sim: unknown %q", args[0])
	}
}

func equal(ts *testscript.TestScript, what string, got int, want string) {
	if strconv.Itoa(got) != want {
		ts.Fatalf("%s: %d, want %s", what, got, want)
	}
}

// cmdServe is "serve STATUS CONTENT-TYPE FILE": a server that answers everything
// so, as another product or a proxy would.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	body := ts.ReadFile(args[2])
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", args[1])
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}),
	}
	go func() { _ = server.Serve(listener) }()
	ts.Setenv("DQOCTL_SERVER", "http://"+listener.Addr().String())
	ts.Defer(func() { _ = server.Close() })
}

// command prepares a program of the script with the script's environment.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	program := filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], args[0])
	c := exec.Command(program, args[1:]...)
	c.Dir = ts.Getenv("WORK")
	for _, name := range []string{
		"HOME", "PATH", "TERM", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "GORACE", "NO_COLOR",
		"DQOCTL_SERVER", "DQOCTL_TOKEN", "DQOCTL_ON_INTERRUPT",
	} {
		if value := ts.Getenv(name); value != "" {
			c.Env = append(c.Env, name+"="+value)
		}
	}
	return c
}

type startedKey struct{}

// cmdStart is "start NAME program args...": a program in the background; its
// streams go to the files NAME.out and NAME.err.
func cmdStart(ts *testscript.TestScript, neg bool, args []string) {
	c := command(ts, args[1:])
	for suffix, stream := range map[string]*io.Writer{".out": &c.Stdout, ".err": &c.Stderr} {
		f, err := os.Create(ts.MkAbs(args[0] + suffix))
		ts.Check(err)
		ts.Defer(func() { _ = f.Close() })
		*stream = f
	}
	ts.Check(c.Start())
	ts.Value(startedKey{}).(map[string]*exec.Cmd)[args[0]] = c
	ts.Defer(func() { _ = c.Process.Kill() })
}

// cmdSignal is "signal NAME INT|TERM".
func cmdSignal(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}
	ts.Check(ts.Value(startedKey{}).(map[string]*exec.Cmd)[args[0]].Process.Signal(signals[args[1]]))
}

// cmdEnd is "end N NAME": the program ends with exactly that code.
func cmdEnd(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Value(startedKey{}).(map[string]*exec.Cmd)[args[1]].Wait()
	if got := exitCode(err); strconv.Itoa(got) != args[0] {
		ts.Fatalf("%s: exit code %d, want %s\n%s", args[1], got, args[0], ts.ReadFile(args[1]+".err"))
	}
}
