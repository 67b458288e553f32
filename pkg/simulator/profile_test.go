package simulator

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// The form without a key is compared with a recording, TestConformance.
func TestProfileWithCloudKey(t *testing.T) {
	sc := shopScenario()
	sc.CloudKey, sc.ParallelJobs = true, 3
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		got := b.get("/api/environment/profile")
		var profile map[string]any
		if err := json.Unmarshal(got.body, &profile); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]any{"user": "simulated@example.test", "license_type": "TEAM", "jobs_limit": 3.0, "can_synchronize": true} {
			if profile[name] != want {
				t.Errorf("%s is %v, want %v", name, profile[name], want)
			}
		}
	})
}

func TestDateIsTheSimulatedClock(t *testing.T) {
	sc := shopScenario()
	at := time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)
	sc.Clock = &Instant{at}
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		for _, path := range []string{"/api/ishealthy", "/nosuch"} {
			date, err := http.ParseTime(b.get(path).Header.Get("Date"))
			if err != nil || date.Before(at) || date.Sub(at) > time.Minute {
				t.Errorf("%s: date %s (%v), the clock began at %s", path, date, err, at)
			}
		}
	})
}
