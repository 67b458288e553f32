package exit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// contract is the table of codes as users know it, in the order of precedence.
// It is written out here on purpose: a change of it is a change for users.
var contract = []struct {
	outcome string
	code    int
	printed string
}{
	{"usage", 64, "usage"},
	{"config", 78, "config"},
	{"interrupted", 130, "interrupted"},
	{"terminated", 143, "interrupted"},
	{"unauthorized", 77, "unauthorized"},
	{"protocol", 76, "protocol"},
	{"unreachable", 69, "unreachable"},
	{"job_lost", 8, "job_lost"},
	{"timeout", 75, "timeout"},
	{"internal", 70, "internal"},
	{"job_failed", 6, "job_failed"},
	{"job_cancelled", 7, "job_cancelled"},
	{"execution_errors", 4, "execution_errors"},
	{"fatal", 3, "fatal"},
	{"error", 2, "error"},
	{"warning", 1, "warning"},
	{"nothing_ran", 5, "nothing_ran"},
	{"io", 74, "io"},
	{"submitted", 0, "submitted"},
	{"ok", 0, "ok"},
}

func TestTableIsTheContract(t *testing.T) {
	rows := exit.Table()
	if len(rows) != len(contract) {
		t.Errorf("the table has %d outcomes, the contract %d", len(rows), len(contract))
	}
	for i, row := range rows[:min(len(rows), len(contract))] {
		want := contract[i]
		if string(row.Outcome) != want.outcome || row.Code != want.code {
			t.Errorf("row %d is %s %d, want %s %d", i, row.Outcome, row.Code, want.outcome, want.code)
		}
		if row.Meaning == "" {
			t.Errorf("%s has no meaning", row.Outcome)
		}
		if got := row.Outcome.Code(); got != want.code {
			t.Errorf("%s.Code() = %d, want %d", row.Outcome, got, want.code)
		}
		printed, err := json.Marshal(row.Outcome)
		if err != nil || string(printed) != `"`+want.printed+`"` {
			t.Errorf("%s is printed as %s (%v), want %q", row.Outcome, printed, err, want.printed)
		}
	}
}

func TestNamesOfTheOutcomes(t *testing.T) {
	for outcome, want := range map[exit.Outcome]string{
		exit.OK: "ok", exit.Submitted: "submitted", exit.Warning: "warning", exit.DataError: "error",
		exit.Fatal: "fatal", exit.ExecutionErrors: "execution_errors", exit.NothingRan: "nothing_ran",
		exit.JobFailed: "job_failed", exit.JobCancelled: "job_cancelled", exit.JobLost: "job_lost",
		exit.Usage: "usage", exit.Unreachable: "unreachable", exit.Internal: "internal", exit.IO: "io",
		exit.Timeout: "timeout", exit.Protocol: "protocol", exit.Unauthorized: "unauthorized",
		exit.Config: "config", exit.Interrupted: "interrupted", exit.Terminated: "terminated",
	} {
		if string(outcome) != want {
			t.Errorf("%q, want %q", outcome, want)
		}
	}
}

func TestTableCannotBeChangedFromOutside(t *testing.T) {
	exit.Table()[0].Code = 1
	if got := exit.Usage.Code(); got != 64 {
		t.Errorf("usage is %d after its copy was changed", got)
	}
}

func TestUnknownOutcomeIsNeverGreen(t *testing.T) {
	for _, unknown := range []exit.Outcome{"", "fine", "OK"} {
		if got := unknown.Code(); got != 70 {
			t.Errorf("%q has code %d, want 70", unknown, got)
		}
	}
}

func TestWorst(t *testing.T) {
	const unknown = exit.Outcome("whatever")
	for _, tc := range []struct {
		given []exit.Outcome
		want  exit.Outcome
	}{
		{nil, exit.OK},
		{[]exit.Outcome{exit.OK, exit.OK}, exit.OK},
		{[]exit.Outcome{exit.OK, exit.Submitted}, exit.Submitted},
		{[]exit.Outcome{exit.OK, exit.IO}, exit.IO},
		{[]exit.Outcome{exit.IO, exit.NothingRan}, exit.NothingRan},
		{[]exit.Outcome{exit.NothingRan, exit.Warning}, exit.Warning},
		{[]exit.Outcome{exit.Warning, exit.DataError}, exit.DataError},
		{[]exit.Outcome{exit.DataError, exit.Fatal}, exit.Fatal},
		{[]exit.Outcome{exit.Fatal, exit.ExecutionErrors}, exit.ExecutionErrors},
		{[]exit.Outcome{exit.ExecutionErrors, exit.JobCancelled}, exit.JobCancelled},
		{[]exit.Outcome{exit.JobCancelled, exit.JobFailed}, exit.JobFailed},
		{[]exit.Outcome{exit.JobFailed, exit.Internal}, exit.Internal},
		{[]exit.Outcome{exit.Internal, exit.Timeout}, exit.Timeout},
		{[]exit.Outcome{exit.Timeout, exit.JobLost}, exit.JobLost},
		{[]exit.Outcome{exit.JobLost, exit.Unreachable}, exit.Unreachable},
		{[]exit.Outcome{exit.Unreachable, exit.Protocol}, exit.Protocol},
		{[]exit.Outcome{exit.Protocol, exit.Unauthorized}, exit.Unauthorized},
		{[]exit.Outcome{exit.Unauthorized, exit.Terminated}, exit.Terminated},
		{[]exit.Outcome{exit.Terminated, exit.Interrupted}, exit.Interrupted},
		{[]exit.Outcome{exit.Interrupted, exit.Config}, exit.Config},
		{[]exit.Outcome{exit.Config, exit.Usage}, exit.Usage},
		{[]exit.Outcome{exit.OK, exit.Warning, exit.JobLost, exit.Fatal}, exit.JobLost},
		{[]exit.Outcome{exit.Usage, unknown, exit.OK}, unknown},
	} {
		if got := exit.Worst(tc.given...); got != tc.want {
			t.Errorf("Worst(%q) = %s, want %s", tc.given, got, tc.want)
		}
		slices.Reverse(tc.given)
		if got := exit.Worst(tc.given...); got != tc.want {
			t.Errorf("Worst(%q) = %s, want %s whatever the order", tc.given, got, tc.want)
		}
	}
}

func TestErrorsThatCarryAnOutcome(t *testing.T) {
	cause := io.ErrUnexpectedEOF
	for _, tc := range []struct {
		err     *exit.Error
		outcome exit.Outcome
		message string
		hint    string
	}{
		{exit.Usagef("do this", "read %s: %w", "x", cause), exit.Usage, "read x: unexpected EOF", "do this"},
		{exit.Configf("mend it", "read %s: %w", "y", cause), exit.Config, "read y: unexpected EOF", "mend it"},
		{
			exit.Internalf("no %d: %w", 7, cause), exit.Internal, "no 7: unexpected EOF",
			"please report it with the output of dqoctl version and the command line",
		},
	} {
		if tc.err.Outcome != tc.outcome || tc.err.Error() != tc.message || tc.err.Hint != tc.hint {
			t.Errorf("%+v, want %s, %q, %q", tc.err, tc.outcome, tc.message, tc.hint)
		}
		wrapped := fmt.Errorf("above: %w", tc.err)
		if !errors.Is(wrapped, cause) {
			t.Errorf("%s: its cause cannot be found", tc.outcome)
		}
		if found, ok := errors.AsType[*exit.Error](wrapped); !ok || found != tc.err {
			t.Errorf("%s: it cannot be found by its type", tc.outcome)
		}
	}
	if err := exit.Usagef("", "no cause"); errors.Unwrap(err) != nil {
		t.Errorf("cause %v out of nothing", errors.Unwrap(err))
	}
}

func TestGroupWaitsForAll(t *testing.T) {
	var group exit.Group
	release := make(chan struct{})
	ended := make([]bool, 3)
	for i := range ended {
		group.Go(func() error {
			<-release
			ended[i] = true
			return nil
		})
	}
	close(release)
	if err := group.Wait(); err != nil {
		t.Errorf("Wait: %v", err)
	}
	if diff := cmp.Diff([]bool{true, true, true}, ended); diff != "" {
		t.Errorf("Wait returned before all had ended (-want +got):\n%s", diff)
	}
}

func TestGroupReturnsTheFirstError(t *testing.T) {
	var group exit.Group
	first, second := errors.New("first"), errors.New("second")
	group.Go(func() error { return nil })
	group.Go(func() error { return first })
	if err := group.Wait(); !errors.Is(err, first) {
		t.Fatalf("Wait: %v, want the first error", err)
	}
	group.Go(func() error { return second })
	if err := group.Wait(); !errors.Is(err, first) {
		t.Errorf("Wait: %v, want the first error still", err)
	}
}

func TestPanicBecomesInternal(t *testing.T) {
	var group exit.Group
	group.Go(func() error { panic("the index is off") })
	checkCrash(t, group.Wait())
	checkCrash(t, exit.Recover(func() error { panic("the index is off") }))
}

func checkCrash(t *testing.T, err error) {
	t.Helper()
	crash, ok := errors.AsType[*exit.Error](err)
	if !ok || crash.Outcome != exit.Internal {
		t.Fatalf("%v, want an internal error", err)
	}
	first, stack, _ := strings.Cut(crash.Message, "\n")
	if first != "crashed: the index is off" {
		t.Errorf("first line %q", first)
	}
	if !strings.Contains(stack, "exit_test.go") {
		t.Errorf("the stack does not show where:\n%s", stack)
	}
}

func TestRecoverPassesErrorsOn(t *testing.T) {
	if err := exit.Recover(func() error { return io.EOF }); !errors.Is(err, io.EOF) {
		t.Errorf("%v, want EOF", err)
	}
	if err := exit.Recover(func() error { return nil }); err != nil {
		t.Errorf("%v, want nil", err)
	}
}
