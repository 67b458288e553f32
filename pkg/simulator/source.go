package simulator

import (
	"fmt"
	"slices"
	"strings"
)

// Source is what the database of a connection has, beside the tables that are
// imported already: what import_tables can find there.
type Source struct {
	// Duration is how long the database takes to answer an import.
	Duration Duration `yaml:"duration"`
	// Fail makes every import from it a failed job with this message.
	Fail string `yaml:"fail"`
	// Schemas are its schemas; one may be there several times, with tables of
	// other columns. A postgresql database also has its system schemas.
	Schemas []SourceSchema `yaml:"schemas"`
}

// SourceSchema is a group of tables with the same columns.
type SourceSchema struct {
	// Name is the schema's name.
	Name string `yaml:"name"`
	// Tables are the names of the tables.
	Tables []string `yaml:"tables"`
	// Count adds so many tables named t_001, t_002, ...
	Count int `yaml:"count"`
	// Columns are the columns of each of the tables.
	Columns []SourceColumn `yaml:"columns"`
}

// SourceColumn is a column as the database describes it.
type SourceColumn struct {
	// Name is the column's name.
	Name string `yaml:"name"`
	// Type is its data type.
	Type string `yaml:"type"`
	// Nullable is left out: true.
	Nullable *bool `yaml:"nullable"`
	// Length, Precision and Scale are left out where they mean nothing.
	Length    *int `yaml:"length"`
	Precision *int `yaml:"precision"`
	Scale     *int `yaml:"scale"`
}

// sourceTable is one table that an import can find.
type sourceTable struct {
	schema, name string
	columns      []SourceColumn
}

// systemSchemas are what `*` imports too from a database (wire L13).
var systemSchemas = []SourceSchema{
	{Name: "information_schema", Tables: []string{"columns", "routines", "schemata", "tables", "views"}},
	{Name: "pg_catalog", Tables: []string{"pg_attribute", "pg_class", "pg_index", "pg_namespace", "pg_proc", "pg_type"}},
}

func (s *Source) validate(here place) error {
	for i := range s.Schemas {
		schema, there := &s.Schemas[i], here.at("schemas", i)
		if schema.Name == "" {
			return there.errorf("a schema without a name")
		}
		if schema.Count < 0 {
			return there.errorf("count must not be negative")
		}
		for _, column := range schema.Columns {
			if column.Name == "" {
				return there.errorf("a column without a name")
			}
		}
	}
	return nil
}

// tables lists the source's tables in the order of schemas and names.
func (s *Source) tables(provider string) []sourceTable {
	var all []sourceTable
	schemas := s.Schemas
	if provider == "postgresql" {
		schemas = slices.Concat(schemas, systemSchemas)
	}
	for _, schema := range schemas {
		for _, name := range schema.names() {
			all = append(all, sourceTable{schema.Name, name, schema.Columns})
		}
	}
	slices.SortStableFunc(all, func(a, b sourceTable) int {
		return strings.Compare(a.schema+"\x00"+a.name, b.schema+"\x00"+b.name)
	})
	return all
}

func (s *SourceSchema) names() []string {
	names := slices.Clone(s.Tables)
	for i := range s.Count {
		names = append(names, fmt.Sprintf("t_%03d", i+1))
	}
	return names
}

// sourceTables are the tables of the database, those imported already among
// them. It needs warehouse.mu.
func (c *connection) sourceTables() []sourceTable {
	all := c.source.tables(c.provider)
	for _, t := range c.tables {
		if slices.ContainsFunc(all, func(o sourceTable) bool { return o.schema == t.schema && o.name == t.name }) {
			continue
		}
		known := sourceTable{schema: t.schema, name: t.name}
		for _, col := range t.columns {
			known.columns = append(known.columns, SourceColumn{Name: col.name, Type: col.dataType, Nullable: col.nullable})
		}
		all = append(all, known)
	}
	return all
}

func (t *sourceTable) spec() tableSpec {
	spec := tableSpec{Window: incrementalWindow{RecentDays: 7, RecentMonths: 1}, Columns: map[string]columnSpec{}}
	for _, col := range t.columns {
		nullable := col.Nullable == nil || *col.Nullable
		spec.Columns[col.Name] = columnSpec{typeSnapshot{
			ColumnType: col.Type, Nullable: &nullable, Length: col.Length, Precision: col.Precision, Scale: col.Scale,
		}}
	}
	return spec
}
