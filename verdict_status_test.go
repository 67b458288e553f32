package main

import (
	"time"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// statusCases ask how the checks stand without a run.
var statusCases = []verdictCase{
	{name: "checks status of bad, unchanged and repaired data", scenario: "small.yaml", present: true, steps: []step{
		status("-c shop", says(5)), status("-c shop --allow-empty", says(0)),
		set(dups, 400), other(""),
		status("-c shop", says(3, dups+" @D0 fatal").inTables(1)),
		other(""),
		status("-c shop", says(3, dups+" @D0 fatal unchanged")),
		status("-c shop --fail-on never", says(0, dups+" @D0 fatal unchanged")),
		set(dups, 40), other(""), status("-c shop --fail-on fatal", says(0, dups+" @D0 error")), status("-c shop", says(2, dups+" @D0 error")),
		set(dups, 4), other(""), status("-c shop --fail-on warning", says(1, dups+" @D0 warning")), status("-c shop", says(0, dups+" @D0 warning")),
		set(dups, 0), other(""), status("-c shop --fail-on warning", says(0)),
		status("-c shop --judge run", says(64)),
	}},
	{name: "checks status of crashed and stale checks", scenario: "small.yaml", present: true, steps: []step{
		set(dups, 400), other(""), crash(nulls, "sensor"), other(""),
		status("-c shop", says(4, dups+" @D0 fatal unchanged", nulls+" @D0 sensor crashed")),
		status("-c shop"+excused, says(3, dups+" @D0 fatal unchanged", nulls+" @D0 sensor crashed")),
		crash(nulls, ""), set(dups, 0), otherBody(`"check_search_filters":{},"execution_target":"only_sensors"`),
		status("-c shop --fail-on never"+excused, says(4, dups+" @D0 fatal stale")),
		set(dups, 3), crash(dups, "rule"), other(""), crash(dups, ""), other(""),
		status("-c shop", says(4, dups+" @D0 rule crashed")),
		set(dups, 0), other(""),
		status("-c shop", says(0)),
	}},
	{name: "checks status, good turned bad without a verdict", scenario: "small.yaml", present: true, steps: []step{
		other(""), set(dups, 400), otherBody(`"check_search_filters":{},"execution_target":"only_sensors"`),
		status("-c shop", says(0)),
		status("-c shop --judge exact", says(4, dups+" @D0 valid stale")),
	}},
	{name: "checks status with a group left over", scenario: "grouped.yaml", present: true, steps: []step{
		other(""), status("-c shop", says(2, grouped+" @D0 error")),
		other(""),
		status("-c shop", says(2, grouped+" {DE} @D0 error", grouped+" {FR} @D0 error", grouped+" {PL} @D0 error", grouped+" {US} @D0 warning")),
		set(grouped+" {PL}", 0), other(""),
		status("-c shop", says(2, grouped+" {DE} @D0 error unchanged", grouped+" {FR} @D0 error unchanged", grouped+" {US} @D0 warning unchanged")),
		eachOf([]string{"DE", "FR", "US"}, func(group string) step { return set(grouped+" {"+group+"}", 0) }), other(""),
		status("-c shop --fail-on warning", says(0)),
		gone(grouped + " {DE}"), set(grouped+" {FR}", 60), other(""), gone(grouped + " {FR}"), other(""),
		status("-c shop --fail-on warning", says(0)),
		// In a range the newest execution of each period counts.
		status("-c shop --fail-on warning --from D-3 --to D+1", says(0)),
	}},
	{name: "checks status of ranges", scenario: "shop.yaml", present: true, steps: []step{
		set(dayDups+" @D-20", 400), set(dayDups+" @D-3", 4), set(dups, 40),
		otherIn(`"daily_partitioning_recent_days":30`), other(""),
		status("-c shop", says(2, dups+" @D0 error unchanged", dayDups+" @D-3 warning unchanged")),
		status("-c shop --check-type partitioned", says(0, dayDups+" @D-3 warning unchanged")),
		status("-c shop --from D-25 --to D-15", says(3, dayDups+" @D-20 fatal")),
		status("-c shop --from D-20 --to D-19", says(3, dayDups+" @D-20 fatal")),
		status("-c shop --from D-19 --to D0", says(0, dayDups+" @D-3 warning unchanged")),
		status("-c shop --from D-25", says(3, dayDups+" @D-20 fatal", dayDups+" @D-3 warning unchanged", dups+" @D0 error unchanged")),
		status("-c shop --to D-19", says(3, dayDups+" @D-20 fatal")),
		status("-c shop --time-scale daily --from D+3 --to D+9", says(5)),
		status("-c shop --from 1999-01-01 --to 1999-02-01", says(5)),
	}},
	{name: "checks status of a range with months in it", scenario: "shop.yaml", present: true, steps: []step{
		set(orders+" profile_row_count", 0), set(orders+" monthly_row_count", 5), other(""),
		status("-c shop --from D0 --to D+1", says(3, orders+" profile_row_count @M0 fatal", orders+" monthly_row_count @M0 error")),
		status("-c shop --from D-70 --to D-40", says(0)),
	}},
	{name: "checks status of checks that did not run for long", scenario: "shop.yaml", present: true, prepare: daysAgo(70), steps: []step{
		set(dups, 400), set(orders+" profile_row_count", 5), set(dayDups+" @D-1", 4), crash(client, "sensor"), other(""), later(70 * 24 * time.Hour),
		status("-c shop", says(4, dups+" @D0 fatal", orders+" profile_row_count @M0 error", dayDups+" @D-1 warning", client+" @D0 sensor crashed")),
		status("-c shop --since 24h", says(5)),
		status("-c shop --since D0"+excused, says(3, dups+" @D0 fatal", orders+" profile_row_count @M0 error", dayDups+" @D-1 warning", client+" @D0 sensor crashed")),
		crash(client, ""), other(`"column":"id"`),
		status("-c shop --since 24h", says(0)), status("-c shop -t files.customers.csv", says(0)),
	}},
	{name: "checks status since", scenario: "small.yaml", present: true, prepare: daysAgo(3), steps: []step{
		set(dups, 400), other(""),
		status("-c shop --since 96h", says(3, dups+" @D0 fatal")), status("-c shop --since D-2", says(3, dups+" @D0 fatal")),
		status("-c shop --since D+2", says(5)), status("-c shop --since D+2 --allow-empty", says(0)),
		later(72 * time.Hour), other(`"checkName":"daily_nulls_count"`),
		status("-c shop --since D+2", says(0)),
		status("-c shop", says(3, dups+" @D0 fatal")),
		other(""), status("-c shop --since D+2", says(3, dups+" @D+3 fatal")),
	}},
	{name: "checks status of chosen tables", scenario: "shop.yaml", present: true, steps: []step{
		set(dups, 400), other(""),
		status("-c shop -t files.orders.csv", says(3, dups+" @D0 fatal").inTables(1)),
		status("-c shop -t files.customers.csv", says(0).inTables(1)),
		status("-c shop -t files.ord*", says(3, dups+" @D0 fatal").inTables(1)),
		status("-c shop -t *.*.csv", says(3, dups+" @D0 fatal").inTables(2)),
		status("-c shop -t files.*", says(3, dups+" @D0 fatal").inTables(2)),
		status("-c shop -t orders.csv", says(64)), status("-c shop -t files.orders", says(64)),
		status("-c shop -t files.order.csv --allow-empty --fail-on never", says(64)),
		status("-c shoo -t files.orders.csv --allow-empty", says(64)),
		status("-c shop -t files.none*", says(5)), status("-c shoo", says(5)), status("-c sh*", says(64)), status("", says(64)),
		dropColumn(orders, "order_id"), status("-c shop", says(0)),
	}},
	{name: "checks status with filters", scenario: "shop.yaml", present: true, steps: []step{
		set(dups, 400), set(orders+"/amount daily_nulls_count", 4), set(orders+"/order_id daily_sum_match/bank", 40), other(""),
		status("-c shop --column amount", says(0, orders+"/amount daily_nulls_count @D0 warning")),
		status("-c shop --check daily_nulls_count", says(0, orders+"/amount daily_nulls_count @D0 warning")),
		status("-c shop --category nulls", says(0, orders+"/amount daily_nulls_count @D0 warning")),
		status("-c shop --dimension Completeness", says(0, orders+"/amount daily_nulls_count @D0 warning")),
		status("-c shop --sensor column/nulls/null_count", says(0, orders+"/amount daily_nulls_count @D0 warning")),
		status("-c shop --comparison bank", says(2, orders+"/order_id daily_sum_match/bank @D0 error")),
		status("-c shop --comparison ledger", says(0)),
		status("-c shop --target table", says(0)), status("-c shop --check-type partitioned", says(0)), status("-c shop --time-scale monthly", says(0)),
		status("-c shop --check nosuch", says(5)), status("-c shop --sensor nosuch", says(5)), status("-c shop --category nosuch", says(5)),
		status("-c shop --dimension nosuch", says(5)), status("-c shop --comparison nosuch", says(5)), status("-c shop --column nosuch", says(5)),
		status("-c shop --sensor column/uniqueness/duplicate_count", says(3, dups+" @D0 fatal")),
		status("-c shop --label daily-load", says(64)), status("-c shop --max-results 1", says(64)), status("-c shop --column-type BIGINT", says(64)),
		status("-c shop --check=", says(64)),
	}},
}

// daysAgo starts the server so many days before the present.
func daysAgo(n int) func(*simulator.Scenario) {
	return func(s *simulator.Scenario) { s.Clock.Time = s.Clock.AddDate(0, 0, -n) }
}
