package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// listed is what the tests look at in a list of any kind.
type listed struct {
	CheckName string   `json:"checkName"`
	Groups    []string `json:"dataGroups"`
	Names     []string `json:"dataGroupNames"`
	ErrNames  []string `json:"dataGroupsNames"`
	Group     string   `json:"dataGroup"`
	Results   []row    `json:"checkResultEntries"`
	Readouts  []row    `json:"sensorReadoutEntries"`
	Errors    []row    `json:"errorEntries"`
}

type row struct {
	ID, ReadoutID, DataGroup, TimePeriod, TableComparison, ErrorSource, SensorName string
	ActualValue                                                                    *float64
	Severity                                                                       int
	ExecutedAt                                                                     time.Time
}

func (l listed) rows() []row { return slices.Concat(l.Results, l.Readouts, l.Errors) }

func (l listed) periods() (periods []string) {
	for _, r := range l.rows() {
		periods = append(periods, strings.TrimSuffix(r.TimePeriod, "T00:00:00"))
	}
	return periods
}

const (
	ordersPath = "/api/connections/shop/schemas/files/tables/orders.csv"
	amountPath = ordersPath + "/columns/amount"
)

func (b *bench) lists(path string) []listed {
	b.t.Helper()
	got := b.get(path)
	var lists []listed
	if err := json.Unmarshal(got.body, &lists); err != nil || got.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s %q: %v", path, got.Status, got.body, err)
	}
	return lists
}

// one is the only list of an answer.
func (b *bench) one(path string) listed {
	b.t.Helper()
	lists := b.lists(path)
	if len(lists) != 1 {
		b.t.Fatalf("%s: %d lists, want 1", path, len(lists))
	}
	return lists[0]
}

func (b *bench) status(path string) tableView {
	b.t.Helper()
	got := b.get(path)
	var status tableView
	if err := json.Unmarshal(got.body, &status); err != nil || got.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s %q: %v", path, got.Status, got.body, err)
	}
	return status
}

type checkView struct {
	Current        string    `json:"current_severity"`
	LastExecutedAt time.Time `json:"last_executed_at"`
	Valid          int       `json:"valid_results"`
	Errors         int       `json:"errors"`
	Crashed        int       `json:"execution_errors"`
}

type tableView struct {
	Current  string               `json:"current_severity"`
	Executed int                  `json:"executed_checks"`
	Checks   map[string]checkView `json:"checks"`
	Columns  map[string]struct {
		Checks map[string]checkView `json:"checks"`
	} `json:"columns"`
}

func (v tableView) names() (names []string) {
	for name := range v.Checks {
		names = append(names, name)
	}
	for column, status := range v.Columns {
		for name := range status.Checks {
			names = append(names, column+":"+name)
		}
	}
	slices.Sort(names)
	return names
}

func wantSame(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// halfYear has a partition for every day from June to the day before the
// clock, each of them bad.
func halfYear(t *testing.T) *Scenario {
	return scenario(t, "clock: 2026-11-23T14:15:26Z\n"+shopCheck+`
              - {name: daily_partition_nulls, type: partitioned, time-scale: daily, error: {upper: 0}, values: {2026-06-01..2026-11-22: 1}}
`)
}

const halfYearRun = `{"check_search_filters":{"connection":"shop"},"time_window_filter":{"from_date":"2026-01-01"}}`

func TestOneMonthOfResultsIsReliableAndMoreAreNot(t *testing.T) {
	inBubble(t, Options{Scenario: halfYear(t)}, func(t *testing.T, b *bench) {
		b.run(halfYearRun)
		path := amountPath + "/partitioned/daily/results"
		october := b.one(path + "?monthStart=2026-10-01&monthEnd=2026-10-01").periods()
		if len(october) != 31 || october[0] != "2026-10-31" || october[30] != "2026-10-01" {
			t.Errorf("october: %v", october)
		}
		// A day inside of a month means the month.
		wantSame(t, "october by other days", october, b.one(path+"?monthStart=2026-10-09&monthEnd=2026-10-05").periods())

		many := b.one(path + "?monthStart=2026-06-01&monthEnd=2026-11-01").periods()
		if len(many) != maxResults {
			t.Errorf("%d rows without maxResultsPerCheck, want %d", len(many), maxResults)
		}
		all := b.one(path + "?monthStart=2026-06-01&monthEnd=2026-11-01&maxResultsPerCheck=1000").periods()
		if len(all) != 175 {
			t.Errorf("%d rows, want 175", len(all))
		}
		months := slices.Compact(monthsOf(all))
		if len(months) != 6 {
			t.Errorf("the months are mixed: %v", months)
		}
		if slices.IsSortedFunc(months, func(a, b string) int { return strings.Compare(b, a) }) || slices.IsSorted(months) {
			t.Errorf("the months come in order: %v", months)
		}
		// The one row a group may be of an older month.
		newest := b.one(path + "?monthStart=2026-06-01&monthEnd=2026-11-01&loadMode=most_recent_per_group")
		if got := newest.periods(); len(got) != 1 || got[0][:7] != months[0] || newest.Groups != nil {
			t.Errorf("most recent per group: %v of groups %v, months %v", got, newest.Groups, months)
		}
		// Without both ends the last three stored months.
		for _, query := range []string{"", "monthStart=2026-06-01", "monthEnd=2026-12-01"} {
			got := slices.Compact(slices.Sorted(slices.Values(monthsOf(b.one(path + "?maxResultsPerCheck=1000&" + query).periods()))))
			wantSame(t, "months of results with "+query, []string{"2026-09", "2026-10", "2026-11"}, got)
		}
	})
}

func monthsOf(periods []string) (months []string) {
	for _, period := range periods {
		months = append(months, period[:7])
	}
	return months
}

func TestReadoutsComeNewestExecutionFirst(t *testing.T) {
	inBubble(t, Options{Scenario: halfYear(t)}, func(t *testing.T, b *bench) {
		b.run(halfYearRun)
		<-time.After(time.Minute)
		b.run(`{"check_search_filters":{"connection":"shop"},"time_window_filter":{"from_date":"2026-07-10","to_date":"2026-07-12"}}`)
		path := amountPath + "/partitioned/daily/readouts"
		all := b.one(path + "?monthStart=2026-06-01&monthEnd=2026-11-01&maxResultsPerCheck=1000")
		periods := all.periods()
		if len(periods) != 175 {
			t.Fatalf("%d rows, want 175", len(periods))
		}
		wantSame(t, "first periods", []string{"2026-07-11", "2026-07-10", "2026-11-22", "2026-11-21"}, periods[:4])
		wantSame(t, "default limit", maxResults, len(b.one(path+"?monthStart=2026-06-01&monthEnd=2026-11-01").rows()))
		recent := slices.Compact(monthsOf(b.one(path + "?maxResultsPerCheck=1000").periods()))
		wantSame(t, "months without range", []string{"2026-11", "2026-10", "2026-09"}, recent)
	})
}

func TestReadoutResultAndErrorShareTheID(t *testing.T) {
	sc := scenario(t, "clock: 2026-11-23T23:59:00Z\n"+shopCheck+`
              - {name: daily_nulls, type: monitoring, time-scale: daily, sensor: column/nulls/null_count, fatal: {upper: 0}, values: [4, 4, 5],
                 fails: {in: rule, runs: [3]}}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		b.run(shopRun)
		<-time.After(10 * time.Second)
		b.run(shopRun)
		path := amountPath + "/monitoring/daily/"
		month := "?monthStart=2026-11-01&monthEnd=2026-11-01"
		read, judged := b.one(path + "readouts" + month).rows()[0], b.one(path + "results" + month).rows()[0]
		if read.ID != judged.ID || read.ExecutedAt.Sub(judged.ExecutedAt) < 10*time.Second {
			t.Errorf("readout %+v, result %+v", read, judged)
		}
		if got := b.lists(path + "errors" + month); len(got) != 0 {
			t.Errorf("errors before the crash: %v", got)
		}
		b.run(shopRun)
		failed := b.one(path + "errors" + month)
		row := failed.rows()[0]
		if row.ReadoutID != read.ID || row.ErrorSource != sourceRule || row.SensorName != "column/nulls/null_count" || *row.ActualValue != 5 {
			t.Errorf("error %+v of readout %s", row, read.ID)
		}
		wantSame(t, "groups of the error", []string{noGrouping}, failed.ErrNames)
		// The older result stays, with the older value (wire L2a).
		if after := b.one(path + "results" + month).rows()[0]; *after.ActualValue != 4 || !after.ExecutedAt.Equal(judged.ExecutedAt) {
			t.Errorf("result after the crash: %+v", after)
		}
		status := b.status(ordersPath + "/status").Columns["amount"].Checks["daily_nulls"]
		if status.Current != "execution_error" || status.Crashed != 1 {
			t.Errorf("status %+v", status)
		}
		// The next day has a row of its own, with another id.
		b.AdvanceClock(time.Hour)
		b.run(shopRun)
		if got := b.one(path + "readouts").rows(); len(got) != 2 || got[0].ID == got[1].ID || got[0].TimePeriod != "2026-11-24T00:00:00" {
			t.Errorf("readouts of two days: %+v", got)
		}
	})
}

func TestGroupsAreChosenByEachCallInItsWay(t *testing.T) {
	sc := scenario(t, "clock: 2026-11-23T14:15:26Z\n"+shopCheck+`
              - {name: daily_partition_nulls, type: partitioned, time-scale: daily, error: {upper: 0},
                 values: {2026-09-05: {no grouping: 1, PL: 1}, 2026-10-05: {PL: 1, US: 1, DE: 0}, 2026-11-05: {US: 0}}}
`)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		b.run(halfYearRun)
		path := amountPath + "/partitioned/daily/"
		wide := "?monthStart=2026-09-01&monthEnd=2026-11-01"
		readouts := b.one(path + "readouts" + wide)
		wantSame(t, "groups of readouts", []string{noGrouping, "DE", "PL", "US"}, readouts.Names)
		if readouts.Group != "US" || len(readouts.rows()) != 2 {
			t.Errorf("readouts show %s with %d rows, want US with 2", readouts.Group, len(readouts.rows()))
		}
		groups := map[string][]string{"2026-09": {noGrouping, "PL"}, "2026-10": {"DE", "PL", "US"}, "2026-11": {"US"}}
		for month, names := range groups {
			got := b.one(path + "results?monthStart=" + month + "-01&monthEnd=" + month + "-01")
			wantSame(t, "groups of results of "+month, names, got.Groups)
			wantSame(t, "group shown of "+month, names[0], got.Group)
		}
		// Over months the names are those of the first one met.
		results := b.one(path + "results" + wide)
		first := monthsOf(results.periods())[0]
		wantSame(t, "groups of results of all months", groups[first], results.Groups)

		asked := b.one(path + "readouts" + wide + "&dataGroup=PL")
		wantSame(t, "periods of PL", []string{"2026-10-05", "2026-09-05"}, asked.periods())
		wantSame(t, "names with a group asked for", []string{noGrouping, "DE", "PL", "US"}, asked.Names)
		asked = b.one(path + "results?monthStart=2026-10-01&monthEnd=2026-10-01&dataGroup=PL")
		if asked.Group != "PL" || len(asked.rows()) != 1 || len(asked.Groups) != 3 {
			t.Errorf("results of PL: %+v", asked)
		}
		for _, kind := range []string{"results", "readouts", "errors"} {
			if got := b.lists(path + kind + wide + "&dataGroup=nosuch"); len(got) != 0 {
				t.Errorf("%s of an unknown group: %+v", kind, got)
			}
		}
		perGroup := map[string]int{}
		for _, list := range b.lists(path + "results" + wide + "&loadMode=most_recent_per_group") {
			perGroup[list.Group] += len(list.rows())
		}
		wantSame(t, "rows a group", map[string]int{noGrouping: 1, "DE": 1, "PL": 1, "US": 1}, perGroup)
	})
}

const manyChecks = `
connections:
  - name: shop
    tables:
      - name: files.orders.csv
        checks:
          - {name: profile_row_count, type: profiling, category: volume, dimension: Completeness, warning: {lower: 1}, values: 5}
          - {name: daily_row_count, type: monitoring, time-scale: daily, category: volume, dimension: Completeness, warning: {lower: 1}, values: 5}
          - {name: monthly_row_count, type: monitoring, time-scale: monthly, category: volume, dimension: Completeness, warning: {lower: 1}, values: 5}
          - {name: daily_row_count_match, type: monitoring, time-scale: daily, category: comparisons, dimension: Accuracy, comparison: dwh, warning: {upper: 1}, values: 5}
          - {name: daily_row_count_match, type: monitoring, time-scale: daily, category: comparisons, dimension: Accuracy, comparison: lake, warning: {upper: 1}, values: 0}
          - {name: daily_partition_row_count, type: partitioned, time-scale: daily, category: volume, dimension: Completeness, warning: {lower: 1}, values: {-35: 5, -1: 5, 2026-12-05: 5}}
        columns:
          - name: amount
            checks:
              - {name: daily_sum_match, type: monitoring, time-scale: daily, category: comparisons, dimension: Accuracy, comparison: dwh, warning: {upper: 1}, values: 5}
              - {name: monthly_partition_sum, type: partitioned, time-scale: monthly, category: numeric, dimension: Reasonableness, warning: {lower: 1}, values: {-1: 0}}
`

func TestFiltersOfReadings(t *testing.T) {
	sc := scenario(t, "clock: 2026-11-23T14:15:26Z\n"+manyChecks)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		b.run(`{"check_search_filters":{"connection":"shop"},"time_window_filter":{"to_date":"2027-01-01"}}`)
		for query, want := range map[string][]string{
			"":                             {"amount:daily_sum_match/dwh", "daily_partition_row_count", "daily_row_count", "daily_row_count_match/dwh", "daily_row_count_match/lake", "monthly_row_count"},
			"profiling=true":               {"amount:daily_sum_match/dwh", "daily_partition_row_count", "daily_row_count", "daily_row_count_match/dwh", "daily_row_count_match/lake", "monthly_row_count", "profile_row_count"},
			"monitoring=false":             {"daily_partition_row_count"},
			"monitoring=false&months=2":    {"amount:monthly_partition_sum", "daily_partition_row_count"},
			"months=0":                     nil,
			"partitioned=no&months=120":    {"amount:daily_sum_match/dwh", "daily_row_count", "daily_row_count_match/dwh", "daily_row_count_match/lake", "monthly_row_count"},
			"checkTimeScale=monthly":       {"monthly_row_count"},
			"checkName=daily_row_count":    {"daily_row_count"},
			"checkName=daily_*":            nil,
			"category=volume":              {"daily_partition_row_count", "daily_row_count", "monthly_row_count"},
			"tableComparison=dwh":          {"amount:daily_sum_match/dwh", "daily_row_count_match/dwh"},
			"qualityDimension=Accuracy":    {"amount:daily_sum_match/dwh", "daily_row_count_match/dwh", "daily_row_count_match/lake"},
			"dataGroup=nosuch":             nil,
			"since=2026-11-23T14:15:26":    {"amount:daily_sum_match/dwh", "daily_partition_row_count", "daily_row_count", "daily_row_count_match/dwh", "daily_row_count_match/lake", "monthly_row_count"},
			"since=2026-11-23T14:16:00":    nil,
			"since=2026-10-01T00:00:00.00": {"amount:daily_sum_match/dwh", "amount:monthly_partition_sum", "daily_partition_row_count", "daily_row_count", "daily_row_count_match/dwh", "daily_row_count_match/lake", "monthly_row_count"},
		} {
			wantSame(t, "status of "+query, want, b.status(ordersPath+"/status?"+query).names())
		}
		for path, want := range map[string]int{
			"/profiling/results":                                                  1,
			"/monitoring/daily/results":                                           3,
			"/monitoring/monthly/results":                                         1,
			"/monitoring/daily/results?tableComparison=lake":                      1,
			"/monitoring/daily/readouts?category=comparisons":                     2,
			"/monitoring/daily/readouts?checkName=daily_row_count_match":          2,
			"/partitioned/daily/readouts":                                         1,
			"/partitioned/monthly/readouts":                                       0,
			"/columns/amount/partitioned/monthly/results":                         1,
			"/columns/amount/monitoring/daily/results":                            1,
			"/columns/amount/profiling/readouts":                                  0,
			"/monitoring/daily/errors":                                            0,
			"/monitoring/daily/results?monthStart=2026-10-01&monthEnd=2026-10-31": 0,
		} {
			if got := b.lists(ordersPath + path); len(got) != want {
				t.Errorf("%s: %d checks, want %d", path, len(got), want)
			}
		}
		// The status ends now, the lists do not.
		partitions := b.status(ordersPath + "/status?months=120").Checks["daily_partition_row_count"]
		if future := b.one(ordersPath + "/partitioned/daily/results?monthStart=2026-12-01&monthEnd=2026-12-01"); partitions.Valid != 2 || len(future.rows()) != 1 {
			t.Errorf("status counts %d partitions, %d in the next month", partitions.Valid, len(future.rows()))
		}
		match := b.one(ordersPath + "/monitoring/daily/results?tableComparison=dwh")
		if match.CheckName != "daily_row_count_match" || match.rows()[0].TableComparison != "dwh" {
			t.Errorf("comparison: %+v", match)
		}
		plain := string(b.get(ordersPath + "/monitoring/daily/results?checkName=daily_row_count").body)
		read := string(b.get(ordersPath + "/monitoring/daily/readouts?checkName=daily_row_count").body)
		if strings.Contains(plain, "tableComparison") || !strings.Contains(read, `"tableComparison":""`) {
			t.Errorf("tableComparison of none:\n%s\n%s", plain, read)
		}
	})
}

func TestReadingsRefused(t *testing.T) {
	sc := scenario(t, manyChecks)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		for path, want := range map[string]int{
			ordersPath + "/status?months=x":                                400,
			ordersPath + "/status?profiling=maybe":                         400,
			ordersPath + "/status?since=today":                             400,
			ordersPath + "/status?checkTimeScale=hourly":                   400,
			ordersPath + "/monitoring/hourly/results":                      400,
			ordersPath + "/monitoring/daily/results?loadMode=all":          400,
			ordersPath + "/monitoring/daily/results?monthStart=2026-11":    400,
			ordersPath + "/monitoring/daily/results?maxResultsPerCheck=x":  400,
			ordersPath + "/monitoring/daily/results":                       500, // nothing is stored (wire L2c)
			ordersPath + "/monitoring/daily/results?monthStart=2026-11-01": 500,
			ordersPath + "/monitoring/daily/readouts":                      200,
			ordersPath + "/monitoring/results":                             404,
			"/api/search/tables?limit=0":                                   406,
			"/api/search/tables?limit=x":                                   400,
			"/api/search/tables?checkType=none":                            400,
		} {
			if got := b.get(path); got.StatusCode != want {
				t.Errorf("%s: %s, want %d: %s", path, got.Status, want, got.body)
			}
		}
	})
}
