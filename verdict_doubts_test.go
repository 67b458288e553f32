package main

import "time"

const excused = " --allow-execution-errors"

// doubtCases are about values that nothing judged, and checks that crashed.
var doubtCases = []verdictCase{
	{name: "repaired, and only sensors ran in between", scenario: "small.yaml", steps: []step{
		set(dups, 400), run("-c shop", says(3, dups+" @D0 fatal")),
		set(dups, 0), run("-c shop --execution-target only_sensors --fail-on never", says(0)),
		run("-c shop", says(4, dups+" @D0 fatal stale").whileRunSays("valid")),
		run("-c shop --judge exact", says(4, dups+" @D0 fatal stale")),
		run("-c shop --fail-on never"+excused, says(4, dups+" @D0 fatal stale")),
		set(dups, 1), run("-c shop", says(0, dups+" @D0 warning")),
		run("-c shop", says(0, dups+" @D0 warning unchanged")),
	}},
	{name: "worse, and only sensors ran in between", scenario: "small.yaml", steps: []step{
		set(dups, 4), run("-c shop", says(0, dups+" @D0 warning")),
		set(dups, 400), run("-c shop --execution-target only_sensors --judge run", says(0)),
		run("-c shop --fail-on fatal", says(4, dups+" @D0 warning stale")),
	}},
	{name: "good turned bad, and only sensors ran in between", scenario: "small.yaml", steps: []step{
		run("-c shop", says(0)),
		set(dups, 400), run("-c shop --execution-target only_sensors --fail-on never", says(0)),
		// What judge standing does not see, and the documentation says so.
		run("-c shop", says(0).whileRunSays("valid")),
		run("-c shop --judge exact", says(4, dups+" @D0 valid stale")),
		run("-c shop --judge exact --fail-on never"+excused, says(4, dups+" @D0 valid stale")),
		set(dups, 401), run("-c shop", says(3, dups+" @D0 fatal")),
	}},
	{name: "a run without rules is no verdict", scenario: "small.yaml", steps: []step{
		set(dups, 400),
		submit("-c shop --execution-target only_sensors --fail-on never"), wait("", says(5)), wait("--allow-empty", says(5)),
		submit("-c shop --dummy-execution --fail-on never"), wait("", says(5)), wait("--allow-empty", says(5)),
		submit("-c shop --execution-target only_rules --fail-on never"), wait("", says(5)),
	}},
	{name: "results deleted, readouts kept", scenario: "small.yaml", steps: []step{
		set(dups, 400), run("-c shop", says(3, dups+" @D0 fatal")),
		deleteResults(orders),
		run("-c shop", says(5).whileRunSays("valid")),
		run("-c shop --judge exact", says(5).whileRunSays("valid")),
		run("-c shop --allow-empty", says(0)),
		set(dups, 401), run("-c shop", says(3, dups+" @D0 fatal")),
	}},
	{name: "results of one check deleted", scenario: "small.yaml", steps: []step{
		set(dups, 400), run("-c shop", says(3, dups+" @D0 fatal")),
		deleteResults(dups),
		run("-c shop --judge exact", says(0).withoutVerdict(1)),
		run("-c shop --check daily_duplicate_count", says(5)),
		run("-c shop --sensor column/uniqueness/duplicate_count", says(5)),
		run("-c shop --category uniqueness", says(5)), run("-c shop --dimension Uniqueness", says(5)),
	}},
	{name: "results of one group deleted", scenario: "grouped.yaml", steps: []step{
		run("-c shop", says(2, grouped+" @D0 error")),
		run("-c shop", says(2, grouped+" {DE} @D0 error", grouped+" {FR} @D0 error", grouped+" {PL} @D0 error", grouped+" {US} @D0 warning")),
		deleteResults(grouped + " {DE}"), deleteResults(grouped + " {FR}"),
		run("-c shop --judge exact", says(2, grouped+" {PL} @D0 error unchanged", grouped+" {US} @D0 warning unchanged").withoutVerdict(2)),
	}},
	{name: "a check without a rule", scenario: "empty.yaml", steps: []step{
		run("-c shop", says(5).whileRunSays("valid")),
		run("-c shop --judge exact", says(5)),
		run("-c shop --fail-on never", says(5)),
		run("-c shop --allow-empty", says(0)),
		run("-c shop -t files.plain.csv", says(5)),
		run("-c shop -t files.none.csv", says(5)),
		run("-c nosuch", says(5)),
		run("-c shop -t files.none.csv --allow-empty", says(0)),
	}},
	{name: "all crashed", scenario: "crashing.yaml", steps: []step{
		run("-c shop", says(4, orders+" daily_row_count @D0 sensor crashed", dups+" @D0 rule crashed").whileRunSays("valid")),
		// The sensor healed; the rule is not asked again about the same value.
		run("-c shop", says(4, dups+" @D0 rule crashed before").whileRunSays("valid")),
		run("-c shop", says(4, dups+" @D0 rule crashed before")),
		run("-c shop"+excused, says(0, dups+" @D0 rule crashed before")),
		run("-c shop --fail-on never", says(4, dups+" @D0 rule crashed before")),
		set(dups, 1), run("-c shop", says(3, dups+" @D0 fatal")),
		run("-c shop", says(3, dups+" @D0 fatal unchanged")),
		set(dups, 0), run("-c shop", says(0)),
	}},
	{name: "some crashed", scenario: "shop.yaml", steps: []step{
		set(dups, 400), crash(orders+"/amount daily_nulls_count", "sensor"), crash(orders+" profile_row_count", "rule"),
		crash(dayDups, "sensor"),
		run("-c shop", says(4, dups+" @D0 fatal", orders+"/amount daily_nulls_count @D0 sensor crashed",
			orders+" profile_row_count @M0 rule crashed", dayDups+" @D0 sensor crashed").whileRunSays("fatal")),
		run("-c shop"+excused, says(3, dups+" @D0 fatal unchanged", orders+"/amount daily_nulls_count @D0 sensor crashed",
			orders+" profile_row_count @M0 rule crashed before", dayDups+" @D0 sensor crashed").whileRunSays("valid")),
		crash(orders+"/amount daily_nulls_count", ""), crash(orders+" profile_row_count", ""), crash(dayDups, ""),
		run("-c shop", says(4, dups+" @D0 fatal unchanged", orders+" profile_row_count @M0 rule crashed before")),
	}},
	{name: "a broken column takes its neighbour along and heals", scenario: "small.yaml", steps: []step{
		run("-c shop", says(0)),
		broken(orders+"/order_id", true),
		run("-c shop", says(4, dups+" @D0 sensor crashed", nulls+" @D0 sensor crashed")),
		run("-c shop --allow-empty"+excused, says(0, dups+" @D0 sensor crashed", nulls+" @D0 sensor crashed")),
		broken(orders+"/order_id", false),
		run("-c shop", says(0)),
		run("-c shop --judge exact", says(0)),
	}},
	{name: "all sensors crashed over bad results", scenario: "small.yaml", steps: []step{
		set(dups, 400), run("-c shop", says(3, dups+" @D0 fatal")),
		broken(orders+"/order_id", true),
		run("-c shop", says(4, dups+" @D0 sensor crashed", nulls+" @D0 sensor crashed").whileRunSays("valid")),
		broken(orders+"/order_id", false),
		run("-c shop", says(3, dups+" @D0 fatal unchanged").whileRunSays("valid")),
	}},
	{name: "the rule crashed on a worse value", scenario: "small.yaml", steps: []step{
		run("-c shop", says(0)),
		set(dups, 400), crash(dups, "rule"), run("-c shop", says(4, dups+" @D0 rule crashed").whileRunSays("valid")),
		crash(dups, ""),
		run("-c shop", says(4, dups+" @D0 rule crashed before").whileRunSays("valid")),
		run("-c shop --judge exact", says(4, dups+" @D0 rule crashed before")),
	}},
	{name: "the rule crashed on a better value", scenario: "small.yaml", steps: []step{
		set(dups, 400), run("-c shop", says(3, dups+" @D0 fatal")),
		set(dups, 0), crash(dups, "rule"), run("-c shop", says(4, dups+" @D0 rule crashed")),
		crash(dups, ""), run("-c shop", says(4, dups+" @D0 rule crashed before")),
	}},
	{name: "crashed yesterday, healed today", scenario: "small.yaml", steps: []step{
		broken(orders+"/order_id", true), run("-c shop", says(4, dups+" @D0 sensor crashed", nulls+" @D0 sensor crashed")),
		crash(dups, "rule"), broken(orders+"/order_id", false), run("-c shop", says(4, dups+" @D0 rule crashed")),
		crash(dups, ""), later(24 * time.Hour),
		run("-c shop", says(0)),
	}},
	{name: "a crash outside the filters", scenario: "small.yaml", steps: []step{
		crash(dups, "sensor"), run("-c shop", says(4, dups+" @D0 sensor crashed")),
		run("-c shop --check daily_nulls_count", says(0)),
		submit("-c shop --check daily_nulls_count"), other(""), wait("", says(0)),
		submit("-c shop --sensor column/nulls/null_count"), other(""), wait("", says(0)),
		crash(dups, "rule"), set(dups, 1), submit("-c shop --sensor column/nulls/null_count"), other(""), wait("", says(0)),
	}},
	{name: "one group's rule crashes", scenario: "grouped.yaml", steps: []step{
		run("-c shop", says(2, grouped+" @D0 error")),
		crash(grouped, "rule"),
		run("-c shop", says(4, grouped+" {DE} @D0 rule crashed", grouped+" {FR} @D0 rule crashed", grouped+" {PL} @D0 rule crashed", grouped+" {US} @D0 rule crashed")),
		crash(grouped, ""), set(grouped+" {DE}", 0), set(grouped+" {FR}", 60),
		run("-c shop", says(4, grouped+" {FR} @D0 fatal", grouped+" {PL} @D0 rule crashed before", grouped+" {US} @D0 rule crashed before")),
	}},
	{name: "a grouped sensor crashes and heals", scenario: "grouped.yaml", steps: []step{
		run("-c shop", says(2, grouped+" @D0 error")),
		run("-c shop", says(2, grouped+" {DE} @D0 error", grouped+" {FR} @D0 error", grouped+" {PL} @D0 error", grouped+" {US} @D0 warning")),
		crash(grouped, "sensor"), run("-c shop", says(4, grouped+" @D0 sensor crashed")),
		crash(grouped, ""),
		run("-c shop", says(2, grouped+" {DE} @D0 error unchanged", grouped+" {FR} @D0 error unchanged",
			grouped+" {PL} @D0 error unchanged", grouped+" {US} @D0 warning unchanged")),
	}},
}
