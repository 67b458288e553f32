package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// deleteTime is longer than the history needs to hear of another job's end, as
// the recorded order of changes shows.
const deleteTime = 2 * settleTime

func (s *Server) deleteRoutes() []route {
	return []route{{http.MethodPost, "/api/jobs/deletestoreddata", s.deleteStoredData}}
}

func (s *Server) deleteStoredData(x *exchange) error {
	body, err := x.readBody()
	if err != nil {
		return err
	}
	given, err := decodeDelete(body)
	if err != nil {
		return err
	}
	w := &deleteWork{given: *given}
	return s.startJob(x, w, func() any { return w.result })
}

// deleteWork is a delete_stored_data job. Its result is never stored, and it
// never looks whether it is cancelled.
type deleteWork struct {
	given  deleteParameters
	result *deleteResult
}

var _ limitedWork = (*deleteWork)(nil)

func (w *deleteWork) kind() string        { return jobDeleteData }
func (w *deleteWork) isParent() bool      { return false }
func (w *deleteWork) storesResult() bool  { return false }
func (w *deleteWork) resultClass() string { return "com.dqops.data.models.DeleteStoredDataResult" }

func (w *deleteWork) parameters(bool) map[string]any {
	return map[string]any{"deleteStoredDataParameters": w.given}
}

func (w *deleteWork) target() string {
	if w.given.Connection == nil {
		return "delete"
	}
	return "delete " + *w.given.Connection
}

// run works kind by kind; a failure leaves what was deleted before it deleted
// (wire 3.6).
func (w *deleteWork) run(s *Server, j *job) error {
	if w.given.Connection == nil {
		return &jobFailure{"java.lang.IllegalArgumentException", "Connection not specified for data delete job."}
	}
	if err := j.life.pause(deleteTime, nil); err != nil {
		return err
	}
	s.warehouse.mu.Lock()
	err := w.delete(s.warehouse)
	s.warehouse.mu.Unlock()
	for folder, chosen := range map[string]bool{
		"data_errors": w.given.Errors, "data_statistics": w.given.Statistics, "data_check_results": w.given.CheckResults,
		"data_sensor_readouts": w.given.SensorReadouts, "data_incidents": w.given.Incidents, "sources": w.given.Checks,
	} {
		if chosen && err == nil {
			s.changeFolder(folder)
		}
	}
	return err
}

// dataKinds are the kinds that live in partitions, one a table and month, and
// what their keys call them.
var dataKinds = []struct {
	kind      DataKind
	tableType string
	chosen    func(*deleteParameters) bool
}{
	{KindErrors, "data_errors", func(p *deleteParameters) bool { return p.Errors }},
	{KindStatistics, "data_statistics", func(p *deleteParameters) bool { return p.Statistics }},
	{KindCheckResults, "data_check_results", func(p *deleteParameters) bool { return p.CheckResults }},
	{KindSensorReadouts, "data_sensor_readouts", func(p *deleteParameters) bool { return p.SensorReadouts }},
	{KindErrorSamples, "data_error_samples", func(p *deleteParameters) bool { return p.ErrorSamples }},
}

// delete needs warehouse.mu.
func (w *deleteWork) delete(in *warehouse) error {
	p := &w.given
	w.result = &deleteResult{Partitions: map[string]deletedPartition{}}
	for _, data := range dataKinds {
		if !data.chosen(p) {
			continue
		}
		if *p.Connection == "" {
			return errEmptyName("connectionName")
		}
		for _, conn := range in.connections {
			if conn.name == *p.Connection {
				w.deleteKind(conn, data.kind, data.tableType)
			}
		}
	}
	if p.Incidents && !p.skipsIncidents() {
		if *p.Connection == "" {
			return errEmptyName("connectionName")
		}
		if p.FullTableName != nil && *p.FullTableName == "" {
			return errEmptyName("schemaTableName")
		}
		for _, conn := range in.connections {
			if matchText(conn.name, p.Connection) {
				w.deleteKind(conn, KindIncidents, "data_incidents")
			}
		}
	}
	if p.Checks {
		return p.deleteChecks(in)
	}
	return nil
}

// errEmptyName is how an empty name ends (wire T1); the text was not recorded.
func errEmptyName(name string) *jobFailure {
	return &jobFailure{"java.lang.NullPointerException", fmt.Sprintf(
		`Cannot invoke "com.dqops.metadata.search.pattern.SearchPattern.isWildcardSearchPattern()" because %q is null`, name)}
}

// deleteKind removes the rows of one kind that the filters reach and select.
// Every partition that had to be read is in the answer, also without a row
// deleted.
func (w *deleteWork) deleteKind(conn *connection, kind DataKind, tableType string) {
	loaded, kept := map[string]int{}, map[string]int{}
	for _, t := range conn.tables {
		if kind != KindIncidents && !w.given.matchesTable(t.schema, t.name) {
			continue
		}
		for _, row := range t.dataRows() {
			month := monthOf(row.Period)
			if row.Kind != kind || !w.given.loads(month) {
				continue
			}
			key := partitionKey(tableType, t, kind, month)
			if w.given.selects(t, &row.DataRow) {
				row.remove()
				loaded[key]++
			} else {
				kept[key]++
				loaded[key] += 0
			}
		}
		t.sweep()
	}
	for key, rows := range loaded {
		w.result.Partitions[key] = deletedPartition{Rows: rows, Deleted: kept[key] == 0}
	}
}

func partitionKey(tableType string, t *table, kind DataKind, month time.Time) string {
	name := t.fullName()
	if kind == KindIncidents {
		name = "null" // one partition for all tables of the connection
	}
	return fmt.Sprintf("ParquetPartitionId{dataDomain=, tableType=%s, connectionName='%s', tableName=%s, month=%s}",
		tableType, t.conn.name, name, month.Format(time.DateOnly))
}

// isPattern says whether a filter for tables names more than one.
func isPattern(filter string) bool {
	schema, name := splitTableFilter(filter)
	return strings.Contains(schema, "*") || strings.Contains(name, "*")
}
