package dqops

import "context"

// SynchronizeMultipleFoldersParameters are the body of synchronize_folders (wire
// 3.7). Without any folder the job succeeds and does nothing.
type SynchronizeMultipleFoldersParameters struct {
	Direction                string `json:"direction,omitempty"` // full (also when empty), download or upload
	ForceRefreshNativeTables bool   `json:"forceRefreshNativeTables,omitempty"`
	DetectCronSchedules      bool   `json:"detectCronSchedules,omitempty"`
	Sources                  bool   `json:"sources,omitempty"`
	Sensors                  bool   `json:"sensors,omitempty"`
	Rules                    bool   `json:"rules,omitempty"`
	Checks                   bool   `json:"checks,omitempty"`
	Settings                 bool   `json:"settings,omitempty"`
	Credentials              bool   `json:"credentials,omitempty"`
	Dictionaries             bool   `json:"dictionaries,omitempty"`
	Patterns                 bool   `json:"patterns,omitempty"`
	DataSensorReadouts       bool   `json:"dataSensorReadouts,omitempty"`
	DataCheckResults         bool   `json:"dataCheckResults,omitempty"`
	DataStatistics           bool   `json:"dataStatistics,omitempty"`
	DataErrors               bool   `json:"dataErrors,omitempty"`
	DataIncidents            bool   `json:"dataIncidents,omitempty"`
	// SynchronizeFolderWithLocalChanges adds the folders that are changed now.
	SynchronizeFolderWithLocalChanges bool `json:"synchronizeFolderWithLocalChanges,omitempty"`
}

// NoResult is the result of a kind of job that has none.
type NoResult struct{}

// SynchronizeMultipleFoldersQueueJobResult is the answer to a started
// synchronization. There is never a result: the truth is the job's state.
type SynchronizeMultipleFoldersQueueJobResult = QueueJobResult[NoResult]

// SynchronizeFoldersPath is where synchronize_folders is posted, below the
// server's address.
const SynchronizeFoldersPath = "/api/jobs/synchronize"

// SynchronizeFolders starts a synchronization with DQOps Cloud.
func (c *Client) SynchronizeFolders(ctx context.Context, body SynchronizeMultipleFoldersParameters, start Start) (*SynchronizeMultipleFoldersQueueJobResult, error) {
	r := call{doing: "start the synchronization", path: SynchronizeFoldersPath, body: body}
	return startJob[NoResult](ctx, c, r, start)
}

// SynchronizeMultipleFolders decodes the parameters of a
// synchronize_multiple_folders job; nil for other types.
func (p JobParameters) SynchronizeMultipleFolders() (*SynchronizeMultipleFoldersParameters, error) {
	return parameters[SynchronizeMultipleFoldersParameters](p, "synchronizeMultipleFoldersParameters")
}
