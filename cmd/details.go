package cmd

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// detailFields tells what a job did that is no run of checks.
func detailFields(r verdict.Result) output.Fields {
	if r.Job == nil {
		return nil
	}
	if p, err := r.Job.Parameters.CollectStatistics(); err == nil && p != nil && p.CollectStatisticsResult != nil {
		s := p.CollectStatisticsResult
		return output.Fields{{Name: "Collected", Value: fmt.Sprintf("%s by %s, %d failed; %d of %s analyzed", amount(s.TotalCollectedResults, "result"),
			amount(s.ExecutedStatisticsCollectors, "collector"), s.TotalCollectorsFailed, s.ColumnsSuccessfullyAnalyzed, amount(s.ColumnsAnalyzed, "column"))}}
	}
	if p, err := r.Job.Parameters.CollectErrorSamples(); err == nil && p != nil && p.ErrorSamplerResult != nil {
		s := p.ErrorSamplerResult
		return output.Fields{{Name: "Collected", Value: fmt.Sprintf("%s by %s, %d failed; %d of %s analyzed", amount(s.TotalErrorSamplesCollected, "error sample"),
			amount(s.ExecutedErrorSamplers, "sampler"), s.TotalErrorSamplersFailed, s.ColumnsSuccessfullyAnalyzed, amount(s.ColumnsAnalyzed, "column"))}}
	}
	if r.Import == nil || r.Import.Result == nil {
		return nil
	}
	columns := 0
	for _, t := range r.Import.Result.SourceTableSpecs {
		columns += len(t.Columns)
	}
	return output.Fields{
		{Name: "Imported", Value: fmt.Sprintf("%s with %s", amount(len(r.Import.Result.SourceTableSpecs), "table"), amount(columns, "column"))},
		{Name: "Missing", Value: strings.Join(r.Import.Missing, ", ")},
	}
}

func amount(n int, noun string) string {
	return fmt.Sprintf("%d %s", n, plural(n, noun))
}

func deletedText(d *verdict.Deletion) string {
	gone := 0
	for _, p := range d.Result.PartitionResults {
		if p.PartitionDeleted {
			gone++
		}
	}
	if d.Rows() == 0 && gone == 0 {
		return "nothing deleted, 0 rows matched"
	}
	return fmt.Sprintf("%s deleted, %s removed whole", amount(d.Rows(), "row"), amount(gone, "partition"))
}

// deletedChecksText is deletedText where the configuration of checks was deleted
// too, of which the answer says nothing (wire 3.6).
func deletedChecksText(d *verdict.Deletion) string {
	const unknown = "how much of checks-configuration was deleted is not told by the server"
	if len(d.Result.PartitionResults) == 0 {
		return unknown
	}
	return deletedText(d) + "; " + unknown
}

// partition is a key of the server's answer to a deletion, which is Java text
// (wire 3.6); Verbatim is set when it has another form.
type partition struct {
	kind, table, month string
	verbatim           string
}

var partitionText = regexp.MustCompile(`^ParquetPartitionId\{dataDomain=.*, tableType=(\w+), connectionName='.*', tableName=(.*), month=(\d{4}-\d{2})-\d{2}\}$`)

func parsePartition(key string) partition {
	m := partitionText.FindStringSubmatch(key)
	if m == nil {
		return partition{verbatim: key}
	}
	kind := strings.ReplaceAll(strings.TrimPrefix(m[1], "data_"), "_", "-")
	table := m[2]
	if table == "null" {
		table = ""
	}
	return partition{kind: kind, table: table, month: m[3]}
}

// deletionTable lists what was deleted by kind, table and month.
func deletionTable(result *dqops.DeleteStoredDataResult) []output.Block {
	type row struct {
		partition
		dqops.DataDeleteResultPartition
	}
	var rows []row
	for key, p := range result.PartitionResults {
		if p.RowsAffectedCount > 0 || p.PartitionDeleted {
			rows = append(rows, row{parsePartition(key), p})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.verbatim, b.verbatim), cmp.Compare(a.kind, b.kind), cmp.Compare(a.table, b.table), cmp.Compare(a.month, b.month))
	})
	t := &output.Table{Lead: 2, Columns: []output.Column{{Name: "KIND"}, {Name: "TABLE"}, {Name: "MONTH"}, {Name: "ROWS", Right: true}, {Name: "PARTITION"}}}
	for _, r := range rows {
		kept := "kept"
		if r.PartitionDeleted {
			kept = "removed"
		}
		kind := r.kind
		if r.verbatim != "" {
			kind = r.verbatim
		}
		t.Rows = append(t.Rows, []output.Cell{
			{Text: kind}, {Text: orDash(r.table)}, {Text: orDash(r.month)}, {Text: strconv.Itoa(r.RowsAffectedCount)}, {Text: kept},
		})
	}
	return []output.Block{t}
}
