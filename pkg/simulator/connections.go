package simulator

import "net/http"

// connectionEntry is Connection of wire 3.10, without the object that is named
// after the provider.
type connectionEntry struct {
	Name                string              `json:"connection_name"`
	Hash                int64               `json:"connection_hash"`
	Provider            string              `json:"provider_type"`
	DuckDB              map[string]any      `json:"duckdb,omitempty"`
	PostgreSQL          map[string]any      `json:"postgresql,omitempty"`
	RunChecks           *checkSearchFilters `json:"run_checks_job_template"`
	RunProfilingChecks  *checkSearchFilters `json:"run_profiling_checks_job_template"`
	RunMonitoringChecks *checkSearchFilters `json:"run_monitoring_checks_job_template"`
	RunPartitionChecks  *checkSearchFilters `json:"run_partition_checks_job_template"`
	CollectStatistics   *statisticsFilters  `json:"collect_statistics_job_template"`
	DataClean           *deleteParameters   `json:"data_clean_job_template"`
	AdvancedProperties  map[string]string   `json:"advanced_properties"`
	CanEdit             bool                `json:"can_edit"`
	CanCollect          bool                `json:"can_collect_statistics"`
	CanRunChecks        bool                `json:"can_run_checks"`
	CanDeleteData       bool                `json:"can_delete_data"`
}

func (s *Server) connectionRoutes() []route {
	return []route{
		{http.MethodGet, "/api/connections", s.getConnections},
		{http.MethodGet, "/api/environment/profile", s.getProfile},
		{http.MethodGet, "/api/incidents/{}", s.getIncidents},
	}
}

// getConnections lists the connections by name.
func (s *Server) getConnections(x *exchange) error {
	entries := []connectionEntry{}
	for _, conn := range s.warehouse.connections {
		entries = append(entries, conn.entry())
	}
	return x.list(http.StatusOK, entries)
}

func (c *connection) entry() connectionEntry {
	template := func(checkType string) *checkSearchFilters {
		filters := &checkSearchFilters{Connection: &c.name, Enabled: new(true)}
		if checkType != "" {
			filters.CheckType = &checkType
		}
		return filters
	}
	entry := connectionEntry{
		Name: c.name, Hash: int64(hash64(c.name) >> 1), Provider: c.provider,
		RunChecks: template(""), RunProfilingChecks: template(typeProfiling),
		RunMonitoringChecks: template(typeMonitoring), RunPartitionChecks: template(typePartitioned),
		CollectStatistics: &statisticsFilters{Connection: &c.name, Enabled: new(true), ColumnNames: []string{}},
		DataClean: &deleteParameters{
			Connection: &c.name, Errors: true, Statistics: true, CheckResults: true, SensorReadouts: true,
			ErrorSamples: true, Incidents: true,
		},
		AdvancedProperties: map[string]string{},
		CanEdit:            true, CanCollect: true, CanRunChecks: true, CanDeleteData: true,
	}
	switch c.provider {
	case "duckdb":
		entry.DuckDB = map[string]any{
			"read_mode": "in_memory", "files_format_type": "csv", "storage_type": "local",
			"directories": map[string]string{"files": "/data/" + c.name + "/"},
		}
	case "postgresql":
		entry.PostgreSQL = map[string]any{"host": c.name + ".internal", "port": "5432", "database": c.name}
	}
	return entry
}
