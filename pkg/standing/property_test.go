package standing_test

import (
	"flag"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

var (
	caseCount = flag.Int("cases", 500, "how many random warehouses the property test makes")
	firstSeed = flag.Uint64("seed", 1, "the first warehouse of the property test")
	caseTime  = flag.Duration("casetime", 12*time.Second, "when the property test stops beginning new warehouses")
)

// TestVerdictEqualsTruth runs random checks on random warehouses that change
// between, and holds every verdict against the simulator's own store. A failure
// names its seed: go test -run TestVerdictEqualsTruth -cases 1 -seed N.
func TestVerdictEqualsTruth(t *testing.T) {
	cases := *caseCount
	if testing.Short() {
		cases = min(cases, 50)
	}
	// The many short lives of servers and connections are mostly garbage.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var tally tally
	until := time.Now().Add(*caseTime)
	t.Run("worlds", func(t *testing.T) {
		next := atomic.Uint64{}
		for worker := range 2 {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for i := next.Add(1) - 1; i < uint64(cases) && time.Now().Before(until) && !t.Failed(); i = next.Add(1) - 1 {
					playCase(t, *firstSeed+i, &tally)
				}
			})
		}
	})
	t.Logf("seeds %d to %d: %s", *firstSeed, *firstSeed+uint64(tally.worlds.Load())-1, &tally)
	// A slow machine may have come to the first few only.
	if tally.worlds.Load() >= 200 && !t.Failed() {
		tally.check(t)
	}
}

// tally counts what the cases went through, so that a generator that makes only
// dull ones is noticed.
type tally struct {
	worlds, verdicts, bad, gaps, empty, disturbed, unchanged, hidden, lost atomic.Int64
}

func (y *tally) String() string {
	return fmt.Sprintf("%d warehouses, %d verdicts: %d with findings, %d with unchanged ones, %d of them hidden by the summary; %d empty, %d disturbed, %d in the gap, %d without readouts",
		y.worlds.Load(), y.verdicts.Load(), y.bad.Load(), y.unchanged.Load(), y.hidden.Load(), y.empty.Load(), y.disturbed.Load(), y.gaps.Load(), y.lost.Load())
}

func (y *tally) check(t *testing.T) {
	for name, n := range map[string]*atomic.Int64{
		"findings": &y.bad, "unchanged findings": &y.unchanged, "hidden findings": &y.hidden, "empty runs": &y.empty, "disturbed runs": &y.disturbed, "gaps": &y.gaps,
	} {
		if n.Load() == 0 {
			t.Errorf("no case had %s: the generator does not reach them", name)
		}
	}
}

func playCase(t *testing.T, seed uint64, y *tally) {
	w, text := newWorld(seed)
	y.worlds.Add(1)
	sc := loadScenario(t, text)
	inBubble(t, sc, seed%8 != 0, func(b *bench) {
		p := &play{world: w, bench: b, tally: y, seed: seed, log: []string{text}}
		for range 2 + w.IntN(5) {
			p.turn()
			if t.Failed() {
				t.Errorf("seed %d, repeated by: go test -run TestVerdictEqualsTruth -cases 1 -seed %d\n%s", seed, seed, strings.Join(p.log, "\n"))
				return
			}
		}
	})
}

// play is one warehouse and what is done to it.
type play struct {
	*world
	*bench
	tally *tally
	seed  uint64
	log   []string
	last  dqops.RunChecksParameters
}

func (p *play) note(format string, args ...any) { p.log = append(p.log, fmt.Sprintf(format, args...)) }

// turn lets something happen and judges a run.
func (p *play) turn() {
	for _, what := range p.disturb(p.bench) {
		p.note("%s", what)
	}
	if p.chance(0.05) {
		p.note("drop column %s", p.dropColumn(p.bench))
	}
	if p.chance(0.4) {
		pass := pick(p.world, []time.Duration{time.Minute, 5 * time.Hour, 25 * time.Hour, 9 * 24 * time.Hour})
		p.note("advance %v", pass)
		p.AdvanceClock(pass)
	}
	if p.chance(0.2) {
		body := dqops.RunChecksParameters{ExecutionTarget: pick(p.world, []dqops.RunChecksTarget{dqops.TargetOnlySensors, dqops.TargetOnlySensors, dqops.TargetOnlyRules})}
		p.note("run %+v", body)
		p.bench.run(body)
	}
	body := p.last
	if p.chance(0.6) {
		body = dqops.RunChecksParameters{CheckSearchFilters: p.filters(), TimeWindowFilter: p.timeWindow()}
	}
	p.last = body
	o := oracle{body: body, tables: p.tablesOf(body.CheckSearchFilters), before: storeOf(p.bench, p.tables)}
	followed := p.bench.run(body)
	o.after, o.ended = storeOf(p.bench, p.tables), followed.Job.StatusChangedAt
	o.today = o.ended.In(p.location())
	summary, err := followed.Job.RunChecksResult()
	if err != nil || summary == nil {
		p.Fatalf("the run has no summary: %v", err)
	}
	o.summary = *summary
	p.note("run %+v %+v %+v: %s", body.CheckSearchFilters, body.TimeWindowFilter, body.ExecutionTarget, summary.Raw)
	disturbed := p.chance(0.15)
	if disturbed {
		p.meanwhile()
	}
	o.now = storeOf(p.bench, p.tables)
	if p.chance(0.15) {
		p.note("followed too late")
		followed.Children, followed.ChildrenKnown, o.late = nil, false, true
		o.searched = p.matching(body.CheckSearchFilters)
	}
	p.judge(o, followed, disturbed)
}

// meanwhile is what happens between a run and its reading.
func (p *play) meanwhile() {
	p.tally.disturbed.Add(1)
	for _, what := range p.disturb(p.bench) {
		p.note("meanwhile %s", what)
	}
	if p.chance(0.3) {
		p.AdvanceClock(3 * time.Hour)
	}
	if p.chance(0.2) {
		gone := p.removeBad(p.bench)
		p.note("meanwhile delete the bad results of %s", gone)
		return
	}
	if p.chance(0.6) {
		body := dqops.RunChecksParameters{CheckSearchFilters: p.filters()}
		p.note("meanwhile run %+v: %s", body.CheckSearchFilters, p.bench.run(body).Job.Status)
	}
}

func (p *play) policy() verdict.Policy {
	return verdict.Policy{
		FailOn:               pick(p.world, []dqops.Severity{"warning", "error", "error", "fatal", verdict.FailOnNever}),
		AllowExecutionErrors: p.chance(0.2), AllowEmpty: p.chance(0.2),
	}
}

func (p *play) judge(o oracle, followed follow.Followed, disturbed bool) {
	problems, unjudged := o.problems()
	p.count(o, problems)
	policy := p.policy()
	for _, mode := range []verdict.Mode{verdict.JudgeExact, verdict.JudgeStanding} {
		p.tally.verdicts.Add(1)
		before := p.readings()
		s, err := p.collector(mode == verdict.JudgeExact).Run(p.Context(), runOf(followed))
		if verdict.OutcomeOf(err) == exit.JobLost && o.lostReadouts() {
			p.tally.lost.Add(1)
			continue
		}
		if err != nil {
			p.Errorf("read how the checks stand: %v", err)
			return
		}
		if n, most := p.readings()-before, o.cost(mode == verdict.JudgeExact); !disturbed && n > most {
			p.Errorf("%s: read with %d requests, want %d at most", mode, n, most)
		}
		found := make([]string, 0, len(s.Findings))
		for _, f := range s.Findings {
			found = append(found, described(f))
		}
		if !slices.IsSortedFunc(s.Findings, func(a, b verdict.Finding) int { return b.Weight() - a.Weight() }) {
			p.Errorf("%s: the worst finding is not the first: %v", mode, found)
		}
		seen := p.compare(mode, problems, found, disturbed)
		p.hold(mode, o, seen, s, followed, policy, disturbed)
		if mode == verdict.JudgeExact && s.WithoutVerdict != nil && !disturbed && *s.WithoutVerdict != unjudged {
			p.Errorf("%d covered values have no verdict, want %d", *s.WithoutVerdict, unjudged)
		}
		if want := o.coverage(problems); !disturbed && want != "" && s.Coverage != want {
			p.Errorf("%s: coverage %s, want %s", mode, s.Coverage, want)
		}
	}
}

func (p *play) count(o oracle, problems []problem) {
	if len(problems) > 0 {
		p.tally.bad.Add(1)
	}
	if o.summary.ExecutedChecks == 0 {
		p.tally.empty.Add(1)
	}
	worst := 0
	for _, one := range problems {
		worst = max(worst, one.level)
		if strings.Contains(one.text, "unchanged: true") {
			p.tally.unchanged.Add(1)
		}
		if one.good {
			p.tally.gaps.Add(1)
		}
	}
	if worst > said(o.summary) {
		p.tally.hidden.Add(1)
	}
}

// compare holds the findings against the problems and returns those problems
// that the mode sees. After a disturbance other runs may have added findings.
func (p *play) compare(mode verdict.Mode, problems []problem, found []string, disturbed bool) []problem {
	var seen []problem
	var want []string
	for _, one := range problems {
		gap := mode == verdict.JudgeStanding && one.good || one.beyond
		if gap && !slices.Contains(found, one.text) {
			continue
		}
		seen, want = append(seen, one), append(want, one.text)
	}
	slices.Sort(want)
	slices.Sort(found)
	if !disturbed {
		if diff := cmp.Diff(want, found, cmpopts.EquateEmpty()); diff != "" {
			p.Errorf("%s: findings (-truth +found):\n%s", mode, diff)
		}
		return seen
	}
	for _, one := range want {
		// What another run has judged again since is not told from ours.
		if !slices.Contains(found, one) && !slices.Contains(found, strings.Replace(one, "unchanged: true", "unchanged: false", 1)) {
			p.Errorf("%s: the finding %s is missing among\n%s", mode, one, strings.Join(found, "\n"))
		}
	}
	return seen
}

// hold compares outcomes, under a random policy and under the strictest.
func (p *play) hold(mode verdict.Mode, o oracle, seen []problem, s *verdict.Standing, followed follow.Followed, policy verdict.Policy, disturbed bool) {
	outcome := func(policy verdict.Policy) exit.Outcome {
		return verdict.Judge(verdict.Evidence{Job: followed.Job, Standing: s}, policy).Outcome
	}
	policy.Judge = mode
	got, want := outcome(policy), o.outcome(seen, policy, false)
	least := o.outcome(seen, policy, true)
	if disturbed {
		// More may be counted then, never less.
		if exit.Worst(got, least) != got {
			p.Errorf("%s: outcome %s with %+v, want %s at least", mode, got, policy, least)
		}
	} else if got != want && got != least {
		p.Errorf("%s: outcome %s with %+v, want %s", mode, got, policy, want)
	}
	strict := verdict.Policy{FailOn: dqops.SeverityWarning, Judge: mode}
	if got := outcome(strict); got == exit.OK && len(seen) > 0 {
		p.Errorf("%s: green over %s", mode, seen[0].text)
	}
	alone := verdict.Judge(verdict.Evidence{Job: followed.Job}, verdict.Policy{FailOn: dqops.SeverityWarning, Judge: verdict.JudgeRun}).Outcome
	if got := outcome(strict); !o.executedLater() && exit.Worst(got, alone) != got {
		p.Errorf("%s: outcome %s is milder than the server's own summary, %s", mode, got, alone)
	}
}
