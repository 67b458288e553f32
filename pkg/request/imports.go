package request

import (
	"strings"

	"github.com/dqoctl/dqoctl/pkg/dqops"
)

// ImportTables is what the flags say about an import; a nil pointer or slice is a
// flag that was not given.
type ImportTables struct {
	Connection, Schema *string
	Tables             []string
	Contains           *string
	Limit              *int
}

// Build merges the flags over the file, field by field; file may be nil. What the
// server would misread is refused for the merged body (a usage error with a line
// for each problem): a missing connection or schema, which hangs the job (wire
// T2), a limit that is ignored (wire T15), an empty list of tables (wire L5), and
// patterns where names are compared exactly (wire 3.5).
func (f ImportTables) Build(file *File) (dqops.ImportTablesQueueJobParameters, error) {
	body, d := dqops.ImportTablesQueueJobParameters{}, newDraft(file, nil)
	d.decode(&body)

	d.required(selector{"--connection", "connectionName", "", f.Connection, &body.ConnectionName, checkConnection},
		"this import", "names no connection", "give --connection NAME")
	d.required(selector{"--schema", "schemaName", "", f.Schema, &body.SchemaName, checkSchema},
		"this import", "names no schema", "give --schema NAME, or --schema '*' for all schemas")
	d.selector("", selector{"--contains", "tableNameContains", "all tables", f.Contains, &body.TableNameContains, checkPart})
	d.texts(textList{"--table", "tableNames", "", f.Tables, &body.TableNames, checkTableName})
	d.unrepeated("--table", "tableNames", f.Tables, body.TableNames)
	if at, ok := d.number("--limit", "tablesImportLimit", f.Limit, &body.TablesImportLimit); ok {
		d.limited(at, body.SchemaName)
	}
	if err := d.problems.err(); err != nil {
		return dqops.ImportTablesQueueJobParameters{}, err
	}
	return body, nil
}

// required is a selector that must be given.
func (d *draft) required(s selector, request, missing, hint string) {
	if _, ok := d.selector("", s); !ok && !d.undecoded {
		d.problems.add(source{name: request}, hint, "%s", missing)
	}
}

func (d *draft) limited(at source, schema string) {
	if schema != "" && !strings.Contains(schema, "*") {
		d.problems.add(at, "leave it out, or name the tables", "is ignored by the server unless the schema is a pattern, and %s is none", quote(schema))
	}
}

// unrepeated refuses a name that is listed twice, which nothing can come of but a
// wrong count of what is missing.
func (d *draft) unrepeated(flag, path string, given, names []string) {
	seen := map[string]bool{}
	for i, name := range names {
		if seen[name] {
			at, _ := d.origin(flag, given != nil, element(path, i))
			d.problems.add(at, "", "names %s twice", quote(name))
		}
		seen[name] = true
	}
}

func checkConnection(text string) complaint {
	if isBlank(text) {
		return "is empty; it takes the exact name of a connection"
	}
	return checkExact(text)
}

func checkTableName(text string) complaint {
	if isBlank(text) {
		return "is empty; it takes the exact name of a table, without its schema"
	}
	return checkExact(text)
}

func checkSchema(text string) complaint {
	if isBlank(text) {
		return "is empty; it takes the name of a schema or a pattern, '*' for all schemas"
	}
	return checkPattern(text)
}

func checkPart(text string) complaint {
	if strings.Contains(text, "*") {
		return "is a part of the name as it is written, * does not stand for anything there: " + quote(text)
	}
	return ""
}
