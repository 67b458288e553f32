package follow

import (
	"context"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// Stream asks for the changes of all jobs, one question after the other, at least
// 300 ms apart: each change answers a question, so a big run would be asked about
// hundreds of times (wire L14).
type Stream struct {
	server   Server
	patience patience
	since    int64
	asked    time.Time
}

// NewStream begins after the sequence number; 0 is all that the server keeps, and
// a job's id is a number that all its own changes lie after. Budget is how long
// contact may be lost.
func NewStream(server Server, since int64, budget time.Duration) *Stream {
	return &Stream{server: server, since: since, patience: patience{budget: budget}}
}

// Next hands the changes since the last question to each, in the server's order;
// without news the server holds the question for 20 s. When contact is lost and
// may come back, broken is why, and the same question is to be asked again, after
// a look at what came back: changes may then come a second time. A pause has been
// made by then, except when IsCut. An error is final; so is every one before there
// was contact.
func (s *Stream) Next(ctx context.Context, each func(dqops.JobChange) error) (broken, err error) {
	if err := pause(ctx, minInterval-time.Since(s.asked)); err != nil {
		return nil, err
	}
	s.asked = time.Now()
	last, err := s.server.JobChangesSince(ctx, s.since, each)
	if err != nil && ctx.Err() == nil && !s.patience.lastGood.IsZero() && wasCut(err, s.asked) {
		s.patience.good()
		return &cutError{err}, nil
	}
	if err != nil {
		return err, s.patience.bear(ctx, err)
	}
	s.patience.good()
	s.since = last
	return nil, nil
}

// Rewind lets the next question begin at or before that number.
func (s *Stream) Rewind(sequence int64) { s.since = min(s.since, sequence) }

// Begin lets the next question begin after that number.
func (s *Stream) Begin(sequence int64) { s.since = sequence }

// Contact renews the budget: the server answered something else.
func (s *Stream) Contact() { s.patience.good() }
