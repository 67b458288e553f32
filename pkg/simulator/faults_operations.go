package simulator

import "net/http"

type operation struct{ method, path string }

// operations are the API's names of what a fault can be on: the job operations,
// and the readings that follow a run of checks.
var operations = map[string]operation{
	"is_healthy": {http.MethodGet, "/api/ishealthy"},

	"run_checks":                        {http.MethodPost, "/api/jobs/runchecks"},
	"collect_statistics_on_table":       {http.MethodPost, "/api/jobs/collectstatistics/table"},
	"collect_statistics_on_data_groups": {http.MethodPost, "/api/jobs/collectstatistics/withgrouping"},
	"collect_error_samples":             {http.MethodPost, "/api/jobs/collecterrorsamples"},
	"import_tables":                     {http.MethodPost, "/api/jobs/importtables"},
	"delete_stored_data":                {http.MethodPost, "/api/jobs/deletestoreddata"},
	"synchronize_folders":               {http.MethodPost, "/api/jobs/synchronize"},

	"get_all_jobs":                       {http.MethodGet, "/api/jobs/jobs"},
	"get_job":                            {http.MethodGet, "/api/jobs/jobs/{}"},
	"get_job_changes_since":              {http.MethodGet, "/api/jobs/jobchangessince/{}"},
	"wait_for_job":                       {http.MethodGet, "/api/jobs/jobs/{}/wait"},
	"wait_for_run_checks_job":            {http.MethodGet, "/api/jobs/runchecks/{}/wait"},
	"wait_for_collect_error_samples_job": {http.MethodGet, "/api/jobs/collecterrorsamples/{}/wait"},
	"cancel_job":                         {http.MethodDelete, "/api/jobs/jobs/{}"},
	"is_cron_scheduler_running":          {http.MethodGet, "/api/jobs/scheduler/isrunning"},
	"start_cron_scheduler":               {http.MethodPost, "/api/jobs/scheduler/status/start"},
	"stop_cron_scheduler":                {http.MethodPost, "/api/jobs/scheduler/status/stop"},
	"get_table_data_quality_status":      {http.MethodGet, "/api/connections/{}/schemas/{}/tables/{}/status"},
}
