package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// recentMonths is how many stored months a reading without both ends
	// takes; maxResults how many rows of a check (wire 3.10).
	recentMonths = 3
	maxResults   = 100

	tablePath = "/api/connections/{}/schemas/{}/tables/{}"

	modeFirstGroup = "first_data_group"
	modePerGroup   = "most_recent_per_group"
)

// reading is one call for stored rows: whose, and which of them.
type reading struct {
	kind      string
	table     *table
	column    *column // nil: the table's own checks
	checkType string
	timeScale string

	dataGroup, checkName, category, comparison string
	first, last                                *time.Time // months
	limit                                      int
	perGroup                                   bool
}

// readingRoutes serves results, readouts and errors of a table and of its
// columns, by type and time scale (wire 3.10).
func (s *Server) readingRoutes() []route {
	var all []route
	for _, kind := range []string{kindResults, kindReadouts, kindErrors} {
		for _, owner := range []string{"", "/columns/{}"} {
			for _, checkType := range []string{typeProfiling, typeMonitoring, typePartitioned} {
				path := tablePath + owner + "/" + checkType
				if checkType != typeProfiling {
					path += "/{}"
				}
				all = append(all, route{http.MethodGet, path + "/" + kind, func(x *exchange) error {
					return s.read(x, &reading{kind: kind, checkType: checkType}, owner != "")
				}})
			}
		}
	}
	return all
}

func (s *Server) read(x *exchange, r *reading, ofColumn bool) error {
	if r.checkType != typeProfiling {
		r.timeScale = x.vars[len(x.vars)-1]
		if r.timeScale != scaleDaily && r.timeScale != scaleMonthly {
			return errPathEnum(r.timeScale, "com.dqops.checks.CheckTimeScale")
		}
	}
	if err := r.readQuery(x); err != nil {
		return err
	}
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	r.table = s.warehouse.table(x.vars[0], x.vars[1], x.vars[2])
	if r.table != nil && ofColumn {
		r.column = r.table.column(x.vars[3])
	}
	if r.table == nil || ofColumn && r.column == nil {
		return x.list(http.StatusNotFound, []int{})
	}
	switch stored := r.table.records(r.kind); r.kind {
	case kindResults:
		lists, err := r.results(stored)
		if err != nil {
			return err
		}
		return x.list(http.StatusOK, lists)
	case kindReadouts:
		return x.list(http.StatusOK, r.readouts(stored))
	default:
		return x.list(http.StatusOK, r.errors(stored, s.warehouse.zone))
	}
}

func (r *reading) readQuery(x *exchange) error {
	r.dataGroup, r.checkName = x.queryString("dataGroup"), x.queryString("checkName")
	r.category, r.comparison = x.queryString("category"), x.queryString("tableComparison")
	var err error
	if r.first, err = x.queryMonth("monthStart"); err != nil {
		return err
	}
	if r.last, err = x.queryMonth("monthEnd"); err != nil {
		return err
	}
	r.limit = maxResults
	if limit, err := x.queryInt("maxResultsPerCheck"); err != nil {
		return err
	} else if limit != nil {
		r.limit = *limit
	}
	if r.kind != kindResults {
		return nil
	}
	switch mode := x.queryString("loadMode"); mode {
	case "", modeFirstGroup:
	case modePerGroup:
		r.perGroup = true
	default:
		return errQueryParam(mode, "com.dqops.data.checkresults.models.CheckResultsDetailedLoadMode")
	}
	return nil
}

// months returns the months to load, the newest first: all between both ends,
// else the last few in which the table has anything stored.
func (r *reading) months(stored []record) []time.Time {
	var months []time.Time
	for _, row := range stored {
		month := row.month()
		if slices.ContainsFunc(months, month.Equal) ||
			r.first != nil && month.Before(*r.first) || r.last != nil && month.After(*r.last) {
			continue
		}
		months = append(months, month)
	}
	slices.SortFunc(months, func(a, b time.Time) int { return b.Compare(a) })
	if (r.first == nil || r.last == nil) && len(months) > recentMonths {
		months = months[:recentMonths]
	}
	return months
}

// matches says whether a row is of the checks that are asked for; the data
// group is not looked at.
func (r *reading) matches(row record) bool {
	c := row.check
	return c.column == r.column && c.spec.Type == r.checkType && c.spec.TimeScale == r.timeScale &&
		(r.checkName == "" || c.spec.Name == r.checkName) &&
		(r.category == "" || c.spec.Category == r.category) &&
		(r.comparison == "" || c.spec.Comparison == r.comparison)
}

func (r *reading) inGroup(row record) bool { return r.dataGroup == "" || row.at.group == r.dataGroup }

// tableOf finds a table by schema.table. It needs warehouse.mu.
func (w *warehouse) tableOf(connection, fullName string) *table {
	schema, name, _ := strings.Cut(fullName, ".")
	return w.table(connection, schema, name)
}

// table needs warehouse.mu.
func (w *warehouse) table(connection, schema, name string) *table {
	for _, conn := range w.connections {
		for _, t := range conn.tables {
			if conn.name == connection && t.schema == schema && t.name == name {
				return t
			}
		}
	}
	return nil
}

func (t *table) column(name string) *column {
	for _, col := range t.columns {
		if col.name == name {
			return col
		}
	}
	return nil
}
