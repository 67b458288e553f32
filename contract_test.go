package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var jsonExample = regexp.MustCompile("(?s)### `dqoctl ([^`]+)`\n\n```json\n(.*?)```")

// The fields of each command's object, those of its lists and of what dqoctl adds
// included. They are promises: written out here on purpose.
const (
	idFields    = "jobId jobId.jobId jobId.jobBusinessKey jobId.createdAt "
	jobFields   = idFields + "jobType parameters status statusChangedAt dataDomain "
	judged      = "outcome exitCode "
	workFields  = jobFields + judged + "elapsedSeconds result"
	countFields = "standing standing.severity standing.warnings standing.errors standing.fatals standing.executionErrors " +
		"standing.stale standing.tables standing.coverage "
	changeFields = "file profile created current"
	stateFields  = countFields + "issues issues.connection issues.schema issues.table issues.column issues.check issues.checkType issues.timeScale " +
		"issues.checkCategory issues.dataGroup issues.timePeriod issues.severity issues.actualValue issues.expectedValue " +
		"issues.bounds issues.bounds.warningUpperBound issues.bounds.errorUpperBound issues.executedAt issues.link "
)

// jsonFields has them by the example of docs/json.md, without -o json.
var jsonFields = map[string]string{
	"run-checks -c shop -t files.customers.csv --key nightly-orders": jobFields + judged + stateFields + "elapsedSeconds result",
	"checks status -c shop -t files.customers.csv":                   judged + stateFields,
	"jobs get nightly-orders":                                        jobFields,
	"jobs list --limit 1":                                            jobFields + "children children.total children.ended",
	"jobs wait nightly-orders":                                       jobFields + judged + stateFields + "asked elapsedSeconds result",
	"jobs cancel nightly-orders":                                     jobFields + judged + "elapsedSeconds",
	"run-checks -c wh --no-wait":                                     idFields + judged,
	"run-checks -c wh --dry-run":                                     "method url body",
	"collect-stats -c wh":                                            workFields,
	"collect-error-samples -c shop -t files.customers.csv":           workFields,
	"import-tables -c wh --schema '*' --limit 1":                     workFields,
	"delete-data -c wh --all-tables --all-dates --what check-results,sensor-readouts --yes": workFields,
	"jobs watch nightly-orders -o jsonl":                                                    jobFields + "children children.total children.ended",
	"jobs resume":                                                                           jobFields + judged + countFields + "issues asked elapsedSeconds result",
	"scheduler start":                                                                       "running",
	"scheduler stop":                                                                        "running",
	"doctor":                                                                                "server checks checks.name checks.status checks.message checks.hint " + judged,
	"config set --profile prod fail-on warning":                                             changeFields + " key value",
	"config use-profile prod":                                                               changeFields,
	"config login --profile prod":                                                           changeFields + " server tokenFile",
	"config path":                                                                           "file",
	"config view --fail-on never":                                                           "file exists profile profiles values values.name values.value values.source values.line values.column values.secret unused unused.name unused.reason",
	"sync sources":                                                                          jobFields + judged + "elapsedSeconds",
	"scheduler status":                                                                      "running",
	"version":                                                                               "version go platform testedServer",
	"jobs get nobody":                                                                       judged + "error error.message error.hint",
}

// TestJSONExamples runs the examples of docs/json.md one after the other and
// compares what they give with the page, and with the list of fields here.
func TestJSONExamples(t *testing.T) {
	t.Parallel()
	text := document(t, "docs/json.md")
	examples := jsonExample.FindAllStringSubmatch(text, -1)
	if n := strings.Count(text, "```json"); n != len(examples) {
		t.Fatalf("%d of %d examples say how they are run", len(examples), n)
	}
	s := builtinSlow(t)
	s.in = screenToken + "\n"
	fields := map[string][]string{}
	for _, example := range examples {
		args := shellWords(t, example[1])
		got := s.call(args...)
		shown := strings.ReplaceAll(lasting(got.out), s.home, "/home/ana/.config")
		if *update {
			text = strings.Replace(text, example[0], strings.TrimSuffix(example[0], example[2]+"```")+shown+"```", 1)
		} else if diff := cmp.Diff(example[2], shown); diff != "" {
			t.Errorf("dqoctl %s (-page +now), go test . -run JSONExamples -update writes it anew:\n%s", example[1], diff)
		}
		value, err := decodeOne(got.out)
		if err != nil {
			t.Fatalf("dqoctl %s: %v\n%s", example[1], err, got.err)
		}
		fields[strings.TrimSuffix(example[1], " -o json")] = fieldsOf("", value)
	}
	if *update {
		if err := os.WriteFile(filepath.FromSlash("docs/json.md"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for command, want := range jsonFields {
		got := slices.Sorted(slices.Values(fields[command]))
		if diff := cmp.Diff(slices.Sorted(slices.Values(strings.Fields(want))), got); diff != "" {
			t.Errorf("fields of dqoctl %s (-contract +now):\n%s", command, diff)
		}
	}
	if len(fields) != len(jsonFields) {
		t.Errorf("the page has %d examples, the contract %d", len(fields), len(jsonFields))
	}
}

// fieldsOf are the paths of an object's fields. What the server keeps below
// parameters and result is its own.
func fieldsOf(path string, value any) []string {
	switch of := value.(type) {
	case map[string]any:
		var found []string
		for _, key := range slices.Sorted(maps.Keys(of)) {
			found = append(found, path+key)
			if !slices.Contains([]string{"parameters", "result", "body"}, key) {
				found = append(found, fieldsOf(path+key+".", of[key])...)
			}
		}
		return found
	case []any:
		var found []string
		for _, entry := range of {
			found = append(found, fieldsOf(path, entry)...)
		}
		slices.Sort(found)
		return slices.Compact(found)
	}
	return nil
}

// listColumns are the columns of each list. They are promises, too.
var listColumns = map[string]string{
	"jobs list":             "job,key,type,status,tables,created,changed,error",
	"jobs list --mine":      "job,key,type,status,last known,tables,created,changed,error",
	"config view":           "setting,value,source",
	"jobs list --children":  "job,key,type,status,tables,created,changed,parent,error",
	"checks status -c shop": "severity,state,connection,schema,table,column,check,type,scale,comparison,group,period,value,expected,executed,reason",
	"checks status -c shop --columns severity,check,value": "severity,check,value",
}

func TestColumnsAreTheContract(t *testing.T) {
	t.Parallel()
	s := builtin(t)
	for command, want := range listColumns {
		got := s.call(append(strings.Fields(command), "-q", "-o", "csv")...)
		header, _, _ := strings.Cut(got.out, "\n")
		if header != want {
			t.Errorf("dqoctl %s has the columns %s, want %s\n%s", command, header, want, got.err)
		}
	}
}

// environmentNames are all that dqoctl looks at. They are promises, too.
const environmentNames = "DQOCTL_SERVER DQOCTL_PROFILE DQOCTL_CONFIG DQOCTL_TOKEN DQOCTL_TOKEN_FILE DQOCTL_DATA_DOMAIN DQOCTL_CA_CERT " +
	"DQOCTL_CLIENT_CERT DQOCTL_CLIENT_KEY DQOCTL_INSECURE_SKIP_VERIFY DQOCTL_CONNECT_TIMEOUT DQOCTL_OUTPUT DQOCTL_COLUMNS DQOCTL_NO_HEADERS " +
	"DQOCTL_COLOR DQOCTL_QUIET DQOCTL_DEBUG DQOCTL_NO_INPUT DQOCTL_TIMEOUT DQOCTL_RETRY_BUDGET DQOCTL_ON_INTERRUPT DQOCTL_FAIL_ON " +
	"DQOCTL_ALLOW_EXECUTION_ERRORS DQOCTL_ALLOW_EMPTY DQOCTL_JUDGE " +
	"NO_COLOR CLICOLOR_FORCE TERM CI GITHUB_ACTIONS GITLAB_CI TF_BUILD COLUMNS HTTPS_PROXY HTTP_PROXY NO_PROXY XDG_CONFIG_HOME XDG_STATE_HOME"

var environmentTerm = regexp.MustCompile(`(?m)^  ((?:[A-Z_]+(?:, )?)+)(?:  |$)`)

func TestEnvironmentIsTheContract(t *testing.T) {
	t.Parallel()
	got := builtin(t).call("help", "environment")
	var names []string
	for _, m := range environmentTerm.FindAllStringSubmatch(got.out, -1) {
		names = append(names, strings.Split(m[1], ", ")...)
	}
	if diff := cmp.Diff(strings.Fields(environmentNames), names); diff != "" {
		t.Errorf("help environment (-contract +now):\n%s", diff)
	}
}
