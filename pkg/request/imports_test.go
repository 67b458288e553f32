package request_test

import (
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/request"
)

type importBody = dqops.ImportTablesQueueJobParameters

func TestImportTablesBuild(t *testing.T) {
	testBuilds(t, []builds[importBody]{
		{"least", "", request.ImportTables{Connection: new("shop"), Schema: new("public")}, `{"connectionName":"shop","schemaName":"public"}`},
		{
			"every flag", "",
			request.ImportTables{Connection: new("shop"), Schema: new("*"), Tables: []string{"orders.csv", "Orders.csv"}, Contains: new("rd"), Limit: new(1)},
			`{"connectionName":"shop","schemaName":"*","tableNameContains":"rd","tableNames":["orders.csv","Orders.csv"],"tablesImportLimit":1}`,
		},
		{
			"file", "connectionName: shop\nschemaName: pub*\ntableNames: [a, 007]\ntablesImportLimit: 2147483647\ntableNameContains: x",
			request.ImportTables{},
			`{"connectionName":"shop","schemaName":"pub*","tableNameContains":"x","tableNames":["a","007"],"tablesImportLimit":2147483647}`,
		},
		{
			"flags over the file", `{connectionName: "*", schemaName: "", tableNames: [], tableNameContains: "a*", tablesImportLimit: 0}`,
			request.ImportTables{Connection: new("shop"), Schema: new("a*"), Tables: []string{"t"}, Contains: new("b"), Limit: new(5)},
			`{"connectionName":"shop","schemaName":"a*","tableNameContains":"b","tableNames":["t"],"tablesImportLimit":5}`,
		},
		{
			"limit of the file, pattern of the flag", "connectionName: shop\nschemaName: public\ntablesImportLimit: 3",
			request.ImportTables{Schema: new("pub*")},
			`{"connectionName":"shop","schemaName":"pub*","tablesImportLimit":3}`,
		},
	})
}

func TestImportTablesRefuses(t *testing.T) {
	with := func(change func(*request.ImportTables)) request.ImportTables {
		f := request.ImportTables{Connection: new("shop"), Schema: new("public")}
		change(&f)
		return f
	}
	testRefusals(t, []refusal[importBody]{
		{
			name: "nothing", flags: request.ImportTables{}, want: "this import names no connection\nthis import names no schema",
			hint: "give --connection NAME; give --schema NAME, or --schema '*' for all schemas",
		},
		{name: "no connection", body: "schemaName: a", flags: request.ImportTables{Limit: nil}, want: "this import names no connection"},
		{name: "no schema", flags: request.ImportTables{Connection: new("shop")}, want: "this import names no schema"},
		{name: "empty connection", flags: with(func(f *request.ImportTables) { f.Connection = new("") }), want: "--connection is empty; it takes the exact name of a connection"},
		{name: "connection pattern", flags: with(func(f *request.ImportTables) { f.Connection = new("*") }), want: `--connection is compared exactly, * does not stand for anything there: "*"`},
		{name: "empty schema", body: "schemaName: ''", flags: with(func(f *request.ImportTables) { f.Schema = nil }), want: "body.yaml:1:13: schemaName is empty; it takes the name of a schema or a pattern, '*' for all schemas"},
		{
			name: "wrong pattern", flags: with(func(f *request.ImportTables) { f.Schema = new("a*b*") }),
			want: `--schema is no pattern of the server: "a*b*"; it knows *, start*, *end, *middle* and start*end`,
		},
		{
			name: "limit of one schema", flags: with(func(f *request.ImportTables) { f.Limit = new(10) }),
			want: `--limit is ignored by the server unless the schema is a pattern, and "public" is none`, hint: "leave it out, or name the tables",
		},
		{
			name: "limit of the file, schema of the flag", body: "tablesImportLimit: 3\nschemaName: '*'", flags: with(func(*request.ImportTables) {}),
			want: `body.yaml:1:20: tablesImportLimit is ignored by the server unless the schema is a pattern, and "public" is none`,
		},
		{name: "limit 0", flags: with(func(f *request.ImportTables) { f.Schema, f.Limit = new("*"), new(0) }), want: "--limit is 0, it takes a number from 1 to 2147483647"},
		{name: "limit too large", flags: with(func(f *request.ImportTables) { f.Schema, f.Limit = new("*"), new(1<<31) }), want: "--limit is 2147483648, it takes a number from 1 to 2147483647"},
		{name: "limit below 0 of one schema", body: "tablesImportLimit: -1", flags: with(func(f *request.ImportTables) { f.Schema = new("*") }), want: "body.yaml:1:20: tablesImportLimit is -1, it takes a number from 1 to 2147483647"},
		{name: "no tables", flags: with(func(f *request.ImportTables) { f.Tables = []string{} }), want: "--table is an empty list"},
		{name: "no tables in a file", body: "tableNames: []", flags: with(func(*request.ImportTables) {}), want: "body.yaml:1:13: tableNames is an empty list"},
		{name: "empty table", flags: with(func(f *request.ImportTables) { f.Tables = []string{"a", ""} }), want: "--table is empty; it takes the exact name of a table, without its schema"},
		{name: "table pattern", body: "tableNames: [a, 'b*']", flags: with(func(*request.ImportTables) {}), want: `body.yaml:1:17: tableNames[1] is compared exactly, * does not stand for anything there: "b*"`},
		{name: "table twice", flags: with(func(f *request.ImportTables) { f.Tables = []string{"a", "b", "a"} }), want: `--table names "a" twice`},
		{name: "empty part", flags: with(func(f *request.ImportTables) { f.Contains = new("") }), want: `--contains is empty; the server would take it as "all tables"`},
		{name: "pattern as part", flags: with(func(f *request.ImportTables) { f.Contains = new("*rd*") }), want: `--contains is a part of the name as it is written, * does not stand for anything there: "*rd*"`},
		{name: "control", flags: with(func(f *request.ImportTables) { f.Tables = []string{"a\r"} }), want: `--table has a line break or another control character in it: "a\r"`},
		{
			name: "huge", flags: with(func(f *request.ImportTables) { f.Connection = new(strings.Repeat("*", 1<<20)) }),
			want: `--connection is compared exactly, * does not stand for anything there: "` + strings.Repeat("*", 60) + `..."`,
		},
		{
			name: "misspelt", body: "{connection: shop, schema_name: a, tablenames: [x], limit: 3}", flags: request.ImportTables{},
			want: "body.yaml:1:2: connection is an unknown field in the body, did you mean connectionName?\n" +
				"body.yaml:1:20: schema_name is an unknown field in the body, did you mean schemaName?\n" +
				"body.yaml:1:36: tablenames is an unknown field in the body, did you mean tableNames?\n" +
				"body.yaml:1:53: limit is an unknown field in the body, did you mean tablesImportLimit?",
		},
		{
			name: "wrong forms", body: "{connectionName: {}, schemaName: 'a', tableNames: t, tablesImportLimit: '3'}", flags: request.ImportTables{},
			want: "body.yaml:1:18: connectionName takes a text, not an object\n" +
				"body.yaml:1:51: tableNames takes a list, such as [a, b], not a text\n" +
				"body.yaml:1:73: tablesImportLimit takes a whole number in plain digits, not the text \"3\"",
		},
	})
}
