package simulator

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"
)

// results lists the stored results by check. Each month is sorted by itself,
// and the months come in the order of their hashes: the limit may drop the
// newest, and with one row a group it may be of an older month (wire 3.10).
func (r *reading) results(stored []record) ([]checkResultsList, error) {
	months := r.months(stored)
	if len(months) == 0 && (r.first == nil || r.last == nil) {
		return nil, errNothingLoaded()
	}
	slices.SortFunc(months, func(a, b time.Time) int { return cmp.Compare(monthHash(a), monthHash(b)) })
	lists := resultLists{reading: r, lists: []checkResultsList{}, places: map[resultKey]int{}}
	for _, month := range months {
		rows := selected(stored, func(row record) bool { return row.month().Equal(month) && r.matches(row) })
		slices.SortStableFunc(rows, func(a, b record) int {
			return cmp.Or(b.at.period.Compare(a.at.period), cmp.Compare(b.severity, a.severity))
		})
		lists.add(rows)
	}
	return lists.lists, nil
}

func monthHash(month time.Time) uint64 {
	return hash64(string(binary.BigEndian.AppendUint32(nil, uint32(month.Year()*12+int(month.Month())))))
}

// resultLists are the lists begun so far: one a check, or one a group of it.
type resultLists struct {
	*reading
	lists  []checkResultsList
	places map[resultKey]int
}

type resultKey struct {
	check *check
	group string
}

// add takes the rows of one month.
func (l *resultLists) add(month []record) {
	for _, row := range month {
		if !l.inGroup(row) {
			continue
		}
		key := resultKey{check: row.check}
		if l.perGroup {
			key.group = row.at.group
		}
		place, known := l.places[key]
		if !known {
			place = len(l.lists)
			l.places[key] = place
			l.lists = append(l.lists, l.begin(row, month))
		}
		list := &l.lists[place]
		limit := l.limit
		if l.perGroup {
			limit = 1
		}
		if list.DataGroup == row.at.group && len(list.Entries) < limit {
			list.Entries = append(list.Entries, resultEntryOf(row))
		}
	}
}

// begin opens the list of a check. Its groups are those of the first month
// that has the check, and the first of them is shown unless one was asked for.
func (l *resultLists) begin(row record, month []record) checkResultsList {
	spec := row.check.spec
	list := checkResultsList{
		CheckHash: row.check.hash, Category: spec.Category, CheckName: spec.Name, DisplayName: spec.Name,
		CheckType: spec.Type, DataGroup: row.at.group, Entries: []checkResultEntry{},
	}
	if l.perGroup {
		return list
	}
	list.DataGroups = groupNames(month, row.check)
	if l.dataGroup == "" {
		list.DataGroup = list.DataGroups[0]
	}
	return list
}

// newestFirst returns the rows of the loaded months as readouts and errors
// come: the newest execution first, in it the newest period (wire 3.10).
func (r *reading) newestFirst(stored []record) []record {
	months := r.months(stored)
	rows := selected(stored, func(row record) bool {
		return r.matches(row) && slices.ContainsFunc(months, row.month().Equal)
	})
	slices.SortStableFunc(rows, func(a, b record) int {
		return cmp.Or(b.executedAt.Compare(a.executedAt), b.at.period.Compare(a.at.period))
	})
	return rows
}

// shown picks the rows of each check that are shown: those of the group of
// its first row, up to the limit. The checks come as they are met.
func (r *reading) shown(rows []record) (order []*check, byCheck map[*check][]record) {
	byCheck = map[*check][]record{}
	for _, row := range rows {
		if !r.inGroup(row) {
			continue
		}
		some, known := byCheck[row.check]
		if !known {
			order = append(order, row.check)
		} else if len(some) >= r.limit || some[0].at.group != row.at.group {
			continue
		}
		byCheck[row.check] = append(some, row)
	}
	return order, byCheck
}

func (r *reading) readouts(stored []record) []sensorReadoutsList {
	rows := r.newestFirst(stored)
	lists := []sensorReadoutsList{}
	order, byCheck := r.shown(rows)
	for _, c := range order {
		list := sensorReadoutsList{
			CheckName: c.spec.Name, DisplayName: c.spec.Name, CheckType: c.spec.Type, CheckHash: c.hash,
			Category: c.spec.Category, DataGroups: groupNames(rows, c), DataGroup: byCheck[c][0].at.group,
		}
		for _, row := range byCheck[c] {
			list.Entries = append(list.Entries, readoutEntryOf(row))
		}
		lists = append(lists, list)
	}
	return lists
}

func (r *reading) errors(stored []record, zone *time.Location) []errorsList {
	rows := r.newestFirst(stored)
	lists := []errorsList{}
	order, byCheck := r.shown(rows)
	for _, c := range order {
		list := errorsList{
			CheckName: c.spec.Name, DisplayName: c.spec.Name, CheckType: c.spec.Type, CheckHash: c.hash,
			Category: c.spec.Category, DataGroups: groupNames(rows, c), DataGroup: byCheck[c][0].at.group,
		}
		for _, row := range byCheck[c] {
			list.Entries = append(list.Entries, errorEntryOf(row, zone))
		}
		lists = append(lists, list)
	}
	return lists
}
