package verdict_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// work is a finished job of the type with the given parameters.
func work(t *testing.T, jobType, parameters string) *dqops.Job {
	t.Helper()
	j := new(dqops.Job)
	text := fmt.Sprintf(`{"jobId":{"jobId":7,"createdAt":"2026-11-23T14:15:26.5Z"},"jobType":%q,"parameters":{%s},
		"status":"finished","statusChangedAt":"2026-11-23T14:15:27Z","dataDomain":""}`, jobType, parameters)
	if err := json.Unmarshal([]byte(text), j); err != nil {
		t.Fatal(err)
	}
	return j
}

func statistics(executed, failed int) string {
	return fmt.Sprintf(`"collectStatisticsParameters":{"collect_statistics_result":{"executed_statistics_collectors":%d,"columns_analyzed":5,
		"columns_successfully_analyzed":5,"total_collectors_failed":%d,"total_collected_results":9}}`, executed, failed)
}

func samples(executed, failed, found int) string {
	return fmt.Sprintf(`"collectErrorSamplesParameters":{"error_sampler_result":{"executed_error_samplers":%d,"columns_analyzed":5,
		"columns_successfully_analyzed":5,"total_error_samplers_failed":%d,"total_error_samples_collected":%d}}`, executed, failed, found)
}

func imported(tables int) *dqops.ImportTablesResult {
	return &dqops.ImportTablesResult{SourceTableSpecs: make([]dqops.TableSpec, tables)}
}

func deleted(rows ...int) *dqops.DeleteStoredDataResult {
	r := &dqops.DeleteStoredDataResult{PartitionResults: map[string]dqops.DataDeleteResultPartition{}}
	for i, n := range rows {
		r.PartitionResults[fmt.Sprint(i)] = dqops.DataDeleteResultPartition{RowsAffectedCount: n}
	}
	return r
}

func TestWork(t *testing.T) {
	cases := map[string]struct {
		evidence verdict.Evidence
		change   func(*verdict.Policy)
		want     exit.Outcome
		says     string
	}{
		"statistics":                    {verdict.Evidence{Job: work(t, "collect_statistics", statistics(78, 0))}, nil, exit.OK, ""},
		"some collectors failed":        {verdict.Evidence{Job: work(t, "collect_statistics", statistics(78, 2))}, nil, exit.ExecutionErrors, "2 statistics collectors of 78 failed"},
		"some failed, allowed":          {verdict.Evidence{Job: work(t, "collect_statistics", statistics(78, 2))}, allowCrashes, exit.OK, ""},
		"no collector":                  {verdict.Evidence{Job: work(t, "collect_statistics", statistics(0, 0))}, nil, exit.NothingRan, "no statistics collector matched"},
		"no collector, allowed":         {verdict.Evidence{Job: work(t, "collect_statistics", statistics(0, 0))}, allowEmpty, exit.OK, ""},
		"statistics without a result":   {verdict.Evidence{Job: work(t, "collect_statistics", `"collectStatisticsParameters":{}`)}, nil, exit.JobLost, "missing for good"},
		"statistics of another version": {verdict.Evidence{Job: work(t, "collect_statistics", `"collectStatisticsParameters":[]`)}, nil, exit.Protocol, ""},
		"samples":                       {verdict.Evidence{Job: work(t, "collect_error_samples", samples(28, 0, 1170))}, nil, exit.OK, ""},
		"no sample is good news":        {verdict.Evidence{Job: work(t, "collect_error_samples", samples(28, 0, 0))}, nil, exit.OK, ""},
		"no sampler":                    {verdict.Evidence{Job: work(t, "collect_error_samples", samples(0, 0, 0))}, nil, exit.NothingRan, "no error sampler matched"},
		"a sampler failed":              {verdict.Evidence{Job: work(t, "collect_error_samples", samples(28, 1, 3))}, nil, exit.ExecutionErrors, "1 error sampler of 28 failed"},
		"all tables":                    {verdict.Evidence{Job: work(t, "import_tables", ""), Import: &verdict.Import{Result: imported(3)}}, nil, exit.OK, ""},
		"the tables asked for":          {verdict.Evidence{Job: work(t, "import_tables", ""), Import: &verdict.Import{Result: imported(2), Asked: []string{"a", "b"}}}, nil, exit.OK, ""},
		"a table is missing": {
			verdict.Evidence{Job: work(t, "import_tables", ""), Import: &verdict.Import{Result: imported(1), Asked: []string{"a", "b"}, Missing: []string{"b"}}},
			nil, exit.ExecutionErrors, "1 of the 2 tables asked for came; the server does not have: b",
		},
		"none of those asked for": {verdict.Evidence{Job: work(t, "import_tables", ""), Import: &verdict.Import{Result: imported(0), Asked: []string{"a"}}}, nil, exit.ExecutionErrors, "0 of the 1 tables"},
		"nothing to import":       {verdict.Evidence{Job: work(t, "import_tables", ""), Import: &verdict.Import{Result: imported(0)}}, nil, exit.NothingRan, "no table was imported"},
		"import, details lost":    {verdict.Evidence{Job: work(t, "import_tables", ""), Import: &verdict.Import{Asked: []string{"a"}}}, nil, exit.OK, ""},
		"somebody else's import":  {verdict.Evidence{Job: work(t, "import_tables", "")}, nil, exit.OK, ""},
		"rows deleted":            {verdict.Evidence{Job: work(t, "delete_stored_data", ""), Deletion: &verdict.Deletion{Result: deleted(0, 5), RequireRows: true}}, nil, exit.OK, ""},
		"no rows":                 {verdict.Evidence{Job: work(t, "delete_stored_data", ""), Deletion: &verdict.Deletion{Result: deleted(0, 0)}}, nil, exit.OK, ""},
		"no rows, required":       {verdict.Evidence{Job: work(t, "delete_stored_data", ""), Deletion: &verdict.Deletion{Result: deleted(0, 0), RequireRows: true}}, nil, exit.NothingRan, "nothing was deleted"},
		"rows not known":          {verdict.Evidence{Job: work(t, "delete_stored_data", ""), Deletion: &verdict.Deletion{}}, nil, exit.OK, ""},
		"rows not known, needed":  {verdict.Evidence{Job: work(t, "delete_stored_data", ""), Deletion: &verdict.Deletion{RequireRows: true}}, nil, exit.JobLost, "was lost"},
		"synchronized":            {verdict.Evidence{Job: work(t, "synchronize_multiple_folders", `"synchronizeMultipleFoldersParameters":{}`)}, nil, exit.OK, ""},
		"scheduled checks":        {verdict.Evidence{Job: work(t, "run_scheduled_checks_cron", `"runScheduledChecksParameters":{}`)}, nil, exit.NothingRan, "keeps no result to judge"},
		"a run without its type":  {verdict.Evidence{Job: work(t, "", `"runChecksParameters":{`+run("fatal", 5, 3, 0, 1, 1, 0)+`}`)}, nil, exit.Fatal, "fatal"},
		"a kind of tomorrow":      {verdict.Evidence{Job: work(t, "paint_the_fence", `"fence":{}`)}, nil, exit.OK, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := policy(verdict.JudgeStanding)
			if c.change != nil {
				c.change(&p)
			}
			r := verdict.Judge(c.evidence, p)
			if r.Outcome != c.want || !strings.Contains(r.Reason, c.says) {
				t.Errorf("%s: %q, want %s: %q", r.Outcome, r.Reason, c.want, c.says)
			}
		})
	}
}

func allowEmpty(p *verdict.Policy) { p.AllowEmpty = true }
