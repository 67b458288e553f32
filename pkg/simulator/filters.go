package simulator

import "strings"

// matchText compares a name with a filter: case-insensitive; text, *, pre*,
// *suf, pre*suf, *mid* (wire 3.2.1). An unset or empty filter matches all.
func matchText(name string, filter *string) bool {
	if filter == nil || *filter == "" {
		return true
	}
	return matchPattern(strings.ToLower(name), strings.ToLower(*filter))
}

func matchPattern(name, pattern string) bool {
	before, after, isPattern := strings.Cut(pattern, "*")
	switch {
	case !isPattern:
		return name == pattern
	case before == "" && strings.HasSuffix(after, "*"):
		return strings.Contains(name, strings.TrimSuffix(after, "*"))
	default:
		return len(name) >= len(before)+len(after) &&
			strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
	}
}

// splitTableFilter reads fullTableName: split at the first dot, a bare name
// means any schema, quotes around the parts are dropped (wire 3.2.1).
func splitTableFilter(filter string) (schema, name string) {
	schema, name, split := strings.Cut(filter, ".")
	if !split {
		schema, name = "", filter
	}
	schema, name = unquoted(schema), unquoted(name)
	if schema == "" {
		schema = "*"
	}
	if name == "" {
		name = "*"
	}
	return schema, name
}

func unquoted(part string) string {
	for _, pair := range []string{"[]", "''", `""`, "``"} {
		if len(part) >= 2 && part[0] == pair[0] && part[len(part)-1] == pair[1] {
			return part[1 : len(part)-1]
		}
	}
	return part
}

func isSet(filter *string) bool { return filter != nil && *filter != "" }

// tables returns the tables that a run with these filters visits, each in a
// child job of its own. Filters on checks do not matter here: a table without
// a matching check still gets its job.
func (f *checkSearchFilters) tables(w *warehouse) []*table {
	onlyDisabled := f.Enabled != nil && !*f.Enabled
	if onlyDisabled && isSet(f.FullTableName) {
		return nil // wire T10
	}
	var found []*table
	for _, conn := range w.connections {
		if !matchText(conn.name, f.Connection) {
			continue
		}
		for _, t := range conn.tables {
			if f.matchTable(t) && (onlyDisabled || !t.disabled) {
				found = append(found, t)
			}
		}
	}
	return limited(found, f.MaxResults)
}

func (f *checkSearchFilters) matchTable(t *table) bool {
	if !isSet(f.FullTableName) {
		return true
	}
	schema, name := splitTableFilter(*f.FullTableName)
	return matchText(t.schema, &schema) && matchText(t.name, &name)
}

// checks returns the checks of one table that the filters select.
func (f *checkSearchFilters) checks(t *table) []*check {
	var found []*check
	for _, c := range t.checks {
		if f.matchPlace(c) && f.matchCheck(c) && f.matchLabels(c) {
			found = append(found, c)
		}
	}
	return limited(found, f.MaxResults)
}

// matchPlace decides by column: a column filter leaves out table-level checks,
// checkTarget column does not (wire 3.2).
func (f *checkSearchFilters) matchPlace(c *check) bool {
	if c.column == nil {
		return !isSet(f.Column)
	}
	switch {
	case f.CheckTarget != nil && *f.CheckTarget == "table", c.column.disabled:
		return false
	case isSet(f.ColumnDataType) && c.column.dataType != *f.ColumnDataType:
		return false
	case f.ColumnNullable != nil && (c.column.nullable == nil || *c.column.nullable != *f.ColumnNullable):
		return false
	default:
		return matchText(c.column.name, f.Column)
	}
}

func (f *checkSearchFilters) matchCheck(c *check) bool {
	enabled := f.Enabled == nil || *f.Enabled
	switch {
	case enabled == c.disabled:
		return false
	case f.CheckType != nil && *f.CheckType != c.spec.Type:
		return false
	case f.TimeScale != nil && *f.TimeScale != c.spec.TimeScale:
		return false
	case isSet(f.TableComparisonName) && c.spec.Comparison == "":
		return false
	case len(f.HierarchyIDs) > 0 && !f.namesCheck(c):
		return false
	}
	return matchText(c.spec.Category, f.CheckCategory) &&
		matchText(c.spec.Dimension, f.QualityDimension) &&
		matchText(c.spec.Comparison, f.TableComparisonName) &&
		matchText(c.spec.Name, f.CheckName) &&
		matchText(c.spec.Sensor, f.SensorName)
}

// matchLabels wants every label of the filter among those of the column, table
// and connection.
func (f *checkSearchFilters) matchLabels(c *check) bool {
	if f.Labels == nil {
		return true
	}
	labels := append(append([]string{}, c.table.conn.labels...), c.table.labels...)
	if c.column != nil {
		labels = append(labels, c.column.labels...)
	}
	for _, wanted := range *f.Labels {
		found := false
		for _, label := range labels {
			found = found || matchText(label, &wanted)
		}
		if !found {
			return false
		}
	}
	return true
}

// namesCheck looks for the check among the hierarchy ids: connection, table
// and check name must be in one of them, and the column if it has one.
func (f *checkSearchFilters) namesCheck(c *check) bool {
	for _, id := range f.HierarchyIDs {
		texts := map[string]bool{}
		collectTexts(id, texts)
		if texts[c.table.conn.name] && texts[c.table.schema] && texts[c.table.name] && texts[c.spec.Name] &&
			(c.column == nil) == !texts["columns"] && (c.column == nil || texts[c.column.name]) {
			return true
		}
	}
	return false
}

func collectTexts(value any, into map[string]bool) {
	switch value := value.(type) {
	case string:
		into[value] = true
	case []any:
		for _, item := range value {
			collectTexts(item, into)
		}
	case map[string]any:
		for _, item := range value {
			collectTexts(item, into)
		}
	}
}

func limited[T any](found []T, limit *int) []T {
	if limit != nil && *limit >= 0 && len(found) > *limit {
		return found[:*limit]
	}
	return found
}
