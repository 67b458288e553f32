//go:build unix

package iostreams_test

import (
	"bufio"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

func TestRestore(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close()
	streams := iostreams.New(tty, tty, tty, nil)
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	// As for a password.
	if _, err := term.MakeRaw(int(tty.Fd())); err != nil {
		t.Fatal(err)
	}
	streams.BorrowOut("out again\n")
	streams.BorrowErr("err given back\n")
	streams.ReturnErr()
	streams.Restore()
	streams.Restore()
	after, err := term.GetState(int(tty.Fd()))
	if err != nil || *after != *before {
		t.Errorf("the terminal is %+v, was %+v (%v)", after, before, err)
	}
	if _, err := tty.WriteString("end\n"); err != nil {
		t.Fatal(err)
	}
	shown := bufio.NewReader(master)
	for _, want := range []string{"out again\r\n", "end\r\n"} {
		if line, err := shown.ReadString('\n'); err != nil || line != want {
			t.Errorf("shown %q (%v), want %q", line, err, want)
		}
	}
}

func TestRestoreOfPipes(*testing.T) { iostreams.Pipes(nil, nil, nil, nil).Restore() }
