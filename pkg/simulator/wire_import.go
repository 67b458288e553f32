package simulator

// The models of import_tables (wire 3.5): parameters in camel, table specs in
// snake.

type importParameters struct {
	Connection        *string  `json:"connectionName,omitempty"`
	Schema            *string  `json:"schemaName,omitempty"`
	TableNameContains *string  `json:"tableNameContains,omitempty"`
	TableNames        []string `json:"tableNames,omitzero"`
	Limit             *int     `json:"tablesImportLimit,omitempty"`
}

type importResult struct {
	Specs []tableSpec `json:"source_table_specs"`
}

// tableSpec carries neither the schema's nor the table's name.
type tableSpec struct {
	Window  incrementalWindow     `json:"incremental_time_window"`
	Columns map[string]columnSpec `json:"columns"`
}

type incrementalWindow struct {
	RecentDays   int `json:"daily_partitioning_recent_days"`
	RecentMonths int `json:"monthly_partitioning_recent_months"`
}

type columnSpec struct {
	Type typeSnapshot `json:"type_snapshot"`
}

type typeSnapshot struct {
	ColumnType string `json:"column_type,omitempty"`
	Nullable   *bool  `json:"nullable,omitempty"`
	Length     *int   `json:"length,omitempty"`
	Precision  *int   `json:"precision,omitempty"`
	Scale      *int   `json:"scale,omitempty"`
}
