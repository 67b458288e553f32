package request_test

import (
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/request"
)

type samplesBody = dqops.CollectErrorSamplesParameters

func TestCollectErrorSamplesBuild(t *testing.T) {
	testBuilds(t, []builds[samplesBody]{
		{"filter", "", request.CollectErrorSamples{Filters: request.CheckFilters{Connection: new("*")}}, `{"check_search_filters":{"connection":"*"}}`},
		{
			"every part", "",
			request.CollectErrorSamples{
				Filters: request.CheckFilters{Check: new("daily_*"), Nullable: new(false)}, Window: request.TimeWindow{RecentDays: new(3)}, Scope: new("data_group"),
			},
			`{"check_search_filters":{"columnNullable":false,"checkName":"daily_*"},"time_window_filter":{"daily_partitioning_recent_days":3},"data_scope":"data_group"}`,
		},
		{
			"file", "check_search_filters: {connection: shop}\ntime_window_filter: {from_date: 2024-02-03}\ndata_scope: table\ndummy_sensor_execution: true",
			request.CollectErrorSamples{},
			`{"check_search_filters":{"connection":"shop"},"time_window_filter":{"from_date":"2024-02-03"},"data_scope":"table","dummy_sensor_execution":true}`,
		},
		{
			"flags over the file", "check_search_filters: {connection: '', column: c}\ndata_scope: x",
			request.CollectErrorSamples{Filters: request.CheckFilters{Connection: new("shop")}, Scope: new("table")},
			`{"check_search_filters":{"connection":"shop","column":"c"},"data_scope":"table"}`,
		},
	})
}

func TestCollectErrorSamplesRefuses(t *testing.T) {
	const nothing = "this collection has no filter, and the server fails such a job"
	shop := request.CheckFilters{Connection: new("shop")}
	testRefusals(t, []refusal[samplesBody]{
		{name: "nothing", flags: request.CollectErrorSamples{}, want: nothing, hint: "give a filter, such as --connection NAME; '*' is all connections"},
		{name: "empty filters", body: "check_search_filters: {}", flags: request.CollectErrorSamples{}, want: nothing},
		{name: "only enabled", body: "check_search_filters: {enabled: true}", flags: request.CollectErrorSamples{}, want: nothing},
		{name: "only a window", flags: request.CollectErrorSamples{Window: request.TimeWindow{RecentDays: new(1)}}, want: nothing},
		{name: "only a scope", flags: request.CollectErrorSamples{Scope: new("table")}, want: nothing},
		{name: "null filters", body: "check_search_filters: null", flags: request.CollectErrorSamples{}, want: "body.yaml:1:23: check_search_filters has no value; leave it out or give it one"},
		{name: "scope", flags: request.CollectErrorSamples{Filters: shop, Scope: new("data-group")}, want: `--scope is "data-group", not one of table, data_group; did you mean data_group?`},
		{name: "empty scope", body: "data_scope: ''", flags: request.CollectErrorSamples{Filters: shop}, want: `body.yaml:1:13: data_scope is "", not one of table, data_group`},
		{name: "empty filter", flags: request.CollectErrorSamples{Filters: request.CheckFilters{Table: new("")}}, want: `--table is empty; the server would take it as "all tables"`},
		{
			name: "window", flags: request.CollectErrorSamples{Filters: shop, Window: request.TimeWindow{IncludeToday: new(true)}},
			want: "--include-today needs --recent-days beside it: alone it would lift the time window that the tables are configured with",
		},
		{
			name: "wrong fields", body: "{check_search_filters: {tags: [a]}, error_sampler_result: {}, dataScope: table, collect_error_samples: true}", flags: request.CollectErrorSamples{},
			want: "body.yaml:1:25: tags never filters, the server does not look at it; labels do\n" +
				"body.yaml:1:37: error_sampler_result is filled in by the server and cannot be given\n" +
				"body.yaml:1:63: dataScope is an unknown field in the body, did you mean data_scope?\n" +
				"body.yaml:1:81: collect_error_samples is an unknown field in the body; it has check_search_filters, time_window_filter, data_scope, dummy_sensor_execution",
		},
	})
}
