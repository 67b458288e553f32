package simulator

import "time"

// timeGradient is the length of the check's periods as rows name it.
func (c *check) timeGradient() string {
	if c.gradient() == scaleDaily {
		return "day"
	}
	return "month"
}

func resultEntryOf(row record) checkResultEntry {
	c, spec := row.check, row.check.spec
	entry := checkResultEntry{
		ID: row.result.id, CheckHash: c.hash, Category: spec.Category, CheckName: spec.Name, DisplayName: spec.Name,
		CheckType: spec.Type, ActualValue: double(row.result.value), Expected: doubleOf(spec.Expected),
		Severity: row.result.severity, ColumnName: c.columnName(), DataGroup: row.at.group,
		DurationMs: row.result.durationMs, ExecutedAt: instant(row.executedAt), TimeGradient: c.timeGradient(),
		TimePeriod: local(row.at.period), IncludeInKpi: true, Provider: c.table.conn.provider,
		Dimension: spec.Dimension, SensorName: spec.Sensor, Comparison: spec.Comparison,
	}
	entry.WarningLower, entry.WarningUpper = spec.Warning.wire()
	entry.ErrorLower, entry.ErrorUpper = spec.Error.wire()
	entry.FatalLower, entry.FatalUpper = spec.Fatal.wire()
	if !row.result.updatedAt.IsZero() {
		updated := instant(row.result.updatedAt)
		entry.UpdatedAt = &updated
	}
	return entry
}

func (b *Bounds) wire() (lower, upper *double) {
	if b == nil {
		return nil, nil
	}
	return doubleOf(b.Lower), doubleOf(b.Upper)
}

func readoutEntryOf(row record) sensorReadoutEntry {
	c, spec := row.check, row.check.spec
	return sensorReadoutEntry{
		ID: row.readout.id, CheckName: spec.Name, DisplayName: spec.Name, CheckType: spec.Type,
		ActualValue: double(row.readout.value), ColumnName: c.columnName(), DataGroup: row.at.group,
		DurationMs: row.readout.durationMs, ExecutedAt: instant(row.executedAt), TimeGradient: c.timeGradient(),
		TimePeriod: local(row.at.period), Provider: c.table.conn.provider, Dimension: spec.Dimension,
		Comparison: spec.Comparison,
	}
}

func errorEntryOf(row record, zone *time.Location) errorEntry {
	c, spec, failed := row.check, row.check.spec, row.failure
	return errorEntry{
		ActualValue: doubleOf(failed.value), ColumnName: c.columnName(), DataGroup: row.at.group, CheckType: spec.Type,
		DurationMs: failed.durationMs, ExecutedAt: instant(row.executedAt), TimeGradient: c.timeGradient(),
		TimePeriod: local(row.at.period), Provider: c.table.conn.provider, Dimension: spec.Dimension,
		SensorName: spec.Sensor, ReadoutID: failed.readoutID, Message: failed.message, Source: failed.source,
		Timestamp: local(failed.failedAt.Truncate(time.Millisecond).In(zone)), Comparison: spec.Comparison,
	}
}
