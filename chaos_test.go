package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/journal"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// How many commands the chaos run makes and from which seed it draws them, unless
// DQOCTL_CHAOS and DQOCTL_CHAOS_SEED say otherwise. The seed repeats the commands
// and the faults, not the moments at which they meet.
const (
	chaosCommands = 300
	chaosSeed     = 20261124
	chaosAtOnce   = 64
)

// TestChaos runs many commands beside each other on one server that restarts and a
// network that breaks, and compares in the end what everybody says.
func TestChaos(t *testing.T) {
	t.Parallel()
	commands, seed := chaosSize(t)
	t.Logf("%d commands; the same again with DQOCTL_CHAOS=%d DQOCTL_CHAOS_SEED=%d", commands, commands, seed)
	c := newChaos(t, seed)
	c.run(commands)
	c.calm()
	c.compare()
	if t.Failed() {
		t.Logf("the same again with DQOCTL_CHAOS=%d DQOCTL_CHAOS_SEED=%d", commands, seed)
	}
}

func chaosSize(t *testing.T) (commands int, seed uint64) {
	t.Helper()
	commands, seed = chaosCommands, chaosSeed
	if text := os.Getenv("DQOCTL_CHAOS"); text != "" {
		var err error
		if commands, err = strconv.Atoi(text); err != nil || commands < 1 {
			t.Fatalf("DQOCTL_CHAOS=%s: want a number of commands", text)
		}
		seed = rand.Uint64()
	}
	if text := os.Getenv("DQOCTL_CHAOS_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("DQOCTL_CHAOS_SEED=%s: want a number", text)
		}
	}
	return commands, seed
}

// chaos is one run: a server, the machine that all commands run on, what they said.
type chaos struct {
	*station

	mutex   sync.Mutex
	draw    *rand.Rand
	started []int64 // ids that commands without a wait have told
	keys    int     // of those that commands share, as often as they are drawn
	done    []*chaosCommand
	faults  []*simulator.Injection
}

// chaosCommand is one command line and what came of it. One with a signal is a
// process of its own that gets it in the middle.
type chaosCommand struct {
	said
	args   []string
	signal os.Signal
	after  time.Duration
	result struct {
		JobID struct {
			ID  int64  `json:"jobId"`
			Key string `json:"jobBusinessKey"`
		} `json:"jobId"`
		ExitCode int `json:"exitCode"`
	}
}

func (c *chaosCommand) String() string {
	return fmt.Sprintf("dqoctl %s: exit code %d\n%s%s", strings.Join(c.args, " "), c.code, c.out, c.err)
}

func newChaos(t *testing.T, seed uint64) *chaos {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "chaos", "warehouse.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	scenario, err := simulator.LoadScenario(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{station: newStation(t, scenario), draw: rand.New(rand.NewPCG(seed, seed))}
	c.env = []string{"DQOCTL_RETRY_BUDGET=20s", "DQOCTL_TIMEOUT=40s", "DQOCTL_OUTPUT=json"}
	// What is bad stands before anything breaks, so that no later look may miss it.
	c.perform(&chaosCommand{args: []string{"run-checks", "-c", "bad"}})
	for _, fault := range chaosFaults(c.draw) {
		injected, err := c.sim.Inject(fault)
		if err != nil {
			t.Fatal(err)
		}
		c.faults = append(c.faults, injected)
	}
	return c
}

// chaosFaults are rare enough that most commands come to an end, and frequent
// enough that none is sure to.
func chaosFaults(draw *rand.Rand) []simulator.Fault {
	const ms = simulator.Duration(time.Millisecond)
	posts := simulator.Words{
		"run_checks", "collect_statistics_on_table", "collect_error_samples", "import_tables", "delete_stored_data", "synchronize_folders",
	}
	faults := []simulator.Fault{
		{Every: 2500, Do: simulator.RestartNow, When: simulator.Before, Down: 50 * ms, Starting: 150 * ms},
		{On: posts, Every: 151, Do: simulator.RestartNow, When: simulator.After, Starting: 200 * ms},
		{On: posts, Every: 97, Do: simulator.Shutdown, For: 50 * ms, Down: 20 * ms, Starting: 50 * ms},
		{On: posts, Chance: 0.05, Do: simulator.Reset, When: simulator.Before},
		{On: posts, Chance: 0.05, Do: simulator.Answer, Status: 502, When: simulator.During},
		{On: posts, Chance: 0.05, Do: simulator.Reset, When: simulator.During, Late: 400 * ms},
		{On: posts, Chance: 0.05, Do: simulator.Reset, When: simulator.After, At: simulator.AtHeader},
		{On: posts, Chance: 0.05, Do: simulator.Close, When: simulator.After, At: simulator.AtBody},
		{On: posts, Chance: 0.03, Do: simulator.Answer, Status: 504, When: simulator.After},
		{Chance: 0.02, Do: simulator.Reset, When: simulator.After},
		{Chance: 0.02, Do: simulator.Close, When: simulator.Before},
		{Chance: 0.02, Do: simulator.Close, When: simulator.After, At: simulator.AtBody},
		{Chance: 0.02, Do: simulator.HalfClose, When: simulator.After, At: simulator.AtHeader},
		{Chance: 0.02, Do: simulator.Answer, Status: 503, RetryAfter: 1000 * ms},
		{Method: "GET", Chance: 0.01, Do: simulator.Answer, Status: 429},
		{Chance: 0.05, Do: simulator.Delay, For: 100 * ms},
		{Chance: 0.05, Do: simulator.Delay, For: 100 * ms, When: simulator.After},
	}
	for i := range faults {
		faults[i].Seed = draw.Uint64()
	}
	return faults
}

// run lets so many commands happen, some beside each other.
func (c *chaos) run(commands int) {
	turns := make(chan int)
	var workers sync.WaitGroup
	for range min(chaosAtOnce, commands) {
		workers.Go(func() {
			for range turns {
				c.perform(c.next())
			}
		})
	}
	for i := range commands {
		turns <- i
	}
	close(turns)
	workers.Wait()
}

// calm ends the faults and follows what was left behind, as soon as the last
// restart is over.
func (c *chaos) calm() {
	for _, fault := range c.faults {
		fault.Remove()
	}
	var got said
	for range 50 {
		if got = c.call("jobs", "resume"); got.code != exit.Unreachable.Code() {
			break
		}
	}
	if !slices.Contains([]int{0, 3, 5, 7, 8}, got.code) {
		c.Errorf("dqoctl jobs resume: exit code %d\n%s%s", got.code, got.out, got.err)
	}
}

// perform lets a command happen and keeps what came of it.
func (c *chaos) perform(command *chaosCommand) {
	if command.signal == nil {
		command.said = c.call(command.args...)
	} else {
		command.said = c.disturbed(command)
	}
	if err := json.Unmarshal([]byte(command.out), &command.result); err != nil && !command.diedOfSignal() && !strings.HasPrefix(command.out, "[") {
		c.Errorf("stdout is no object: %v\n%s", err, command)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.done = append(c.done, command)
	if slices.Contains(command.args, "--no-wait") && command.result.JobID.ID != 0 {
		c.started = append(c.started, command.result.JobID.ID)
	}
}

// disturbed runs the command as a process and sends it the signal, unless it has
// ended before.
func (c *chaos) disturbed(command *chaosCommand) said {
	path, err := exec.LookPath("dqoctl")
	if err != nil {
		c.Error(err)
		return said{}
	}
	ctx, cancel := context.WithTimeout(c.Context(), 2*time.Minute) // more than its own time limits
	defer cancel()
	process := exec.CommandContext(ctx, path, command.args...)
	process.Dir, process.Env = c.home, c.environment()
	var out, problems bytes.Buffer
	process.Stdout, process.Stderr = &out, &problems
	if err := process.Start(); err != nil {
		c.Error(err)
		return said{}
	}
	sending := time.AfterFunc(command.after, func() { _ = process.Process.Signal(command.signal) })
	_ = process.Wait()
	sending.Stop()
	if ctx.Err() != nil {
		c.Errorf("it did not end: %s", command)
	}
	return said{process.ProcessState.ExitCode(), out.String(), problems.String()}
}

// diedOfSignal reports a process that said nothing more: it was killed, or
// interrupted before it could listen.
func (c *chaosCommand) diedOfSignal() bool { return c.signal != nil && c.code == -1 && c.out == "" }

// next draws a command line.
func (c *chaos) next() *chaosCommand {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	starts := [][]string{
		{"run-checks", "-c", "good"},
		{"run-checks", "-c", "bad"},
		{"run-checks", "-c", "bad", "--judge", "exact"},
		{"run-checks", "-c", "good", "-t", "shop.orders", "-t", "shop.stock"},
		{"run-checks", "-c", "slow", "--no-wait"},
		{"run-checks", "-c", "bad", "--adopt", "--key", c.sharedKey("bad")},
		{"run-checks", "-c", "slow", "--adopt=any", "--key", c.sharedKey("slow")},
		{"collect-stats", "-c", "good"},
		{"collect-stats", "-c", "good", "--scope", "data_group"},
		{"collect-error-samples", "-c", "bad"},
		{"import-tables", "-c", "pg", "--schema", "sales"},
		{"delete-data", "-c", "wipe", "--all-tables", "--all-dates", "--what", "all-data", "--yes"},
		{"sync", "sources"},
	}
	others := [][]string{{"checks", "status", "-c", "bad"}, {"scheduler", "status"}, {"jobs", "list", "--mine"}}
	if len(c.started) > 0 {
		id := strconv.FormatInt(c.started[c.draw.IntN(len(c.started))], 10)
		others = append(others, []string{"jobs", "wait", id}, []string{"jobs", "cancel", id, "--timeout", "10s"}, []string{"jobs", "get", id})
	}
	if c.draw.IntN(4) == 0 {
		return &chaosCommand{args: others[c.draw.IntN(len(others))]}
	}
	command := &chaosCommand{args: starts[c.draw.IntN(len(starts))]}
	if c.draw.IntN(6) == 0 {
		c.disturb(command)
	}
	return command
}

// sharedKey is one that some commands beside each other have.
func (c *chaos) sharedKey(request string) string {
	c.keys++
	return fmt.Sprintf("%s%s-%d", shared, request, c.keys/60)
}

const shared = "shared-"

// disturb lets the command be interrupted or killed, at any moment of the time
// that most of them take.
func (c *chaos) disturb(command *chaosCommand) {
	command.after = time.Duration(c.draw.IntN(600)) * time.Millisecond
	switch c.draw.IntN(3) {
	case 0:
		command.signal = os.Kill
	case 1:
		command.signal = os.Interrupt
	default:
		command.signal = os.Interrupt
		command.args = append(command.args, "--on-interrupt", "cancel")
	}
}

// compare holds the books of the server, the exit codes, and what was said and
// written down against each other.
func (c *chaos) compare() {
	books := c.sim.Jobs()
	byID := map[int64]simulator.JobRecord{}
	codes := map[string]map[int]int{}
	for _, job := range books {
		byID[job.ID] = job
	}
	for _, command := range c.done {
		c.holdCode(command, byID)
		name := strings.Join(command.args[:min(3, len(command.args))], " ")
		if command.args[0] == "jobs" {
			name = strings.Join(command.args[:2], " ")
		}
		if codes[name] == nil {
			codes[name] = map[int]int{}
		}
		codes[name][command.code]++
	}
	kept, lives := c.kept(), c.sim.Restarts()
	c.holdBooks(books, kept)
	c.holdJournal(kept, byID, lives)
	c.Logf("%d jobs, %d restarts, %d requests; exit codes %v", len(books), lives, len(c.sim.Requests()), codes)
	if len(c.done) >= chaosCommands && lives == 0 {
		c.Error("the server has never restarted")
	}
}

// chaosCodes are the exit codes that the world of the run can lead to. 76 is a
// first reading that was answered with 429.
var chaosCodes = map[string][]int{
	"run-checks -c good":       {0, 7, 8, 69, 75},
	"run-checks -c bad":        {3, 7, 8, 69, 75, 76},
	"run-checks -c slow --no":  {0, 69},
	"run-checks -c slow --ad":  {0, 7, 8, 69, 75, 76},
	"collect-stats -c good":    {0, 8, 69, 75},
	"collect-error-samples -c": {0, 5, 8, 69, 75},
	"import-tables -c pg":      {0, 8, 69, 75, 76},
	"delete-data -c wipe":      {0, 8, 69, 75, 76},
	"sync sources":             {0, 8, 69, 75},
	"checks status -c":         {3, 69, 76},
	"scheduler status":         {0, 69, 76},
	"jobs wait":                {0, 7, 8, 69, 75, 76},
	"jobs cancel":              {0, 8, 69, 75, 76},
	"jobs get":                 {0, 8, 69, 76},
	"jobs list":                {0, 69, 76},
}

func (c *chaos) holdCode(command *chaosCommand, books map[int64]simulator.JobRecord) {
	line := strings.Join(command.args, " ")
	for prefix, allowed := range chaosCodes {
		if command.signal != nil {
			allowed = append(slices.Clone(allowed), 130, -1)
		}
		if strings.HasPrefix(line, prefix) && !slices.Contains(allowed, command.code) {
			c.Errorf("not one of %v: %s", allowed, command)
		}
	}
	if command.diedOfSignal() || strings.HasPrefix(command.out, "[") {
		return
	}
	if command.args[0] == "jobs" && command.args[1] == "get" || command.args[0] == "scheduler" && command.code == 0 {
		return
	}
	if command.result.ExitCode != command.code {
		c.Errorf("it says another exit code: %s", command)
	}
	waited := !slices.Contains(command.args, "--no-wait") && command.args[0] != "checks" && command.args[0] != "scheduler"
	if !waited || command.result.JobID.ID == 0 {
		return
	}
	job, known := books[command.result.JobID.ID]
	want := map[int]string{0: "finished", 3: "finished", 5: "finished", 7: "cancelled"}[command.code]
	if command.args[0] == "jobs" && command.args[1] == "cancel" {
		want = "" // finished after all, or cancelled
	}
	if at := slices.Index(command.args, "--key"); at > 0 && job.Key != command.args[at+1] {
		c.Errorf("the job %+v has another key: %s", job, command)
	}
	if !known || want != "" && job.Status != want {
		c.Errorf("the books say %+v of this job: %s", job, command)
	}
}

// holdBooks: each job is known to somebody, and nothing was started twice. Adopting
// is not atomic on the server: commands that share a key may start one each.
func (c *chaos) holdBooks(books []simulator.JobRecord, kept map[string]journal.Job) {
	inAll, inLife := map[string]int{}, map[string]int{}
	sharing := map[string]int{}
	for _, command := range c.done {
		if at := slices.Index(command.args, "--key"); at > 0 {
			sharing[command.args[at+1]]++
		}
	}
	for _, job := range books {
		if job.ParentID != 0 {
			continue
		}
		if _, known := kept[job.Key]; !known {
			c.Errorf("the journal does not know the job %+v", job)
		}
		inAll[job.Key]++
		inLife[fmt.Sprint(job.Key, job.Life)]++
		if most, is := sharing[job.Key]; is {
			if inAll[job.Key] > 2*most {
				c.Errorf("%d commands with the key: started again: %+v", most, job)
			}
			continue
		}
		harmful := job.Type == "import_tables" || job.Type == "delete_stored_data"
		if harmful && inAll[job.Key] > 1 || inAll[job.Key] > 2 || inLife[fmt.Sprint(job.Key, job.Life)] > 1 {
			c.Errorf("started again: %+v%s", job, c.about(job.Key))
		}
	}
}

// about are the commands that spoke of the key.
func (c *chaos) about(key string) string {
	var text strings.Builder
	for _, command := range c.done {
		if key != "" && strings.Contains(command.out+command.err, key) {
			fmt.Fprintf(&text, "\n%s", command)
		}
	}
	return text.String()
}

// kept is what the machine's journal holds, by the keys of the jobs; of a key that
// commands share, one of the jobs.
func (c *chaos) kept() map[string]journal.Job {
	file := &journal.Journal{File: filepath.Join(c.home, "dqoctl", "jobs.jsonl"), Scope: journal.Scope{Server: c.url}}
	jobs, err := file.Jobs()
	if err != nil {
		c.Fatal(err)
	}
	kept := map[string]journal.Job{}
	for _, job := range jobs {
		if _, twice := kept[job.Key]; twice && !strings.HasPrefix(job.Key, shared) {
			c.Errorf("the journal has %s twice", job.Key)
		}
		kept[job.Key] = job
	}
	return kept
}

// holdJournal: what the journal says of a job is true of the server's books.
func (c *chaos) holdJournal(kept map[string]journal.Job, books map[int64]simulator.JobRecord, lives int) {
	started := map[string]bool{}
	for _, job := range books {
		started[job.Key] = true
	}
	for key, job := range kept {
		record, known := books[job.ID]
		// A newer synchronization hides the older ones.
		forgotten := !known || record.Life < lives || record.Type == "synchronize_multiple_folders"
		switch {
		case job.Open():
			c.Errorf("the journal does not know the end of %+v", job)
		case job.Status == journal.NotStarted && started[key] && !strings.HasPrefix(key, shared):
			c.Errorf("the journal says that it was not started: %+v", job)
		case job.Status == journal.NotStarted, job.Status == journal.Lost && forgotten:
		case record.Status != job.Status:
			c.Errorf("the journal says %+v, the books %+v", job, record)
		}
	}
}
