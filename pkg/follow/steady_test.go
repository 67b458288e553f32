package follow_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// lister is a fake that keeps no changes.
type lister struct{ *fake }

func (lister) GetAllJobs(context.Context) (*dqops.JobSnapshot, error) {
	return &dqops.JobSnapshot{}, nil
}

func TestAReadingThatDoesNotFollow(t *testing.T) {
	gone := &dqops.NotFoundError{Doing: "ask"}
	for name, c := range map[string]struct {
		answered bool
		get      func(int, string) (*dqops.Job, error)
		took     time.Duration // at most 0.7 s more, two jittered pauses
		asked    int
		fails    bool
	}{
		"a first 429 that says when":   {false, then(saysLater(429, 2*time.Second), job(dqops.StatusRunning)), 2 * time.Second, 2, false},
		"a first 503 that says when":   {false, then(saysLater(503, 9*time.Second), job(dqops.StatusRunning)), 9 * time.Second, 2, false},
		"a first 429 with a long wish": {false, then(saysLater(429, 11*time.Second)), 0, 1, true},
		"a first 429 without a wish":   {false, then(says(429)), 0, 1, true},
		"a first 401":                  {false, then(denied), 0, 1, true},
		"a first lost answer":          {false, then(lost("reset")), 0, 1, true},
		"a later 429":                  {true, then(says(429), job(dqops.StatusRunning)), 0, 2, false},
		"a later lost answer":          {true, then(lost("reset"), lost("reset"), job(dqops.StatusRunning)), 0, 3, false},
		"a later 404":                  {true, then(gone), 0, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &fake{get: c.get}
				told := 0
				s := &follow.Steady{Lister: lister{server}, Told: func(error) { told++ }}
				if c.answered {
					if _, err := s.GetAllJobs(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				began := time.Now()
				_, err := s.GetJob(t.Context(), "7")
				if took := time.Since(began); took < c.took || took > c.took+700*time.Millisecond {
					t.Errorf("took %s, want %s", took, c.took)
				}
				if asked := len(server.made("get")); asked != c.asked || told != c.asked-1 {
					t.Errorf("asked %d times and told %d, want %d", asked, told, c.asked)
				}
				if (err != nil) != c.fails {
					t.Error(err)
				}
			})
		})
	}
}

// TestASteadyServerThatDoesNotRecover is given up after a bounded time.
func TestASteadyServerThatDoesNotRecover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &follow.Steady{Lister: lister{&fake{get: then(says(503))}}}
		if _, err := s.GetAllJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err := s.GetJob(t.Context(), "7")
		if outcome(err) != "unreachable" || time.Since(began) > 10*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}
