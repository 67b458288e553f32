package standing_test

import (
	"math"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// spread is where rows lie that are read together.
type spread struct {
	groups, months map[string]bool
	covered        bool
}

func (s *spread) times(calls int) int { return calls * len(s.groups) * len(s.months) }

// cost is the most requests that the reading may take: one for each table, for each
// suspicious check 3 x groups x months, and when exact for each path that has
// something stored 2 x groups x months. Months are those in which something covered
// lies and the run's own. Windows into the future cost more.
func (o oracle) cost(exact bool) int {
	if w := o.body.TimeWindowFilter; w != nil && (w.ToDate+w.ToDateTime+w.ToDateTimeOffset != "" || w.DailyPartitioningIncludeToday != nil) {
		return math.MaxInt
	}
	most := len(o.tables)
	if o.late {
		most = 1 + len(o.searched) // one page of the search
	}
	suspects, paths := make(map[simulator.CheckRef]*spread), make(map[simulator.CheckRef]*spread)
	for _, row := range o.now {
		if o.suspicious(row) {
			suspects[checkOf(row)] = nil
		}
		if row.Result != nil || row.Error != nil {
			paths[pathOf(row)] = nil
		}
	}
	for at, row := range o.now {
		o.add(suspects, checkOf(row), at, row)
		o.add(paths, pathOf(row), at, row)
	}
	for _, s := range suspects {
		most += s.times(3)
		if !s.covered {
			most += 2 + len(s.groups) // for bad results of the run's own periods
		}
	}
	if o.lostReadouts() {
		return math.MaxInt // all is read that was covered
	}
	for path, s := range paths {
		if exact {
			most += s.times(2)
		} else if strings.HasPrefix(path.Check, "partitioned") {
			most += 1 + len(s.groups) // the months after the present
		}
	}
	return most
}

// suspicious is whether the row makes its check one that is read.
func (o oracle) suspicious(row simulator.StoredRow) bool {
	bySensor := o.body.CheckSearchFilters.SensorName != "" && row.Result != nil
	return bySensor || row.Error != nil || row.Result != nil && row.Result.Severity > 0
}

func (o oracle) add(to map[simulator.CheckRef]*spread, key simulator.CheckRef, at place, row simulator.StoredRow) {
	s, wanted := to[key]
	if !wanted {
		return
	}
	if s == nil {
		s = &spread{groups: make(map[string]bool), months: make(map[string]bool)}
		to[key] = s
		for _, own := range []time.Time{o.began().Add(-14 * time.Hour), o.ended.Add(14 * time.Hour)} {
			s.months[own.UTC().Format("2006-01")] = true
		}
	}
	s.groups[row.DataGroup] = true
	if o.covered(at) {
		s.covered = true
		s.months[row.Start.Format("2006-01")] = true
	}
}

func checkOf(row simulator.StoredRow) simulator.CheckRef {
	ref := row.CheckRef
	ref.DataGroup, ref.Period = "", ""
	return ref
}

// pathOf names a table or column with one check type and time scale.
func pathOf(row simulator.StoredRow) simulator.CheckRef {
	ref := checkOf(row)
	ref.Check = row.Spec.Type + " " + row.Spec.TimeScale
	return ref
}
