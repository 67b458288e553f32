package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Instant is a moment in a scenario, written in RFC 3339.
type Instant struct{ time.Time }

// UnmarshalYAML reads an RFC 3339 text.
func (i *Instant) UnmarshalYAML(node *yaml.Node) error {
	at, err := time.Parse(time.RFC3339Nano, node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is not an instant such as 2026-11-23T14:15:26Z", node.Line, node.Value)
	}
	i.Time = at
	return nil
}

// Duration is a length of time in a scenario, such as 250ms or 1m30s.
type Duration time.Duration

// UnmarshalYAML reads a duration with its unit.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	length, err := time.ParseDuration(node.Value)
	if err != nil || length < 0 {
		return fmt.Errorf("line %d: %q is not a duration such as 250ms or 1m30s", node.Line, node.Value)
	}
	*d = Duration(length)
	return nil
}

// Runs says in which runs of a check something holds, counted from 1: in
// every one, or in those listed.
type Runs struct {
	// All holds in every run.
	All bool
	// Only lists the runs when it does not hold in all.
	Only []int
}

// UnmarshalYAML reads `true`, `false` or a list of numbers.
func (r *Runs) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.SequenceNode {
		return node.Decode(&r.Only)
	}
	if err := node.Decode(&r.All); err != nil {
		return fmt.Errorf("line %d: want true, false or a list of run numbers", node.Line)
	}
	return nil
}

func (r Runs) contains(run int) bool {
	return r.All || slices.Contains(r.Only, run)
}

// UnmarshalYAML reads `sensor`, `rule`, or the full form.
func (c *Crash) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		c.In = node.Value
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		var target any
		switch key.Value {
		case "in":
			target = &c.In
		case "message":
			target = &c.Message
		case "runs":
			target = &c.Runs
		default:
			return fmt.Errorf("line %d: field %s not found in fails", key.Line, key.Value)
		}
		if err := value.Decode(target); err != nil {
			return err
		}
	}
	return nil
}

// Values is what a sensor returns. It is one of
//   - a number: the same in every run;
//   - a list: the value of the first run, the second, ...; the last one stays.
//     `null` is a run in which the sensor returns no row;
//   - for checks with data groups a map from group to a number or list;
//   - for partitioned checks a map from period to any of these. A period is a
//     date (2026-11-22, or 2026-11 for monthly checks), a number of periods
//     before the server's start (0 is the current one, -1 the one before), or a
//     range of either (-7..-1, 2026-10-01..2026-10-31). Later keys win.
type Values struct {
	series []*float64
	keys   []string
	byKey  map[string]Values
	line   int
}

// UnmarshalYAML reads any of the forms.
func (v *Values) UnmarshalYAML(node *yaml.Node) error {
	v.line = node.Line
	switch node.Kind {
	case yaml.ScalarNode:
		one, err := sensorValue(node)
		v.series = []*float64{one}
		return err
	case yaml.SequenceNode:
		for _, item := range node.Content {
			one, err := sensorValue(item)
			if err != nil {
				return err
			}
			v.series = append(v.series, one)
		}
		return nil
	case yaml.MappingNode:
		return v.readMap(node)
	default:
		return fmt.Errorf("line %d: values are a number, a list or a map", node.Line)
	}
}

func (v *Values) readMap(node *yaml.Node) error {
	v.byKey = map[string]Values{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i].Value
		var inner Values
		if err := inner.UnmarshalYAML(node.Content[i+1]); err != nil {
			return err
		}
		if _, twice := v.byKey[key]; twice {
			return fmt.Errorf("line %d: %q is there twice", node.Content[i].Line, key)
		}
		v.keys = append(v.keys, key)
		v.byKey[key] = inner
	}
	return nil
}

func sensorValue(node *yaml.Node) (*float64, error) {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return nil, nil
	}
	number, err := strconv.ParseFloat(node.Value, 64)
	if err != nil || node.Kind != yaml.ScalarNode {
		return nil, fmt.Errorf("line %d: %q is not a number", node.Line, node.Value)
	}
	return &number, nil
}

func (v Values) empty() bool { return v.series == nil && v.byKey == nil }

// depth is 0 for a number or list, 1 for a map of those, 2 for a map of maps.
func (v Values) depth() int {
	deepest := -1
	for _, inner := range v.byKey {
		deepest = max(deepest, inner.depth())
	}
	return deepest + 1
}

// periodRange reads one key of a partitioned check's values as its first and
// last period.
func periodRange(key string, scale string, today time.Time) (first, last time.Time, err error) {
	from, to, isRange := strings.Cut(key, "..")
	if !isRange {
		to = from
	}
	if isOffset(from) != isOffset(to) {
		return first, last, fmt.Errorf("the range %q mixes dates and numbers", key)
	}
	if first, err = periodOf(from, scale, today); err != nil {
		return first, last, err
	}
	last, err = periodOf(to, scale, today)
	if err == nil && last.Before(first) {
		err = fmt.Errorf("the range %q ends before it begins", key)
	}
	return first, last, err
}

func isOffset(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil
}

func periodOf(text, scale string, today time.Time) (time.Time, error) {
	if offset, err := strconv.Atoi(text); err == nil && offset <= 0 {
		return stepPeriod(periodStart(today, scale), scale, offset), nil
	}
	layouts := []string{"2006-01-02"}
	if scale == scaleMonthly {
		layouts = append(layouts, "2006-01")
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			return periodStart(at, scale), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a period: want a date, or 0, -1, -2 for the current one and those before", text)
}

// periodStart returns the start of the day or month of at, as a local time
// without zone (kept in UTC).
func periodStart(at time.Time, scale string) time.Time {
	day := at.Day()
	if scale == scaleMonthly {
		day = 1
	}
	return time.Date(at.Year(), at.Month(), day, 0, 0, 0, 0, time.UTC)
}

func stepPeriod(at time.Time, scale string, by int) time.Time {
	if scale == scaleMonthly {
		return at.AddDate(0, by, 0)
	}
	return at.AddDate(0, 0, by)
}
