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
	patience *patience
	since    int64
	asked    time.Time
}

// NewStream begins after the sequence number; 0 is all that the server keeps, and
// a job's id is a number that all its own changes lie after. Told hears of each
// failed question that is asked again while the budget lasts; it may be nil.
func NewStream(server Server, since int64, budget time.Duration, told func(error)) *Stream {
	return &Stream{server: server, since: since, patience: &patience{budget: budget, told: told}}
}

// Next hands the changes since the last question to each, in the server's order;
// without news the server holds the question for 20 s. After a broken answer
// changes may come a second time. The first question of all is not repeated.
func (s *Stream) Next(ctx context.Context, each func(dqops.JobChange) error) error {
	if err := pause(ctx, minInterval-time.Since(s.asked)); err != nil {
		return err
	}
	last, err := read(ctx, s.patience, func(ctx context.Context) (int64, error) {
		s.asked = time.Now()
		return s.server.JobChangesSince(ctx, s.since, each)
	})
	if err == nil {
		s.since = last
	}
	return err
}

// Rewind lets the next question begin at or before that number.
func (s *Stream) Rewind(sequence int64) { s.since = min(s.since, sequence) }
