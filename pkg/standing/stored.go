package standing

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// groupMonth is a data group in one month.
type groupMonth struct {
	group string
	month time.Time
}

// readouts reads the stored values of a path, or of one check of it, in all data
// groups. They may be read over many months at once: the server puts the newest
// execution first and names the groups of all months (SensorReadoutsDataServiceImpl).
func (r *reading) readouts(ctx context.Context, p dqops.CheckPath, months span, q dqops.ResultsQuery) ([]dqops.SensorReadoutEntry, error) {
	q.First, q.Last = months.first, months.last
	call := func(ctx context.Context, group string) ([]dqops.SensorReadoutsList, error) {
		q := q
		q.DataGroup = group
		return follow.Retry(ctx, r.Budget, func(ctx context.Context) ([]dqops.SensorReadoutsList, error) {
			return r.Server.SensorReadouts(ctx, p, q)
		})
	}
	lists, err := call(ctx, "")
	if err != nil {
		return nil, r.whatIsGone(ctx, p, err)
	}
	shown := make(map[string]string) // which group the first answer showed of a check
	var groups []string
	var entries []dqops.SensorReadoutEntry
	for _, list := range lists {
		if err := checkAnswer(p, q, readoutsAnswer(list)); err != nil {
			return nil, err
		}
		groups = append(groups, list.DataGroups...)
		entries = append(entries, list.Entries...)
		for _, e := range list.Entries {
			shown[checkKey(e.CheckName, e.TableComparison)] = list.DataGroup
		}
	}
	slices.Sort(groups)
	for _, group := range slices.Compact(groups) {
		if alreadyShown(lists, group) {
			continue
		}
		more, err := call(ctx, group)
		if err != nil {
			return nil, tableGone(err)
		}
		if len(more) == 0 {
			return nil, namedAndAbsent(readoutsOf, p, group)
		}
		q.DataGroup = group
		for _, list := range more {
			if err := checkAnswer(p, q, readoutsAnswer(list)); err != nil {
				return nil, err
			}
			for _, e := range list.Entries {
				if shown[checkKey(e.CheckName, e.TableComparison)] != group {
					entries = append(entries, e)
				}
			}
		}
	}
	return entries, nil
}

// alreadyShown reports whether the answer showed the group for every check that
// has it.
func alreadyShown(lists []dqops.SensorReadoutsList, group string) bool {
	for _, list := range lists {
		if list.DataGroup != group && slices.Contains(list.DataGroups, group) {
			return false
		}
	}
	return true
}

// checkKey is how a table's status names a check.
func checkKey(name, comparison string) string {
	if comparison == "" {
		return name
	}
	return name + "/" + comparison
}

// results reads what the rules said in the given groups and months, by readout. Of
// several months the server's order cannot be relied on (wire 3.10), so each is
// asked for alone.
func (r *reading) results(ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery, where []groupMonth) (map[string]dqops.CheckResultEntry, error) {
	found := make(map[string]dqops.CheckResultEntry)
	for _, w := range where {
		q.First, q.Last, q.DataGroup = w.month, w.month, w.group
		lists, err := follow.Retry(ctx, r.Budget, func(ctx context.Context) ([]dqops.CheckResultsList, error) {
			return r.Server.CheckResults(ctx, p, q)
		})
		if err != nil {
			return nil, tableGone(err)
		}
		for _, list := range lists {
			if err := checkAnswer(p, q, resultsAnswer(list)); err != nil {
				return nil, err
			}
			for _, e := range list.Entries {
				if e.ID == "" || e.ExecutedAt.IsZero() {
					return nil, unreadable("a result of %s lacks its id or time", p)
				}
				found[e.ID] = e
			}
		}
	}
	return found, nil
}

// crashes reads the stored errors of a check in the given months and in all groups.
func (r *reading) crashes(ctx context.Context, p dqops.CheckPath, q dqops.ResultsQuery, months []span) ([]dqops.ErrorEntry, error) {
	var entries []dqops.ErrorEntry
	for _, s := range months {
		q.First, q.Last, q.DataGroup = s.first, s.last, ""
		asked := []string{""}
		for len(asked) > 0 {
			q.DataGroup, asked = asked[0], asked[1:]
			lists, err := follow.Retry(ctx, r.Budget, func(ctx context.Context) ([]dqops.ErrorsList, error) {
				return r.Server.CheckErrors(ctx, p, q)
			})
			if err != nil {
				return nil, tableGone(err)
			}
			if len(lists) == 0 && q.DataGroup != "" {
				return nil, namedAndAbsent(errorsOf, p, q.DataGroup)
			}
			for _, list := range lists {
				if err := checkErrors(p, q, list); err != nil {
					return nil, err
				}
				entries = append(entries, list.Entries...)
				if q.DataGroup != "" {
					continue
				}
				for _, group := range list.DataGroups {
					if group != list.DataGroup && !slices.Contains(asked, group) {
						asked = append(asked, group)
					}
				}
			}
		}
	}
	return entries, nil
}

// checkErrors refuses errors that could not be put beside their readouts.
func checkErrors(p dqops.CheckPath, q dqops.ResultsQuery, list dqops.ErrorsList) error {
	if err := checkAnswer(p, q, errorsAnswer(list)); err != nil {
		return err
	}
	for _, e := range list.Entries {
		if e.ExecutedAt.IsZero() || e.ReadoutID == "" && e.ErrorSource != sensorSource {
			return unreadable("an error of %s lacks its time or readout", p)
		}
	}
	return nil
}

// errDropped says that the column of a path is gone from the metadata: what is
// stored of it cannot be read.
var errDropped = errors.New("the column is gone")

func isDropped(err error) bool { return errors.Is(err, errDropped) }

// whatIsGone tells a column that is gone, errDropped, from a table.
func (r *reading) whatIsGone(ctx context.Context, p dqops.CheckPath, err error) error {
	if _, gone := errors.AsType[*dqops.NotFoundError](err); !gone || p.Column == "" {
		return tableGone(err)
	}
	if _, err := r.status(ctx, target{TableRef: p.TableRef}); err != nil {
		return tableGone(err)
	}
	return errDropped
}

// dropped takes a suspect whose column is gone: it is not told whether it went before
// the run, as it mostly did, or after it. Then the run's own summary still tells of
// what it judged.
func (r *reading) dropped(s suspect) {
	if s.status.Warnings+s.status.Errors+s.status.Fatals+s.status.ExecutionErrors == 0 {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.standing.Coverage = verdict.CoverageApproximate
}
