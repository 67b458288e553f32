package request

import (
	"strings"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// DeleteData is what the flags say about a deletion; a nil pointer or slice is a
// flag that was not given. From and Through are inclusive days.
type DeleteData struct {
	Connection, Table *string
	// AllTables and AllDates say that no narrower scope is meant.
	AllTables     bool
	From, Through *string
	AllDates      bool
	// What are names of DeleteKinds or AllData, each element one or several with
	// commas. Given at all, they replace the kinds of the file.
	What    []string
	Columns []string

	Check, Category, CheckType, Dimension, Comparison, Sensor *string
	DataGroup, TimeGradient                                   *string
	Collector, CollectorCategory, CollectorTarget             *string
	IncidentStatus                                            *string
}

// Build merges the flags over the file, field by field; file may be nil. There is
// no way back from a deletion, and what the server does not understand widens it,
// so the merged body is refused (a usage error with a line for each problem)
// unless it names one connection, tables or AllTables, dates or AllDates, and
// kinds of data that every given filter reaches (wire 3.6, T1).
func (f DeleteData) Build(file *File) (dqops.DeleteStoredDataQueueJobParameters, error) {
	body, d := dqops.DeleteStoredDataQueueJobParameters{}, newDraft(file, nil)
	d.decode(&body)

	kinds := d.kinds(f.What, &body)
	d.required(selector{"--connection", "connection", "", f.Connection, &body.Connection, checkConnection},
		"this deletion", "names no connection", "give --connection NAME, the exact name of one")
	given := d.deleteFilters(f, kinds, &body)
	d.tableScope(f.AllTables, given)
	d.dateScope(f.AllDates, given, &body)
	d.reached(given, kinds)
	d.exactTable(given, kinds, body.FullTableName)
	if err := d.problems.err(); err != nil {
		return dqops.DeleteStoredDataQueueJobParameters{}, err
	}
	return body, nil
}

// kinds gives what is deleted, by the flag if there is one, else by the file.
func (d *draft) kinds(what []string, to *dqops.DeleteStoredDataQueueJobParameters) []DeleteKind {
	named := d.whatKinds(what)
	var kinds []DeleteKind
	for _, kind := range DeleteKinds() {
		chosen := kind.in(to)
		if what != nil {
			*chosen = named[kind.Name]
		}
		if *chosen {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) == 0 && what == nil && !d.undecoded {
		d.problems.add(source{name: "this deletion"}, "give --what with "+strings.Join(kindNames(DeleteKinds()), ", ")+" or "+AllData,
			"does not say what to delete, and the server would delete nothing and call it a success")
	}
	return kinds
}

func (d *draft) whatKinds(what []string) map[string]bool {
	at, named := source{name: "--what"}, map[string]bool{}
	known := oneOfWords("--what")
	if what != nil && len(what) == 0 {
		d.problems.add(at, "", "is empty")
	}
	for name := range strings.SplitSeq(strings.Join(what, ","), ",") {
		name = strings.TrimSpace(name)
		named[name] = true
		if bad := known(name); bad != "" && len(what) > 0 {
			d.problems.add(at, "", "%s", bad)
		}
	}
	if named[AllData] {
		for _, kind := range DeleteKinds() {
			named[kind.Name] = named[kind.Name] || kind.Name != checksConfiguration
		}
	}
	return named
}

func kindNames(kinds []DeleteKind) []string {
	var names []string
	for _, kind := range kinds {
		names = append(names, kind.Name)
	}
	return names
}

// givenFilters are the sources of the filters that were given, by field.
type givenFilters map[string]source

const deleteMatching = "a deletion compares names as they are written, also upper and lower case; only --table takes *"

func (f DeleteData) selectors(to *dqops.DeleteStoredDataQueueJobParameters) []selector {
	return []selector{
		{"--table", "fullTableName", "all tables", f.Table, &to.FullTableName, checkTable},
		{"--check", "checkName", "all checks", f.Check, &to.CheckName, checkExact},
		{"--category", "checkCategory", "all categories", f.Category, &to.CheckCategory, checkExact},
		{"--dimension", "qualityDimension", "all dimensions", f.Dimension, &to.QualityDimension, checkExact},
		{"--comparison", "tableComparisonName", "all comparisons", f.Comparison, &to.TableComparisonName, checkExact},
		{"--sensor", "sensorName", "all sensors", f.Sensor, &to.SensorName, checkExact},
		{"--data-group", "dataGroupTag", "all data groups", f.DataGroup, &to.DataGroupTag, checkExact},
		{"--collector", "collectorName", "all collectors", f.Collector, &to.CollectorName, checkExact},
		{"--collector-category", "collectorCategory", "all categories", f.CollectorCategory, &to.CollectorCategory, checkExact},
	}
}

// values are the filters that are no names.
func (f DeleteData) values(kinds []DeleteKind, to *dqops.DeleteStoredDataQueueJobParameters) []selector {
	return []selector{
		{"--from", "dateStart", "all dates", f.From, &to.DateStart, checkDay},
		{"--through", "dateEnd", "all dates", f.Through, &to.DateEnd, checkDay},
		{"--check-type", "checkType", "all check types", f.CheckType, &to.CheckType, oneOfWords("--check-type")},
		{"--time-gradient", "timeGradient", "all time gradients", f.TimeGradient, &to.TimeGradient, gradients(kinds)},
		{"--collector-target", "collectorTarget", "all targets", f.CollectorTarget, &to.CollectorTarget, oneOfWords("--collector-target")},
		{
			"--incident-status", "incidentStatusName", "all statuses", f.IncidentStatus, &to.IncidentStatusName,
			oneOfWords("--incident-status"),
		},
	}
}

func (d *draft) deleteFilters(f DeleteData, kinds []DeleteKind, to *dqops.DeleteStoredDataQueueJobParameters) givenFilters {
	given := givenFilters{}
	before := d.problems.count()
	for _, s := range f.selectors(to) {
		if at, ok := d.selector("", s); ok {
			given[s.field] = at
		}
	}
	columns := textList{"--column", "columnNames", "all columns", f.Columns, &to.ColumnNames, checkExact}
	if at, ok := d.texts(columns); ok {
		given[columns.path] = at
	}
	d.problems.hintSince(before, deleteMatching)
	for _, s := range f.values(kinds, to) {
		if at, ok := d.selector("", s); ok {
			given[s.field] = at
		}
	}
	return given
}

// gradients takes what the rows have stored, or what the configuration of checks
// says instead; no value is both (wire T1).
func gradients(kinds []DeleteKind) func(string) complaint {
	stored := oneOfWords("--time-gradient")
	for _, kind := range kinds {
		switch {
		case kind.Name != checksConfiguration:
		case len(kinds) > 1:
			return func(string) complaint {
				return "has no value that fits " + checksConfiguration + " (daily, monthly) and the stored data (day, month, ...); delete them one after the other"
			}
		default:
			return oneOf("daily", "monthly")
		}
	}
	return stored
}

func checkDay(text string) complaint {
	m, bad := parseMoment(text)
	if bad == "" && m.form == formDate {
		return ""
	}
	if bad != "" && shaped(text, "0000-00-00") {
		return bad
	}
	return "takes a day, such as 2006-01-02, not " + quote(text)
}
