package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/journal"
	"github.com/dqoctl/dqoctl/pkg/output"
)

// maxMine is how many jobs of the journal are asked for, one by one, when no change
// tells of them.
const maxMine = 100

// statusForgotten is, in a list, that of a job which the server does not know. It is
// no word of the server's.
const statusForgotten dqops.JobStatus = "forgotten"

// mine is a job of the journal beside what the server tells of it.
type mine struct {
	*follow.Entry
	kept journal.Job
}

// MarshalJSON adds the journal's line to the server's own object.
func (m mine) MarshalJSON() ([]byte, error) {
	server, err := json.Marshal(m.Entry)
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(m.kept)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(bytes.TrimSuffix(server, []byte("}")), `,"journal":%s}`, line), nil
}

// listMine gives the jobs of the journal that the query wants.
func (o *jobsListOptions) listMine(ctx context.Context, server follow.Server, ledger *follow.Ledger) ([]mine, error) {
	j := o.app.journal(o.settings)
	jobs, err := kept(j)
	if err != nil {
		return nil, err
	}
	if len(jobs) == 0 {
		o.app.inform(noJobs(j))
	}
	finder := &follow.Follower{Server: server, Journal: j}
	found := make(map[*follow.Entry]journal.Job, len(jobs))
	entries := make([]*follow.Entry, 0, len(jobs))
	for i, job := range jobs {
		entry, known := ledger.Find(strconv.FormatInt(job.ID, 10))
		if !known || job.ID == 0 {
			if i >= maxMine {
				continue
			}
			if entry, err = findMine(ctx, finder, job); err != nil {
				return nil, err
			}
		}
		found[entry] = job
		entries = append(entries, entry)
	}
	if left := len(jobs) - len(entries); left > 0 {
		o.app.inform(fmt.Sprintf("%d older jobs are not listed", left))
	}
	var list []mine
	for _, entry := range o.query.Select(entries) {
		if entry.Status == statusForgotten {
			entry.ChangedAt = time.Time{} // it stood in for the wants of the query; nobody knows it
		}
		list = append(list, mine{entry, found[entry]})
	}
	return list, nil
}

// findMine asks the server for a job that no change told of.
func findMine(ctx context.Context, finder *follow.Follower, kept journal.Job) (*follow.Entry, error) {
	var job *dqops.Job
	var err error
	if kept.ID == 0 {
		job, err = finder.FindAgain(ctx, kept)
	} else {
		job, err = finder.Server.GetJob(ctx, strconv.FormatInt(kept.ID, 10))
	}
	if err == nil {
		return new(follow.Ledger).Learn(job), nil
	}
	_, unknown := errors.AsType[*dqops.NotFoundError](err)
	coded, _ := errors.AsType[*exit.Error](err)
	if !unknown && (coded == nil || coded.Outcome != exit.JobLost) {
		return nil, err
	}
	return &follow.Entry{
		ID: kept.ID, Key: kept.Key, CreatedAt: kept.At, ChangedAt: kept.At,
		Type: dqops.JobType(kept.Type), Status: statusForgotten, Domain: kept.Domain,
	}, nil
}

// mineColumn adds what the journal knows, which is all that is left of a forgotten
// job.
func mineColumn(l *output.List, jobs []mine) {
	const after = 4
	l.Columns = append(l.Columns[:after:after], append([]output.Column{{Name: "LAST KNOWN", Spare: 4}}, l.Columns[after:]...)...)
	for i, job := range jobs {
		row := l.Rows[i]
		if job.ID == 0 {
			row[0] = output.Cell{}
		}
		l.Rows[i] = append(row[:after:after], append([]output.Cell{{Text: job.kept.Status}}, row[after:]...)...)
	}
}
