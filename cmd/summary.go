package cmd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// summarize lays the result of one job out for reading.
func summarize(r verdict.Result) output.Document {
	mark, tone := markOf(r.Outcome)
	d := output.Document{Mark: mark, Tone: tone, Headline: headline(r)}
	fields := output.Fields{{Name: "Job", Value: cmp.Or(jobName(r.ID), r.Asked)}}
	if r.Job != nil {
		fields = append(fields,
			output.Field{Name: "Type", Value: string(r.Job.Type)},
			output.Field{Name: "Checks", Value: selection(r.Job)},
			output.Field{Name: "Status", Value: statusText(r)},
			output.Field{Name: "Error", Value: dqops.WithoutClassNames(r.Job.ErrorMessage)},
		)
	}
	if r.Run != nil {
		fields = append(fields, output.Field{Name: "Run", Value: runText(r.Run)})
	}
	fields = append(fields, detailFields(r)...)
	if r.Standing != nil && (r.Outcome != exit.NothingRan || len(r.Standing.Findings) > 0) {
		fields = append(fields, output.Field{Name: "Standing", Value: standingText(r.Standing)})
	}
	fields = append(fields, output.Field{Name: "Exit code", Value: exitText(r.Outcome)})
	d.Blocks = append(d.Blocks, fields)
	if r.Standing != nil {
		d.Blocks = append(d.Blocks, findingBlocks(r.Standing.Findings, r.Job.StatusChangedAt)...)
	}
	if r.Deletion != nil && r.Deletion.Result != nil {
		d.Blocks = append(d.Blocks, deletionTable(r.Deletion.Result)...)
	}
	if r.Outcome == exit.Submitted {
		d.Blocks = append(d.Blocks, output.Lines{fmt.Sprintf("Follow it with: dqoctl jobs wait %d", r.ID.ID)})
	}
	return d
}

func markOf(o exit.Outcome) (string, output.Tone) {
	switch o {
	case exit.OK:
		return "✓", output.Good
	case exit.Submitted:
		return "→", output.Plain
	case exit.Warning, exit.NothingRan, exit.Timeout, exit.Interrupted, exit.Terminated:
		return "!", output.Doubtful
	default:
		return "✗", output.Bad
	}
}

func headline(r verdict.Result) string {
	text := outcomeText(r.Outcome)
	if r.Reason == "" && r.Deletion != nil && r.Deletion.Result != nil {
		r.Reason = deletedText(r.Deletion)
	}
	if r.Reason == "" || strings.HasPrefix(r.Reason, text) {
		return cmp.Or(r.Reason, text)
	}
	return text + ": " + r.Reason
}

func outcomeText(o exit.Outcome) string {
	text, err := o.MarshalText()
	if err != nil {
		return string(o)
	}
	return strings.ReplaceAll(string(text), "_", " ")
}

func jobName(id *dqops.JobID) string {
	if id == nil {
		return ""
	}
	if id.BusinessKey == "" {
		return fmt.Sprint(id.ID)
	}
	return fmt.Sprintf("%d  (key %s)", id.ID, id.BusinessKey)
}

func statusText(r verdict.Result) string {
	status := string(r.Job.Status)
	if elapsed := r.Elapsed(); elapsed > 0 {
		status += " after " + readableDuration(elapsed)
	}
	return status
}

func readableDuration(d time.Duration) string {
	if d < time.Millisecond {
		return "less than 1ms"
	}
	if d < 100*time.Millisecond {
		return d.Round(time.Millisecond).String()
	}
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// selection names the checks that a run was asked for: the table or connection,
// then the other filters.
func selection(job *dqops.Job) string {
	run, err := job.Parameters.RunChecks()
	if err != nil || run == nil {
		return ""
	}
	f := run.CheckSearchFilters
	where := cmp.Or(f.Connection, "all connections")
	if f.FullTableName != "" {
		where += ": " + f.FullTableName
	}
	f.Connection, f.FullTableName = "", ""
	var rest map[string]any
	if data, err := json.Marshal(f); err != nil || json.Unmarshal(data, &rest) != nil {
		return where
	}
	if f.Enabled != nil && *f.Enabled {
		delete(rest, "enabled")
	}
	for _, name := range slices.Sorted(maps.Keys(rest)) {
		where += fmt.Sprintf(", %s %v", name, rest[name])
	}
	return where
}

// runText is the server's own summary. Its valid_results counts warnings too
// (wire 3.3), and it counts only what was evaluated in this run.
func runText(run *dqops.RunChecksResult) string {
	var parts []string
	add := func(n int, name string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, name))
		}
	}
	add(run.ValidResults-run.Warnings, "valid")
	add(run.Warnings, plural(run.Warnings, "warning"))
	add(run.Errors, plural(run.Errors, "error"))
	add(run.Fatals, "fatal")
	add(run.ExecutionErrors, "crashed")
	if len(parts) == 0 {
		parts = append(parts, "no rule evaluated")
	}
	checks := "checks"
	if run.ExecutedChecks == 1 {
		checks = "check"
	}
	return fmt.Sprintf("%d %s executed: %s", run.ExecutedChecks, checks, strings.Join(parts, ", "))
}

// exitText explains an exit code other than 0.
func exitText(o exit.Outcome) string {
	if o.Code() == 0 {
		return ""
	}
	return fmt.Sprintf("%d (%s)", o.Code(), outcomeText(o))
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
