package simulator

import "time"

// keptRow is a stored row of a kind that does not belong to a check's slot:
// statistics, error samples and incidents.
type keptRow struct {
	DataRow
	gone     bool
	incident *incidentModel
}

// keep stores so many rows alike. It needs warehouse.mu.
func (t *table) keep(rows int, row *keptRow) {
	row.Connection, row.Table = t.conn.name, t.fullName()
	for range rows {
		copied := *row
		t.kept[row.Kind] = append(t.kept[row.Kind], &copied)
	}
}

// DataKind is a kind of stored data that delete_stored_data deletes.
type DataKind string

// The kinds, in the order in which the server works on them (wire 3.6).
const (
	KindErrors         DataKind = "errors"
	KindStatistics     DataKind = "statistics"
	KindCheckResults   DataKind = "check_results"
	KindSensorReadouts DataKind = "sensor_readouts"
	KindErrorSamples   DataKind = "error_samples"
	KindIncidents      DataKind = "incidents"
	KindChecks         DataKind = "checks" // the configuration of checks
)

// keptKinds are the kinds of keptRow.
var keptKinds = []DataKind{KindStatistics, KindErrorSamples, KindIncidents}

// DataRow is one stored row with all that a filter of delete_stored_data can
// look at. What a kind does not have is empty.
type DataRow struct {
	Kind       DataKind
	Connection string
	Table      string // schema.table
	Column     string // empty: table-level
	// Period is what the dates look at: the start of the period, the time of a
	// collection, or when an incident was first seen; local time without zone
	// (in UTC), zero for checks.
	Period            time.Time
	DataGroup         string
	Check             string
	Category          string
	CheckType         string
	TimeScale         string // of checks: daily or monthly
	TimeGradient      string // of stored rows: day or month
	Dimension         string
	Sensor            string
	Comparison        string
	Collector         string
	CollectorCategory string
	CollectorTarget   string
	IncidentStatus    string
	Disabled          bool // of checks
}

// StoredData returns every stored row of a connection, or with an empty name
// of all of them, by table and kind; checks that are configured are rows too.
func (s *Server) StoredData(connection string) []DataRow {
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	var rows []DataRow
	for _, conn := range s.warehouse.connections {
		if connection != "" && conn.name != connection {
			continue
		}
		for _, t := range conn.tables {
			for _, row := range t.dataRows() {
				rows = append(rows, row.DataRow)
			}
			for _, c := range t.checks {
				rows = append(rows, c.configured())
			}
		}
	}
	return rows
}

// storedData is a stored row and how to delete it.
type storedData struct {
	DataRow
	remove func()
}

// dataRows lists everything that is stored about a table, its configuration
// apart. Whoever removes rows calls sweep in the end. It needs warehouse.mu.
func (t *table) dataRows() []storedData {
	var rows []storedData
	for _, of := range []struct {
		kind    DataKind
		records string
	}{{KindErrors, kindErrors}, {KindCheckResults, kindResults}, {KindSensorReadouts, kindReadouts}} {
		for _, r := range t.records(of.records) {
			rows = append(rows, storedData{r.dataRow(of.kind), r.forget})
		}
	}
	for _, kind := range keptKinds {
		for _, r := range t.kept[kind] {
			rows = append(rows, storedData{r.DataRow, func() { r.gone = true }})
		}
	}
	return rows
}

// sweep drops the rows that were removed. It needs warehouse.mu.
func (t *table) sweep() {
	for _, kind := range keptKinds {
		t.kept[kind] = selected(t.kept[kind], func(r *keptRow) bool { return !r.gone })
	}
}

func (r record) dataRow(kind DataKind) DataRow {
	row := r.check.configured()
	row.Kind, row.TimeScale, row.Disabled = kind, "", false
	row.TimeGradient, row.DataGroup, row.Period = r.check.timeGradient(), r.at.group, r.at.period
	return row
}

func (r record) forget() {
	switch {
	case r.failure != nil:
		delete(r.check.failures, r.at)
	case r.result != nil:
		delete(r.check.results, r.at)
	default:
		delete(r.check.readouts, r.at)
	}
}

func (c *check) configured() DataRow {
	return DataRow{
		Kind: KindChecks, Connection: c.table.conn.name, Table: c.table.fullName(), Column: c.columnName(),
		Check: c.spec.Name, Category: c.spec.Category, CheckType: c.spec.Type, TimeScale: c.spec.TimeScale,
		Dimension: c.spec.Dimension, Sensor: c.spec.Sensor, Comparison: c.spec.Comparison, Disabled: c.disabled,
	}
}
