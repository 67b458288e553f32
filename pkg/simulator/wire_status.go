package simulator

// The models of the table status and the table search (wire 3.10).

// counts are of stored rows, left-over groups too; they never clear.
type counts struct {
	Executed        int `json:"executed_checks"`
	Valid           int `json:"valid_results"`
	Warnings        int `json:"warnings"`
	Errors          int `json:"errors"`
	Fatals          int `json:"fatals"`
	ExecutionErrors int `json:"execution_errors"`
}

func (n *counts) count(severity int) {
	n.Executed++
	switch severity {
	case severityValid:
		n.Valid++
	case severityWarning:
		n.Warnings++
	case severityError:
		n.Errors++
	case severityFatal:
		n.Fatals++
	default:
		n.ExecutionErrors++
	}
}

func (n *counts) add(more counts) {
	n.Executed += more.Executed
	n.Valid += more.Valid
	n.Warnings += more.Warnings
	n.Errors += more.Errors
	n.Fatals += more.Fatals
	n.ExecutionErrors += more.ExecutionErrors
}

// kpi is the share of what passed, warnings too; nil when nothing was judged.
func (n *counts) kpi() *double {
	judged := n.Valid + n.Warnings + n.Errors + n.Fatals
	if judged == 0 {
		return nil
	}
	share := double(float64(n.Valid+n.Warnings) * 100 / float64(judged))
	return &share
}

// standing is what table, column and dimension say alike.
type standing struct {
	CurrentSeverity string   `json:"current_severity,omitempty"`
	HighestSeverity string   `json:"highest_historical_severity,omitempty"`
	LastExecutedAt  *instant `json:"last_check_executed_at,omitempty"`
	counts
	KPI *double `json:"data_quality_kpi,omitempty"`
}

type tableStatus struct {
	DataDomain     string  `json:"data_domain"`
	Connection     string  `json:"connection_name"`
	Schema         string  `json:"schema_name"`
	Table          string  `json:"table_name"`
	TotalRowCount  *int64  `json:"total_row_count,omitempty"`
	FreshnessDelay *double `json:"data_freshness_delay_days,omitempty"`
	standing
	Checks     map[string]*checkStatus     `json:"checks,omitzero"`
	Columns    map[string]*columnStatus    `json:"columns,omitzero"`
	Dimensions map[string]*dimensionStatus `json:"dimensions"`
	TableExist bool                        `json:"table_exist"`
}

type columnStatus struct {
	standing
	Checks     map[string]*checkStatus     `json:"checks"`
	Dimensions map[string]*dimensionStatus `json:"dimensions"`
}

type dimensionStatus struct {
	Dimension string `json:"dimension"`
	standing
}

type checkStatus struct {
	CurrentSeverity string  `json:"current_severity"`
	HighestSeverity string  `json:"highest_historical_severity,omitempty"`
	LastExecutedAt  instant `json:"last_executed_at"`
	ColumnName      string  `json:"column_name,omitempty"`
	CheckType       string  `json:"check_type"`
	TimeScale       string  `json:"time_scale,omitempty"`
	Category        string  `json:"category,omitempty"`
	Dimension       string  `json:"quality_dimension,omitempty"`
	counts
}

type tableListEntry struct {
	Connection           string              `json:"connection_name"`
	TableHash            int64               `json:"table_hash"`
	Target               physicalTableName   `json:"target"`
	Labels               []string            `json:"labels,omitempty"`
	Disabled             bool                `json:"disabled,omitempty"`
	NoProfilingSamples   bool                `json:"do_not_collect_error_samples_in_profiling"`
	MonitoringSamples    bool                `json:"always_collect_error_samples_in_monitoring"`
	Status               tableStatus         `json:"data_quality_status"`
	AnyChecks            bool                `json:"has_any_configured_checks,omitempty"`
	AnyProfiling         bool                `json:"has_any_configured_profiling_checks,omitempty"`
	AnyMonitoring        bool                `json:"has_any_configured_monitoring_checks,omitempty"`
	AnyPartitioned       bool                `json:"has_any_configured_partition_checks,omitempty"`
	PartitioningMissing  bool                `json:"partitioning_configuration_missing,omitempty"`
	RunChecks            *checkSearchFilters `json:"run_checks_job_template"`
	RunProfilingChecks   *checkSearchFilters `json:"run_profiling_checks_job_template"`
	RunMonitoringChecks  *checkSearchFilters `json:"run_monitoring_checks_job_template"`
	RunPartitionChecks   *checkSearchFilters `json:"run_partition_checks_job_template"`
	CollectStatistics    map[string]any      `json:"collect_statistics_job_template"`
	AdvancedProperties   map[string]string   `json:"advanced_properties"`
	CanEdit              bool                `json:"can_edit"`
	CanCollectStatistics bool                `json:"can_collect_statistics"`
	CanRunChecks         bool                `json:"can_run_checks"`
	CanDeleteData        bool                `json:"can_delete_data"`
}
