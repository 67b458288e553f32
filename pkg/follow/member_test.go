package follow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// changed is one change of a job on a fake server.
func changed(sequence, id int64, status dqops.JobStatus, kind dqops.JobType) dqops.JobChange {
	c := dqops.JobChange{Status: status, ID: dqops.JobID{ID: id}, Sequence: sequence}
	if kind != "" {
		raw := fmt.Sprintf(`{"jobId":{"jobId":%d},"jobType":%q,"parameters":{},"status":%q}`, id, kind, status)
		c.Job = new(dqops.Job)
		if err := json.Unmarshal([]byte(raw), c.Job); err != nil {
			panic(err)
		}
	}
	return c
}

func waitMany(t *testing.T, server *fake, limit time.Duration, ids ...string) ([]follow.End, time.Duration) {
	t.Helper()
	var ends []follow.End
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		targets := make([]follow.Target, len(ids))
		for i, id := range ids {
			targets[i] = follow.Target{ID: id}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		deadline := time.Time{}
		if limit > 0 {
			deadline = began.Add(limit)
		}
		f := &follow.Follower{Server: server, Budget: budget}
		ends = f.WaitMany(ctx, targets, deadline, nil)
		took = time.Since(began)
	})
	return ends, took
}

// A restarted server knows none of the jobs: each is read again for some seconds.
func TestWaitManyRestart(t *testing.T) {
	questions := 0
	server := &fake{
		get: func(_ int, id string) (*dqops.Job, error) { return nil, unknown(id) },
		changes: func(_ context.Context, since int64) ([]dqops.JobChange, int64, error) {
			questions++
			switch questions {
			case 1:
				return []dqops.JobChange{changed(8, 7, dqops.StatusRunning, dqops.TypeRunChecks), changed(10, 9, dqops.StatusQueued, dqops.TypeDeleteStoredData)}, 11, nil
			case 2:
				return nil, 0, lost("connection reset")
			}
			return nil, since, nil
		},
	}
	ends, took := waitMany(t, server, 0, "7", "9")
	for i, end := range ends {
		if outcome(end.Err) != exit.JobLost || !strings.Contains(words(end.Err), "restarted") || end.Job == nil {
			t.Errorf("end %d: %v, %v", i, words(end.Err), end.Job)
		}
	}
	if took < 5*time.Second || took > 8*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestWaitManyContactLost(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		took time.Duration
		want string
	}{
		{"unreachable for good", lost("connection refused"), budget, "unreachable"},
		{"refused", denied, time.Second, "*dqops.UnauthorizedError"},
		{"another product", notDQOps, time.Second, "*dqops.ProtocolError"},
		{"the stream fails itself", says(500), 10 * time.Second, "no good answer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			questions := 0
			server := &fake{
				get: func(int, string) (*dqops.Job, error) {
					if questions > 1 && tc.want == "unreachable" {
						return nil, tc.err
					}
					return job(dqops.StatusRunning), nil
				},
				changes: func(context.Context, int64) ([]dqops.JobChange, int64, error) {
					if questions++; questions == 1 {
						return []dqops.JobChange{changed(8, 7, dqops.StatusRunning, dqops.TypeRunChecksOnTable)}, 9, nil
					}
					return nil, 0, tc.err
				},
			}
			ends, took := waitMany(t, server, 0, "7", "nightly")
			for i, end := range ends {
				got := fmt.Sprintf("%T %s %v", end.Err, outcome(end.Err), end.Err)
				if !strings.Contains(got, tc.want) {
					t.Errorf("end %d: %s", i, got)
				}
			}
			if took > tc.took+time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// First contact fails fast, once for all.
func TestWaitManyNoContact(t *testing.T) {
	server := &fake{changes: func(context.Context, int64) ([]dqops.JobChange, int64, error) {
		return nil, 0, lost("connection refused")
	}}
	ends, took := waitMany(t, server, 0, "7", "9")
	if took != 0 || len(server.calls) != 1 {
		t.Errorf("after %s and %v", took, server.calls)
	}
	for i, end := range ends {
		if _, ok := end.Err.(*dqops.UnreachableError); !ok { //nolint:errorlint // as it came
			t.Errorf("end %d: %v", i, end.Err)
		}
	}
}

// A synchronization vanishes without a change when a newer one ends (wire T18).
func TestWaitManyVanished(t *testing.T) {
	server := &fake{
		get: func(_ int, id string) (*dqops.Job, error) { return nil, unknown(id) },
		changes: func(_ context.Context, since int64) ([]dqops.JobChange, int64, error) {
			if since == 7 {
				return []dqops.JobChange{changed(8, 7, dqops.StatusQueued, dqops.TypeSynchronizeMultipleFolders)}, 9, nil
			}
			return nil, since, nil
		},
	}
	ends, took := waitMany(t, server, 0, "7", "7")
	for i, end := range ends {
		if outcome(end.Err) != exit.JobLost || !strings.Contains(words(end.Err), "synchronization") {
			t.Errorf("end %d: %v", i, words(end.Err))
		}
	}
	if took > 3*time.Minute {
		t.Errorf("it took %s", took)
	}
}

// The result of a run may come late (wire T3) or never (wire L10).
func TestWaitManyResultLate(t *testing.T) {
	for name, tc := range map[string]struct {
		get  func(int, string) (*dqops.Job, error)
		took time.Duration
	}{
		"late":  {then(job(dqops.StatusFinished), job(dqops.StatusFinished), judged(dqops.TypeRunChecksOnTable)), time.Second},
		"never": {then(job(dqops.StatusFinished)), 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			server := &fake{get: tc.get, changes: func(_ context.Context, since int64) ([]dqops.JobChange, int64, error) {
				return []dqops.JobChange{changed(8, 7, dqops.StatusFinished, "")}, since, nil
			}}
			ends, took := waitMany(t, server, 0, "7", "nightly")
			if ends[0].Err != nil || ends[0].Job.Status != dqops.StatusFinished || took > tc.took {
				t.Errorf("after %s: %v", took, ends[0].Err)
			}
			result, err := ends[0].Job.RunChecksResult()
			if has := result != nil; err != nil || has != (name == "late") {
				t.Errorf("result %v, %v", result, err)
			}
		})
	}
}
