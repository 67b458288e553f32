package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Words of the wire that the scenario uses too.
const (
	typeProfiling   = "profiling"
	typeMonitoring  = "monitoring"
	typePartitioned = "partitioned"

	scaleDaily   = "daily"
	scaleMonthly = "monthly"

	sourceSensor = "sensor"
	sourceRule   = "rule"
)

// place walks the parsed YAML beside the structs, so that an error can name
// the line that it is about.
type place struct{ node *yaml.Node }

func (p place) at(key string, index int) place {
	node := p.node
	if node != nil && node.Kind == yaml.DocumentNode {
		node = node.Content[0]
	}
	if node == nil || node.Kind != yaml.MappingNode {
		return p
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key && index < len(node.Content[i+1].Content) {
			return place{node.Content[i+1].Content[index]}
		}
	}
	return p
}

// in goes down to a key, or stays where it is when that is not there.
func (p place) in(key string) place {
	if p.node == nil || p.node.Kind != yaml.MappingNode {
		return p
	}
	for i := 0; i+1 < len(p.node.Content); i += 2 {
		if p.node.Content[i].Value == key {
			return place{p.node.Content[i+1]}
		}
	}
	return p
}

func (p place) errorf(format string, args ...any) error {
	line := 1
	if p.node != nil && p.node.Line > 0 {
		line = p.node.Line
	}
	return fmt.Errorf("line %d: %w", line, fmt.Errorf(format, args...))
}

func (sc *Scenario) validate(root *yaml.Node) error {
	top := place{root}
	if _, err := time.LoadLocation(sc.TimeZone); err != nil {
		return top.errorf("time-zone %q is unknown", sc.TimeZone)
	}
	if sc.ParallelJobs < 0 {
		return top.errorf("parallel-jobs must not be negative")
	}
	if err := sc.Plan.validate(top); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range sc.Connections {
		conn, here := &sc.Connections[i], top.at("connections", i)
		if err := unique(here, "connection", conn.Name, seen); err != nil {
			return err
		}
		if err := conn.validate(here); err != nil {
			return err
		}
	}
	return nil
}

func (c *Connection) validate(here place) error {
	if err := c.Source.validate(here.in("source")); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range c.Tables {
		table, there := &c.Tables[i], here.at("tables", i)
		if err := unique(there, "table", table.Name, seen); err != nil {
			return err
		}
		if err := table.validate(there); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) validate(here place) error {
	schema, name, split := strings.Cut(t.Name, ".")
	if !split || schema == "" || name == "" {
		return here.errorf("table %q: want schema.table", t.Name)
	}
	if err := t.validateStored(here); err != nil {
		return err
	}
	if err := validateChecks(t.Checks, here); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range t.Columns {
		column, there := &t.Columns[i], here.at("columns", i)
		if err := unique(there, "column", column.Name, seen); err != nil {
			return err
		}
		if err := validateChecks(column.Checks, there); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) validateStored(here place) error {
	if err := t.Statistics.validate(); err != nil {
		return here.errorf("statistics: %w", err)
	}
	if err := t.ErrorSamples.validate(); err != nil {
		return here.errorf("error-samples: %w", err)
	}
	for i := range t.Incidents {
		if err := t.Incidents[i].validate(); err != nil {
			return here.at("incidents", i).errorf("%w", err)
		}
	}
	return nil
}

func validateChecks(checks []Check, here place) error {
	seen := map[string]bool{}
	for i := range checks {
		check, there := &checks[i], here.at("checks", i)
		if check.Name == "" {
			return there.errorf("a check without a name")
		}
		if err := unique(there, "check", check.key(), seen); err != nil {
			return err
		}
		if err := check.validate(); err != nil {
			return there.errorf("check %s: %w", check.Name, err)
		}
	}
	return nil
}

func unique(here place, kind, name string, seen map[string]bool) error {
	if name == "" {
		return here.errorf("a %s without a name", kind)
	}
	if seen[name] {
		return here.errorf("%s %q is there twice", kind, name)
	}
	seen[name] = true
	return nil
}

// key is the check's name as status calls it: a comparison's checks carry the
// comparison.
func (c *Check) key() string {
	if c.Comparison != "" {
		return c.Name + "/" + c.Comparison
	}
	return c.Name
}

func (c *Check) validate() error {
	switch c.Type {
	case typeProfiling:
		if c.TimeScale != "" {
			return fmt.Errorf("profiling checks have no time-scale")
		}
	case typeMonitoring, typePartitioned:
		if c.TimeScale != scaleDaily && c.TimeScale != scaleMonthly {
			return fmt.Errorf("time-scale must be daily or monthly")
		}
	default:
		return fmt.Errorf("type must be profiling, monitoring or partitioned")
	}
	if c.Fails != nil && !slices.Contains([]string{sourceSensor, sourceRule}, c.Fails.In) {
		return fmt.Errorf("fails must be sensor or rule")
	}
	for _, bounds := range []*Bounds{c.Warning, c.Error, c.Fatal} {
		if bounds != nil && bounds.Lower == nil && bounds.Upper == nil {
			return fmt.Errorf("a rule needs lower or upper")
		}
	}
	return c.validateValues()
}

func (c *Check) validateValues() error {
	switch {
	case c.Values.empty() && (c.Fails == nil || c.Fails.In != sourceSensor):
		return fmt.Errorf("values are missing")
	case c.Type != typePartitioned && c.Values.depth() > 1:
		return fmt.Errorf("values by period are for partitioned checks")
	case c.Type == typePartitioned && !c.Values.empty() && c.Values.depth() == 0:
		return fmt.Errorf("a partitioned check needs values by period")
	case c.Type != typePartitioned:
		return nil
	case c.Values.depth() > 2:
		return fmt.Errorf("values are nested too deeply")
	}
	for _, key := range c.Values.keys {
		if _, _, err := periodRange(key, c.TimeScale, time.Unix(0, 0)); err != nil {
			return err
		}
	}
	return nil
}
