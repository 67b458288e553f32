package request

import (
	"cmp"
	"unicode/utf8"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// TimeWindow is the time window that was given as flags; a nil pointer is a flag
// that was not given. From is inclusive, To exclusive.
type TimeWindow struct {
	From, To            *string
	RecentDays          *int
	IncludeToday        *bool
	RecentMonths        *int
	IncludeCurrentMonth *bool
	Where               *string
}

const windowPath = "time_window_filter"

// window puts the flags over what the file says, and checks what came out; a
// window without any field becomes none.
func (d *draft) window(w TimeWindow, to **dqops.TimeWindowFilterParameters) {
	var merged dqops.TimeWindowFilterParameters
	if *to != nil {
		merged = **to
	}
	d.bounds(w, &merged)
	d.recent(recent{
		flag: "--recent-days", field: "daily_partitioning_recent_days",
		given: w.RecentDays, to: &merged.DailyPartitioningRecentDays,
		currentFlag: "--include-today", currentField: "daily_partitioning_include_today",
		current: w.IncludeToday, currentTo: &merged.DailyPartitioningIncludeToday,
	})
	d.recent(recent{
		flag: "--recent-months", field: "monthly_partitioning_recent_months",
		given: w.RecentMonths, to: &merged.MonthlyPartitioningRecentMonths,
		currentFlag: "--include-current-month", currentField: "monthly_partitioning_include_current_month",
		current: w.IncludeCurrentMonth, currentTo: &merged.MonthlyPartitioningIncludeCurrentMonth,
	})
	if at, ok := d.origin("--where", w.Where != nil, windowPath+".where_filter"); ok {
		if w.Where != nil {
			merged.WhereFilter = *w.Where
		}
		switch {
		case isBlank(merged.WhereFilter):
			d.problems.add(at, "leave it out, or fill the variable that it comes from", `is empty; the server would take it as "all rows"`)
		case !utf8.ValidString(merged.WhereFilter):
			d.problems.add(at, "", "is not UTF-8: %s", quote(merged.WhereFilter))
		}
	}
	*to = nil
	if merged != (dqops.TimeWindowFilterParameters{}) {
		*to = &merged
	}
}

// recent is a number of recent days or months with the switch that adds the
// current one.
type recent struct {
	flag, field               string
	given                     *int
	to                        **int32
	currentFlag, currentField string
	current                   *bool
	currentTo                 **bool
}

// recent refuses the switch without the number: alone it would lift the window
// that the table is configured with (wire T17).
func (d *draft) recent(r recent) {
	d.number(r.flag, windowPath+"."+r.field, r.given, r.to)
	at, ok := d.origin(r.currentFlag, r.current != nil, windowPath+"."+r.currentField)
	if !ok {
		return
	}
	*r.currentTo = cmp.Or(r.current, *r.currentTo)
	if *r.to == nil && r.given == nil && !d.undecoded {
		need := r.flag
		if at.file != "" {
			need = r.field
		}
		d.problems.add(at, "", "needs %s beside it: alone it would lift the time window that the tables are configured with", need)
	}
}

// bound is one end of the time window as it was given.
type bound struct {
	at source
	moment
}

// boundField is a wire field of a bound, with the one form that it takes.
type boundField struct {
	name string
	form form
	to   *string
}

func (d *draft) bounds(w TimeWindow, to *dqops.TimeWindowFilterParameters) {
	from := d.bound("--from", w.From, []boundField{
		{"from_date", formDate, &to.FromDate},
		{"from_date_time", formLocal, &to.FromDateTime},
		{"from_date_time_offset", formOffset, &to.FromDateTimeOffset},
	})
	until := d.bound("--to", w.To, []boundField{
		{"to_date", formDate, &to.ToDate},
		{"to_date_time", formLocal, &to.ToDateTime},
		{"to_date_time_offset", formOffset, &to.ToDateTimeOffset},
	})
	if from == nil || until == nil {
		return
	}
	if from.form != until.form {
		d.problems.add(until.at, "write both as a date, both with a time, or both with time and offset", "is %s, and %s is %s", until.form, from.at.mention(), from.form)
		return
	}
	if !until.when.After(from.when) {
		d.problems.add(until.at, "", "is exclusive and must be after %s: %s is not after %s", from.at.mention(), until.text, from.text)
	}
}

// bound is nil when it was not given or is wrong.
func (d *draft) bound(flag string, given *string, fields []boundField) *bound {
	found := d.fileBound(fields)
	if given == nil {
		return found
	}
	m, bad := parseMoment(*given)
	if bad != "" {
		d.problems.add(source{name: flag}, "", "%s", bad)
		return nil
	}
	for _, field := range fields {
		*field.to = ""
		if field.form == m.form {
			*field.to = m.text
		}
	}
	return &bound{source{name: flag}, m}
}

func (d *draft) fileBound(fields []boundField) *bound {
	var found *bound
	var first source
	for _, field := range fields {
		at, ok := d.origin("", false, windowPath+"."+field.name)
		if !ok {
			continue
		}
		if first.name != "" {
			d.problems.add(at, "", "is a second form of %s; keep one", first.mention())
			return nil
		}
		first = at
		m, bad := parseMoment(*field.to)
		switch {
		case bad != "":
			d.problems.add(at, "", "%s", bad)
		case m.form != field.form:
			d.problems.add(at, "", "takes %s, and %s is %s: that belongs into %s", field.form, quote(*field.to), m.form, fieldOf(m.form, fields))
		default:
			*field.to = m.text
			found = &bound{at, m}
		}
	}
	return found
}

func fieldOf(f form, fields []boundField) string {
	for _, field := range fields {
		if field.form == f {
			return field.name
		}
	}
	return ""
}
