package request_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/request"
)

func build(t *testing.T, body string, flags request.RunChecks) (string, error) {
	t.Helper()
	var file *request.File
	if body != "" {
		var err error
		if file, err = request.ParseFile("body.yaml", []byte(body)); err != nil {
			return "", err
		}
	}
	built, err := flags.Build(file)
	if err != nil {
		if diff := cmp.Diff(dqops.RunChecksParameters{}, built); diff != "" {
			t.Errorf("a refused request is not empty:\n%s", diff)
		}
		return "", err
	}
	encoded, err := json.Marshal(built)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded), nil
}

func checkUsage(t *testing.T, err error) *exit.Error {
	t.Helper()
	usage, ok := errors.AsType[*exit.Error](err)
	if !ok || usage.Outcome != exit.Usage {
		t.Fatalf("got %#v, want a usage error", err)
	}
	return usage
}

func TestRunChecksBuild(t *testing.T) {
	all := request.RunChecks{All: true}
	tests := []struct {
		name  string
		body  string
		flags request.RunChecks
		want  string
	}{
		{"all", "", all, `{"check_search_filters":{}}`},
		{"all with an empty body", "{}", all, `{"check_search_filters":{}}`},
		{"all with empty parts", "check_search_filters: {}\ntime_window_filter: {}", all, `{"check_search_filters":{}}`},
		{
			"all with a time window", "",
			request.RunChecks{All: true, Window: request.TimeWindow{RecentDays: new(3)}},
			`{"check_search_filters":{},"time_window_filter":{"daily_partitioning_recent_days":3}}`,
		},
		{"all enabled is no narrower", "check_search_filters: {enabled: true}", all, `{"check_search_filters":{"enabled":true}}`},
		{"every filter flag", "", request.RunChecks{Filters: request.CheckFilters{
			Connection: new("shop"), Table: new("public.orders*"), Column: new("*_id"), ColumnType: new("INTEGER"),
			Check: new("*count*"), Category: new("vol*me"), Dimension: new("*"), Sensor: new("a/b"), CheckType: new("partitioned"),
			TimeScale: new("monthly"), Target: new("column"), Comparison: new("c"), Nullable: new(false),
			Labels: []string{"a", "b*"}, MaxResults: new(2147483647),
		}}, `{"check_search_filters":{"connection":"shop","fullTableName":"public.orders*","labels":["a","b*"],"maxResults":2147483647,` +
			`"column":"*_id","columnDataType":"INTEGER","columnNullable":false,"checkTarget":"column","checkType":"partitioned","timeScale":"monthly",` +
			`"checkCategory":"vol*me","qualityDimension":"*","tableComparisonName":"c","checkName":"*count*","sensorName":"a/b"}}`},
		{"every other flag", "", request.RunChecks{
			All: true, CollectErrorSamples: new(false), ExecutionTarget: new("only_rules"), DummyExecution: new(true),
			Window: request.TimeWindow{
				From: new("2024-02-03"), To: new("2024-02-04"), RecentDays: new(7), IncludeToday: new(true),
				RecentMonths: new(1), IncludeCurrentMonth: new(false), Where: new("{alias}.x > 1"),
			},
		}, `{"check_search_filters":{},"time_window_filter":{"daily_partitioning_recent_days":7,"daily_partitioning_include_today":true,` +
			`"monthly_partitioning_recent_months":1,"monthly_partitioning_include_current_month":false,"from_date":"2024-02-03","to_date":"2024-02-04",` +
			`"where_filter":"{alias}.x \u003e 1"},"collect_error_samples":false,"execution_target":"only_rules","dummy_execution":true}`},
		{"only disabled", "", request.RunChecks{Filters: request.CheckFilters{OnlyDisabled: new(true)}}, `{"check_search_filters":{"enabled":false}}`},
		{
			"not only disabled after all", "check_search_filters: {enabled: false, fullTableName: a.b}",
			request.RunChecks{Filters: request.CheckFilters{OnlyDisabled: new(false)}},
			`{"check_search_filters":{"fullTableName":"a.b"}}`,
		},
		{"bare table", "", request.RunChecks{Filters: request.CheckFilters{Table: new("orders")}}, `{"check_search_filters":{"fullTableName":"orders"}}`},

		{"yaml", `
# a comment
check_search_filters:
  connection: shop
  fullTableName: 'files.orders.csv'
  labels: [007, 2024-02-03, "true"]
  maxResults: 10
  columnNullable: true
time_window_filter:
  from_date: 2024-02-03
  to_date: "2024-02-05"
  where_filter: 1e3
collect_error_samples: true
dummy_execution: false
execution_target: only_sensors
`, request.RunChecks{}, `{"check_search_filters":{"connection":"shop","fullTableName":"files.orders.csv","labels":["007","2024-02-03","true"],"maxResults":10,` +
			`"columnNullable":true},"time_window_filter":{"from_date":"2024-02-03","to_date":"2024-02-05","where_filter":"1e3"},` +
			`"collect_error_samples":true,"execution_target":"only_sensors"}`},
		{
			"json", "{\n\t\"time_window_filter\": {\"where_filter\":\"\\ud83d\\ude00\u2028\\/\u0085\"}\n}", all,
			`{"check_search_filters":{},"time_window_filter":{"where_filter":"😀\u2028/` + "\u0085" + `"}}`,
		},
		{"exact checks", `
check_search_filters:
  checkHierarchyIdsModels:
  - path: [connections, shop, {schema_name: public, table_name: orders}]
`, request.RunChecks{}, `{"check_search_filters":{"checkHierarchyIdsModels":[{"path":["connections","shop",{"schema_name":"public","table_name":"orders"}]}]}}`},
		{
			"date-times with a blank", "time_window_filter: {from_date_time: 2024-02-03 10:00, to_date_time: 2024-02-03T10:00:00.5}", all,
			`{"check_search_filters":{},"time_window_filter":{"from_date_time":"2024-02-03T10:00","to_date_time":"2024-02-03T10:00:00.5"}}`,
		},
		{
			"offsets", "time_window_filter: {from_date_time_offset: 2024-02-03 10:00:00+02, to_date_time_offset: 2024-02-03T08:00:01Z}", all,
			`{"check_search_filters":{},"time_window_filter":{"from_date_time_offset":"2024-02-03T10:00:00+02:00","to_date_time_offset":"2024-02-03T08:00:01Z"}}`,
		},

		{"flags over the file", `
check_search_filters: {connection: "", column: c, maxResults: 3, labels: [x], columnNullable: true}
time_window_filter: {from_date: 2024-02-03, to_date: 2024-02-04, daily_partitioning_recent_days: 1}
collect_error_samples: true
execution_target: only_rules
dummy_execution: true
`, request.RunChecks{
			Filters:             request.CheckFilters{Connection: new("shop"), MaxResults: new(4), Labels: []string{"y"}, Nullable: new(false)},
			Window:              request.TimeWindow{From: new("2024-02-03 10:00"), To: new("2024-02-04T10:00"), IncludeToday: new(false)},
			CollectErrorSamples: new(false), ExecutionTarget: new("only_sensors"), DummyExecution: new(false),
		}, `{"check_search_filters":{"connection":"shop","labels":["y"],"maxResults":4,"column":"c","columnNullable":false},` +
			`"time_window_filter":{"daily_partitioning_recent_days":1,"daily_partitioning_include_today":false,` +
			`"from_date_time":"2024-02-03T10:00","to_date_time":"2024-02-04T10:00"},"collect_error_samples":false,"execution_target":"only_sensors"}`},
		{
			"one bound from each", "check_search_filters: {connection: shop}\ntime_window_filter: {to_date: 2024-02-04}",
			request.RunChecks{Window: request.TimeWindow{From: new("2024-02-03")}},
			`{"check_search_filters":{"connection":"shop"},"time_window_filter":{"from_date":"2024-02-03","to_date":"2024-02-04"}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := build(t, tt.body, tt.flags)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func filters(f request.CheckFilters) request.RunChecks { return request.RunChecks{Filters: f} }

func window(w request.TimeWindow) request.RunChecks { return request.RunChecks{Window: w, All: true} }

func TestRunChecksRefusesFlags(t *testing.T) {
	tests := []struct {
		name  string
		flags request.RunChecks
		want  string
	}{
		{"nothing", request.RunChecks{}, "this run has no filter and would execute every check on every connection"},
		{"only a window", request.RunChecks{Window: request.TimeWindow{RecentDays: new(1)}}, "this run has no filter and would execute every check on every connection"},
		{
			"all and more",
			request.RunChecks{All: true, Filters: request.CheckFilters{Connection: new("*"), Nullable: new(true), MaxResults: new(1)}},
			"--all says every check on every connection, and these say less: --connection, --nullable, --max-results",
		},
		{
			"all and disabled",
			request.RunChecks{All: true, Filters: request.CheckFilters{OnlyDisabled: new(true)}},
			"--all says every check on every connection, and these say less: --only-disabled",
		},

		{"empty connection", filters(request.CheckFilters{Connection: new("")}), `--connection is empty; the server would take it as "all connections"`},
		{"blank connection", filters(request.CheckFilters{Connection: new(" \n")}), `--connection is empty; the server would take it as "all connections"`},
		{"empty table", filters(request.CheckFilters{Table: new("")}), `--table is empty; the server would take it as "all tables"`},
		{"empty column", filters(request.CheckFilters{Column: new("")}), `--column is empty; the server would take it as "all columns"`},
		{"empty type", filters(request.CheckFilters{ColumnType: new("")}), `--column-type is empty; the server would take it as "all column types"`},
		{"empty check", filters(request.CheckFilters{Check: new("")}), `--check is empty; the server would take it as "all checks"`},
		{"empty category", filters(request.CheckFilters{Category: new("")}), `--category is empty; the server would take it as "all categories"`},
		{"empty dimension", filters(request.CheckFilters{Dimension: new("")}), `--dimension is empty; the server would take it as "all dimensions"`},
		{"empty sensor", filters(request.CheckFilters{Sensor: new("")}), `--sensor is empty; the server would take it as "all sensors"`},
		{"empty comparison", filters(request.CheckFilters{Comparison: new("")}), `--comparison is empty; the server would take it as "all comparisons"`},
		{"empty label", filters(request.CheckFilters{Labels: []string{"a", ""}}), `--label is empty; the server would take it as "any labels"`},
		{"no label", filters(request.CheckFilters{Labels: []string{}}), `--label is an empty list; the server would take it as "any labels"`},
		{"empty check type", filters(request.CheckFilters{CheckType: new("")}), `--check-type is "", not one of profiling, monitoring, partitioned`},
		{"check type", filters(request.CheckFilters{CheckType: new("partitionned")}), `--check-type is "partitionned", not one of profiling, monitoring, partitioned; did you mean partitioned?`},
		{"cased check type", filters(request.CheckFilters{CheckType: new("Profiling")}), `--check-type is "Profiling", not one of profiling, monitoring, partitioned; did you mean profiling?`},
		{"time scale", filters(request.CheckFilters{TimeScale: new("dayly")}), `--time-scale is "dayly", not one of daily, monthly; did you mean daily?`},
		{"target", filters(request.CheckFilters{Target: new("row")}), `--target is "row", not one of table, column`},
		{
			"execution target",
			request.RunChecks{All: true, ExecutionTarget: new("only-sensors")},
			`--execution-target is "only-sensors", not one of sensors_and_rules, only_sensors, only_rules; did you mean only_sensors?`,
		},
		{"carriage return", filters(request.CheckFilters{Connection: new("shop\r")}), `--connection has a line break or another control character in it: "shop\r"`},
		{"bytes", filters(request.CheckFilters{Connection: new("sh\xffop")}), `--connection is not UTF-8: "sh\xffop"`},

		{"pattern", filters(request.CheckFilters{Connection: new("a*b*c")}), `--connection is no pattern of the server: "a*b*c"; it knows *, start*, *end, *middle* and start*end`},
		{"pattern of a label", filters(request.CheckFilters{Labels: []string{"a**"}}), `--label is no pattern of the server: "a**"; it knows *, start*, *end, *middle* and start*end`},
		{"pattern of a column type", filters(request.CheckFilters{ColumnType: new("INT*")}), `--column-type is compared exactly, * does not stand for anything there: "INT*"`},
		{"pattern of a schema", filters(request.CheckFilters{Table: new("a*b*.t")}), `--table is no pattern of the server: "a*b*"; it knows *, start*, *end, *middle* and start*end`},
		{"no schema", filters(request.CheckFilters{Table: new(".orders")}), `--table has no schema before the dot: ".orders"; the server would take it as "all schemas", write "*.orders" if that is meant`},
		{"no table", filters(request.CheckFilters{Table: new("public.")}), `--table has no table after the dot: "public."; the server would take it as "all tables", write "public.*" if that is meant`},
		{"max results", filters(request.CheckFilters{MaxResults: new(0)}), "--max-results is 0, it takes a number from 1 to 2147483647"},
		{"many results", filters(request.CheckFilters{MaxResults: new(2147483648)}), "--max-results is 2147483648, it takes a number from 1 to 2147483647"},
		{
			"disabled in a table", filters(request.CheckFilters{Table: new("a.b"), OnlyDisabled: new(true)}),
			"--only-disabled selects disabled items only, and beside --table the server then finds nothing",
		},

		{"days", window(request.TimeWindow{RecentDays: new(-1)}), "--recent-days is -1, it takes a number from 1 to 2147483647"},
		{"months", window(request.TimeWindow{RecentMonths: new(0)}), "--recent-months is 0, it takes a number from 1 to 2147483647"},
		{
			"only today", window(request.TimeWindow{IncludeToday: new(true), RecentMonths: new(1)}),
			"--include-today needs --recent-days beside it: alone it would lift the time window that the tables are configured with",
		},
		{
			"only the current month", window(request.TimeWindow{IncludeCurrentMonth: new(false), RecentDays: new(1)}),
			"--include-current-month needs --recent-months beside it: alone it would lift the time window that the tables are configured with",
		},
		{"empty where", window(request.TimeWindow{Where: new("")}), `--where is empty; the server would take it as "all rows"`},
		{"bytes in where", window(request.TimeWindow{Where: new("\xff")}), `--where is not UTF-8: "\xff"`},
		{"empty from", window(request.TimeWindow{From: new("")}), `--from takes 2006-01-02, 2006-01-02T15:04:05 or 2006-01-02T15:04:05+02:00, not ""`},
		{"impossible date", window(request.TimeWindow{From: new("2026-02-30")}), `--from is no day of the calendar: "2026-02-30"`},
		{
			"two forms", window(request.TimeWindow{From: new("2024-02-03"), To: new("2024-02-04T00:00")}),
			"--to is a date-time without offset, and --from is a date",
		},
		{
			"same day", window(request.TimeWindow{From: new("2024-02-03"), To: new("2024-02-03")}),
			"--to is exclusive and must be after --from: 2024-02-03 is not after 2024-02-03",
		},
		{
			"same instant", window(request.TimeWindow{From: new("2024-02-03T10:00+02"), To: new("2024-02-03T08:00Z")}),
			"--to is exclusive and must be after --from: 2024-02-03T08:00Z is not after 2024-02-03T10:00+02:00",
		},
		{
			"several", filters(request.CheckFilters{Connection: new(""), Table: new(""), CheckType: new("x")}),
			"--connection is empty; the server would take it as \"all connections\"\n" +
				"--table is empty; the server would take it as \"all tables\"\n" +
				"--check-type is \"x\", not one of profiling, monitoring, partitioned",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := build(t, "", tt.flags)
			if diff := cmp.Diff(tt.want, checkUsage(t, err).Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRunChecksRefusesMerged(t *testing.T) {
	tests := []struct {
		name  string
		body  string
		flags request.RunChecks
		want  string
	}{
		{"no filter left", "time_window_filter: {from_date: 2024-02-03}", request.RunChecks{}, "this run has no filter and would execute every check on every connection"},
		{
			"all beside a field", "check_search_filters: {column: c}",
			request.RunChecks{All: true},
			"--all says every check on every connection, and these say less: column (body.yaml:1:32)",
		},
		{
			"flag and field of different forms", "time_window_filter:\n  to_date: 2024-02-04", window(request.TimeWindow{From: new("2024-02-03T00:00")}),
			"body.yaml:2:12: to_date is a date, and --from is a date-time without offset",
		},
		{
			"flag after the field", "time_window_filter:\n  from_date: 2024-02-04", window(request.TimeWindow{To: new("2024-02-03")}),
			"--to is exclusive and must be after from_date (body.yaml:2:14): 2024-02-03 is not after 2024-02-04",
		},
		{
			"disabled flag, table field", "check_search_filters: {fullTableName: a.b}", filters(request.CheckFilters{OnlyDisabled: new(true)}),
			"--only-disabled selects disabled items only, and beside fullTableName (body.yaml:1:39) the server then finds nothing",
		},
		{
			"disabled field, table flag", "check_search_filters: {enabled: false}", filters(request.CheckFilters{Table: new("a.b")}),
			"body.yaml:1:33: enabled selects disabled items only, and beside --table the server then finds nothing",
		},
		{
			"file first, then flags", "check_search_filters: {connection: ''}", filters(request.CheckFilters{Table: new("")}),
			"body.yaml:1:36: connection is empty; the server would take it as \"all connections\"\n--table is empty; the server would take it as \"all tables\"",
		},
		{
			"an unread filter is not none", "check_search_filters: {conection: shop}",
			request.RunChecks{},
			"body.yaml:1:24: conection is an unknown field in check_search_filters, did you mean connection?",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := build(t, tt.body, tt.flags)
			if diff := cmp.Diff(tt.want, checkUsage(t, err).Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHints(t *testing.T) {
	tests := []struct {
		flags request.RunChecks
		want  string
	}{
		{request.RunChecks{}, "give a filter, such as --connection NAME, or --all"},
		{filters(request.CheckFilters{Connection: new(""), Table: new("")}), "leave it out, or fill the variable that it comes from"},
		{window(request.TimeWindow{From: new("2024-02-03"), To: new("2024-02-03T00:00Z")}), "write both as a date, both with a time, or both with time and offset"},
	}
	for _, tt := range tests {
		_, err := tt.flags.Build(nil)
		if got := checkUsage(t, err).Hint; got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestLongValuesAreShortened(t *testing.T) {
	_, err := build(t, "", window(request.TimeWindow{From: new(strings.Repeat("ä", 100000))}))
	if got := checkUsage(t, err).Error(); len(got) > 300 || !strings.HasSuffix(got, `ä..."`) {
		t.Errorf("got %d bytes: %.300s", len(got), got)
	}
}
