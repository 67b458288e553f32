package main

// filterCases run with one filter, and while another job renews every check before
// the reading: a fatal check just outside the filter does not count, one inside it
// does.
func filterCases() []verdictCase {
	const order = orders + "/order_id "
	rows := []struct{ filter, inside, outside string }{
		{"--check daily_duplicate_count", dups, nulls},
		{"--check daily_dup*", dups, nulls},
		{"--check *_COUNT --column order_id", dups, orders + " daily_row_count"},
		{"--check *nulls*", nulls, dups},
		{"--category uniqueness", dups, nulls},
		{"--category UNI*", dups, nulls},
		{"--dimension Uniqueness", dups, nulls},
		{"--dimension *ness", dups, orders + "/amount daily_number_below_min_value"},
		{"--sensor column/uniqueness/duplicate_count", dups, nulls},
		{"--sensor column/*", dups, orders + " daily_data_freshness"},
		{"--column order_id", dups, orders + " daily_data_freshness"},
		{"--column order_id", dups, orders + "/amount daily_nulls_count"},
		{"--column *_ID", dups, orders + "/amount daily_nulls_count"},
		{"--target table", orders + " daily_data_freshness", dups},
		{"--check-type monitoring", dups, order + "profile_duplicate_count"},
		{"--check-type monitoring", order + "monthly_duplicate_count", dayDups + " @D-1"},
		{"--check-type partitioned", dayDups + " @D-1", dups},
		{"--check-type profiling", order + "profile_duplicate_count", dups},
		{"--time-scale daily", dups, order + "monthly_duplicate_count"},
		{"--time-scale daily", dayDups + " @D-1", order + "profile_duplicate_count"},
		{"--time-scale monthly", monthDups + " @M-1", dups},
		{"--time-scale monthly --check-type partitioned", monthDups + " @M-1", order + "monthly_duplicate_count"},
		{"--comparison ledger", order + "daily_sum_match/ledger", order + "daily_sum_match/bank"},
		{"--comparison ledger", orders + " daily_row_count_match/ledger", order + "daily_sum_match/bank"},
		{"--comparison bank", order + "daily_sum_match/bank", order + "daily_sum_match/ledger"},
		{"-t files.orders.csv", dups, client},
		{"-t files.cust*", client, dups},
		{"-t *.orders.csv", dups, client},
		{"-t customers.csv*", "", client},
		{"--from D-2 --to D0", dayDups + " @D-1", dayDups + " @D-4"},
	}
	var cases []verdictCase
	for _, row := range rows {
		name := row.filter + ", not " + row.outside
		if row.inside == "" {
			cases = append(cases, verdictCase{name: name, scenario: "shop.yaml", steps: []step{
				set(row.outside, 400), submit("-c shop " + row.filter), other(""), wait("", says(5)),
			}})
			continue
		}
		cases = append(cases, verdictCase{name: name, scenario: "shop.yaml", steps: []step{
			set(row.inside, 4), set(row.outside, 400),
			submit("-c shop " + row.filter), other(""),
			wait("--fail-on warning", says(1, periodOf(row.inside)+" warning").whileRunSays("warning")),
			submit("-c shop " + row.filter), other(""),
			wait("--fail-on warning", says(1, periodOf(row.inside)+" warning unchanged").whileRunSays("valid")),
			set(row.inside, 0),
			submit("-c shop " + row.filter), other(""),
			wait("--fail-on warning --judge exact", says(0)),
		}})
	}
	return cases
}

// periodOf adds the present period to the name of a check that is not partitioned.
func periodOf(ref string) string {
	for i := range ref {
		if ref[i] == '@' {
			return ref
		}
	}
	check := ref[len(ref)-len(lastWord(ref)):]
	if kind, scale := kindOf(check); kind == "profiling" || scale == "monthly" {
		return ref + " @M0"
	}
	return ref + " @D0"
}

func lastWord(text string) string {
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == ' ' {
			return text[i+1:]
		}
	}
	return text
}
