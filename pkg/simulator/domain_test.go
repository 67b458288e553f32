package simulator

import (
	"net/http"
	"strings"
	"testing"
)

func TestDataDomains(t *testing.T) {
	const cookie, sales, root = "Cookie", "DQODataDomain=sales", "DQODataDomain=(default)"
	for _, cloudKey := range []bool{false, true} {
		sc := shopScenario()
		sc.CloudKey = cloudKey
		inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
			b.send(http.MethodPost, "/api/jobs/runchecks?jobBusinessKey=k", `{"check_search_filters":{"connection":"shop"}}`, cookie, sales)
			settle()
			domain, elsewhere := "", http.StatusOK
			if cloudKey {
				domain, elsewhere = "sales", http.StatusNotFound
			}
			for _, j := range b.Jobs() {
				if j.Domain != domain {
					t.Errorf("cloud key %t: %+v", cloudKey, j)
				}
			}
			got := b.send(http.MethodGet, "/api/jobs/jobs/k", "", cookie, sales)
			if !strings.Contains(string(got.body), `"dataDomain":"`+domain+`"`) {
				t.Errorf("cloud key %t: %s %s", cloudKey, got.Status, got.body)
			}
			for _, path := range []string{"/api/jobs/jobs/k", "/api/jobs/jobs/k/wait"} {
				for _, other := range []string{"", root, "DQODataDomain=", "DQODataDomain=hr"} {
					if other == "DQODataDomain=hr" && !cloudKey {
						continue
					}
					if got := b.send(http.MethodGet, path, "", cookie, other); got.StatusCode != elsewhere {
						t.Errorf("cloud key %t, %q sees %s: %s", cloudKey, other, path, got.Status)
					}
				}
			}
			b.send(http.MethodDelete, "/api/jobs/jobs/k", "", cookie, sales)
			mine := b.send(http.MethodGet, "/api/jobs/jobchangessince/0", "", cookie, sales)
			theirs := b.get("/api/jobs/jobchangessince/0")
			if !strings.Contains(string(mine.body), `"domainName":"`+domain+`"`) || strings.Contains(string(theirs.body), `"k"`) == cloudKey {
				t.Errorf("cloud key %t: changes %s and %s", cloudKey, mine.body, theirs.body)
			}
		})
	}
}
