package main

import (
	"fmt"
	"time"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// startingAt starts the server at a moment of its own, in a time zone.
func startingAt(clock, zone string) func(*simulator.Scenario) {
	return func(s *simulator.Scenario) {
		moment, err := time.Parse(time.RFC3339, clock)
		if err != nil {
			panic(err)
		}
		s.Clock, s.TimeZone = &simulator.Instant{Time: moment}, zone
	}
}

// periodCases are about partitions, windows, time zones and months.
var periodCases = []verdictCase{
	{name: "one of three partitions is repaired", scenario: "shop.yaml", steps: []step{
		set(dayDups+" @D-1", 400), set(dayDups+" @D-2", 40), set(dayDups+" @D-7", 4), set(dayDups+" @D0", 400), set(dayDups+" @D-8", 400),
		run("-c shop", says(3, dayDups+" @D-1 fatal", dayDups+" @D-2 error", dayDups+" @D-7 warning")),
		set(dayDups+" @D-1", 0),
		run("-c shop", says(2, dayDups+" @D-2 error unchanged", dayDups+" @D-7 warning unchanged").whileRunSays("valid")),
		set(dayDups+" @D-2", 0),
		run("-c shop --fail-on warning", says(1, dayDups+" @D-7 warning unchanged").whileRunSays("valid")),
		run("-c shop --fail-on warning --judge exact", says(1, dayDups+" @D-7 warning unchanged")),
	}},
	{name: "a partition in a month before this one", scenario: "shop.yaml", steps: []step{
		set(dayDups+" @2026-09-20", 400), set(dayDups+" @2026-09-21", 40), set(dayDups+" @2026-10-10", 40), set(dayDups+" @2026-11-10", 4),
		run("-c shop --from 2026-09-15", says(3, dayDups+" @2026-09-20 fatal", dayDups+" @2026-09-21 error",
			dayDups+" @2026-10-10 error", dayDups+" @2026-11-10 warning")),
		// The last two of three months are evaluated again.
		run("-c shop --from 2026-09-15", says(3, dayDups+" @2026-09-20 fatal unchanged", dayDups+" @2026-09-21 error unchanged",
			dayDups+" @2026-10-10 error", dayDups+" @2026-11-10 warning").whileRunSays("error")),
		set(dayDups+" @2026-09-20", 0), set(dayDups+" @2026-10-10", 0),
		run("-c shop --from 2026-09-15", says(2, dayDups+" @2026-09-21 error unchanged", dayDups+" @2026-11-10 warning").whileRunSays("warning")),
	}},
	{name: "windows leave the others out", scenario: "shop.yaml", steps: []step{
		set(dayDups+" @D-20", 400), set(dayDups+" @D-3", 4),
		run("-c shop --from D-30 --to D0", says(3, dayDups+" @D-20 fatal", dayDups+" @D-3 warning")),
		run("-c shop", says(0, dayDups+" @D-3 warning unchanged")),
		run("-c shop --from D-21 --to D-20", says(0)),
		run("-c shop --from D-20 --to D-19", says(3, dayDups+" @D-20 fatal unchanged")),
		run("-c shop --from D-20T00:00:00 --to D-20T23:00:00", says(3, dayDups+" @D-20 fatal unchanged")),
		run("-c shop --from D-19", says(0, dayDups+" @D-3 warning unchanged")),
		// More than two months: the last two are evaluated again.
		run("-c shop --to D-19", says(3, dayDups+" @D-20 fatal")),
		run("-c shop --recent-days 25", says(3, dayDups+" @D-20 fatal unchanged", dayDups+" @D-3 warning unchanged")),
		run("-c shop --recent-days 15", says(0, dayDups+" @D-3 warning unchanged")),
	}},
	{name: "a window replayed beside another job's wider one", scenario: "shop.yaml", steps: []step{
		set(dayDups+" @D-20", 400), set(dayDups+" @D-3", 40), set(monthDups+" @M-3", 400), set(monthDups+" @M0", 400),
		submit("-c shop --from D-5 --to D0"),
		otherIn(`"from_date":"2026-01-01","to_date":"2026-12-01"`),
		wait("", says(3, dayDups+" @D-3 error", monthDups+" @M0 fatal")),
		submit("-c shop --from D-5T00:00:00Z --to D0T00:00:00Z"),
		otherIn(`"from_date":"2026-01-01","to_date":"2026-12-01"`),
		wait("", says(3, dayDups+" @D-3 error", monthDups+" @M0 fatal").whileRunSays("valid")),
	}},
	{name: "yesterday's partition on the first of a month", scenario: "shop.yaml", prepare: startingAt("2026-12-01T08:00:00Z", ""), steps: []step{
		set(dayDups+" @2026-11-30", 400), set(monthDups+" @2026-11", 4),
		run("-c shop", says(3, dayDups+" @2026-11-30 fatal", monthDups+" @2026-11-01 warning")),
		run("-c shop", says(3, dayDups+" @2026-11-30 fatal unchanged", monthDups+" @2026-11-01 warning unchanged").whileRunSays("valid")),
	}},
	{name: "more than a hundred periods", scenario: "shop.yaml", steps: []step{
		set(dayDups, 40),
		run("-c shop --from D-140 --to D0", says(2, days(140, "")...)),
		run("-c shop --from D-140 --to D0", says(2, days(140, "2026-10")...)),
		// The results' limit of a hundred would drop days of one month only when it
		// is read with others.
		set(dayDups+" @D-139", 0),
		run("-c shop --from D-140 --to D0 --judge exact", says(2, append(days(138, "2026-10"), dayDups+" @D-140 error unchanged")...)),
	}},
	{name: "a partition of twelve years ago", scenario: "shop.yaml", steps: []step{
		set(orders+" monthly_partition_row_count @M-148", 0),
		run("-c shop --from 2014-06-01 --to 2026-11-01 --check *row_count", says(3, orders+" monthly_partition_row_count @M-148 fatal")),
		run("-c shop --from 2014-06-01 --to 2026-11-01 --check *row_count", says(3, orders+" monthly_partition_row_count @M-148 fatal unchanged")),
		run("-c shop --recent-months 150 --check *row_count", says(3, orders+" monthly_partition_row_count @M-148 fatal unchanged")),
		run("-c shop --to 2016-01-01 --check *row_count", says(3, orders+" monthly_partition_row_count @M-148 fatal unchanged")),
	}},
	{name: "monthly partitions of a run of recent days", scenario: "shop.yaml", steps: []step{
		set(orders+" monthly_partition_row_count @M-148", 0),
		run("-c shop --recent-days 5", says(3, orders+" monthly_partition_row_count @M-148 fatal")),
		run("-c shop --recent-days 5", says(3, orders+" monthly_partition_row_count @M-148 fatal unchanged")),
		run("-c shop --recent-days 5 --recent-months 3", says(0)),
	}},
	{name: "later partitions of a run that includes today", scenario: "shop.yaml", steps: []step{
		set(dayDups+" @D0", 40), set(dayDups+" @2027-03-10", 400),
		run("-c shop --recent-days 5 --include-today", says(3, dayDups+" @2027-03-10 fatal", dayDups+" @D0 error")),
		run("-c shop --recent-days 5 --include-today", says(3, dayDups+" @2027-03-10 fatal unchanged", dayDups+" @D0 error unchanged")),
		run("-c shop --recent-days 5", says(0)),
	}},
	{name: "a partition of 1970", scenario: "shop.yaml", steps: []step{
		set(dayDups+" @1970-01-01", 400),
		run("-c shop --to D-10", says(3, dayDups+" @1970-01-01 fatal")),
		run("-c shop --to D-10", says(3, dayDups+" @1970-01-01 fatal unchanged")),
	}},
	{name: "a partition of next spring", scenario: "shop.yaml", steps: []step{
		set(dayDups+" @2027-03-10", 400),
		run("-c shop --from D-3 --to 2027-04-01", says(3, dayDups+" @2027-03-10 fatal").approximate()),
		run("-c shop --from D-3 --to 2027-04-01", says(3, dayDups+" @2027-03-10 fatal unchanged").approximate()),
		run("-c shop --from D-3", says(0)),
	}},
	{name: "local days ahead of UTC", scenario: "shop.yaml", prepare: startingAt("2026-11-30T11:30:00Z", "Pacific/Auckland"), steps: eastOrWest("2026-12-01", "2026-11-30", "2026-12-01", "2026-11-01")},
	{name: "local days behind UTC", scenario: "shop.yaml", prepare: startingAt("2026-12-01T05:00:00Z", "Pacific/Honolulu"), steps: eastOrWest("2026-11-30", "2026-11-29", "2026-11-01", "2026-10-01")},
	{name: "the farthest zone ahead", scenario: "shop.yaml", prepare: startingAt("2026-12-31T10:30:00Z", "Pacific/Kiritimati"), steps: eastOrWest("2027-01-01", "2026-12-31", "2027-01-01", "2026-12-01")},
	{name: "the farthest zone behind", scenario: "shop.yaml", prepare: startingAt("2027-01-01T11:30:00Z", "Etc/GMT+12"), steps: eastOrWest("2026-12-31", "2026-12-30", "2026-12-01", "2026-11-01")},
	{name: "the month turns between run and reading", scenario: "shop.yaml", prepare: startingAt("2026-11-30T23:58:00Z", ""), steps: []step{
		set(dups, 400), set(dayDups+" @D-1", 40), set(orders+"/order_id monthly_duplicate_count", 4),
		run("-c shop", says(3, dups+" @D0 fatal", dayDups+" @D-1 error", orders+"/order_id monthly_duplicate_count @M0 warning")),
		submit("-c shop"), later(10 * time.Minute),
		wait("", says(3, dups+" @D0 fatal unchanged", dayDups+" @D-1 error unchanged", orders+"/order_id monthly_duplicate_count @M0 warning unchanged").whileRunSays("valid")),
		wait("--judge exact", says(3, dups+" @D0 fatal unchanged", dayDups+" @D-1 error unchanged", orders+"/order_id monthly_duplicate_count @M0 warning unchanged").whileRunSays("valid")),
	}},
	{name: "the month turns in the run", scenario: "small.yaml", prepare: startingAt("2026-11-30T23:58:00Z", ""), steps: []step{
		set(dups, 400), run("-c shop", says(3, dups+" @D0 fatal")),
		hold(simulator.StageRules), begin("-c shop"), reached(simulator.StageRules), later(10 * time.Minute), release(simulator.StageRules),
		ends(says(3, dups+" @D0 fatal unchanged").whileRunSays("valid")),
	}},
}

// withAnyRun is for runs whose own summary depends on what else was evaluated.
func withAnyRun(v *verdictWant) { v.run = "" }

// days are the issues of so many days before D0; those before the given one were
// not evaluated again.
func days(n int, unchangedBefore string) []string {
	today := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	var issues []string
	for i := 1; i <= n; i++ {
		day := today.AddDate(0, 0, -i).Format(time.DateOnly)
		issue := fmt.Sprintf("%s @%s error", dayDups, day)
		if day < unchangedBefore {
			issue += " unchanged"
		}
		issues = append(issues, issue)
	}
	return issues
}

// eastOrWest runs twice where the server's day, and its month, is not that of UTC.
func eastOrWest(today, yesterday, month, monthBefore string) []step {
	issues := func(unchanged string) []string {
		return []string{
			dups + " @" + today + " fatal" + unchanged, dayDups + " @" + yesterday + " error" + unchanged,
			orders + "/order_id profile_duplicate_count @" + month + " warning" + unchanged,
			orders + "/order_id monthly_duplicate_count @" + month + " warning" + unchanged,
			monthDups + " @" + monthBefore + " warning" + unchanged,
		}
	}
	return []step{
		set(dups, 400), set(dayDups+" @"+yesterday, 40), set(orders+"/order_id monthly_duplicate_count", 4),
		set(orders+"/order_id profile_duplicate_count", 4), set(monthDups+" @"+monthBefore, 4),
		run("-c shop", says(3, issues("")...)),
		run("-c shop", says(3, issues(" unchanged")...).whileRunSays("valid")),
		run("-c shop --judge exact", says(3, issues(" unchanged")...).whileRunSays("valid")),
	}
}
