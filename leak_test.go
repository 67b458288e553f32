package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/cmd"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

const (
	// leakCore is looked for in everything: however the rest of the token is
	// escaped, it stays as it is.
	leakCore  = "S3CRETc0re"
	leakToken = `tk/"` + leakCore + `"+=%41`
)

// leakCommands are all commands that talk to a server or print settings.
var leakCommands = [][]string{
	{"run-checks", "-c", "wh"},
	{"run-checks", "-c", "wh", "-t", "public.a", "-t", "public.b", "-o", "json"},
	{"run-checks", "-c", "wh", "--no-wait", "--key", "mine"},
	{"checks", "status", "-c", "wh"},
	{"collect-stats", "-c", "wh", "-o", "json"},
	{"collect-error-samples", "-c", "wh"},
	{"import-tables", "-c", "wh", "--schema", "public"},
	{"delete-data", "-c", "wh", "--all-tables", "--all-dates", "--what", "errors", "--yes"},
	{"sync", "sources"},
	{"jobs", "list"},
	{"jobs", "list", "-o", "json"},
	{"jobs", "get", "17"},
	{"jobs", "get", "17", "-o", "json"},
	{"jobs", "wait", "17"},
	{"jobs", "wait", "17", "18", "-o", "json"},
	{"jobs", "watch", "17"},
	{"jobs", "cancel", "17"},
	{"scheduler", "status"},
	{"scheduler", "start"},
	{"scheduler", "stop", "-o", "json"},
	{"run-checks", "-c", "wh", "--dry-run"},
	{"doctor"},
	{"doctor", "-o", "json"},
	{"config", "view"},
	{"config", "view", "-o", "yaml"},
	{"jobs", "resume"},
	{"jobs", "list", "--mine"},
	{"version", "-o", "json"},
	leakLogin,
}

// leakLogin stores the token, in a file for that.
var leakLogin = []string{"config", "login"}

// leakFree are the commands that neither ask a server nor know a token.
var leakFree = []string{
	"completion", "completion bash", "completion fish", "completion powershell", "completion zsh",
	"config path", "config set", "config use-profile", "demo", "help", "simulator",
}

// leakSilent are those that may ask the server nothing: doctor stops where nobody
// listens.
var leakSilent = []string{"config view", "jobs resume", "version -o", "doctor", "doctor -o"}

// TestTheTokenSearchIsWhole: a new command is searched, too.
func TestTheTokenSearchIsWhole(t *testing.T) {
	waiting := cmd.Reference().Commands()
	for len(waiting) > 0 {
		c := waiting[0]
		waiting = append(waiting[1:], c.Commands()...)
		path := strings.TrimPrefix(c.CommandPath(), "dqoctl ")
		tried := slices.Contains(leakFree, path) || slices.ContainsFunc(leakCommands, func(line []string) bool {
			return strings.HasPrefix(strings.Join(line, " ")+" ", path+" ")
		})
		if !tried {
			t.Errorf("%s is neither tried nor free of tokens", path)
		}
	}
}

// says answers everything so; TOKEN stands for the token that came, as JSON spells
// it.
func leakSays(status int, contentType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		spelled := strings.ReplaceAll(token, `"`, `\"`)
		w.Header().Set("Content-Type", contentType)
		for _, name := range header {
			w.Header().Set(name, token)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, strings.ReplaceAll(body, "TOKEN", spelled))
	}
}

// leakSilence is what the server does that takes requests and does not answer.
const leakSilence = "silence"

// silent is such a server, and what it says when it was asked: the moment for an
// interrupt.
func silent(t *testing.T) (url string, asked <-chan struct{}) {
	t.Helper()
	first := make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the end of the caller is seen after that only
		select {
		case first <- struct{}{}:
		default:
		}
		<-r.Context().Done()
	}))
	t.Cleanup(s.Close)
	return s.URL, first
}

// leakServers are what may answer.
var leakServers = map[string]http.Handler{
	"401":       leakSays(401, "text/plain", "the key TOKEN is unknown", "Www-Authenticate", "X-Request-Id"),
	"400":       leakSays(400, "application/json", `{"message":"TOKEN","requestId":"TOKEN","trace":"a.b.CException: TOKEN\n\tat TOKEN"}`, "Server"),
	"500":       leakSays(500, "application/json", `{"message":"TOKEN","requestId":"TOKEN","trace":"a.b.CException: TOKEN\n\tat TOKEN"}`),
	"a page":    leakSays(200, "text/html", "<html>TOKEN</html>", "Server", "Via"),
	"a place":   leakSays(302, "text/html", "", "Location"),
	"a type":    leakSays(200, "application/json", "{}", "Content-Type"),
	"bad JSON":  leakSays(200, "application/json", `{"status":TOKEN`),
	"a failure": leakSays(200, "application/json", `{"jobId":{"jobId":17,"jobBusinessKey":"TOKEN"},"jobType":"TOKEN","status":"failed","errorMessage":"x: TOKEN","dataDomain":"TOKEN"}`),
	"more than asked": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		token := r.Header.Get("Authorization")
		fmt.Fprintf(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nServer: %s\r\n\r\n%s\r\n", token, token)
	}),
	"no HTTP": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		fmt.Fprintf(conn, "%s\r\n\r\n", r.Header.Get("Authorization"))
		_ = conn.Close()
	}),
}

// TestTheTokenIsShownNowhere runs every command with --debug, the token from the
// environment, from a file and from a profile's file, against a server that is
// well and against all that go wrong and repeat it, and searches what was
// written: both streams and every file.
func TestTheTokenIsShownNowhere(t *testing.T) {
	for name, server := range leakServers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(server)
			t.Cleanup(s.Close)
			everyCommand(func(i int, command []string) {
				for _, source := range leakSources(i, name == "401") {
					leaksNothing(t, s.URL, source, command, name)
				}
			})
		})
	}
	t.Run(leakSilence, func(t *testing.T) {
		t.Parallel()
		everyCommand(func(i int, command []string) {
			url, asked := silent(t)
			interruptsAndLeaksNothing(t, url, i%leakPlaces, command, asked)
		})
	})
	t.Run("unreachable", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		near, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer near.Close()
		everyCommand(func(i int, command []string) {
			leaksNothing(t, "http://"+near.LocalAddr().String(), i%leakPlaces, command, "")
		})
	})
	t.Run("well", func(t *testing.T) {
		t.Parallel()
		sim := simulator.New(simulator.Options{Scenario: simulator.Builtin(), Token: leakToken, RequireToken: true})
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- sim.Serve(listener) }()
		everyCommand(func(i int, command []string) {
			leaksNothing(t, "http://"+listener.Addr().String(), i%leakPlaces, command, "")
		})
		if err := errors.Join(sim.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
}

// everyCommand does something with each, some of them beside each other: those that
// start a job look for it during seconds when the server fails.
func everyCommand(do func(i int, command []string)) {
	places := make(chan struct{}, 10)
	var running sync.WaitGroup
	for i, command := range leakCommands {
		running.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			do(i, command)
		})
	}
	running.Wait()
}

// leakPlaces is how many places a token can come from.
const leakPlaces = 5

// leakSources are the places of the token that a command is tried with.
func leakSources(turn int, all bool) []int {
	if all {
		return []int{0, 1, 2, 3, 4}
	}
	return []int{turn % leakPlaces}
}

// leaksNothing runs one command; source is the environment, a file, a profile's, or
// a flag that names a file or standard input.
func leaksNothing(t *testing.T, server string, source int, command []string, echo string) {
	t.Helper()
	runsAndLeaksNothing(t, server, source, command, echo, nil)
}

// interruptsAndLeaksNothing interrupts the command as soon as it has asked.
func interruptsAndLeaksNothing(t *testing.T, server string, source int, command []string, asked <-chan struct{}) {
	t.Helper()
	runsAndLeaksNothing(t, server, source, command, "", asked)
}

func runsAndLeaksNothing(t *testing.T, server string, source int, command []string, echo string, interrupt <-chan struct{}) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home, secrets := t.TempDir(), t.TempDir()
	file := filepath.Join(secrets, "token")
	write(t, file, leakToken+"\n")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, self, command...)
	c.Args[0] = "dqoctl" // TestMain looks at the name
	c.Env = []string{"DQOCTL_DEBUG=true", "DQOCTL_RETRY_BUDGET=1s", "DQOCTL_SERVER=" + server, "HOME=" + home, "XDG_STATE_HOME=" + home, "XDG_CONFIG_HOME=" + home}
	if slices.Equal(command, leakLogin) {
		source = 4 // it takes a new one, and none that is set already
	}
	switch source {
	case 0:
		c.Env = append(c.Env, "DQOCTL_TOKEN="+leakToken)
	case 3:
		c.Args = append(c.Args, "--token-file", file)
	case 4:
		c.Args = append(c.Args, "--token-file", "-")
		c.Stdin = strings.NewReader(leakToken + "\n")
	case 1:
		c.Env = append(c.Env, "DQOCTL_TOKEN_FILE="+file)
	default:
		config := filepath.Join(secrets, "config.yaml")
		write(t, config, "current-profile: prod\nprofiles:\n  prod:\n    token-file: "+file+"\n")
		c.Env = append(c.Env, "DQOCTL_CONFIG="+config)
	}
	if command[len(command)-1] == "17" && command[1] == "watch" {
		c.Env = append(c.Env, "DQOCTL_TIMEOUT=2s")
	}
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Start(); err != nil {
		t.Error(err)
		return
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait() // every outcome is welcome
	}()
	select {
	case <-interrupt:
		_ = c.Process.Signal(os.Interrupt)
	case <-ended:
	}
	<-ended
	asked := strings.Contains(said.String(), "debug: ")
	if c.ProcessState.ExitCode() == 64 && !asked {
		t.Errorf("%v is not understood: %s", command, said.String())
	}
	if bytes.Contains(out.Bytes(), []byte(leakCore)) || bytes.Contains(said.Bytes(), []byte(leakCore)) {
		t.Errorf("%v, source %d, shows the token:\n%s\n%s", command, source, out.String(), said.String())
	}
	if !asked && !slices.Contains(leakSilent, strings.Join(command[:min(2, len(command))], " ")) && command[len(command)-1] != "--dry-run" {
		t.Errorf("%v asked nothing: %s", command, said.String())
	}
	if echo != "" && asked && !strings.Contains(said.String(), "***") {
		t.Errorf("%v shows no mask either, so nothing was tried:\n%s", command, said.String())
	}
	searchFiles(t, home)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// searchFiles holds that no file below the folder has the token, but those in which
// a login keeps it.
func searchFiles(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Base(filepath.Dir(path)) == "tokens" {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(leakCore)) {
			t.Errorf("%s has the token", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
