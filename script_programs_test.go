package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dqoctl/dqoctl/pkg/config"
)

// limit is how long scripts wait for what must come. It is shorter than the times
// after which dqoctl looks again by itself: 20 s while it waits for a job, 30 s
// after an interrupt.
const limit = 10 * time.Second

// program is one that runs beside the script.
type program struct {
	command  *exec.Cmd
	out, err watched
	columns  int           // of its terminal; 0 without one
	terminal *os.File      // our side of it
	ended    chan struct{} // closed when it has ended and all it wrote was read
	code     int           // set before ended is closed
}

type programsKey struct{}

func programOf(ts *testscript.TestScript, name string) *program {
	p, ok := ts.Value(programsKey{}).(map[string]*program)[name]
	if !ok {
		ts.Fatalf("no program was started as %s", name)
	}
	return p
}

// watched is a stream that can be waited on.
type watched struct {
	mu    sync.Mutex
	text  []byte
	grown chan struct{}
}

func (w *watched) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, text...)
	if w.grown != nil {
		close(w.grown)
		w.grown = nil
	}
	return len(text), nil
}

// now is what was written so far, and a channel that is closed when there is more.
func (w *watched) now() (text []byte, more <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.grown == nil {
		w.grown = make(chan struct{})
	}
	return bytes.Clone(w.text), w.grown
}

// cmdCode is "code N program args...": the program ends with exactly that code.
func cmdCode(ts *testscript.TestScript, args []string) {
	need(ts, len(args) >= 2, "code N program args...")
	want := number(ts, args[0])
	err := ts.Exec(args[1], args[2:]...)
	if got := exitCode(err); got != want {
		ts.Fatalf("exit code %d, want %d (%v)", got, want, err)
	}
}

// cmdGone is "gone N out|err program args...": nobody reads that stream, from
// the start.
func cmdGone(ts *testscript.TestScript, args []string) {
	need(ts, len(args) >= 3 && (args[1] == "out" || args[1] == "err"), "gone N out|err program args...")
	reader, writer, err := os.Pipe()
	ts.Check(err)
	ts.Check(reader.Close())
	defer writer.Close()
	c := prepare(ts, args[2:])
	c.Stdout, c.Stderr = writer, ts.Stderr()
	if args[1] == "err" {
		c.Stdout, c.Stderr = ts.Stdout(), writer
	}
	if got, want := exitCode(c.Run()), number(ts, args[0]); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// cmdPty is "pty N COLUMNS program args...": start -pty and end in one.
func cmdPty(ts *testscript.TestScript, args []string) {
	need(ts, len(args) >= 3, "pty N COLUMNS program args...")
	cmdStart(ts, append([]string{"-pty", args[1], "pty"}, args[2:]...))
	cmdEnd(ts, []string{args[0], "pty"})
}

// cmdStart is "start [-pty COLUMNS] NAME program args...": a program beside the
// script, with pipes, or with a terminal of that width as all three streams.
func cmdStart(ts *testscript.TestScript, args []string) {
	p := &program{ended: make(chan struct{})}
	if len(args) > 2 && args[0] == "-pty" {
		p.columns = number(ts, args[1])
		args = args[2:]
	}
	need(ts, len(args) >= 2, "start [-pty COLUMNS] NAME program args...")
	p.command = prepare(ts, args[1:])
	if p.columns > 0 {
		startOnTerminal(ts, p)
	} else {
		p.command.Stdout, p.command.Stderr = &p.out, &p.err
		ts.Check(p.command.Start())
		go p.wait()
	}
	p.keep(ts, args[0])
}

// keep gives the started program its name in the script.
func (p *program) keep(ts *testscript.TestScript, name string) {
	ts.Value(programsKey{}).(map[string]*program)[name] = p
	ts.Defer(func() {
		_ = p.command.Process.Kill()
		<-p.ended
	})
}

func startOnTerminal(ts *testscript.TestScript, p *program) {
	terminal, err := pty.StartWithSize(p.command, &pty.Winsize{Rows: 40, Cols: uint16(p.columns)})
	ts.Check(err)
	p.terminal = terminal
	go func() {
		// A terminal answers EIO when nobody has its other side any more.
		_, _ = io.Copy(&p.out, terminal)
		_ = terminal.Close()
		p.wait()
	}()
}

func (p *program) wait() {
	p.code = exitCode(p.command.Wait())
	close(p.ended)
}

// cmdSee is "see NAME out|err PATTERN [VARIABLE]": waits until the program has
// written that. The variable becomes the pattern's first group.
func cmdSee(ts *testscript.TestScript, args []string) {
	need(ts, len(args) >= 3 && len(args) <= 4 && (args[1] == "out" || args[1] == "err"), "see NAME out|err PATTERN [VARIABLE]")
	p := programOf(ts, args[0])
	stream := &p.out
	if args[1] == "err" {
		stream = &p.err
	}
	pattern, err := regexp.Compile("(?m)" + args[2])
	ts.Check(err)
	late := time.After(limit)
	for ended := false; ; {
		text, more := stream.now()
		found := pattern.FindSubmatch(text)
		switch {
		case found != nil && len(args) == 4:
			need(ts, len(found) > 1, "a pattern with a group before a variable")
			ts.Setenv(args[3], string(found[1]))
			return
		case found != nil:
			return
		case ended:
			ts.Fatalf("%s ended with code %d and did not write %s:\n%s", args[0], p.code, pattern, text)
		}
		select {
		case <-more:
		case <-p.ended:
			ended = true
		case <-late:
			ts.Fatalf("%s did not write %s:\n%s", args[0], pattern, text)
		}
	}
}

// cmdType is "type NAME TEXT": the user types that on the program's terminal, in
// Go's notation: \x03 is Ctrl-C.
func cmdType(ts *testscript.TestScript, args []string) {
	need(ts, len(args) == 2, "type NAME TEXT")
	p := programOf(ts, args[0])
	need(ts, p.terminal != nil, "start -pty before type")
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	_, err = io.WriteString(p.terminal, text)
	ts.Check(err)
}

// cmdSignal is "signal [-again] NAME INT|TERM|HUP|QUIT|ABRT|KILL", with -again over and
// over until the program has ended: of two that come together it sees only one.
func cmdSignal(ts *testscript.TestScript, args []string) {
	signals := map[string]os.Signal{
		"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP,
		"QUIT": syscall.SIGQUIT, "ABRT": syscall.SIGABRT, "KILL": syscall.SIGKILL,
	}
	again := len(args) > 0 && args[0] == "-again"
	if again {
		args = args[1:]
	}
	need(ts, len(args) == 2 && signals[args[1]] != nil, "signal [-again] NAME INT|TERM|HUP|QUIT|ABRT|KILL")
	p := programOf(ts, args[0])
	ts.Check(p.command.Process.Signal(signals[args[1]]))
	late := time.After(limit)
	for tick := time.NewTicker(50 * time.Millisecond); again; {
		select {
		case <-tick.C:
			if err := p.command.Process.Signal(signals[args[1]]); !errors.Is(err, os.ErrProcessDone) {
				ts.Check(err)
			}
		case <-p.ended:
			tick.Stop()
			return
		case <-late:
			ts.Fatalf("%s did not end by %s", args[0], args[1])
		}
	}
}

// cmdEnd is "end [-within DURATION] N NAME": the program ends with exactly that
// code. What it wrote is stdout and stderr then; what its terminal showed is in
// the file screen, and the bytes that made it so in screen.raw.
func cmdEnd(ts *testscript.TestScript, args []string) {
	most := limit
	if len(args) > 2 && args[0] == "-within" {
		var err error
		most, err = time.ParseDuration(args[1])
		ts.Check(err)
		args = args[2:]
	}
	need(ts, len(args) == 2, "end [-within DURATION] N NAME")
	p := programOf(ts, args[1])
	select {
	case <-p.ended:
	case <-time.After(most):
		out, _ := p.out.now()
		err, _ := p.err.now()
		ts.Fatalf("%s did not end within %s\n%s%s", args[1], most, out, err)
	}
	if p.columns > 0 {
		showScreen(ts, p)
	} else {
		_, _ = ts.Stdout().Write(p.out.text)
		_, _ = ts.Stderr().Write(p.err.text)
	}
	if want := number(ts, args[0]); p.code != want {
		ts.Fatalf("%s: exit code %d, want %d", args[1], p.code, want)
	}
}

// prepare makes a program of the script with the script's environment.
func prepare(ts *testscript.TestScript, args []string) *exec.Cmd {
	path := args[0]
	for _, folder := range filepath.SplitList(ts.Getenv("PATH")) {
		candidate := filepath.Join(folder, args[0])
		if info, err := os.Stat(candidate); err == nil && info.Mode().IsRegular() {
			path = candidate
			break
		}
	}
	c := exec.Command(path, args[1:]...)
	c.Dir = ts.MkAbs(".")
	names := []string{
		"HOME", "PATH", "TERM", "TMPDIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "GORACE", "GOCOVERDIR",
		"NO_COLOR", "CLICOLOR_FORCE", "CI", "COLUMNS", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD",
	}
	for _, o := range config.Options() {
		if o.Env != "" {
			names = append(names, o.Env)
		}
	}
	for _, name := range names {
		if value := ts.Getenv(name); value != "" {
			c.Env = append(c.Env, name+"="+value)
		}
	}
	return c
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

// exitCode is -1 for a program that did not run or was ended by a signal.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return ended.ExitCode()
	}
	return -1
}
