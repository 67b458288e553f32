// Picture runs dqoctl on a terminal against its own simulator and draws what came
// there as SVG: picture DQOCTL >docs/picture.svg.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
)

const columns = 96

// scenes are what is typed, and the code that it must end with.
var scenes = []struct {
	comment, line string
	code          int
}{
	{"Bad data stops the pipeline.", "dqoctl run-checks -c shop --check daily_duplicate_count", 3},
	{`Run again, nothing repaired: the server now says "valid".`, "dqoctl run-checks -c shop --check daily_duplicate_count", 3},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: picture DQOCTL >FILE.svg")
		os.Exit(64)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(dqoctl string) error {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	server, err := simulate(ctx, dqoctl)
	if err != nil {
		return err
	}
	var shown strings.Builder
	for i, scene := range scenes {
		if i > 0 {
			shown.WriteString("\n")
		}
		fmt.Fprintf(&shown, "\x1b[2m# %s\x1b[0m\n$ %s\n", scene.comment, scene.line)
		c := exec.CommandContext(ctx, dqoctl, strings.Fields(scene.line)[1:]...)
		c.Env = []string{"DQOCTL_SERVER=" + server, "TERM=xterm-256color", "HOME=" + os.TempDir(), "XDG_STATE_HOME=" + os.TempDir()}
		text, code, err := onTerminal(c)
		if err != nil {
			return err
		}
		if code != scene.code {
			return fmt.Errorf("%s ended with %d, not %d:\n%s", scene.line, code, scene.code, text)
		}
		fmt.Fprintf(&shown, "%s$ echo $?\n%d\n", text, code)
	}
	return draw(os.Stdout, shown.String())
}

// simulate starts the simulator and gives its address.
func simulate(ctx context.Context, dqoctl string) (string, error) {
	c := exec.CommandContext(ctx, dqoctl, "simulator", "--listen", "127.0.0.1:0")
	said, err := c.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := c.Start(); err != nil {
		return "", err
	}
	first, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the simulator did not start: %w", err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	address := regexp.MustCompile(`http://\S+`).FindString(first)
	if address == "" {
		return "", fmt.Errorf("the simulator named no address: %s", first)
	}
	return address, nil
}

// onTerminal runs a program whose result goes to a terminal; its progress, which
// comes and goes there, is left out.
func onTerminal(c *exec.Cmd) (text string, code int, err error) {
	ours, its, err := pty.Open()
	if err != nil {
		return "", 0, err
	}
	defer ours.Close()
	if err := pty.Setsize(ours, &pty.Winsize{Rows: 40, Cols: columns}); err != nil {
		return "", 0, err
	}
	c.Stdout = its
	if err := c.Start(); err != nil {
		return "", 0, err
	}
	its.Close()
	// A terminal answers EIO when nobody has its other side any more.
	raw, err := io.ReadAll(ours)
	if err != nil && !errors.Is(err, syscall.EIO) {
		return "", 0, err
	}
	err = c.Wait()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return strings.ReplaceAll(string(raw), "\r\n", "\n"), ended.ExitCode(), nil
	}
	return strings.ReplaceAll(string(raw), "\r\n", "\n"), 0, err
}
