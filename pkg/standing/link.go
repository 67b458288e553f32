package standing

import (
	"cmp"
	"net/url"
	"slices"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// link is the page of DQOps that shows a check (frontend src/shared/routes.ts).
func link(base string, p dqops.CheckPath, category, check string) string {
	if base == "" {
		return ""
	}
	page := base + "/" + p.CheckType + "/connection/" + url.PathEscape(p.Connection) +
		"/schema/" + url.PathEscape(p.Schema) + "/table/" + url.PathEscape(p.Table)
	if p.Column != "" {
		page += "/columns/" + url.PathEscape(p.Column)
	}
	if p.CheckType == dqops.CheckTypeProfiling {
		page += "/checks/advanced-profiling"
	} else {
		page += "/" + p.CheckType + "/" + p.TimeScale
	}
	if category == "" {
		return page
	}
	return page + "/" + url.PathEscape(category) + "/" + url.PathEscape(check)
}

// sortFindings puts the worst first, then by table, column and check, the newest
// period first.
func sortFindings(findings []verdict.Finding) {
	slices.SortFunc(findings, func(a, b verdict.Finding) int {
		return cmp.Or(
			cmp.Compare(b.Weight(), a.Weight()),
			cmp.Compare(a.Connection, b.Connection), cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Table, b.Table),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Check, b.Check), cmp.Compare(a.Comparison, b.Comparison),
			cmp.Compare(b.TimePeriod, a.TimePeriod), cmp.Compare(a.DataGroup, b.DataGroup),
		)
	})
}
