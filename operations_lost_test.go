package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// lost is what must be said and done when the answer that tells what a job did is
// cut off, wherever that is.
var lostCases = []struct {
	name, path, jobType string
	command             string
	code                int
	outcome             string
}{
	{"deletion", dqops.DeleteStoredDataPath, "delete_stored_data", "delete-data -c shop -t files.orders.csv --all-dates --what incidents --yes", 0, "ok"},
	{"deletion that must tell its rows", dqops.DeleteStoredDataPath, "delete_stored_data", "delete-data -c shop -t files.orders.csv --all-dates --what incidents --yes --require-rows", 8, "job_lost"},
	{"import", dqops.ImportTablesPath, "import_tables", "import-tables -c wh --schema sales", 0, "ok"},
}

// TestLostAnswers: the job is started once, its state is the outcome, and that
// the details are lost is said.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	parts := map[string]func(*testing.T){}
	for _, c := range lostCases {
		for _, cut := range []int64{-1, 0, 1, 40, 150} {
			parts[fmt.Sprintf("%s at %d", c.name, cut)] = func(t *testing.T) {
				s := newStation(t, warehouse(t))
				s.behindProxy(c.path, cut)
				got := s.call(append(strings.Fields(c.command), "-o", "json")...)
				s.lostOnce(c.jobType, got, c.code)
				value, err := decodeOne(got.out)
				if err != nil {
					t.Fatalf("%v\n%s", err, got.out)
				}
				outcome, _ := at(value, "outcome")
				status, _ := at(value, "status")
				_, detailed := at(value, "result")
				if diff := cmp.Diff([]any{c.outcome, "finished", false}, []any{outcome, status, detailed}); diff != "" {
					t.Errorf("outcome, status, result (-want +got):\n%s%s", diff, got.err)
				}
			}
		}
	}
	alongside(t, parts)
}

func (s *station) lostOnce(jobType string, got said, code int) {
	s.Helper()
	if got.code != code {
		s.Errorf("code %d, want %d\n%s%s", got.code, code, got.out, got.err)
	}
	for _, want := range []string{"started job ", "details lost: the answer that tells what the job did never came; its state is the outcome"} {
		if strings.Count(got.err, want) != 1 {
			s.Errorf("%q is not said once:\n%s", want, got.err)
		}
	}
	var types []string
	for _, job := range s.sim.Jobs() {
		types = append(types, job.Type)
	}
	if !slices.Equal(types, []string{jobType}) {
		s.Errorf("the jobs are %v, want one %s", types, jobType)
	}
	if n := len(s.asked("POST", "/")); n != 1 {
		s.Errorf("%d requests were posted", n)
	}
}
