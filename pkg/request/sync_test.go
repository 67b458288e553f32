package request_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/request"
)

type syncBody = dqops.SynchronizeMultipleFoldersParameters

// folders are the folders of wire 3.7 by their names and fields.
var folders = [][2]string{
	{"sources", "sources"},
	{"sensors", "sensors"},
	{"rules", "rules"},
	{"checks", "checks"},
	{"settings", "settings"},
	{"credentials", "credentials"},
	{"dictionaries", "dictionaries"},
	{"patterns", "patterns"},
	{"data-sensor-readouts", "dataSensorReadouts"},
	{"data-check-results", "dataCheckResults"},
	{"data-statistics", "dataStatistics"},
	{"data-errors", "dataErrors"},
	{"data-incidents", "dataIncidents"},
}

func TestSyncFolders(t *testing.T) {
	var names, all []string
	for _, folder := range folders {
		names = append(names, folder[0])
		all = append(all, fmt.Sprintf("%q:true", folder[1]))
		want := fmt.Sprintf(`{%q:true}`, folder[1])
		for body, flags := range map[string]request.Sync{"": {Folders: []string{folder[0]}}, want: {}} {
			if got, err := buildJSON(t, body, flags.Build); got != want {
				t.Errorf("%q of %v: got %s, %v, want %s", body, flags.Folders, got, err, want)
			}
		}
	}
	if diff := cmp.Diff(names, request.SyncFolders()); diff != "" {
		t.Error(diff)
	}
	everything := "{" + strings.Join(all, ",") + "}"
	for _, flags := range []request.Sync{{All: true}, {Folders: names}} {
		if got, err := buildJSON(t, "", flags.Build); got != everything {
			t.Errorf("got %s, %v, want %s", got, err, everything)
		}
	}
}

func TestSyncBuild(t *testing.T) {
	testBuilds(t, []builds[syncBody]{
		{
			"every flag", "",
			request.Sync{Folders: []string{"sources", "checks", "sources"}, Direction: new("download"), RefreshNativeTables: new(true), DetectCronSchedules: new(true), WithLocalChanges: new(true)},
			`{"direction":"download","forceRefreshNativeTables":true,"detectCronSchedules":true,"sources":true,"checks":true,"synchronizeFolderWithLocalChanges":true}`,
		},
		{"local changes", "", request.Sync{WithLocalChanges: new(true)}, `{"synchronizeFolderWithLocalChanges":true}`},
		{
			"folders replace the file's", "{sources: true, direction: upload, detectCronSchedules: true, forceRefreshNativeTables: true}",
			request.Sync{Folders: []string{"rules"}, DetectCronSchedules: new(false)},
			`{"direction":"upload","forceRefreshNativeTables":true,"rules":true}`,
		},
		{"no arguments leave the file's", "{sources: true}", request.Sync{Folders: []string{}}, `{"sources":true}`},
		{"direction over the file's", "{sources: true, direction: sideways}", request.Sync{Direction: new("full")}, `{"direction":"full","sources":true}`},
	})
}

func TestSyncRefuses(t *testing.T) {
	const nothing = "this synchronization names no folder and would do nothing"
	wrong := func(word string) string {
		return "the folder is " + word + ", not one of " + strings.Join(request.SyncFolders(), ", ")
	}
	testRefusals(t, []refusal[syncBody]{
		{name: "nothing", flags: request.Sync{}, want: nothing, hint: "name folders, or give --all or --with-local-changes"},
		{name: "no folder", body: "{sources: false, direction: full}", flags: request.Sync{RefreshNativeTables: new(true), DetectCronSchedules: new(true)}, want: nothing},
		{name: "no local changes", body: "synchronizeFolderWithLocalChanges: true", flags: request.Sync{WithLocalChanges: new(false)}, want: nothing},
		{
			name: "all and folders", body: "dataErrors: false", flags: request.Sync{All: true, Folders: []string{"rules"}},
			want: "--all says every folder, and these say less: rules", hint: "leave one side out",
		},
		{
			name: "all and a field", body: "{dataErrors: false, rules: true}", flags: request.Sync{All: true},
			want: "--all says every folder, and these say less: rules (body.yaml:1:28), dataErrors (body.yaml:1:14)",
		},
		{name: "empty", flags: request.Sync{Folders: []string{""}}, want: wrong(`""`)},
		{name: "camel case", flags: request.Sync{Folders: []string{"dataErrors"}}, want: wrong(`"dataErrors"`) + "; did you mean data-errors?"},
		{name: "upper case", flags: request.Sync{Folders: []string{"rules", "Sources"}}, want: wrong(`"Sources"`) + "; did you mean sources?"},
		{name: "misspelt", flags: request.Sync{Folders: []string{"credentails"}}, want: wrong(`"credentails"`) + "; did you mean credentials?"},
		{name: "huge", flags: request.Sync{Folders: []string{strings.Repeat("x", 1<<20)}}, want: wrong(`"` + strings.Repeat("x", 60) + `..."`)},
		{name: "direction", flags: request.Sync{All: true, Direction: new("both")}, want: `--direction is "both", not one of full, download, upload`},
		{name: "empty direction", body: "direction: ''", flags: request.Sync{All: true}, want: `body.yaml:1:12: direction is "", not one of full, download, upload`},
		{
			name: "wrong fields", body: "{data-errors: true, Sources: true, rules: yes, sensors: 1}", flags: request.Sync{},
			want: "body.yaml:1:2: data-errors is an unknown field in the body, did you mean dataErrors?\n" +
				"body.yaml:1:21: Sources is an unknown field in the body, did you mean sources?\n" +
				"body.yaml:1:43: rules takes true or false, not yes\n" +
				"body.yaml:1:57: sensors takes true or false, not 1",
		},
	})
}
