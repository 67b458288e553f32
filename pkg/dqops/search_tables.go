package dqops

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
)

// TableListEntry is one table of a search (wire 3.10).
type TableListEntry struct {
	ConnectionName string            `json:"connection_name"`
	Target         PhysicalTableName `json:"target"`
}

// Ref names the table.
func (e TableListEntry) Ref() TableRef {
	return TableRef{Connection: e.ConnectionName, Schema: e.Target.SchemaName, Table: e.Target.TableName}
}

// SearchTablesLimit is the most that one page of a search holds here; without a
// limit the server cuts at 100 in silence (wire 3.10).
const SearchTablesLimit = 1000

const searchingTables = "search tables"

// SearchTables reads one page, counted from 1, of the tables that match; schema
// and table take wildcards, an empty one is all. A page with fewer than
// SearchTablesLimit entries is the last. FoundTables goes through all of them.
func (c *Client) SearchTables(ctx context.Context, connection, schema, table string, page int) ([]TableListEntry, error) {
	return c.searchTables(ctx, connection, schema, table, url.Values{
		"page": {strconv.Itoa(page)}, "limit": {strconv.Itoa(SearchTablesLimit)},
	})
}

// FirstTables is SearchTables for those who cannot wait long: it reads at most
// that many of the tables that match, and not the others.
func (c *Client) FirstTables(ctx context.Context, connection, schema, table string, most int) ([]TableListEntry, error) {
	return c.searchTables(ctx, connection, schema, table, url.Values{"limit": {strconv.Itoa(most)}})
}

func (c *Client) searchTables(ctx context.Context, connection, schema, table string, query url.Values) ([]TableListEntry, error) {
	var entries []TableListEntry
	for name, value := range map[string]string{"connection": connection, "schema": schema, "table": table} {
		if value != "" {
			query.Set(name, value)
		}
	}
	r := call{doing: searchingTables, method: http.MethodGet, path: "/api/search/tables", query: query}
	if err := c.whole(ctx, r, &entries); err != nil {
		return nil, err
	}
	return entries, nil
}

// FoundTables gives each table of a search once, page after page. An error ends
// it: that of a page, or a ProtocolError for a table without its name and for a
// full page that brings nothing new, which would go on for ever.
func FoundTables(page func(number int) ([]TableListEntry, error)) iter.Seq2[TableRef, error] {
	return func(yield func(TableRef, error) bool) {
		seen := make(map[TableRef]bool)
		for number := 1; ; number++ {
			known := len(seen)
			entries, err := page(number)
			if err != nil {
				yield(TableRef{}, err)
				return
			}
			for _, e := range entries {
				ref := e.Ref()
				if ref.Connection == "" || ref.Schema == "" || ref.Table == "" {
					yield(TableRef{}, searchOfNonsense("a table lacks its name"))
					return
				}
				if seen[ref] {
					continue
				}
				seen[ref] = true
				if !yield(ref, nil) {
					return
				}
			}
			if len(entries) < SearchTablesLimit {
				return
			}
			if len(seen) == known {
				yield(TableRef{}, searchOfNonsense(fmt.Sprintf("page %d brings nothing new", number)))
				return
			}
		}
	}
}

func searchOfNonsense(reason string) error {
	return &ProtocolError{Doing: searchingTables, Status: http.StatusOK, Reason: reason}
}
