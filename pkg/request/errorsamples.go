package request

import "github.com/dqoctl/dqoctl/pkg/dqops"

// CollectErrorSamples is what the flags say about collecting error samples; a nil
// pointer is a flag that was not given.
type CollectErrorSamples struct {
	Filters CheckFilters
	Window  TimeWindow
	Scope   *string
}

// Build merges the flags over the file, field by field; file may be nil. What the
// server would misread is refused for the merged body as RunChecks.Build does,
// and so is a body without any filter, which fails the job (wire T14).
func (f CollectErrorSamples) Build(file *File) (dqops.CollectErrorSamplesParameters, error) {
	body, d := dqops.CollectErrorSamplesParameters{}, newDraft(file, map[string]string{
		"error_sampler_result": "is filled in by the server and cannot be given",
		filtersPath + ".tags":  tagsRefused,
	})
	d.decode(&body)

	if body.CheckSearchFilters == nil {
		body.CheckSearchFilters = &dqops.CheckSearchFilters{}
	}
	narrowing := d.filters(f.Filters, body.CheckSearchFilters)
	d.window(f.Window, &body.TimeWindowFilter)
	d.selector("", selector{"--scope", "data_scope", "", f.Scope, &body.DataScope, oneOfWords("--scope")})
	if len(narrowing) == 0 && !d.undecoded {
		d.problems.add(source{name: "this collection"}, "give a filter, such as --connection NAME; '*' is all connections",
			"has no filter, and the server fails such a job")
	}
	if err := d.problems.err(); err != nil {
		return dqops.CollectErrorSamplesParameters{}, err
	}
	return body, nil
}
