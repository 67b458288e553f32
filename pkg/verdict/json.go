package verdict

import (
	"bytes"
	"encoding/json"
	"math"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// MarshalJSON writes the server's own keys of the job as it sent them, unknown
// ones included, and ours after them.
func (r Result) MarshalJSON() ([]byte, error) {
	ours := struct {
		Asked          string          `json:"asked,omitempty"`
		ElapsedSeconds *float64        `json:"elapsedSeconds,omitempty"`
		Result         json.RawMessage `json:"result,omitempty"`
		Standing       *Standing       `json:"standing,omitempty"`
		Issues         *[]Finding      `json:"issues,omitempty"`
		MissingTables  []string        `json:"missingTables,omitempty"`
		Outcome        exit.Outcome    `json:"outcome"`
		ExitCode       int             `json:"exitCode"`
		Error          *Problem        `json:"error,omitempty"`
	}{Asked: r.Asked, Standing: r.Standing, Outcome: r.Outcome, ExitCode: r.Outcome.Code(), Error: r.Problem}
	if elapsed := r.Elapsed(); elapsed > 0 {
		seconds := math.Round(elapsed.Seconds()*1000) / 1000
		ours.ElapsedSeconds = &seconds
	}
	ours.Result = r.Detail
	if r.Run != nil {
		ours.Result = r.Run.Raw
	}
	if r.Import != nil {
		ours.MissingTables = r.Import.Missing
	}
	if r.Standing != nil {
		findings := r.Standing.Findings
		if findings == nil {
			findings = []Finding{}
		}
		ours.Issues = &findings
	}
	added, err := plainJSON(ours)
	if err != nil {
		return nil, err
	}
	server, err := r.serverKeys()
	if err != nil || server == nil {
		return added, err
	}
	return join(server, added), nil
}

// serverKeys is the job as read, or what the submit said of it.
func (r Result) serverKeys() ([]byte, error) {
	switch {
	case r.Job != nil && r.Job.Raw != nil:
		return r.Job.Raw, nil
	case r.Job != nil:
		return json.Marshal(r.Job)
	case r.ID != nil:
		return json.Marshal(map[string]any{"jobId": r.ID})
	}
	return nil, nil
}

// plainJSON leaves <, > and & as they are: nothing here goes into HTML.
func plainJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(b.Bytes()), err
}

// join makes one object of two that are not empty.
func join(a, b []byte) []byte {
	a, b = bytes.TrimSpace(a), bytes.TrimSpace(b)
	joined := make([]byte, 0, len(a)+len(b))
	joined = append(joined, a[:len(a)-1]...)
	joined = append(joined, ',')
	return append(joined, b[1:]...)
}
