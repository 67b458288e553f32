package request

import (
	"slices"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// DeleteKind is a kind of stored data that a deletion can take.
type DeleteKind struct {
	Name  string // as --what takes it
	Field string // of the body
	Label string // in a sentence
}

// AllData is the word of --what for all kinds but the configuration of checks.
const AllData = "all-data"

const (
	checkResults        = "check-results"
	sensorReadouts      = "sensor-readouts"
	checksConfiguration = "checks-configuration"
)

// DeleteKinds are all kinds, in the order in which the server deletes them (wire
// 3.6).
func DeleteKinds() []DeleteKind {
	return []DeleteKind{
		{"errors", "deleteErrors", "errors"},
		{"statistics", "deleteStatistics", "statistics"},
		{checkResults, "deleteCheckResults", "check results"},
		{sensorReadouts, "deleteSensorReadouts", "sensor readouts"},
		{"error-samples", "deleteErrorSamples", "error samples"},
		{"incidents", "deleteIncidents", "incidents"},
		{checksConfiguration, "deleteChecksConfiguration", "checks configuration"},
	}
}

// Chosen says whether the body deletes this kind.
func (k DeleteKind) Chosen(p dqops.DeleteStoredDataQueueJobParameters) bool {
	chosen := k.in(&p)
	return chosen != nil && *chosen
}

func (k DeleteKind) in(p *dqops.DeleteStoredDataQueueJobParameters) *bool {
	switch k.Field {
	case "deleteErrors":
		return &p.DeleteErrors
	case "deleteStatistics":
		return &p.DeleteStatistics
	case "deleteCheckResults":
		return &p.DeleteCheckResults
	case "deleteSensorReadouts":
		return &p.DeleteSensorReadouts
	case "deleteErrorSamples":
		return &p.DeleteErrorSamples
	case "deleteIncidents":
		return &p.DeleteIncidents
	case "deleteChecksConfiguration":
		return &p.DeleteChecksConfiguration
	default:
		return nil
	}
}

// DeleteFilter is a filter of a deletion.
type DeleteFilter struct {
	Flag  string // with its dashes
	Field string // of the body
}

// DeleteFilters are all filters of a deletion but the connection, which reaches
// every kind.
func DeleteFilters() []DeleteFilter {
	var filters []DeleteFilter
	for _, row := range reach {
		filters = append(filters, row.DeleteFilter)
	}
	return filters
}

// Reaches says whether the filter, named by its flag or field, narrows the
// deletion of this kind; where it does not, the server deletes more than asked or
// leaves the kind out, both without a word (wire 3.6). To the configuration of
// checks a table reaches only as one exact schema.table, a time gradient only as
// daily or monthly (wire T1).
func (k DeleteKind) Reaches(filter string) bool {
	if filter == "--connection" || filter == "connection" {
		return true
	}
	e := k.effectOf(filter)
	return e == reaches || e == exactOnly || e == otherValues
}

func (k DeleteKind) effectOf(filter string) effect {
	column := slices.IndexFunc(DeleteKinds(), func(other DeleteKind) bool { return other.Name == k.Name })
	for _, row := range reach {
		if column >= 0 && (row.Flag == filter || row.Field == filter) {
			return row.kinds[column]
		}
	}
	return ignored
}

// effect is what a filter does to the deletion of a kind.
type effect int

const (
	ignored     effect = iota // all of the kind is deleted, whatever the filter says
	reaches                   // narrows
	skipped                   // the kind is not deleted at all
	exactOnly                 // narrows as an exact name, and is ignored as a pattern
	otherValues               // narrows, with values that no other kind has
)

// reach is the table of wire 3.6 with what wire T1 says of it; the columns are
// those of DeleteKinds.
var reach = []struct {
	DeleteFilter
	kinds [7]effect
}{
	{DeleteFilter{"--table", "fullTableName"}, [7]effect{reaches, reaches, reaches, reaches, reaches, reaches, exactOnly}},
	{DeleteFilter{"--from", "dateStart"}, [7]effect{reaches, reaches, reaches, reaches, reaches, reaches, ignored}},
	{DeleteFilter{"--through", "dateEnd"}, [7]effect{reaches, reaches, reaches, reaches, reaches, reaches, ignored}},
	{DeleteFilter{"--column", "columnNames"}, [7]effect{reaches, reaches, reaches, reaches, reaches, skipped, reaches}},
	{DeleteFilter{"--check", "checkName"}, [7]effect{reaches, ignored, reaches, reaches, reaches, skipped, reaches}},
	{DeleteFilter{"--category", "checkCategory"}, [7]effect{reaches, ignored, reaches, reaches, reaches, reaches, reaches}},
	{DeleteFilter{"--check-type", "checkType"}, [7]effect{reaches, ignored, reaches, reaches, reaches, reaches, reaches}},
	{DeleteFilter{"--dimension", "qualityDimension"}, [7]effect{reaches, ignored, reaches, reaches, reaches, reaches, reaches}},
	// Among checks it chooses comparisons alone and lets all other checks through
	// (CheckSearchFiltersVisitor.accept of AbstractCheckCategorySpec).
	{DeleteFilter{"--comparison", "tableComparisonName"}, [7]effect{reaches, ignored, reaches, reaches, reaches, skipped, ignored}},
	{DeleteFilter{"--sensor", "sensorName"}, [7]effect{reaches, reaches, reaches, reaches, reaches, skipped, reaches}},
	{DeleteFilter{"--data-group", "dataGroupTag"}, [7]effect{ignored, reaches, reaches, reaches, ignored, reaches, ignored}},
	{DeleteFilter{"--time-gradient", "timeGradient"}, [7]effect{reaches, ignored, reaches, reaches, ignored, ignored, otherValues}},
	{DeleteFilter{"--collector", "collectorName"}, [7]effect{ignored, reaches, ignored, ignored, ignored, skipped, ignored}},
	{DeleteFilter{"--collector-category", "collectorCategory"}, [7]effect{ignored, reaches, ignored, ignored, ignored, skipped, ignored}},
	{DeleteFilter{"--collector-target", "collectorTarget"}, [7]effect{ignored, reaches, ignored, ignored, ignored, skipped, ignored}},
	{DeleteFilter{"--incident-status", "incidentStatusName"}, [7]effect{ignored, ignored, ignored, ignored, ignored, reaches, ignored}},
}
