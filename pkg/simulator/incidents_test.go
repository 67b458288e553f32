package simulator

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// seenIncident is what the tests look at.
type seenIncident struct {
	Table     string    `json:"table"`
	Month     int       `json:"month"`
	FirstSeen time.Time `json:"firstSeen"`
	LastSeen  time.Time `json:"lastSeen"`
	Dimension string    `json:"qualityDimension"`
	Severity  int       `json:"highestSeverity"`
	Failed    int       `json:"failedChecksCount"`
	Status    string    `json:"status"`
}

func (b *bench) incidents(query string) []seenIncident {
	b.t.Helper()
	var found []seenIncident
	got := b.get("/api/incidents/shop" + query)
	if err := json.Unmarshal(got.body, &found); err != nil || got.StatusCode != http.StatusOK {
		b.t.Fatalf("%s %s: %v", got.Status, got.body, err)
	}
	return found
}

func TestIncidents(t *testing.T) {
	sc := scenario(t, `
clock: 2026-11-23T14:00:00Z
connections:
  - name: shop
    tables:
      - name: s.a
        incidents:
          - {first-seen: 2026-10-02, status: muted, dimension: Timeliness, severity: 3}
          - {first-seen: -100, dimension: Accuracy}
          - {dimension: Validity, category: numeric, status: acknowledged}
        checks:
          - {name: one, type: monitoring, time-scale: daily, category: numeric, dimension: Validity, warning: {upper: 0}, values: [1, 1, 0]}
          - {name: two, type: monitoring, time-scale: daily, category: numeric, dimension: Validity, error: {upper: 0}, values: [1, 2, 0]}
          - {name: good, type: monitoring, time-scale: daily, category: nulls, dimension: Completeness, error: {upper: 5}, values: 1}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		run := `{"check_search_filters":{"connection":"shop"}}`
		b.run(run)
		open := b.incidents("?acknowledged=false")
		if len(open) != 1 || open[0].Failed != 2 || open[0].Severity != severityError || open[0].Month != 11 || open[0].Status != "open" {
			t.Fatalf("after the first run: %+v", open)
		}
		b.AdvanceClock(time.Hour)
		b.run(run) // only the second check is judged again
		if again := b.incidents("?acknowledged=false"); len(again) != 1 || again[0].Failed != 3 || again[0].LastSeen.Sub(again[0].FirstSeen) < time.Hour {
			t.Errorf("after the second run: %+v", again)
		}
		b.AdvanceClock(90 * 24 * time.Hour) // the incident takes no more
		if err := b.SetValue(CheckRef{Connection: "shop", Table: "s.a", Check: "two"}, 7); err != nil {
			t.Fatal(err)
		}
		b.run(run)
		for query, want := range map[string]int{
			"?months=12": 4, "?months=12&muted=yes": 5, "?months=12&open=false": 1, "?months=1": 1, "?months=12&limit=3": 3,
			"?months=12&limit=3&page=2": 1, "?months=12&severity=2": 2, "?months=12&muted=true&dimension=Timeliness": 1,
			"?months=12&category=numeric": 3, "?months=12&resolved=true&open=false&acknowledged=false": 0,
		} {
			if found := b.incidents(query); len(found) != want {
				t.Errorf("%s: %d incidents, want %d: %+v", query, len(found), want, found)
			}
		}
		if got := b.get("/api/incidents/nosuch"); got.StatusCode != http.StatusNotFound {
			t.Errorf("an unknown connection: %s", got.Status)
		}
		if got := b.get("/api/incidents/shop?months=x"); got.StatusCode != http.StatusBadRequest {
			t.Errorf("a bad number: %s", got.Status)
		}
	})
}

func TestOperationScenarioErrors(t *testing.T) {
	const head = "connections:\n  - name: shop\n"
	for text, want := range map[string]string{
		head + "    source: {schemas: [{tables: [a]}]}":                                   "line 3: a schema without a name",
		head + "    source: {schemas: [{name: a, count: -1}]}":                            "line 3: count must not be negative",
		head + "    source: {schemas: [{name: a, columns: [{type: TEXT}]}]}":              "line 3: a column without a name",
		head + "    source: {tables: [a]}":                                                "field tables not found",
		head + "    tables:\n      - name: s.a\n        statistics: {rows: -1}":           "line 4: statistics: rows must not be negative",
		head + "    tables:\n      - name: s.a\n        error-samples: {rows: -1}":        "line 4: error-samples: rows must not be negative",
		head + "    tables:\n      - name: s.a\n        incidents: [{status: closed}]":    "line 5: the status of an incident is open, acknowledged, resolved or muted",
		head + "    tables:\n      - name: s.a\n        incidents: [{severity: 4}]":       "line 5: the severity of an incident is 1, 2 or 3",
		head + "    tables:\n      - name: s.a\n        incidents: [{first-seen: today}]": `line 5: "today" is not a period`,
		"cloud-key: perhaps\n" + head:                                                     "line 1: cannot unmarshal",
	} {
		if _, err := LoadScenario(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\nerror %v, want %s", text, err, want)
		}
	}
}

// TestBuiltinHasSomethingForEveryOperation: what the examples of the commands
// need.
func TestBuiltinHasSomethingForEveryOperation(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bench) {
		if tables, _ := b.imported(`{"connectionName":"wh","schemaName":"archive"}`); len(tables) != importLimit {
			t.Errorf("archive has %d tables", len(tables))
		}
		if tables, _ := b.imported(`{"connectionName":"shop","schemaName":"files","tableNames":["returns.csv"]}`); len(tables) != 1 {
			t.Errorf("%d files are imported", len(tables))
		}
		b.run(`{"check_search_filters":{"connection":"shop"}}`)
		for call, body := range map[string]string{
			"collectstatistics/table": `{"connection":"shop"}`, "collecterrorsamples": `{"check_search_filters":{"connection":"shop"}}`,
		} {
			if done, got := b.collectNow(call, body); done.Result["total_collected_results"]+done.Result["total_error_samples_collected"] == 0 {
				t.Errorf("%s: %s", call, got.body)
			}
		}
		stored := countKinds(b.StoredData("shop"))
		for _, kind := range kindsInOrder {
			if kind != KindErrors && stored[kind] == 0 {
				t.Errorf("shop has no %s", kind)
			}
		}
	})
}

// TestTypedWaitsOnOtherJobs: they look at no type, and fail on every job with
// a result (wire T12).
func TestTypedWaitsOnOtherJobs(t *testing.T) {
	inBubble(t, Options{}, func(t *testing.T, b *bench) {
		posts(
			"importtables?jobBusinessKey=import", `{"connectionName":"wh","schemaName":"hr"}`,
			"deletestoreddata?jobBusinessKey=delete", `{"connection":"wh"}`,
			"collectstatistics/table?jobBusinessKey=statistics", `{"connection":"wh"}`,
			"collecterrorsamples?jobBusinessKey=samples", `{"check_search_filters":{"connection":"wh"}}`,
			"synchronize?jobBusinessKey=sync", `{}`,
		)(b)
		for _, typed := range []string{"runchecks", "collecterrorsamples"} {
			for key, class := range map[string]string{
				"import": "ImportTablesResult", "delete": "DeleteStoredDataResult", "statistics": "StatisticsCollectionExecutionSummary",
				"samples": "ErrorSamplerExecutionSummary",
			} {
				got := b.get("/api/jobs/" + typed + "/" + key + "/wait")
				if got.StatusCode != 500 || !strings.Contains(string(got.body), class+" cannot be cast to class") {
					t.Errorf("%s of %s: %s %.200s", typed, key, got.Status, got.body)
				}
			}
			if got := b.get("/api/jobs/" + typed + "/sync/wait"); got.StatusCode != 200 || len(got.body) > 0 {
				t.Errorf("%s of a synchronization: %s %q", typed, got.Status, got.body)
			}
		}
	})
}
