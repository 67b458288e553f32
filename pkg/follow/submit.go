package follow

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/journal"
)

// LastJob stands, where an ID is asked for, for the newest job of the journal.
const LastJob = "@last"

// NewKey makes a business key that no other job has. It is never a number, since
// a numeric key shadows the job with that id (wire 2.0).
func NewKey() string {
	random := make([]byte, 12)
	_, _ = rand.Read(random) // documented never to fail
	return keyPrefix + hex.EncodeToString(random)
}

// CheckKey refuses a caller's key that would shadow a job (wire 2.0), name nothing
// or not be found again, since it does not come to the server as it is.
func CheckKey(key string) error {
	if key == "" {
		return exit.Usagef("leave --key out and one is made", "--key is empty")
	}
	if key == LastJob {
		return exit.Usagef("choose another word", "--key %s: as an ID it stands for the newest job of this machine", key)
	}
	if _, err := strconv.ParseInt(key, 10, 64); err == nil {
		return exit.Usagef("put a word before it, for example nightly-"+key,
			"--key %s is a number: the server would mix it up with the id of a job", key)
	}
	if key == "." || key == ".." {
		return exit.Usagef("choose another word", "--key %s stands for a folder in an address, so that the job could not be found again", key)
	}
	if strings.HasPrefix(key, "-") { // as after an unset variable without quotes
		return exit.Usagef("give the key that is missing before it", "--key %s looks like a flag", key)
	}
	if !utf8.ValidString(key) {
		return exit.Usagef("choose another word", "--key %q is not UTF-8", key)
	}
	if tooLong(key) {
		return exit.Usagef("choose a shorter one", "--key is too long: the server could not be asked for it again")
	}
	return nil
}

// CheckID refuses what names no job.
func CheckID(id string) error {
	switch {
	case id == "":
		return exit.Usagef("give the number or the business key of a job", "an ID is empty")
	case tooLong(id):
		return exit.Usagef("give the number or the business key of a job", "an ID is too long: the server takes no address of that length")
	case id == "." || id == "..":
		return exit.Usagef("give the number or the business key of a job", "the ID %s stands for a folder in an address: no job can be asked for by it", id)
	case !utf8.ValidString(id):
		return exit.Usagef("give the number or the business key of a job", "the ID %q is not UTF-8", id)
	}
	return nil
}

// maxEscaped leaves room for the rest of a request line, of which the server takes
// 4096 bytes (wire 1).
const maxEscaped = 3000

func tooLong(key string) bool { return len(url.PathEscape(key)) > maxEscaped }

// Submission is one job to start.
type Submission struct {
	Type dqops.JobType
	// Body are the parameters as the job's history will show them.
	Body any
	Key  string
	// Callers says that the user chose the key, so that it may be taken already.
	Callers bool
	// Adopt says which job of the key is followed instead of starting one.
	Adopt Adopt
	// Deadline ends the attempts; zero is none. A waited request knows it too.
	Deadline time.Time
	// Post sends the request, once, on a connection of its own, and gives the new
	// job's id; nil when the server started nothing.
	Post func(ctx context.Context, start dqops.Start) (*dqops.JobID, error)
	// Told hears, in words for people, why starting takes longer. May be nil.
	Told func(text string)
}

// Submitted is a job that was started or found.
type Submitted struct {
	ID dqops.JobID
	// How it came to be known.
	How Way
}

// Way is how the id of a job came to be known.
type Way int

// The ways.
const (
	// Answered: by the answer to the request that started it.
	Answered Way = iota
	// Seen: by its key, while the answer was waited for, as is usual.
	Seen
	// Found: by its key, after the answer was lost.
	Found
	// Adopted: by its key, before anything was sent; another process started it.
	Adopted
)

// Submit starts the job without waiting for it, or takes over one of its key as
// the submission says. When the answer is lost or doubtful, the key is looked up:
// a job that is found is the one that was started. Nothing is sent a second time
// that may do harm; the table kinds says what that is.
func (f *Follower) Submit(ctx context.Context, s Submission) (*Submitted, error) {
	u, adopted, err := f.begin(ctx, s)
	if err != nil || adopted != nil {
		return adopted, err
	}
	u.attempt = func(ctx context.Context) (*dqops.JobID, error) {
		start := dqops.Start{BusinessKey: s.Key}
		if !s.Deadline.IsZero() {
			start.Limit = max(time.Until(s.Deadline).Round(time.Second), lastLook)
		}
		return s.Post(ctx, start)
	}
	return u.run(ctx)
}

// submitting is the state of starting one job.
type submitting struct {
	*Follower
	patience
	s       Submission
	request Request
	entry   *journal.Entry
	// before is the job that the key named before anything was sent; it is not ours.
	before int64
	// attempt sends the request once.
	attempt func(ctx context.Context) (*dqops.JobID, error)
	resent  bool
}

// begin looks at a caller's key and writes the journal: whatever happens to this
// process from then on, the job is found again.
func (f *Follower) begin(ctx context.Context, s Submission) (*submitting, *Submitted, error) {
	request, err := requestOf(s.Body)
	if err != nil {
		return nil, nil, exit.Internalf("normalize the request: %w", err)
	}
	u := &submitting{Follower: f, patience: patience{budget: f.Budget}, s: s, request: request}
	if s.Callers {
		adopted, err := u.claim(ctx)
		if err != nil {
			return nil, nil, err
		}
		if adopted != nil {
			u.note(ctx)
			u.entry.Started(ctx, adopted.ID.ID)
			return nil, adopted, nil
		}
		u.good()
	}
	u.note(ctx)
	return u, nil, nil
}

func (u *submitting) note(ctx context.Context) {
	u.entry = u.Journal.Begin(ctx, journal.Job{
		Key: u.s.Key, Type: string(u.s.Type), Request: u.request, Before: u.before,
	})
}

// run sends the request until the server has taken it, or it is known why not.
func (u *submitting) run(ctx context.Context) (*Submitted, error) {
	if ctx.Err() != nil {
		u.entry.Over(ctx, journal.NotStarted)
		return nil, context.Cause(ctx)
	}
	for {
		id, err := u.attempt(ctx)
		switch {
		case err == nil && id != nil:
			u.entry.Started(ctx, id.ID)
			return &Submitted{*id, Answered}, nil
		case ctx.Err() != nil:
			return nil, err // the job may have been started; the caller says so
		case err == nil:
			err = errStartedNothing
		case doubtful(err):
			found, err := u.lookUp(ctx, err)
			if found != nil || err != nil {
				return found, err
			}
			continue
		}
		if err := u.hold(ctx, err); err != nil {
			if ctx.Err() == nil {
				u.entry.Over(ctx, journal.NotStarted)
			}
			return nil, err
		}
	}
}

// until ends a context at the moment; zero is none.
func (u *submitting) until(ctx context.Context, end time.Time) (context.Context, context.CancelFunc) {
	if end.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, end, errDeadline)
}

// errStartedNothing is a 201 without an id (wire T20).
var errStartedNothing = errors.New("the server is shutting down and starts no jobs")

// hold waits before a request is sent again that surely started nothing, or returns
// why it is not.
func (u *submitting) hold(ctx context.Context, err error) error {
	ctx, cancel := u.until(ctx, u.s.Deadline)
	defer cancel()
	answered := errors.Is(err, errStartedNothing) || isTooMany(err)
	if answered && u.lastGood.IsZero() {
		u.good()
	}
	if _, retry := transient(err); !retry || u.lastGood.IsZero() {
		return err
	}
	u.tell("nothing was started yet: " + err.Error() + "; trying again")
	given := u.bear(ctx, err)
	if given == nil || ctx.Err() != nil && !errors.Is(given, errDeadline) {
		return given
	}
	return &exit.Error{
		Outcome: exit.Unreachable, Err: err,
		Message: fmt.Sprintf("no job was started: %v", err),
		Hint:    "try again when the server is back",
	}
}

// tell says it once, since it stays true for the attempts that follow.
func (u *submitting) tell(text string) {
	if u.s.Told != nil {
		u.s.Told(text)
		u.s.Told = nil
	}
}
