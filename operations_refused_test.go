package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// refusal is one wrong command line: nothing may be sent, and the message must
// tell what is wrong.
type refusal struct {
	line    string // ~ is a blank within a word, '' an empty word, FILE the body's file
	message string // a pattern
	body    string
}

// hugeID is longer than the line of a request may be (wire 1).
var hugeID = strings.Repeat("x", 4000)

// huge is more than a server takes (wire L7).
var huge = "connection: " + strings.Repeat("x", 10<<20)

var refusals = map[string][]refusal{
	"run-checks": {
		{"", `no filter and would execute every check on every connection`, ""},
		{"-c x --all", `--all says every check on every connection, and these say less: --connection`, ""},
		{"-c ''", `--connection is empty`, ""},
		{"-c ~", `--connection is empty`, ""},
		{"-c x -t a.b -t ''", `--table is empty`, ""},
		{"-c x -t a.b -t a.b", `a\.b`, ""},
		{"-c x -t a.b -t c.d --key k", `--key with several --table`, ""},
		{"-c a*b*c", `\*`, ""},
		{"-c x --check-type Monitoring", `did you mean monitoring`, ""},
		{"-c x --execution-target ONLY_SENSORS", `--execution-target is "[^"]*", not one of sensors_and_rules, only_sensors, only_rules`, ""},
		{"-c x --execution-target only_sensors", `evaluates no rules .* cannot be a gate`, ""},
		{"-c x --from 2026-13-01 --to 2026-12-01", `--from is no day of the calendar`, ""},
		{"-c x --from 01.12.2026 --to 2026-12-01", `--from takes`, ""},
		{"-c x --max-results 2147483648", `--max-results`, ""},
		{"-c x --max-results 99999999999999999999", `not a whole number`, ""},
		{"-c x --recent-days 0x10", `not a whole number`, ""},
		{"-c x --include-today", `--include-today needs --recent-days`, ""},
		{"-c x -t a.b --only-disabled", `--only-disabled`, ""},
		{"-f FILE", `check_search_filters`, "checkSearchFilters: {connection: x}"},
		{"-f FILE", `fullTableName`, "check_search_filters: {full_table_name: a.b}"},
		{"-f FILE", `more than|too large`, huge},
	},
	"collect-stats": {
		{"", `this collection has no filter and would read every table on every connection`, ""},
		{"--all -c x", `--all says every table on every connection, and these say less: --connection`, ""},
		{"--all --column x", `these say less: --column`, ""},
		{"-c ''", `--connection is empty; the server would take it as "all connections"`, ""},
		{"-c x --column ''", `--column is empty`, ""},
		{"-c x --label ''", `--label is empty`, ""},
		{"-c x --scope ''", `--scope`, ""},
		{"-c x --scope data-group", `--scope is "data-group", not one of table, data_group; did you mean data_group`, ""},
		{"-c x --scope Table", `--scope is "Table", not one of table, data_group; did you mean table`, ""},
		{"-c x --target Column", `--target is "Column", not one of table, column; did you mean column`, ""},
		{"-c x --colum y", `unknown flag: --colum`, ""},
		{"-c x --collecter y", `did you mean --collector`, ""},
		{"-c x --samples-limit -1", `--samples-limit -1 is out of range`, ""},
		{"-c x --samples-limit 2147483648", `--samples-limit 2147483648 is out of range`, ""},
		{"-c x --samples-limit 1.5", `"1\.5" is not a whole number`, ""},
		{"-c x --samples-limit ''", `"" is not a whole number`, ""},
		{"-c x --configure-table=yes", `"yes" is neither true nor false`, ""},
		{"-c x --max-results 0", `--max-results is 0`, ""},
		{"-c a*b*c", `--connection`, ""},
		{"-c x --schedule ''", `--schedule is empty`, ""},
		{"-c x y", `it takes no arguments, and "y" is one`, ""},
		{"-c x --wait --no-wait", `--wait and --no-wait contradict each other`, ""},
		{"-c x --key 123", `--key 123 is a number`, ""},
		{"-c x --key ''", `--key is empty`, ""},
		{"-f ''", `--file is empty`, ""},
		{"-f FILE", `"?full_table_name"?: unknown field.*did you mean fullTableName|full_table_name`, "full_table_name: a.b"},
		{"-f FILE", `collectorsHierarchyIdsModels.*profilerHierarchyIdsModels`, "collectorsHierarchyIdsModels: []"},
		{"-f FILE", `enabled .*is false, and the server then finds no collector at all`, "{connection: x, enabled: false}"},
		{"-f FILE", `tags`, "{connection: x, tags: [a]}"},
		{"-f FILE", `columnNames`, "{connection: x, columnNames: amount}"},
		{"-f FILE", `is empty`, ""},
		{"-f FILE", `neither YAML nor JSON`, "{connection: x"},
		{"-f FILE", `an object with fields, not a list`, "[]"},
		{"-f FILE", `too large`, huge},
	},
	"collect-error-samples": {
		{"", `this collection has no filter, and the server fails such a job`, ""},
		{"--scope table", `has no filter`, ""},
		{"--where x", `has no filter`, ""},
		{"-c ''", `--connection is empty`, ""},
		{"-t ''", `--table is empty`, ""},
		{"-c x --scope rows", `--scope is "rows", not one of table, data_group`, ""},
		{"-c x --scope TABLE", `--scope is "TABLE", not one of table, data_group; did you mean table`, ""},
		{"-c x --chek y", `did you mean --check`, ""},
		{"-c x --from 2026-11-01 --to 2026-11-02T00:00", `--to is a date-time without offset, and --from is a date`, ""},
		{"-c x --from 2026-11-02 --to 2026-11-01", `--to`, ""},
		{"-c x --include-current-month", `--include-current-month needs --recent-months`, ""},
		{"-c x --all", `unknown flag: --all`, ""},
		{"-c x y", `it takes no arguments`, ""},
		{"-f FILE", `has no filter`, "data_scope: table"},
		{"-f FILE", `dataScope.*data_scope`, "{check_search_filters: {connection: x}, dataScope: table}"},
		{"-f FILE", `error_sampler_result.*filled in by the server`, "{check_search_filters: {connection: x}, error_sampler_result: {}}"},
		{"-f FILE", `too large`, huge},
	},
	"import-tables": {
		{"", `this import names no connection`, ""},
		{"", `this import names no schema`, ""},
		{"-c x", `names no schema`, ""},
		{"--schema y", `names no connection`, ""},
		{"-c '' --schema y", `--connection is empty`, ""},
		{"-c x --schema ''", `--schema is empty`, ""},
		{"-c x* --schema y", `--connection .*\*`, ""},
		{"-c x --schema y -t ''", `--table is empty`, ""},
		{"-c x --schema y -t a*", `--table`, ""},
		{"-c x --schema y -t a -t a", `--table names "a" twice`, ""},
		{"-c x --schema y --contains a*", `--contains is a part of the name as it is written`, ""},
		{"-c x --schema y --contains ''", `--contains is empty`, ""},
		{"-c x --schema y --limit 10", `--limit is ignored by the server unless the schema is a pattern, and "y" is none`, ""},
		{"-c x --schema y* --limit 0", `--limit is 0`, ""},
		{"-c x --schema y* --limit -5", `--limit is -5`, ""},
		{"-c x --schema y* --limit 3000000000", `--limit`, ""},
		{"-c x --schema a*b*c", `--schema`, ""},
		{"-c x --schema y --tables a", `did you mean --table`, ""},
		{"-c x --schema y --key 007", `--key 007 is a number`, ""},
		{"-c x --schema y --timeout soon", `--timeout: "soon" is not a duration`, ""},
		{"-f FILE", `connection is an unknown field in the body, did you mean connectionName`, "{connection: x, schemaName: y}"},
		{"-f FILE", `schema_name.*schemaName`, "{connectionName: x, schema_name: y}"},
		{"-f FILE", `tableNames .*is empty|tableNames`, "{connectionName: x, schemaName: y, tableNames: []}"},
		{"-f FILE", `tablesImportLimit`, "{connectionName: x, schemaName: y, tablesImportLimit: 9}"},
		{"-f FILE", `too large`, huge},
	},
	"delete-data": {
		{"--yes", `does not say what to delete`, ""},
		{"--yes", `names no connection`, ""},
		{"--yes", `names no table and would take every table of the connection`, ""},
		{"--yes", `names no dates and would take the whole history`, ""},
		{"-c shop -t a.b --all-dates --what errors", `no terminal to confirm it on`, ""},
		{"-c shop -t a.b --all-dates --what errors --no-input", `no terminal to confirm it on`, ""},
		{"-c sh* -t a.b --all-dates --what errors --yes", `--connection`, ""},
		{"-c '' -t a.b --all-dates --what errors --yes", `--connection is empty`, ""},
		{"-c shop -t '' --all-dates --what errors --yes", `--table is empty`, ""},
		{"-c shop -t a.b --all-tables --all-dates --what errors --yes", `--all-tables says every table of the connection, and this says less: --table`, ""},
		{"-c shop -t a.b --all-dates --from 2026-11-01 --what errors --yes", `--all-dates says the whole history, and this says less: --from`, ""},
		{"-c shop -t a.b --from 2026-11-02 --through 2026-11-01 --what errors --yes", `--through is before --from`, ""},
		{"-c shop -t a.b --from 2026-11-02T00:00:00 --what errors --yes", `--from takes a day`, ""},
		{"-c shop -t a.b --from 2026-2-3 --what errors --yes", `--from takes a day, such as 2006-01-02, not "2026-2-3"`, ""},
		{"-c shop -t a.b --through 2026-02-29 --what errors --yes", `--through is no day of the calendar`, ""},
		{"-c shop -t a.b --all-dates --what error --yes", `--what is "[^"]*", not one of .*; did you mean errors`, ""},
		{"-c shop -t a.b --all-dates --what checkResults --yes", `--what is "[^"]*", not one of .*; did you mean check-results`, ""},
		{"-c shop -t a.b --all-dates --what Errors --yes", `--what is "[^"]*", not one of .*; did you mean errors`, ""},
		{"-c shop -t a.b --all-dates --what '' --yes", `--what`, ""},
		{"-c shop -t a.b --all-dates --what errors,,statistics --yes", `--what`, ""},
		{"-c shop -t a.b --all-dates --what statistics --check x --yes", `--check does not reach statistics: the server would delete more than asked`, ""},
		{"-c shop -t a.b --all-dates --what errors --data-group x --yes", `--data-group does not reach errors`, ""},
		{"-c shop -t a.b --all-dates --what check-results,error-samples --time-gradient day --yes", `--time-gradient does not reach error-samples`, ""},
		{"-c shop -t a.b --all-dates --what incidents --column x --yes", `--column does not reach incidents: the server would delete none and not say so`, ""},
		{"-c shop -t a.b --all-dates --what all-data --collector x --yes", `--collector does not reach errors, check-results, sensor-readouts, error-samples`, ""},
		{"-c shop -t a.b --from 2026-11-01 --what checks-configuration --yes", `--from does not reach checks-configuration`, ""},
		{"-c shop -t a.* --all-dates --what checks-configuration --yes", `one plain schema\.table for checks-configuration`, ""},
		{"-c shop -t orders --all-dates --what checks-configuration --yes", `one plain schema\.table for checks-configuration`, ""},
		{"-c shop -t a.b --all-dates --what checks-configuration --require-rows --yes", `--require-rows`, ""},
		{"-c shop -t a.b --all-dates --what errors --check a* --yes", `--check`, ""},
		{"-c shop -t a.b --all-dates --what errors --column '' --yes", `--column is empty`, ""},
		{"-c shop -t a.b --all-dates --what errors --check-type Daily --yes", `--check-type is "[^"]*", not one of profiling, monitoring, partitioned`, ""},
		{"-c shop -t a.b --all-dates --what incidents --incident-status Open --yes", `--incident-status is "[^"]*", not one of .*; did you mean open`, ""},
		{"-c shop -t a.b --all-dates --what statistics --collector-target tables --yes", `--collector-target is "[^"]*", not one of table, column`, ""},
		{"-c shop -t a.b --all-dates --what errors --require-rows --no-wait --yes", `--require-rows and --no-wait contradict each other`, ""},
		{"-c shop -t a.b --all-dates --what errors --to 2026-11-01 --yes", `unknown flag: --to`, ""},
		{"-c shop -t a.b --all-dates --what errors --yes x", `it takes no arguments`, ""},
		{"-f FILE --yes", `full_table_name.*fullTableName`, "{connection: shop, full_table_name: a.b, dateStart: 2026-11-01, deleteErrors: true}"},
		{"-f FILE --yes", `datestart.*dateStart`, "{connection: shop, fullTableName: a.b, datestart: 2026-11-01, deleteErrors: true}"},
		{"-f FILE --yes", `delete_errors.*deleteErrors`, "{connection: shop, fullTableName: a.b, dateStart: 2026-11-01, delete_errors: true}"},
		{"-f FILE --yes", `does not say what to delete`, "{connection: shop, fullTableName: a.b, dateStart: 2026-11-01, deleteErrors: false}"},
		{"-f FILE --yes", `names no table`, "{connection: shop, dateStart: 2026-11-01, deleteErrors: true}"},
		{"-f FILE --yes", `names no dates`, "{connection: shop, fullTableName: a.b, deleteErrors: true}"},
		{"-f FILE --yes", `dataGroupTag .*does not reach errors`, "{connection: shop, fullTableName: a.b, dateStart: 2026-11-01, deleteErrors: true, dataGroupTag: x}"},
		{"-f FILE --yes --what statistics", `checkName .*does not reach statistics`, "{connection: shop, fullTableName: a.b, dateStart: 2026-11-01, deleteErrors: true, checkName: x}"},
		{"-f FILE --yes", `deleteErrors`, "{connection: shop, fullTableName: a.b, dateStart: 2026-11-01, deleteErrors: yes please}"},
		{"-f FILE --yes", `too large`, huge},
	},
	"sync": {
		{"", `names no folder and would do nothing`, ""},
		{"--all sources", `--all says every folder, and these say less: sources`, ""},
		{"source", `did you mean sources`, ""},
		{"Sources", `did you mean sources`, ""},
		{"dataCheckResults", `did you mean data-check-results`, ""},
		{"data_check_results", `did you mean data-check-results`, ""},
		{"''", `the folder is ""|the folder is empty`, ""},
		{"sources --direction up", `--direction is "[^"]*", not one of full, download, upload`, ""},
		{"sources --direction Full", `--direction is "[^"]*", not one of .*; did you mean full`, ""},
		{"sources --direction ''", `--direction is "[^"]*", not one of full, download, upload`, ""},
		{"sources --with-local-changes=1", `"1" is neither true nor false`, ""},
		{"sources --fail-on never", `unknown flag: --fail-on`, ""},
		{"-f FILE", `names no folder`, "direction: upload"},
		{"-f FILE --all", `--all says every folder, and these say less: sources`, "sources: true"},
		{"-f FILE", `data-check-results.*dataCheckResults`, "data-check-results: true"},
		{"-f FILE", `too large`, huge},
	},
	"scheduler start":  {{"now", `it takes no arguments, and "now" is one`, ""}, {"-o id", `there is no form id of its result`, ""}, {"-o csv", `there is no form csv of its result`, ""}, {"--columns x", `--columns is for lists, and this prints none`, ""}, {"--wait", `unknown flag: --wait`, ""}},
	"scheduler stop":   {{"now", `it takes no arguments, and "now" is one`, ""}, {"-o id", `there is no form id of its result`, ""}, {"--force", `unknown flag: --force`, ""}},
	"scheduler status": {{"now", `it takes no arguments, and "now" is one`, ""}, {"-o id", `there is no form id of its result`, ""}, {"--server ftp://x", `does not start with http`, ""}},
	"scheduler":        {{"strat", `did you mean "start"`, ""}, {"''", `unknown command ""`, ""}},
	"checks status": {
		{"", `--connection is required`, ""},
		{"-c ''", `--connection is empty`, ""},
		{"-c sh*", `wildcards are not possible here`, ""},
		{"-c x -t ''", `--table is empty`, ""},
		{"-c x -t a*b*c", `--table`, ""},
		{"-c x --check-type Monitoring", `did you mean monitoring`, ""},
		{"-c x --time-scale day", `--time-scale is "[^"]*", not one of daily, monthly`, ""},
		{"-c x --from 2026-11-01 --to 2026-11-02T00:00", `--to is a date-time without offset, and --from is a date`, ""},
		{"-c x --from 2026-02-30", `--from is no day of the calendar`, ""},
		{"-c x --since yesterday", `--since "yesterday" is neither a duration nor a time`, ""},
		{"-c x --since ''", `--since`, ""},
		{"-c x --label a", `unknown flag: --label`, ""},
		{"-c x --judge run", `nothing is run here`, ""},
		{"-c x --fail-on Fatal", `--fail-on`, ""},
		{"-c x --timeout soon", `--timeout: "soon" is not a duration`, ""},
		{"-c x -o id", `has no ids|no form id`, ""},
		{"-c x y", `it takes no arguments, and "y" is one`, ""},
	},
	"checks": {{"statis", `did you mean "status"`, ""}},
	"demo": {
		{"fast", `it takes no arguments`, ""},
		{"--listen x", `unknown flag: --listen`, ""},
		{"-o csv", `there is no form csv of its result`, ""},
		{"--columns x", `--columns is for lists, and this prints none`, ""},
	},
	"version": {
		{"1", `it takes no arguments`, ""},
		{"-o csv", `there is no form csv of its result`, ""},
		{"--columns version", `--columns is for lists, and this prints none`, ""},
		{"--no-headers", `--no-headers is for lists, and this prints none`, ""},
	},
	"doctor": {
		{"now", `it takes no arguments, and "now" is one`, ""},
		{"--wait-ready soon", `--wait-ready: "soon" is not a duration`, ""},
		{"--wait-ready ''", `--wait-ready`, ""},
		{"--wait-redy 5m", `did you mean --wait-ready`, ""},
		{"-o csv", `there is no form csv of its result`, ""},
		{"--columns name", `--columns is for lists, and this prints none`, ""},
		{"--server localhost", `does not start with http`, ""},
		{"--connect-timeout 10m0", `--connect-timeout`, ""},
		{"--timeout 5", `unknown flag: --timeout`, ""},
	},
	"simulator": {
		{"now", `it takes no arguments, and "now" is one`, ""},
		{"--listen ''", `--listen is empty`, ""},
		{"--listen localhost", `listen on localhost: .*missing port`, ""},
		{"--scenario ''", `--scenario is empty`, ""},
		{"--scenario FILE", `the scenario .* cannot be used: (?s:.*)field nme not found`, "connections: [{nme: x}]"},
		{"--scenario FILE", `the scenario .* cannot be used`, "connections: {"},
		{"--faults ''", `--faults is empty`, ""},
		{"--faults FILE", `faults`, "fualts: []"},
		{"--scenarios x", `did you mean --scenario`, ""},
		{"-o csv", `there is no form csv of its result`, ""},
		{"--no-headers", `--no-headers is for lists, and this prints none`, ""},
	},
	"completion": {
		{"tcsh", `unknown command "tcsh" for "dqoctl completion"`, ""},
		{"Bash", `did you mean "bash"|the commands are: bash`, ""},
		{"bash zsh", `it takes no arguments, and "zsh" is one`, ""},
		{"fish --no-description", `unknown flag: --no-description`, ""},
	},
	"help": {
		{"environmnt", `did you mean: dqoctl help environment`, ""},
		{"nosuch", `unknown command "nosuch" for "dqoctl"`, ""},
		{"jobs nosuch", `unknown command "nosuch" for "dqoctl jobs"`, ""},
	},
	"config": {{"veiw", `did you mean "view"`, ""}},
	"config path": {
		{"x", `it takes no arguments`, ""},
		{"-o csv", `there is no form csv of its result`, ""},
		{"--columns x", `--columns is for lists, and this prints none`, ""},
	},
	"config view": {
		{"x", `it takes no arguments`, ""},
		{"-o id", `there is no form id of its result`, ""},
		{"--fail-on Eror", `--fail-on is "[^"]*", not one of .*; did you mean error`, ""},
		{"--timeout soon", `"soon" is not a duration`, ""},
		{"--columns nosuch", `--columns is "nosuch", not one of setting, value, source`, ""},
		{"--columns source,valeu", `did you mean value`, ""},
	},
	"config set": {
		{"server", `it takes KEY VALUE, and 1 argument is given`, ""},
		{"server ''", `server`, ""},
		{"sever x", `there is no setting "sever"`, ""},
		{"Server http://x.test", `did you mean "server"`, ""},
		{"server localhost", `"localhost" does not start with http`, ""},
		{"timeout soon", `"soon" is not a duration`, ""},
		{"quiet yes", `"yes" is neither true nor false`, ""},
		{"token x", `dqoctl config login puts it into a file of its own`, ""},
		{"--profile Prod server http://x.test", `only lower case letters`, ""},
		{"server http://x.test --no-headers", `--no-headers is for lists, and this prints none`, ""},
	},
	"config use-profile": {
		{"", `it takes NAME, and 0 arguments are given`, ""},
		{"''", `profile`, ""},
		{"nosuch", `nosuch`, ""},
		{"a b", `it takes NAME, and 2 arguments are given`, ""},
	},
	"config login": {
		{"x", `it takes no arguments`, ""},
		{"--server localhost", `does not start with http`, ""},
		{"--tokn-file x", `did you mean --token-file`, ""},
		{"-o csv", `there is no form csv of its result`, ""},
		{"", `token`, ""},
	},
	"jobs list": {
		{"x", `it takes no arguments`, ""},
		{"--status done", `--status is "done", not one of queued, .*`, ""},
		{"--status Finished", `did you mean finished`, ""},
		{"--type run-checks", `did you mean run_checks`, ""},
		{"--limit 0", `--limit must be 1 or more`, ""},
		{"--since yesterday", `--since`, ""},
		{"--status ''", `--status is empty`, ""},
		{"--sort name", `--sort is "name", not one of id, .*`, ""},
		{"--columns nosuch", `--columns is "nosuch", not one of job, key, .*`, ""},
		{"--columns jobb", `did you mean job`, ""},
		{"--columns job -o jsonl", `--columns: there are no columns with -o jsonl`, ""},
		{"--no-headers -o id", `--no-headers: there are no columns with -o id`, ""},
		{"--color alway", `--color is "alway", not one of auto, always, never; did you mean always`, ""},
	},
	"jobs get": {
		{"", `give the ID of a job`, ""},
		{"a b", `it takes ID, and 2 arguments are given`, ""},
		{"''", `an ID is empty`, ""},
		{hugeID, `an ID is too long`, ""},
		{"1 --exit-statu", `did you mean --exit-status`, ""},
		{"1 --exit-status --fail-on Error", `did you mean error`, ""},
		{"1 --fail-on error", `--exit-status`, ""},
		{"1 -o csv", `there is no form csv of its result`, ""},
	},
	"jobs wait": {
		{"", `give the ID of a job`, ""},
		{"''", `an ID is empty`, ""},
		{"1 " + hugeID, `an ID is too long`, ""},
		{"1 --timeout -1", `--timeout`, ""},
		{"1 --timout 1", `did you mean --timeout`, ""},
		{"1 --judge Run", `did you mean run`, ""},
		{"1 -o jsonl", `there is no form jsonl of its result`, ""},
	},
	"jobs watch": {
		{"''", `an ID is empty`, ""},
		{hugeID, `an ID is too long`, ""},
		{"--retry-budget x", `--retry-budget`, ""},
		{"--retry-bugdet 1", `did you mean --retry-budget`, ""},
	},
	"jobs cancel": {
		{"", `give the ID of a job`, ""},
		{"1 ''", `an ID is empty`, ""},
		{hugeID, `an ID is too long`, ""},
		{"1 --timeout x", `--timeout`, ""},
		{"1 --childen", `did you mean --children`, ""},
		{"1 -o csv", `there is no form csv of its result`, ""},
	},
	"jobs resume": {
		{"x", `it takes no arguments`, ""},
		{"--fail-on Error", `did you mean error`, ""},
		{"--timeout ''", `--timeout`, ""},
		{"--any", `unknown flag: --any`, ""},
		{"--judge server", `--judge is "[^"]*", not one of standing, exact, run`, ""},
	},
	"jobs": {{"lst", `did you mean "list"`, ""}, {"bogus", `unknown command "bogus" for "dqoctl jobs"`, ""}},
}

// TestRefusals gives every command what it must not take.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range tree() {
		name := strings.Join(c.words, " ")
		if _, refused := refusals[name]; !refused && name != "" && !strings.HasPrefix(name, "completion ") {
			t.Errorf("nothing is said of what dqoctl %s must not take", name)
		}
	}
	parts := map[string]func(*testing.T){}
	for command, rows := range refusals {
		parts[command] = func(t *testing.T) {
			s := newStation(t, warehouse(t))
			for _, row := range rows {
				s.refused(command, row)
			}
			if more := s.sim.Requests(); len(more) > 0 {
				t.Errorf("%d requests were sent, the first is %s %s", len(more), more[0].Method, more[0].Path)
			}
		}
	}
	alongside(t, parts)
}

func (s *station) refused(command string, row refusal) {
	s.Helper()
	args := strings.Fields(command)
	for word := range strings.FieldsSeq(row.line) {
		switch word = strings.ReplaceAll(word, "~", " "); word {
		case "''":
			word = ""
		case "FILE":
			word = s.file("body.yaml", row.body)
		}
		args = append(args, word)
	}
	got := s.call(args...)
	if got.code != 64 {
		s.Errorf("dqoctl %s %s: code %d, want 64\n%s%s", command, row.line, got.code, got.out, got.err)
	}
	if got.out != "" {
		s.Errorf("dqoctl %s %s wrote a result:\n%s", command, row.line, got.out)
	}
	if !regexp.MustCompile(row.message).MatchString(got.err) || !strings.HasPrefix(got.err, "dqoctl: ") {
		text := strings.ReplaceAll(got.err, filepath.Dir(s.home), "")
		s.Errorf("dqoctl %s %s does not say %s:\n%s", command, row.line, row.message, text[:min(len(text), 600)])
	}
}
