package standing

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// Current asks how checks stand without a run.
type Current struct {
	// Filters select tables and checks. Connection is an exact name. Fields that
	// stored results do not know must be empty.
	Filters dqops.CheckSearchFilters
	// Window is the asked range of periods, as a run's; nil asks for the periods
	// of each check's newest execution.
	Window *dqops.TimeWindowFilterParameters
	// Since leaves out checks that were not executed since; zero is all.
	Since time.Time
	// Now is about the present time; the server's clock may differ by hours.
	Now time.Time
}

// Current reads how the selected checks stand: for each check and period the
// results whose readouts the newest execution wrote, so that a data group left
// over from before is not shown. Checks is how many matched.
func (c *Collector) Current(ctx context.Context, q Current) (s *verdict.Standing, checks int, err error) {
	window, err := windowOf(q.Window)
	if err != nil {
		return nil, 0, err
	}
	r := newReading(c, scope{filters: q.Filters, window: window, replayable: true})
	r.end, r.remember = q.Now, true
	tables, err := r.currentTables(ctx)
	if err != nil {
		return r.standing, 0, err
	}
	r.standing.Tables = len(tables)
	err = r.survey(ctx, tables)
	if gone, ok := errors.AsType[*dqops.NotFoundError](err); ok && r.namesTable() {
		return r.standing, 0, unknownTable(gone)
	}
	now := &current{reading: r, ranged: q.Window != nil, since: q.Since}
	if canGoOn(err) {
		err = worse(err, each(ctx, r.suspects, now.readSuspect))
	}
	if err == nil {
		err = now.readClean(ctx)
	}
	if err != nil {
		r.standing.Coverage = verdict.CoverageApproximate
	}
	r.finish(tables)
	return r.standing, now.executed, err
}

// currentTables are the tables that the filters name. One that is named exactly
// must exist: a typing mistake must not pass as a table without findings.
func (r *reading) currentTables(ctx context.Context) ([]target, error) {
	f := r.scope.filters
	if r.namesTable() {
		schema, table := splitTable(f.FullTableName)
		return []target{{TableRef: dqops.TableRef{Connection: f.Connection, Schema: schema, Table: table}}}, nil
	}
	refs, err := r.search(ctx)
	if err != nil {
		return nil, err
	}
	var tables []target
	for _, ref := range refs {
		tables = append(tables, target{TableRef: ref})
	}
	return tables, nil
}

// namesTable reports whether the filter is the full name of one table.
func (r *reading) namesTable() bool {
	schema, table := splitTable(r.scope.filters.FullTableName)
	return schema != "" && table != "" && !strings.Contains(r.scope.filters.FullTableName, "*")
}

// current judges checks by their newest execution.
type current struct {
	*reading
	ranged bool
	since  time.Time
}

func (n *current) readSuspect(ctx context.Context, s suspect) error {
	s, readouts, err := n.suspectReadouts(ctx, s, n.months(s.path, s.status))
	if isDropped(err) {
		return nil
	}
	if err != nil {
		return err
	}
	covered := n.newest(s.path, readouts)
	where, err := placesOf(s.path, covered)
	if err != nil {
		return err
	}
	results, err := n.results(ctx, s.path, s.question(), where)
	if err != nil {
		return err
	}
	around := periodsAround(s.path.CheckType, s.status.LastExecutedAt, s.status.LastExecutedAt)
	crashes, err := n.crashes(ctx, s.path, s.question(), withMonths(errorSpans(around), where))
	if err != nil {
		return err
	}
	crashes = slices.DeleteFunc(crashes, func(c dqops.ErrorEntry) bool { return c.ExecutedAt.Before(n.since) })
	if len(covered) == 0 && len(crashes) == 0 {
		if len(readouts) == 0 && n.since.IsZero() && !n.ranged {
			return unknownNow(s)
		}
		return nil
	}
	j := judged{reading: n.reading, target: s.target, path: s.path, name: s.name, comparison: s.comparison, status: s.status}
	return j.judge(readouts, covered, results, crashes)
}

// months is where the readouts to look at may lie.
func (n *current) months(p dqops.CheckPath, status dqops.CheckStatus) span {
	w := n.scope.window
	s := monthsAround(n.end, n.end).until(w.to)
	switch {
	case n.ranged && !w.from.IsZero():
		s.first = monthOf(w.from)
		if s.first.After(s.last) {
			s.last = s.first
		}
	case n.ranged || p.CheckType == dqops.CheckTypePartitioned:
		s = s.back(max(historyMonths, w.months))
	case !status.LastExecutedAt.IsZero():
		// The newest execution is not older than the newest result.
		s.first = periodsAround(p.CheckType, status.LastExecutedAt, status.LastExecutedAt).first
	}
	if p.CheckType == dqops.CheckTypePartitioned && w.to.IsZero() {
		return s.ahead(historyMonths)
	}
	return s
}

// newest are the readouts that the newest execution wrote: of the check, or of
// each period when a range is asked for.
func (n *current) newest(p dqops.CheckPath, readouts []dqops.SensorReadoutEntry) []dqops.SensorReadoutEntry {
	last := make(map[string]time.Time)
	key := func(e dqops.SensorReadoutEntry) string {
		if n.ranged {
			return e.TimePeriod
		}
		return ""
	}
	for _, e := range readouts {
		if e.ExecutedAt.After(last[key(e)]) {
			last[key(e)] = e.ExecutedAt
		}
	}
	var newest []dqops.SensorReadoutEntry
	for _, e := range readouts {
		if e.ExecutedAt.Equal(last[key(e)]) && !e.ExecutedAt.Before(n.since) && (!n.ranged || n.scope.window.takes(e.TimePeriod, p.TimeScale)) {
			newest = append(newest, e)
		}
	}
	return newest
}

// readClean counts the settled checks. Their values are looked at when the reading
// is exact; where the status does not load all of them; and with a range or a time,
// which may leave none of them, unless something was counted before.
func (n *current) readClean(ctx context.Context) error {
	paths := slices.Collect(maps.Keys(n.settled))
	if n.Exact || n.executed == 0 && (n.ranged || !n.since.IsZero()) {
		return each(ctx, paths, func(ctx context.Context, c tablePath) error {
			return n.readCleanPath(ctx, c, n.Exact || n.looksAhead(c.path))
		})
	}
	var ahead []tablePath
	for _, c := range paths {
		if n.looksAhead(c.path) {
			ahead = append(ahead, c)
		} else {
			n.executed += len(n.settled[c])
		}
	}
	return each(ctx, ahead, n.readAhead)
}

// looksAhead reports a path with partitions of later months than the status loads.
func (n *current) looksAhead(p dqops.CheckPath) bool {
	return p.CheckType == dqops.CheckTypePartitioned && !n.months(p, dqops.CheckStatus{}).last.Before(n.unloaded())
}

// readAhead reads a path whole when it has partitions of later months, and counts
// its checks otherwise.
func (n *current) readAhead(ctx context.Context, c tablePath) error {
	months := n.months(c.path, dqops.CheckStatus{})
	months.first = n.unloaded()
	readouts, err := n.readouts(ctx, c.path, months, dqops.ResultsQuery{})
	if err != nil && !isDropped(err) {
		return err
	}
	if len(readouts) > 0 {
		return n.readCleanPath(ctx, c, true)
	}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.executed += len(n.settled[c])
	return nil
}

// readCleanPath looks at the values of settled checks, and judged at what the rules
// said of them.
func (n *current) readCleanPath(ctx context.Context, c tablePath, judge bool) error {
	readouts, err := n.readouts(ctx, c.path, n.months(c.path, dqops.CheckStatus{}).back(historyMonths), dqops.ResultsQuery{})
	if isDropped(err) {
		return nil
	}
	if err != nil {
		return err
	}
	newest := make(map[checkName][]dqops.SensorReadoutEntry)
	var all []dqops.SensorReadoutEntry
	for key, entries := range byCheck(readouts) {
		if entries = n.newest(c.path, entries); len(entries) > 0 && n.settled[c][checkKey(key.name, key.comparison)] {
			newest[key] = entries
			all = append(all, entries...)
		}
	}
	results := make(map[string]dqops.CheckResultEntry)
	var crashes []dqops.ErrorEntry
	if judge {
		where, err := placesOf(c.path, all)
		if err != nil {
			return err
		}
		if results, err = n.results(ctx, c.path, dqops.ResultsQuery{}, where); err != nil {
			return err
		}
		if crashes, err = n.laterCrashes(ctx, c.path, where); err != nil {
			return err
		}
	}
	for key, entries := range newest {
		j := judged{
			reading: n.reading, target: c.target, path: c.path, name: key.name, comparison: key.comparison,
			status: dqops.CheckStatus{Category: categoryIn(results, key.name)},
		}
		if err := j.judge(entries, entries, results, crashesOf(entries, crashes)); err != nil {
			return err
		}
	}
	return nil
}

// unknownTable is the error for a table that was named and does not exist.
func unknownTable(gone *dqops.NotFoundError) error {
	return &exit.Error{
		Outcome: exit.Usage, Err: gone,
		Message: gone.Error(),
		Hint:    "check --connection and --table; case matters here",
	}
}
