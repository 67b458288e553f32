package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// cuts are where the exchange that starts a job breaks, once.
var cuts = map[string]simulator.Fault{
	"before the effect": {When: simulator.Before, Do: simulator.Reset},
	"during it":         {When: simulator.During, Do: simulator.Reset, Late: simulator.Duration(50 * time.Millisecond)},
	"after it":          {When: simulator.After, Do: simulator.Reset},
	"at the header":     {When: simulator.After, Do: simulator.Reset, At: simulator.AtHeader},
	"in the body":       {When: simulator.After, Do: simulator.Close, At: simulator.AtBody},
	"at the end":        {When: simulator.After, Do: simulator.Close, At: simulator.AtEnd},
}

// TestStartsThatAreCut: a real process of each operation that starts a job, and a
// connection that breaks at each place of its exchange. The books of the server
// then hold one job, which is the one that was told, or none and the truth about it.
func TestStartsThatAreCut(t *testing.T) {
	t.Parallel()
	parts := map[string]func(*testing.T){}
	for operation, line := range startingCommands {
		for place, fault := range cuts {
			parts[operation+" "+place] = func(t *testing.T) {
				s := newStation(t, warehouse(t))
				fault.On, fault.First = simulator.Words{operation}, 1
				if _, err := s.sim.Inject(fault); err != nil {
					t.Fatal(err)
				}
				s.env = []string{"DQOCTL_FAIL_ON=never", "DQOCTL_ALLOW_EMPTY=true"} // what is judged is not the matter
				s.holdOneOrNone(s.run(append(strings.Fields(line), "-o", "json")...))
			}
		}
	}
	alongside(t, parts)
}

func (s *station) holdOneOrNone(got said) {
	s.Helper()
	var told struct {
		ID struct {
			Number int64 `json:"jobId"`
		} `json:"jobId"`
	}
	if err := json.Unmarshal([]byte(got.out), &told); err != nil {
		s.Errorf("%v\n%s", err, got.out)
	}
	jobs := s.parents()
	switch {
	case len(jobs) == 1 && told.ID.Number == jobs[0].ID && got.code == 0 && strings.Contains(got.err, "started job "):
	case len(jobs) == 0 && told.ID.Number == 0 && got.code == 69 && strings.Contains(got.err, "may have been started") && strings.Contains(got.err, "dqoctl jobs get dqoctl-"):
	default:
		s.Errorf("code %d, and the books say %+v\n%s%s", got.code, jobs, got.out, got.err)
	}
	if kept := s.journal(); len(kept) != 1 || len(jobs) == 1 && kept[0].ID != jobs[0].ID || len(jobs) == 0 && !kept[0].Open() {
		s.Errorf("in the journal: %+v", kept)
	}
}
