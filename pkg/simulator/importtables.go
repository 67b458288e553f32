package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	importParamsClass = "com.dqops.core.jobqueue.jobs.table.ImportTablesQueueJobParameters"
	importFailedClass = "com.dqops.core.jobqueue.jobs.table.ImportTablesQueueJobException"
	// importLimit cuts every schema in silence (wire L13).
	importLimit = 300
)

func (s *Server) importRoutes() []route {
	return []route{{http.MethodPost, "/api/jobs/importtables", s.importTables}}
}

func (s *Server) importTables(x *exchange) error {
	body, err := x.readBody()
	if err != nil {
		return err
	}
	object, err := readObject(body, importParamsClass,
		controllerOf("importTables", "com.dqops.core.jobqueue.jobs.table.ImportTablesQueueJobResult", importParamsClass))
	if err != nil {
		return err
	}
	r := &reader{object: object}
	w := &importWork{given: importParameters{
		Connection: r.text("connectionName"), Schema: r.text("schemaName"), TableNameContains: r.text("tableNameContains"),
		TableNames: r.list("tableNames"), Limit: r.integer("tablesImportLimit"),
	}}
	if r.err != nil {
		return r.err
	}
	return s.startJob(x, w, func() any { return w.result })
}

// importWork is an import_tables job. Its result is never stored.
type importWork struct {
	given  importParameters
	result *importResult
}

var _ limitedWork = (*importWork)(nil)

func (w *importWork) kind() string       { return jobImportTables }
func (w *importWork) isParent() bool     { return false }
func (w *importWork) storesResult() bool { return false }
func (w *importWork) resultClass() string {
	return "com.dqops.core.jobqueue.jobs.table.ImportTablesResult"
}

func (w *importWork) parameters(bool) map[string]any {
	return map[string]any{"importTableParameters": w.given}
}

// target cannot be computed without both names, so that the job hangs (wire
// T2).
func (w *importWork) target() string {
	if w.given.Connection == nil || w.given.Schema == nil {
		return ""
	}
	return "import " + *w.given.Connection + "\x00" + *w.given.Schema
}

func (w *importWork) run(s *Server, j *job) error {
	conn := s.warehouse.connection(*w.given.Connection)
	if conn == nil {
		return &jobFailure{importFailedClass, "Connection " + *w.given.Connection + "  was not found"}
	}
	// An import does not look whether it is cancelled (wire L14a).
	if err := j.life.pause(time.Duration(conn.source.Duration), nil); err != nil {
		return err
	}
	for _, message := range []string{conn.fail, conn.source.Fail} {
		if message != "" {
			return &jobFailure{"com.dqops.connectors.ConnectorOperationFailedException", message}
		}
	}
	if conn.isFiles() && w.given.TableNames == nil {
		return &jobFailure{"java.lang.NullPointerException", `Cannot invoke "java.util.List.iterator()" because "tableNames" is null`}
	}
	s.warehouse.mu.Lock()
	w.result = &importResult{Specs: []tableSpec{}}
	for _, found := range w.find(conn) {
		w.result.Specs = append(w.result.Specs, found.spec())
		conn.add(found, s.warehouse.started)
	}
	s.warehouse.mu.Unlock()
	if len(w.result.Specs) > 0 {
		s.changeFolder("sources")
	}
	return nil
}

// find selects tables: a limit of the caller counts only with a pattern for
// the schema, 300 a schema always (wire T15, L13).
func (w *importWork) find(conn *connection) []sourceTable {
	limit := importLimit
	isPattern := strings.Contains(*w.given.Schema, "*")
	if isPattern && w.given.Limit != nil {
		limit = *w.given.Limit
	}
	taken := map[string]int{}
	return selected(conn.sourceTables(), func(t sourceTable) bool {
		switch {
		case isPattern && !matchText(t.schema, w.given.Schema), !isPattern && t.schema != *w.given.Schema:
			return false
		case isSet(w.given.TableNameContains) && !strings.Contains(t.name, *w.given.TableNameContains):
			return false
		case (len(w.given.TableNames) > 0 || conn.isFiles()) && !slices.Contains(w.given.TableNames, t.name):
			return false
		}
		taken[t.schema]++
		return taken[t.schema] <= limit
	})
}

// isFiles says whether the connection reads files, whose names an import must
// be told (wire L5).
func (c *connection) isFiles() bool { return c.provider == "duckdb" }

func (w *warehouse) connection(name string) *connection {
	for _, conn := range w.connections {
		if conn.name == name {
			return conn
		}
	}
	return nil
}

// add puts an imported table into the metadata, unless it is there. It needs
// warehouse.mu.
func (c *connection) add(found sourceTable, today time.Time) {
	spec := Table{Name: found.schema + "." + found.name}
	if slices.ContainsFunc(c.tables, func(t *table) bool { return t.fullName() == spec.Name }) {
		return
	}
	for _, col := range found.columns {
		spec.Columns = append(spec.Columns, Column{Name: col.Name, Type: col.Type, Nullable: col.Nullable})
	}
	c.tables = append(slices.Clone(c.tables), newTable(c, &spec, today))
	slices.SortStableFunc(c.tables, func(a, b *table) int { return strings.Compare(a.fullName(), b.fullName()) })
}
