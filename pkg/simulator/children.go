package simulator

import "sync"

// children are the child jobs of one parent. The next one is pushed when
// another's future ends, before its end is in the history, as recorded.
type children struct {
	s      *Server
	parent *job
	works  []work
	ended  chan struct{}

	mu     sync.Mutex
	pushed []*job
}

// runChildren runs a job's children, at most as many at a time as may run, and
// returns them all. The first failure, in their order, fails the parent once
// all have ended; a cancelled child is only left out. When the parent is
// cancelled, those not pushed yet are dropped and the others go on without it
// (wire T4, T6).
func (s *Server) runChildren(parent *job, works []work) ([]*job, error) {
	c := &children{s: s, parent: parent, works: works, ended: make(chan struct{}, len(works))}
	for range min(s.settings.parallelJobs, len(works)) {
		c.push()
	}
	for range works {
		select {
		case <-c.ended:
		case <-parent.stop:
			return nil, errCancelled
		case <-parent.life.over:
			return nil, errGone
		}
	}
	if parent.cancelled() {
		return nil, errCancelled
	}
	for _, child := range c.pushed {
		if failure := child.outcome.failure; failure != nil {
			return nil, &jobFailure{
				class:   "com.dqops.core.jobqueue.exceptions.DqoQueueJobExecutionException",
				message: failure.String(),
			}
		}
	}
	return c.pushed, nil
}

func (c *children) push() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.pushed) < len(c.works) && !c.parent.cancelled() {
		child := &job{work: c.works[len(c.pushed)], parent: c.parent, life: c.parent.life, domain: c.parent.domain, afterDone: c.next}
		c.pushed = append(c.pushed, child)
		c.s.queue(child)
	}
}

func (c *children) next() {
	c.push()
	c.ended <- struct{}{}
}
