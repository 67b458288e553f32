package request_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/request"
)

func buildEach(t *testing.T, body string, flags request.RunChecks, tables []string) ([]string, error) {
	t.Helper()
	encoded, err := buildJSON(t, body, func(file *request.File) ([]dqops.RunChecksParameters, error) { return flags.BuildEach(file, tables) })
	if err != nil {
		return nil, err
	}
	var bodies []json.RawMessage
	if err := json.Unmarshal([]byte(encoded), &bodies); err != nil {
		t.Fatal(err)
	}
	var each []string
	for _, body := range bodies {
		each = append(each, string(body))
	}
	return each, nil
}

func TestRunChecksBuildEach(t *testing.T) {
	shop := filters(request.CheckFilters{Connection: new("shop")})
	tests := []struct {
		name   string
		body   string
		flags  request.RunChecks
		tables []string
		want   []string
	}{
		{"none", "", shop, nil, []string{`{"check_search_filters":{"connection":"shop"}}`}},
		{"one", "", request.RunChecks{}, []string{"a.b"}, []string{`{"check_search_filters":{"fullTableName":"a.b"}}`}},
		{"several", "", shop, []string{"a.c", "a.b", "orders"}, []string{
			`{"check_search_filters":{"connection":"shop","fullTableName":"a.c"}}`,
			`{"check_search_filters":{"connection":"shop","fullTableName":"a.b"}}`,
			`{"check_search_filters":{"connection":"shop","fullTableName":"orders"}}`,
		}},
		{
			"over the file", "check_search_filters: {fullTableName: '', column: c}\ntime_window_filter: {from_date: 2024-02-03}",
			filters(request.CheckFilters{Table: new("x.y")}),
			[]string{"a.b", "a.c"},
			[]string{
				`{"check_search_filters":{"fullTableName":"a.b","column":"c"},"time_window_filter":{"from_date":"2024-02-03"}}`,
				`{"check_search_filters":{"fullTableName":"a.c","column":"c"},"time_window_filter":{"from_date":"2024-02-03"}}`,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := buildEach(t, tt.body, tt.flags, tt.tables)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRunChecksBuildEachRefuses(t *testing.T) {
	tests := []struct {
		name   string
		body   string
		flags  request.RunChecks
		tables []string
		want   string
	}{
		{"none and no filter", "", request.RunChecks{}, nil, "this run has no filter and would execute every check on every connection"},
		{"twice", "", request.RunChecks{}, []string{"a.b", "a.c", "a.b"}, `--table names "a.b" twice`},
		{"twice in another case", "", request.RunChecks{}, []string{"a.b", "A.B"}, `--table names one table twice: "A.B" is "a.b" to the server`},
		{"twice in quotes", "", request.RunChecks{}, []string{"*.b", "[b]"}, `--table names one table twice: "[b]" is "*.b" to the server`},
		{"one is empty", "", request.RunChecks{}, []string{"a.b", ""}, `--table is empty; the server would take it as "all tables"`},
		{
			"two are wrong", "",
			request.RunChecks{},
			[]string{"a.", "a.b", ".a"},
			`--table has no table after the dot: "a."; the server would take it as "all tables", write "a.*" if that is meant` + "\n" +
				`--table has no schema before the dot: ".a"; the server would take it as "all schemas", write "*.a" if that is meant`,
		},
		{
			"what they share is said once", "check_search_filters: {enabled: false, colum: c}",
			filters(request.CheckFilters{CheckType: new("x")}),
			[]string{"a.b", "a.c"},
			"body.yaml:1:33: enabled selects disabled items only, and beside --table the server then finds nothing\n" +
				"body.yaml:1:40: colum is an unknown field in check_search_filters, did you mean column?\n" +
				`--check-type is "x", not one of profiling, monitoring, partitioned`,
		},
		{
			"all", "",
			request.RunChecks{All: true},
			[]string{"a.b", "a.c"},
			"--all says every check on every connection, and these say less: --table",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := buildEach(t, tt.body, tt.flags, tt.tables)
			if diff := cmp.Diff(tt.want, checkUsage(t, err).Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
