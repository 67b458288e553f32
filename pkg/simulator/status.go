package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// statusQuery is what a call for the status of a table asks for.
type statusQuery struct {
	months                                                           int
	since                                                            *time.Time // local
	types                                                            []string
	timeScale, dataGroup, checkName, category, comparison, dimension string
}

func (s *Server) statusRoutes() []route {
	return []route{{http.MethodGet, tablePath + "/status", s.getStatus}}
}

func (s *Server) getStatus(x *exchange) error {
	query, err := readStatusQuery(x)
	if err != nil {
		return err
	}
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	t := s.warehouse.table(x.vars[0], x.vars[1], x.vars[2])
	if t == nil {
		x.empty(http.StatusNotFound)
		return nil
	}
	return x.json(http.StatusOK, query.statusOf(t, s.clock.now().In(s.warehouse.zone)))
}

// readStatusQuery fills in the defaults: the current month only, and no
// profiling checks (wire L2, 3.10).
func readStatusQuery(x *exchange) (*statusQuery, error) {
	q := &statusQuery{
		months: 1, timeScale: x.queryString("checkTimeScale"), dataGroup: x.queryString("dataGroup"),
		checkName: x.queryString("checkName"), category: x.queryString("category"),
		comparison: x.queryString("tableComparison"), dimension: x.queryString("qualityDimension"),
	}
	if months, err := x.queryInt("months"); err != nil {
		return nil, err
	} else if months != nil {
		q.months = *months
	}
	var err error
	if q.since, err = x.queryLocal("since"); err != nil {
		return nil, err
	}
	if q.timeScale != "" && q.timeScale != scaleDaily && q.timeScale != scaleMonthly {
		return nil, errQueryParam(q.timeScale, "com.dqops.checks.CheckTimeScale")
	}
	for _, checkType := range []string{typeProfiling, typeMonitoring, typePartitioned} {
		wanted, err := x.queryFlag(checkType)
		if err != nil {
			return nil, err
		}
		if wanted == nil && checkType != typeProfiling || wanted != nil && *wanted {
			q.types = append(q.types, checkType)
		}
	}
	return q, nil
}

// firstMonth is the first month that is loaded; the last is the current one.
func (q *statusQuery) firstMonth(now time.Time) time.Time {
	months := q.months
	if q.since != nil {
		months = max(months, 12*(now.Year()-q.since.Year())+int(now.Month()-q.since.Month())+1)
	}
	return stepPeriod(monthOf(now), scaleMonthly, 1-months)
}

func (q *statusQuery) matches(row record, now time.Time) bool {
	c, spec, month := row.check, row.check.spec, row.month()
	if month.Before(q.firstMonth(now)) || month.After(monthOf(now)) {
		return false
	}
	if q.since != nil && withoutZone(row.executedAt.In(now.Location())).Before(*q.since) {
		return false
	}
	return slices.Contains(q.types, spec.Type) &&
		(q.timeScale == "" || c.gradient() == q.timeScale) &&
		(q.dataGroup == "" || row.at.group == q.dataGroup) &&
		(q.checkName == "" || spec.Name == q.checkName) &&
		(q.category == "" || spec.Category == q.category) &&
		(q.comparison == "" || spec.Comparison == q.comparison) &&
		(q.dimension == "" || spec.Dimension == q.dimension)
}

// statusOf sums up the stored results and errors of a table, row by row: what
// is left over from groups that are gone counts too (wire L2, 3.10). It needs
// warehouse.mu.
func (q *statusQuery) statusOf(t *table, now time.Time) tableStatus {
	status := tableStatus{
		Connection: t.conn.name, Schema: t.schema, Table: t.name, TableExist: true,
		Checks: map[string]*checkStatus{}, Columns: map[string]*columnStatus{}, Dimensions: map[string]*dimensionStatus{},
	}
	rows := selected(slices.Concat(t.records(kindResults), t.records(kindErrors)), func(row record) bool {
		return q.matches(row, now)
	})
	byCheck := map[*check][]record{}
	for _, row := range rows {
		byCheck[row.check] = append(byCheck[row.check], row)
	}
	for c, of := range byCheck {
		one := summarized(c, of)
		status.include(one)
		includeDimension(status.Dimensions, c.spec.Dimension, one)
		if c.columnName() == "" {
			status.Checks[c.spec.key()] = one
			continue
		}
		column := status.Columns[c.columnName()]
		if column == nil {
			column = &columnStatus{Checks: map[string]*checkStatus{}, Dimensions: map[string]*dimensionStatus{}}
			status.Columns[c.columnName()] = column
		}
		column.Checks[c.spec.key()] = one
		column.include(one)
		includeDimension(column.Dimensions, c.spec.Dimension, one)
	}
	status.readMeasures(rows)
	return status
}

// summarized is the status of one check. Its current severity is the worst of
// the rows with the newest executedAt only, so that a single group or period
// that was evaluated again hides the others (wire L2).
func summarized(c *check, rows []record) *checkStatus {
	one := &checkStatus{
		ColumnName: c.columnName(), CheckType: c.spec.Type, TimeScale: c.spec.TimeScale,
		Category: c.spec.Category, Dimension: c.spec.Dimension,
	}
	newest, current, highest := time.Time{}, 0, -1
	for _, row := range rows {
		one.count(row.severity)
		if row.executedAt.After(newest) {
			newest, current = row.executedAt, row.severity
		} else if row.executedAt.Equal(newest) {
			current = max(current, row.severity)
		}
		if row.severity != severityCrashed {
			highest = max(highest, row.severity)
		}
	}
	one.LastExecutedAt = instant(newest)
	one.CurrentSeverity = "execution_error"
	if current != severityCrashed {
		one.CurrentSeverity = severityNames[current]
	}
	if highest >= 0 {
		one.HighestSeverity = severityNames[highest]
	}
	return one
}

// include adds a check to a table or column.
func (s *standing) include(one *checkStatus) {
	s.note(one)
	s.add(one.counts)
	s.KPI = s.kpi()
}

// note takes over a check's severities and time. An execution error is no
// severity here.
func (s *standing) note(one *checkStatus) {
	s.CurrentSeverity = worseOf(s.CurrentSeverity, one.CurrentSeverity)
	s.HighestSeverity = worseOf(s.HighestSeverity, one.HighestSeverity)
	if s.LastExecutedAt == nil || time.Time(one.LastExecutedAt).After(time.Time(*s.LastExecutedAt)) {
		s.LastExecutedAt = &one.LastExecutedAt
	}
}

func worseOf(a, b string) string {
	if slices.Index(severityNames[:], b) > slices.Index(severityNames[:], a) {
		return b
	}
	return a
}

// includeDimension counts the check once, with its current severity.
func includeDimension(dimensions map[string]*dimensionStatus, name string, one *checkStatus) {
	if name == "" {
		return
	}
	dimension := dimensions[name]
	if dimension == nil {
		dimension = &dimensionStatus{Dimension: name}
		dimensions[name] = dimension
	}
	dimension.note(one)
	severity := slices.Index(severityNames[:], one.CurrentSeverity)
	if severity < 0 {
		severity = severityCrashed
	}
	dimension.count(severity)
	dimension.KPI = dimension.kpi()
}

// readMeasures takes the row count and the freshness from the newest results
// of the checks that measure them.
func (t *tableStatus) readMeasures(rows []record) {
	var counted, delayed time.Time
	for _, row := range rows {
		c := row.check
		if row.result == nil || c.column != nil || c.spec.Type == typePartitioned {
			continue
		}
		switch {
		case strings.HasSuffix(c.spec.Name, "_row_count") && row.executedAt.After(counted):
			total := int64(row.result.value)
			t.TotalRowCount, counted = &total, row.executedAt
		case strings.HasSuffix(c.spec.Name, "_data_freshness") && row.executedAt.After(delayed):
			t.FreshnessDelay, delayed = doubleOf(&row.result.value), row.executedAt
		}
	}
}
