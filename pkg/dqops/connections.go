package dqops

import (
	"context"
	"net/http"
)

// Connection is a data source as the list of connections names it (wire 3.10).
type Connection struct {
	ConnectionName string `json:"connection_name"`
	ProviderType   string `json:"provider_type"`
}

// Connections reads all connections.
func (c *Client) Connections(ctx context.Context) ([]Connection, error) {
	var connections []Connection
	r := call{doing: "list the connections", method: http.MethodGet, path: "/api/connections"}
	if err := c.whole(ctx, r, &connections); err != nil {
		return nil, err
	}
	return connections, nil
}
