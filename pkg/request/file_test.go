package request_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/request"
)

func lines(each ...string) string { return strings.Join(each, "\n") }

func TestParseFileRefuses(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"nothing", "", "body.yaml is empty"},
		{"blanks", " \n\n", "body.yaml is empty"},
		{"a comment", "# nothing\n", "body.yaml is empty"},
		{"document start", "---\n", "body.yaml is empty"},
		{"null", "null", "body.yaml is empty"},
		{"text", "\nhello", "body.yaml:2:1: a body is an object with fields, not a text"},
		{"number", "5", "body.yaml:1:1: a body is an object with fields, not a number"},
		{"list", "- a\n- b", "body.yaml:1:1: a body is an object with fields, not a list"},
		{"json list", " []", "body.yaml:1:2: a body is an object with fields, not a list"},
		{"two documents", "a: 1\n---\nb: 2\n", "body.yaml:2: a second document begins; a body is one"},
		{"broken", "a: [1\n", "body.yaml is neither YAML nor JSON: line 1, column 1: did not find expected ',' or ']'"},
		{"broken after the first document", "a: 1\n---\nb: [1\n", "body.yaml is neither YAML nor JSON: line 3, column 1: did not find expected ',' or ']'"},
		{"nested too deep", strings.Repeat("[", 20000), "body.yaml is neither YAML nor JSON: exceeded max depth of 10000"},
		{"anchor", "a: &x 1\n", "body.yaml:1:4: anchors (&x) are not supported in a body; write the values out"},
		{
			"alias", "a: &x 1\nb: *x\n",
			lines("body.yaml:1:4: anchors (&x) are not supported in a body; write the values out",
				"body.yaml:2:4: aliases (*x) are not supported in a body; write the value out"),
		},
		{"merge", "a:\n  <<: {b: 1}\n", "body.yaml:2:3: merge keys (<<) are not supported in a body; write the fields out"},
		{"tag", "a: !!str 5\n", "body.yaml:1:4: type tags (!!str) are not supported in a body"},
		{"own tag", "a: !x {b: 1}\n", "body.yaml:1:4: type tags (!x) are not supported in a body"},
		{"too large", strings.Repeat(" ", 10<<20+1), "body.yaml is too large: 10485761 bytes, and a server takes at most 10485760"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := request.ParseFile("body.yaml", []byte(tt.body))
			if diff := cmp.Diff(tt.want, checkUsage(t, err).Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseFileFindsTabs(t *testing.T) {
	_, err := request.ParseFile("body.yaml", []byte("a:\n\tb: 1\n"))
	if got, want := checkUsage(t, err).Error(), "body.yaml is neither YAML nor JSON: line 2, column 1: a tab, and YAML is indented with blanks"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestParseFileTakesTheLargest(t *testing.T) {
	body := "{}" + strings.Repeat(" ", 10<<20-2)
	if _, err := request.ParseFile("body.yaml", []byte(body)); err != nil {
		t.Error(err)
	}
}

func TestBodyRefuses(t *testing.T) {
	const noNumber = "takes a whole number in plain digits, not "
	tests := []struct{ name, body, want string }{
		{"unknown at the top", "foo: 1", "body.yaml:1:1: foo is an unknown field in the body; it has check_search_filters, time_window_filter, collect_error_samples, execution_target, dummy_execution"},
		{"camel at the top", "checkSearchFilters: {}", "body.yaml:1:1: checkSearchFilters is an unknown field in the body, did you mean check_search_filters?"},
		{"snake inside", "check_search_filters:\n  full_table_name: a.b", "body.yaml:2:3: full_table_name is an unknown field in check_search_filters, did you mean fullTableName?"},
		{"lower case", "check_search_filters:\n  fulltablename: a.b", "body.yaml:2:3: fulltablename is an unknown field in check_search_filters, did you mean fullTableName?"},
		{"typing mistake", "check_search_filters:\n  collumn: a", "body.yaml:2:3: collumn is an unknown field in check_search_filters, did you mean column?"},
		{"camel in the window", "time_window_filter:\n  fromDate: 2024-02-03", "body.yaml:2:3: fromDate is an unknown field in time_window_filter, did you mean from_date?"},
		{"too high up", "connection: shop", "body.yaml:1:1: connection is an unknown field in the body, did you mean check_search_filters.connection?"},
		{"too deep", "check_search_filters: {dummyExecution: true}", "body.yaml:1:24: dummyExecution is an unknown field in check_search_filters, did you mean dummy_execution at the top of the body?"},
		{"not a name", "? [a]\n: 1\n\"a\\nb\": 2", lines(
			"body.yaml:1:3: the body has a list where the name of a field belongs",
			`body.yaml:3:1: "a\nb" is an unknown field in the body; it has check_search_filters, time_window_filter, collect_error_samples, execution_target, dummy_execution`)},
		{"given twice", "check_search_filters: {connection: a}\ncheck_search_filters: {connection: b}", "body.yaml:2:1: check_search_filters is given twice, first in line 1"},
		{"given twice in json", "{\"check_search_filters\":{\"connection\": \"a\",\n \"connection\": \"b\"}}", "body.yaml:2:2: connection is given twice, first in line 1"},

		{"null filters", "check_search_filters: null", "body.yaml:1:23: check_search_filters has no value; leave it out or give it one"},
		{"no filters", "check_search_filters:", "body.yaml:1:22: check_search_filters has no value; leave it out or give it one"},
		{"null text", "check_search_filters: {connection: ~}", "body.yaml:1:36: connection has no value; leave it out or give it one"},
		{"text for an object", "check_search_filters: all", "body.yaml:1:23: check_search_filters takes an object with fields, not a text"},
		{"list for an object", "time_window_filter: []", "body.yaml:1:21: time_window_filter takes an object with fields, not a list"},
		{"truth for a text", "check_search_filters: {connection: true}", "body.yaml:1:36: connection takes a text; if true is meant as one, quote it"},
		{"list for a text", "check_search_filters: {connection: [shop]}", "body.yaml:1:36: connection takes a text, not a list"},
		{"text for a list", "check_search_filters: {labels: a}", "body.yaml:1:32: labels takes a list, such as [a, b], not a text"},
		{"object in a list", "check_search_filters: {labels: [a, {b: c}]}", "body.yaml:1:36: labels[1] takes a text, not an object"},
		{"yes", "dummy_execution: yes", "body.yaml:1:18: dummy_execution takes true or false, not yes"},
		{"True", "dummy_execution: True", "body.yaml:1:18: dummy_execution takes true or false, not True"},
		{"quoted truth", "dummy_execution: 'true'", `body.yaml:1:18: dummy_execution takes true or false, not the text "true"`},
		{"number for truth", "dummy_execution: 1", "body.yaml:1:18: dummy_execution takes true or false, not 1"},
		{"fraction", "check_search_filters: {maxResults: 1.5}", "body.yaml:1:36: maxResults " + noNumber + "1.5"},
		{"exponent", "check_search_filters: {maxResults: 1e3}", "body.yaml:1:36: maxResults " + noNumber + "1e3"},
		{"hex", "check_search_filters: {maxResults: 0x10}", "body.yaml:1:36: maxResults " + noNumber + "0x10"},
		{"octal", "check_search_filters: {maxResults: 010}", "body.yaml:1:36: maxResults " + noNumber + "010"},
		{"new octal", "check_search_filters: {maxResults: 0o7}", "body.yaml:1:36: maxResults " + noNumber + "0o7"},
		{"underscore", "check_search_filters: {maxResults: 1_000}", "body.yaml:1:36: maxResults " + noNumber + "1_000"},
		{"plus", "check_search_filters: {maxResults: +1}", `body.yaml:1:36: maxResults ` + noNumber + `"+1"`},
		{"minus nothing", "check_search_filters: {maxResults: -0}", "body.yaml:1:36: maxResults " + noNumber + "-0"},
		{"quoted number", "check_search_filters: {maxResults: '5'}", "body.yaml:1:36: maxResults " + noNumber + `the text "5"`},
		{"list for a number", "check_search_filters: {maxResults: [5]}", "body.yaml:1:36: maxResults " + noNumber + "a list"},
		{"large number", "check_search_filters: {maxResults: 2147483648}", "body.yaml:1:36: maxResults is out of range: 2147483648, and a number here has 32 bits"},
		{"huge number", "check_search_filters: {maxResults: -99999999999999999999}", "body.yaml:1:36: maxResults is out of range: -99999999999999999999, and a number here has 32 bits"},
		{"zero", "check_search_filters: {maxResults: 0}", "body.yaml:1:36: maxResults is 0, it takes a number from 1 to 2147483647"},

		{"empty selector", "check_search_filters: {checkName: ''}", `body.yaml:1:35: checkName is empty; the server would take it as "all checks"`},
		{"empty label", "check_search_filters: {labels: [a, '']}", `body.yaml:1:36: labels[1] is empty; the server would take it as "any labels"`},
		{"no labels", "check_search_filters: {labels: []}", `body.yaml:1:32: labels is an empty list; the server would take it as "any labels"`},
		{"enumeration", "check_search_filters: {checkType: monitor}", `body.yaml:1:35: checkType is "monitor", not one of profiling, monitoring, partitioned; did you mean monitoring?`},
		{"execution target", "check_search_filters: {column: a}\nexecution_target: sensors", `body.yaml:2:19: execution_target is "sensors", not one of sensors_and_rules, only_sensors, only_rules`},
		{"disabled", "check_search_filters: {enabled: false, fullTableName: a.b}", "body.yaml:1:33: enabled selects disabled items only, and beside fullTableName (body.yaml:1:55) the server then finds nothing"},
		{"tags", "check_search_filters: {tags: [a]}", "body.yaml:1:24: tags never filters, the server does not look at it; labels do"},
		{"tag", "check_search_filters: {labels: [x], tag: a}", "body.yaml:1:37: tag is an unknown field in check_search_filters; it has connection, fullTableName, enabled, labels, maxResults, column, columnDataType, columnNullable, checkTarget, checkType, timeScale, checkCategory, qualityDimension, tableComparisonName, checkName, sensorName, checkHierarchyIdsModels"},
		{"result", "check_search_filters: {column: a}\nrun_checks_result: {}", "body.yaml:2:1: run_checks_result is filled in by the server and cannot be given"},

		{
			"only today", "check_search_filters: {column: a}\ntime_window_filter: {daily_partitioning_include_today: true}",
			"body.yaml:2:56: daily_partitioning_include_today needs daily_partitioning_recent_days beside it: alone it would lift the time window that the tables are configured with",
		},
		{
			"days that are no number", "check_search_filters: {column: a}\ntime_window_filter: {daily_partitioning_include_today: true, daily_partitioning_recent_days: x}",
			"body.yaml:2:94: daily_partitioning_recent_days " + noNumber + "x",
		},
		{"empty where", "check_search_filters: {column: a}\ntime_window_filter: {where_filter: ' '}", `body.yaml:2:36: where_filter is empty; the server would take it as "all rows"`},
		{
			"time in a date", "check_search_filters: {column: a}\ntime_window_filter: {from_date: 2024-02-03T10:00:00}",
			`body.yaml:2:33: from_date takes a date, and "2024-02-03T10:00:00" is a date-time without offset: that belongs into from_date_time`,
		},
		{
			"offset in a local time", "check_search_filters: {column: a}\ntime_window_filter: {to_date_time: 2024-02-03T10:00:00Z}",
			`body.yaml:2:36: to_date_time takes a date-time without offset, and "2024-02-03T10:00:00Z" is a date-time with offset: that belongs into to_date_time_offset`,
		},
		{
			"two forms of a bound", "check_search_filters: {column: a}\ntime_window_filter:\n  from_date_time: 2024-02-03T10:00:00\n  from_date: 2024-02-03",
			"body.yaml:3:19: from_date_time is a second form of from_date (body.yaml:4:14); keep one",
		},
		{
			"different forms", "check_search_filters: {column: a}\ntime_window_filter:\n  from_date: 2024-02-03\n  to_date_time: 2024-02-04T10:00:00",
			"body.yaml:4:17: to_date_time is a date-time without offset, and from_date (body.yaml:3:14) is a date",
		},
		{"impossible date", "check_search_filters: {column: a}\ntime_window_filter: {from_date: 2023-02-29}", `body.yaml:2:33: from_date is no day of the calendar: "2023-02-29"`},
		{
			"empty date", "check_search_filters: {column: a}\ntime_window_filter: {from_date: ''}",
			`body.yaml:2:33: from_date takes 2006-01-02, 2006-01-02T15:04:05 or 2006-01-02T15:04:05+02:00, not ""`,
		},

		{"no exact checks", "check_search_filters: {checkHierarchyIdsModels: []}", `body.yaml:1:49: checkHierarchyIdsModels is an empty list; the server would take it as "all checks"`},
		{"exact check without a path", "check_search_filters:\n  checkHierarchyIdsModels: [{}]", "body.yaml:2:29: checkHierarchyIdsModels[0] has no path"},
		{"exact check that is a text", "check_search_filters:\n  checkHierarchyIdsModels: [a]", "body.yaml:2:29: checkHierarchyIdsModels[0] takes an object with fields, not a text"},
		{"null exact check", "check_search_filters:\n  checkHierarchyIdsModels: [null]", "body.yaml:2:29: checkHierarchyIdsModels[0] has no value; leave it out or give it one"},
		{"number in a path", "check_search_filters:\n  checkHierarchyIdsModels: [{path: [a, 1, {schema_name: b}]}]", lines(
			"body.yaml:2:29: checkHierarchyIdsModels[0] has a step in its path that is neither a text nor {schema_name: ..., table_name: ...}: \"1\"",
			"body.yaml:2:29: checkHierarchyIdsModels[0] has a step in its path that is neither a text nor {schema_name: ..., table_name: ...}: \"{\\\"schema_name\\\":\\\"b\\\"}\"")},
		{"odd numbers in raw values", "check_search_filters:\n  checkHierarchyIdsModels: [[0x1, .5, 007]]", lines(
			"body.yaml:2:30: checkHierarchyIdsModels[0] takes numbers as JSON writes them, not 0x1; if it is a text, quote it",
			"body.yaml:2:35: checkHierarchyIdsModels[0] takes numbers as JSON writes them, not .5; if it is a text, quote it",
			"body.yaml:2:39: checkHierarchyIdsModels[0] takes numbers as JSON writes them, not 007; if it is a text, quote it")},

		{"everything at once", "dummy_execution: 1\ncheck_search_filters:\n  Connection: shop\n  column: a*b*\n  maxResults: x\n", lines(
			"body.yaml:1:18: dummy_execution takes true or false, not 1",
			"body.yaml:3:3: Connection is an unknown field in check_search_filters, did you mean connection?",
			`body.yaml:4:11: column is no pattern of the server: "a*b*"; it knows *, start*, *end, *middle* and start*end`,
			"body.yaml:5:15: maxResults "+noNumber+"x")},
		{"json positions", "{ \"check_search_filters\" : {\r\n\t\"connection\": \"ä\", \"column\" :\t[],\n\"x\":1 } }", lines(
			"body.yaml:2:32: column takes a text, not a list",
			"body.yaml:3:1: x is an unknown field in check_search_filters; it has connection, fullTableName, enabled, labels, maxResults, column, columnDataType, columnNullable, checkTarget, checkType, timeScale, checkCategory, qualityDimension, tableComparisonName, checkName, sensorName, checkHierarchyIdsModels")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := build(t, tt.body, request.RunChecks{})
			if diff := cmp.Diff(tt.want, checkUsage(t, err).Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestManyWrongValuesAreCapped(t *testing.T) {
	_, err := build(t, "check_search_filters: {labels: ["+strings.Repeat("true, ", 500)+"]}", request.RunChecks{})
	got := strings.Split(checkUsage(t, err).Error(), "\n")
	if len(got) != 11 || got[10] != "and 490 more" {
		t.Errorf("got %d lines, the last one %q", len(got), got[len(got)-1])
	}
}

func TestManyProblemsAreCapped(t *testing.T) {
	for _, count := range []int{10, 11, 1000} {
		var body strings.Builder
		for i := range count {
			fmt.Fprintf(&body, "key%d: 1\n", i)
		}
		_, err := build(t, body.String(), request.RunChecks{})
		got := strings.Split(checkUsage(t, err).Error(), "\n")
		if count == 10 {
			if len(got) != 10 || !strings.HasPrefix(got[9], "body.yaml:10:1: key9 ") {
				t.Errorf("%d problems: got %d lines, the last one %q", count, len(got), got[len(got)-1])
			}
			continue
		}
		if last, want := got[len(got)-1], fmt.Sprintf("and %d more", count-10); len(got) != 11 || last != want {
			t.Errorf("%d problems: got %d lines and %q, want 11 and %q", count, len(got), last, want)
		}
	}
}
