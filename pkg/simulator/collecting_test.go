package simulator

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// collectScenario has two tables of two columns, grouped by country.
func collectScenario(t *testing.T) *Scenario {
	const table = `
        labels: [daily]
        columns:
          - name: id
            checks:
              - {name: daily_nulls, type: monitoring, time-scale: daily, sensor: s, fatal: {upper: 0}, values: {DE: 3, FR: 0, PL: 4}}
          - name: city
            labels: [personal]
            checks:
              - {name: daily_length, type: monitoring, time-scale: daily, sensor: s, error: {upper: 9}, values: 5}
`
	return scenario(t, "connections:\n  - name: shop\n    tables:\n      - name: s.a"+table+"      - name: s.b"+table+
		"  - name: off\n    fail: refused\n    tables:\n      - name: s.c\n")
}

type collectAnswer struct {
	Result map[string]int `json:"result"`
	Status string         `json:"status"`
}

func (b *bench) collectNow(call, body string) (done collectAnswer, got answer) {
	b.t.Helper()
	got = b.send(http.MethodPost, "/api/jobs/"+call, body)
	if err := json.Unmarshal(got.body, &struct {
		Result *map[string]int `json:"result"`
	}{&done.Result}); err != nil && got.StatusCode == http.StatusCreated {
		b.t.Fatalf("%s: %v", got.body, err)
	}
	return done, got
}

// TestStatistics counts collectors (two a table, fourteen a column), columns
// and rows (a sample has ten).
func TestStatistics(t *testing.T) {
	for _, c := range []struct {
		name, call, body        string
		executed, columns, rows int
	}{
		{"a table", "table", `{"connection":"shop","fullTableName":"s.a"}`, 30, 2, 2 + 2*23},
		{"every table", "table", `{"connection":"shop"}`, 60, 4, 2 * (2 + 2*23)},
		{"by country", "withgrouping", `{"connection":"shop","fullTableName":"s.a"}`, 30, 2, 3 * (2 + 2*23)},
		{"a smaller sample", "table?samplesLimit=3", `{"connection":"shop","fullTableName":"s.a"}`, 30, 2, 2 + 2*16},
		{"no sample", "table?samplesLimit=0", `{"connection":"shop","fullTableName":"s.a"}`, 28, 2, 2 + 2*13},
		{"columns", "table", `{"connection":"shop","columnNames":["CI*"]}`, 28, 2, 2 * 23},
		{"a collector", "table", `{"connection":"shop","collectorName":"column_samples"}`, 4, 4, 40},
		{"a category", "table", `{"connection":"shop","collectorCategory":"nulls"}`, 16, 4, 16},
		{"a target", "table", `{"connection":"shop","target":"table"}`, 4, 0, 4},
		{"a sensor", "table", `{"connection":"shop","sensorName":"table/volume/*"}`, 2, 0, 2},
		{"labels", "table", `{"connection":"shop","labels":["daily","personal"]}`, 28, 2, 2 * 23},
		{"tags never filter", "table", `{"connection":"shop","target":"table","tags":["nosuch"]}`, 4, 0, 4},
		{"enabled false", "table", `{"connection":"shop","enabled":false}`, 0, 0, 0},
		{"enabled null", "table", `{"connection":"shop","enabled":null,"target":"table"}`, 4, 0, 4},
		{"a schedule", "table", `{"connection":"shop","enabledCronScheduleExpression":"0 0 * * *"}`, 0, 0, 0},
		{"nothing", "table", `{"connection":"nosuch"}`, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, Options{Scenario: collectScenario(t)}, func(t *testing.T, b *bench) {
				done, got := b.collectNow("collectstatistics/"+c.call, c.body)
				want := map[string]int{
					"executed_statistics_collectors": c.executed, "columns_analyzed": c.columns, "columns_successfully_analyzed": c.columns,
					"total_collectors_failed": 0, "total_collected_results": c.rows,
				}
				wantSame(t, string(got.body), want, done.Result)
				if stored := countKinds(b.StoredData("shop"))[KindStatistics]; stored != c.rows {
					t.Errorf("%d rows are stored, want %d", stored, c.rows)
				}
			})
		})
	}
}

func TestStatisticsHaveAJobForEachTable(t *testing.T) {
	sc := collectScenario(t)
	sc.Connections[0].Tables[0].Statistics.Duration = Duration(10 * time.Second)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		posts("collectstatistics/table?wait=false&jobBusinessKey=c&configureTable=true", `{"connection":"shop"}`)(b)
		b.wantStatus("c", statusRunning)
		<-time.After(11 * time.Second)
		b.wantStatus("c", statusFinished)
		jobs := b.Jobs()
		if len(jobs) != 3 || jobs[1].Type != "collect_statistics_on_table" || jobs[2].ParentID != jobs[0].ID {
			t.Errorf("jobs: %+v", jobs)
		}
		var parameters struct {
			Configure bool `json:"configure_table"`
			Limit     *int `json:"samples_limit"`
		}
		if err := json.Unmarshal(b.job("c").Parameters["collectStatisticsParameters"], &parameters); err != nil || !parameters.Configure || parameters.Limit != nil {
			t.Errorf("parameters: %+v %v", parameters, err)
		}
	})
}

// TestCollectingFails holds that a job fails only when everything in it does
// (wire 3.4).
func TestCollectingFails(t *testing.T) {
	const statistics, samples = "collectstatistics/table", "collecterrorsamples"
	fails := func(names ...string) func(*Table) {
		return func(table *Table) {
			table.Statistics = Collecting{Fails: names, Message: "boom"}
			table.ErrorSamples = table.Statistics
		}
	}
	broken := func(table *Table) { table.Columns[0].Broken = Runs{All: true} }
	for _, c := range []struct {
		name, call, body string
		change           func(*Table)
		failed           int
		message          string
	}{
		{"one collector", statistics, `{"connection":"shop"}`, fails("nulls_count"), 4, ""},
		{"every collector", statistics, `{"connection":"shop"}`, fails("*"), 0, "Cannot collect statistics on the connection shop, the first error: boom"},
		{"a broken column", statistics, `{"connection":"shop"}`, broken, 58, ""},
		{"one sampler", samples, `{"check_search_filters":{"connection":"shop"}}`, fails("daily_length"), 2, ""},
		{"every sampler", samples, `{"check_search_filters":{"connection":"shop"}}`, fails("*"), 0, "Cannot collect error samples on the connection shop, the first error: boom"},
		{"no filters", samples, `{"check_search_filters":null}`, fails(), 0, errNoFilters().message},
		{"a connection", statistics, `{"connection":"off"}`, fails(), 0, "refused"},
		{"a table", statistics, `{"connection":"shop"}`, func(table *Table) { table.Fail = "gone" }, 0, statisticsFailedClass + ": gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := collectScenario(t)
			for i := range sc.Connections[0].Tables {
				c.change(&sc.Connections[0].Tables[i])
			}
			inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
				done, got := b.collectNow(c.call, c.body)
				if c.message != "" {
					var failed errorBody
					if err := json.Unmarshal(got.body, &failed); err != nil || got.StatusCode != 500 || *failed.Message != c.message {
						t.Errorf("%s %s, want %q", got.Status, got.body, c.message)
					}
					return
				}
				if n := done.Result["total_collectors_failed"] + done.Result["total_error_samplers_failed"]; got.StatusCode != 201 || n != c.failed {
					t.Errorf("%s %s, want %d failed", got.Status, got.body, c.failed)
				}
			})
		})
	}
}

// TestErrorSamples holds that only checks that find something bad have
// samples, and where those are stored.
func TestErrorSamples(t *testing.T) {
	inBubble(t, Options{Scenario: collectScenario(t)}, func(t *testing.T, b *bench) {
		done, got := b.collectNow("collecterrorsamples", `{"check_search_filters":{"connection":"shop","fullTableName":"s.a"},"data_scope":"data_group"}`)
		want := map[string]int{
			"executed_error_samplers": 2, "columns_analyzed": 2, "columns_successfully_analyzed": 2,
			"total_error_samplers_failed": 0, "total_error_samples_collected": 20,
		}
		wantSame(t, string(got.body), want, done.Result)
		groups := map[string]int{}
		for _, row := range b.StoredData("shop") {
			if row.Kind == KindErrorSamples {
				groups[row.Table+" "+row.Check+" "+row.DataGroup]++
			}
		}
		wantSame(t, "stored", map[string]int{"s.a daily_nulls DE": 10, "s.a daily_nulls PL": 10}, groups)
		if done, _ := b.collectNow("collecterrorsamples", `{"check_search_filters":{"connection":"shop","checkName":"daily_length"}}`); done.Result["total_error_samples_collected"] != 0 {
			t.Errorf("good data has samples: %v", done.Result)
		}
		if done, _ := b.collectNow("collecterrorsamples", `{"check_search_filters":{"connection":"shop"}}`); done.Result["total_error_samples_collected"] != 20 {
			t.Errorf("without groups: %v", done.Result)
		}
	})
}

func TestStatisticsHierarchyIDs(t *testing.T) {
	inBubble(t, Options{Scenario: collectScenario(t)}, func(t *testing.T, b *bench) {
		for body, status := range map[string]int{
			`{"collectorsHierarchyIdsModels":[]}`: 500, `{"labels":"daily"}`: 500, `{"columnNames":"id"}`: 400, `{"target":"tables"}`: 400,
			``: 400, `{"connection":"nosuch","profilerHierarchyIdsModels":[]}`: 201,
		} {
			if got := b.send(http.MethodPost, "/api/jobs/collectstatistics/table", body, "Content-Type", jsonType); got.StatusCode != status {
				t.Errorf("%s: %s, want %d", body, got.Status, status)
			}
		}
	})
}
