package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// verdictLimit is how long a case waits for a process or a job. It is no measure:
// many cases run beside each other.
const verdictLimit = time.Minute

// world is a simulator, the data behind it, and the dqoctl processes of one case.
type world struct {
	*testing.T
	sim      *simulator.Server
	today    time.Time // the server's day at its start
	zone     *time.Location
	url      string
	home     string
	barriers map[simulator.Stage]*simulator.Barrier
	fault    fault
	besides  *beside
	job      string // the id that $job stands for
}

// beside is a dqoctl that runs while the case goes on.
type beside struct {
	line  string
	ended chan struct{}
	code  int
	out   []byte
	err   []byte
}

func newWorld(t *testing.T, c verdictCase) *world {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "verdict", c.scenario))
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := simulator.LoadScenario(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if c.tables > 0 {
		multiply(scenario, c.tables)
	}
	if c.present {
		// Commands that start no job take the time of the machine that they run on.
		now := time.Now().UTC()
		scenario.Clock = &simulator.Instant{Time: time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.UTC)}
	}
	if c.prepare != nil {
		c.prepare(scenario)
	}
	w := &world{
		T: t, home: t.TempDir(), barriers: make(map[simulator.Stage]*simulator.Barrier),
		sim: simulator.New(simulator.Options{Scenario: scenario}), zone: time.UTC,
	}
	if scenario.TimeZone != "" {
		if w.zone, err = time.LoadLocation(scenario.TimeZone); err != nil {
			t.Fatal(err)
		}
	}
	w.today = scenario.Clock.In(w.zone)
	w.url = w.serve(w.sim.Serve)
	t.Cleanup(func() {
		for _, b := range w.barriers {
			b.Release()
		}
		if err := w.sim.Close(); err != nil {
			t.Logf("close the simulator: %v", err)
		}
	})
	return w
}

// multiply replaces the first table by so many copies of it.
func multiply(scenario *simulator.Scenario, tables int) {
	first := scenario.Connections[0].Tables[0]
	scenario.Connections[0].Tables = nil
	for i := range tables {
		table := first
		table.Name = fmt.Sprintf("%s_%03d", first.Name, i)
		scenario.Connections[0].Tables = append(scenario.Connections[0].Tables, table)
	}
}

func (w *world) serve(serve func(net.Listener) error) string {
	w.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = serve(listener)
	}()
	w.Cleanup(func() {
		_ = listener.Close()
		<-served
	})
	return "http://" + listener.Addr().String()
}

// start runs a command line of dqoctl; $job in it is the last job's id.
func (w *world) start(line string) *beside {
	w.Helper()
	path, err := exec.LookPath("dqoctl")
	if err != nil {
		w.Fatal(err)
	}
	line = w.dated(strings.ReplaceAll(line, "$job", w.job))
	p := &beside{line: line, ended: make(chan struct{})}
	command := exec.Command(path, strings.Fields(line)...)
	command.Dir = w.home
	command.Env = []string{
		"HOME=" + w.home, "XDG_CONFIG_HOME=" + w.home, "XDG_STATE_HOME=" + w.home, "TMPDIR=" + os.TempDir(),
		"GORACE=atexit_sleep_ms=0", "DQOCTL_SERVER=" + w.url,
	}
	if folder := os.Getenv("GOCOVERDIR"); folder != "" {
		command.Env = append(command.Env, "GOCOVERDIR="+folder)
	}
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Start(); err != nil {
		w.Fatal(err)
	}
	late := time.AfterFunc(verdictLimit, func() { _ = command.Process.Kill() })
	go func() {
		defer close(p.ended)
		defer late.Stop()
		err := command.Wait()
		if ended, ok := errors.AsType[*exec.ExitError](err); ok {
			p.code = ended.ExitCode()
		} else if err != nil {
			p.code = -1
		}
		p.out, p.err = out.Bytes(), problems.Bytes()
	}()
	return p
}

// answer is what -o json prints, as far as the cases look at it.
type answer struct {
	JobID struct {
		JobID int64 `json:"jobId"`
	} `json:"jobId"`
	Result *struct {
		Severity string `json:"highest_severity"`
	} `json:"result"`
	Standing *struct {
		Severity       string `json:"severity"`
		Tables         int    `json:"tables"`
		Coverage       string `json:"coverage"`
		WithoutVerdict *int   `json:"withoutVerdict"`
	} `json:"standing"`
	Issues   []issue `json:"issues"`
	Outcome  string  `json:"outcome"`
	ExitCode int     `json:"exitCode"`
	Error    *struct {
		Message string `json:"message"`
	} `json:"error"`
}

type issue struct {
	Connection, Schema, Table, Column, Check, CheckType, TimeScale, TableComparison string
	DataGroup, TimePeriod, Severity, Crashed                                        string
	Unchanged, Stale, CrashedBefore                                                 bool
}

// String is how the cases write an issue:
// [CONNECTION:]SCHEMA.TABLE[/COLUMN] CHECK[/COMPARISON] [{GROUP}] @PERIOD SEVERITY [unchanged] [stale] [SOURCE crashed [before]]
func (i issue) String() string {
	place := i.Schema + "." + i.Table
	if i.Connection != "shop" {
		place = i.Connection + ":" + place
	}
	if i.Column != "" {
		place += "/" + i.Column
	}
	check := i.Check
	if i.TableComparison != "" {
		check += "/" + i.TableComparison
	}
	words := []string{place, check}
	if i.DataGroup != "no grouping" {
		words = append(words, "{"+i.DataGroup+"}")
	}
	words = append(words, "@"+strings.TrimSuffix(i.TimePeriod, "T00:00:00"))
	if i.Severity != "" {
		words = append(words, i.Severity)
	}
	if i.Crashed != "" {
		words = append(words, i.Crashed, "crashed")
	}
	for word, holds := range map[string]bool{"unchanged": i.Unchanged, "stale": i.Stale, "before": i.CrashedBefore} {
		if holds {
			words = append(words, word)
		}
	}
	if kind, scale := kindOf(i.Check); kind != i.CheckType || scale != i.TimeScale {
		words = append(words, "as", i.CheckType, i.TimeScale)
	}
	return strings.Join(words, " ")
}

// kindOf is the type and time scale that a check's name tells.
func kindOf(name string) (checkType, timeScale string) {
	scale, _, _ := strings.Cut(name, "_")
	switch {
	case scale == "profile":
		return "profiling", ""
	case strings.HasPrefix(name, scale+"_partition_"):
		return "partitioned", scale
	default:
		return "monitoring", scale
	}
}

// end waits for a process and compares what it said with what a case wants.
func (w *world) end(p *beside, want verdictWant) {
	w.Helper()
	<-p.ended
	var got answer
	if err := json.Unmarshal(p.out, &got); err != nil {
		w.Fatalf("dqoctl %s: code %d, %v\n%s%s", p.line, p.code, err, p.out, p.err)
	}
	if got.JobID.JobID != 0 {
		w.job = strconv.FormatInt(got.JobID.JobID, 10)
	}
	found := verdictWant{code: p.code, outcome: got.Outcome}
	for _, i := range got.Issues {
		found.issues = append(found.issues, i.String())
	}
	if got.Standing != nil {
		found.coverage = got.Standing.Coverage
	}
	want = want.filled(w.dated)
	slices.Sort(found.issues)
	if found.coverage == "" && want.coverage == "exact" && got.Standing == nil {
		want.coverage = ""
	}
	if diff := cmp.Diff(want.lines(), found.lines()); diff != "" {
		w.Errorf("dqoctl %s (-want +got):\n%s%s", p.line, diff, p.err)
	}
	if got.ExitCode != p.code {
		w.Errorf("dqoctl %s: exitCode %d was printed, the process ended with %d", p.line, got.ExitCode, p.code)
	}
	if want.run != "" && (got.Result == nil || got.Result.Severity != want.run) {
		w.Errorf("dqoctl %s: the server's own summary is %+v, want %s", p.line, got.Result, want.run)
	}
	if want.tables != 0 && (got.Standing == nil || got.Standing.Tables != want.tables) {
		w.Errorf("dqoctl %s: standing %+v, want %d tables", p.line, got.Standing, want.tables)
	}
	if want.waiting != 0 && (got.Standing == nil || got.Standing.WithoutVerdict == nil || *got.Standing.WithoutVerdict != want.waiting) {
		w.Errorf("dqoctl %s: standing %+v, want %d without a verdict", p.line, got.Standing, want.waiting)
	}
	if known := got.Error != nil; known != (want.code > 5) || known && got.Error.Message == "" {
		if want.code != 6 && want.code != 7 {
			w.Errorf("dqoctl %s: error %+v beside exit code %d", p.line, got.Error, p.code)
		}
	}
}

var dateToken = regexp.MustCompile(`\b([DM])([+-]?\d+)(T\d|\b)`)

// dated puts dates for D-1 (the day before the server's start) and M-1 (the
// first day of the month before).
func (w *world) dated(text string) string {
	return dateToken.ReplaceAllStringFunc(text, func(token string) string {
		parts := dateToken.FindStringSubmatch(token)
		by, _ := strconv.Atoi(parts[2])
		day := time.Date(w.today.Year(), w.today.Month(), w.today.Day(), 0, 0, 0, 0, time.UTC).AddDate(0, 0, by)
		if token[0] == 'M' {
			day = time.Date(w.today.Year(), w.today.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, by, 0)
		}
		return day.Format(time.DateOnly) + parts[3]
	})
}

// ref reads SCHEMA.TABLE[/COLUMN] [CHECK] [{GROUP}] [@PERIOD], with {} for no
// grouping and CONNECTION: before it when that is not shop.
func (w *world) ref(text string) simulator.CheckRef {
	w.Helper()
	ref := simulator.CheckRef{Connection: "shop"}
	for i, word := range strings.Fields(w.dated(text)) {
		switch {
		case i == 0:
			if connection, rest, given := strings.Cut(word, ":"); given {
				ref.Connection, word = connection, rest
			}
			ref.Table, ref.Column, _ = strings.Cut(word, "/")
		case word == "{}":
			ref.DataGroup = "no grouping"
		case strings.HasPrefix(word, "{"):
			ref.DataGroup = strings.Trim(word, "{}")
		case strings.HasPrefix(word, "@"):
			ref.Period = word[1:]
		default:
			ref.Check = word
		}
	}
	return ref
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// ask makes a request of somebody else's and returns the answer's body.
func (w *world) ask(method, path, body string) []byte {
	w.Helper()
	request, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	w.must(err)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: verdictLimit, Transport: &http.Transport{DisableKeepAlives: true}}
	got, err := client.Do(request)
	w.must(err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	w.must(err)
	if got.StatusCode > 299 {
		w.Fatalf("%s %s: %s\n%s", method, path, got.Status, text)
	}
	return text
}
