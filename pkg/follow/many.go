package follow

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// Target is one of several jobs to follow, by number or business key.
type Target struct {
	ID string
	// Ours says that this process started it, so that a server that does not know
	// it is asked again for some seconds.
	Ours bool
}

// End is what following one of several jobs found.
type End struct {
	Followed
	// Err is why its end, or a part of it, is not known.
	Err error
}

// WaitMany follows several jobs to their ends, with one stream of changes instead
// of a wait for each and one request at a time. Each job itself is read when it
// has ended. The results are in the order of the targets; the deadline is as for
// Wait. Ended is called at once for each job that has ended well or badly, before
// the others are followed on; it may be nil.
func (f *Follower) WaitMany(ctx context.Context, targets []Target, deadline time.Time, ended func(place int, end End)) []End {
	c := newCrowd(f, targets)
	c.ended = ended
	c.follow(ctx, deadline)
	ends := make([]End, len(targets))
	for i, m := range c.members {
		ends[i] = m.end()
	}
	return ends
}

// crowd is the state of following several jobs. One goroutine works on it.
type crowd struct {
	*Follower
	any      bool
	ended    func(place int, end End)
	patience patience
	stream   *Stream
	asked    int    // questions that were answered
	ledger   Ledger // of the members alone
	members  []*member
	byNumber map[int64][]*member
	byText   map[string][]*member
}

func newCrowd(f *Follower, targets []Target) *crowd {
	c := &crowd{
		Follower: f, patience: patience{budget: f.Budget},
		byNumber: make(map[int64][]*member), byText: make(map[string][]*member),
	}
	c.patience.told = func(error) { c.away() }
	for _, t := range targets {
		m := &member{Target: t, heard: time.Now()}
		if number, ok := numberOf(t.ID); ok {
			c.number(m, number)
		} else {
			m.due = true
		}
		if t.Ours {
			c.patience.good()
		}
		c.members = append(c.members, m)
		c.byText[t.ID] = append(c.byText[t.ID], m)
	}
	return c
}

func (c *crowd) number(m *member, number int64) {
	m.number = number
	m.family.parent(&dqops.Job{ID: dqops.JobID{ID: number}})
	c.byNumber[number] = append(c.byNumber[number], m)
	if c.stream != nil {
		c.stream.Rewind(number)
	}
}

// follow returns when it is known of every job how it ended, or why not.
func (c *crowd) follow(ctx context.Context, deadline time.Time) {
	bounded := ctx
	if !deadline.IsZero() {
		var cancel context.CancelFunc
		bounded, cancel = context.WithDeadlineCause(ctx, deadline, errDeadline)
		defer cancel()
	}
	err := c.run(bounded)
	if errors.Is(err, errDeadline) {
		err = c.lastLook(ctx)
	}
	if errors.Is(err, errDeadline) {
		for _, m := range c.open() {
			m.finish(m.timedOut())
		}
	}
	for _, m := range c.open() {
		if !c.any || err != nil {
			m.finish(err)
		}
	}
	c.tell()
	c.handOver()
}

func (c *crowd) run(ctx context.Context) error {
	if err := c.readDue(ctx); err != nil {
		return err
	}
	c.stream = NewStream(c.Server, c.beginning(), c.Budget)
	if !c.patience.lastGood.IsZero() {
		c.stream.Contact()
	}
	if len(c.byNumber) > 0 && !c.over() {
		if err := c.firstQuestion(ctx); err != nil {
			return err
		}
	}
	for {
		if err := c.readDue(ctx); err != nil {
			return err
		}
		c.tell()
		c.handOver()
		if c.over() {
			return nil
		}
		if err := c.nextQuestion(ctx); err != nil {
			return err
		}
		c.audit()
	}
}

// handOver passes on the jobs that have ended since the last time.
func (c *crowd) handOver() {
	for i, m := range c.members {
		if c.ended != nil && m.done && m.err == nil && !m.handed {
			m.handed = true
			c.ended(i, m.end())
		}
	}
}

// beginning is where the changes of all members begin: ids and sequence numbers
// come from one counter (wire T19).
func (c *crowd) beginning() int64 {
	var first int64
	for _, m := range c.members {
		if m.number != 0 && (first == 0 || m.number < first) {
			first = m.number
		}
	}
	return first
}

// firstQuestion learns of most jobs at once how they stand. Those that no change
// tells of are read; the question is held when there is no change at all.
func (c *crowd) firstQuestion(ctx context.Context) error {
	bounded, cancel := context.WithTimeoutCause(ctx, settleTime, errSilence)
	defer cancel()
	if err := c.ask(bounded); err != nil && !errors.Is(err, errSilence) {
		return err
	}
	for _, m := range c.members {
		m.due = m.due || !m.done && !m.seenBefore()
	}
	return nil
}

var errSilence = errors.New("the server holds the question")

// nextQuestion asks the stream, or waits when jobs have to be read again soon. A
// question from just before the end of a job is answered at once.
func (c *crowd) nextQuestion(ctx context.Context) error {
	hurry, settling := false, false
	for _, m := range c.open() {
		hurry = hurry || m.due
		if !m.ended.IsZero() && !m.due {
			settling = true
			m.family.rewind()
			c.stream.Rewind(m.family.since)
		}
	}
	if !settling && !hurry {
		return c.ask(ctx)
	}
	if !settling {
		return pause(ctx, minInterval)
	}
	bounded, cancel := context.WithTimeoutCause(ctx, settleTime, errSilence)
	defer cancel()
	err := c.ask(bounded)
	if errors.Is(err, errSilence) {
		c.asked++
		err = nil
	}
	for _, m := range c.open() {
		m.settle(c.asked)
	}
	return err
}

func (c *crowd) ask(ctx context.Context) error {
	broken, err := c.stream.Next(ctx, c.fold)
	switch {
	case err != nil:
		return err
	case IsCut(broken):
		c.patience.good()
		c.open()[0].due = true // the first that is unknown lets all be doubted
	case broken != nil:
		c.doubtAll()
	default:
		c.asked++
		c.patience.good()
	}
	return nil
}

func (c *crowd) fold(change dqops.JobChange) error {
	id := change.ID
	if members := c.byNumber[id.ID]; len(members) > 0 {
		e := c.ledger.Fold(change)
		for _, m := range members {
			if err := m.family.fold(change); err != nil {
				return err
			}
			if e != nil {
				m.learn(e)
			}
		}
	}
	if id.Parent != nil {
		for _, m := range c.byNumber[id.Parent.ID] {
			if err := m.family.fold(change); err != nil {
				return err
			}
		}
	}
	for _, m := range c.byText[id.BusinessKey] {
		// A key hides the job whose number it looks like (wire 2.0).
		if m.number != id.ID && m.followed.Job == nil && !m.done {
			m.due = true
		}
	}
	return nil
}

// readDue reads the jobs that have to be read.
func (c *crowd) readDue(ctx context.Context) error {
	for _, m := range c.open() {
		if !m.due {
			continue
		}
		if err := c.look(ctx, m); err != nil {
			return err
		}
		m.settle(c.asked)
	}
	return nil
}

// look reads one job. An error that would meet all the others too is returned.
func (c *crowd) look(ctx context.Context, m *member) error {
	id := m.ID
	if m.number != 0 && m.followed.Job != nil {
		// A key may point at a newer job by now (wire T9).
		id = strconv.FormatInt(m.number, 10)
	}
	job, err := read(ctx, &c.patience, func(ctx context.Context) (*dqops.Job, error) { return c.Server.GetJob(ctx, id) })
	if err == nil {
		c.seen(m, job, id)
		return nil
	}
	if _, unknown := errors.AsType[*dqops.NotFoundError](err); unknown {
		if m.missing.IsZero() && m.seenBefore() {
			c.doubtAll()
		}
		if !m.Ours && !m.seenBefore() && m.missing.IsZero() {
			if !c.starting(ctx) {
				m.finish(err)
				return nil
			}
			c.patience.good()
		}
		m.unknown(err)
		return nil
	}
	if _, own := errors.AsType[*dqops.ServerError](err); own {
		m.finish(err)
		return nil
	}
	return err
}

func (c *crowd) seen(m *member, job *dqops.Job, id string) {
	m.due, m.missing, m.heard = false, time.Time{}, time.Now()
	switch {
	case m.number == 0:
		c.number(m, job.ID.ID)
	case m.number != job.ID.ID && !m.Ours && !m.seenBefore():
		c.number(m, job.ID.ID) // the text was a key after all
	case m.number != job.ID.ID:
		m.finish(hidden(m.number, job.ID.ID, id))
		return
	}
	m.followed.Job = job
	m.family.parent(job)
	if !job.Status.Final() {
		return
	}
	if m.ended.IsZero() {
		m.ended, m.endedAt = time.Now(), c.asked
	}
	m.due = missesResult(job) && time.Since(m.ended) < settleTime
}

func (c *crowd) open() []*member {
	var open []*member
	for _, m := range c.members {
		if !m.done {
			open = append(open, m)
		}
	}
	return open
}

func (c *crowd) over() bool {
	return len(c.open()) == 0 || c.any && c.decided()
}

// lastLook is the one reading after the deadline: a job that is over is not timed
// out. The error is errDeadline when nothing worse was met.
func (c *crowd) lastLook(ctx context.Context) error {
	looking, cancel := context.WithTimeoutCause(ctx, lastLook, errDeadline)
	defer cancel()
	for _, m := range c.open() {
		if err := c.look(looking, m); err != nil {
			return err
		}
		if !m.done && !m.ended.IsZero() {
			m.finish(nil)
		}
	}
	return errDeadline
}

func (c *crowd) tell() {
	ended := 0
	for _, m := range c.members {
		if m.done && m.err == nil {
			ended++
		}
	}
	c.observe(Progress{Status: dqops.StatusRunning, Done: ended, Total: len(c.members), Jobs: true})
}
