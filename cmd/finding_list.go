package cmd

import (
	"strconv"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// findingList is findings for programs, a row each, every value exact.
func findingList(findings []verdict.Finding) *output.List {
	columns := []struct {
		name string
		text func(f verdict.Finding) string
	}{
		{"SEVERITY", func(f verdict.Finding) string { return string(f.Severity) }},
		{"STATE", stateOf},
		{"CONNECTION", func(f verdict.Finding) string { return f.Connection }},
		{"SCHEMA", func(f verdict.Finding) string { return f.Schema }},
		{"TABLE", func(f verdict.Finding) string { return f.Table }},
		{"COLUMN", func(f verdict.Finding) string { return f.Column }},
		{"CHECK", func(f verdict.Finding) string { return f.Check }},
		{"TYPE", func(f verdict.Finding) string { return f.CheckType }},
		{"SCALE", func(f verdict.Finding) string { return f.TimeScale }},
		{"COMPARISON", func(f verdict.Finding) string { return f.Comparison }},
		{"GROUP", func(f verdict.Finding) string { return f.DataGroup }},
		{"PERIOD", func(f verdict.Finding) string { return f.TimePeriod }},
		{"VALUE", func(f verdict.Finding) string { return exactNumber(f.ActualValue) }},
		{"EXPECTED", func(f verdict.Finding) string { return exactNumber(f.ExpectedValue) }},
		{"EXECUTED", func(f verdict.Finding) string { return exactTime(f.ExecutedAt) }},
		{"REASON", func(f verdict.Finding) string { return f.Reason }},
	}
	l := &output.List{}
	for _, c := range columns {
		l.Columns = append(l.Columns, output.Column{Name: c.name})
	}
	for _, f := range findings {
		row := make([]output.Cell, len(columns))
		for i, c := range columns {
			row[i].Text = c.text(f)
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

// stateOf says what is to be known of a finding beside its severity.
func stateOf(f verdict.Finding) string {
	var states []string
	if f.Crashed != "" {
		states = append(states, f.Crashed+" crashed")
	}
	if f.Stale {
		states = append(states, "stale")
	}
	if f.Unchanged {
		states = append(states, "unchanged")
	}
	return strings.Join(states, ", ")
}

func exactNumber(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

func exactTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
