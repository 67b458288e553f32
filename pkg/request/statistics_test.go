package request_test

import (
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/request"
)

type statsBody = dqops.StatisticsCollectorSearchFilters

func TestCollectStatsBuild(t *testing.T) {
	testBuilds(t, []builds[statsBody]{
		{"all", "", request.CollectStats{All: true}, `{}`},
		{"all with an empty body", "{}", request.CollectStats{All: true}, `{}`},
		{"all enabled is no narrower", "enabled: true", request.CollectStats{All: true}, `{"enabled":true}`},
		{"every flag", "", request.CollectStats{
			Connection: new("sh*"), Table: new("public.orders*"), Columns: []string{"*_id", "name"}, Collector: new("nulls*"), CollectorCategory: new("nulls"),
			Sensor: new("column/*"), Target: new("column"), Labels: []string{"a", "b*"}, Schedule: new("0 12 * * *"), MaxResults: new(7),
		}, `{"connection":"sh*","fullTableName":"public.orders*","labels":["a","b*"],"maxResults":7,"columnNames":["*_id","name"],` +
			`"collectorName":"nulls*","sensorName":"column/*","collectorCategory":"nulls","target":"column","enabledCronScheduleExpression":"0 12 * * *"}`},
		{
			"file", "fullTableName: files.orders.csv\ncolumnNames: [id]\nmaxResults: 2\nprofilerHierarchyIdsModels: [{path: [connections, shop]}]",
			request.CollectStats{},
			`{"fullTableName":"files.orders.csv","maxResults":2,"columnNames":["id"],"profilerHierarchyIdsModels":[{"path":["connections","shop"]}]}`,
		},
		{
			"flags over the file", "{connection: '', columnNames: [], labels: [''], maxResults: -1, target: x, collectorName: c}",
			request.CollectStats{Connection: new("shop"), Columns: []string{"id"}, Labels: []string{"l"}, MaxResults: new(1), Target: new("table")},
			`{"connection":"shop","labels":["l"],"maxResults":1,"columnNames":["id"],"collectorName":"c","target":"table"}`,
		},
	})
}

func TestCollectStatsRefuses(t *testing.T) {
	const pattern = "; it knows *, start*, *end, *middle* and start*end"
	testRefusals(t, []refusal[statsBody]{
		{
			name: "nothing", flags: request.CollectStats{}, want: "this collection has no filter and would read every table on every connection",
			hint: "give a filter, such as --connection NAME, or --all",
		},
		{name: "empty body", body: "{}", flags: request.CollectStats{}, want: "this collection has no filter and would read every table on every connection"},
		{name: "only enabled", body: "enabled: true", flags: request.CollectStats{}, want: "this collection has no filter and would read every table on every connection"},
		{
			name: "all and more", body: "labels: [a]",
			flags: request.CollectStats{All: true, Connection: new("*"), Columns: []string{"id"}, Schedule: new("@daily"), MaxResults: new(1)},
			want:  "--all says every table on every connection, and these say less: --connection, --schedule, --column, labels (body.yaml:1:9), --max-results",
		},
		{name: "disabled", body: "{connection: shop, enabled: false}", flags: request.CollectStats{}, want: "body.yaml:1:29: enabled is false, and the server then finds no collector at all"},
		{name: "tags", body: "{tags: [a]}", flags: request.CollectStats{}, want: "body.yaml:1:2: tags never filters, the server does not look at it; labels do"},
		{
			name: "the server's own name", body: "collectorsHierarchyIdsModels: []", flags: request.CollectStats{},
			want: "body.yaml:1:1: collectorsHierarchyIdsModels is an unknown field in the body, did you mean profilerHierarchyIdsModels?",
		},
		{name: "no exact collectors", body: "profilerHierarchyIdsModels: []", flags: request.CollectStats{}, want: `body.yaml:1:29: profilerHierarchyIdsModels is an empty list; the server would take it as "all collectors"`},
		{
			name: "exact collector with a number", body: "profilerHierarchyIdsModels: [{path: [1]}]", flags: request.CollectStats{},
			want: `body.yaml:1:30: profilerHierarchyIdsModels[0] has a step in its path that is neither a text nor {schema_name: ..., table_name: ...}: "1"`,
		},
		{name: "empty connection", flags: request.CollectStats{Connection: new("")}, want: `--connection is empty; the server would take it as "all connections"`},
		{name: "empty table", flags: request.CollectStats{Table: new(" ")}, want: `--table is empty; the server would take it as "all tables"`},
		{name: "empty collector", flags: request.CollectStats{Collector: new("")}, want: `--collector is empty; the server would take it as "all collectors"`},
		{name: "empty category", flags: request.CollectStats{CollectorCategory: new("")}, want: `--collector-category is empty; the server would take it as "all categories"`},
		{name: "empty sensor", flags: request.CollectStats{Sensor: new("")}, want: `--sensor is empty; the server would take it as "all sensors"`},
		{name: "empty schedule", flags: request.CollectStats{Schedule: new("")}, want: `--schedule is empty; the server would take it as "all schedules"`},
		{name: "no column", flags: request.CollectStats{Columns: []string{}}, want: `--column is an empty list; the server would take it as "all columns"`},
		{name: "empty column", body: "columnNames: [a, '']", flags: request.CollectStats{}, want: `body.yaml:1:18: columnNames[1] is empty; the server would take it as "all columns"`},
		{name: "empty label", flags: request.CollectStats{Labels: []string{""}}, want: `--label is empty; the server would take it as "any labels"`},
		{name: "no pattern", flags: request.CollectStats{Columns: []string{"a*b*c"}}, want: `--column is no pattern of the server: "a*b*c"` + pattern},
		{name: "no collector pattern", flags: request.CollectStats{Collector: new("**")}, want: `--collector is no pattern of the server: "**"` + pattern},
		{name: "no table", flags: request.CollectStats{Table: new("public.")}, want: `--table has no table after the dot: "public."; the server would take it as "all tables", write "public.*" if that is meant`},
		{name: "target", flags: request.CollectStats{Target: new("Table")}, want: `--target is "Table", not one of table, column; did you mean table?`},
		{name: "max results", flags: request.CollectStats{MaxResults: new(0)}, want: "--max-results is 0, it takes a number from 1 to 2147483647"},
		{
			name: "huge", flags: request.CollectStats{Collector: new(strings.Repeat("*", 1<<20))},
			want: `--collector is no pattern of the server: "` + strings.Repeat("*", 60) + `..."` + pattern,
		},
		{
			name: "wrong names and forms", body: "{column: id, FullTableName: a.b, maxResults: 1.5, labels: a, target: yes}", flags: request.CollectStats{},
			want: "body.yaml:1:2: column is an unknown field in the body, did you mean columnNames?\n" +
				"body.yaml:1:14: FullTableName is an unknown field in the body, did you mean fullTableName?\n" +
				"body.yaml:1:46: maxResults takes a whole number in plain digits, not 1.5\n" +
				"body.yaml:1:59: labels takes a list, such as [a, b], not a text\n" +
				`body.yaml:1:70: target is "yes", not one of table, column`,
		},
	})
}
