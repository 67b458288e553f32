package follow_test

import (
	"context"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/follow"
)

// TestAJobWhoseStartWasBrokenOff is found by its key, unless another process has
// started one of the same key and request: that is not to be touched.
func TestAJobWhoseStartWasBrokenOff(t *testing.T) {
	for name, c := range map[string]struct {
		callers bool
		started []string // by connection, with the same key
		found   bool
	}{
		"none":                  {true, nil, false},
		"ours":                  {true, []string{"slow"}, true},
		"of a key that we made": {false, []string{"slow"}, true},
		"a rival beside it":     {true, []string{"slow", "slow"}, false},
		"another request":       {true, []string{"shop"}, false},
		"another request newer": {true, []string{"slow", "shop"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				var last int64
				for _, connection := range c.started {
					job, err := w.follower().Submit(t.Context(), w.submission("nightly", connection))
					if err != nil {
						t.Error(err)
						return
					}
					last = job.ID.ID
				}
				s := w.submission("nightly", "slow")
				s.Callers = c.callers
				looking, stop := context.WithTimeout(t.Context(), 5*time.Second)
				defer stop()
				got := w.follower().Appears(looking, s)
				if (got != nil) != c.found || got != nil && (got.ID.ID != last || got.How != follow.Found) {
					t.Errorf("found %+v of %v", got, w.Jobs())
				}
			})
		})
	}
}
