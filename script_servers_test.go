package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

type simKey struct{}

// simulated is the simulator of one script and the barriers set on it.
type simulated struct {
	server   *simulator.Server
	barriers map[string]*simulator.Barrier
	injected []*simulator.Injection
}

var stages = []simulator.Stage{
	simulator.StageSubmit, simulator.StageSubmitted, simulator.StageQueued, simulator.StageRunning,
	simulator.StageTable, simulator.StageRules, simulator.StageFinishing,
}

func simOf(ts *testscript.TestScript) *simulated {
	sim := ts.Value(simKey{}).(*simulated)
	if sim.server == nil {
		ts.Fatalf("there is no simulator yet")
	}
	return sim
}

// cmdSimulate is "simulate [-token T] [-instant] [SCENARIO.yaml]": a fresh
// simulator in this process; DQOCTL_SERVER names it. With -instant nothing in it
// takes time.
func cmdSimulate(ts *testscript.TestScript, args []string) {
	options := simulator.Options{Scenario: simulator.Builtin()}
	if len(args) >= 2 && args[0] == "-token" {
		options.Token, options.RequireToken = args[1], true
		args = args[2:]
	}
	instant := len(args) > 0 && args[0] == "-instant"
	if instant {
		args = args[1:]
	}
	need(ts, len(args) <= 1, "simulate [-token T] [-instant] [SCENARIO.yaml]")
	if len(args) == 1 {
		scenario, err := simulator.LoadScenario(strings.NewReader(ts.ReadFile(args[0])))
		ts.Check(err)
		options.Scenario = scenario
	}
	if instant {
		takeNoTime(options.Scenario)
	}
	sim := &simulated{server: simulator.New(options), barriers: make(map[string]*simulator.Barrier)}
	*ts.Value(simKey{}).(*simulated) = *sim
	listener := listen(ts)
	served := make(chan error, 1)
	go func() { served <- sim.server.Serve(listener) }()
	ts.Defer(func() {
		for _, b := range sim.barriers {
			b.Release()
		}
		if err := errors.Join(sim.server.Close(), <-served); err != nil {
			ts.Logf("close the simulator: %v", err)
		}
	})
}

func takeNoTime(s *simulator.Scenario) {
	for _, connection := range s.Connections {
		for i := range connection.Tables {
			table := &connection.Tables[i]
			table.Duration = 0
			for j := range table.Checks {
				table.Checks[j].Duration = 0
			}
			for _, column := range table.Columns {
				for j := range column.Checks {
					column.Checks[j].Duration = 0
				}
			}
		}
	}
}

// listen takes a free port and lets DQOCTL_SERVER name it.
func listen(ts *testscript.TestScript) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv("DQOCTL_SERVER", "http://"+listener.Addr().String())
	return listener
}

// cmdSim drives the simulator:
//
//	sim hold STAGE | sim reached STAGE | sim release STAGE
//	sim next STAGE                                   release what stands there, hold what comes next
//	sim value CONNECTION TABLE COLUMN CHECK VALUE   ("-" for no column)
//	sim jobs TYPE N                                  so many were ever started
//	sim status ID STATUS                             the job has come so far
//	sim child ID VARIABLE                            the first job that it started
//	sim nth ID N VARIABLE                            the N-th of them, once there is one
//	sim requests METHOD PREFIX N                     so many were made ("any" method)
//	sim await METHOD PREFIX N                        the same, once so many were
//	sim last METHOD PREFIX                           the newest one: its body is stdout, the rest stderr
func cmdSim(ts *testscript.TestScript, args []string) {
	sim := simOf(ts)
	actions := map[string]struct {
		arguments int
		run       func()
	}{
		"hold":     {1, func() { sim.hold(ts, args[1]) }},
		"reached":  {1, func() { sim.reached(ts, args[1]) }},
		"release":  {1, func() { sim.barrier(ts, args[1]).Release(); delete(sim.barriers, args[1]) }},
		"next":     {1, func() { sim.next(ts, args[1]) }},
		"value":    {5, func() { sim.value(ts, args[1:]) }},
		"jobs":     {2, func() { sim.jobs(ts, args[1], args[2]) }},
		"status":   {2, func() { sim.status(ts, args[1], args[2]) }},
		"child":    {2, func() { sim.child(ts, args[1], 1, args[2]) }},
		"nth":      {3, func() { sim.child(ts, args[1], number(ts, args[2]), args[3]) }},
		"requests": {3, func() { equal(ts, strings.Join(args[1:3], " "), len(sim.requests(args[1], args[2])), args[3]) }},
		"await":    {3, func() { sim.await(ts, args[1], args[2], number(ts, args[3])) }},
		"last":     {2, func() { sim.last(ts, args[1], args[2]) }},
	}
	need(ts, len(args) > 0, "sim ACTION args...")
	action, known := actions[args[0]]
	need(ts, known && len(args) == 1+action.arguments, "see cmdSim")
	action.run()
}

func (s *simulated) hold(ts *testscript.TestScript, stage string) {
	if !slices.Contains(stages, simulator.Stage(stage)) {
		ts.Fatalf("there is no stage %s, only %v", stage, stages)
	}
	s.barriers[stage] = s.server.Hold(simulator.Stage(stage))
}

// next holds before it releases: nothing passes between the two.
func (s *simulated) next(ts *testscript.TestScript, stage string) {
	standing := s.barrier(ts, stage)
	s.hold(ts, stage)
	standing.Release()
}

func (s *simulated) barrier(ts *testscript.TestScript, stage string) *simulator.Barrier {
	b := s.barriers[stage]
	if b == nil {
		ts.Fatalf("nothing is held at %s", stage)
	}
	return b
}

func (s *simulated) reached(ts *testscript.TestScript, stage string) {
	select {
	case <-s.barrier(ts, stage).Reached():
	case <-time.After(limit):
		ts.Fatalf("nothing reached %s", stage)
	}
}

func (s *simulated) value(ts *testscript.TestScript, args []string) {
	value, err := strconv.ParseFloat(args[4], 64)
	ts.Check(err)
	column := args[2]
	if column == "-" {
		column = ""
	}
	ts.Check(s.server.SetValue(simulator.CheckRef{
		Connection: args[0], Table: args[1], Column: column, Check: args[3],
	}, value))
}

func (s *simulated) jobs(ts *testscript.TestScript, kind, want string) {
	count := 0
	for _, job := range s.server.Jobs() {
		if job.Type == kind {
			count++
		}
	}
	equal(ts, "jobs of type "+kind, count, want)
}

// status waits: a released job needs its time. The server tells nobody, so it
// is asked again and again.
func (s *simulated) status(ts *testscript.TestScript, id, want string) {
	late := time.After(limit)
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		status := "unknown"
		for _, job := range s.server.Jobs() {
			if strconv.FormatInt(job.ID, 10) == id || job.Key == id {
				status = job.Status
			}
		}
		if status == want {
			tick.Stop()
			return
		}
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("job %s is %s, want %s", id, status, want)
		}
	}
}

func (s *simulated) child(ts *testscript.TestScript, id string, nth int, variable string) {
	late := time.After(limit)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		left := nth
		for _, job := range s.server.Jobs() {
			if job.ParentID == 0 || strconv.FormatInt(job.ParentID, 10) != id {
				continue
			}
			if left--; left == 0 {
				ts.Setenv(variable, strconv.FormatInt(job.ID, 10))
				return
			}
		}
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("job %s has not started %d others", id, nth)
		}
	}
}

func (s *simulated) requests(method, prefix string) []simulator.Request {
	var found []simulator.Request
	for _, r := range s.server.Requests() {
		if (method == "any" || r.Method == method) && strings.HasPrefix(r.Path, prefix) {
			found = append(found, r)
		}
	}
	return found
}

// await waits for a request: nothing else tells that a program has come so far.
func (s *simulated) await(ts *testscript.TestScript, method, prefix string, want int) {
	late := time.After(limit)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for len(s.requests(method, prefix)) < want {
		select {
		case <-tick.C:
		case <-late:
			ts.Fatalf("%s %s: %d, want %d", method, prefix, len(s.requests(method, prefix)), want)
		}
	}
}

func (s *simulated) last(ts *testscript.TestScript, method, prefix string) {
	found := s.requests(method, prefix)
	if len(found) == 0 {
		ts.Fatalf("there was no %s %s", method, prefix)
	}
	r := found[len(found)-1]
	fmt.Fprintf(ts.Stderr(), "%s %s?%s\n", r.Method, r.Path, r.Query)
	ts.Check(r.Header.Write(ts.Stderr()))
	_, _ = ts.Stdout().Write(r.Body)
}

func equal(ts *testscript.TestScript, what string, got int, want string) {
	if strconv.Itoa(got) != want {
		ts.Fatalf("%s: %d, want %s", what, got, want)
	}
}

// cmdServe is "serve STATUS CONTENT-TYPE FILE": a server that answers everything
// so, as another product or a proxy would.
func cmdServe(ts *testscript.TestScript, args []string) {
	need(ts, len(args) == 3, "serve STATUS CONTENT-TYPE FILE")
	status, body := number(ts, args[0]), ts.ReadFile(args[2])
	server := &http.Server{
		ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", args[1])
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}),
	}
	listener := listen(ts)
	go func() { _ = server.Serve(listener) }()
	ts.Defer(func() { _ = server.Close() })
}

// cmdNowhere is "nowhere": DQOCTL_SERVER names a port on which nobody listens.
// It is the near end of a connection, so that nobody else can take it.
func cmdNowhere(ts *testscript.TestScript, _ []string) {
	listener := listen(ts)
	connection, err := net.Dial("tcp", listener.Addr().String())
	ts.Check(err)
	ts.Setenv("DQOCTL_SERVER", "http://"+connection.LocalAddr().String())
	ts.Defer(func() {
		_ = connection.Close()
		_ = listener.Close()
	})
}

// cmdMute is "mute": DQOCTL_SERVER names a server that never says a word.
func cmdMute(ts *testscript.TestScript, _ []string) {
	listener := listen(ts)
	ts.Defer(func() { _ = listener.Close() })
}

// cmdFetch is "fetch STATUS METHOD PATH": another client's request; the answer's
// body is stdout.
func cmdFetch(ts *testscript.TestScript, args []string) {
	need(ts, len(args) == 3, "fetch STATUS METHOD PATH")
	request, err := http.NewRequest(args[1], ts.Getenv("DQOCTL_SERVER")+args[2], http.NoBody)
	ts.Check(err)
	request.Header.Set("Accept", "application/json")
	client := &http.Client{Timeout: limit, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	ts.Check(err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	ts.Check(err)
	_, _ = ts.Stdout().Write(body)
	equal(ts, args[1]+" "+args[2], answer.StatusCode, args[0])
}
