package main

import "time"

const (
	orders    = "files.orders.csv"
	customers = "files.customers.csv"
	dups      = orders + "/order_id daily_duplicate_count"
	nulls     = orders + "/order_id daily_nulls_count"
	grouped   = orders + "/amount daily_nulls_percent"
	dayDups   = orders + "/order_id daily_partition_duplicate_count"
	monthDups = orders + "/order_id monthly_partition_duplicate_count"
)

// rerunCases run again on data that did not change, or changed a little.
var rerunCases = []verdictCase{
	{name: "three runs on bad data, then repaired", scenario: "small.yaml", steps: []step{
		set(dups, 400),
		run("-c shop", says(3, dups+" @D0 fatal").whileRunSays("fatal").inTables(1)),
		run("-c shop", says(3, dups+" @D0 fatal unchanged").whileRunSays("valid")),
		run("-c shop", says(3, dups+" @D0 fatal unchanged").whileRunSays("valid")),
		set(dups, 0),
		run("-c shop", says(0).whileRunSays("valid")),
		run("-c shop --judge exact", says(0)),
	}},
	{name: "the same with judge exact", scenario: "small.yaml", steps: []step{
		set(dups, 400),
		run("-c shop --judge exact", says(3, dups+" @D0 fatal")),
		run("-c shop --judge exact", says(3, dups+" @D0 fatal unchanged").whileRunSays("valid")),
		set(dups, 0),
		run("-c shop --judge exact", says(0)),
	}},
	{name: "judge run believes the server", scenario: "small.yaml", steps: []step{
		set(dups, 400),
		run("-c shop --judge run", says(3)),
		run("-c shop --judge run", says(0).whileRunSays("valid")),
		run("-c shop", says(3, dups+" @D0 fatal unchanged")),
	}},
	{name: "the issues do not depend on the gate", scenario: "small.yaml", steps: []step{
		set(dups, 400), set(nulls, 1),
		run("-c shop --fail-on warning", says(3, dups+" @D0 fatal", nulls+" @D0 warning")),
		run("-c shop --fail-on warning", says(3, dups+" @D0 fatal unchanged", nulls+" @D0 warning unchanged")),
		run("-c shop --fail-on fatal", says(3, dups+" @D0 fatal unchanged", nulls+" @D0 warning unchanged")),
		run("-c shop --fail-on never", says(0, dups+" @D0 fatal unchanged", nulls+" @D0 warning unchanged")),
		set(dups, 40),
		run("-c shop --fail-on fatal", says(0, dups+" @D0 error", nulls+" @D0 warning unchanged")),
		run("-c shop --fail-on error", says(2, dups+" @D0 error unchanged", nulls+" @D0 warning unchanged")),
		set(dups, 4),
		run("-c shop --fail-on warning", says(1, dups+" @D0 warning", nulls+" @D0 warning unchanged")),
		run("-c shop --fail-on error", says(0, dups+" @D0 warning unchanged", nulls+" @D0 warning unchanged")),
		run("-c shop --fail-on warning --check daily_nulls_count", says(1, nulls+" @D0 warning unchanged")),
	}},
	{name: "every type and time scale", scenario: "shop.yaml", steps: []step{
		eachOf([]string{
			orders + "/order_id profile_duplicate_count", dups, orders + "/order_id monthly_duplicate_count", dayDups + " @D-1",
			monthDups + " @M-1", orders + "/order_id daily_sum_match/ledger", orders + " daily_row_count_match/ledger",
			orders + " monthly_partition_row_count_match/ledger @M-1", orders + " daily_table_availability",
		}, func(ref string) step { return set(ref, 400) }),
		eachOf([]string{orders + " profile_row_count", orders + " monthly_row_count", orders + " daily_partition_row_count @D-1"},
			func(ref string) step { return set(ref, 5) }),
		run("-c shop", says(3, everyKind("")...).inTables(2)),
		run("-c shop", says(3, everyKind(" unchanged")...).whileRunSays("valid")),
		run("-c shop --judge exact", says(3, everyKind(" unchanged")...).whileRunSays("valid")),
	}},
	{name: "a check is disabled between two runs", scenario: "small.yaml", steps: []step{
		set(dups, 400),
		run("-c shop", says(3, dups+" @D0 fatal")),
		disabled(dups),
		run("-c shop", says(0)),
		run("-c shop --judge exact", says(0)),
	}},
	{name: "bad yesterday, good today", scenario: "small.yaml", steps: []step{
		set(dups, 400),
		run("-c shop", says(3, dups+" @D0 fatal")),
		set(dups, 0), later(24 * time.Hour),
		run("-c shop", says(0)),
		later(24 * time.Hour), set(dups, 400),
		run("-c shop", says(3, dups+" @D+2 fatal")),
		run("-c shop", says(3, dups+" @D+2 fatal unchanged")),
	}},
	{name: "a column is dropped", scenario: "shop.yaml", steps: []step{
		set(dups, 400), set(orders+"/amount daily_nulls_count", 4),
		run("-c shop", says(3, dups+" @D0 fatal", orders+"/amount daily_nulls_count @D0 warning")),
		dropColumn(orders, "order_id"),
		run("-c shop", says(0, orders+"/amount daily_nulls_count @D0 warning unchanged").approximate()),
		run("-c shop --judge exact", says(0, orders+"/amount daily_nulls_count @D0 warning unchanged").approximate()),
	}},
	{name: "a column is dropped between the run and the reading", scenario: "shop.yaml", steps: []step{
		set(dups, 400), submit("-c shop"), dropColumn(orders, "order_id"),
		wait("", says(3).approximate()),
	}},
	{name: "a zero row count is not a missing value", scenario: "shop.yaml", steps: []step{
		set(orders+" daily_row_count", 0),
		run("-c shop", says(3, orders+" daily_row_count @D0 fatal")),
		run("-c shop", says(3, orders+" daily_row_count @D0 fatal unchanged")),
	}},
	{name: "the child's own job", scenario: "small.yaml", steps: []step{
		set(dups, 400), submit("-c shop"), submit("-c shop"), childOfJob(),
		wait("", says(3, dups+" @D0 fatal unchanged").whileRunSays("valid").inTables(1)),
	}},
}

func everyKind(unchanged string) []string {
	issues := []string{
		orders + "/order_id profile_duplicate_count @M0 fatal", dups + " @D0 fatal", orders + "/order_id monthly_duplicate_count @M0 fatal",
		dayDups + " @D-1 fatal", monthDups + " @M-1 fatal", orders + "/order_id daily_sum_match/ledger @D0 fatal",
		orders + " daily_row_count_match/ledger @D0 fatal", orders + " monthly_partition_row_count_match/ledger @M-1 fatal",
		orders + " daily_table_availability @D0 warning", orders + " profile_row_count @M0 error",
		orders + " monthly_row_count @M0 error", orders + " daily_partition_row_count @D-1 error",
	}
	for i := range issues {
		issues[i] += unchanged
	}
	return issues
}

// groupCases are about checks with data groups.
var groupCases = []verdictCase{
	{name: "one of four groups is repaired", scenario: "grouped.yaml", steps: []step{
		run("-c shop", says(2, grouped+" @D0 error")),
		run("-c shop", says(2, grouped+" {DE} @D0 error", grouped+" {FR} @D0 error", grouped+" {PL} @D0 error", grouped+" {US} @D0 warning")),
		set(grouped+" {PL}", 0),
		run("-c shop", says(2, grouped+" {DE} @D0 error unchanged", grouped+" {FR} @D0 error unchanged",
			grouped+" {US} @D0 warning unchanged").whileRunSays("valid")),
		run("-c shop --fail-on warning --judge exact", says(2, grouped+" {DE} @D0 error unchanged", grouped+" {FR} @D0 error unchanged",
			grouped+" {US} @D0 warning unchanged").whileRunSays("valid")),
		eachOf([]string{"DE", "FR", "US"}, func(group string) step { return set(grouped+" {"+group+"}", 0) }),
		run("-c shop --fail-on warning", says(0)),
	}},
	{name: "a group is gone", scenario: "grouped.yaml", steps: []step{
		run("-c shop", says(2, grouped+" @D0 error")),
		set(grouped+" {DE}", 60),
		run("-c shop", says(3, grouped+" {DE} @D0 fatal", grouped+" {FR} @D0 error", grouped+" {PL} @D0 error", grouped+" {US} @D0 warning")),
		gone(grouped + " {DE}"), gone(grouped + " {FR}"), gone(grouped + " {PL}"),
		run("-c shop --fail-on warning", says(1, grouped+" {US} @D0 warning unchanged")),
	}},
	{name: "thirty groups", scenario: "grouped.yaml", steps: []step{
		run("-c shop", says(2, grouped+" @D0 error")),
		eachOf(numbers("G%02d", 30), func(group string) step { return set(grouped+" {"+group+"}", 8) }),
		eachOf([]string{"DE", "FR", "PL", "US"}, func(group string) step { return set(grouped+" {"+group+"}", 0) }),
		run("-c shop", says(2, inGroups("")...)),
		run("-c shop", says(2, inGroups(" unchanged")...)),
		set(grouped+" {DE}", 3),
		run("-c shop", says(2, append(inGroups(" unchanged"), grouped+" {DE} @D0 warning")...)),
	}},
	{name: "a group with odd letters in its name", scenario: "grouped.yaml", steps: []step{
		run("-c shop", says(2, grouped+" @D0 error")),
		eachOf([]string{"DE", "FR", "PL", "US"}, func(group string) step { return gone(grouped + " {" + group + "}") }),
		set(grouped+" {a/b&c=%20+ü}", 80),
		run("-c shop", says(3, grouped+" {a/b&c=%20+ü} @D0 fatal")),
		run("-c shop", says(3, grouped+" {a/b&c=%20+ü} @D0 fatal unchanged")),
	}},
}

func inGroups(unchanged string) []string {
	var issues []string
	for _, group := range numbers("G%02d", 30) {
		issues = append(issues, grouped+" {"+group+"} @D0 error"+unchanged)
	}
	return issues
}
