package simulator

import (
	"testing"
	"time"
)

// dayOfRecording is when the recordings were made.
const dayOfRecording = "2026-11-23T14:15:26Z"

// readingCases lists the covered recordings of stored results, readouts,
// errors, status and search. Times and hashes are of the day; values, groups,
// counts and severities must be the recorded ones.
var readingCases = []conformanceCase{
	{recording: "rerun_4_table_status", described: statusScenario, prepare: runTwice, exact: true, cut: likeRecorded("columns")},
	{recording: "rerun_5_readouts", scenario: rerunScenario, clock: dayOfRecording, prepare: runTwice, exact: true},
	{recording: "rerun_6_results", scenario: rerunScenario, clock: dayOfRecording, prepare: runTwice, exact: true},
	{recording: "table_readouts", scenario: rerunScenario, clock: dayOfRecording, prepare: runTwice, exact: true},
	{recording: "table_results", scenario: rerunScenario, clock: dayOfRecording, prepare: runTwice, exact: true},
	{recording: "status_after_deletion", scenario: rerunScenario, prepare: stale(3), exact: true},
	{recording: "readouts_after_deletion", scenario: rerunScenario, clock: dayOfRecording, prepare: stale(3), exact: true},
	{recording: "readouts_after_deletion_and_run", scenario: rerunScenario, clock: dayOfRecording, prepare: stale(4), exact: true},
	{recording: "results_after_deletion", scenario: rerunScenario, prepare: stale(3)},
	{recording: "results_after_deletion_and_run", scenario: rerunScenario, prepare: stale(4)},
	{recording: "results_after_deletion_month", scenario: rerunScenario, clock: dayOfRecording, prepare: stale(3)},

	{recording: "part_status_after", scenario: partitionScenario, clock: dayOfRecording, prepare: partitionsRun, exact: true},
	{recording: "status_all_types_months", scenario: partitionScenario, clock: dayOfRecording, prepare: partitionsRun, exact: true},
	{recording: "status_one_month", scenario: partitionScenario, clock: dayOfRecording, prepare: partitionsRun, exact: true},
	{recording: "readouts_one_month", scenario: partitionScenario, prepare: partitionsRun, exact: true, cut: firstTen("sensorReadoutEntries")},
	{recording: "results_one_month", scenario: partitionScenario, prepare: partitionsRun, exact: true, cut: firstTen("checkResultEntries")},

	{recording: "group_readouts", scenario: leftoverScenario, clock: dayOfRecording, prepare: grouped(0), exact: true},
	{recording: "group_results_default", scenario: leftoverScenario, clock: dayOfRecording, prepare: grouped(0), exact: true},
	{recording: "group_results_most_recent", scenario: leftoverScenario, clock: dayOfRecording, prepare: grouped(0), exact: true},
	{recording: "group_results_after_one_repaired", scenario: leftoverScenario, clock: dayOfRecording, prepare: grouped(1), exact: true},
	{recording: "group_status_after", scenario: leftoverScenario, clock: dayOfRecording, prepare: grouped(1), exact: true, cut: likeRecorded("columns")},

	{recording: "readouts_table_level", scenario: ordersTableScenario, clock: dayOfRecording, prepare: runTwice, exact: true},
	{recording: "results_table_level", scenario: ordersTableScenario, clock: dayOfRecording, prepare: runTwice, exact: true},
	{recording: "results_monthly", scenario: amountScenario, clock: dayOfRecording, prepare: runTwice, exact: true},
	{recording: "results_profiling", scenario: amountScenario, clock: dayOfRecording, prepare: runTwice, exact: true},
	{recording: "readouts_profiling", scenario: amountScenario, clock: dayOfRecording, prepare: runTwice, exact: true},
	{recording: "results_no_check", scenario: ordersTableScenario, prepare: runTwice},
	{recording: "results_unknown_column", scenario: ordersTableScenario, prepare: runTwice},
	{recording: "results_unknown_table"},
	{recording: "status_unknown_connection"},
	{recording: "status_unknown_table"},

	{recording: "table_errors", scenario: noColumnScenario, clock: dayOfRecording, prepare: runTwice, cut: firstTwo},
	{recording: "table_status_execution_errors", described: statusScenario, prepare: runTwice, exact: true, cut: likeRecorded("columns")},
	{recording: "search_tables", described: searchScenario, prepare: runTwice, exact: true, cut: firstOne},
	{recording: "search_tables_none"},
}

func runTwice(b *bench) {
	b.run(shopRun)
	<-time.After(3 * time.Second)
	b.run(shopRun)
}

func partitionsRun(b *bench) {
	runs("part_1_first", "part_2_second")(b)
	b.set(CheckRef{Column: "amount", Check: "daily_partition_number_below_min_value", Period: "2024-09-11"}, 0)
	runs("part_3_after_fix_one_day")(b)
}

// grouped runs the check without groups, then twice by country, and once more
// after so many countries were repaired.
func grouped(repaired int) func(b *bench) {
	return func(b *bench) {
		ref := CheckRef{Connection: "shop", Table: "files.customers.csv", Column: "email", Check: "daily_nulls_percent"}
		b.run(shopRun)
		if err := b.ClearValue(ref); err != nil {
			b.t.Fatal(err)
		}
		for group, value := range map[string]float64{
			"DE": 5.882352941176471, "FR": 2.3076923076923075, "PL": 3.4782608695652173, "US": 4.201680672268908,
		} {
			ref.DataGroup = group
			b.set(ref, value)
		}
		<-time.After(time.Minute)
		runs("group_1_first", "group_2_second")(b)
		if repaired > 0 {
			ref.DataGroup = "DE"
			b.set(ref, 0)
			runs("group_3_after_fix_one")(b)
		}
	}
}

// leftoverScenario is groupScenario before its check was grouped, with the
// same check on four other columns.
func leftoverScenario() *Scenario {
	sc := groupScenario()
	table := &sc.Connections[0].Tables[0]
	table.Columns[0].Checks[0].Values = one(4)
	for _, name := range []string{"city", "country", "customer_id", "name"} {
		check := table.Columns[0].Checks[0]
		check.Values = one(0)
		table.Columns = append(table.Columns, Column{Name: name, Checks: []Check{check}})
	}
	return sc
}

// turning is a value that changes from the first run to the second.
func turning(value float64) Values {
	return Values{series: []*float64{new(value + 1), &value}}
}

// ordersTableScenario has the table-level checks of orders.csv, each judged
// in both runs.
func ordersTableScenario() *Scenario {
	add := func(name, category, dimension, sensor string, value float64, lasts time.Duration) Check {
		check := monitoring(name, value)
		check.Values, check.Duration = turning(value), Duration(lasts)
		check.Category, check.Dimension, check.Sensor = category, dimension, sensor
		return check
	}
	const apart = 2 * time.Millisecond
	count := add("daily_row_count", "volume", "Completeness", "table/volume/row_count", 2000, apart)
	count.Warning, count.Expected = &Bounds{Lower: new(float64(5000))}, new(float64(5000))
	availability := add("daily_table_availability", "availability", "Availability", "table/availability/table_availability", 0, apart)
	availability.Warning, availability.Expected = &Bounds{Upper: new(float64(0))}, new(float64(0))
	checks := []Check{
		count,
		add("daily_row_count_anomaly", "volume", "Consistency", "", 2000, apart),
		add("daily_row_count_change", "volume", "Consistency", "", 2000, apart),
		add("daily_data_freshness_anomaly", "timeliness", "Timeliness", "", 795, apart),
		availability,
	}
	for _, schema := range []struct {
		name, sensor string
		value        float64
	}{
		{"daily_column_count_changed", "column_count", 5},
		{"daily_column_list_changed", "column_list_unordered_hash", 2339569617862656},
		{"daily_column_list_or_order_changed", "column_list_ordered_hash", 1707807711690752},
		{"daily_column_types_changed", "column_types_hash", 455138623881216},
	} {
		check := add(schema.name, "schema", "Consistency", "table/schema/"+schema.sensor, schema.value, 0)
		check.Warning = &Bounds{}
		checks = append(checks, check)
	}
	return shop(Table{Name: "files.orders.csv", Checks: checks})
}

// amountScenario has one monthly and one profiling check.
func amountScenario() *Scenario {
	monthly := Check{
		Name: "monthly_number_below_min_value", Type: typeMonitoring, TimeScale: scaleMonthly, Category: "numeric",
		Dimension: "Validity", Sensor: "column/numeric/number_below_min_value_count", Values: one(18),
		Warning: &Bounds{Upper: new(float64(0))}, Expected: new(float64(0)),
	}
	profiling := monthly
	profiling.Name, profiling.Type, profiling.TimeScale = "profile_number_below_min_value", typeProfiling, ""
	profiling.Warning, profiling.Error = nil, monthly.Warning
	return shop(Table{Name: "files.orders.csv", Columns: []Column{{Name: "amount", Checks: []Check{monthly, profiling}}}})
}

// noColumnScenario has a column that is not in the file.
func noColumnScenario() *Scenario {
	column := Column{Name: "nocolumn", Broken: Runs{All: true}}
	for _, name := range []string{"nulls", "distinct", "sum", "mean", "min", "max"} {
		check := monitoring("daily_"+name+"_anomaly", 0)
		check.Category, check.Dimension, check.Sensor = "anomaly", "Consistency", "column/range/"+name+"_value"
		check.Duration = Duration(2 * time.Millisecond)
		column.Checks = append(column.Checks, check)
	}
	return shop(Table{Name: "files.stock.csv", Columns: []Column{column}})
}

// firstTen, firstTwo and firstOne cut lists that the recording has cut.
func firstTen(entries string) func(want, have any) any {
	return func(_, have any) any {
		list := have.([]any)[0].(map[string]any)
		list[entries] = list[entries].([]any)[:10]
		return have
	}
}

func firstTwo(_, have any) any { return have.([]any)[:2] }
func firstOne(_, have any) any { return have.([]any)[:1] }

// likeRecorded leaves of an object what the recording still has of it.
func likeRecorded(key string) func(want, have any) any {
	return func(want, have any) any {
		kept := want.(map[string]any)[key].(map[string]any)
		object := have.(map[string]any)[key].(map[string]any)
		for name := range object {
			if _, recorded := kept[name]; !recorded {
				delete(object, name)
			}
		}
		return have
	}
}

// searchScenario is the recorded status of one table between two others.
func searchScenario(t *testing.T, rec recording) *Scenario {
	first := rec.Response.Body.([]any)[0].(map[string]any)["data_quality_status"].(map[string]any)
	sc := scenarioOfStatus(t, first)
	tables := &sc.Connections[0].Tables
	*tables = append(*tables, Table{Name: "files.orders.csv"}, Table{Name: "files.stock.csv"})
	return sc
}

func statusScenario(t *testing.T, rec recording) *Scenario {
	return scenarioOfStatus(t, rec.Response.Body.(map[string]any))
}
