package verdict_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// job decodes a job as the server writes it.
func job(t *testing.T, status, parameters string) *dqops.Job {
	t.Helper()
	text := fmt.Sprintf(`{"jobId":{"jobId":1795443326000004,"createdAt":"2026-11-23T14:15:26.5Z"},"jobType":"run_checks",
		"parameters":{"runChecksParameters":{%s}},"status":%q,"errorMessage":"java.lang.RuntimeException: no disk",
		"statusChangedAt":"2026-11-23T14:15:27.92Z","dataDomain":"","newField":[1]}`, parameters, status)
	j := new(dqops.Job)
	if err := json.Unmarshal([]byte(text), j); err != nil {
		t.Fatal(err)
	}
	return j
}

// run is the server's summary: severity, executed, valid, warnings, errors,
// fatals, crashed.
func run(severity string, n ...int) string {
	return fmt.Sprintf(`"check_search_filters":{},"run_checks_result":{"highest_severity":%q,"executed_checks":%d,
		"valid_results":%d,"warnings":%d,"errors":%d,"fatals":%d,"execution_errors":%d}`,
		severity, n[0], n[1], n[2], n[3], n[4], n[5])
}

func policy(mode verdict.Mode) verdict.Policy {
	return verdict.Policy{FailOn: dqops.SeverityError, Judge: mode}
}

func TestSummaryAlone(t *testing.T) {
	clean, warning := run("valid", 5, 5, 0, 0, 0, 0), run("warning", 5, 5, 1, 0, 0, 0)
	cases := map[string]struct {
		parameters string
		change     func(*verdict.Policy)
		want       exit.Outcome
	}{
		"all well":                            {clean, nil, exit.OK},
		"warning below the gate":              {warning, nil, exit.OK},
		"warning at the gate":                 {warning, func(p *verdict.Policy) { p.FailOn = dqops.SeverityWarning }, exit.Warning},
		"error":                               {run("error", 5, 3, 0, 2, 0, 0), nil, exit.DataError},
		"fatal":                               {run("fatal", 5, 3, 0, 1, 1, 0), nil, exit.Fatal},
		"fatal, never failing":                {run("fatal", 5, 3, 0, 1, 1, 0), func(p *verdict.Policy) { p.FailOn = verdict.FailOnNever }, exit.OK},
		"error below a gate of fatal":         {run("error", 5, 3, 0, 2, 0, 0), func(p *verdict.Policy) { p.FailOn = dqops.SeverityFatal }, exit.OK},
		"counts outrank the severity":         {run("valid", 5, 3, 0, 0, 1, 0), nil, exit.Fatal},
		"severity outranks the counts":        {run("fatal", 5, 5, 0, 0, 0, 0), nil, exit.Fatal},
		"crashed outranks fatal":              {run("fatal", 5, 3, 0, 0, 1, 1), nil, exit.ExecutionErrors},
		"crashed, allowed":                    {run("fatal", 5, 3, 0, 0, 1, 1), func(p *verdict.Policy) { p.AllowExecutionErrors = true }, exit.Fatal},
		"crashed, never failing":              {run("valid", 5, 3, 0, 0, 0, 1), func(p *verdict.Policy) { p.FailOn = verdict.FailOnNever }, exit.ExecutionErrors},
		"nothing ran":                         {run("valid", 0, 0, 0, 0, 0, 0), nil, exit.NothingRan},
		"nothing ran, allowed":                {run("valid", 0, 0, 0, 0, 0, 0), func(p *verdict.Policy) { p.AllowEmpty = true }, exit.OK},
		"nothing ran and never failing":       {run("valid", 0, 0, 0, 0, 0, 0), func(p *verdict.Policy) { p.FailOn = verdict.FailOnNever }, exit.NothingRan},
		"a severity of tomorrow":              {run("critical", 5, 5, 0, 0, 0, 0), nil, exit.Protocol},
		"no result":                           {`"check_search_filters":{}`, nil, exit.JobLost},
		"a result of another shape":           {`"run_checks_result":7`, nil, exit.Protocol},
		"second run on unchanged bad data":    {run("valid", 54, 0, 0, 0, 0, 0), nil, exit.OK},
		"dummy run, summary asked for":        {`"dummy_execution":true,` + clean, nil, exit.OK},
		"run of sensors only, summary wanted": {`"execution_target":"only_sensors",` + clean, nil, exit.OK},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := policy(verdict.JudgeRun)
			if c.change != nil {
				c.change(&p)
			}
			r := verdict.Judge(verdict.Evidence{Job: job(t, "finished", c.parameters)}, p)
			if r.Outcome != c.want {
				t.Errorf("outcome %s (%s), want %s", r.Outcome, r.Reason, c.want)
			}
		})
	}
}

func TestStanding(t *testing.T) {
	second := run("valid", 54, 0, 0, 0, 0, 0)
	cases := map[string]struct {
		parameters string
		standing   verdict.Standing
		change     func(*verdict.Policy)
		want       exit.Outcome
		coverage   verdict.Coverage
	}{
		"clean":                           {second, verdict.Standing{Judged: true}, nil, exit.OK, verdict.CoverageExact},
		"bad and unchanged":               {second, verdict.Standing{Severity: dqops.SeverityFatal, Fatals: 1, Judged: true}, nil, exit.Fatal, verdict.CoverageExact},
		"crashed in an earlier run":       {second, verdict.Standing{ExecutionErrors: 1, Judged: true}, nil, exit.ExecutionErrors, verdict.CoverageExact},
		"crashed earlier, allowed":        {second, verdict.Standing{ExecutionErrors: 1, Judged: true}, allowCrashes, exit.OK, verdict.CoverageExact},
		"stale":                           {second, verdict.Standing{Stale: 1, Judged: true}, nil, exit.ExecutionErrors, verdict.CoverageExact},
		"stale is never excused":          {second, verdict.Standing{Stale: 1, Judged: true}, allowCrashes, exit.ExecutionErrors, verdict.CoverageExact},
		"crashed by the summary alone":    {run("valid", 3, 2, 0, 0, 0, 1), verdict.Standing{Judged: true}, nil, exit.ExecutionErrors, verdict.CoverageExact},
		"never milder than the server":    {run("fatal", 5, 4, 0, 0, 1, 0), verdict.Standing{Judged: true}, nil, exit.Fatal, verdict.CoverageApproximate},
		"milder since a later run":        {run("fatal", 5, 4, 0, 0, 1, 0), verdict.Standing{Judged: true, JudgedAgain: 1}, nil, exit.OK, verdict.CoverageExact},
		"milder than one later value":     {run("fatal", 5, 3, 0, 0, 2, 0), verdict.Standing{Judged: true, JudgedAgain: 1}, nil, exit.Fatal, verdict.CoverageApproximate},
		"nothing executed":                {run("valid", 0, 0, 0, 0, 0, 0), verdict.Standing{}, nil, exit.NothingRan, verdict.CoverageExact},
		"nothing ever judged":             {second, verdict.Standing{}, nil, exit.NothingRan, verdict.CoverageExact},
		"nothing ever judged, allowed":    {second, verdict.Standing{}, func(p *verdict.Policy) { p.AllowEmpty = true }, exit.OK, verdict.CoverageExact},
		"a run without rules is no gate":  {`"execution_target":"only_sensors",` + second, verdict.Standing{Judged: true}, nil, exit.NothingRan, verdict.CoverageExact},
		"nor when empty is allowed":       {`"dummy_execution":true,` + second, verdict.Standing{Judged: true}, func(p *verdict.Policy) { p.AllowEmpty = true }, exit.NothingRan, verdict.CoverageExact},
		"a severity of tomorrow":          {run("critical", 5, 5, 0, 0, 0, 0), verdict.Standing{Judged: true}, nil, exit.Protocol, verdict.CoverageExact},
		"findings beside a crash: crash":  {second, verdict.Standing{Severity: dqops.SeverityFatal, Fatals: 1, ExecutionErrors: 1, Judged: true}, nil, exit.ExecutionErrors, verdict.CoverageExact},
		"findings below the gate pass":    {second, verdict.Standing{Severity: dqops.SeverityWarning, Warnings: 9, Judged: true}, nil, exit.OK, verdict.CoverageExact},
		"findings with a gate of warning": {second, verdict.Standing{Severity: dqops.SeverityWarning, Warnings: 9, Judged: true}, func(p *verdict.Policy) { p.FailOn = dqops.SeverityWarning }, exit.Warning, verdict.CoverageExact},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := policy(verdict.JudgeStanding)
			if c.change != nil {
				c.change(&p)
			}
			if c.standing.Severity == "" {
				c.standing.Severity = dqops.SeverityValid
			}
			c.standing.Coverage = verdict.CoverageExact
			before := c.standing
			r := verdict.Judge(verdict.Evidence{Job: job(t, "finished", c.parameters), Standing: &c.standing}, p)
			if r.Outcome != c.want || r.Standing.Coverage != c.coverage {
				t.Errorf("outcome %s (%s), coverage %s; want %s, %s", r.Outcome, r.Reason, r.Standing.Coverage, c.want, c.coverage)
			}
			if diff := cmp.Diff(before, c.standing); diff != "" {
				t.Errorf("the evidence was changed:\n%s", diff)
			}
		})
	}
}

func allowCrashes(p *verdict.Policy) { p.AllowExecutionErrors = true }

// TestPrecedence lets several things hold at once: the contract's order decides.
func TestPrecedence(t *testing.T) {
	fatal := run("fatal", 5, 3, 0, 0, 1, 0)
	failed := verdict.Child{Name: "table s.t", Status: dqops.StatusFailed, ErrorMessage: "java.lang.X: boom"}
	cancelled := verdict.Child{Name: "table s.u", Status: dqops.StatusCancelled}
	stopping := verdict.Child{Name: "table s.v", Status: dqops.StatusCancelRequested}
	cases := map[string]struct {
		evidence verdict.Evidence
		want     exit.Outcome
	}{
		"failed":                             {verdict.Evidence{Job: job(t, "failed", fatal)}, exit.JobFailed},
		"cancelled":                          {verdict.Evidence{Job: job(t, "cancelled", fatal)}, exit.JobCancelled},
		"not over":                           {verdict.Evidence{Job: job(t, "running", fatal)}, exit.Timeout},
		"an unknown state is not over":       {verdict.Evidence{Job: job(t, "hibernating", fatal)}, exit.Timeout},
		"a child failed":                     {verdict.Evidence{Job: job(t, "finished", fatal), Children: []verdict.Child{failed}}, exit.JobFailed},
		"a child was cancelled":              {verdict.Evidence{Job: job(t, "finished", fatal), Children: []verdict.Child{cancelled}}, exit.JobCancelled},
		"a child is being cancelled":         {verdict.Evidence{Job: job(t, "finished", fatal), Children: []verdict.Child{stopping}}, exit.JobCancelled},
		"one failed, one cancelled":          {verdict.Evidence{Job: job(t, "finished", fatal), Children: []verdict.Child{cancelled, failed}}, exit.JobFailed},
		"unreadable outranks a child":        {verdict.Evidence{Job: job(t, "finished", fatal), Children: []verdict.Child{failed}, Err: &dqops.UnreachableError{}}, exit.Unreachable},
		"unreadable outranks findings":       {verdict.Evidence{Job: job(t, "finished", fatal), Err: &dqops.UnauthorizedError{}}, exit.Unauthorized},
		"interrupted outranks a failed job":  {verdict.Evidence{Job: job(t, "failed", fatal), Err: &exit.Error{Outcome: exit.Interrupted}}, exit.Interrupted},
		"timed out, with the last reading":   {verdict.Evidence{Job: job(t, "running", fatal), Err: &exit.Error{Outcome: exit.Timeout}}, exit.Timeout},
		"submitted":                          {verdict.Evidence{ID: &dqops.JobID{ID: 1}, Submitted: true}, exit.Submitted},
		"nothing is known":                   {verdict.Evidence{}, exit.Internal},
		"nothing is known and this is why":   {verdict.Evidence{Err: &dqops.NotFoundError{}}, exit.JobLost},
		"an error without a type":            {verdict.Evidence{Err: errors.New("?")}, exit.Internal},
		"a cancelled context without reason": {verdict.Evidence{Err: context.Canceled}, exit.Interrupted},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := verdict.Judge(c.evidence, policy(verdict.JudgeRun))
			if r.Outcome != c.want {
				t.Errorf("outcome %s (%s), want %s", r.Outcome, r.Reason, c.want)
			}
			if c.evidence.Err != nil && r.Problem == nil {
				t.Error("the problem is not told")
			}
		})
	}
}

func TestOutcomeOfEveryType(t *testing.T) {
	for _, c := range []struct {
		err  error
		want exit.Outcome
	}{
		{nil, exit.OK},
		{&dqops.UnreachableError{Err: errors.New("x")}, exit.Unreachable},
		{&dqops.ProtocolError{}, exit.Protocol},
		{&dqops.UnauthorizedError{}, exit.Unauthorized},
		{&dqops.NotFoundError{}, exit.JobLost},
		{&dqops.ServerError{Status: 500}, exit.Protocol},
		{&dqops.ServerError{Status: 400}, exit.Protocol},
		{dqops.ErrNotKnownYet, exit.Protocol},
		{exit.Usagef("", "x"), exit.Usage},
		{fmt.Errorf("read: %w", &exit.Error{Outcome: exit.Timeout, Err: &dqops.UnreachableError{Err: errors.New("x")}}), exit.Timeout},
	} {
		if got := verdict.OutcomeOf(c.err); got != c.want {
			t.Errorf("%T %v: %s, want %s", c.err, c.err, got, c.want)
		}
	}
}

func TestJSON(t *testing.T) {
	r := verdict.Judge(verdict.Evidence{
		Job: job(t, "finished", run("valid", 54, 0, 0, 0, 0, 0)),
		Standing: &verdict.Standing{
			Severity: dqops.SeverityFatal, Fatals: 1, Tables: 1, Coverage: verdict.CoverageExact, Judged: true,
			Findings: []verdict.Finding{{
				Connection: "shop", Schema: "files", Table: "orders.csv", Column: "order_id", Check: "daily_duplicate_count",
				CheckType: "monitoring", TimeScale: "daily", DataGroup: "no grouping", TimePeriod: "2026-11-23T00:00:00",
				Severity: dqops.SeverityFatal, ActualValue: new(4.0), Unchanged: true,
			}},
		},
	}, policy(verdict.JudgeStanding))
	got, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"jobId":{"jobId":1795443326000004,"createdAt":"2026-11-23T14:15:26.5Z"},"jobType":"run_checks",` +
		`"parameters":{"runChecksParameters":{"check_search_filters":{},"run_checks_result":{"highest_severity":"valid","executed_checks":54,` +
		`"valid_results":0,"warnings":0,"errors":0,"fatals":0,"execution_errors":0}}},"status":"finished",` +
		`"errorMessage":"java.lang.RuntimeException: no disk","statusChangedAt":"2026-11-23T14:15:27.92Z","dataDomain":"","newField":[1],` +
		`"elapsedSeconds":1.42,"result":{"highest_severity":"valid","executed_checks":54,"valid_results":0,"warnings":0,"errors":0,"fatals":0,"execution_errors":0},` +
		`"standing":{"severity":"fatal","warnings":0,"errors":0,"fatals":1,"executionErrors":0,"stale":0,"tables":1,"coverage":"exact"},` +
		`"issues":[{"connection":"shop","schema":"files","table":"orders.csv","column":"order_id","check":"daily_duplicate_count","checkType":"monitoring",` +
		`"timeScale":"daily","dataGroup":"no grouping","timePeriod":"2026-11-23T00:00:00","severity":"fatal","actualValue":4,"unchanged":true}],` +
		`"outcome":"fatal","exitCode":3}`
	var a, b any
	if err := errors.Join(json.Unmarshal(got, &a), json.Unmarshal([]byte(want), &b)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("the JSON differs (-want +got):\n%s", diff)
	}
}

func TestJSONOfAFailure(t *testing.T) {
	r := verdict.Judge(verdict.Evidence{Err: &dqops.ServerError{
		Doing: "start the checks", Status: 400, Message: "Failed to read HTTP message", RequestID: "8ffdb0de-64", Cause: "JSON decoding error: x",
	}}, policy(verdict.JudgeRun))
	got, err := json.Marshal(r)
	want := `{"outcome":"protocol","exitCode":76,"error":{"message":"start the checks: the server answered HTTP 400: JSON decoding error: x","requestId":"8ffdb0de-64"}}`
	if err != nil || string(got) != want {
		t.Errorf("got  %s (%v)\nwant %s", got, err, want)
	}
}

// TestJSONIsNoHTML holds that signs stay as they are: messages quote SQL.
func TestJSONIsNoHTML(t *testing.T) {
	r := verdict.Judge(verdict.Evidence{Err: errors.New("a < b && c > d")}, policy(verdict.JudgeRun))
	got, err := r.MarshalJSON()
	if err != nil || !strings.Contains(string(got), `"a < b && c > d"`) {
		t.Errorf("%s (%v)", got, err)
	}
}

func TestJudgeCurrent(t *testing.T) {
	fatal := &verdict.Standing{Severity: dqops.SeverityFatal, Fatals: 1, Findings: []verdict.Finding{{Severity: dqops.SeverityFatal}}}
	clean := &verdict.Standing{Severity: dqops.SeverityValid}
	for _, c := range []struct {
		name   string
		s      *verdict.Standing
		checks int
		err    error
		want   exit.Outcome
	}{
		{"clean", clean, 3, nil, exit.OK},
		{"fatal", fatal, 3, nil, exit.Fatal},
		{"nothing matched", clean, 0, nil, exit.NothingRan},
		{"unreadable", fatal, 3, &dqops.UnreachableError{Err: errors.New("x")}, exit.Unreachable},
		{"nothing known", nil, 0, &dqops.UnauthorizedError{}, exit.Unauthorized},
	} {
		if r := verdict.JudgeCurrent(c.s, c.checks, c.err, policy(verdict.JudgeStanding)); r.Outcome != c.want {
			t.Errorf("%s: %s, want %s", c.name, r.Outcome, c.want)
		}
	}
}
