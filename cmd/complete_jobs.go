package cmd

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/follow"
)

// jobs offers the jobs that the server tells of, the newest first: their numbers,
// or once a letter was typed their business keys. Those that cannot be meant are
// left out, and jobs that others started as long as another one fits.
func jobs(ctx context.Context, c *completing) ([]candidate, error) {
	// Beside numbers it would only keep a single one from being completed.
	if strings.HasPrefix(c.typed, "@") {
		return c.last()
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	// What was read until the time was up is as true as all of it.
	ledger, err := follow.Glance(ctx, client)
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	found := c.jobsOf(ledger, follow.Query{})
	if len(found) == 0 && c.typed != "" {
		found = c.jobsOf(ledger, follow.Query{Children: true})
	}
	return found, nil
}

// last offers the newest job of the journal, when there is one.
func (c *completing) last() ([]candidate, error) {
	s, err := c.app.settings(c.cmd)
	if err != nil {
		return nil, err
	}
	kept, err := c.app.journal(s).Jobs()
	if err != nil || len(kept) == 0 {
		return nil, err
	}
	return without([]candidate{{follow.LastJob, "the newest job of this machine: " + kept[0].Type + ", " + nameOfKept(kept[0])}}, c.args), nil
}

func (c *completing) jobsOf(ledger *follow.Ledger, wanted follow.Query) []candidate {
	byKey := strings.Trim(c.typed, "0123456789") != ""
	var found []candidate
	for _, job := range ledger.List(wanted) {
		value := strconv.FormatInt(job.ID, 10)
		if byKey {
			value = job.Key
		}
		if c.meant(job) && strings.HasPrefix(value, c.typed) {
			found = append(found, candidate{value, aboutJob(job, byKey)})
		}
	}
	return without(found, c.args)
}

func (c *completing) meant(job *follow.Entry) bool {
	switch {
	case c.flag != nil:
		return job.Children > 0
	case c.cmd.Name() == "cancel":
		return !job.Status.Final()
	default:
		return true
	}
}

func aboutJob(job *follow.Entry, byKey bool) string {
	parts := []string{string(job.Type), string(job.Status)}
	if byKey {
		parts = append(parts, strconv.FormatInt(job.ID, 10))
	} else if !follow.IsNewKey(job.Key) {
		parts = append(parts, job.Key)
	}
	if !job.CreatedAt.IsZero() {
		parts = append(parts, job.CreatedAt.Local().Format(time.TimeOnly))
	}
	var known []string
	for _, part := range parts {
		if part != "" {
			known = append(known, part)
		}
	}
	return strings.Join(known, ", ")
}
