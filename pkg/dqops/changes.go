package dqops

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// changesHold is how long the server holds a question that has no news (wire 5).
const changesHold = 20 * time.Second

// JobChange is one entry of the changes stream (wire 3.8, DqoJobChangeModel).
type JobChange struct {
	Status   JobStatus `json:"status"`
	ID       JobID     `json:"jobId"`
	Sequence int64     `json:"changeSequence"`
	// Job is present for new and failed jobs and for finished ones with a
	// stored result; nil otherwise.
	Job             *Job      `json:"updatedModel"`
	StatusChangedAt time.Time `json:"statusChangedAt"`
	Domain          string    `json:"domainName"`
}

// JobSnapshot is the answer of get_all_jobs. Its list is always empty (wire
// T5); the number is where the kept changes begin.
type JobSnapshot struct {
	Jobs               []Job `json:"jobs"`
	LastSequenceNumber int64 `json:"lastSequenceNumber"`
}

// GetAllJobs reads the snapshot. To list jobs, read the changes from 0 instead.
func (c *Client) GetAllJobs(ctx context.Context) (*JobSnapshot, error) {
	snapshot := new(JobSnapshot)
	r := call{doing: "list jobs", method: http.MethodGet, path: "/api/jobs/jobs"}
	if err := c.whole(ctx, r, snapshot); err != nil {
		return nil, err
	}
	if snapshot.Jobs == nil {
		return nil, c.lacks(r, http.StatusOK, "jobs")
	}
	return snapshot, nil
}

// JobChangesSince hands every change after the sequence number to each, in the
// server's order, and returns the number to continue from. Without news the
// server holds the question up to 20 s and may answer early with nothing (wire
// T19); 0 asks for all that it keeps, about 20 minutes. Job ids and sequence
// numbers come from one counter, so a job's id is a number that all its own
// changes lie after.
//
// The answer is decoded change by change, never held whole. When an error is
// returned, each may have seen a part of it; an error of each ends the call and
// is returned as it is.
func (c *Client) JobChangesSince(ctx context.Context, sequence int64, each func(JobChange) error) (int64, error) {
	var last int64
	r := call{
		doing: "read the changes of jobs", method: http.MethodGet,
		path:    "/api/jobs/jobchangessince/" + strconv.FormatInt(sequence, 10),
		timeout: changesHold + waitMargin,
	}
	err := c.exchange(ctx, r, func(resp *http.Response) error {
		if err := c.checkJSON(r, resp); err != nil {
			return err
		}
		var err error
		last, err = c.readChanges(r, resp, each)
		return err
	})
	return last, err
}

func (c *Client) readChanges(r call, resp *http.Response, each func(JobChange) error) (int64, error) {
	body := &bounded{reader: &bounded{reader: resp.Body, left: maxStream}, left: maxChange}
	decoder := json.NewDecoder(body)
	last, err := decodeChanges(decoder, func(change JobChange) error {
		body.left = maxChange // for the next one
		return each(change)
	})
	own, ended := errors.AsType[*eachError](err)
	switch {
	case ended:
		return 0, own.err
	case err != nil && body.failed != nil:
		return 0, c.unreadable(r, resp, body.failed)
	case errors.Is(err, io.EOF) && decoder.InputOffset() == 0:
		return 0, c.protocol(r, resp, "the answer is empty")
	case err != nil:
		return 0, c.protocol(r, resp, fmt.Sprintf("the changes cannot be understood: %v", err))
	case last == nil:
		return 0, c.lacks(r, resp.StatusCode, "lastSequenceNumber")
	}
	return *last, nil
}

// eachError carries an error of the caller's function past the classification
// of what the server sent.
type eachError struct{ err error }

func (e *eachError) Error() string { return e.err.Error() }

var (
	errNotObject = errors.New("not the expected JSON object")
	errMore      = errors.New("more follows the JSON object")
)

func decodeChanges(d *json.Decoder, each func(JobChange) error) (last *int64, err error) {
	if err := expect(d, '{'); err != nil {
		return nil, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch key {
		case "jobChanges":
			err = decodeChangeList(d, each)
		case "lastSequenceNumber":
			err = d.Decode(&last)
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := expect(d, '}'); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, cmp.Or(err, errMore)
	}
	return last, nil
}

func decodeChangeList(d *json.Decoder, each func(JobChange) error) error {
	if err := expect(d, '['); err != nil {
		return err
	}
	for d.More() {
		var change JobChange
		if err := d.Decode(&change); err != nil {
			return err
		}
		if err := each(change); err != nil {
			return &eachError{err}
		}
	}
	return expect(d, ']')
}

func expect(d *json.Decoder, want json.Delim) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("%w: %v instead of %v", errNotObject, token, want)
	}
	return nil
}
