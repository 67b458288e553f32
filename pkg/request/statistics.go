package request

import "github.com/dqoctl/dqoctl/pkg/dqops"

// CollectStats is what the flags say about collecting statistics; a nil pointer
// or slice is a flag that was not given. The scope and the parameters beside the
// body are the command's.
type CollectStats struct {
	Connection, Table                            *string
	Columns                                      []string
	Collector, CollectorCategory, Sensor, Target *string
	Labels                                       []string
	Schedule                                     *string
	MaxResults                                   *int
	// All says that all tables of all connections are meant, which a collection
	// without any filter is.
	All bool
}

// Build merges the flags over the file, field by field; file may be nil. What the
// server would misread is refused for the merged body (a usage error with a line
// for each problem): empty selectors, a collection of everything without All, All
// beside a filter, patterns the server does not know (wire 3.2.1), filters that
// do not filter (wire T10, T11).
func (f CollectStats) Build(file *File) (dqops.StatisticsCollectorSearchFilters, error) {
	body, d := dqops.StatisticsCollectorSearchFilters{}, newDraft(file, map[string]string{"tags": tagsRefused})
	d.renamed = map[string]string{"collectorsHierarchyIdsModels": "profilerHierarchyIdsModels"}
	d.decode(&body)

	narrowing := d.collectors(f, &body)
	if body.Enabled != nil && !*body.Enabled {
		at, _ := d.origin("", false, "enabled")
		d.problems.add(at, "", "is false, and the server then finds no collector at all")
	}
	// A filter that could not be read is still one that was meant.
	if !d.undecoded {
		d.everything(statsOfAll, f.All, narrowing)
	}
	if err := d.problems.err(); err != nil {
		return dqops.StatisticsCollectorSearchFilters{}, err
	}
	return body, nil
}

var statsOfAll = wholesale{
	request: "this collection", would: "read every table on every connection", all: "every table on every connection",
}

func (f CollectStats) selectors(to *dqops.StatisticsCollectorSearchFilters) []selector {
	return []selector{
		{"--connection", "connection", "all connections", f.Connection, &to.Connection, checkPattern},
		{"--table", "fullTableName", "all tables", f.Table, &to.FullTableName, checkTable},
		{"--collector", "collectorName", "all collectors", f.Collector, &to.CollectorName, checkPattern},
		{"--collector-category", "collectorCategory", "all categories", f.CollectorCategory, &to.CollectorCategory, checkPattern},
		{"--sensor", "sensorName", "all sensors", f.Sensor, &to.SensorName, checkPattern},
		{"--target", "target", "", f.Target, &to.Target, oneOfWords("--target")},
		{"--schedule", "enabledCronScheduleExpression", "all schedules", f.Schedule, &to.EnabledCronScheduleExpression, checkNothing},
	}
}

// collectors puts the flags over what the file says, checks what came out, and
// gives the sources of everything that narrows the selection.
func (d *draft) collectors(f CollectStats, to *dqops.StatisticsCollectorSearchFilters) []source {
	var narrowing []source
	add := func(at source, ok bool) {
		if ok {
			narrowing = append(narrowing, at)
		}
	}
	for _, s := range f.selectors(to) {
		add(d.selector("", s))
	}
	add(d.texts(textList{"--column", "columnNames", "all columns", f.Columns, &to.ColumnNames, checkPattern}))
	add(d.labels("labels", f.Labels, &to.Labels))
	add(d.number("--max-results", "maxResults", f.MaxResults, &to.MaxResults))
	add(d.hierarchies("profilerHierarchyIdsModels", "all collectors", to.ProfilerHierarchyIDsModels))
	return narrowing
}
