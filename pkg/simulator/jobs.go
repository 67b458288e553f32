package simulator

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// errCancelled ends the work of a job whose cancellation was seen.
var errCancelled = errors.New("the job was cancelled")

// settleTime lies between the end of a caller's job's work, when waiting callers
// are answered, and the end in its history (wire T3).
const settleTime = 2 * time.Millisecond

// work is what a job does. Every kind of job implements it.
type work interface {
	kind() string
	// parent jobs start children and have a queue of their own (wire 5).
	isParent() bool
	// parameters are what the history shows, with the stored result once the
	// job has ended.
	parameters(ended bool) map[string]any
	// storesResult says whether the history gets a result at the end.
	storesResult() bool
	// resultClass is the Java class that the job's future returns, "" for void
	// jobs, whose generic wait is always empty (wire T7).
	resultClass() string
	run(s *Server, j *job) error
}

// job is one entry of the history. Its fields are guarded by Server.mu, but
// for id, key, work, parent, life, domain, createdAt and the channels.
type job struct {
	id        int64
	key       *string
	work      work
	parent    *job
	life      *life
	domain    string
	createdAt time.Time

	status       string
	statusAt     time.Time
	errorMessage string
	neverStarted bool          // cancelled before a worker took it
	stop         chan struct{} // closed when cancellation is requested
	done         chan struct{} // closed when the job's future completes
	outcome      outcome       // set before done is closed
	afterDone    func()        // called once, when done is closed; may be nil
}

// outcome is what the job's future completes with.
type outcome struct {
	cancelled bool
	failure   *jobFailure
}

// jobFailure is a Java exception: its class and its message.
type jobFailure struct {
	class   string
	message string
}

func (f *jobFailure) Error() string  { return f.message }
func (f *jobFailure) String() string { return f.class + ": " + f.message }

// jobState is everything that Server.mu guards.
type jobState struct {
	phase
	life         *life
	history      []*job // this life's jobs in the order of ids, without those purged
	byKey        map[string]*job
	pending      map[bool][]*job // by isParent
	busy         map[bool]int
	limits       limits
	scheduler    bool // runs
	changes      []jobChange
	folders      folderStatus
	folderChange int64         // number of the newest folder status
	changed      chan struct{} // closed at the next change
}

func newJobState(l *life) jobState {
	const same = "unchanged"
	return jobState{
		life:  l,
		byKey: map[string]*job{}, pending: map[bool][]*job{}, busy: map[bool]int{},
		limits:  newLimits(),
		changed: make(chan struct{}),
		folders: folderStatus{same, same, same, same, same, same, same, same, same, same, same, same, same},
	}
}

// nextNumber draws an id or sequence number: epoch seconds x 1,000,000 plus a
// counter; both come from one generator (wire 3.1, T19). It needs s.mu.
func (s *Server) nextNumber() int64 {
	first := s.clock.now().Unix() * 1_000_000
	s.lastNumber = max(s.lastNumber+1, first)
	return s.lastNumber
}

// submit queues a job of a caller. A key is not checked for being in use: the
// newest job has it (wire T9). It returns nil when the life is over.
func (s *Server) submit(l *life, domain string, w work, key *string) *job {
	j := &job{work: w, key: key, life: l, domain: domain}
	if !s.queue(j) {
		return nil
	}
	return j
}

// queue gives a job its number and a place behind the others, unless its life
// is over.
func (s *Server) queue(j *job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lives(j) {
		return false
	}
	j.id, j.createdAt = s.nextNumber(), s.clock.now()
	j.stop, j.done = make(chan struct{}), make(chan struct{})
	s.everyJob = append(s.everyJob, j)
	if s.starting {
		j.status = statusQueued
		s.early = append(s.early, j)
		return true
	}
	s.publish(j)
	return true
}

// publish makes a job known to callers and workers. It needs s.mu.
func (s *Server) publish(j *job) {
	s.history = append(s.history, j)
	if j.key != nil {
		s.byKey[*j.key] = j
	}
	s.setStatus(j, statusQueued, j.createdAt)
	parents := j.work.isParent()
	s.pending[parents] = append(s.pending[parents], j)
	s.dispatchJobs(parents)
}

// dispatchJobs gives waiting jobs to free workers. It needs s.mu.
func (s *Server) dispatchJobs(parents bool) {
	for s.busy[parents] < s.settings.parallelJobs {
		j := s.nextJob(parents)
		if j == nil {
			return
		}
		s.busy[parents]++
		s.launch("job "+strconv.FormatInt(j.id, 10), func() { s.work(j) })
	}
}

// work is one worker's turn: it takes the job, does it and frees its place.
func (s *Server) work(j *job) {
	defer s.freeWorker(j)
	started := j.parent == nil // by a caller
	if started {
		s.pass(j.life, StageQueued)
	}
	if !s.take(j) {
		return
	}
	defer s.freePlace(j)
	if started {
		s.pass(j.life, StageRunning)
	}
	err := s.doWork(j)
	if errors.Is(err, errGone) {
		return
	}
	s.complete(j, outcomeOf(err))
	if started {
		s.pass(j.life, StageFinishing)
		if errors.Is(j.life.pause(settleTime, nil), errGone) {
			return
		}
	}
	s.end(j, err)
}

func (s *Server) freeWorker(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lives(j) {
		return
	}
	parents := j.work.isParent()
	s.busy[parents]--
	s.dispatchJobs(parents)
}

// take starts the job, or ends it if its cancellation came first (wire T6).
func (s *Server) take(j *job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lives(j) {
		return false
	}
	if j.status == statusCancelRequested {
		j.neverStarted = true
		s.setStatus(j, statusCancelled, s.clock.now())
		return false
	}
	s.setStatus(j, statusRunning, s.clock.now())
	return true
}

// doWork runs the job and turns a panic into its failure.
func (s *Server) doWork(j *job) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.logf("panic in job %d: %v", j.id, cause)
			err = &jobFailure{class: "java.lang.RuntimeException", message: fmt.Sprint(cause)}
		}
	}()
	if err := j.life.pause(0, nil); err != nil {
		return err
	}
	return j.work.run(s, j)
}

func outcomeOf(err error) outcome {
	if err == nil {
		return outcome{}
	}
	if errors.Is(err, errCancelled) {
		return outcome{cancelled: true}
	}
	return outcome{failure: asFailure(err)}
}

func asFailure(err error) *jobFailure {
	if failure, ok := errors.AsType[*jobFailure](err); ok {
		return failure
	}
	return &jobFailure{class: "java.lang.RuntimeException", message: err.Error()}
}

// complete ends the job's future, unless a cancellation has done it before.
// Whoever waits for it hears of it before the history does (wire T3).
func (s *Server) complete(j *job, o outcome) {
	s.mu.Lock()
	first := s.lives(j) && j.completeOnce(o)
	s.mu.Unlock()
	if first && j.afterDone != nil {
		j.afterDone()
	}
}

// completeOnce needs Server.mu.
func (j *job) completeOnce(o outcome) (first bool) {
	select {
	case <-j.done:
		return false
	default:
		j.outcome = o
		close(j.done)
		return true
	}
}

// end puts the job's end into the history. Work that passed its last look at
// the cancellation ends as finished (wire T6).
func (s *Server) end(j *job, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lives(j) {
		return
	}
	switch o := outcomeOf(err); {
	case o.cancelled:
		s.setStatus(j, statusCancelled, s.clock.now())
	case o.failure != nil:
		j.errorMessage = o.failure.String()
		s.setStatus(j, statusFailed, s.clock.now())
	default:
		s.setStatus(j, statusFinished, s.clock.now())
		s.supersede(j)
	}
}
