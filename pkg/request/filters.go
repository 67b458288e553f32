package request

import (
	"cmp"
	"encoding/json"
	"reflect"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// CheckFilters are the check filters that were given as flags; a nil pointer or
// slice is a flag that was not given, an empty text one that was given empty.
type CheckFilters struct {
	Connection, Table, Column, ColumnType, Check, Category, Dimension *string
	Sensor, CheckType, TimeScale, Target, Comparison                  *string

	Nullable, OnlyDisabled *bool
	Labels                 []string
	MaxResults             *int
}

const filtersPath = "check_search_filters"

// tagsRefused is why the field tags is not taken (wire T11).
const tagsRefused = "never filters, the server does not look at it; labels do"

func (f CheckFilters) selectors(to *dqops.CheckSearchFilters) []selector {
	return []selector{
		{"--connection", "connection", "all connections", f.Connection, &to.Connection, checkPattern},
		{"--table", "fullTableName", "all tables", f.Table, &to.FullTableName, checkTable},
		{"--column", "column", "all columns", f.Column, &to.Column, checkPattern},
		{"--column-type", "columnDataType", "all column types", f.ColumnType, &to.ColumnDataType, checkExact},
		{"--check", "checkName", "all checks", f.Check, &to.CheckName, checkPattern},
		{"--category", "checkCategory", "all categories", f.Category, &to.CheckCategory, checkPattern},
		{"--dimension", "qualityDimension", "all dimensions", f.Dimension, &to.QualityDimension, checkPattern},
		{"--sensor", "sensorName", "all sensors", f.Sensor, &to.SensorName, checkPattern},
		{"--check-type", "checkType", "", f.CheckType, &to.CheckType, oneOfWords("--check-type")},
		{"--time-scale", "timeScale", "", f.TimeScale, &to.TimeScale, oneOfWords("--time-scale")},
		{"--target", "checkTarget", "", f.Target, &to.CheckTarget, oneOfWords("--target")},
		{"--comparison", "tableComparisonName", "all comparisons", f.Comparison, &to.TableComparisonName, checkPattern},
	}
}

// filters puts the flags over what the file says, checks what came out, and
// gives the sources of everything that narrows the selection.
func (d *draft) filters(f CheckFilters, to *dqops.CheckSearchFilters) []source {
	var narrowing []source
	for _, s := range f.selectors(to) {
		if at, ok := d.selector(filtersPath, s); ok {
			narrowing = append(narrowing, at)
		}
	}
	if at, ok := d.labels(filtersPath+".labels", f.Labels, &to.Labels); ok {
		narrowing = append(narrowing, at)
	}
	if at, ok := d.origin("--nullable", f.Nullable != nil, filtersPath+".columnNullable"); ok {
		to.ColumnNullable = cmp.Or(f.Nullable, to.ColumnNullable)
		narrowing = append(narrowing, at)
	}
	if at, ok := d.number("--max-results", filtersPath+".maxResults", f.MaxResults, &to.MaxResults); ok {
		narrowing = append(narrowing, at)
	}
	if at, ok := d.hierarchies(filtersPath+".checkHierarchyIdsModels", "all checks", to.CheckHierarchyIDsModels); ok {
		narrowing = append(narrowing, at)
	}
	if at, ok := d.enabled(f, to); ok {
		narrowing = append(narrowing, at)
	}
	return narrowing
}

// hierarchyID selects one exact check (HierarchyIdModel, wire 3.2).
type hierarchyID struct {
	Path []json.RawMessage `json:"path"`
}

// hierarchies checks the exact checks or collectors of a file: the server answers
// 400 to a number in a path and takes an empty list as everything.
func (d *draft) hierarchies(path, everything string, ids []json.RawMessage) (source, bool) {
	at, ok := d.origin("", false, path)
	if !ok {
		return at, false
	}
	if len(ids) == 0 {
		d.emptyList(at, everything)
	}
	for i := range ids {
		var id hierarchyID
		place := element(path, i)
		each, _ := d.origin("", false, place)
		before := d.problems.count()
		d.value(d.nodes[place], reflect.ValueOf(&id).Elem(), place)
		if d.problems.count() == before && len(id.Path) == 0 {
			d.problems.add(each, "", "has no path")
		}
		for _, step := range id.Path {
			if !isStep(step) {
				d.problems.add(each, "", "has a step in its path that is neither a text nor {schema_name: ..., table_name: ...}: %s", quote(string(step)))
			}
		}
	}
	return at, true
}

func isStep(step json.RawMessage) bool {
	var name string
	if json.Unmarshal(step, &name) == nil {
		return name != ""
	}
	var table map[string]string
	if json.Unmarshal(step, &table) != nil {
		return false
	}
	return len(table) == 2 && table["schema_name"] != "" && table["table_name"] != ""
}

// enabled applies --only-disabled, and refuses what selects nothing: with a
// table the server looks at enabled items only, whatever the filter says (wire
// T10).
func (d *draft) enabled(f CheckFilters, to *dqops.CheckSearchFilters) (source, bool) {
	at, ok := d.origin("--only-disabled", f.OnlyDisabled != nil, filtersPath+".enabled")
	if f.OnlyDisabled != nil {
		to.Enabled = nil
		if *f.OnlyDisabled {
			to.Enabled = new(false)
		}
	}
	if !ok || to.Enabled == nil || *to.Enabled {
		return at, false
	}
	if table, ok := d.origin("--table", f.Table != nil, filtersPath+".fullTableName"); ok {
		d.problems.add(at, "leave one of them out", "selects disabled items only, and beside %s the server then finds nothing", table.mention())
	}
	return at, true
}
