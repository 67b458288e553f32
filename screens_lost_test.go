//go:build linux

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestEveryResultThatIsLost: a result that cannot be written is no success, and a
// reader that has gone is no failure, whatever the command. What a code said before
// it says still.
func TestEveryResultThatIsLost(t *testing.T) {
	t.Parallel()
	parts := map[string]func(*testing.T){}
	for name, c := range shots() {
		if c.endless {
			continue
		}
		parts[name+" on a full disk"] = func(t *testing.T) {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer full.Close()
			want := c.code
			if shown := document(t, "testdata/screens/"+name+".pipe.txt"); want == 0 && !strings.HasPrefix(shown, "--- stderr ---") {
				want = 74
			}
			code, problems := c.into(t, full)
			if code != want || want == 74 && !strings.Contains(problems, "no space left on device") {
				t.Errorf("code %d, want %d\n%s", code, want, problems)
			}
		}
		parts[name+" without a reader"] = func(t *testing.T) {
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
			if err := reader.Close(); err != nil {
				t.Fatal(err)
			}
			if code, problems := c.into(t, writer); code != c.code || strings.Contains(problems, "broken pipe") {
				t.Errorf("code %d, want %d\n%s", code, c.code, problems)
			}
		}
	}
	alongside(t, parts)
}

// into runs the command with the file as its standard output.
func (c shot) into(t *testing.T, out *os.File) (code int, problems string) {
	t.Helper()
	s := c.prepare(t)
	path, err := exec.LookPath("dqoctl")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), path, c.args...)
	command.Dir, command.Env, command.Stdin = s.home, s.environment(), strings.NewReader(c.types)
	var said bytes.Buffer
	command.Stdout, command.Stderr = out, io.Writer(&said)
	_ = command.Run() // the code tells
	return command.ProcessState.ExitCode(), said.String()
}
