package main

import (
	"fmt"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// TestTheWorstOfAThousandJobs waits for a thousand jobs of which one in the middle
// fails: its code is that of all.
func TestTheWorstOfAThousandJobs(t *testing.T) {
	t.Parallel()
	const jobs, worst = 1000, 500
	scenario := simulator.Builtin()
	takeNoTime(scenario)
	s := newStation(t, scenario)
	client, args := s.client(), []string{"jobs", "wait", "--allow-empty", "-q", "-o", "json"}
	for i := range jobs {
		filters := dqops.CheckSearchFilters{Connection: "nowhere"}
		if i == worst {
			filters.Connection = "broken"
		}
		started, err := client.RunChecks(t.Context(), dqops.RunChecksParameters{CheckSearchFilters: filters}, dqops.Start{})
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, fmt.Sprint(started.JobID.ID))
	}
	got := s.call(args...)
	value, err := decodeOne(got.out)
	if err != nil {
		t.Fatalf("%v\n%s", err, got.err)
	}
	for path, want := range map[string]string{
		"jobs.#": "1000", "jobs.0.outcome": "ok", "jobs.500.outcome": "job_failed", "jobs.999.outcome": "ok", "outcome": "job_failed", "exitCode": "6",
	} {
		if found, _ := at(value, path); fmt.Sprint(found) != want {
			t.Errorf("%s is %v, want %s", path, found, want)
		}
	}
	if got.code != 6 {
		t.Errorf("code %d, want 6\n%s", got.code, got.err)
	}
}
