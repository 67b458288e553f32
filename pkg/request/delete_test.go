package request_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/request"
)

type deleteBody = dqops.DeleteStoredDataQueueJobParameters

// deletion is a complete one, which each test then changes.
func deletion(change func(*request.DeleteData)) request.DeleteData {
	f := request.DeleteData{Connection: new("shop"), Table: new("public.orders"), AllDates: true, What: []string{"errors"}}
	if change != nil {
		change(&f)
	}
	return f
}

func TestDeleteDataBuild(t *testing.T) {
	const errors = `{"connection":"shop","fullTableName":"public.orders","deleteErrors":true}`
	file := "connection: shop\nfullTableName: public.orders\n"
	testBuilds(t, []builds[deleteBody]{
		{"least", "", deletion(nil), errors},
		{"all tables", "", deletion(func(f *request.DeleteData) { f.Table, f.AllTables = nil, true }), `{"connection":"shop","deleteErrors":true}`},
		{
			"one date", "", deletion(func(f *request.DeleteData) { f.AllDates, f.From = false, new("2024-02-29") }),
			`{"connection":"shop","fullTableName":"public.orders","dateStart":"2024-02-29","deleteErrors":true}`,
		},
		{
			"one day", "", deletion(func(f *request.DeleteData) {
				f.AllDates, f.From, f.Through = false, new("2024-02-03"), new("2024-02-03")
			}),
			`{"connection":"shop","fullTableName":"public.orders","dateStart":"2024-02-03","dateEnd":"2024-02-03","deleteErrors":true}`,
		},
		{"table pattern", "", deletion(func(f *request.DeleteData) { f.Table = new("pub*.or*rs") }), `{"connection":"shop","fullTableName":"pub*.or*rs","deleteErrors":true}`},
		{"bare table", "", deletion(func(f *request.DeleteData) { f.Table = new("orders") }), `{"connection":"shop","fullTableName":"orders","deleteErrors":true}`},
		{"quoted table", "", deletion(func(f *request.DeleteData) { f.Table = new("[a].[b]") }), `{"connection":"shop","fullTableName":"[a].[b]","deleteErrors":true}`},
		{
			"configuration of a file", "", deletion(func(f *request.DeleteData) {
				f.Table, f.What = new("files.orders.csv"), []string{"checks-configuration"}
			}),
			`{"connection":"shop","fullTableName":"files.orders.csv","deleteChecksConfiguration":true}`,
		},
		{
			"configuration of everything", "",
			deletion(func(f *request.DeleteData) {
				f.Table, f.AllTables, f.What = nil, true, []string{"checks-configuration"}
			}),
			`{"connection":"shop","deleteChecksConfiguration":true}`,
		},
		{
			"all data", "", deletion(func(f *request.DeleteData) { f.What = []string{"all-data"} }),
			`{"connection":"shop","fullTableName":"public.orders","deleteErrors":true,"deleteStatistics":true,"deleteCheckResults":true,` +
				`"deleteSensorReadouts":true,"deleteErrorSamples":true,"deleteIncidents":true}`,
		},
		{
			"everything", "", deletion(func(f *request.DeleteData) { f.What = []string{"all-data", "errors, checks-configuration"} }),
			`{"connection":"shop","fullTableName":"public.orders","deleteErrors":true,"deleteStatistics":true,"deleteCheckResults":true,` +
				`"deleteSensorReadouts":true,"deleteErrorSamples":true,"deleteIncidents":true,"deleteChecksConfiguration":true}`,
		},
		{"file", file + "deleteErrors: true", request.DeleteData{AllDates: true}, errors},
		{"file without a kind", file, request.DeleteData{AllDates: true, What: []string{"errors"}}, errors},
		{"kinds replace the file's", file + "deleteStatistics: true\ndeleteErrors: false", request.DeleteData{AllDates: true, What: []string{"errors"}}, errors},
		{
			"flags over the file", `{connection: "*", fullTableName: "", dateStart: 2024-13-01, columnNames: [], deleteErrors: true, checkName: ""}`,
			deletion(func(f *request.DeleteData) {
				f.AllDates, f.From, f.Columns, f.Check = false, new("2024-02-03"), []string{"id", "name"}, new("x")
			}),
			`{"connection":"shop","fullTableName":"public.orders","dateStart":"2024-02-03","deleteErrors":true,"columnNames":["id","name"],"checkName":"x"}`,
		},
		{
			"dates from both", file + "dateEnd: 2024-02-04\ndeleteErrors: true",
			request.DeleteData{From: new("2024-02-03")},
			`{"connection":"shop","fullTableName":"public.orders","dateStart":"2024-02-03","dateEnd":"2024-02-04","deleteErrors":true}`,
		},
	})
}

const allKinds = "errors, statistics, check-results, sensor-readouts, error-samples, incidents, checks-configuration, all-data"

func TestDeleteDataRefusesScopes(t *testing.T) {
	testRefusals(t, []refusal[deleteBody]{
		{
			name: "nothing", flags: request.DeleteData{},
			want: "this deletion does not say what to delete, and the server would delete nothing and call it a success\n" +
				"this deletion names no connection\n" +
				"this deletion names no table and would take every table of the connection\n" +
				"this deletion names no dates and would take the whole history",
			hint: "give --what with errors, statistics, check-results, sensor-readouts, error-samples, incidents, checks-configuration or all-data; " +
				"give --connection NAME, the exact name of one; give --table SCHEMA.TABLE, or --all-tables; give --from DAY, --through DAY or both, or --all-dates",
		},
		{
			name: "a file does not say everything either", body: "connection: shop\ndeleteErrors: true", flags: request.DeleteData{},
			want: "this deletion names no table and would take every table of the connection\nthis deletion names no dates and would take the whole history",
		},
		{
			name: "kinds switched off", body: "{connection: shop, fullTableName: a.b, deleteErrors: false}", flags: request.DeleteData{AllDates: true},
			want: "this deletion does not say what to delete, and the server would delete nothing and call it a success",
		},
		{
			name: "all tables and one", flags: deletion(func(f *request.DeleteData) { f.AllTables = true }),
			want: "--all-tables says every table of the connection, and this says less: --table", hint: "leave one side out",
		},
		{
			name: "all tables and a field", body: "fullTableName: a.b", flags: deletion(func(f *request.DeleteData) { f.Table, f.AllTables = nil, true }),
			want: "--all-tables says every table of the connection, and this says less: fullTableName (body.yaml:1:16)",
		},
		{
			name: "all dates and some", body: "dateEnd: 2024-02-04", flags: deletion(func(f *request.DeleteData) { f.From = new("2024-02-03") }),
			want: "--all-dates says the whole history, and this says less: --from, dateEnd (body.yaml:1:10)",
		},
		{
			name: "dates in the wrong order", body: "dateStart: 2024-02-04", flags: deletion(func(f *request.DeleteData) { f.AllDates, f.Through = false, new("2024-02-03") }),
			want: "--through is before dateStart (body.yaml:1:12): 2024-02-03 is before 2024-02-04",
		},
		{
			name: "a date that is none", flags: deletion(func(f *request.DeleteData) { f.AllDates, f.From = false, new("2023-02-29") }),
			want: `--from is no day of the calendar: "2023-02-29"`,
		},
		{
			name: "a short date", flags: deletion(func(f *request.DeleteData) { f.AllDates, f.From = false, new("2024-2-3") }),
			want: `--from takes a day, such as 2006-01-02, not "2024-2-3"`,
		},
		{
			name: "a date with time", body: "dateStart: 2024-02-03T10:00:00", flags: deletion(func(f *request.DeleteData) { f.AllDates = false }),
			want: `body.yaml:1:12: dateStart takes a day, such as 2006-01-02, not "2024-02-03T10:00:00"`,
		},
		{
			name: "an empty date", flags: deletion(func(f *request.DeleteData) { f.AllDates, f.Through = false, new("") }),
			want: `--through is empty; the server would take it as "all dates"`,
		},
		{
			name: "dates with the configuration",
			flags: deletion(func(f *request.DeleteData) {
				f.AllDates, f.From, f.Through, f.What = false, new("2024-02-03"), new("2024-02-04"), []string{"errors,checks-configuration"}
			}),
			want: "--from does not reach checks-configuration: the server would delete more than asked\n" +
				"--through does not reach checks-configuration: the server would delete more than asked",
			hint: "--from reaches errors, statistics, check-results, sensor-readouts, error-samples, incidents; " +
				"--through reaches errors, statistics, check-results, sensor-readouts, error-samples, incidents",
		},
	})
}

func TestDeleteDataRefusesKinds(t *testing.T) {
	what := func(names ...string) request.DeleteData {
		return deletion(func(f *request.DeleteData) { f.What = names })
	}
	testRefusals(t, []refusal[deleteBody]{
		{name: "empty list", flags: what([]string{}...), want: "--what is empty"},
		{name: "empty", flags: what(""), want: `--what is "", not one of ` + allKinds},
		{name: "empty after a comma", flags: what("errors,"), want: `--what is "", not one of ` + allKinds},
		{name: "wrong case", flags: what("Errors"), want: `--what is "Errors", not one of ` + allKinds + `; did you mean errors?`},
		{name: "wrong form", flags: what("check_results"), want: `--what is "check_results", not one of ` + allKinds + `; did you mean check-results?`},
		{name: "misspelt", flags: what("errors", "incidnets"), want: `--what is "incidnets", not one of ` + allKinds + `; did you mean incidents?`},
		{name: "unknown", flags: what("all"), want: `--what is "all", not one of ` + allKinds + `; did you mean all-data?`},
		{
			name: "snake case", body: "{connection: shop, full_table_name: a.b, delete_errors: true, deleteerrors: true}", flags: request.DeleteData{AllDates: true},
			want: "body.yaml:1:20: full_table_name is an unknown field in the body, did you mean fullTableName?\n" +
				"body.yaml:1:42: delete_errors is an unknown field in the body, did you mean deleteErrors?\n" +
				"body.yaml:1:63: deleteerrors is an unknown field in the body, did you mean deleteErrors?",
		},
		{
			name: "wrong forms", body: "{connection: [shop], fullTableName: null, deleteErrors: 'true', columnNames: id, dateStart: true}", flags: request.DeleteData{},
			want: "body.yaml:1:14: connection takes a text, not a list\n" +
				"body.yaml:1:37: fullTableName has no value; leave it out or give it one\n" +
				"body.yaml:1:57: deleteErrors takes true or false, not the text \"true\"\n" +
				"body.yaml:1:78: columnNames takes a list, such as [a, b], not a text\n" +
				"body.yaml:1:93: dateStart takes a text; if true is meant as one, quote it",
		},
		{
			name: "twice", body: "{deleteErrors: true, deleteErrors: false}", flags: request.DeleteData{},
			want: "body.yaml:1:22: deleteErrors is given twice, first in line 1",
		},
	})
}

func TestDeleteDataRefusesFilters(t *testing.T) {
	with := deletion
	const exact = "a deletion compares names as they are written, also upper and lower case; only --table takes *"
	const pattern = "; it knows *, start*, *end, *middle* and start*end"
	configuration := func(table string) request.DeleteData {
		return deletion(func(f *request.DeleteData) { f.Table, f.What = &table, []string{"errors", "checks-configuration"} })
	}
	inexact := func(table string) string {
		return "--table must be one plain schema.table for checks-configuration, not " + table + ": a pattern there is every table of the connection"
	}
	testRefusals(t, []refusal[deleteBody]{
		{name: "connection pattern", flags: with(func(f *request.DeleteData) { f.Connection = new("sh*") }), want: `--connection is compared exactly, * does not stand for anything there: "sh*"`},
		{name: "all connections", body: "connection: '*'", flags: with(func(f *request.DeleteData) { f.Connection = nil }), want: `body.yaml:1:13: connection is compared exactly, * does not stand for anything there: "*"`},
		{name: "empty connection", flags: with(func(f *request.DeleteData) { f.Connection = new("") }), want: "--connection is empty; it takes the exact name of a connection"},
		{name: "blank connection", body: "connection: ' '", flags: with(func(f *request.DeleteData) { f.Connection = nil }), want: "body.yaml:1:13: connection is empty; it takes the exact name of a connection"},
		{name: "line break", flags: with(func(f *request.DeleteData) { f.Connection = new("shop\n") }), want: `--connection has a line break or another control character in it: "shop\n"`},
		{name: "bytes", flags: with(func(f *request.DeleteData) { f.Check = new("\xff") }), want: `--check is not UTF-8: "\xff"`},
		{name: "huge", flags: with(func(f *request.DeleteData) { f.Check = new(strings.Repeat("*", 1<<20)) }), want: `--check is compared exactly, * does not stand for anything there: "` + strings.Repeat("*", 60) + `..."`},
		{name: "empty table", flags: with(func(f *request.DeleteData) { f.Table = new("") }), want: `--table is empty; the server would take it as "all tables"`, hint: "leave it out, or fill the variable that it comes from"},
		{name: "empty table in a file", body: "fullTableName: ''", flags: with(func(f *request.DeleteData) { f.Table = nil }), want: `body.yaml:1:16: fullTableName is empty; the server would take it as "all tables"`},
		{name: "no schema", flags: with(func(f *request.DeleteData) { f.Table = new(".orders") }), want: `--table has no schema before the dot: ".orders"; the server would take it as "all schemas", write "*.orders" if that is meant`, hint: exact},
		{name: "no pattern", flags: with(func(f *request.DeleteData) { f.Table = new("a.b*c*d") }), want: `--table is no pattern of the server: "b*c*d"` + pattern, hint: exact},
		{name: "empty check", flags: with(func(f *request.DeleteData) { f.Check = new("") }), want: `--check is empty; the server would take it as "all checks"`},
		{name: "empty category", flags: with(func(f *request.DeleteData) { f.Category = new("") }), want: `--category is empty; the server would take it as "all categories"`},
		{name: "empty dimension", flags: with(func(f *request.DeleteData) { f.Dimension = new("") }), want: `--dimension is empty; the server would take it as "all dimensions"`},
		{name: "empty comparison", flags: with(func(f *request.DeleteData) { f.Comparison = new("") }), want: `--comparison is empty; the server would take it as "all comparisons"`},
		{name: "empty sensor", flags: with(func(f *request.DeleteData) { f.Sensor = new("") }), want: `--sensor is empty; the server would take it as "all sensors"`},
		{name: "empty check type", flags: with(func(f *request.DeleteData) { f.CheckType = new("") }), want: `--check-type is empty; the server would take it as "all check types"`},
		{
			name: "empty data group", flags: with(func(f *request.DeleteData) { f.DataGroup, f.What = new(""), []string{"statistics"} }),
			want: `--data-group is empty; the server would take it as "all data groups"`,
		},
		{name: "no columns", flags: with(func(f *request.DeleteData) { f.Columns = []string{} }), want: `--column is an empty list; the server would take it as "all columns"`},
		{name: "empty column", body: "columnNames: [id, '']", flags: with(nil), want: `body.yaml:1:19: columnNames[1] is empty; the server would take it as "all columns"`},
		{name: "column pattern", flags: with(func(f *request.DeleteData) { f.Columns = []string{"id", "i*"} }), want: `--column is compared exactly, * does not stand for anything there: "i*"`, hint: exact},
		{name: "check pattern", flags: with(func(f *request.DeleteData) { f.Check = new("daily_*") }), want: `--check is compared exactly, * does not stand for anything there: "daily_*"`, hint: exact},
		{name: "check type", flags: with(func(f *request.DeleteData) { f.CheckType = new("Monitoring") }), want: `--check-type is "Monitoring", not one of profiling, monitoring, partitioned; did you mean monitoring?`},
		{
			name: "collector target", flags: with(func(f *request.DeleteData) { f.CollectorTarget, f.What = new("columns"), []string{"statistics"} }),
			want: `--collector-target is "columns", not one of table, column; did you mean column?`,
		},
		{
			name: "incident status", flags: with(func(f *request.DeleteData) { f.IncidentStatus, f.What = new("closed"), []string{"incidents"} }),
			want: `--incident-status is "closed", not one of open, acknowledged, resolved, muted`,
		},
		{
			name: "gradient of the configuration", flags: with(func(f *request.DeleteData) { f.TimeGradient = new("daily") }),
			want: `--time-gradient is "daily", not one of year, quarter, month, week, day, hour, millisecond`,
		},
		{
			name:  "gradient of the data",
			flags: with(func(f *request.DeleteData) { f.TimeGradient, f.What = new("day"), []string{"checks-configuration"} }),
			want:  `--time-gradient is "day", not one of daily, monthly`,
		},
		{
			name: "gradient of both", body: "timeGradient: day",
			flags: with(func(f *request.DeleteData) { f.What = []string{"check-results", "checks-configuration"} }),
			want:  "body.yaml:1:15: timeGradient has no value that fits checks-configuration (daily, monthly) and the stored data (day, month, ...); delete them one after the other",
		},
		{name: "configuration of a pattern", flags: configuration("public.*"), want: inexact(`"public.*"`), hint: "write schema.table, or --all-tables if that is meant"},
		{name: "configuration of a schema pattern", flags: configuration("*.orders"), want: inexact(`"*.orders"`)},
		{name: "configuration of a bare table", flags: configuration("orders"), want: inexact(`"orders"`)},
		{name: "configuration of nothing", flags: configuration("a."), want: `--table has no table after the dot: "a."; the server would take it as "all tables", write "a.*" if that is meant`},
		{name: "configuration of a quoted pattern", flags: configuration("[*].[orders]"), want: inexact(`"[*].[orders]"`)},
		{name: "configuration of a quoted table", flags: configuration("`public`.orders"), want: inexact("\"`public`.orders\"")},
		{
			name: "filters and kinds", body: "dataGroupTag: DE\ncheckName: x",
			flags: with(func(f *request.DeleteData) { f.What = []string{"all-data"} }),
			want: "body.yaml:1:15: dataGroupTag does not reach errors, error-samples: the server would delete more than asked\n" +
				"body.yaml:2:12: checkName does not reach statistics: the server would delete more than asked\n" +
				"body.yaml:2:12: checkName does not reach incidents: the server would delete none and not say so",
			hint: "dataGroupTag reaches statistics, check-results, sensor-readouts, incidents; checkName reaches errors, check-results, sensor-readouts, error-samples, checks-configuration",
		},
	})
}

func TestDeleteWarnings(t *testing.T) {
	const blinds = "check results are deleted without their sensor readouts: later runs on unchanged data will not judge these checks again; " +
		"--what check-results,sensor-readouts avoids it"
	tests := []struct {
		name string
		body deleteBody
		want []string
	}{
		{"nothing", deleteBody{}, nil},
		{"results", deleteBody{DeleteCheckResults: true, FullTableName: "a.b"}, []string{blinds}},
		{"results and readouts", deleteBody{DeleteCheckResults: true, DeleteSensorReadouts: true}, nil},
		{"readouts", deleteBody{DeleteSensorReadouts: true, FullTableName: "a.b*"}, nil},
		{"bare table", deleteBody{DeleteErrors: true, FullTableName: "orders"}, []string{`"orders" names no schema: tables of that name are taken in every schema`}},
		{"overlap", deleteBody{DeleteErrors: true, FullTableName: "stage_*_x.[old_*_old]"}, []string{`the pattern "stage_*_x" also takes "stage_x"`, `the pattern "[old_*_old]" also takes "old_old"`}},
		{"no overlap", deleteBody{DeleteErrors: true, FullTableName: "stage_*x.*a*"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, request.DeleteWarnings(tt.body)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
