package verdict

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// Import is what is known of a finished import of tables.
type Import struct {
	// Result is nil when the answer that carries it was lost.
	Result *dqops.ImportTablesResult
	// Asked are the names that were asked for; none means all.
	Asked []string
	// Missing are those of them that the server does not have now.
	Missing []string
}

// Deletion is what is known of a finished deletion.
type Deletion struct {
	// Result is nil when the answer that carries it was lost.
	Result *dqops.DeleteStoredDataResult
	// RequireRows says that deleting nothing is not what was wanted.
	RequireRows bool
}

// Rows is how many rows were deleted.
func (d Deletion) Rows() int {
	rows := 0
	if d.Result != nil {
		for _, p := range d.Result.PartitionResults {
			rows += p.RowsAffectedCount
		}
	}
	return rows
}

// typeScheduledChecks is the job that the scheduler starts runs of checks with.
const typeScheduledChecks dqops.JobType = "run_scheduled_checks_cron"

// holdsOfWork judges a finished job that is no run of checks.
func holdsOfWork(e Evidence, p Policy) ([]holding, json.RawMessage, error) {
	if e.Job.Type == typeScheduledChecks {
		return []holding{{exit.NothingRan, "a scheduled run of checks keeps no result to judge; see how its checks stand with checks status"}}, nil, nil
	}
	statistics, err := e.Job.Parameters.CollectStatistics()
	if err != nil {
		return nil, nil, err
	}
	samples, err := e.Job.Parameters.CollectErrorSamples()
	switch {
	case err != nil:
		return nil, nil, err
	case statistics != nil:
		r := statistics.CollectStatisticsResult
		if r == nil {
			return missingResult(), nil, nil
		}
		return holdsOfCollected("statistics collector", r.ExecutedStatisticsCollectors, r.TotalCollectorsFailed, p), r.Raw, nil
	case samples != nil:
		r := samples.ErrorSamplerResult
		if r == nil {
			return missingResult(), nil, nil
		}
		return holdsOfCollected("error sampler", r.ExecutedErrorSamplers, r.TotalErrorSamplersFailed, p), r.Raw, nil
	case e.Import != nil && e.Import.Result != nil:
		return holdsOfImport(e.Import, p), e.Import.Result.Raw, nil
	case e.Deletion != nil:
		return holdsOfDeletion(e.Deletion)
	}
	return nil, nil, nil
}

func missingResult() []holding {
	return []holding{{exit.JobLost, "the job finished and its result is missing for good"}}
}

// holdsOfCollected judges statistics and error samples. That no sample was found
// is good news and no finding.
func holdsOfCollected(noun string, executed, failed int, p Policy) []holding {
	var held []holding
	if failed > 0 && !p.AllowExecutionErrors {
		held = append(held, holding{exit.ExecutionErrors, fmt.Sprintf("%s of %d failed", plural(failed, noun), executed)})
	}
	if executed == 0 && !p.AllowEmpty {
		held = append(held, holding{exit.NothingRan, "no " + noun + " matched the filters, so nothing was collected"})
	}
	return held
}

func holdsOfImport(i *Import, p Policy) []holding {
	came := len(i.Result.SourceTableSpecs)
	var held []holding
	if came < len(i.Asked) {
		reason := fmt.Sprintf("%d of the %d tables asked for came", came, len(i.Asked))
		if len(i.Missing) > 0 {
			reason += "; the server does not have: " + strings.Join(i.Missing, ", ")
		}
		held = append(held, holding{exit.ExecutionErrors, reason})
	}
	if came == 0 && !p.AllowEmpty {
		held = append(held, holding{exit.NothingRan, "no table was imported: none matched"})
	}
	return held
}

func holdsOfDeletion(d *Deletion) ([]holding, json.RawMessage, error) {
	switch {
	case d.Result == nil && d.RequireRows:
		return []holding{{exit.JobLost, "the deletion is done and how many rows it deleted is not known: the answer that says it was lost"}}, nil, nil
	case d.Result == nil:
		return nil, nil, nil
	case d.RequireRows && d.Rows() == 0:
		return []holding{{exit.NothingRan, "nothing was deleted: 0 rows matched"}}, d.Result.Raw, nil
	}
	return nil, d.Result.Raw, nil
}
