package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// flagCase is what one flag must do to the request: the value at a path of the
// body, or a part of the query.
type flagCase struct {
	value string // as after the flag's name: "=x"
	path  string
	json  string
	query string
}

// flagTable are the flags of a command, by the command (a word more tells cases
// apart), with what else the command needs.
type flagTable map[string]struct {
	with  string
	flags map[string]flagCase
}

func (f flagTable) of(command string) flagTable {
	found := flagTable{}
	for name, c := range f {
		if strings.Fields(name)[0] == command {
			found[name] = c
		}
	}
	return found
}

// flagsElsewhere say how to start, follow and judge; other tests are about them.
var flagsElsewhere = []string{
	"file", "dry-run", "wait", "no-wait", "adopt", "timeout", "retry-budget", "on-interrupt", "fail-on", "allow-execution-errors", "allow-empty", "judge",
	"yes", "require-rows", "help",
}

func onChecks(more map[string]flagCase) map[string]flagCase {
	const filters, window = "check_search_filters.", "time_window_filter."
	flags := map[string]flagCase{
		"connection":            {"=a", filters + "connection", `"a"`, ""},
		"table":                 {"=a.b", filters + "fullTableName", `"a.b"`, ""},
		"column":                {"=a", filters + "column", `"a"`, ""},
		"column-type":           {"=a", filters + "columnDataType", `"a"`, ""},
		"nullable":              {"=false", filters + "columnNullable", `false`, ""},
		"check":                 {"=a", filters + "checkName", `"a"`, ""},
		"category":              {"=a", filters + "checkCategory", `"a"`, ""},
		"dimension":             {"=a", filters + "qualityDimension", `"a"`, ""},
		"sensor":                {"=a", filters + "sensorName", `"a"`, ""},
		"check-type":            {"=profiling", filters + "checkType", `"profiling"`, ""},
		"time-scale":            {"=monthly", filters + "timeScale", `"monthly"`, ""},
		"target":                {"=table", filters + "checkTarget", `"table"`, ""},
		"comparison":            {"=a", filters + "tableComparisonName", `"a"`, ""},
		"label":                 {"=a", filters + "labels", `["a"]`, ""},
		"only-disabled":         {"=true", filters + "enabled", `false`, ""},
		"max-results":           {"=4", filters + "maxResults", `4`, ""},
		"from":                  {"=2026-11-01", window + "from_date", `"2026-11-01"`, ""},
		"to":                    {"=2026-11-01T00:00:00Z", window + "to_date_time_offset", `"2026-11-01T00:00:00Z"`, ""},
		"recent-days":           {"=3", window + "daily_partitioning_recent_days", `3`, ""},
		"include-today":         {"=true --recent-days=3", window + "daily_partitioning_include_today", `true`, ""},
		"recent-months":         {"=3", window + "monthly_partitioning_recent_months", `3`, ""},
		"include-current-month": {"=true --recent-months=3", window + "monthly_partitioning_include_current_month", `true`, ""},
		"where":                 {"=a", window + "where_filter", `"a"`, ""},
		"key":                   {"=k", "", "", "jobBusinessKey=k"},
	}
	maps.Copy(flags, more)
	return flags
}

var flagCases = flagTable{
	"run-checks": {"--connection=x", onChecks(map[string]flagCase{
		"collect-error-samples": {"=true", "collect_error_samples", `true`, ""},
		"execution-target":      {"=only_sensors --fail-on=never", "execution_target", `"only_sensors"`, ""},
		"dummy-execution":       {"=true --fail-on=never", "dummy_execution", `true`, ""},
	})},
	"run-checks everything": {"", map[string]flagCase{"all": {"=true", "check_search_filters", `{}`, ""}}},
	"collect-error-samples": {"--connection=x", onChecks(map[string]flagCase{
		"scope": {"=table", "data_scope", `"table"`, ""},
	})},
	"collect-stats": {"--connection=x", map[string]flagCase{
		"connection":         {"=a", "connection", `"a"`, ""},
		"table":              {"=a.b", "fullTableName", `"a.b"`, ""},
		"column":             {"=a", "columnNames", `["a"]`, ""},
		"collector":          {"=a", "collectorName", `"a"`, ""},
		"collector-category": {"=a", "collectorCategory", `"a"`, ""},
		"sensor":             {"=a", "sensorName", `"a"`, ""},
		"target":             {"=table", "target", `"table"`, ""},
		"label":              {"=a", "labels", `["a"]`, ""},
		"schedule":           {"=0~8~*~*~*", "enabledCronScheduleExpression", `"0 8 * * *"`, ""},
		"max-results":        {"=4", "maxResults", `4`, ""},
		"scope":              {"=data_group", "", "", "/api/jobs/collectstatistics/withgrouping?"},
		"samples-limit":      {"=9", "", "", "samplesLimit=9"},
		"configure-table":    {"=true", "", "", "configureTable=true"},
		"key":                {"=k", "", "", "jobBusinessKey=k"},
	}},
	"collect-stats everything": {"", map[string]flagCase{"all": {"=true", ".", `{}`, ""}}},
	"import-tables": {"--connection=x --schema=y*", map[string]flagCase{
		"connection": {"=a", "connectionName", `"a"`, ""},
		"schema":     {"=a", "schemaName", `"a"`, ""},
		"table":      {"=a.csv", "tableNames", `["a.csv"]`, ""},
		"contains":   {"=a", "tableNameContains", `"a"`, ""},
		"limit":      {"=4", "tablesImportLimit", `4`, ""},
		"key":        {"=k", "", "", "jobBusinessKey=k"},
	}},
	"delete-data": {"--connection=x --all-tables --all-dates --what=check-results", map[string]flagCase{
		"connection":    {"=a", "connection", `"a"`, ""},
		"column":        {"=a", "columnNames", `["a"]`, ""},
		"check":         {"=a", "checkName", `"a"`, ""},
		"category":      {"=a", "checkCategory", `"a"`, ""},
		"check-type":    {"=profiling", "checkType", `"profiling"`, ""},
		"dimension":     {"=a", "qualityDimension", `"a"`, ""},
		"comparison":    {"=a", "tableComparisonName", `"a"`, ""},
		"sensor":        {"=a", "sensorName", `"a"`, ""},
		"data-group":    {"=a", "dataGroupTag", `"a"`, ""},
		"time-gradient": {"=week", "timeGradient", `"week"`, ""},
		"key":           {"=k", "", "", "jobBusinessKey=k"},
	}},
	"delete-data statistics": {"--connection=x --all-tables --all-dates", map[string]flagCase{
		"what":               {"=statistics", "deleteStatistics", `true`, ""},
		"collector":          {"=a --what=statistics", "collectorName", `"a"`, ""},
		"collector-category": {"=a --what=statistics", "collectorCategory", `"a"`, ""},
		"collector-target":   {"=table --what=statistics", "collectorTarget", `"table"`, ""},
		"incident-status":    {"=muted --what=incidents", "incidentStatusName", `"muted"`, ""},
	}},
	"delete-data scopes": {"--connection=x --what=errors", map[string]flagCase{
		"table":      {"=a.b --all-dates", "fullTableName", `"a.b"`, ""},
		"all-tables": {"=true --all-dates", ".", `{"connection": "x", "deleteErrors": true}`, ""},
		"all-dates":  {"=true --all-tables", ".", `{"connection": "x", "deleteErrors": true}`, ""},
		"from":       {"=2026-11-01 --all-tables", "dateStart", `"2026-11-01"`, ""},
		"through":    {"=2026-11-01 --all-tables", "dateEnd", `"2026-11-01"`, ""},
	}},
	"sync": {"sources", map[string]flagCase{
		"direction":             {"=download", "direction", `"download"`, ""},
		"refresh-native-tables": {"=true", "forceRefreshNativeTables", `true`, ""},
		"detect-cron-schedules": {"=true", "detectCronSchedules", `true`, ""},
		"with-local-changes":    {"=true", "synchronizeFolderWithLocalChanges", `true`, ""},
		"key":                   {"=k", "", "", "jobBusinessKey=k"},
	}},
	"sync everything": {"", map[string]flagCase{"all": {"=true", "dataIncidents", `true`, ""}}},
}

var flagInHelp = regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`)

// flagsOf are the flags of a command's own, as its help lists them.
func (s *station) flagsOf(command string) []string {
	s.Helper()
	own, _, _ := strings.Cut(s.must(command, "--help").out, "Global Flags:")
	var names []string
	_, own, _ = strings.Cut(own, "\nFlags:")
	for _, m := range flagInHelp.FindAllStringSubmatch(own, -1) {
		names = append(names, m[1])
	}
	if len(names) == 0 {
		s.Fatalf("%s --help lists no flags", command)
	}
	return names
}

// TestFlagsReachTheBody gives every flag of every command that starts a job and
// compares what would be sent; a flag that is not in the list fails.
func TestFlagsReachTheBody(t *testing.T) {
	t.Parallel()
	s := newStation(t, warehouse(t))
	for name, c := range flagCases {
		command := strings.Fields(name)[0]
		var known []string
		for _, lines := range flagCases.of(command) {
			known = append(known, slices.Collect(maps.Keys(lines.flags))...)
		}
		for _, flag := range s.flagsOf(command) {
			if !slices.Contains(known, flag) && !slices.Contains(flagsElsewhere, flag) {
				t.Errorf("%s: --%s is in no case here", command, flag)
			}
		}
		for flag, one := range c.flags {
			args := slices.Concat([]string{command}, strings.Fields(c.with), strings.Fields("--"+flag+one.value), []string{"--dry-run", "-o", "json"})
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "~", " ")
			}
			got := s.call(args...)
			if got.code != 0 {
				t.Errorf("dqoctl %s: code %d\n%s", strings.Join(args, " "), got.code, got.err)
				continue
			}
			var request struct {
				URL  string          `json:"url"`
				Body json.RawMessage `json:"body"`
			}
			if err := json.Unmarshal([]byte(got.out), &request); err != nil {
				t.Fatal(err)
			}
			if one.query != "" {
				if !strings.Contains(request.URL, one.query) {
					t.Errorf("%s --%s: %s lacks %s", command, flag, request.URL, one.query)
				}
				continue
			}
			body, err := decodeOne(string(request.Body))
			if err != nil {
				t.Fatal(err)
			}
			want, err := decodeOne(one.json)
			if err != nil {
				t.Fatal(err)
			}
			if found, _ := at(body, one.path); cmp.Diff(want, found) != "" {
				t.Errorf("%s --%s%s: %s is %v in %s", command, flag, one.value, one.path, found, request.Body)
			}
		}
	}
	if sent := s.sim.Requests(); len(sent) > 0 {
		t.Errorf("a dry run has sent %d requests", len(sent))
	}
}
