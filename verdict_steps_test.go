package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// step is one thing that happens in a case.
type step func(w *world)

// verdictWant is what a command says.
type verdictWant struct {
	code     int
	outcome  string // filled in from the code when empty
	coverage string // exact when empty, wherever there is a standing
	run      string // the server's own summary; not looked at when empty
	tables   int    // how many were read; not looked at when 0
	waiting  int    // how many values have no verdict; not looked at when 0
	issues   []string
}

var verdictOutcomes = map[int]string{
	0: "ok", 1: "warning", 2: "error", 3: "fatal", 4: "execution_errors", 5: "nothing_ran", 6: "job_failed",
	7: "job_cancelled", 8: "job_lost", 64: "usage", 69: "unreachable", 75: "timeout", 76: "protocol", 77: "unauthorized",
}

func (v verdictWant) filled(dated func(string) string) verdictWant {
	if v.outcome == "" {
		v.outcome = verdictOutcomes[v.code]
	}
	if v.coverage == "" {
		v.coverage = "exact"
	}
	issues := make([]string, len(v.issues))
	for i, text := range v.issues {
		issues[i] = dated(text)
	}
	slices.Sort(issues)
	v.issues = issues
	return v
}

func (v verdictWant) lines() []string {
	return append([]string{fmt.Sprintf("code %d, %s, coverage %q", v.code, v.outcome, v.coverage)}, v.issues...)
}

// says wants a code and exactly these issues.
func says(code int, issues ...string) verdictWant { return verdictWant{code: code, issues: issues} }

// with changes one detail of what is wanted.
func (v verdictWant) with(change func(*verdictWant)) verdictWant {
	change(&v)
	return v
}

func (v verdictWant) approximate() verdictWant {
	return v.with(func(v *verdictWant) { v.coverage = "approximate" })
}

func (v verdictWant) whileRunSays(severity string) verdictWant {
	return v.with(func(v *verdictWant) { v.run = severity })
}

func (v verdictWant) inTables(n int) verdictWant {
	return v.with(func(v *verdictWant) { v.tables = n })
}

func (v verdictWant) withoutVerdict(n int) verdictWant {
	return v.with(func(v *verdictWant) { v.waiting = n })
}

// run is "run-checks ARGS" from start to end.
func run(args string, want verdictWant) step { return commandLine("run-checks "+args, want) }

// status is "checks status ARGS".
func status(args string, want verdictWant) step { return commandLine("checks status "+args, want) }

// wait is "jobs wait $job ARGS" for the newest job of ours.
func wait(args string, want verdictWant) step { return commandLine("jobs wait $job "+args, want) }

func commandLine(line string, want verdictWant) step {
	return func(w *world) {
		w.Helper()
		w.end(w.start(line+" -q -o json"), want)
	}
}

// begin starts "run-checks ARGS" and lets it run; ends waits for it.
func begin(args string) step {
	return func(w *world) { w.besides = w.start("run-checks " + args + " -q -o json") }
}

func ends(want verdictWant) step {
	return func(w *world) {
		w.Helper()
		w.end(w.besides, want)
	}
}

// submit is "run-checks ARGS --no-wait", and then the job's end is waited for
// without dqoctl.
func submit(args string) step {
	return func(w *world) {
		p := w.start("run-checks " + args + " --no-wait -q -o id")
		<-p.ended
		if p.code != 0 {
			w.Fatalf("submit %s: %d\n%s", args, p.code, p.err)
		}
		w.job = strings.TrimSpace(string(p.out))
		w.over(w.job)
	}
}

// other runs checks from start to end as another user does; the filters are those
// of the wire.
func other(filters string) step { return otherBody(`"check_search_filters":{` + filters + `}`) }

// otherIn runs all checks in a time window.
func otherIn(window string) step {
	return otherBody(`"check_search_filters":{},"time_window_filter":{` + window + `}`)
}

func otherBody(body string) step {
	return func(w *world) {
		w.Helper()
		key := fmt.Sprintf("other-%d", len(w.sim.Jobs()))
		w.ask("POST", "/api/jobs/runchecks?wait=false&jobBusinessKey="+key, "{"+body+"}")
		w.over(key)
	}
}

// otherBeside starts it and goes on when its job exists.
func otherBeside(filters string) step {
	return func(w *world) {
		w.Helper()
		w.ask("POST", "/api/jobs/runchecks?wait=false", `{"check_search_filters":{`+filters+`}}`)
	}
}

// over waits until a job, given by number or key, has come to its end.
func (w *world) over(id string) {
	w.Helper()
	late := time.After(verdictLimit)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		for _, job := range w.sim.Jobs() {
			if strconv.FormatInt(job.ID, 10) != id && job.Key != id {
				continue
			}
			if job.Status == "finished" || job.Status == "failed" || job.Status == "cancelled" {
				return
			}
		}
		select {
		case <-tick.C:
		case <-late:
			w.Fatalf("job %s does not end", id)
		}
	}
}

// set makes sensors return a value from now on: "files.t/column check {GROUP} @PERIOD".
func set(ref string, value float64) step {
	return func(w *world) { w.Helper(); w.must(w.sim.SetValue(w.ref(ref), value)) }
}

func gone(ref string) step {
	return func(w *world) { w.Helper(); w.must(w.sim.ClearValue(w.ref(ref))) }
}

func broken(ref string, broken bool) step {
	return func(w *world) { w.Helper(); w.must(w.sim.SetBroken(w.ref(ref), broken)) }
}

func disabled(ref string) step {
	return func(w *world) { w.Helper(); w.must(w.sim.SetDisabled(w.ref(ref), true)) }
}

// crash lets the check crash in its sensor or rule; "" ends that.
func crash(ref, in string) step {
	return func(w *world) {
		w.Helper()
		var crash *simulator.Crash
		if in != "" {
			crash = &simulator.Crash{In: in}
		}
		w.must(w.sim.SetCrash(w.ref(ref), crash))
	}
}

func deleteResults(ref string) step {
	return func(w *world) { w.Helper(); w.must(w.sim.DeleteResults(w.ref(ref))) }
}

func dropColumn(table, column string) step {
	return func(w *world) { w.Helper(); w.must(w.sim.DropColumn("shop", table, column)) }
}

func later(by time.Duration) step {
	return func(w *world) { w.sim.AdvanceClock(by) }
}

func hold(stage simulator.Stage) step {
	return func(w *world) { w.barriers[stage] = w.sim.Hold(stage) }
}

func reached(stage simulator.Stage) step {
	return func(w *world) {
		w.Helper()
		select {
		case <-w.barriers[stage].Reached():
		case <-time.After(verdictLimit):
			w.Fatalf("nothing reached %s", stage)
		}
	}
}

func release(stage simulator.Stage) step {
	return func(w *world) { w.barriers[stage].Release() }
}

// cancelChild cancels the newest child job.
func cancelChild() step {
	return func(w *world) {
		w.Helper()
		for _, job := range slices.Backward(w.sim.Jobs()) {
			if job.ParentID != 0 {
				w.ask("DELETE", "/api/jobs/jobs/"+strconv.FormatInt(job.ID, 10), "")
				return
			}
		}
		w.Fatal("no job has a child")
	}
}

// each repeats a step for several texts.
func eachOf(texts []string, do func(text string) step) step {
	return func(w *world) {
		for _, text := range texts {
			do(text)(w)
		}
	}
}

func numbers(format string, n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf(format, i)
	}
	return texts
}

// childOfJob lets $job be the newest child of the newest parent.
func childOfJob() step {
	return func(w *world) {
		for _, job := range w.sim.Jobs() {
			if job.ParentID != 0 {
				w.job = strconv.FormatInt(job.ID, 10)
			}
		}
	}
}
