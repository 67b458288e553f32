package simulator

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// When is where in the life of a request a fault strikes.
type When string

// The moments, as seen from the effect of the request: the job that it starts,
// the cancellation, the reading.
const (
	// Before: the request was read, its effect never comes.
	Before When = "before"
	// During: the caller is struck first and the effect comes Late afterwards.
	During When = "during"
	// After: the effect is there, the answer suffers.
	After When = "after"
)

// Action is what a fault does.
type Action string

// The actions.
const (
	// Close ends the connection in an orderly way.
	Close Action = "close"
	// Reset breaks the connection (RST).
	Reset Action = "reset"
	// HalfClose says nothing more and keeps listening. A network without half a
	// close is closed.
	HalfClose Action = "half-close"
	// Stall says nothing more and keeps the connection until the caller gives up.
	Stall Action = "stall"
	// Delay lets the time For pass and goes on as if nothing had been.
	Delay Action = "delay"
	// Answer says something else: Status, RetryAfter and Body.
	Answer Action = "answer"
	// RestartNow restarts the server: Down, Starting.
	RestartNow Action = "restart"
	// Shutdown lets the server say for the time For that it is going, and restarts
	// it then: a new job is cancelled at once and gets no id (wire T20).
	Shutdown Action = "shutdown"
)

// The places in an answer where a connection can end; a number counts bytes, from
// the end when it is negative.
const (
	AtHeader = "header" // after the header
	AtBody   = "body"   // in the middle of the body
	AtEnd    = "end"    // after the last byte
)

// The bodies of another answer.
const (
	BodyEmpty     = "empty"
	BodyHTML      = "html"
	BodyError     = "error"     // the server's error JSON
	BodyGarbage   = "garbage"   // not JSON, but called so
	BodyTruncated = "truncated" // half of the true one, with a length that fits
)

// Fault is something that goes wrong with requests: which ones, which of those,
// and what happens to them.
type Fault struct {
	// On names operations of the API, such as run_checks. Left out: any.
	On Words `yaml:"on"`
	// Method and Path choose requests by what was sent. In a path * stands for one
	// segment, and ** at its end for all that follow.
	Method string `yaml:"method"`
	Path   string `yaml:"path"`

	// First strikes the first so many of the chosen requests, Only those with the
	// numbers (from 1), Every each so-manieth, Chance each with that probability,
	// drawn from Seed. What is given must all hold; nothing given strikes always.
	First  int     `yaml:"first"`
	Only   Counts  `yaml:"only"`
	Every  int     `yaml:"every"`
	Chance float64 `yaml:"chance"`
	Seed   uint64  `yaml:"seed"`

	// When is before, during or after the effect. Left out: before.
	When When `yaml:"when"`
	// Late is how long after the strike the effect comes, with During. Left out:
	// 100ms.
	Late Duration `yaml:"late"`

	// Do is what happens.
	Do Action `yaml:"do"`
	// At is where in the answer its connection ends: header, body, end, or a number
	// of bytes. Left out: before the first byte.
	At string `yaml:"at"`
	// For is the length of a delay or a shutdown.
	For Duration `yaml:"for"`
	// Status of another answer. Left out: the true one, or 200.
	Status int `yaml:"status"`
	// RetryAfter and RetryDate send a Retry-After, in seconds or as a date.
	RetryAfter Duration `yaml:"retry-after"`
	RetryDate  Duration `yaml:"retry-date"`
	// Body of another answer. Left out: what a server (500) or a proxy (others) says.
	Body string `yaml:"body"`
	// Down and Starting are the phases of a restart.
	Down     Duration `yaml:"down"`
	Starting Duration `yaml:"starting"`
}

func (f *Fault) String() string {
	text := string(f.Do)
	if f.Do == Answer && f.Status != 0 {
		text += " " + strconv.Itoa(f.Status)
	}
	if f.At != "" {
		text += " at " + f.At
	}
	return text + " " + string(f.When) + " the effect"
}

// connectionEnds reports an action that takes the connection.
func (f *Fault) connectionEnds() bool {
	return slices.Contains([]Action{Close, Reset, HalfClose, Stall}, f.Do)
}

// Injection is a fault that is in force.
type Injection struct {
	fault   Fault
	book    *faultBook
	random  *rand.Rand
	matched int
	struck  int
}

// Struck is how many requests the fault has struck so far.
func (i *Injection) Struck() int {
	i.book.mu.Lock()
	defer i.book.mu.Unlock()
	return i.struck
}

// Remove ends the fault.
func (i *Injection) Remove() {
	i.book.mu.Lock()
	defer i.book.mu.Unlock()
	i.book.injected = slices.DeleteFunc(i.book.injected, func(other *Injection) bool { return other == i })
}

// faultBook holds the faults in force.
type faultBook struct {
	mu       sync.Mutex
	injected []*Injection
}

// Inject puts a fault in force. Of several that would strike a request the one
// that was injected first does; all count it.
func (s *Server) Inject(f Fault) (*Injection, error) {
	f.fillIn()
	if err := f.validate(); err != nil {
		return nil, fmt.Errorf("inject a fault: %w", err)
	}
	return s.faults.add(f), nil
}

func (b *faultBook) add(f Fault) *Injection {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := &Injection{fault: f, book: b, random: rand.New(rand.NewPCG(f.Seed, f.Seed))}
	b.injected = append(b.injected, i)
	return i
}

// strike returns the fault that strikes the request, nil for none.
func (b *faultBook) strike(r *http.Request) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	var hit *Fault
	for _, i := range b.injected {
		if !i.fault.chooses(r) {
			continue
		}
		i.matched++
		if i.counts() && hit == nil {
			i.struck++
			hit = &i.fault
		}
	}
	return hit
}

// counts says whether the fault strikes the request that it has just chosen.
func (i *Injection) counts() bool {
	f := &i.fault
	switch {
	case f.First > 0 && i.matched > f.First:
		return false
	case len(f.Only) > 0 && !slices.Contains(f.Only, i.matched):
		return false
	case f.Every > 0 && i.matched%f.Every != 0:
		return false
	}
	return f.Chance == 0 || i.random.Float64() < f.Chance
}

func (f *Fault) chooses(r *http.Request) bool {
	path := r.URL.EscapedPath()
	if f.Method != "" && f.Method != r.Method || f.Path != "" && !globPath(f.Path, path) {
		return false
	}
	return len(f.On) == 0 || slices.ContainsFunc(f.On, func(name string) bool {
		o := operations[name]
		_, match := matchPath(o.path, path)
		return match && o.method == r.Method
	})
}

// globPath compares a path with a fault's pattern, segment by segment.
func globPath(pattern, path string) bool {
	if head, open := strings.CutSuffix(pattern, "/**"); open {
		segments := strings.Split(path, "/")
		depth := len(strings.Split(head, "/"))
		return len(segments) > depth && globPath(head, strings.Join(segments[:depth], "/"))
	}
	_, match := matchPath(strings.ReplaceAll(pattern, "*", "{}"), path)
	return match
}
