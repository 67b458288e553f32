package follow

import "github.com/dqoctl/dqoctl/pkg/dqops"

// kind is what submitting needs to know of an operation that starts jobs.
type kind struct {
	// parameters is where the history of the job keeps its request (wire 3.8).
	parameters string
	// again says that a request whose answer is lost, and whose job is not found on
	// a healthy server, may be sent once more: to start it twice harms nothing. All
	// others are never sent again once a byte of them may have left.
	again bool
}

// kinds are the operations that start jobs. Statistics of tables and of data groups
// are one type of job.
var kinds = map[dqops.JobType]kind{
	dqops.TypeRunChecks:                  {"runChecksParameters", true},
	dqops.TypeCollectStatistics:          {"collectStatisticsParameters", true},
	dqops.TypeCollectErrorSamples:        {"collectErrorSamplesParameters", true},
	dqops.TypeSynchronizeMultipleFolders: {"synchronizeMultipleFoldersParameters", true},
	dqops.TypeImportTables:               {"importTableParameters", false},
	dqops.TypeDeleteStoredData:           {"deleteStoredDataParameters", false},
}
