package dqops

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Healthy tells whether the server is up and both of its job queues run. A server
// that is starting says that it is not, and knows no jobs yet (wire T20). No token
// is needed. Contact that is lost, and anything that is not a DQOps server's
// answer, is an error.
func (c *Client) Healthy(ctx context.Context) (bool, error) {
	r := call{doing: "ask whether the server is healthy", method: http.MethodGet, path: "/api/ishealthy"}
	err := c.exchange(ctx, r, func(resp *http.Response) error {
		body, err := readBody(resp, maxErrorBody)
		if err != nil {
			return c.unreadable(r, resp, err)
		}
		if strings.TrimSpace(string(body)) != "OK" {
			return c.protocol(r, resp, "the answer is not OK")
		}
		return nil
	})
	if said, ok := errors.AsType[*ServerError](err); ok && said.Status == http.StatusServiceUnavailable {
		return false, nil
	}
	return err == nil, err
}
