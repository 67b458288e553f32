package cmd

import (
	"context"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// suggestTime bounds what is done for a hint after all else is done.
const suggestTime = 2 * time.Second

// suggestConnection tells after a job in which nothing ran that the server does not
// have the connection, and which one is near. It fails in silence: the result
// stands without it.
func (p *pipeline) suggestConnection(ctx context.Context, r verdict.Result, f dqops.CheckSearchFilters) {
	if r.Outcome != exit.NothingRan || r.Problem != nil || f.Connection == "" || strings.Contains(f.Connection, "*") {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, suggestTime)
	defer cancel()
	hint, found, err := p.findConnection(ctx, f.Connection)
	if err != nil || found {
		return
	}
	p.app.complain(verdict.Problem{Message: "the server has no connection " + f.Connection, Hint: hint})
}
