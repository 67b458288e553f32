package dqops

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// JobStatus is the state of a job as the server spells it. Values that are not
// listed here survive unchanged (wire 3.1).
type JobStatus string

// The states of DQOps 1.13.2.
const (
	StatusQueued          JobStatus = "queued"
	StatusRunning         JobStatus = "running"
	StatusWaiting         JobStatus = "waiting" // parked by a concurrency limit
	StatusFinished        JobStatus = "finished"
	StatusFailed          JobStatus = "failed"
	StatusCancelRequested JobStatus = "cancel_requested"
	StatusCancelled       JobStatus = "cancelled"
)

// Final reports whether the state never changes again. An unknown state is not
// final.
func (s JobStatus) Final() bool {
	return s == StatusFinished || s == StatusFailed || s == StatusCancelled
}

// JobType is the kind of a job as the server spells it; others than those of the
// constants exist and survive unchanged (wire 3.1).
type JobType string

// The kinds that can be started, and the children of those that have some.
const (
	TypeRunChecks                  JobType = "run_checks"
	TypeRunChecksOnTable           JobType = "run_checks_on_table"
	TypeCollectStatistics          JobType = "collect_statistics"
	TypeCollectStatisticsOnTable   JobType = "collect_statistics_on_table"
	TypeCollectErrorSamples        JobType = "collect_error_samples"
	TypeCollectErrorSamplesOnTable JobType = "collect_error_samples_on_table"
	TypeImportTables               JobType = "import_tables"
	TypeDeleteStoredData           JobType = "delete_stored_data"
	TypeSynchronizeMultipleFolders JobType = "synchronize_multiple_folders"
	TypeSynchronizeFolder          JobType = "synchronize_folder"
)

// JobID is how the server names a job (wire 3.1, DqoQueueJobId).
type JobID struct {
	// ID is unique in one server process only; the history does not survive it.
	ID int64 `json:"jobId"`
	// BusinessKey is the caller's own name; not unique (wire T9).
	BusinessKey string    `json:"jobBusinessKey,omitempty"`
	Parent      *JobID    `json:"parentJobId,omitempty"`
	CreatedAt   time.Time `json:"createdAt"`
	// Raw is the object as the server sent it.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON decodes the object and keeps it as it came.
func (id *JobID) UnmarshalJSON(data []byte) error {
	type plain JobID
	return keepRaw(data, (*plain)(id), &id.Raw)
}

// MarshalJSON gives the object as the server sent it, when it did.
func (id JobID) MarshalJSON() ([]byte, error) {
	if id.Raw != nil {
		return id.Raw, nil
	}
	type plain JobID
	return json.Marshal(plain(id))
}

// JobParameters are a job's parameters by their wire name; exactly one is set
// (wire 3.8, DqoJobEntryParametersModel). Each operation adds its accessor.
type JobParameters map[string]json.RawMessage

// Table is the table that a job works on which another started for it; nil for
// other jobs (wire 3.8, the OnTable parameters).
func (p JobParameters) Table() (*TableRef, error) {
	for _, name := range []string{"runChecksOnTableParameters", "collectStatisticsOnTableParameters", "collectErrorSamplesOnTableParameters"} {
		own, err := parameters[struct {
			Connection string            `json:"connection"`
			Table      PhysicalTableName `json:"table"`
		}](p, name)
		if err != nil {
			return nil, err
		}
		if own != nil {
			return &TableRef{Connection: own.Connection, Schema: own.Table.SchemaName, Table: own.Table.TableName}, nil
		}
	}
	return nil, nil
}

// Folder is the folder that a synchronize_folder job works on; "" for other jobs.
func (p JobParameters) Folder() string {
	own, err := parameters[struct {
		Parameter struct {
			Folder string `json:"folder"`
		} `json:"synchronizationParameter"`
	}](p, "synchronizeRootFolderParameters")
	if err != nil || own == nil {
		return ""
	}
	return own.Parameter.Folder
}

// Job is an entry of the server's job history (wire 3.8, DqoJobHistoryEntryModel).
type Job struct {
	ID         JobID         `json:"jobId"`
	Type       JobType       `json:"jobType"`
	Parameters JobParameters `json:"parameters"`
	Status     JobStatus     `json:"status"`
	// ErrorMessage is set for failed jobs and starts with Java class names
	// (wire T4); WithoutClassNames cuts them.
	ErrorMessage    string    `json:"errorMessage"`
	StatusChangedAt time.Time `json:"statusChangedAt"`
	DataDomain      string    `json:"dataDomain"` // "" is the root domain
	// Raw is the object as the server sent it, unknown fields included.
	Raw json.RawMessage `json:"-"`
}

var errNoJob = errors.New("no job: jobId or status is missing")

// UnmarshalJSON decodes the object, keeps it as it came, and refuses one that
// names no job.
func (j *Job) UnmarshalJSON(data []byte) error {
	type plain Job
	if err := keepRaw(data, (*plain)(j), &j.Raw); err != nil {
		return err
	}
	if j.ID.ID == 0 || j.Status == "" {
		return errNoJob
	}
	return nil
}

// GetJob reads one job by number or business key; a key shadows a number (wire
// 2.0). Its status is the truth about the job, where no wait's answer is.
func (c *Client) GetJob(ctx context.Context, id string) (*Job, error) {
	job := new(Job)
	r := call{doing: "read job " + id, method: http.MethodGet, path: jobPath(id), what: "job " + id}
	if err := c.whole(ctx, r, job); err != nil {
		return nil, err
	}
	return job, nil
}

// WaitForJob holds until the job ends or the time, whole seconds of it, has
// passed. ErrNotKnownYet and every ServerError mean "ask the job": the first
// also answers for a synchronize job that finished well (wire T7), the second
// for a failed or cancelled one (wire T4). A job that it returns may lack its
// result (wire T3).
func (c *Client) WaitForJob(ctx context.Context, id string, timeout time.Duration) (*Job, error) {
	job := new(Job)
	r := call{
		doing: "wait for job " + id, method: http.MethodGet, path: jobPath(id) + "/wait", what: "job " + id,
		query: url.Values{"waitTimeout": {waitSeconds(timeout)}}, timeout: timeout + waitMargin,
	}
	if err := c.decode(ctx, r, job); err != nil {
		return nil, err
	}
	return job, nil
}

// WaitForRunChecksJob is the typed wait of a run of checks. It answers 500 as soon
// as the job has finished well (wire L1): whoever needs the truth uses WaitForJob.
func (c *Client) WaitForRunChecksJob(ctx context.Context, id string, timeout time.Duration) (*RunChecksQueueJobResult, error) {
	return typedWait[RunChecksResult](ctx, c, "/api/jobs/runchecks/", id, timeout)
}

// WaitForCollectErrorSamplesJob is the typed wait of an error samples job; broken
// like WaitForRunChecksJob (wire L1).
func (c *Client) WaitForCollectErrorSamplesJob(ctx context.Context, id string, timeout time.Duration) (*CollectErrorSamplesResult, error) {
	return typedWait[ErrorSamplerResult](ctx, c, "/api/jobs/collecterrorsamples/", id, timeout)
}

func typedWait[T any](ctx context.Context, c *Client, path, id string, timeout time.Duration) (*QueueJobResult[T], error) {
	answer := new(QueueJobResult[T])
	r := call{
		doing: "wait for job " + id, method: http.MethodGet, path: path + url.PathEscape(id) + "/wait", what: "job " + id,
		query: url.Values{"waitTimeout": {waitSeconds(timeout)}}, timeout: timeout + waitMargin,
	}
	if err := c.decode(ctx, r, answer); err != nil {
		return nil, err
	}
	return answer, nil
}

// CancelJob asks the server to cancel a job. Success means only that the server
// heard it: it answers the same for jobs that are unknown or over (wire T6). The
// request goes out on a connection of its own, once: a second one can do harm.
func (c *Client) CancelJob(ctx context.Context, id string) error {
	r := call{doing: "cancel job " + id, method: http.MethodDelete, path: jobPath(id), single: true}
	return c.exchange(ctx, r, func(resp *http.Response) error {
		if resp.StatusCode == http.StatusNoContent {
			return nil
		}
		return c.protocol(r, resp, "a cancellation is answered with 204")
	})
}

func jobPath(id string) string { return "/api/jobs/jobs/" + url.PathEscape(id) }

// whole is decode for calls that always answer with a body.
func (c *Client) whole(ctx context.Context, r call, out any) error {
	r.whole = true
	return c.decode(ctx, r, out)
}

// keepRaw decodes an object and keeps it as it came.
func keepRaw(data []byte, into any, raw *json.RawMessage) error {
	if err := json.Unmarshal(data, into); err != nil {
		return err
	}
	*raw = append(json.RawMessage(nil), data...)
	return nil
}
