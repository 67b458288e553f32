package request_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// checkedBuild holds that a refusal is a usage error, and that what is built is
// sent as it was meant: its JSON decodes strictly and builds the same again, with
// the choices in bare and no other flag.
func checkedBuild[T any](t *testing.T, data []byte, flags, bare builder[T]) (body T, ok bool) {
	t.Helper()
	file, err := request.ParseFile("body", data)
	if err == nil {
		body, err = flags.Build(file)
	}
	if err != nil {
		usage, isUsage := errors.AsType[*exit.Error](err)
		if !isUsage || usage.Outcome != exit.Usage || usage.Message == "" {
			t.Fatalf("got %#v, want a usage error", err)
		}
		return body, false
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatalf("a request that was built cannot be sent: %v", err)
	}
	var strict T
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&strict); err != nil {
		t.Fatalf("%s: %v", encoded, err)
	}
	file, err = request.ParseFile("again", encoded)
	if err != nil {
		t.Fatalf("%s: %v", encoded, err)
	}
	again, err := bare.Build(file)
	if err != nil {
		t.Fatalf("%s: refused the second time: %v", encoded, err)
	}
	if !cmp.Equal(body, strict) || !cmp.Equal(body, again) {
		t.Errorf("%s: %+v, strictly %+v, again %+v", encoded, body, strict, again)
	}
	return body, true
}

// optional is a flag that is not given when the text is empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// FuzzDeleteData holds that whatever is built deletes no more than its words say:
// one connection, the tables and dates that were named or chosen to be all, and no
// filter that a kind does not know (by the test's own table).
func FuzzDeleteData(f *testing.F) {
	bodies := []string{
		"{}",
		"connection: shop\nfullTableName: public.orders\ndateStart: 2024-02-03\ndateEnd: 2024-02-04\ndeleteErrors: true\ndeleteCheckResults: true\ncolumnNames: [id]\n",
		`{"connection":"shop","fullTableName":"files.orders.csv","deleteChecksConfiguration":true,"timeGradient":"daily","checkName":"x"}`,
		`{"connection":"shop","deleteIncidents":true,"incidentStatusName":"open","dataGroupTag":"DE"}`,
		`{"connection":"shop","deleteStatistics":true,"collectorName":"a","collectorTarget":"column","sensorName":"s"}`,
		`{"connection":"*","full_table_name":"s.t","deleteErrors":true,"deleteErrors":false}`,
		"connection: shop\nfullTableName: '[*].b'\ndeleteChecksConfiguration: true\ntimeGradient: day\n",
		"columnNames: []\ncheckType: \"\"\n",
	}
	for _, body := range bodies {
		f.Add([]byte(body), "", "", "", "", false, true)
		f.Add([]byte(body), "", "", "", "2024-02-03", true, false)
		f.Add([]byte(body), "shop", "orders*", "all-data", "", false, true)
		f.Add([]byte(body), "shop", "a.b", "errors,checks-configuration", "2024-02-30", true, true)
	}
	f.Fuzz(func(t *testing.T, data []byte, connection, table, what, from string, allTables, allDates bool) {
		bare := request.DeleteData{AllTables: allTables, AllDates: allDates}
		flags := bare
		flags.Connection, flags.Table, flags.From = optional(connection), optional(table), optional(from)
		if what != "" {
			flags.What = []string{what}
		}
		body, ok := checkedBuild[deleteBody](t, data, flags, bare)
		if !ok {
			return
		}
		if strings.TrimSpace(body.Connection) == "" || strings.Contains(body.Connection, "*") {
			t.Errorf("connection %q", body.Connection)
		}
		if (body.FullTableName == "") != allTables || (body.DateStart == "" && body.DateEnd == "") != allDates {
			t.Errorf("%+v, all tables %t, all dates %t", body, allTables, allDates)
		}
		if body.DeleteChecksConfiguration && !allTables && (strings.Contains(body.FullTableName, "*") || !strings.Contains(body.FullTableName, ".")) {
			t.Errorf("the configuration of %q", body.FullTableName)
		}
		checkReached(t, body)
		request.DeleteWarnings(body)
	})
}

func checkReached(t *testing.T, body deleteBody) {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(encoded, &fields); err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for i, name := range kindNames {
		if _, ok := fields[kindFields[name]]; !ok {
			continue
		}
		kinds++
		for _, filter := range reach {
			if _, given := fields[filter.field]; given && filter.kinds[i] != 'y' {
				t.Errorf("%s does not reach %s: %s", filter.field, name, encoded)
			}
		}
	}
	if kinds == 0 {
		t.Errorf("deletes nothing: %s", encoded)
	}
}

// FuzzImportTables holds that whatever is built names a connection and a schema,
// exact tables, and a limit only where the server honours it.
func FuzzImportTables(f *testing.F) {
	bodies := []string{
		"{}",
		"connectionName: shop\nschemaName: public\ntableNames: [orders.csv, 007]\n",
		`{"connectionName":"shop","schemaName":"*","tablesImportLimit":5,"tableNameContains":"x"}`,
		`{"connectionName":"sh*","schemaName":"","tableNames":[]}`,
		"schema_name: a\ntableNames: ['*', '', a, a]\ntablesImportLimit: 0\n",
	}
	for _, body := range bodies {
		f.Add([]byte(body), "", "", "", 0)
		f.Add([]byte(body), "shop", "pub*", "orders", 10)
		f.Add([]byte(body), "shop", "public", "a*", -1)
	}
	f.Fuzz(func(t *testing.T, data []byte, connection, schema, table string, limit int) {
		flags := request.ImportTables{Connection: optional(connection), Schema: optional(schema)}
		if table != "" {
			flags.Tables = []string{table}
		}
		if limit != 0 {
			flags.Limit = &limit
		}
		body, ok := checkedBuild[importBody](t, data, flags, request.ImportTables{})
		if !ok {
			return
		}
		if strings.TrimSpace(body.ConnectionName) == "" || strings.TrimSpace(body.SchemaName) == "" || strings.Contains(body.ConnectionName, "*") {
			t.Errorf("%+v", body)
		}
		if body.TablesImportLimit != nil && (*body.TablesImportLimit < 1 || !strings.Contains(body.SchemaName, "*")) {
			t.Errorf("the limit is ignored: %+v", body)
		}
		for _, name := range body.TableNames {
			if strings.TrimSpace(name) == "" || strings.Contains(name, "*") {
				t.Errorf("table %q", name)
			}
		}
	})
}
