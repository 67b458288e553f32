package request

import (
	"cmp"
	"encoding/json"
	"math"
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

// selector is one text filter.
type selector struct {
	flag, field string
	everything  string // what the server takes an empty one as; empty if it refuses it
	given       *string
	to          *string
	check       func(string) complaint
}

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
		{"--check-type", "checkType", "", f.CheckType, &to.CheckType, oneOf("profiling", "monitoring", "partitioned")},
		{"--time-scale", "timeScale", "", f.TimeScale, &to.TimeScale, oneOf("daily", "monthly")},
		{"--target", "checkTarget", "", f.Target, &to.CheckTarget, oneOf("table", "column")},
		{"--comparison", "tableComparisonName", "all comparisons", f.Comparison, &to.TableComparisonName, checkPattern},
	}
}

// filters puts the flags over what the file says, checks what came out, and
// gives the sources of everything that narrows the selection.
func (d *draft) filters(f CheckFilters, to *dqops.CheckSearchFilters) []source {
	var narrowing []source
	for _, s := range f.selectors(to) {
		if at, ok := d.selector(s); ok {
			narrowing = append(narrowing, at)
		}
	}
	if at, ok := d.labels(f.Labels, to); ok {
		narrowing = append(narrowing, at)
	}
	if at, ok := d.origin("--nullable", f.Nullable != nil, filtersPath+".columnNullable"); ok {
		to.ColumnNullable = cmp.Or(f.Nullable, to.ColumnNullable)
		narrowing = append(narrowing, at)
	}
	if at, ok := d.number("--max-results", filtersPath+".maxResults", f.MaxResults, &to.MaxResults); ok {
		narrowing = append(narrowing, at)
	}
	if at, ok := d.hierarchies(to); ok {
		narrowing = append(narrowing, at)
	}
	if at, ok := d.enabled(f, to); ok {
		narrowing = append(narrowing, at)
	}
	return narrowing
}

func (d *draft) selector(s selector) (source, bool) {
	at, ok := d.origin(s.flag, s.given != nil, filtersPath+"."+s.field)
	if !ok {
		return at, false
	}
	if s.given != nil {
		*s.to = *s.given
	}
	d.name(at, *s.to, s.everything, s.check)
	return at, true
}

// name checks the text of a selector. An empty one means everything to the
// server, the empty value of an enumeration is an error there (wire 3.1).
func (d *draft) name(at source, text, everything string, check func(string) complaint) {
	bad := checkName(text)
	switch {
	case isBlank(text) && everything != "":
		d.problems.add(at, "leave it out, or fill the variable that it comes from", "is empty; the server would take it as %q", everything)
	case bad != "":
		d.problems.add(at, "", "%s", bad)
	default:
		if bad := check(text); bad != "" {
			d.problems.add(at, "", "%s", bad)
		}
	}
}

func (d *draft) labels(given []string, to *dqops.CheckSearchFilters) (source, bool) {
	path := filtersPath + ".labels"
	at, ok := d.origin("--label", given != nil, path)
	if !ok {
		return at, false
	}
	if given != nil {
		to.Labels = given
	}
	if len(to.Labels) == 0 {
		d.problems.add(at, "", "is an empty list; the server would take it as %q", "any labels")
	}
	for i, label := range to.Labels {
		each, _ := d.origin("--label", given != nil, element(path, i))
		d.name(each, label, "any labels", checkPattern)
	}
	return at, true
}

// number puts the flag's number over the file's; both must be at least 1.
func (d *draft) number(flag, path string, given *int, to **int32) (source, bool) {
	at, ok := d.origin(flag, given != nil, path)
	if !ok {
		return at, false
	}
	var number int64
	if given != nil {
		number = int64(*given)
	} else {
		number = int64(**to)
	}
	if number < 1 || number > math.MaxInt32 {
		d.problems.add(at, "", "is %d, it takes a number from 1 to %d", number, math.MaxInt32)
		return at, true
	}
	narrow := int32(number)
	*to = &narrow
	return at, true
}

// hierarchyID selects one exact check (HierarchyIdModel, wire 3.2).
type hierarchyID struct {
	Path []json.RawMessage `json:"path"`
}

// hierarchies checks the exact checks of a file: the server answers 400 to a
// number in a path and takes an empty list as all checks.
func (d *draft) hierarchies(to *dqops.CheckSearchFilters) (source, bool) {
	path := filtersPath + ".checkHierarchyIdsModels"
	at, ok := d.origin("", false, path)
	if !ok {
		return at, false
	}
	if len(to.CheckHierarchyIDsModels) == 0 {
		d.problems.add(at, "", "is an empty list; the server would take it as %q", "all checks")
	}
	for i := range to.CheckHierarchyIDsModels {
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
