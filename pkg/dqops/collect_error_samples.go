package dqops

import (
	"context"
	"encoding/json"
)

// CollectErrorSamplesParameters are the body of collect_error_samples (wire 3.4).
// The filters have no default: leaving them out fails the job (wire T14).
type CollectErrorSamplesParameters struct {
	CheckSearchFilters *CheckSearchFilters         `json:"check_search_filters,omitempty"`
	TimeWindowFilter   *TimeWindowFilterParameters `json:"time_window_filter,omitempty"`
	// DataScope is table (also when empty) or data_group.
	DataScope            string `json:"data_scope,omitempty"`
	DummySensorExecution bool   `json:"dummy_sensor_execution,omitempty"`
	// ErrorSamplerResult is filled by the server when the job is done.
	ErrorSamplerResult *ErrorSamplerResult `json:"error_sampler_result,omitempty"`
}

// ErrorSamplerResult is the summary of an error samples job (wire 3.4).
type ErrorSamplerResult struct {
	ExecutedErrorSamplers       int `json:"executed_error_samplers"`
	ColumnsAnalyzed             int `json:"columns_analyzed"`
	ColumnsSuccessfullyAnalyzed int `json:"columns_successfully_analyzed"`
	TotalErrorSamplersFailed    int `json:"total_error_samplers_failed"`
	TotalErrorSamplesCollected  int `json:"total_error_samples_collected"`
	// Raw is the object as the server sent it.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON decodes the object and keeps it as it came.
func (r *ErrorSamplerResult) UnmarshalJSON(data []byte) error {
	type plain ErrorSamplerResult
	return keepRaw(data, (*plain)(r), &r.Raw)
}

// CollectErrorSamplesResult is the answer to a started error samples job.
type CollectErrorSamplesResult = QueueJobResult[ErrorSamplerResult]

// CollectErrorSamplesPath is where collect_error_samples is posted, below the
// server's address.
const CollectErrorSamplesPath = "/api/jobs/collecterrorsamples"

// CollectErrorSamples starts collecting sample rows behind failed checks.
func (c *Client) CollectErrorSamples(ctx context.Context, body CollectErrorSamplesParameters, start Start) (*CollectErrorSamplesResult, error) {
	r := call{doing: "start collecting error samples", path: CollectErrorSamplesPath, body: body}
	return startJob[ErrorSamplerResult](ctx, c, r, start)
}

// CollectErrorSamples decodes the parameters of a collect_error_samples job or of
// one of its children; nil for other types.
func (p JobParameters) CollectErrorSamples() (*CollectErrorSamplesParameters, error) {
	if _, child := p["collectErrorSamplesOnTableParameters"]; child {
		return parameters[CollectErrorSamplesParameters](p, "collectErrorSamplesOnTableParameters")
	}
	return parameters[CollectErrorSamplesParameters](p, "collectErrorSamplesParameters")
}
