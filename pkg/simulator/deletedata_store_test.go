package simulator

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"
)

// fullStore is a store with rows of every kind in two connections, three
// tables and several months.
func fullStore(t *testing.T) *Scenario {
	const checks = `
        checks:
          - {name: daily_row_count, type: monitoring, time-scale: daily, category: volume, dimension: Completeness,
             sensor: table/volume/row_count, warning: {lower: 10}, values: 3}
          - {name: profile_row_count, type: profiling, category: volume, dimension: Completeness,
             sensor: table/volume/row_count, warning: {lower: 10}, values: 30}
        columns:
          - name: amount
            checks:
              - {name: daily_partition_sum, type: partitioned, time-scale: daily, category: numeric, dimension: Validity,
                 sensor: column/numeric/sum, error: {upper: 5}, values: {-70..0: {DE: 9, FR: 3}}}
              - {name: monthly_sum, type: monitoring, time-scale: monthly, category: numeric, dimension: Validity,
                 sensor: column/numeric/sum, comparison: ref, error: {upper: 5}, values: 9}
              - {name: daily_crash, type: partitioned, time-scale: daily, category: numeric, dimension: Consistency,
                 sensor: column/numeric/mean, error: {upper: 5}, values: {-40..0: {DE: 9}}, fails: rule}
              - {name: daily_off, type: monitoring, time-scale: daily, category: numeric, values: 3, disabled: true}
          - name: email
            checks:
              - {name: daily_nulls, type: monitoring, time-scale: daily, category: nulls, dimension: Completeness,
                 sensor: column/nulls/null_count, fatal: {upper: 0}, values: 4}
        statistics: {rows: 2}
        error-samples: {rows: 2}
        incidents:
          - {first-seen: -33, status: resolved, dimension: Completeness, category: nulls, data-group: DE, check-type: monitoring}
          - {status: muted, dimension: Validity, category: numeric}
`
	return scenario(t, "clock: 2026-11-23T14:00:00Z\nconnections:\n"+
		"  - name: wh\n    tables:\n      - name: public.orders"+checks+"      - name: public.Orders_old"+checks+
		"  - name: wh2\n    tables:\n      - name: public.orders"+checks)
}

// fill lets every kind of data come into being, half of it a month later.
func fill(b *bench) {
	for range 2 {
		b.run(`{"time_window_filter":{"from_date":"2026-09-01"}}`)
		posts(
			"collectstatistics/withgrouping", `{}`,
			"collectstatistics/table", `{"fullTableName":"public.orders"}`,
			"collecterrorsamples", `{"check_search_filters":{},"data_scope":"data_group"}`,
		)(b)
		b.AdvanceClock(20 * 24 * time.Hour)
	}
}

// deletion is the answer of delete_stored_data.
type deletion struct {
	Result deleteResult `json:"result"`
	Status string       `json:"status"`
}

func (b *bench) delete(body string) (done deletion, got answer) {
	b.t.Helper()
	got = b.send(http.MethodPost, "/api/jobs/deletestoreddata", body)
	if got.StatusCode == http.StatusCreated {
		if err := json.Unmarshal(got.body, &done); err != nil {
			b.t.Fatalf("%s: %v", got.body, err)
		}
	}
	return done, got
}

// lost counts the rows that are in before and not in after.
func lost(before, after []DataRow) []DataRow {
	left := map[DataRow]int{}
	for _, row := range after {
		left[row]++
	}
	var gone []DataRow
	for _, row := range before {
		left[row]--
		if left[row] < 0 {
			gone = append(gone, row)
		}
	}
	return gone
}
