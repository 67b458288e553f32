package standing

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// readSuspects judges every check that has something bad stored.
func (r *reading) readSuspects(ctx context.Context) error {
	slices.SortFunc(r.suspects, func(a, b suspect) int {
		return cmp.Or(cmp.Compare(a.path.String(), b.path.String()), cmp.Compare(a.name, b.name), cmp.Compare(a.comparison, b.comparison))
	})
	return each(ctx, r.suspects, r.readSuspect)
}

func (r *reading) readSuspect(ctx context.Context, s suspect) error {
	months := r.monthsOf(s.target, s.path.CheckType)
	s, readouts, err := r.suspectReadouts(ctx, s, months)
	if isDropped(err) {
		r.dropped(s)
		return nil
	}
	if err != nil {
		return err
	}
	if len(readouts) == 0 {
		r.missReadouts(s, months)
	}
	covered := r.covered(s.target, s.path, readouts)
	if len(covered) == 0 && !r.scope.namesComparison(s.comparison) {
		return nil
	}
	where, err := placesOf(s.path, covered)
	if err != nil {
		return err
	}
	results, err := r.results(ctx, s.path, s.question(), where)
	if err != nil {
		return err
	}
	crashes, err := r.crashes(ctx, s.path, s.question(), withMonths(r.runMonths(s.target, s.path.CheckType), where))
	if err != nil {
		return err
	}
	j := judged{reading: r, target: s.target, path: s.path, name: s.name, comparison: s.comparison, status: s.status}
	return j.judge(readouts, covered, results, crashes)
}

// missReadouts notes a check without values, if what is bad of it may be of those
// months.
func (r *reading) missReadouts(s suspect, months span) {
	bad := s.status.Warnings + s.status.Errors + s.status.Fatals
	old := s.status.LastExecutedAt
	if bad == 0 || !old.IsZero() && old.Before(months.first) || !r.scope.namesComparison(s.comparison) {
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.gone = append(r.gone, s)
}

func (s suspect) question() dqops.ResultsQuery {
	return dqops.ResultsQuery{CheckName: s.name, Comparison: s.comparison}
}

// suspectReadouts reads the values of a check. When there are none, what its key
// has behind a slash may belong to its own name and be no comparison: the check is
// then returned under that name.
func (r *reading) suspectReadouts(ctx context.Context, s suspect, months span) (suspect, []dqops.SensorReadoutEntry, error) {
	readouts, err := r.readouts(ctx, s.path, months, s.question())
	if err != nil || len(readouts) > 0 || s.comparison == "" {
		return s, readouts, err
	}
	whole := s
	whole.name, whole.comparison = checkKey(s.name, s.comparison), ""
	readouts, err = r.readouts(ctx, s.path, months, whole.question())
	if len(readouts) > 0 {
		s = whole
	}
	return s, readouts, err
}

// covered are the readouts that this run wrote anew, or a later one did: that only
// makes the verdict truer.
func (r *reading) covered(t target, p dqops.CheckPath, readouts []dqops.SensorReadoutEntry) []dqops.SensorReadoutEntry {
	var covered []dqops.SensorReadoutEntry
	for _, e := range readouts {
		// One without a time is refused by placesOf.
		if e.ExecutedAt.Before(t.since) && !e.ExecutedAt.IsZero() {
			continue
		}
		if p.CheckType == dqops.CheckTypePartitioned && !r.scope.window.takes(e.TimePeriod, p.TimeScale) {
			continue
		}
		covered = append(covered, e)
	}
	return covered
}

// placesOf lists the groups and months that the readouts lie in.
func placesOf(p dqops.CheckPath, covered []dqops.SensorReadoutEntry) ([]groupMonth, error) {
	seen := make(map[groupMonth]bool)
	var places []groupMonth
	for _, e := range covered {
		month, ok := periodMonth(e.TimePeriod)
		if !ok || e.ID == "" || e.ExecutedAt.IsZero() {
			return nil, unreadable("a readout of %s lacks its id, period or time", p)
		}
		w := groupMonth{e.DataGroup, month}
		if !seen[w] {
			seen[w] = true
			places = append(places, w)
		}
	}
	return places, nil
}

// withMonths adds the months of places that no span holds.
func withMonths(spans []span, places []groupMonth) []span {
	for _, w := range places {
		if !slices.ContainsFunc(spans, func(s span) bool { return !w.month.Before(s.first) && !w.month.After(s.last) }) {
			spans = append(spans, span{w.month, w.month})
		}
	}
	return spans
}

// judged is one check whose stored rows are put together.
type judged struct {
	*reading
	target     target
	path       dqops.CheckPath
	name       string
	comparison string
	status     dqops.CheckStatus
	// settled is whether the counts of the status tell of it.
	settled bool
}

func (j *judged) judge(readouts, covered []dqops.SensorReadoutEntry, results map[string]dqops.CheckResultEntry, crashes []dqops.ErrorEntry) error {
	newest := newestCrashes(crashes)
	var findings []verdict.Finding
	unjudged, seen, again, judged := 0, 0, 0, false
	for _, e := range covered {
		result, has := results[e.ID]
		crash, crashed := newest[e.ID]
		var finding *verdict.Finding
		switch {
		case crashed && (!has || crash.ExecutedAt.After(result.ExecutedAt)):
			if !j.scope.takesSensor(crash.SensorName) {
				continue
			}
			finding = j.crash(crash, "rule")
			again += j.isAgain(e, crash.ExecutedAt)
		case has:
			if !j.scope.takesSensor(result.SensorName) {
				continue
			}
			var err error
			if finding, err = j.standing(e, result); err != nil {
				return err
			}
			again += j.isAgain(e, result.ExecutedAt)
		default:
			unjudged++
			if j.scope.filters.SensorName == "" {
				seen++
			}
			continue
		}
		seen, judged = seen+1, true
		if finding != nil {
			findings = append(findings, *finding)
		}
	}
	for _, c := range crashes {
		judged = judged || j.scope.takesSensor(c.SensorName)
	}
	findings = append(findings, j.sensorCrashes(readouts, covered, crashes)...)
	j.add(covered, findings, unjudged, judged, seen > 0)
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.again(j.target.TableRef, again)
	return nil
}

// isAgain is 1 for a value that was judged after the run's end, unless the status
// counted it.
func (j *judged) isAgain(e dqops.SensorReadoutEntry, at time.Time) int {
	month, ok := periodMonth(e.TimePeriod)
	if !at.After(j.end) || j.settled && ok && !month.After(monthsAround(j.end, j.end).last) {
		return 0
	}
	return 1
}

func (j *judged) add(covered []dqops.SensorReadoutEntry, findings []verdict.Finding, unjudged int, anyJudged, seen bool) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	s := j.reading.standing
	s.Findings = append(s.Findings, findings...)
	s.Judged = s.Judged || j.scope.namesComparison(j.comparison) && (anyJudged || len(findings) > 0)
	j.unjudged += unjudged
	if seen || len(findings) > 0 {
		j.executed++
	}
	for _, e := range covered {
		j.overtaken = j.overtaken || e.ExecutedAt.After(j.end)
	}
}

// sensorSource is the errorSource of a crashed sensor; a rule's is "rule".
const sensorSource = "sensor"

// newestCrashes keeps the newest error of the rule of each readout.
func newestCrashes(crashes []dqops.ErrorEntry) map[string]dqops.ErrorEntry {
	newest := make(map[string]dqops.ErrorEntry)
	for _, c := range crashes {
		if c.ErrorSource == sensorSource {
			continue
		}
		if known, ok := newest[c.ReadoutID]; !ok || c.ExecutedAt.After(known.ExecutedAt) {
			newest[c.ReadoutID] = c
		}
	}
	return newest
}

// sensorCrashes are the errors since the run began that no renewed readout
// followed. A rule's error is counted with its readout.
func (j *judged) sensorCrashes(readouts, covered []dqops.SensorReadoutEntry, crashes []dqops.ErrorEntry) []verdict.Finding {
	var renewed time.Time
	for _, e := range readouts {
		if e.ExecutedAt.After(renewed) {
			renewed = e.ExecutedAt
		}
	}
	ofRule := make(map[string]bool)
	for _, e := range covered {
		ofRule[e.ID] = true
	}
	type place struct{ group, period string }
	newest := make(map[place]dqops.ErrorEntry)
	for _, c := range crashes {
		counted := ofRule[c.ReadoutID] && c.ErrorSource != sensorSource
		if counted || c.ExecutedAt.Before(j.target.since) || !c.ExecutedAt.After(renewed) || !j.scope.takesSensor(c.SensorName) {
			continue
		}
		at := place{c.DataGroup, c.TimePeriod}
		if known, ok := newest[at]; !ok || c.ExecutedAt.After(known.ExecutedAt) {
			newest[at] = c
		}
	}
	var findings []verdict.Finding
	for _, c := range newest {
		findings = append(findings, *j.crash(c, sensorSource))
	}
	return findings
}

func (j *judged) finding(group, period string) verdict.Finding {
	return verdict.Finding{
		Connection: j.target.Connection, Schema: j.target.Schema, Table: j.target.Table,
		Column: j.path.Column, Check: j.name, CheckType: j.path.CheckType, TimeScale: j.path.TimeScale,
		Comparison: j.comparison, Category: j.status.Category, DataGroup: group, TimePeriod: period,
		Link: link(j.BaseURL, j.path, j.status.Category, j.name),
	}
}

func (j *judged) crash(c dqops.ErrorEntry, source string) *verdict.Finding {
	f := j.finding(c.DataGroup, c.TimePeriod)
	if c.ErrorSource != "" {
		source = c.ErrorSource
	}
	f.Crashed, f.Reason = source, c.ErrorMessage
	f.ActualValue, f.ExecutedAt = c.ActualValue, c.ExecutedAt
	f.CrashedBefore = !j.target.since.IsZero() && c.ExecutedAt.Before(j.target.since)
	return &f
}

// standing puts a value and the judgement of it together; nil when it is good.
func (j *judged) standing(e dqops.SensorReadoutEntry, result dqops.CheckResultEntry) (*verdict.Finding, error) {
	severity, err := severityOf(result, j.path)
	if err != nil {
		return nil, err
	}
	stale := isStale(j.name, e, result)
	if severity == dqops.SeverityValid && !stale {
		return nil, nil
	}
	f := j.finding(e.DataGroup, e.TimePeriod)
	f.Severity, f.ActualValue, f.ExpectedValue = severity, result.ActualValue, result.ExpectedValue
	f.Bounds = verdict.Bounds{
		WarningLower: result.WarningLowerBound, WarningUpper: result.WarningUpperBound,
		ErrorLower: result.ErrorLowerBound, ErrorUpper: result.ErrorUpperBound,
		FatalLower: result.FatalLowerBound, FatalUpper: result.FatalUpperBound,
	}
	f.ExecutedAt = result.ExecutedAt
	f.Stale = stale
	f.Unchanged = !stale && result.ExecutedAt.Before(cmp.Or(j.target.since, e.ExecutedAt))
	if stale {
		f.JudgedValue, f.ActualValue = result.ActualValue, e.ActualValue
	}
	return &f, nil
}

func severityOf(result dqops.CheckResultEntry, p dqops.CheckPath) (dqops.Severity, error) {
	levels := []dqops.Severity{dqops.SeverityValid, dqops.SeverityWarning, dqops.SeverityError, dqops.SeverityFatal}
	if result.Severity == nil || *result.Severity < 0 || *result.Severity >= len(levels) {
		return "", unreadable("a result of %s has no severity from 0 to 3", p)
	}
	return levels[*result.Severity], nil
}

// availabilitySuffix ends the names of the checks whose rule rewrites the value
// that it judges, so that it always differs from the readout's.
const availabilitySuffix = "_table_availability"

// isStale reports a value that was never judged: the stored result is older and of
// another value (wire L2a).
func isStale(name string, e dqops.SensorReadoutEntry, result dqops.CheckResultEntry) bool {
	if !result.ExecutedAt.Before(e.ExecutedAt) || strings.HasSuffix(name, availabilitySuffix) {
		return false
	}
	if e.ActualValue == nil || result.ActualValue == nil {
		return e.ActualValue != result.ActualValue
	}
	return *e.ActualValue != *result.ActualValue
}
