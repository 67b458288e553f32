package simulator

import (
	"strings"
	"time"
)

// The statuses of a job (wire 3.1).
const (
	statusQueued          = "queued"
	statusRunning         = "running"
	statusWaiting         = "waiting"
	statusFinished        = "finished"
	statusFailed          = "failed"
	statusCancelRequested = "cancel_requested"
	statusCancelled       = "cancelled"
)

// The job types that this package starts (wire 3.1).
const (
	jobRunChecks           = "run_checks"
	jobRunChecksOnTable    = "run_checks_on_table"
	jobStatistics          = "collect_statistics"
	jobStatisticsOnTable   = "collect_statistics_on_table"
	jobErrorSamples        = "collect_error_samples"
	jobErrorSamplesOnTable = "collect_error_samples_on_table"
	jobImportTables        = "import_tables"
	jobDeleteData          = "delete_stored_data"
	jobSynchronize         = "synchronize_multiple_folders"
	jobSynchronizeFolder   = "synchronize_folder"
)

// instant is a moment as Java prints it: UTC with 0, 3, 6 or 9 digits of a
// second (wire 1).
type instant time.Time

func (i instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

func (i instant) String() string {
	at := time.Time(i).UTC()
	text := at.Format("2006-01-02T15:04:05")
	if at.Nanosecond() == 0 {
		return text + "Z"
	}
	digits := at.Format(".000000000")
	for strings.HasSuffix(digits, "000") {
		digits = strings.TrimSuffix(digits, "000")
	}
	return text + digits + "Z"
}

type jobID struct {
	JobID       int64   `json:"jobId"`
	BusinessKey *string `json:"jobBusinessKey,omitempty"`
	Parent      *jobID  `json:"parentJobId,omitempty"`
	CreatedAt   instant `json:"createdAt"`
}

// historyEntry is DqoJobHistoryEntryModel (wire 3.8).
type historyEntry struct {
	JobID           jobID          `json:"jobId"`
	JobType         string         `json:"jobType"`
	Parameters      map[string]any `json:"parameters"`
	Status          string         `json:"status"`
	ErrorMessage    string         `json:"errorMessage,omitempty"`
	StatusChangedAt instant        `json:"statusChangedAt"`
	DataDomain      string         `json:"dataDomain"`
}

// jobChange is DqoJobChangeModel (wire 3.8).
type jobChange struct {
	Status          string        `json:"status"`
	JobID           jobID         `json:"jobId"`
	Sequence        int64         `json:"changeSequence"`
	Updated         *historyEntry `json:"updatedModel,omitempty"`
	StatusChangedAt instant       `json:"statusChangedAt"`
	DomainName      string        `json:"domainName"`
}

type allJobs struct {
	Jobs         []historyEntry `json:"jobs"`
	Folders      folderStatus   `json:"folderSynchronizationStatus"`
	LastSequence int64          `json:"lastSequenceNumber"`
}

type changesAnswer struct {
	Changes      []jobChange  `json:"jobChanges"`
	Folders      folderStatus `json:"folderSynchronizationStatus"`
	LastSequence int64        `json:"lastSequenceNumber"`
}

// folderStatus is CloudSynchronizationFoldersStatusModel (wire 3.8).
type folderStatus struct {
	Sources        string `json:"sources"`
	Sensors        string `json:"sensors"`
	Rules          string `json:"rules"`
	Checks         string `json:"checks"`
	Settings       string `json:"settings"`
	Credentials    string `json:"credentials"`
	Dictionaries   string `json:"dictionaries"`
	Patterns       string `json:"patterns"`
	SensorReadouts string `json:"data_sensor_readouts"`
	CheckResults   string `json:"data_check_results"`
	Statistics     string `json:"data_statistics"`
	Errors         string `json:"data_errors"`
	Incidents      string `json:"data_incidents"`
}
