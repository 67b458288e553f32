package dqops

import (
	"context"
	"encoding/json"
)

// DeleteStoredDataQueueJobParameters are the body of delete_stored_data (wire
// 3.6). A filter that does not reach a kind of data is ignored for it, and a name
// that the server does not know is ignored altogether: more is deleted than asked
// (wire T1). Empty text is the same as none.
type DeleteStoredDataQueueJobParameters struct {
	Connection    string `json:"connection,omitempty"`    // exact
	FullTableName string `json:"fullTableName,omitempty"` // absent is all tables of the connection
	DateStart     string `json:"dateStart,omitempty"`     // YYYY-MM-DD, inclusive
	DateEnd       string `json:"dateEnd,omitempty"`       // inclusive

	DeleteErrors              bool `json:"deleteErrors,omitempty"`
	DeleteStatistics          bool `json:"deleteStatistics,omitempty"`
	DeleteCheckResults        bool `json:"deleteCheckResults,omitempty"`
	DeleteSensorReadouts      bool `json:"deleteSensorReadouts,omitempty"`
	DeleteErrorSamples        bool `json:"deleteErrorSamples,omitempty"`
	DeleteIncidents           bool `json:"deleteIncidents,omitempty"`
	DeleteChecksConfiguration bool `json:"deleteChecksConfiguration,omitempty"`

	ColumnNames         []string `json:"columnNames,omitempty"` // exact
	CheckCategory       string   `json:"checkCategory,omitempty"`
	CheckName           string   `json:"checkName,omitempty"`
	CheckType           string   `json:"checkType,omitempty"`
	QualityDimension    string   `json:"qualityDimension,omitempty"`
	TableComparisonName string   `json:"tableComparisonName,omitempty"`
	SensorName          string   `json:"sensorName,omitempty"`
	DataGroupTag        string   `json:"dataGroupTag,omitempty"` // matched against the group's name
	TimeGradient        string   `json:"timeGradient,omitempty"` // day, month, ...
	CollectorCategory   string   `json:"collectorCategory,omitempty"`
	CollectorName       string   `json:"collectorName,omitempty"`
	CollectorTarget     string   `json:"collectorTarget,omitempty"`
	IncidentStatusName  string   `json:"incidentStatusName,omitempty"`
}

// DeleteStoredDataResult is what a waited deletion answers. The keys are Java text
// that names kind, connection, table and month; partitions that were only looked
// at are listed with 0 rows (wire 3.6).
type DeleteStoredDataResult struct {
	PartitionResults map[string]DataDeleteResultPartition `json:"partitionResults"`
	// Raw is the object as the server sent it.
	Raw json.RawMessage `json:"-"`
}

// DataDeleteResultPartition is what became of one stored partition.
type DataDeleteResultPartition struct {
	RowsAffectedCount int  `json:"rowsAffectedCount"`
	PartitionDeleted  bool `json:"partitionDeleted"`
}

// UnmarshalJSON decodes the object and keeps it as it came.
func (r *DeleteStoredDataResult) UnmarshalJSON(data []byte) error {
	type plain DeleteStoredDataResult
	return keepRaw(data, (*plain)(r), &r.Raw)
}

// DeleteStoredDataQueueJobResult is the answer to a started deletion.
type DeleteStoredDataQueueJobResult = QueueJobResult[DeleteStoredDataResult]

// DeleteStoredDataPath is where delete_stored_data is posted, below the server's
// address.
const DeleteStoredDataPath = "/api/jobs/deletestoreddata"

// DeleteStoredData starts a deletion. There is no dry run and no way back. Its
// result exists only in the answer to a call that waited to the end (wire 3.8).
func (c *Client) DeleteStoredData(ctx context.Context, body DeleteStoredDataQueueJobParameters, start Start) (*DeleteStoredDataQueueJobResult, error) {
	return startJob[DeleteStoredDataResult](ctx, c, call{doing: "start the deletion", path: DeleteStoredDataPath, body: body}, start)
}

// DeleteStoredData decodes the parameters of a delete_stored_data job; nil for
// other types.
func (p JobParameters) DeleteStoredData() (*DeleteStoredDataQueueJobParameters, error) {
	return parameters[DeleteStoredDataQueueJobParameters](p, "deleteStoredDataParameters")
}
