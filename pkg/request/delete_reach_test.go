package request_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// kindNames are the columns of reach.
var kindNames = []string{"errors", "statistics", "check-results", "sensor-readouts", "error-samples", "incidents", "checks-configuration"}

// reach says for each filter which kinds it reaches (wire 3.6, T1): y or -.
var reach = []struct {
	flag, field, value string
	kinds              string
	set                func(*request.DeleteData)
}{
	{"--table", "fullTableName", `"public.orders"`, "yyyyyyy", func(f *request.DeleteData) { f.Table = new("public.orders") }},
	{"--from", "dateStart", `"2024-02-03"`, "yyyyyy-", func(f *request.DeleteData) { f.From = new("2024-02-03") }},
	{"--through", "dateEnd", `"2024-02-04"`, "yyyyyy-", func(f *request.DeleteData) { f.Through = new("2024-02-04") }},
	{"--column", "columnNames", `["id"]`, "yyyyy-y", func(f *request.DeleteData) { f.Columns = []string{"id"} }},
	{"--check", "checkName", `"daily_nulls"`, "y-yyy-y", func(f *request.DeleteData) { f.Check = new("daily_nulls") }},
	{"--category", "checkCategory", `"nulls"`, "y-yyyyy", func(f *request.DeleteData) { f.Category = new("nulls") }},
	{"--check-type", "checkType", `"monitoring"`, "y-yyyyy", func(f *request.DeleteData) { f.CheckType = new("monitoring") }},
	{"--dimension", "qualityDimension", `"Validity"`, "y-yyyyy", func(f *request.DeleteData) { f.Dimension = new("Validity") }},
	{"--comparison", "tableComparisonName", `"old"`, "y-yyy--", func(f *request.DeleteData) { f.Comparison = new("old") }},
	{"--sensor", "sensorName", `"column/nulls/nulls_count"`, "yyyyy-y", func(f *request.DeleteData) { f.Sensor = new("column/nulls/nulls_count") }},
	{"--data-group", "dataGroupTag", `"DE"`, "-yyy-y-", func(f *request.DeleteData) { f.DataGroup = new("DE") }},
	{"--time-gradient", "timeGradient", `"day"`, "y-yy--y", func(f *request.DeleteData) { f.TimeGradient = new("day") }},
	{"--collector", "collectorName", `"nulls_count"`, "-y-----", func(f *request.DeleteData) { f.Collector = new("nulls_count") }},
	{"--collector-category", "collectorCategory", `"nulls"`, "-y-----", func(f *request.DeleteData) { f.CollectorCategory = new("nulls") }},
	{"--collector-target", "collectorTarget", `"column"`, "-y-----", func(f *request.DeleteData) { f.CollectorTarget = new("column") }},
	{"--incident-status", "incidentStatusName", `"open"`, "-----y-", func(f *request.DeleteData) { f.IncidentStatus = new("open") }},
}

var kindFields = map[string]string{
	"errors": "deleteErrors", "statistics": "deleteStatistics", "check-results": "deleteCheckResults", "sensor-readouts": "deleteSensorReadouts",
	"error-samples": "deleteErrorSamples", "incidents": "deleteIncidents", "checks-configuration": "deleteChecksConfiguration",
}

// TestDeleteReach holds that for every set of kinds each filter either reaches all
// of them or the deletion is refused, naming the filter and the kinds that it
// does not reach, whether it is a flag or a field.
func TestDeleteReach(t *testing.T) {
	for set := 1; set < 1<<len(kindNames); set++ {
		var kinds []string
		for i, name := range kindNames {
			if set&(1<<i) != 0 {
				kinds = append(kinds, name)
			}
		}
		for _, filter := range reach {
			var missed []string
			for i, name := range kindNames {
				if filter.kinds[i] == '-' && slices.Contains(kinds, name) {
					missed = append(missed, name)
				}
			}
			checkReach(t, kinds, missed, filter.flag, filter.field, filter.value, filter.set)
		}
	}
}

func checkReach(t *testing.T, kinds, missed []string, flag, field, value string, set func(*request.DeleteData)) {
	t.Helper()
	flags := request.DeleteData{Connection: new("shop"), What: kinds, AllTables: field != "fullTableName", AllDates: !strings.HasPrefix(field, "date")}
	inFile := request.DeleteData{AllTables: flags.AllTables, AllDates: flags.AllDates}
	set(&flags)
	configuration := slices.Contains(kinds, "checks-configuration")
	if field == "timeGradient" && configuration {
		flags.TimeGradient, value = new("daily"), `"daily"`
	}
	body := map[string]json.RawMessage{"connection": json.RawMessage(`"shop"`), field: json.RawMessage(value)}
	for _, kind := range kinds {
		body[kindFields[kind]] = json.RawMessage("true")
	}
	want, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	unfit := field == "timeGradient" && configuration && len(kinds) > 1
	for name, build := range map[string]func() (string, error){
		flag:  func() (string, error) { return buildJSON(t, "", flags.Build) },
		field: func() (string, error) { return buildJSON(t, string(want), inFile.Build) },
	} {
		got, err := build()
		if len(missed) == 0 && !unfit {
			if err != nil || !sameJSON(t, string(want), got) {
				t.Errorf("%s with %q: got %s, %v, want %s", name, kinds, got, err, want)
			}
			continue
		}
		message := checkUsage(t, err).Error()
		for _, kind := range missed {
			if !strings.Contains(message, name+" does not reach ") || !strings.Contains(message, kind) {
				t.Errorf("%s with %q: %s", name, kinds, message)
			}
		}
		if unfit && !strings.Contains(message, name+" has no value that fits checks-configuration") {
			t.Errorf("%s with %q: %s", name, kinds, message)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var left, right any
	if json.Unmarshal([]byte(a), &left) != nil || json.Unmarshal([]byte(b), &right) != nil {
		t.Fatalf("no JSON: %s, %s", a, b)
	}
	return cmp.Equal(left, right)
}

func TestDeleteKinds(t *testing.T) {
	kinds := request.DeleteKinds()
	want := []request.DeleteKind{
		{Name: "errors", Field: "deleteErrors", Label: "errors"},
		{Name: "statistics", Field: "deleteStatistics", Label: "statistics"},
		{Name: "check-results", Field: "deleteCheckResults", Label: "check results"},
		{Name: "sensor-readouts", Field: "deleteSensorReadouts", Label: "sensor readouts"},
		{Name: "error-samples", Field: "deleteErrorSamples", Label: "error samples"},
		{Name: "incidents", Field: "deleteIncidents", Label: "incidents"},
		{Name: "checks-configuration", Field: "deleteChecksConfiguration", Label: "checks configuration"},
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
	var filters []request.DeleteFilter
	for _, filter := range reach {
		filters = append(filters, request.DeleteFilter{Flag: filter.flag, Field: filter.field})
		for i, kind := range kinds {
			want := filter.kinds[i] == 'y'
			if kind.Reaches(filter.flag) != want || kind.Reaches(filter.field) != want {
				t.Errorf("%s reaches %s: got %t, want %t", filter.flag, kind.Name, !want, want)
			}
		}
	}
	if diff := cmp.Diff(filters, request.DeleteFilters()); diff != "" {
		t.Error(diff)
	}
	for _, kind := range kinds {
		if !kind.Reaches("--connection") || kind.Reaches("--label") {
			t.Errorf("%s: the connection reaches all kinds, and what is no filter reaches none", kind.Name)
		}
	}
	if (request.DeleteKind{}).Reaches("--table") || (request.DeleteKind{}).Chosen(dqops.DeleteStoredDataQueueJobParameters{DeleteErrors: true}) {
		t.Error("no kind is reached and chosen")
	}
}

// TestDeleteChosen reads every kind back from a body that has only this one.
func TestDeleteChosen(t *testing.T) {
	for name, field := range maps.All(kindFields) {
		var body dqops.DeleteStoredDataQueueJobParameters
		if err := json.Unmarshal(fmt.Appendf(nil, `{%q:true}`, field), &body); err != nil {
			t.Fatal(err)
		}
		var chosen []string
		for _, kind := range request.DeleteKinds() {
			if kind.Chosen(body) {
				chosen = append(chosen, kind.Name)
			}
		}
		if diff := cmp.Diff([]string{name}, chosen); diff != "" {
			t.Errorf("%s:\n%s", field, diff)
		}
	}
}
