package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/cmd"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// station is a simulated server and the dqoctl that talks to it.
type station struct {
	*testing.T
	sim  *simulator.Server
	url  string
	home string
	env  []string // beside what every command gets
	in   string   // what is given on standard input
}

// said is what one run of dqoctl left behind.
type said struct {
	code     int
	out, err string
}

func warehouse(t *testing.T) *simulator.Scenario {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "operations", "warehouse.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := simulator.LoadScenario(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return scenario
}

func newStation(t *testing.T, scenario *simulator.Scenario) *station {
	t.Helper()
	return stationOf(t, simulator.Options{Scenario: scenario})
}

func stationOf(t *testing.T, options simulator.Options) *station {
	t.Helper()
	s := &station{T: t, sim: simulator.New(options), home: t.TempDir()}
	listener := loopback(t)
	s.url = "http://" + listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.sim.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(s.sim.Close(), <-served); err != nil {
			t.Logf("close the simulator: %v", err)
		}
	})
	return s
}

func loopback(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func (s *station) environment() []string {
	return append([]string{
		"HOME=" + s.home, "XDG_CONFIG_HOME=" + s.home, "XDG_STATE_HOME=" + s.home, "TMPDIR=" + os.TempDir(),
		"GORACE=atexit_sleep_ms=0", "GOCOVERDIR=" + os.Getenv("GOCOVERDIR"), "DQOCTL_SERVER=" + s.url,
	}, s.env...)
}

// run starts the program itself and waits for its end.
func (s *station) run(args ...string) said {
	s.Helper()
	path, err := exec.LookPath("dqoctl")
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.Context(), time.Minute) // however busy the machine is
	defer cancel()
	command := exec.CommandContext(ctx, path, args...)
	command.Dir, command.Env = s.home, s.environment()
	command.Stdin = strings.NewReader(s.in)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	err = command.Run()
	if ctx.Err() != nil {
		s.Fatalf("dqoctl %s did not end\n%s%s", strings.Join(args, " "), &out, &problems)
	}
	if ended, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		s.Fatalf("dqoctl %s: %v", strings.Join(args, " "), ended)
	}
	return said{command.ProcessState.ExitCode(), out.String(), problems.String()}
}

// call runs a command line in this process, from the arguments to the exit code.
func (s *station) call(args ...string) said {
	s.Helper()
	folder := s.TempDir()
	given := filepath.Join(folder, "in")
	write(s.T, given, s.in)
	in, err := os.Open(given)
	if err != nil {
		s.Fatal(err)
	}
	defer in.Close()
	create := func(name string) *os.File {
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			s.Fatal(err)
		}
		return f
	}
	out, problems := create("out"), create("err")
	code := cmd.Main(cmd.Process{
		Args: args, Stdin: in, Stdout: out, Stderr: problems,
		Env: func(name string) (string, bool) {
			for _, pair := range s.environment() {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value, true
				}
			}
			return "", false
		},
		Notify: func(chan<- os.Signal, ...os.Signal) {},
		Exit:   func(code int) { s.Errorf("dqoctl %s: exit %d in the middle", strings.Join(args, " "), code) },
	})
	written := func(f *os.File) string {
		text, err := os.ReadFile(f.Name())
		if err := errors.Join(err, f.Close()); err != nil {
			s.Fatal(err)
		}
		return string(text)
	}
	return said{code, written(out), written(problems)}
}

// must is call for what prepares a test.
func (s *station) must(args ...string) said {
	s.Helper()
	got := s.call(args...)
	if got.code != 0 {
		s.Fatalf("dqoctl %s: code %d\n%s%s", strings.Join(args, " "), got.code, got.out, got.err)
	}
	return got
}

func (s *station) client() *dqops.Client {
	s.Helper()
	client, err := dqops.New(dqops.Options{BaseURL: s.url})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(client.CloseIdleConnections)
	return client
}

// asked are the requests of a method whose path begins so.
func (s *station) asked(method, prefix string) []simulator.Request {
	return slices.DeleteFunc(s.sim.Requests(), func(r simulator.Request) bool {
		return r.Method != method || !strings.HasPrefix(r.Path, prefix)
	})
}

// file writes a file into the home folder.
func (s *station) file(name, text string) string {
	s.Helper()
	path := filepath.Join(s.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
	return path
}

// behindProxy puts a proxy before the server that breaks off the answer to
// requests for that path after so many bytes of the body; before the first byte
// of the answer when there are fewer than none.
func (s *station) behindProxy(path string, most int64) {
	s.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		s.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(answer *http.Response) error {
		switch {
		case answer.Request.URL.Path != path:
		case most < 0:
			return errors.New("the line is cut")
		default:
			answer.Body = struct {
				io.Reader
				io.Closer
			}{io.LimitReader(answer.Body, most), answer.Body}
		}
		return nil
	}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute, ErrorLog: quiet()}
	listener := loopback(s.T)
	s.url = "http://" + listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s.Cleanup(func() {
		_, _ = server.Close(), <-served
	})
}

// alongside runs parts of a test that mostly wait, more of them at a time than
// there are processors.
func alongside(t *testing.T, parts map[string]func(*testing.T)) {
	t.Helper()
	places := make(chan struct{}, 8)
	var running sync.WaitGroup
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		running.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			t.Run(name, parts[name])
		})
	}
	running.Wait()
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
