package cmd

import (
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/request"
)

// addFilterFlags adds the flags that select checks to run.
func addFilterFlags(flags *pflag.FlagSet, f *request.CheckFilters) {
	addStoredFilterFlags(flags, f)
	textFlag(flags, &f.ColumnType, "column-type", "", "TYPE", "only columns of exactly this data type")
	boolFlag(flags, &f.Nullable, "nullable", "only columns that may (true) or may not (false) be null")
	flags.StringArrayVar(&f.Labels, "label", nil, "`LABEL` that must be set, wildcards allowed (repeatable: all must match)")
	boolFlag(flags, &f.OnlyDisabled, "only-disabled", "run only the checks that are disabled")
	numberFlag(flags, &f.MaxResults, "max-results", "stop after this many matches")
}

// addStoredFilterFlags adds those of them that stored results know too.
func addStoredFilterFlags(flags *pflag.FlagSet, f *request.CheckFilters) {
	textFlag(flags, &f.Connection, "connection", "c", "NAME", "connection, wildcards allowed (pre*, *suf, *mid*, pre*suf)")
	if flags.Lookup("table") == nil {
		textFlag(flags, &f.Table, "table", "t", "SCHEMA.TABLE", "table, wildcards allowed in both parts; split at the first dot")
	}
	textFlag(flags, &f.Column, "column", "", "NAME", "only checks of these columns, wildcards allowed")
	textFlag(flags, &f.Check, "check", "", "NAME", "check name, wildcards allowed")
	textFlag(flags, &f.Category, "category", "", "NAME", "check category, wildcards allowed")
	textFlag(flags, &f.Dimension, "dimension", "", "NAME", "data quality dimension, wildcards allowed")
	textFlag(flags, &f.Sensor, "sensor", "", "NAME", "full sensor name, wildcards allowed")
	textFlag(flags, &f.CheckType, "check-type", "", "TYPE", "profiling, monitoring or partitioned")
	textFlag(flags, &f.TimeScale, "time-scale", "", "SCALE", "daily or monthly")
	textFlag(flags, &f.Target, "target", "", "TARGET", "table (no column checks) or column (table checks stay in)")
	textFlag(flags, &f.Comparison, "comparison", "", "NAME", "table comparison, wildcards allowed")
}

// addWindowFlags adds the flags that narrow the partitions of partitioned checks.
func addWindowFlags(flags *pflag.FlagSet, w *request.TimeWindow) {
	textFlag(flags, &w.From, "from", "", "WHEN", "first day or moment, inclusive: 2026-11-01, 2026-11-01T08:00 or 2026-11-01T08:00:00+01:00")
	textFlag(flags, &w.To, "to", "", "WHEN", "day or moment after the last, exclusive; same form as --from")
	numberFlag(flags, &w.RecentDays, "recent-days", "days back for daily partitioned checks")
	boolFlag(flags, &w.IncludeToday, "include-today", "with --recent-days: today too")
	numberFlag(flags, &w.RecentMonths, "recent-months", "months back for monthly partitioned checks")
	boolFlag(flags, &w.IncludeCurrentMonth, "include-current-month", "with --recent-months: the current month too")
	textFlag(flags, &w.Where, "where", "", "SQL", "predicate added to the queries; {alias} stands for the table")
}
