package follow

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

// Order is what a list of jobs is sorted by.
type Order string

// The orders. Numbers and times come newest first, words alphabetically and
// within one word newest first.
const (
	ByID      Order = "id"
	ByCreated Order = "created"
	ByChanged Order = "changed"
	ByStatus  Order = "status"
	ByType    Order = "type"
)

// Query says which jobs of a Ledger are wanted. The zero value is all that have
// no parent, newest first.
type Query struct {
	Status []dqops.JobStatus // empty: all
	Types  []dqops.JobType   // empty: all
	// Parent is the job whose children are wanted; 0: jobs without a parent, and
	// with Children also those that have one.
	Parent   int64
	Children bool
	// Since leaves out jobs that did not change after it; zero: none.
	Since time.Time
	Limit int // 0: none
	Order Order
}

// List gives the jobs that the query wants, in its order.
func (l *Ledger) List(q Query) []*Entry {
	return q.Select(slices.Collect(maps.Values(l.entries)))
}

// Select gives those of the jobs that the query wants, in its order.
func (q Query) Select(jobs []*Entry) []*Entry {
	list := make([]*Entry, 0, len(jobs))
	for _, e := range jobs {
		if q.wants(e) {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, q.compare)
	if q.Limit > 0 && len(list) > q.Limit {
		list = list[:q.Limit]
	}
	return list
}

func (q Query) wants(e *Entry) bool {
	switch {
	case q.Parent != 0 && e.Parent != q.Parent:
		return false
	case q.Parent == 0 && e.Parent != 0 && !q.Children:
		return false
	case len(q.Status) > 0 && !slices.Contains(q.Status, e.Status):
		return false
	case len(q.Types) > 0 && !slices.Contains(q.Types, e.Type):
		return false
	}
	return q.Since.IsZero() || e.ChangedAt.After(q.Since)
}

func (q Query) compare(a, b *Entry) int {
	newest := cmp.Compare(b.ID, a.ID)
	switch q.Order {
	case ByCreated:
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), newest)
	case ByChanged:
		return cmp.Or(b.ChangedAt.Compare(a.ChangedAt), newest)
	case ByStatus:
		return cmp.Or(cmp.Compare(a.Status, b.Status), newest)
	case ByType:
		return cmp.Or(cmp.Compare(a.Type, b.Type), newest)
	default:
		return newest
	}
}

// Lister is what listing needs of a client.
type Lister interface {
	Server
	GetAllJobs(ctx context.Context) (*dqops.JobSnapshot, error)
}

var _ Lister = (*dqops.Client)(nil)

const (
	// maxRead bounds how many old jobs are read for a list.
	maxRead = 100
	// silence is how long the question for all changes may have no answer before
	// it is asked whether there are any: a server that keeps none holds it for
	// 20 s (wire T19).
	silence = time.Second
	// glance is that time for somebody who waits for the answer at a keyboard.
	glance = 100 * time.Millisecond
	// newborn is less than the 20 minutes that changes are kept.
	newborn = 10 * time.Minute
)

var errNothingKept = errors.New("the server keeps no changes")

// ReadLedger folds all changes that the server keeps, in one pass; it keeps them
// for about 20 minutes (wire T5). Jobs that began before the oldest of them are
// read one by one, at most maxRead.
func ReadLedger(ctx context.Context, server Lister) (*Ledger, error) {
	l := new(Ledger)
	if err := l.readKept(ctx, server, silence); err != nil {
		return nil, err
	}
	return l, l.Complete(ctx, server)
}

// Glance folds what the server keeps of changes, as far as that comes before the
// context ends. It reads no job by itself: of those that began before the oldest
// change the type is not known.
func Glance(ctx context.Context, server Lister) (*Ledger, error) {
	l := new(Ledger)
	return l, l.readKept(ctx, server, glance)
}

func (l *Ledger) readKept(ctx context.Context, server Lister, silence time.Duration) error {
	asking, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group exit.Group
	first, answered := make(chan struct{}), false
	heard := func() {
		if !answered {
			answered = true
			close(first)
		}
	}
	group.Go(func() error {
		if empty(asking, server, first, silence) {
			cancel(errNothingKept)
		}
		return nil
	})
	_, err := server.JobChangesSince(asking, 0, func(c dqops.JobChange) error {
		heard()
		l.Fold(c)
		return nil
	})
	heard()
	if crash := group.Wait(); crash != nil {
		return crash
	}
	if errors.Is(err, errNothingKept) {
		return nil
	}
	return err
}

// empty reports that the server keeps no changes at all: the question for them has
// no answer, and the number where they begin is drawn anew each time.
func empty(ctx context.Context, server Lister, first <-chan struct{}, silence time.Duration) bool {
	timer := time.NewTimer(silence)
	defer timer.Stop()
	select {
	case <-first:
		return false
	case <-ctx.Done():
		return false
	case <-timer.C:
	}
	one, err := server.GetAllJobs(ctx)
	if err != nil {
		return false
	}
	other, err := server.GetAllJobs(ctx)
	if err != nil || one.LastSequenceNumber == other.LastSequenceNumber {
		return false
	}
	// A number is epoch seconds x 1,000,000 and a counter (wire 3.1). The oldest of
	// many changes moves on, too, but far behind the present.
	return time.Since(time.Unix(other.LastSequenceNumber/1_000_000, 0)) < newborn
}

// Complete reads the jobs that no change told all of: those that began before the
// oldest change. It reads at most maxRead.
func (l *Ledger) Complete(ctx context.Context, server Server) error {
	var unknown []*Entry
	for _, e := range l.entries {
		if e.Type == "" {
			unknown = append(unknown, e)
		}
	}
	slices.SortFunc(unknown, Query{}.compare)
	for _, e := range unknown[:min(len(unknown), maxRead)] {
		job, err := server.GetJob(ctx, strconv.FormatInt(e.ID, 10))
		if _, gone := errors.AsType[*dqops.NotFoundError](err); gone {
			continue
		}
		if err != nil {
			return err
		}
		l.Learn(job)
	}
	return nil
}

// IsNewKey reports a business key that NewKey made.
func IsNewKey(key string) bool {
	random, ours := strings.CutPrefix(key, keyPrefix)
	_, err := hex.DecodeString(random)
	return ours && err == nil && len(random) == 24
}

const keyPrefix = "dqoctl-"

func numberOf(id string) (int64, bool) {
	number, err := strconv.ParseInt(id, 10, 64)
	return number, err == nil
}
