package dqops

import (
	"context"
	"net/http"
)

// IsCronSchedulerRunning tells whether the job scheduler runs. The answer is a
// bare JSON boolean (wire 2.4).
func (c *Client) IsCronSchedulerRunning(ctx context.Context) (bool, error) {
	var running bool
	r := call{doing: "ask whether the scheduler runs", method: http.MethodGet, path: "/api/jobs/scheduler/isrunning"}
	err := c.whole(ctx, r, &running)
	return running, err
}

// StartCronScheduler starts the job scheduler; also when it runs already. Starting
// queues a synchronization of the metadata (wire 2.4).
func (c *Client) StartCronScheduler(ctx context.Context) error {
	return c.switchScheduler(ctx, "start")
}

// StopCronScheduler stops the job scheduler; jobs that are queued go on.
func (c *Client) StopCronScheduler(ctx context.Context) error {
	return c.switchScheduler(ctx, "stop")
}

// switchScheduler succeeds with an empty answer; a body that is not empty comes
// from something else (wire 2.4).
func (c *Client) switchScheduler(ctx context.Context, to string) error {
	r := call{doing: to + " the scheduler", method: http.MethodPost, path: "/api/jobs/scheduler/status/" + to}
	return c.exchange(ctx, r, func(resp *http.Response) error {
		body, err := readBody(resp, maxErrorBody)
		if err != nil {
			return c.unreadable(r, resp, err)
		}
		if len(body) > 0 {
			return c.protocol(r, resp, "an answer came where DQOps sends none")
		}
		return nil
	})
}
