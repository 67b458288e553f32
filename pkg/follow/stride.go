package follow

import (
	"errors"
	"net/http"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

const (
	// slice is the length of one wait where nothing cuts it: below the 30 s at which
	// many proxies cut idle connections.
	slice      = 20 * time.Second
	leastSlice = time.Second
	// heldTime tells a request that something between gave up from one that the
	// server's side refused.
	heldTime = 2 * time.Second
	// firstProof is how many waits must last their time before a longer one is
	// tried; each cut doubles it, up to the most.
	firstProof = 10
	mostProof  = 640
)

// stride chooses the length of the next wait: shorter after one that was cut, and
// longer again once enough of them lasted.
type stride struct {
	length time.Duration // 0 before the first
	lasted int
	proof  int
}

func (s *stride) next() time.Duration {
	if s.length == 0 {
		s.length, s.proof = slice, firstProof
	}
	return s.length
}

// cut takes a wait that broke after that time.
func (s *stride) cut(after time.Duration) {
	shorter := after * 3 / 4
	if shorter >= s.length {
		shorter = s.length / 2
	}
	s.length = max(shorter.Truncate(time.Second), leastSlice)
	s.lasted, s.proof = 0, min(2*s.proof, mostProof)
}

// last takes a wait that was answered.
func (s *stride) last() {
	s.lasted++
	if s.length < slice && s.lasted >= s.proof {
		s.length = min(slice, max(s.length+leastSlice, (s.length*3/2).Truncate(time.Second)))
		s.lasted = 0
	}
}

// wasCut reports a request that was held for a while and then broke, as proxies
// with a time limit do: a 502, 503 or 504, or a connection that closed. It tells
// nothing of the server: a reading has to.
func wasCut(err error, asked time.Time) bool {
	if time.Since(asked) < heldTime {
		return false
	}
	if broke, ok := errors.AsType[*dqops.UnreachableError](err); ok {
		_, again := transient(err)
		return broke.Sent && again
	}
	said, ok := errors.AsType[*dqops.ServerError](err)
	return ok && said.Status >= http.StatusBadGateway && said.Status <= http.StatusGatewayTimeout
}

// cutError is a question for changes that was cut while the server held it.
type cutError struct{ error }

func (e *cutError) Unwrap() error { return e.error }

// IsCut reports that a question broke while the server held it: contact may well
// stand, and one reading of a job tells.
func IsCut(broken error) bool {
	_, cut := errors.AsType[*cutError](broken)
	return cut
}
