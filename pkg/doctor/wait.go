package doctor

import (
	"context"
	"time"
)

// readyPause is how long a server is left alone between two questions.
const readyPause = time.Second

// wait asks until the server is healthy or the time is up. Whatever it answers
// meanwhile may pass: nothing, a proxy's error, another status.
func (d *Doctor) wait(ctx context.Context, most time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for {
		healthy, err := d.Client.Healthy(ctx)
		if healthy || ctx.Err() != nil {
			return
		}
		why := "its job queues do not run yet"
		if err != nil {
			why = err.Error()
		}
		if d.Waiting != nil {
			d.Waiting(why)
		}
		select {
		case <-time.After(readyPause):
		case <-ctx.Done():
			return
		}
	}
}
