package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
)

const (
	// mostFound bounds the answer to a search: a server took 0.12 s for 300 tables
	// (wire L15).
	mostFound = 300
	// mostRead bounds the tables whose checks are read, some at a time as is best
	// for a server (wire L15).
	mostRead  = 50
	atOneTime = 8
)

// tooMany is why nothing is offered: a list that was cut would complete to a
// beginning that not all have.
type tooMany struct{ advice string }

func (e *tooMany) Error() string { return "too many match: " + e.advice }

// flagCompleters are those that read something, by the flag's name.
var flagCompleters = map[string]completer{
	"profile":    profiles,
	"connection": connections,
	"schema":     schemas,
	"table":      tables,
	"column":     stored(columnsOf),
	"check":      stored(checksOf),
	"category":   stored(categoriesOf),
	"dimension":  stored(dimensionsOf),
	"comparison": stored(comparisonsOf),
	"parent":     jobs,
}

// argumentCompleters are those of arguments, by their name in the usage line.
var argumentCompleters = map[string]completer{
	"ID":     jobs,
	"FOLDER": folders,
	"NAME":   profiles,
	"VALUE":  settings,
}

// client is for the server that the command line, the environment and the profile
// name.
func (c *completing) client() (*dqops.Client, error) {
	s, err := c.app.settings(c.cmd)
	if err != nil {
		return nil, err
	}
	return c.app.connect(s)
}

func connections(ctx context.Context, c *completing) ([]candidate, error) {
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	known, err := client.Connections(ctx)
	var found []candidate
	for _, connection := range known {
		found = append(found, candidate{connection.ConnectionName, connection.ProviderType})
	}
	return found, err
}

// search finds the tables of the named connection. What is typed narrows the
// search; it is no pattern of the user's own.
func (c *completing) search(ctx context.Context, schema, table string) ([]dqops.TableListEntry, error) {
	if strings.Contains(c.typed, "*") {
		return nil, nil
	}
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	found, err := client.FirstTables(ctx, c.one("connection"), schema, table, mostFound)
	if len(found) >= mostFound {
		return nil, &tooMany{"type the beginning of the name, or name the connection first"}
	}
	return found, err
}

func schemas(ctx context.Context, c *completing) ([]candidate, error) {
	known, err := c.search(ctx, c.typed+"*", "")
	var found []candidate
	for _, table := range known {
		found = append(found, candidate{table.Target.SchemaName, "schema of " + table.ConnectionName})
	}
	return found, err
}

// tables offers schema.table, or where a schema is a flag of its own the names
// alone.
func tables(ctx context.Context, c *completing) ([]candidate, error) {
	alone := c.cmd.Flag("schema") != nil
	schema, table, dot := strings.Cut(c.typed, ".")
	switch {
	case alone:
		schema, table = c.one("schema"), c.typed+"*"
	case dot:
		table += "*"
	default:
		schema += "*"
	}
	known, err := c.search(ctx, schema, table)
	var found []candidate
	for _, entry := range known {
		name := entry.Target.TableName
		if !alone {
			name = entry.Target.SchemaName + "." + name
		}
		found = append(found, candidate{name, "table of " + entry.ConnectionName})
	}
	return without(found, c.given("table")), err
}

// stored offers what is known of the checks of the tables that the command line
// selects.
func stored(of func(*dqops.TableStatus) []candidate) completer {
	return func(ctx context.Context, c *completing) ([]candidate, error) {
		client, err := c.client()
		if err != nil {
			return nil, err
		}
		defer client.CloseIdleConnections()
		selected, err := c.selectedTables(ctx, client)
		if err != nil {
			return nil, err
		}
		statuses, err := c.readStatuses(ctx, client, selected)
		if err != nil {
			return nil, err
		}
		var found []candidate
		for _, status := range statuses {
			found = append(found, of(status)...)
		}
		slices.SortStableFunc(found, func(a, b candidate) int { return strings.Compare(a.value, b.value) })
		return without(found, c.given(c.flag.Name)), nil
	}
}

func (c *completing) selectedTables(ctx context.Context, client *dqops.Client) ([]dqops.TableRef, error) {
	patterns := c.given("table")
	if len(patterns) == 0 {
		patterns = []string{"*.*"}
	}
	var selected []dqops.TableRef
	for _, pattern := range patterns {
		schema, table, dot := strings.Cut(pattern, ".")
		if !dot {
			schema, table = "*", pattern
		}
		found, err := client.FirstTables(ctx, c.one("connection"), schema, table, mostRead+1)
		if err != nil {
			return nil, err
		}
		for _, entry := range found {
			selected = append(selected, entry.Ref())
		}
	}
	if len(selected) > mostRead {
		return nil, &tooMany{"name the connection and the table first"}
	}
	return selected, nil
}

func (c *completing) readStatuses(ctx context.Context, client *dqops.Client, selected []dqops.TableRef) ([]*dqops.TableStatus, error) {
	kind := c.one("check-type")
	wants := func(other string) bool { return kind == "" || kind == other }
	query := dqops.StatusQuery{
		Months:    24, // costs no more than one (wire 3.10)
		Profiling: wants(dqops.CheckTypeProfiling), Monitoring: wants(dqops.CheckTypeMonitoring), Partitioned: wants(dqops.CheckTypePartitioned),
	}
	statuses := make([]*dqops.TableStatus, len(selected))
	var group exit.Group
	var mutex sync.Mutex
	next := 0
	for range min(atOneTime, len(selected)) {
		group.Go(func() error {
			for {
				mutex.Lock()
				i := next
				next++
				mutex.Unlock()
				if i >= len(selected) {
					return nil
				}
				status, err := client.TableStatus(ctx, selected[i], query)
				if err != nil {
					return fmt.Errorf("read table %d: %w", i, err)
				}
				statuses[i] = status
			}
		})
	}
	return statuses, group.Wait()
}

func columnsOf(s *dqops.TableStatus) []candidate {
	var found []candidate
	for name := range s.Columns {
		found = append(found, candidate{name, "column"})
	}
	return found
}

// eachCheck visits the checks of the table and of its columns; a comparison's
// stand under "check/comparison".
func eachCheck(s *dqops.TableStatus, visit func(name, comparison string, check dqops.CheckStatus) candidate) []candidate {
	var found []candidate
	all := func(checks map[string]dqops.CheckStatus) {
		for key, check := range checks {
			name, comparison, _ := strings.Cut(key, "/")
			found = append(found, visit(name, comparison, check))
		}
	}
	all(s.Checks)
	for _, column := range s.Columns {
		all(column.Checks)
	}
	return found
}

func checksOf(s *dqops.TableStatus) []candidate {
	return eachCheck(s, func(name, _ string, check dqops.CheckStatus) candidate {
		return candidate{name, strings.TrimSpace(check.CheckType + " " + check.TimeScale)}
	})
}

func categoriesOf(s *dqops.TableStatus) []candidate {
	return eachCheck(s, func(_, _ string, check dqops.CheckStatus) candidate {
		return candidate{check.Category, "category of checks"}
	})
}

func dimensionsOf(s *dqops.TableStatus) []candidate {
	return eachCheck(s, func(_, _ string, check dqops.CheckStatus) candidate {
		return candidate{check.QualityDimension, "data quality dimension"}
	})
}

func comparisonsOf(s *dqops.TableStatus) []candidate {
	return eachCheck(s, func(_, comparison string, _ dqops.CheckStatus) candidate {
		return candidate{comparison, "table comparison"}
	})
}
