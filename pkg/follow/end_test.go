package follow_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// TestTheEndIsSeenOneRoundTripLater: the wait says that it is over, and one round
// trip later the job and those that it started are known. On a network without
// length the reading comes before the history knows, and is made again (wire T3).
func TestTheEndIsSeenOneRoundTripLater(t *testing.T) {
	for name, connection := range map[string]string{"a run": "shop", "a failing run": "broken", "one table of a run": "shop"} {
		for trip, most := range map[time.Duration]time.Duration{
			0:                      4 * time.Millisecond,
			20 * time.Millisecond:  20 * time.Millisecond,
			150 * time.Millisecond: 150 * time.Millisecond,
		} {
			t.Run(name+" over "+trip.String(), func(t *testing.T) {
				inWorld(t, func(t *testing.T, w *world) {
					id := w.start(connection).ID
					if name == "one table of a run" {
						time.Sleep(100 * time.Millisecond) // the run starts it
						id = w.Jobs()[1].ID
					}
					if trip > 0 {
						if _, err := w.Inject(simulator.Fault{Do: simulator.Delay, For: simulator.Duration(trip)}); err != nil {
							t.Error(err)
						}
					}
					got, err := w.follower().Wait(t.Context(), strconv.FormatInt(id, 10), true, time.Time{})
					if err != nil {
						t.Error(err)
						return
					}
					if late := time.Since(got.Job.StatusChangedAt); late > most {
						t.Errorf("known %s after the end, want at most %s", late, most)
					}
					if name != "one table of a run" && (!got.ChildrenKnown || len(got.Children) == 0) {
						t.Errorf("the children are not known: %+v", got.Children)
					}
				})
			})
		}
	}
}
