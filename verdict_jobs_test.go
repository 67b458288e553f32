package main

import (
	"time"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

func two(s *simulator.Scenario)       { s.ParallelJobs = 2 }
func forgetful(s *simulator.Scenario) { s.History.Changes = simulator.Duration(time.Minute) }

const (
	client = customers + "/id daily_nulls_count"
	odd    = "files.x%2Fy+z&a=b.2026.csv/ä.#?;[1] daily_nulls_count"
)

// jobCases are about children, other jobs, and runs that were not followed.
var jobCases = []verdictCase{
	{name: "a child is cancelled", scenario: "shop.yaml", steps: []step{
		set(dups, 400), set(client, 400), run("-c shop", says(3, dups+" @D0 fatal", client+" @D0 fatal").inTables(2)),
		hold(simulator.StageTable), begin("-c shop"), reached(simulator.StageTable), cancelChild(), release(simulator.StageTable),
		ends(says(7, dups+" @D0 fatal unchanged").whileRunSays("valid")),
		wait("--allow-empty --fail-on never", says(7, dups+" @D0 fatal unchanged")),
		wait("--judge run", says(7)),
	}},
	{name: "a child is cancelled on good data", scenario: "shop.yaml", steps: []step{
		hold(simulator.StageTable), begin("-c shop"), reached(simulator.StageTable), cancelChild(), release(simulator.StageTable),
		ends(says(7)),
	}},
	{name: "the only child is cancelled between sensor and rule", scenario: "small.yaml", steps: []step{
		set(dups, 400),
		hold(simulator.StageRules), begin("-c shop"), reached(simulator.StageRules), cancelChild(), release(simulator.StageRules),
		ends(says(7)),
		// The value is stored and nothing ever judged it.
		run("-c shop", says(5).whileRunSays("valid")),
	}},
	{name: "cancelled between sensor and rule over a good result", scenario: "small.yaml", steps: []step{
		run("-c shop", says(0)), set(dups, 400),
		hold(simulator.StageRules), begin("-c shop"), reached(simulator.StageRules), cancelChild(), release(simulator.StageRules),
		ends(says(7)),
		run("-c shop --judge exact", says(4, dups+" @D0 valid stale")),
	}},
	{name: "a child fails", scenario: "failing.yaml", steps: []step{
		run("-c shop", says(6)),
		wait("--allow-empty --allow-execution-errors --fail-on never", says(6)),
		run("-c shop -t files.orders.csv", says(3, orders+" daily_row_count @D0 fatal unchanged").whileRunSays("valid")),
	}},
	{name: "another job before ours", scenario: "small.yaml", steps: []step{
		set(dups, 400), other(""),
		run("-c shop", says(3, dups+" @D0 fatal unchanged").whileRunSays("valid")),
		set(dups, 0), other(""),
		run("-c shop", says(0)),
	}},
	{name: "another job during ours", scenario: "small.yaml", prepare: two, steps: []step{
		set(dups, 400), hold(simulator.StageTable), begin("-c shop"), reached(simulator.StageTable), otherBeside(""), release(simulator.StageTable),
		ends(says(3, dups+" @D0 fatal").with(withAnyRun)),
	}},
	{name: "another job between our sensors and rules", scenario: "small.yaml", prepare: two, steps: []step{
		run("-c shop", says(0)), set(dups, 400),
		hold(simulator.StageRules), begin("-c shop"), reached(simulator.StageRules), otherBeside(""), release(simulator.StageRules),
		ends(says(3, dups+" @D0 fatal").with(withAnyRun)),
	}},
	{name: "another job after ours", scenario: "small.yaml", steps: []step{
		set(dups, 400), submit("-c shop"), other(""),
		wait("", says(3, dups+" @D0 fatal").whileRunSays("fatal")),
		submit("-c shop"), other(""), other(""),
		wait("", says(3, dups+" @D0 fatal unchanged").whileRunSays("valid")),
	}},
	{name: "another job after ours sees it repaired", scenario: "small.yaml", steps: []step{
		set(dups, 400), submit("-c shop"), set(dups, 0), other(""),
		wait("", says(0).whileRunSays("fatal")),
		wait("--judge run", says(3)),
	}},
	{name: "another job after ours sees it gone bad", scenario: "small.yaml", steps: []step{
		submit("-c shop"), set(dups, 400), other(""),
		wait("", says(3, dups+" @D0 fatal").whileRunSays("valid")),
	}},
	{name: "another job after ours sees another table repaired", scenario: "shop.yaml", steps: []step{
		set(dups, 400), set(client, 400), submit("-c shop"), set(client, 0), other(`"fullTableName":"files.customers.csv"`),
		wait("", says(3, dups+" @D0 fatal").whileRunSays("fatal")),
	}},
	{name: "another job after ours crashes", scenario: "small.yaml", steps: []step{
		submit("-c shop"), crash(dups, "sensor"), other(""),
		wait("", says(4, dups+" @D0 sensor crashed")),
	}},
	{name: "followed only after the end", scenario: "shop.yaml", steps: []step{
		set(dups, 400), submit("-c shop"), wait("", says(3, dups+" @D0 fatal").inTables(2)),
		submit("-c shop"), wait("", says(3, dups+" @D0 fatal unchanged").inTables(2).whileRunSays("valid")),
	}},
	{name: "followed after the changes have expired", scenario: "shop.yaml", prepare: forgetful, steps: []step{
		set(dups, 400), submit("-c shop"), later(2 * time.Minute), other(`"connection":"none"`),
		wait("", says(3, dups+" @D0 fatal").approximate().inTables(2)),
		submit("-c shop"), later(2 * time.Minute), other(`"connection":"none"`),
		wait("", says(3, dups+" @D0 fatal unchanged").approximate().inTables(2).whileRunSays("valid")),
		wait("--judge exact", says(3, dups+" @D0 fatal unchanged").approximate().inTables(2).whileRunSays("valid")),
		submit("-c shop -t files.customers.csv"), later(2 * time.Minute), other(`"connection":"none"`),
		wait("", says(0).approximate().inTables(1)),
	}},
	{name: "a table is gone when it is read", scenario: "shop.yaml", steps: []step{
		set(dups, 400), run("-c shop", says(3, dups+" @D0 fatal")),
		// What is known of the others is told.
		fails("GET .*/customers.csv/", "404"), run("-c shop", says(8, dups+" @D0 fatal unchanged").approximate().whileRunSays("valid")),
	}},
	{name: "more than a hundred tables", scenario: "small.yaml", tables: 120, prepare: forgetful, steps: []step{
		set("files.orders.csv_117/order_id daily_duplicate_count", 400), set("files.orders.csv_003/order_id daily_nulls_count", 4),
		run("-c shop", says(3, "files.orders.csv_117/order_id daily_duplicate_count @D0 fatal",
			"files.orders.csv_003/order_id daily_nulls_count @D0 warning").inTables(120)),
		run("-c shop -t files.orders.csv_11*", says(3, "files.orders.csv_117/order_id daily_duplicate_count @D0 fatal unchanged").inTables(10)),
		submit("-c shop"), later(2 * time.Minute), other(`"connection":"none"`),
		wait("", says(3, "files.orders.csv_117/order_id daily_duplicate_count @D0 fatal unchanged",
			"files.orders.csv_003/order_id daily_nulls_count @D0 warning unchanged").approximate().inTables(120).whileRunSays("valid")),
	}},
	{name: "more tables than a page of the search", scenario: "small.yaml", tables: 1050, present: true, prepare: forgetful, steps: []step{
		set("files.orders.csv_997/order_id daily_duplicate_count", 400), submit("-c shop -t files.orders.csv_99*"),
		submit("-c shop -t files.orders.csv_99*"), later(2 * time.Minute), other(`"connection":"none"`),
		wait("", says(3, "files.orders.csv_997/order_id daily_duplicate_count @D0 fatal unchanged").approximate().inTables(10).whileRunSays("valid")),
		status("-c shop -t *.orders.csv_99*", says(3, "files.orders.csv_997/order_id daily_duplicate_count @D0 fatal unchanged").inTables(10)),
	}},
	{name: "names that paths must escape", scenario: "odd.yaml", steps: []step{
		set(odd, 40), run("-c shop", says(2, odd+" @D0 error").inTables(1)),
		run("-c shop", says(2, odd+" @D0 error unchanged").inTables(1)),
		run("-c s*", says(3, odd+" @D0 error unchanged", "s h/o:p:"+odd+" @D0 fatal").inTables(2)),
		run("--all", says(3, odd+" @D0 error unchanged", "s h/o:p:"+odd+" @D0 fatal unchanged").inTables(2).whileRunSays("valid")),
		run("-c *p --table files.x%2F* --column ä*", says(3, odd+" @D0 error unchanged", "s h/o:p:"+odd+" @D0 fatal unchanged").inTables(2)),
		run("-c *o:p --judge exact", says(3, "s h/o:p:"+odd+" @D0 fatal unchanged").inTables(1)),
	}},
	{name: "filters that cannot be replayed", scenario: "shop.yaml", steps: []step{
		set(dups, 400), run("-c shop --label daily-load", says(3, dups+" @D0 fatal").approximate()),
		run("-c shop --label daily-load", says(3, dups+" @D0 fatal unchanged").approximate().whileRunSays("valid")),
		run("-c shop --column-type BIGINT", says(3, dups+" @D0 fatal unchanged").approximate()),
		run("-c shop --column-type DOUBLE", says(0).approximate()),
		run("-c shop --nullable=false", says(3, dups+" @D0 fatal unchanged").approximate()),
		run("-c shop --max-results 100", says(3, dups+" @D0 fatal unchanged").approximate()),
		disabled(dups), set(dups, 401), run("-c shop --only-disabled", says(3, dups+" @D0 fatal").approximate()),
		run("-c shop --only-disabled", says(3, dups+" @D0 fatal unchanged").approximate()),
		run("-c shop", says(0)),
	}},
}
