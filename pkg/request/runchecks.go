package request

import (
	"cmp"

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
	body, d := f.build(file)
	if err := d.problems.err(); err != nil {
		return dqops.RunChecksParameters{}, err
	}
	return body, nil
}

func (f RunChecks) build(file *File) (dqops.RunChecksParameters, *draft) {
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
		d.everything(runOfAll, f.All, narrowing)
	}
	return body, d
}

var runOfAll = wholesale{
	request: "this run", would: "execute every check on every connection", all: "every check on every connection",
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
	d.name(at, string(*to), "", oneOfWords("--execution-target"))
}

// BuildEach builds one request for each table, all with the other flags and the
// file, as Build does; tables replace Filters.Table and the file's table. A
// problem that all requests share is said once. Without tables it is Build.
func (f RunChecks) BuildEach(file *File, tables []string) ([]dqops.RunChecksParameters, error) {
	if len(tables) == 0 {
		body, err := f.Build(file)
		if err != nil {
			return nil, err
		}
		return []dqops.RunChecksParameters{body}, nil
	}
	var bodies []dqops.RunChecksParameters
	var found problems
	for _, table := range tables {
		f.Filters.Table = &table
		body, d := f.build(file)
		found.merge(d.problems)
		bodies = append(bodies, body)
	}
	unrepeatedTables(tables, &found)
	if err := found.err(); err != nil {
		return nil, err
	}
	return bodies, nil
}

// unrepeatedTables refuses to start the same checks twice at the same time.
func unrepeatedTables(tables []string, found *problems) {
	seen := map[string]string{}
	for _, table := range tables {
		same := canonicalTable(table)
		first, ok := seen[same]
		switch {
		case !ok:
			seen[same] = table
		case first == table:
			found.add(source{name: "--table"}, "", "names %s twice", quote(table))
		default:
			found.add(source{name: "--table"}, "", "names one table twice: %s is %s to the server", quote(table), quote(first))
		}
	}
}
