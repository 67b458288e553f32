package verdict

import (
	"fmt"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// holdsOfRun judges a finished run of checks by the server's summary and, unless
// the policy wants the summary alone, by how its checks stand.
func holdsOfRun(run *dqops.RunChecksResult, e Evidence, p Policy) []holding {
	if run == nil {
		return []holding{{exit.JobLost, "the job finished and its result is missing for good"}}
	}
	if p.Judge == JudgeRun {
		return holdsOfSummary(run, p)
	}
	if p.FailOn != FailOnNever && JobEvaluatesNoRules(e.Job) {
		return []holding{{exit.NothingRan, "the run evaluated no rules, so it says nothing about the data"}}
	}
	if e.Standing == nil {
		return holdsOfSummary(run, p)
	}
	return holdsOfStanding(run, e.Standing, p)
}

// holdsOfSummary is --judge run: it believes the server, which says valid about
// bad data that did not change (wire L2).
func holdsOfSummary(run *dqops.RunChecksResult, p Policy) []holding {
	var held []holding
	if run.ExecutionErrors > 0 && !p.AllowExecutionErrors {
		held = append(held, holding{exit.ExecutionErrors, crashed(run.ExecutionErrors)})
	}
	severity := WorstOfSummary(run)
	if severity.Level() < 0 {
		return append(held, unknownSeverity(severity))
	}
	if trips(severity, p) {
		held = append(held, holding{outcomeOf(severity), severityReason(severity, run.Warnings, run.Errors, run.Fatals)})
	}
	if run.ExecutedChecks == 0 && run.ExecutionErrors == 0 && !p.AllowEmpty {
		held = append(held, holding{exit.NothingRan, "no check matched the filters, so nothing was checked"})
	}
	return held
}

// JobEvaluatesNoRules is EvaluatesNoRules of a run of checks or of the run of one
// of its tables.
func JobEvaluatesNoRules(job *dqops.Job) bool {
	if run, err := job.Parameters.RunChecks(); err == nil && run != nil {
		return EvaluatesNoRules(*run)
	}
	table, err := job.Parameters.RunChecksOnTable()
	return err == nil && table != nil && EvaluatesNoRules(table.RunChecksParameters)
}

// EvaluatesNoRules reports whether a run with these parameters cannot judge the
// data.
func EvaluatesNoRules(p dqops.RunChecksParameters) bool {
	return p.DummyExecution || p.ExecutionTarget == dqops.TargetOnlySensors || p.ExecutionTarget == dqops.TargetOnlyRules
}

// WorstOfSummary is the worst that the summary says in any of its fields:
// highest_severity alone is no proof (wire T13).
func WorstOfSummary(run *dqops.RunChecksResult) dqops.Severity {
	counted := dqops.SeverityValid
	switch {
	case run.Fatals > 0:
		counted = dqops.SeverityFatal
	case run.Errors > 0:
		counted = dqops.SeverityError
	case run.Warnings > 0:
		counted = dqops.SeverityWarning
	}
	said := run.HighestSeverity
	if said == "" || said.Level() >= 0 && said.Level() < counted.Level() {
		return counted
	}
	return said
}

// CountOf is how many results of a severity the summary speaks of; at least one.
func CountOf(run *dqops.RunChecksResult, s dqops.Severity) int {
	counts := map[dqops.Severity]int{dqops.SeverityWarning: run.Warnings, dqops.SeverityError: run.Errors, dqops.SeverityFatal: run.Fatals}
	return max(1, counts[s])
}

func trips(s dqops.Severity, p Policy) bool {
	return s.Level() > 0 && p.FailOn != FailOnNever && s.Level() >= p.FailOn.Level()
}

func outcomeOf(s dqops.Severity) exit.Outcome {
	switch s {
	case dqops.SeverityValid:
		return exit.OK
	case dqops.SeverityWarning:
		return exit.Warning
	case dqops.SeverityError:
		return exit.DataError
	case dqops.SeverityFatal:
		return exit.Fatal
	default:
		return exit.Protocol
	}
}

func unknownSeverity(s dqops.Severity) holding {
	return holding{exit.Protocol, fmt.Sprintf("the severity %q is not known; this dqoctl was tested with DQOps %s", s, TestedServer)}
}

func crashed(n int) string {
	return fmt.Sprintf("%s crashed, so the verdict is incomplete", plural(n, "check"))
}

func severityReason(s dqops.Severity, warnings, errors, fatals int) string {
	counts := map[dqops.Severity]int{dqops.SeverityWarning: warnings, dqops.SeverityError: errors, dqops.SeverityFatal: fatals}
	if counts[s] == 0 {
		return fmt.Sprintf("the server's own summary of the run says %s", s)
	}
	return fmt.Sprintf("%s at severity %s", plural(counts[s], "check result"), s)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
