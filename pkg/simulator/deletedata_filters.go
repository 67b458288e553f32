package simulator

import (
	"slices"
	"strings"
	"time"
)

// deleteFilter is one filter of delete_stored_data: which kinds it reaches,
// and what a row of those must have. The others it does not narrow (wire 3.6).
type deleteFilter struct {
	reaches []DataKind
	given   func(*deleteParameters) *string
	value   func(*DataRow) string
}

// checkKinds are the kinds that a filter on checks reaches.
var checkKinds = []DataKind{KindErrors, KindCheckResults, KindSensorReadouts, KindErrorSamples}

// deleteFilters are the filters that compare exact text.
var deleteFilters = []deleteFilter{
	{
		append([]DataKind{KindIncidents}, checkKinds...),
		func(p *deleteParameters) *string { return p.CheckCategory }, func(r *DataRow) string { return r.Category },
	},
	{
		append([]DataKind{KindIncidents}, checkKinds...),
		func(p *deleteParameters) *string { return p.CheckType }, func(r *DataRow) string { return r.CheckType },
	},
	{
		append([]DataKind{KindIncidents}, checkKinds...),
		func(p *deleteParameters) *string { return p.QualityDimension }, func(r *DataRow) string { return r.Dimension },
	},
	{
		checkKinds,
		func(p *deleteParameters) *string { return p.CheckName }, func(r *DataRow) string { return r.Check },
	},
	{
		checkKinds,
		func(p *deleteParameters) *string { return p.TableComparison }, func(r *DataRow) string { return r.Comparison },
	},
	{
		append([]DataKind{KindStatistics}, checkKinds...),
		func(p *deleteParameters) *string { return p.SensorName }, func(r *DataRow) string { return r.Sensor },
	},
	{
		[]DataKind{KindErrors, KindCheckResults, KindSensorReadouts},
		func(p *deleteParameters) *string { return p.TimeGradient }, func(r *DataRow) string { return r.TimeGradient },
	},
	{
		[]DataKind{KindStatistics, KindCheckResults, KindSensorReadouts, KindIncidents},
		func(p *deleteParameters) *string { return p.DataGroupTag }, func(r *DataRow) string { return r.DataGroup },
	},
	{
		[]DataKind{KindStatistics},
		func(p *deleteParameters) *string { return p.CollectorCategory }, func(r *DataRow) string { return r.CollectorCategory },
	},
	{
		[]DataKind{KindStatistics},
		func(p *deleteParameters) *string { return p.CollectorName }, func(r *DataRow) string { return r.Collector },
	},
	{
		[]DataKind{KindStatistics},
		func(p *deleteParameters) *string { return p.CollectorTarget }, func(r *DataRow) string { return r.CollectorTarget },
	},
	{
		[]DataKind{KindIncidents},
		func(p *deleteParameters) *string { return p.IncidentStatus }, func(r *DataRow) string { return r.IncidentStatus },
	},
}

// skipsIncidents: with any of these the kind is left out in silence (wire T1).
func (p *deleteParameters) skipsIncidents() bool {
	return isSet(p.CheckName) || len(p.ColumnNames) > 0 || isSet(p.SensorName) || isSet(p.CollectorCategory) ||
		isSet(p.CollectorName) || isSet(p.CollectorTarget) || isSet(p.TableComparison)
}

// selects decides about one row of a table.
func (p *deleteParameters) selects(t *table, row *DataRow) bool {
	if row.Kind == KindIncidents && !p.matchesIncidentTable(t) || !p.matchesDay(row.Period) {
		return false
	}
	if len(p.ColumnNames) > 0 && !slices.Contains(p.ColumnNames, row.Column) {
		return false
	}
	return !slices.ContainsFunc(deleteFilters, func(f deleteFilter) bool {
		wanted := f.given(p)
		return isSet(wanted) && slices.Contains(f.reaches, row.Kind) && f.value(row) != *wanted
	})
}

// matchesTable compares with wildcards, although the server's documentation
// says not, and with case.
func (p *deleteParameters) matchesTable(schema, name string) bool {
	if !isSet(p.FullTableName) {
		return true
	}
	wantedSchema, wantedName := splitTableFilter(*p.FullTableName)
	return matchPattern(schema, wantedSchema) && matchPattern(name, wantedName)
}

// matchesIncidentTable is the same without case.
func (p *deleteParameters) matchesIncidentTable(t *table) bool {
	if !isSet(p.FullTableName) {
		return true
	}
	schema, name := splitTableFilter(*p.FullTableName)
	return matchText(t.schema, &schema) && matchText(t.name, &name)
}

// matchesDay compares with the dates, both inclusive.
func (p *deleteParameters) matchesDay(at time.Time) bool {
	day := at.Format(time.DateOnly)
	return (p.DateStart == nil || day >= *p.DateStart) && (p.DateEnd == nil || day <= *p.DateEnd)
}

// loads says whether a month's partition is read at all.
func (p *deleteParameters) loads(month time.Time) bool {
	key := month.Format("2006-01")
	return (p.DateStart == nil || key >= (*p.DateStart)[:len(key)]) && (p.DateEnd == nil || key <= (*p.DateEnd)[:len(key)])
}

// deleteChecks removes configured checks, the enabled ones only. What they
// have stored stays. A filter for tables that is a pattern lets every table of
// the connection through; without a connection all of them are meant (wire
// T1).
func (p *deleteParameters) deleteChecks(in *warehouse) error {
	f := &checkSearchFilters{
		Enabled: new(true), CheckType: p.CheckType, CheckCategory: p.CheckCategory, CheckName: p.CheckName,
		QualityDimension: p.QualityDimension, TableComparisonName: p.TableComparison, SensorName: p.SensorName,
	}
	if isSet(p.TimeGradient) {
		if *p.TimeGradient != scaleDaily && *p.TimeGradient != scaleMonthly {
			return &jobFailure{"java.lang.IllegalArgumentException", "No enum constant com.dqops.checks.CheckTimeScale." + *p.TimeGradient}
		}
		f.TimeScale = p.TimeGradient
	}
	for _, conn := range in.connections {
		if !matchText(conn.name, p.Connection) || !strings.Contains(*p.Connection, "*") && *p.Connection != "" && conn.name != *p.Connection {
			continue
		}
		for _, t := range conn.tables {
			if !isSet(p.FullTableName) || isPattern(*p.FullTableName) || p.matchesTable(t.schema, t.name) {
				t.dropChecks(func(c *check) bool {
					return f.matchCheck(c) && (len(p.ColumnNames) == 0 || c.column != nil && matchAny(c.column.name, p.ColumnNames))
				})
			}
		}
	}
	return nil
}

// dropChecks takes checks out of the metadata. A run under way keeps the list
// that it began with.
func (t *table) dropChecks(doomed func(*check) bool) {
	t.dropped = append(t.dropped, selected(t.checks, doomed)...)
	t.checks = selected(t.checks, func(c *check) bool { return !doomed(c) })
}
