package simulator

import (
	"fmt"
	"net/http"
)

// collected is what a job has gathered from one table, or from all of them.
// Statistics and error samples are counted alike.
type collected struct {
	executed, columns, failed, rows int
	firstFailure                    string
}

func (n *collected) add(more collected) {
	n.executed += more.executed
	n.columns += more.columns
	n.failed += more.failed
	n.rows += more.rows
	if n.firstFailure == "" {
		n.firstFailure = more.firstFailure
	}
}

func (n *collected) fail(message string) {
	n.failed++
	if n.firstFailure == "" {
		n.firstFailure = message
	}
}

// verdict is the end of the whole job: it fails when something was executed
// and everything failed (wire 3.4).
func (n *collected) verdict(class, what, connection string) error {
	if n.executed == 0 || n.rows > 0 || n.failed == 0 {
		return nil
	}
	return &jobFailure{
		class:   class,
		message: fmt.Sprintf("Cannot collect %s on the connection %s, the first error: %s", what, connection, n.firstFailure),
	}
}

// collector is the work of one table, part of a job that collects.
type collector interface {
	work
	found() collected
}

// collect runs a child for every table and sums up what they found.
func (s *Server) collect(parent *job, tables []*table, child func(*table) collector) (total collected, err error) {
	works := make([]work, 0, len(tables))
	for _, t := range tables {
		if t.conn.fail != "" {
			return total, &jobFailure{class: "com.dqops.connectors.ConnectorOperationFailedException", message: t.conn.fail}
		}
		works = append(works, child(t))
	}
	children, err := s.runChildren(parent, works)
	if err != nil {
		return total, err
	}
	for _, one := range children {
		if !one.outcome.cancelled {
			total.add(one.work.(collector).found())
		}
	}
	return total, nil
}

// firstConnection names a connection for the text of a failure.
func firstConnection(tables []*table) string {
	if len(tables) == 0 {
		return ""
	}
	return tables[0].conn.name
}

func (s *Server) collectingRoutes() []route {
	return []route{
		{http.MethodPost, "/api/jobs/collectstatistics/table", s.collectStatistics(scopeTable)},
		{http.MethodPost, "/api/jobs/collectstatistics/withgrouping", s.collectStatistics(scopeGroups)},
		{http.MethodPost, "/api/jobs/collecterrorsamples", s.collectErrorSamples},
	}
}
