package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// incidentLength is how long an incident takes in further failures.
const incidentLength = 60 * 24 * time.Hour

var incidentStatuses = []string{"open", "acknowledged", "resolved", "muted"}

// Incident is a described incident of a table. Runs of checks add their own:
// one a quality dimension and category, open.
type Incident struct {
	// FirstSeen is the day on which it began, as a date or a number of days
	// before the server's start (0, -1, ...). Left out: the day of the start.
	FirstSeen string `yaml:"first-seen"`
	// Status is open, acknowledged, resolved or muted. Left out: open.
	Status string `yaml:"status"`
	// Dimension is the quality dimension.
	Dimension string `yaml:"dimension"`
	// Category is the category of checks.
	Category string `yaml:"category"`
	// CheckType and DataGroup are set where incidents are divided by them.
	CheckType string `yaml:"check-type"`
	DataGroup string `yaml:"data-group"`
	// Severity is the highest one, 1 to 3. Left out: 1.
	Severity int `yaml:"severity"`
}

func (i *Incident) validate() error {
	if i.Status != "" && !slices.Contains(incidentStatuses, i.Status) {
		return fmt.Errorf("the status of an incident is open, acknowledged, resolved or muted")
	}
	if i.Severity < 0 || i.Severity > severityFatal {
		return fmt.Errorf("the severity of an incident is 1, 2 or 3")
	}
	if i.FirstSeen != "" {
		_, err := periodOf(i.FirstSeen, scaleDaily, time.Unix(0, 0))
		return err
	}
	return nil
}

// incidentModel is Incident of wire 3.10.
type incidentModel struct {
	ID              string  `json:"incidentId"`
	Connection      string  `json:"connection"`
	Year            int     `json:"year"`
	Month           int     `json:"month"`
	Schema          string  `json:"schema"`
	Table           string  `json:"table"`
	Hash            int64   `json:"incidentHash"`
	FirstSeen       instant `json:"firstSeen"`
	LastSeen        instant `json:"lastSeen"`
	Until           instant `json:"incidentUntil"`
	Dimension       string  `json:"qualityDimension,omitempty"`
	Category        string  `json:"checkCategory,omitempty"`
	DataGroup       string  `json:"dataGroup,omitempty"`
	CheckType       string  `json:"checkType,omitempty"`
	HighestSeverity int     `json:"highestSeverity"`
	MinimumSeverity int     `json:"minimumSeverity"`
	FailedChecks    int     `json:"failedChecksCount"`
	Status          string  `json:"status"`
}

// describeIncident adds a described incident to its table.
func (t *table) describeIncident(from Incident, today time.Time) {
	seen := periodStart(today, scaleDaily)
	if from.FirstSeen != "" {
		if at, err := periodOf(from.FirstSeen, scaleDaily, today); err == nil { // validated before
			seen = at
		}
	}
	t.addIncident(seen, seen, &incidentModel{
		Dimension: from.Dimension, Category: from.Category, DataGroup: from.DataGroup, CheckType: from.CheckType,
		HighestSeverity: max(from.Severity, severityWarning), Status: cmp.Or(from.Status, "open"), FailedChecks: 1,
	})
}

// noteIncident is what a bad result does: it counts in the open incident of
// its dimension and category, or begins one. It needs warehouse.mu.
func (c *check) noteIncident(severity int, at time.Time, zone *time.Location) {
	if severity == severityValid {
		return
	}
	for _, row := range c.table.kept[KindIncidents] {
		open := row.incident
		if open.Status == "open" && open.Dimension == c.spec.Dimension && open.Category == c.spec.Category &&
			!at.After(time.Time(open.Until)) {
			open.FailedChecks++
			open.HighestSeverity = max(open.HighestSeverity, severity)
			open.LastSeen = instant(at)
			return
		}
	}
	c.table.addIncident(at, withoutZone(at.In(zone)), &incidentModel{
		Dimension: c.spec.Dimension, Category: c.spec.Category, HighestSeverity: severity, Status: "open", FailedChecks: 1,
	})
}

func (t *table) addIncident(seen, local time.Time, model *incidentModel) {
	low := hash64(t.conn.name, t.fullName(), model.Dimension, model.Category, seen.String(), fmt.Sprint(len(t.kept[KindIncidents])))
	high := hash64(fmt.Sprint(low))
	model.ID = fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
	model.Connection, model.Schema, model.Table = t.conn.name, t.schema, t.name
	model.Year, model.Month = local.Year(), int(local.Month())
	model.Hash = int64(hash64(t.conn.name, t.fullName(), model.Dimension, model.Category) >> 1)
	model.FirstSeen, model.LastSeen, model.Until = instant(seen), instant(seen), instant(seen.Add(incidentLength))
	model.MinimumSeverity = severityWarning
	t.keep(1, &keptRow{incident: model, DataRow: DataRow{
		Kind: KindIncidents, Period: local, Category: model.Category, CheckType: model.CheckType,
		Dimension: model.Dimension, DataGroup: model.DataGroup, IncidentStatus: model.Status,
	}})
}

// incidentQuery is what a call for incidents asks for.
type incidentQuery struct {
	months, page, limit int
	severity            *int
	statuses            []string
	dimension, category string
}

// getIncidents lists the incidents of a connection, those with the fewest
// failed checks first (wire 3.10).
func (s *Server) getIncidents(x *exchange) error {
	q, err := readIncidentQuery(x)
	if err != nil {
		return err
	}
	conn := s.warehouse.connection(x.vars[0])
	if conn == nil {
		return x.list(http.StatusNotFound, []int{})
	}
	s.warehouse.mu.Lock()
	defer s.warehouse.mu.Unlock()
	since := stepPeriod(monthOf(withoutZone(s.clock.now().In(s.warehouse.zone))), scaleMonthly, 1-q.months)
	found := []*incidentModel{}
	for _, t := range conn.tables {
		for _, row := range t.kept[KindIncidents] {
			if !row.Period.Before(since) && q.selects(row.incident) {
				found = append(found, row.incident)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *incidentModel) int { return cmp.Compare(a.FailedChecks, b.FailedChecks) })
	first := min(max(q.page-1, 0)*q.limit, len(found))
	return x.list(http.StatusOK, found[first:min(first+q.limit, len(found))])
}

func readIncidentQuery(x *exchange) (*incidentQuery, error) {
	q := &incidentQuery{
		months: 3, page: 1, limit: 50, dimension: x.queryString("dimension"), category: x.queryString("category"),
	}
	for name, target := range map[string]*int{"months": &q.months, "page": &q.page, "limit": &q.limit} {
		value, err := x.queryInt(name)
		if err != nil {
			return nil, err
		}
		if value != nil {
			*target = *value
		}
	}
	for i, status := range incidentStatuses {
		wanted, err := x.queryFlag(status)
		if err != nil {
			return nil, err
		}
		if wanted == nil && i < 2 || wanted != nil && *wanted {
			q.statuses = append(q.statuses, status)
		}
	}
	var err error
	q.severity, err = x.queryInt("severity")
	return q, err
}

func (q *incidentQuery) selects(i *incidentModel) bool {
	return slices.Contains(q.statuses, i.Status) && (q.severity == nil || i.HighestSeverity == *q.severity) &&
		(q.dimension == "" || i.Dimension == q.dimension) && (q.category == "" || i.Category == q.category)
}
