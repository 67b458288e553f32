package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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
	s := &station{T: t, sim: simulator.New(simulator.Options{Scenario: scenario}), home: t.TempDir()}
	listener := loopback(t)
	s.url = "http://" + listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.sim.Serve(listener) }()
	t.Cleanup(func() {
		if err := s.sim.Close(); err != nil {
			t.Logf("close the simulator: %v", err)
		}
		<-served
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
	return []string{
		"HOME=" + s.home, "XDG_CONFIG_HOME=" + s.home, "XDG_STATE_HOME=" + s.home, "TMPDIR=" + os.TempDir(),
		"GORACE=atexit_sleep_ms=0", "GOCOVERDIR=" + os.Getenv("GOCOVERDIR"), "DQOCTL_SERVER=" + s.url,
	}
}

// run starts the program itself and waits for its end.
func (s *station) run(args ...string) said {
	s.Helper()
	path, err := exec.LookPath("dqoctl")
	if err != nil {
		s.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(s.Context(), limit)
	defer cancel()
	command := exec.CommandContext(ctx, path, args...)
	command.Dir, command.Env = s.home, s.environment()
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
func (s *station) call(args ...string) said { return s.callWith(os.DevNull, args...) }

// callWith is call with a file as standard input.
func (s *station) callWith(stdin string, args ...string) said {
	s.Helper()
	folder := s.TempDir()
	in, err := os.Open(stdin)
	if err != nil {
		s.Fatal(err)
	}
	defer in.Close()
	var streams []*os.File
	for _, name := range []string{"out", "err"} {
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			s.Fatal(err)
		}
		defer f.Close()
		streams = append(streams, f)
	}
	code := cmd.Main(cmd.Process{
		Args: args, Stdin: in, Stdout: streams[0], Stderr: streams[1],
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
	var texts []string
	for _, f := range streams {
		text, err := os.ReadFile(f.Name())
		if err != nil {
			s.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return said{code, texts[0], texts[1]}
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

// sentOnly reports requests beyond those reads.
func (s *station) sentOnly(reads ...string) []string {
	var more []string
	for _, r := range s.sim.Requests() {
		if r.Method != http.MethodGet || !slices.ContainsFunc(reads, func(prefix string) bool { return strings.HasPrefix(r.Path, prefix) }) {
			more = append(more, r.Method+" "+r.Path)
		}
	}
	return more
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

// behindProxy puts a proxy before the server that breaks off the answers to
// requests for that path after the given bytes of the body.
func (s *station) behindProxy(path string, bytes int64) {
	s.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		s.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(answer *http.Response) error {
		if answer.Request.URL.Path == path {
			answer.Body = struct {
				io.Reader
				io.Closer
			}{io.LimitReader(answer.Body, bytes), answer.Body}
		}
		return nil
	}
	proxy.ErrorLog = quiet()
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute, ErrorLog: quiet()}
	listener := loopback(s.T)
	s.url = "http://" + listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s.Cleanup(func() {
		_ = server.Close()
		<-served
	})
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// soon waits until something is so.
func (s *station) soon(what string, is func() bool) {
	s.Helper()
	late := time.After(limit)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-late:
			s.Errorf("it did not come to this: %s", what)
			return
		}
	}
}
