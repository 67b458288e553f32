package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// struck is a command that signals strike, in virtual time; it never ends by
// itself.
type struck struct {
	app     *App
	ctx     context.Context
	signals chan<- os.Signal
	began   time.Time
	left    time.Duration // when the process was ended; 0 as long as it was not
	code    int
	stderr  string // its file
}

// strike runs the test in a bubble.
func strike(t *testing.T, test func(t *testing.T, s *struck)) {
	t.Helper()
	s := &struck{stderr: filepath.Join(t.TempDir(), "stderr")}
	file, err := os.Create(s.stderr)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	synctest.Test(t, func(t *testing.T) {
		s.began = time.Now()
		s.app = &App{Streams: iostreams.Pipes(nil, io.Discard, io.Discard, nil)}
		var group exit.Group
		ctx, stop := s.app.interrupts(Process{
			Stderr: file,
			Notify: func(c chan<- os.Signal, _ ...os.Signal) { s.signals = c },
			Exit:   func(code int) { s.code, s.left = code, time.Since(s.began) },
		}, &group)
		s.ctx = ctx
		test(t, s)
		stop()
		if err := group.Wait(); err != nil {
			t.Error(err)
		}
	})
}

func (s *struck) send(signal os.Signal) {
	s.signals <- signal
	synctest.Wait()
}

// sleep lets the time pass and all that it wakes end.
func (s *struck) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestWhenSignalsEndAStuckProcess(t *testing.T) {
	type at struct {
		after  time.Duration // the one before
		signal os.Signal
	}
	for _, tc := range []struct {
		name    string
		signals []at
		hard    time.Duration // until nothing is waited for any more
		left    time.Duration
		code    int
		says    string
	}{
		{"once", []at{{0, os.Interrupt}}, 5 * time.Second, 6 * time.Second, 130, "interrupted"},
		{"by SIGTERM", []at{{0, syscall.SIGTERM}}, 5 * time.Second, 6 * time.Second, 143, "ended by SIGTERM"},
		{"by SIGHUP", []at{{0, syscall.SIGHUP}}, 5 * time.Second, 6 * time.Second, 143, "ended by SIGHUP"},
		{"twice", []at{{0, os.Interrupt}, {time.Second, os.Interrupt}}, time.Second, 2 * time.Second, 130, "interrupted again"},
		{"of another kind", []at{{0, os.Interrupt}, {time.Second, syscall.SIGTERM}}, 3 * time.Second, 4 * time.Second, 130, "interrupted again"},
		{"the other way round", []at{{0, syscall.SIGTERM}, {time.Second, os.Interrupt}}, 3 * time.Second, 4 * time.Second, 143, "interrupted again"},
		{
			"of another kind, and once more",
			[]at{{0, os.Interrupt}, {time.Second, syscall.SIGTERM}, {time.Second, syscall.SIGTERM}},
			2 * time.Second, 3 * time.Second, 130, "interrupted again",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			strike(t, func(t *testing.T, s *struck) {
				hard := time.Duration(0)
				stop := context.AfterFunc(s.app.Hard, func() { hard = time.Since(s.began) })
				defer stop()
				for i, one := range tc.signals {
					s.sleep(one.after)
					s.send(one.signal)
					if cause, _ := errors.AsType[*exit.Error](context.Cause(s.ctx)); cause == nil || cause.Outcome.Code() != tc.code {
						t.Fatalf("after signal %d the command's context has ended by %v", i, cause)
					}
				}
				s.sleep(time.Minute)
				if hard != tc.hard || s.left != tc.left || s.code != tc.code {
					t.Errorf("hard after %s, left after %s with %d; want %s, %s, %d", hard, s.left, s.code, tc.hard, tc.left, tc.code)
				}
			})
		})
	}
}

// A command that is busy after an interrupt is given its time; a signal of another
// kind does not give it back.
func TestTimeAfterAnInterrupt(t *testing.T) {
	strike(t, func(t *testing.T, s *struck) {
		s.send(os.Interrupt)
		ctx, stop := s.app.afterInterrupt(30 * time.Second)
		defer stop()
		<-ctx.Done()
		if took := time.Since(s.began); took != 30*time.Second || !errors.Is(context.Cause(ctx), errSilent) {
			t.Errorf("ended after %s by %v", took, context.Cause(ctx))
		}
		s.sleep(time.Minute)
		if s.left != 36*time.Second {
			t.Errorf("left after %s", s.left)
		}
	})
	strike(t, func(t *testing.T, s *struck) {
		s.send(os.Interrupt)
		s.send(syscall.SIGTERM)
		ctx, stop := s.app.afterInterrupt(30 * time.Second)
		defer stop()
		<-ctx.Done()
		if took := time.Since(s.began); took != 2*time.Second {
			t.Errorf("ended after %s", took)
		}
		later, stopLater := s.app.afterInterrupt(time.Second)
		defer stopLater()
		if later.Err() == nil {
			t.Error("there is time after the last moment")
		}
	})
}

func TestACommandThatEndsInTimeIsLeftAlone(t *testing.T) {
	strike(t, func(_ *testing.T, s *struck) { s.send(os.Interrupt); s.send(os.Interrupt) })
	strike(t, func(t *testing.T, s *struck) {
		s.sleep(time.Hour)
		if s.ctx.Err() != nil || s.left != 0 {
			t.Errorf("%v, %s", s.ctx.Err(), s.left)
		}
	})
}

func TestADumpEndsAtOnce(t *testing.T) {
	for signal, name := range map[os.Signal]string{syscall.SIGQUIT: "SIGQUIT", syscall.SIGABRT: "SIGABRT"} {
		strike(t, func(t *testing.T, s *struck) {
			s.send(os.Interrupt)
			time.Sleep(time.Second)
			s.send(signal)
			if s.left != time.Second || s.code != 70 {
				t.Errorf("left after %s with %d", s.left, s.code)
			}
			text, err := os.ReadFile(s.stderr)
			if err != nil || !strings.HasPrefix(string(text), "dqoctl: ended at once by "+name) || !strings.Contains(string(text), "goroutine ") {
				t.Errorf("%v, said:\n%s", err, text)
			}
		})
	}
}

// An interrupt ends the reading of an input that gives nothing.
func TestBreakableInput(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	reader, writer := io.Pipe()
	defer reader.Close()
	in := &breakable{ctx: ctx, from: reader}
	var group exit.Group
	group.Go(func() error {
		_, err := io.WriteString(writer, "first")
		return err
	})
	buffer := make([]byte, 8)
	if n, err := in.Read(buffer); err != nil || string(buffer[:n]) != "first" {
		t.Fatalf("%q, %v", buffer[:n], err)
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	interrupt := interruptedBy(os.Interrupt)
	stop(interrupt)
	app := &App{Streams: &iostreams.Streams{In: in}}
	_, err := app.readBody("-")
	if coded, ok := errors.AsType[*exit.Error](err); !ok || coded != interrupt {
		t.Errorf("%v, want the interrupt", err)
	}
}

// The first panic is ours to tell, with what a report needs; one while telling it
// must not end in Go's own code either.
func TestPanicsEndIn70(t *testing.T) {
	for _, crashing := range []string{"DQOCTL_SERVER", "DQOCTL_OUTPUT"} {
		stderr := filepath.Join(t.TempDir(), "stderr")
		file, err := os.Create(stderr)
		if err != nil {
			t.Fatal(err)
		}
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		code := Main(Process{
			Args: []string{"run-checks", "--connection", "shop", "--key", "17"}, Stdin: null, Stdout: null, Stderr: file,
			Env: func(name string) (string, bool) {
				if name == crashing {
					panic("the environment is on fire")
				}
				return "", false
			},
			Notify: func(chan<- os.Signal, ...os.Signal) {},
			Exit:   func(int) { t.Error("the process was ended") },
		})
		text, err := os.ReadFile(stderr)
		if code != 70 || err != nil {
			t.Errorf("%s: code %d, %v", crashing, code, err)
		}
		for _, want := range []string{
			"dqoctl: crashed: the environment is on fire\n", "signals_test.go",
			"\n  hint: please report it with the command line and this text, from dqoctl devel\n",
		} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: not said: %q\n%s", crashing, want, text)
			}
		}
		_, _ = file.Close(), null.Close()
	}
}
