package dqops

import (
	"context"
	"encoding/json"
)

// ImportTablesQueueJobParameters are the body of import_tables (wire 3.5). Both
// names are required in effect: without either the job hangs for ever (wire T2).
type ImportTablesQueueJobParameters struct {
	ConnectionName string `json:"connectionName,omitempty"` // exact
	SchemaName     string `json:"schemaName,omitempty"`     // wildcards; "*" is all schemas
	// TableNameContains is a case-sensitive part of the name.
	TableNameContains string `json:"tableNameContains,omitempty"`
	// TableNames are exact; those that do not exist are skipped in silence (wire
	// L13). Absent is all for databases and a failure for file connections, empty
	// imports nothing there (wire L5).
	TableNames []string `json:"tableNames,omitempty"`
	// TablesImportLimit is only honoured when SchemaName has a wildcard (wire T15).
	TablesImportLimit *int32 `json:"tablesImportLimit,omitempty"`
}

// ImportTablesResult is what a waited import answers. The specs carry no names:
// which tables came cannot be read from them (wire 3.5).
type ImportTablesResult struct {
	SourceTableSpecs []TableSpec `json:"source_table_specs"`
	// Raw is the object as the server sent it.
	Raw json.RawMessage `json:"-"`
}

// TableSpec is the part of an imported table that is counted; Columns are opaque.
type TableSpec struct {
	Columns map[string]json.RawMessage `json:"columns"`
}

// UnmarshalJSON decodes the object and keeps it as it came.
func (r *ImportTablesResult) UnmarshalJSON(data []byte) error {
	type plain ImportTablesResult
	return keepRaw(data, (*plain)(r), &r.Raw)
}

// ImportTablesQueueJobResult is the answer to a started import.
type ImportTablesQueueJobResult = QueueJobResult[ImportTablesResult]

// ImportTablesPath is where import_tables is posted, below the server's address.
const ImportTablesPath = "/api/jobs/importtables"

// ImportTables starts an import. Its result exists only in the answer to a call
// that waited to the end (wire 3.8).
func (c *Client) ImportTables(ctx context.Context, body ImportTablesQueueJobParameters, start Start) (*ImportTablesQueueJobResult, error) {
	return startJob[ImportTablesResult](ctx, c, call{doing: "start the import", path: ImportTablesPath, body: body}, start)
}

// ImportTables decodes the parameters of an import_tables job; nil for other types.
func (p JobParameters) ImportTables() (*ImportTablesQueueJobParameters, error) {
	return parameters[ImportTablesQueueJobParameters](p, "importTableParameters")
}
