package simulator

import (
	"net/http"
	"slices"
)

// defaultSearchLimit is applied in silence (wire 3.10).
const defaultSearchLimit = 100

func (s *Server) searchRoutes() []route {
	return []route{{http.MethodGet, "/api/search/tables", s.searchTables}}
}

// tableSearch is what a search for tables asks for.
type tableSearch struct {
	connection, schema, table, label *string
	page, limit                      int
	status                           statusQuery
}

func (s *Server) searchTables(x *exchange) error {
	search, err := readSearch(x)
	if err != nil {
		return err
	}
	if search.limit < 1 || search.page < 1 {
		return x.list(http.StatusNotAcceptable, []int{})
	}
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	found := search.pageOf(search.matching(s.warehouse))
	entries := make([]tableListEntry, 0, len(found))
	now := s.clock.now().In(s.warehouse.zone)
	for _, t := range found {
		entry := listEntryOf(t)
		entry.Status = search.status.statusOf(t, now)
		entry.Status.Checks, entry.Status.Columns = nil, nil
		entries = append(entries, entry)
	}
	return x.list(http.StatusOK, entries)
}

func readSearch(x *exchange) (*tableSearch, error) {
	search := &tableSearch{
		connection: x.queryText("connection"), schema: x.queryText("schema"), table: x.queryText("table"),
		label: x.queryText("label"), page: 1, limit: defaultSearchLimit,
		status: statusQuery{months: 1, types: []string{typeMonitoring, typePartitioned}},
	}
	for name, target := range map[string]*int{"page": &search.page, "limit": &search.limit} {
		value, err := x.queryInt(name)
		if err != nil {
			return nil, err
		}
		if value != nil {
			*target = *value
		}
	}
	if checkType := x.queryString("checkType"); checkType != "" {
		if !slices.Contains([]string{typeProfiling, typeMonitoring, typePartitioned}, checkType) {
			return nil, errQueryParam(checkType, "com.dqops.checks.CheckType")
		}
		search.status.types = []string{checkType}
	}
	return search, nil
}

func (q *tableSearch) matching(w *warehouse) []*table {
	var found []*table
	for _, conn := range w.connections {
		for _, t := range conn.tables {
			if matchText(conn.name, q.connection) && matchText(t.schema, q.schema) && matchText(t.name, q.table) &&
				(!isSet(q.label) || slices.ContainsFunc(t.allLabels(), func(label string) bool { return matchText(label, q.label) })) {
				found = append(found, t)
			}
		}
	}
	return found
}

// pageOf cuts the page out that is asked for; pages count from 1.
func (q *tableSearch) pageOf(found []*table) []*table {
	first := min((q.page-1)*q.limit, len(found))
	return found[first:min(first+q.limit, len(found))]
}

func (t *table) allLabels() []string {
	labels := slices.Concat(t.conn.labels, t.labels)
	for _, col := range t.columns {
		labels = append(labels, col.labels...)
	}
	return labels
}

func listEntryOf(t *table) tableListEntry {
	template := func(checkType string) *checkSearchFilters {
		full := t.fullName()
		filters := &checkSearchFilters{Connection: &t.conn.name, FullTableName: &full, Enabled: new(true)}
		if checkType != "" {
			filters.CheckType = &checkType
		}
		return filters
	}
	has := func(checkType string) bool {
		return slices.ContainsFunc(t.checks, func(c *check) bool { return c.spec.Type == checkType })
	}
	return tableListEntry{
		Connection: t.conn.name, TableHash: int64(hash64(t.conn.name, t.schema, t.name) >> 1),
		Target: physicalTableName{t.schema, t.name}, Labels: t.labels, Disabled: t.disabled,
		AnyChecks: len(t.checks) > 0, AnyProfiling: has(typeProfiling), AnyMonitoring: has(typeMonitoring),
		AnyPartitioned: has(typePartitioned), PartitioningMissing: !has(typePartitioned),
		RunChecks: template(""), RunProfilingChecks: template(typeProfiling),
		RunMonitoringChecks: template(typeMonitoring), RunPartitionChecks: template(typePartitioned),
		CollectStatistics: map[string]any{
			"connection": t.conn.name, "fullTableName": t.fullName(), "enabled": true, "columnNames": []string{},
		},
		AdvancedProperties: map[string]string{},
		CanEdit:            true, CanCollectStatistics: true, CanRunChecks: true, CanDeleteData: true,
	}
}
