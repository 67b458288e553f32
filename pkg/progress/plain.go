package progress

import (
	"fmt"
	"sync"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

const heartbeat = 30 * time.Second

// plain prints one line a change, and one when nothing has changed for long. Where
// the log can, all but the first of several in a row are folded away; messages
// never are.
type plain struct {
	messages
	began time.Time
	group exit.Group
	end   chan struct{}

	mutex   sync.Mutex
	state   State
	printed time.Time // the last line; zero before the first
	stopped bool
	row     int // lines since the last message
	section section
}

func newPlain(base messages, now time.Time) *plain {
	p := &plain{messages: base, began: now, end: make(chan struct{}), section: newSection(base.streams)}
	p.group.Go(p.beat)
	return p
}

// Update prints the state when it reads otherwise than the last one.
func (p *plain) Update(state State) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	before := p.state
	p.state = state
	if p.stopped || state.sentence() == before.sentence() {
		return
	}
	p.print(state.sentence())
}

// Line prints the message outside of what is folded away.
func (p *plain) Line(text string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.section.close()
	p.row = 0
	p.messages.Line(text)
}

// Stop ends the heartbeat.
func (p *plain) Stop() {
	p.mutex.Lock()
	first := !p.stopped
	p.stopped = true
	p.section.close()
	p.mutex.Unlock()
	if first {
		close(p.end)
	}
	if err := p.group.Wait(); err != nil && first {
		p.Line(err.Error())
	}
}

func (p *plain) beat() error {
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	for {
		select {
		case <-p.end:
			return nil
		case <-timer.C:
			timer.Reset(p.sayStill())
		}
	}
}

// sayStill prints a heartbeat if one is due and returns when to look again.
func (p *plain) sayStill() time.Duration {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.stopped || p.printed.IsZero() {
		return heartbeat
	}
	if left := heartbeat - time.Since(p.printed); left > 0 {
		return left
	}
	p.print("still " + join([]string{p.state.sentence(), seconds(time.Since(p.began))}, ", "))
	return heartbeat
}

func (p *plain) print(text string) {
	p.printed = time.Now()
	if p.row++; p.row > 1 {
		p.section.open("progress")
	}
	fmt.Fprintf(p.streams.Err, "%s %s\n", p.printed.UTC().Format(time.RFC3339), text)
}
