package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// importSource has a database, and files, with tables to import.
func importSource(t *testing.T) *Scenario {
	return scenario(t, `
connections:
  - name: wh
    provider: postgresql
    source:
      schemas:
        - {name: sales, tables: [orders, ORDERS_OLD, returns], columns: [{name: id, type: INTEGER, nullable: false}, {name: note, type: TEXT}]}
        - {name: sales, tables: [totals], columns: [{name: sum, type: NUMERIC, precision: 9, scale: 2}]}
        - {name: archive, count: 400}
    tables:
      - name: sales.orders
        columns: [{name: id, type: INTEGER, nullable: false}]
        checks: [{name: daily_row_count, type: monitoring, time-scale: daily, values: 1}]
  - name: files
    source: {schemas: [{name: files, tables: [a.csv, b.csv]}]}
  - name: down
    provider: postgresql
    source: {fail: "the database does not answer"}
`)
}

// imported calls import_tables and returns the columns of what came.
func (b *bench) imported(body string) (tables []map[string]columnSpec, got answer) {
	b.t.Helper()
	got = b.send(http.MethodPost, "/api/jobs/importtables", body)
	var done struct {
		Result *importResult `json:"result"`
	}
	if err := json.Unmarshal(got.body, &done); err != nil {
		b.t.Fatalf("%s %s: %v", got.Status, got.body, err)
	}
	if done.Result != nil {
		for _, spec := range done.Result.Specs {
			tables = append(tables, spec.Columns)
		}
	}
	return tables, got
}

// importCases are the answers of import_tables (wire 3.5, L5, L13, T15).
var importCases = []struct {
	name, body string
	tables     int
	message    string // of a 500
}{
	{"a schema", `{"connectionName":"wh","schemaName":"sales"}`, 4, ""},
	{"300 of 400", `{"connectionName":"wh","schemaName":"archive"}`, 300, ""},
	{"a limit that is ignored", `{"connectionName":"wh","schemaName":"archive","tablesImportLimit":2}`, 300, ""},
	{"a limit a schema", `{"connectionName":"wh","schemaName":"*a*","tablesImportLimit":2}`, 8, ""},
	{"the system's schemas too", `{"connectionName":"wh","schemaName":"*"}`, 4 + 300 + 5 + 6, ""},
	{"an unknown schema", `{"connectionName":"wh","schemaName":"nosuch"}`, 0, ""},
	{"a schema in another case", `{"connectionName":"wh","schemaName":"SALES"}`, 0, ""},
	{"names, one unknown", `{"connectionName":"wh","schemaName":"sales","tableNames":["returns","nosuch"]}`, 1, ""},
	{"no names", `{"connectionName":"wh","schemaName":"sales","tableNames":[]}`, 4, ""},
	{"names as null", `{"connectionName":"wh","schemaName":"sales","tableNames":null}`, 4, ""},
	{"a part of the name", `{"connectionName":"wh","schemaName":"sales","tableNameContains":"ORD"}`, 1, ""},
	{"an imported table again", `{"connectionName":"wh","schemaName":"sales","tableNames":["orders"]}`, 1, ""},
	{"files", `{"connectionName":"files","schemaName":"files","tableNames":["a.csv","b.csv"]}`, 2, ""},
	{"files without names", `{"connectionName":"files","schemaName":"files","tableNames":[]}`, 0, ""},
	{
		"files, names absent", `{"connectionName":"files","schemaName":"*"}`, 0,
		`Cannot invoke "java.util.List.iterator()" because "tableNames" is null`,
	},
	{"an unknown connection", `{"connectionName":"WH","schemaName":"sales"}`, 0, "Connection WH  was not found"},
	{"a failing source", `{"connectionName":"down","schemaName":"*"}`, 0, "the database does not answer"},
}

func TestImports(t *testing.T) {
	for _, c := range importCases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, Options{Scenario: importSource(t)}, func(t *testing.T, b *bench) {
				tables, got := b.imported(c.body)
				var failed errorBody
				if c.message != "" {
					if err := json.Unmarshal(got.body, &failed); err != nil || failed.Message == nil || *failed.Message != c.message {
						t.Errorf("%s %s, want %q", got.Status, got.body, c.message)
					}
				} else if got.StatusCode != http.StatusCreated || len(tables) != c.tables {
					t.Errorf("%s, %d tables, want %d", got.Status, len(tables), c.tables)
				}
			})
		})
	}
}

func TestImportedTablesAreFound(t *testing.T) {
	inBubble(t, Options{Scenario: importSource(t)}, func(t *testing.T, b *bench) {
		names := func() []string {
			var found []tableListEntry
			if err := json.Unmarshal(b.get("/api/search/tables?connection=wh").body, &found); err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, entry := range found {
				names = append(names, entry.Target.Table)
			}
			return names
		}
		wantSame(t, "before", []string{"orders"}, names())
		tables, got := b.imported(`{"connectionName":"wh","schemaName":"sales","tableNames":["totals","orders"]}`)
		wantSame(t, "after", []string{"orders", "totals"}, names())
		sum := tables[1]["sum"].Type
		if sum.ColumnType != "NUMERIC" || *sum.Precision != 9 || *sum.Scale != 2 || !*sum.Nullable || sum.Length != nil {
			t.Errorf("sum: %s", got.body)
		}
		// A table that was there keeps its checks, a new one can be worked on.
		if run := b.run(`{"check_search_filters":{"connection":"wh"}}`); run.ExecutedChecks != 1 {
			t.Errorf("run: %+v", run)
		}
		if status := b.get("/api/connections/wh/schemas/sales/tables/totals/status"); status.StatusCode != http.StatusOK {
			t.Errorf("status of the new table: %s", status.Status)
		}
	})
}

// TestPlaces holds how many jobs of a kind run at a time although there are
// workers enough, and where they wait (wire 5).
func TestPlaces(t *testing.T) {
	sc := importSource(t)
	sc.ParallelJobs = 4
	sc.Connections[0].Source.Duration = Duration(10 * time.Second)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		for i, schema := range []string{"sales", "sales", "archive", "sales"} {
			posts(fmt.Sprintf("importtables?wait=false&jobBusinessKey=i-%d", i), `{"connectionName":"wh","schemaName":"`+schema+`"}`)(b)
		}
		want := func(statuses ...string) {
			t.Helper()
			for i, status := range statuses {
				b.wantStatus(fmt.Sprintf("i-%d", i), status)
			}
		}
		want(statusRunning, statusWaiting, statusRunning, statusWaiting)
		<-time.After(11 * time.Second)
		want(statusFinished, statusRunning, statusFinished, statusWaiting)
		// The one that waits gives its place away when it is cancelled.
		b.cancelKey("i-3")
		want(statusFinished, statusRunning, statusFinished, statusCancelRequested)
		<-time.After(11 * time.Second)
		want(statusFinished, statusFinished, statusFinished, statusCancelled)
		posts("importtables?wait=false&jobBusinessKey=i-4", `{"connectionName":"wh","schemaName":"sales"}`)(b)
		<-time.After(time.Hour)
		b.wantStatus("i-4", statusWaiting)
		posts("importtables?wait=false&jobBusinessKey=i-5", `{"connectionName":"wh","schemaName":"archive"}`)(b)
		b.wantStatus("i-5", statusRunning)
	})
}

func TestImportRunningIsNotCancelled(t *testing.T) {
	sc := importSource(t)
	sc.Connections[0].Source.Duration = Duration(10 * time.Second)
	inBubble(t, Options{Scenario: sc}, func(t *testing.T, b *bench) {
		posts("importtables?wait=false&jobBusinessKey=i", `{"connectionName":"wh","schemaName":"sales"}`)(b)
		b.cancelKey("i")
		b.wantStatus("i", statusCancelRequested)
		<-time.After(11 * time.Second)
		b.wantStatus("i", statusFinished)
	})
}

// A job without both names hangs and takes no worker from the others (wire T2).
func TestImportWithoutNamesHangs(t *testing.T) {
	inBubble(t, Options{Scenario: importSource(t)}, func(t *testing.T, b *bench) {
		posts("importtables?wait=false&jobBusinessKey=a", `{"schemaName":"sales"}`, "importtables?wait=false&jobBusinessKey=b", `{}`)(b)
		if got := b.send(http.MethodPost, "/api/jobs/importtables?waitTimeout=5", `{"connectionName":"wh"}`); got.StatusCode != 201 || len(got.body) > 0 {
			t.Errorf("a wait for it: %s %q", got.Status, got.body)
		}
		if tables, _ := b.imported(`{"connectionName":"wh","schemaName":"sales"}`); len(tables) != 4 {
			t.Errorf("the next import brings %d tables", len(tables))
		}
		<-time.After(2 * time.Hour)
		b.wantStatus("a", statusQueued)
		b.cancelKey("a")
		<-time.After(2 * time.Hour)
		b.wantStatus("a", statusCancelRequested)
	})
}
