package simulator

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestSearchTables(t *testing.T) {
	var tables []Table
	for i := range 230 {
		tables = append(tables, Table{Name: fmt.Sprintf("public.t%03d", i)})
	}
	sc := shop(tables...)
	sc.Connections[0].Tables[7].Labels = []string{"retail"}
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		for query, want := range map[string][]string{
			"":                             {"t000", "t099", "100"},
			"limit=1000":                   {"t000", "t229", "230"},
			"page=3":                       {"t200", "t229", "30"},
			"page=9":                       {"", "", "0"},
			"page=2&limit=7":               {"t007", "t013", "7"},
			"connection=sh*&table=t00*":    {"t000", "t009", "10"},
			"schema=PUBLIC&table=t229":     {"t229", "t229", "1"},
			"schema=files":                 {"", "", "0"},
			"label=ret*":                   {"t007", "t007", "1"},
			"table=*2*&limit=5&connection": {"t002", "t022", "5"},
		} {
			var entries []struct {
				Target physicalTableName `json:"target"`
			}
			got := b.get("/api/search/tables?" + query)
			if err := json.Unmarshal(got.body, &entries); err != nil {
				t.Fatalf("%s: %s: %v", query, got.body, err)
			}
			found := []string{"", "", fmt.Sprint(len(entries))}
			if len(entries) > 0 {
				found[0], found[1] = entries[0].Target.Table, entries[len(entries)-1].Target.Table
			}
			wantSame(t, query, want, found)
		}
	})
}
