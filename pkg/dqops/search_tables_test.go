package dqops_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// pageOf is a page of the search with the tables from first to last.
func pageOf(first, last int) []dqops.TableListEntry {
	var entries []dqops.TableListEntry
	for i := first; i <= last; i++ {
		entries = append(entries, dqops.TableListEntry{
			ConnectionName: "c", Target: dqops.PhysicalTableName{SchemaName: "s", TableName: fmt.Sprint(i)},
		})
	}
	return entries
}

func TestFoundTables(t *testing.T) {
	const full = dqops.SearchTablesLimit
	refused := errors.New("refused")
	for name, tc := range map[string]struct {
		pages  [][]dqops.TableListEntry // the last comes again and again
		err    error                    // of the page after them
		tables int
		asked  int
		fails  bool
	}{
		"none":                    {pages: [][]dqops.TableListEntry{nil}, asked: 1},
		"a short page":            {pages: [][]dqops.TableListEntry{pageOf(1, 3)}, tables: 3, asked: 1},
		"a full page and none":    {pages: [][]dqops.TableListEntry{pageOf(1, full), nil}, tables: full, asked: 2},
		"pages that overlap":      {pages: [][]dqops.TableListEntry{pageOf(1, full), pageOf(2, full+1), pageOf(5, 6)}, tables: full + 1, asked: 3},
		"the same for ever":       {pages: [][]dqops.TableListEntry{pageOf(1, full)}, tables: full, asked: 2, fails: true},
		"a table without a name":  {pages: [][]dqops.TableListEntry{{pageOf(1, 1)[0], {ConnectionName: "c"}}}, tables: 1, asked: 1, fails: true},
		"the second page refused": {pages: [][]dqops.TableListEntry{pageOf(1, full)}, err: refused, tables: full, asked: 2, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			found := make(map[dqops.TableRef]int)
			var failed error
			for table, err := range dqops.FoundTables(func(page int) ([]dqops.TableListEntry, error) {
				if asked++; asked != page || page > 10 {
					t.Fatalf("page %d is asked for as the call %d", page, asked)
				}
				if page > len(tc.pages) && tc.err != nil {
					return nil, tc.err
				}
				return tc.pages[min(page, len(tc.pages))-1], nil
			}) {
				if failed = err; err == nil {
					found[table]++
				}
			}
			if len(found) != tc.tables || asked != tc.asked || (failed != nil) != tc.fails {
				t.Errorf("%d tables on %d pages, %v", len(found), asked, failed)
			}
			if protocol, ok := errors.AsType[*dqops.ProtocolError](failed); tc.fails && !errors.Is(failed, refused) && (!ok || protocol.Reason == "") {
				t.Errorf("the error is %v", failed)
			}
			for table, times := range found {
				if times != 1 {
					t.Errorf("%s came %d times", table, times)
				}
			}
		})
	}
}

func TestFoundTablesEndsWithItsReader(t *testing.T) {
	asked := 0
	for table, err := range dqops.FoundTables(func(int) ([]dqops.TableListEntry, error) {
		asked++
		return pageOf(1, dqops.SearchTablesLimit), nil
	}) {
		if err != nil || table.Table == "5" {
			break
		}
	}
	if asked != 1 {
		t.Errorf("%d pages were read", asked)
	}
}
