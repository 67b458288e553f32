// Package exit holds the outcomes of a command, their exit codes, and the error
// that carries one. The table is the contract of docs/exit-codes.md; numbers in
// it only ever grow. It is internal to dqoctl and may change without notice.
package exit

// Outcome is the word for how a command ended, as JSON results print it.
type Outcome string

// The outcomes of the contract.
const (
	OK              Outcome = "ok"
	Submitted       Outcome = "submitted"
	Warning         Outcome = "warning"
	DataError       Outcome = "error"
	Fatal           Outcome = "fatal"
	ExecutionErrors Outcome = "execution_errors"
	NothingRan      Outcome = "nothing_ran"
	JobFailed       Outcome = "job_failed"
	JobCancelled    Outcome = "job_cancelled"
	JobLost         Outcome = "job_lost"
	Usage           Outcome = "usage"
	Unreachable     Outcome = "unreachable"
	Internal        Outcome = "internal"
	IO              Outcome = "io"
	Timeout         Outcome = "timeout"
	Protocol        Outcome = "protocol"
	Unauthorized    Outcome = "unauthorized"
	Config          Outcome = "config"
	Interrupted     Outcome = "interrupted" // by SIGINT
	Terminated      Outcome = "terminated"  // by SIGTERM or SIGHUP; printed as "interrupted"
)

// Row is one line of the table of outcomes.
type Row struct {
	Outcome Outcome
	Code    int
	Meaning string
}

// Table lists every outcome, the one that outranks all others first: what sent
// nothing, what the user broke off, what made the verdict unknown, how the job
// ended, what is wrong with the checks, what is wrong with the data, and that
// nothing ran.
func Table() []Row { return append([]Row(nil), rows...) }

var rows = []Row{
	{Usage, 64, "wrong flags, wrong body, refused confirmation; nothing was sent"},
	{Config, 78, "unusable configuration file or profile; nothing was sent"},
	{Interrupted, 130, "SIGINT (Ctrl-C) ended the command"},
	{Terminated, 143, "SIGTERM or SIGHUP ended the command"},
	{Unauthorized, 77, "the server refused the token or the user (401 or 403)"},
	{Protocol, 76, "the answer is not what a DQOps server says, or the server refused or failed the request itself"},
	{Unreachable, 69, "no contact with the server, or contact lost for too long; the message says whether the job may run"},
	{JobLost, 8, "the server does not know the job, or its result is missing for good; its verdict cannot be had"},
	{Timeout, 75, "--timeout passed and the job still runs; the message says how to resume"},
	{Internal, 70, "a bug in dqoctl; also SIGQUIT and SIGABRT, for one that hangs"},
	{JobFailed, 6, "the server ended the job, or one of its children, as failed"},
	{JobCancelled, 7, "somebody cancelled the job, or one of its children"},
	{ExecutionErrors, 4, "checks, collectors or samplers crashed, or a check's stored result is stale"},
	{Fatal, 3, "the worst severity of the data is fatal, at or above --fail-on"},
	{DataError, 2, "the worst severity of the data is error, at or above --fail-on"},
	{Warning, 1, "the worst severity of the data is warning, at or above --fail-on"},
	{NothingRan, 5, "no check, collector or sampler matched, or nothing was imported; --allow-empty makes it 0"},
	{IO, 74, "the result could not be written; replaces only 0"},
	{Submitted, 0, "started, not followed (--no-wait)"},
	{OK, 0, "done; no gate tripped"},
}

// Code is the exit code of the outcome; that of Internal for one that is not in
// the table, so that a mistake of ours is never a green light.
func (o Outcome) Code() int {
	if row := o.row(); row != nil {
		return row.Code
	}
	return Internal.Code()
}

// MarshalText prints the outcome as results show it.
func (o Outcome) MarshalText() ([]byte, error) {
	if o == Terminated {
		o = Interrupted
	}
	return []byte(o), nil
}

func (o Outcome) row() *Row {
	for i := range rows {
		if rows[i].Outcome == o {
			return &rows[i]
		}
	}
	return nil
}

// rank is 0 for the outcome that outranks all others. An unknown outcome ranks
// first: it must not hide behind anything.
func (o Outcome) rank() int {
	for i := range rows {
		if rows[i].Outcome == o {
			return i
		}
	}
	return -1
}

// Worst is the outcome that decides when several hold; OK when none is given.
func Worst(outcomes ...Outcome) Outcome {
	worst := OK
	for _, o := range outcomes {
		if o.rank() < worst.rank() {
			worst = o
		}
	}
	return worst
}
