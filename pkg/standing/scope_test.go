package standing

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

func TestMatchingRules(t *testing.T) {
	for _, tc := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "anything", true},
		{"*", "", true},
		{"amount", "AMOUNT", true},
		{"amount", "amount2", false},
		{"am*", "amount", true},
		{"*UNT", "amount", true},
		{"*mou*", "amount", true},
		{"a*t", "amount", true},
		{"a*t", "at", true},
		{"ab*ba", "aba", false},
		{"*x*", "amount", false},
		{"a*o*t", "amount", false}, // only the first star splits
		{"a*o*t", "aXo*t", true},
		{"a.c", "abc", false},
		{"ż*", "Żółw", true},
		{"KIND", "k\u0131nd", true}, // as Java ignores case
		{"\u0130d", "id", true},
	} {
		if got := matches(tc.pattern, tc.text); got != tc.want {
			t.Errorf("matches(%q, %q) is %t", tc.pattern, tc.text, got)
		}
	}
}

func TestTableFilters(t *testing.T) {
	orders := dqops.TableRef{Connection: "shop", Schema: "files", Table: "orders.csv"}
	for filter, want := range map[string]bool{
		"": true, "files.orders.csv": true, "FILES.ORDERS.CSV": true, "files.*": true, "files.": true, "*.orders.csv": true, "orders*": true,
		".orders.csv": true, "f*.orders*": true, "[files].`orders.csv`": true, `"files".'orders.csv'`: true,
		// A name with a dot is split at its first one.
		"orders.csv": false, "other.orders.csv": false, "files.orders": false, "[files.orders.csv": false,
	} {
		if got := (scope{filters: dqops.CheckSearchFilters{FullTableName: filter}}).takesTable(orders); got != want {
			t.Errorf("%q takes files.orders.csv: %t, want %t", filter, got, want)
		}
	}
	stock := dqops.TableRef{Connection: "shop", Schema: "files", Table: "stock"}
	if !(scope{filters: dqops.CheckSearchFilters{FullTableName: "stock", Connection: "SH*"}}).takesTable(stock) {
		t.Error("a name without a dot must be of any schema")
	}
	if (scope{filters: dqops.CheckSearchFilters{Connection: "sho"}}).takesTable(stock) {
		t.Error("another connection was taken")
	}
}

func TestChecksInScope(t *testing.T) {
	check := dqops.CheckStatus{CheckType: "monitoring", TimeScale: "daily", Category: "volume", QualityDimension: "Completeness"}
	for name, tc := range map[string]struct {
		filters    dqops.CheckSearchFilters
		comparison string
		want       bool
	}{
		"no filter":                        {dqops.CheckSearchFilters{}, "", true},
		"type":                             {dqops.CheckSearchFilters{CheckType: "monitoring"}, "", true},
		"another type":                     {dqops.CheckSearchFilters{CheckType: "profiling"}, "", false},
		"scale":                            {dqops.CheckSearchFilters{TimeScale: "daily"}, "", true},
		"another scale":                    {dqops.CheckSearchFilters{TimeScale: "monthly"}, "", false},
		"name":                             {dqops.CheckSearchFilters{CheckName: "Daily_*"}, "", true},
		"another name":                     {dqops.CheckSearchFilters{CheckName: "daily_row"}, "", false},
		"category":                         {dqops.CheckSearchFilters{CheckCategory: "vol*"}, "", true},
		"another category":                 {dqops.CheckSearchFilters{CheckCategory: "nulls"}, "", false},
		"dimension":                        {dqops.CheckSearchFilters{QualityDimension: "completeness"}, "", true},
		"another dimension":                {dqops.CheckSearchFilters{QualityDimension: "Validity"}, "", false},
		"comparison":                       {dqops.CheckSearchFilters{TableComparisonName: "to*"}, "to_source", true},
		"another comparison":               {dqops.CheckSearchFilters{TableComparisonName: "to_other"}, "to_source", false},
		"any comparison, of a plain check": {dqops.CheckSearchFilters{TableComparisonName: "*"}, "", false},
		"a comparison's without a filter":  {dqops.CheckSearchFilters{}, "to_source", true},
		"a sensor, which is not known yet": {dqops.CheckSearchFilters{SensorName: "table/volume/row_count"}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (scope{filters: tc.filters}).takes("daily_row_count", tc.comparison, check); got != tc.want {
				t.Errorf("taken: %t", got)
			}
		})
	}
}

func TestPlacesInScope(t *testing.T) {
	for _, tc := range []struct {
		filters               dqops.CheckSearchFilters
		table, amount, sensor bool
	}{
		{dqops.CheckSearchFilters{}, true, true, true},
		{dqops.CheckSearchFilters{Column: "AM*"}, false, true, true},
		{dqops.CheckSearchFilters{Column: "id"}, false, false, true},
		{dqops.CheckSearchFilters{CheckTarget: "table"}, true, false, true},
		{dqops.CheckSearchFilters{CheckTarget: "column"}, true, true, true}, // the server leaves table checks in
		{dqops.CheckSearchFilters{CheckTarget: "table", Column: "amount"}, false, false, true},
		{dqops.CheckSearchFilters{SensorName: "*/row_*"}, true, true, true},
		{dqops.CheckSearchFilters{SensorName: "column/*"}, true, true, false},
	} {
		s := scope{filters: tc.filters}
		if s.takesTableChecks() != tc.table || s.takesColumn("amount") != tc.amount || s.takesSensor("table/volume/row_count") != tc.sensor {
			t.Errorf("%+v: table %t, column %t, sensor %t", tc.filters, s.takesTableChecks(), s.takesColumn("amount"), s.takesSensor("table/volume/row_count"))
		}
		if !s.takesSensor("") {
			t.Errorf("%+v: an unknown sensor must stay in", tc.filters)
		}
	}
}

func TestFiltersThatCannotBeReplayed(t *testing.T) {
	for text, want := range map[string]bool{
		`{}`: true, `{"enabled":true,"connection":"shop","sensorName":"x"}`: true, `{"tags":["unused"]}`: true,
		`{"labels":["x"]}`: false, `{"maxResults":10}`: false, `{"columnDataType":"INT"}`: false, `{"columnNullable":true}`: false,
		`{"enabled":false}`: false, `{"checkHierarchyIdsModels":[{"model":["x"]}]}`: false,
	} {
		for _, key := range []string{"runChecksParameters", "runChecksOnTableParameters"} {
			job := &dqops.Job{Parameters: dqops.JobParameters{key: json.RawMessage(`{"check_search_filters":` + text + `}`)}}
			s, err := scopeOfRun(job)
			if err != nil || s.replayable != want {
				t.Errorf("%s %s: replayable %t, %v", key, text, s.replayable, err)
			}
		}
	}
}

func TestTypesAskedFor(t *testing.T) {
	for checkType, want := range map[string][3]bool{
		"": {true, true, true}, "profiling": {true, false, false}, "monitoring": {false, true, false}, "partitioned": {false, false, true},
	} {
		profiling, monitoring, partitioned := scope{filters: dqops.CheckSearchFilters{CheckType: checkType}}.types()
		if got := [3]bool{profiling, monitoring, partitioned}; got != want {
			t.Errorf("%q asks for %v, want %v", checkType, got, want)
		}
	}
}

func TestWindows(t *testing.T) {
	for _, tc := range []struct {
		name          string
		f             dqops.TimeWindowFilterParameters
		takes, leaves []string // days
	}{
		{"none", dqops.TimeWindowFilterParameters{}, []string{"1990-01-01", "2090-01-01"}, nil},
		{"dates", dqops.TimeWindowFilterParameters{FromDate: "2026-11-10", ToDate: "2026-11-20"}, []string{"2026-11-10", "2026-11-19"}, []string{"2026-11-09", "2026-11-20"}},
		{"from", dqops.TimeWindowFilterParameters{FromDate: "2026-11-10"}, []string{"2026-11-10", "2030-01-01"}, []string{"2026-11-09"}},
		{"a moment within a day", dqops.TimeWindowFilterParameters{FromDateTime: "2026-11-10T12:00:00", ToDateTime: "2026-11-12T00:00:01"}, []string{"2026-11-10", "2026-11-12"}, []string{"2026-11-09", "2026-11-13"}},
		{"a moment without seconds", dqops.TimeWindowFilterParameters{FromDateTime: "2026-11-10T12:00"}, []string{"2026-11-10"}, []string{"2026-11-09"}},
		{"a moment with a fraction", dqops.TimeWindowFilterParameters{FromDateTime: "2026-11-10T12:00:00.5"}, []string{"2026-11-10"}, []string{"2026-11-09"}},
		{
			"an offset, whatever the server's zone",
			dqops.TimeWindowFilterParameters{FromDateTimeOffset: "2026-11-10T00:00:00+02:00", ToDateTimeOffset: "2026-11-12T00:00:00Z"},
			[]string{"2026-11-09", "2026-11-10", "2026-11-12"},
			[]string{"2026-11-08", "2026-11-13"},
		},
		{
			"the offset wins, then the moment",
			dqops.TimeWindowFilterParameters{FromDate: "2026-01-01", FromDateTime: "2026-11-10T00:00:00", ToDate: "2026-01-02", ToDateTimeOffset: "2026-11-12T00:00:00Z"},
			[]string{"2026-11-10", "2026-11-12"},
			[]string{"2026-01-01", "2026-11-09"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w, err := windowOf(&tc.f)
			if err != nil {
				t.Fatal(err)
			}
			for _, day := range tc.takes {
				if !w.takes(day+"T00:00:00", "daily") {
					t.Errorf("%s is left out", day)
				}
			}
			for _, day := range tc.leaves {
				if w.takes(day+"T00:00:00", "daily") {
					t.Errorf("%s is taken", day)
				}
			}
		})
	}
	w, _ := windowOf(&dqops.TimeWindowFilterParameters{FromDate: "2026-11-10", ToDate: "2026-12-01"})
	for period, want := range map[string]bool{"2026-10-01": false, "2026-11-01": true, "2026-12-01": false} {
		if got := w.takes(period+"T00:00:00", "monthly"); got != want {
			t.Errorf("the month from %s is taken: %t", period, got)
		}
	}
	if !w.takes("a period of another form", "daily") {
		t.Error("what is not understood must be counted")
	}
}

func TestWindowsThatAreNotUnderstood(t *testing.T) {
	for _, f := range []dqops.TimeWindowFilterParameters{
		{FromDate: "10.11.2026"},
		{ToDate: "2026-13-01"},
		{FromDateTime: "2026-11-10"},
		{ToDateTime: "noon"},
		{FromDateTimeOffset: "2026-11-10T00:00:00"},
		{ToDateTimeOffset: "x"},
	} {
		if w, err := windowOf(&f); err == nil {
			t.Errorf("%+v is taken for %+v", f, w)
		}
	}
}

func TestRecentPeriods(t *testing.T) {
	for _, tc := range []struct {
		name   string
		f      dqops.TimeWindowFilterParameters
		oldest string // a day that must be looked at
		open   bool
	}{
		{"none", dqops.TimeWindowFilterParameters{WhereFilter: "x"}, "2016-12-01", false},
		{"days", dqops.TimeWindowFilterParameters{DailyPartitioningRecentDays: new(int32(10_000))}, "1999-07-08", false},
		{"months", dqops.TimeWindowFilterParameters{MonthlyPartitioningRecentMonths: new(int32(300))}, "2001-11-01", false},
		// Any one field lifts the table's own limit (wire T17).
		{"days say nothing of months", dqops.TimeWindowFilterParameters{DailyPartitioningRecentDays: new(int32(3))}, "1990-01-01", false},
		{"an end alone", dqops.TimeWindowFilterParameters{ToDate: "2026-11-10"}, "1990-01-01", false},
		{"today", dqops.TimeWindowFilterParameters{DailyPartitioningIncludeToday: new(true)}, "1990-01-01", true},
		{"not today", dqops.TimeWindowFilterParameters{DailyPartitioningIncludeToday: new(false)}, "1990-01-01", false},
		{"this month", dqops.TimeWindowFilterParameters{MonthlyPartitioningIncludeCurrentMonth: new(true)}, "1990-01-01", true},
		{"today, with an end", dqops.TimeWindowFilterParameters{DailyPartitioningIncludeToday: new(true), ToDate: "2026-11-10"}, "1990-01-01", false},
	} {
		w, err := windowOf(&tc.f)
		if err != nil || w.open != tc.open {
			t.Errorf("%s: open %t, %v", tc.name, w.open, err)
		}
		r := newReading(&Collector{}, scope{window: w})
		r.end = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
		oldest, err := time.Parse(time.DateOnly, tc.oldest)
		if err != nil {
			t.Fatal(err)
		}
		if first := monthOf(r.end).AddDate(0, 1-r.statusMonths(), 0); first.After(oldest) {
			t.Errorf("%s: the status is loaded from %s only", tc.name, first)
		}
		if first := r.monthsOf(target{since: r.end}, dqops.CheckTypePartitioned).first; first.After(oldest) {
			t.Errorf("%s: partitions are read from %s only", tc.name, first)
		}
	}
}
