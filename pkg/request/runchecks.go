package request

import (
	"cmp"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// RunChecks is what the flags say about a run of checks; a nil pointer or slice
// is a flag that was not given.
type RunChecks struct {
	Filters             CheckFilters
	Window              TimeWindow
	CollectErrorSamples *bool
	ExecutionTarget     *string
	DummyExecution      *bool
	// All says that every check on every connection is meant, which a run
	// without any filter is (wire 3.3).
	All bool
}

// Build merges the flags over the file, field by field; file may be nil. What
// the server would misread is refused for the merged body (a usage error with
// a line for each problem): empty selectors, a run of everything without All,
// All beside a filter, patterns the server does not know, wrong dates (wire T8),
// part-given windows (wire T17), filters that do not filter (wire T10, T11).
func (f RunChecks) Build(file *File) (dqops.RunChecksParameters, error) {
	body, d := dqops.RunChecksParameters{}, newDraft(file, runChecksRefused())
	d.decode(&body)

	narrowing := d.filters(f.Filters, &body.CheckSearchFilters)
	d.window(f.Window, &body.TimeWindowFilter)
	body.CollectErrorSamples = cmp.Or(f.CollectErrorSamples, body.CollectErrorSamples)
	if f.DummyExecution != nil {
		body.DummyExecution = *f.DummyExecution
	}
	d.executionTarget(f.ExecutionTarget, &body.ExecutionTarget)
	// A filter that could not be read is still one that was meant.
	if !d.undecoded {
		d.everything(f.All, narrowing)
	}
	if err := d.problems.err(); err != nil {
		return dqops.RunChecksParameters{}, err
	}
	return body, nil
}

func runChecksRefused() map[string]string {
	return map[string]string{
		"run_checks_result":   "is filled in by the server and cannot be given",
		filtersPath + ".tags": tagsRefused,
	}
}

func (d *draft) executionTarget(given *string, to *dqops.RunChecksTarget) {
	at, ok := d.origin("--execution-target", given != nil, "execution_target")
	if !ok {
		return
	}
	if given != nil {
		*to = dqops.RunChecksTarget(*given)
	}
	targets := oneOf(string(dqops.TargetSensorsAndRules), string(dqops.TargetOnlySensors), string(dqops.TargetOnlyRules))
	d.name(at, string(*to), "", targets)
}

// everything makes a run of all checks on all connections a choice that was
// made, and made without contradiction.
func (d *draft) everything(all bool, narrowing []source) {
	flag := source{name: "--all"}
	switch {
	case !all && len(narrowing) == 0:
		d.problems.add(source{name: "this run"}, "give a filter, such as --connection NAME, or --all",
			"has no filter and would execute every check on every connection")
	case all && len(narrowing) > 0:
		var names []string
		for _, at := range narrowing {
			names = append(names, at.mention())
		}
		d.problems.add(flag, "leave one side out", "says every check on every connection, and these say less: %s", strings.Join(names, ", "))
	}
}
