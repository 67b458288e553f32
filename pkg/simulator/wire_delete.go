package simulator

// The models of delete_stored_data (wire 3.6).

type deleteParameters struct {
	Connection        *string  `json:"connection,omitempty"`
	FullTableName     *string  `json:"fullTableName,omitempty"`
	DateStart         *string  `json:"dateStart,omitempty"`
	DateEnd           *string  `json:"dateEnd,omitempty"`
	Errors            bool     `json:"deleteErrors"`
	Statistics        bool     `json:"deleteStatistics"`
	CheckResults      bool     `json:"deleteCheckResults"`
	SensorReadouts    bool     `json:"deleteSensorReadouts"`
	ErrorSamples      bool     `json:"deleteErrorSamples"`
	Incidents         bool     `json:"deleteIncidents"`
	Checks            bool     `json:"deleteChecksConfiguration"`
	ColumnNames       []string `json:"columnNames,omitzero"`
	CheckCategory     *string  `json:"checkCategory,omitempty"`
	CheckName         *string  `json:"checkName,omitempty"`
	CheckType         *string  `json:"checkType,omitempty"`
	QualityDimension  *string  `json:"qualityDimension,omitempty"`
	TableComparison   *string  `json:"tableComparisonName,omitempty"`
	SensorName        *string  `json:"sensorName,omitempty"`
	DataGroupTag      *string  `json:"dataGroupTag,omitempty"`
	TimeGradient      *string  `json:"timeGradient,omitempty"`
	CollectorCategory *string  `json:"collectorCategory,omitempty"`
	CollectorName     *string  `json:"collectorName,omitempty"`
	CollectorTarget   *string  `json:"collectorTarget,omitempty"`
	IncidentStatus    *string  `json:"incidentStatusName,omitempty"`
}

type deleteResult struct {
	Partitions map[string]deletedPartition `json:"partitionResults"`
}

type deletedPartition struct {
	Rows    int  `json:"rowsAffectedCount"`
	Deleted bool `json:"partitionDeleted"`
}

func decodeDelete(body []byte) (*deleteParameters, error) {
	const class = "com.dqops.core.jobqueue.jobs.data.DeleteStoredDataQueueJobParameters"
	object, err := readObject(body, class,
		controllerOf("deleteStoredData", "com.dqops.core.jobqueue.jobs.data.DeleteStoredDataQueueJobResult", class))
	if err != nil {
		return nil, err
	}
	r := &reader{object: object}
	p := &deleteParameters{
		Connection: r.text("connection"), FullTableName: r.text("fullTableName"),
		DateStart: r.date("dateStart"), DateEnd: r.date("dateEnd"), ColumnNames: r.list("columnNames"),
		CheckCategory: r.text("checkCategory"), CheckName: r.text("checkName"),
		CheckType:        r.enum("checkType", "com.dqops.checks.CheckType", typeProfiling, typeMonitoring, typePartitioned),
		QualityDimension: r.text("qualityDimension"), TableComparison: r.text("tableComparisonName"),
		SensorName: r.text("sensorName"), DataGroupTag: r.text("dataGroupTag"), TimeGradient: r.text("timeGradient"),
		CollectorCategory: r.text("collectorCategory"), CollectorName: r.text("collectorName"),
		CollectorTarget: r.text("collectorTarget"), IncidentStatus: r.text("incidentStatusName"),
	}
	for name, target := range map[string]*bool{
		"deleteErrors": &p.Errors, "deleteStatistics": &p.Statistics, "deleteCheckResults": &p.CheckResults,
		"deleteSensorReadouts": &p.SensorReadouts, "deleteErrorSamples": &p.ErrorSamples, "deleteIncidents": &p.Incidents,
		"deleteChecksConfiguration": &p.Checks,
	} {
		if value := r.flag(name); value != nil {
			*target = *value
		}
	}
	return p, r.err
}
