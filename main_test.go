package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be dqoctl itself, with main's streams and
// signals, so that scripts run the program as users do.
func TestMain(m *testing.M) {
	testscript.Main(listening{m}, map[string]func(){"dqoctl": main})
}

// listening lets what the tests start hear SIGHUP, also when they run under nohup:
// what is ignored is inherited, and what is listened for is not.
type listening struct{ *testing.M }

func (l listening) Run() int {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	return l.M.Run()
}

func TestScripts(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			settle(env)
			env.Setenv("ROOT", root)
			return nil
		},
		Cmds:      scriptCommands,
		Condition: installed,
	})
}

// settle gives a script a home and what its commands remember.
func settle(env *testscript.Env) {
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, ".config"))
	env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, ".state"))
	env.Setenv("TERM", "xterm-256color")
	env.Setenv("GORACE", "atexit_sleep_ms=0")
	env.Values[simKey{}] = new(simulated)
	env.Values[stallKey{}] = new(stalled)
	env.Values[programsKey{}] = make(map[string]*program)
}

// installed is the condition [file:PATH]: this machine has that file.
func installed(condition string) (bool, error) {
	path, known := strings.CutPrefix(condition, "file:")
	if !known {
		return false, fmt.Errorf("unknown condition %q", condition)
	}
	_, err := os.Stat(path)
	return err == nil, nil
}

type scriptCommand = func(ts *testscript.TestScript, neg bool, args []string)

// scriptCommands are the scripts' own commands; each says above its function how
// it is used.
var scriptCommands = map[string]scriptCommand{
	"code":     positive(cmdCode),
	"gone":     positive(cmdGone),
	"pty":      positive(cmdPty),
	"start":    positive(cmdStart),
	"see":      positive(cmdSee),
	"type":     positive(cmdType),
	"signal":   positive(cmdSignal),
	"hangup":   positive(cmdHangup),
	"stuck":    positive(cmdStuck),
	"stall":    positive(cmdStall),
	"end":      positive(cmdEnd),
	"simulate": positive(cmdSimulate),
	"sim":      positive(cmdSim),
	"serve":    positive(cmdServe),
	"nowhere":  positive(cmdNowhere),
	"secure":   positive(cmdSecure),
	"proxy":    positive(cmdProxy),
	"mute":     positive(cmdMute),
	"fetch":    positive(cmdFetch),
	"jsonhas":  cmdJSONHas,
	"jsonkeys": positive(cmdJSONKeys),
	"jsonsame": positive(cmdJSONSame),
	"keep":     positive(cmdKeep),
}

// positive is for commands that cannot be negated.
func positive(run func(ts *testscript.TestScript, args []string)) scriptCommand {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("! makes no sense here")
		}
		run(ts, args)
	}
}

// need ends the script when the arguments cannot be those of the usage.
func need(ts *testscript.TestScript, ok bool, usage string) {
	if !ok {
		ts.Fatalf("usage: %s", usage)
	}
}
