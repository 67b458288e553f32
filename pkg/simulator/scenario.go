package simulator

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed builtin.yaml
var builtinYAML []byte

// Scenario describes the server and the data behind it: what the sensors of
// each check return, now and in later runs, what fails and how long it takes.
// It is read from YAML; unknown keys are errors.
type Scenario struct {
	// Clock is the server's time at its start (RFC 3339); it advances with real
	// time. Left out: the machine's clock.
	Clock *Instant `yaml:"clock"`
	// TimeZone names the server's zone (IANA), in which days and months of
	// checks begin. Left out: UTC.
	TimeZone string `yaml:"time-zone"`
	// ParallelJobs is how many parent jobs, and how many other jobs beside them,
	// run at a time. Left out: 1, as on a free licence (wire 5).
	ParallelJobs int `yaml:"parallel-jobs"`
	// History says how long ended jobs and changes are kept.
	History History `yaml:"history"`
	// CloudKey: the server has a DQOps Cloud key and honours data domains. Left out:
	// it has none, every synchronization of a folder fails (wire 3.7), and all jobs
	// are of the root domain (wire 1.2).
	CloudKey bool `yaml:"cloud-key"`
	Plan     `yaml:",inline"`
	// Connections are the data sources by name.
	Connections []Connection `yaml:"connections"`
}

// History bounds what the server remembers (wire 5).
type History struct {
	// Jobs is how long an ended job is kept. Left out: 3600s.
	Jobs Duration `yaml:"jobs"`
	// Changes is how long job changes are kept. Left out: 1200s.
	Changes Duration `yaml:"changes"`
}

// Connection is one data source.
type Connection struct {
	// Name is how filters and paths call it.
	Name string `yaml:"name"`
	// Provider is the kind of database. Left out: duckdb, which reads files: an
	// import must name its tables there (wire L5).
	Provider string `yaml:"provider"`
	// Labels are found by the filter `labels`.
	Labels []string `yaml:"labels"`
	// Fail makes every run of checks that reaches this connection a failed job
	// with this message.
	Fail string `yaml:"fail"`
	// Source is what import_tables can find in the database.
	Source Source `yaml:"source"`
	// Tables are the imported tables.
	Tables []Table `yaml:"tables"`
}

// Table is one imported table.
type Table struct {
	// Name is schema.table; the first dot splits, later ones belong to the table.
	Name string `yaml:"name"`
	// Disabled takes the table out of every run.
	Disabled bool `yaml:"disabled"`
	// Labels are found by the filter `labels`.
	Labels []string `yaml:"labels"`
	// Duration is how long a run of the table's checks takes besides the checks'
	// own durations.
	Duration Duration `yaml:"duration"`
	// IncludeCurrent lets the table's own incremental window, which counts when a run
	// names none, include the current day and month, and those after them, since the
	// window has no end.
	IncludeCurrent bool `yaml:"include-current"`
	// Fail makes the job of this table fail with this message, and its parent.
	Fail string `yaml:"fail"`
	// Statistics is what a collection of statistics finds.
	Statistics Collecting `yaml:"statistics"`
	// ErrorSamples is what a collection of error samples finds.
	ErrorSamples Collecting `yaml:"error-samples"`
	// Incidents are stored at the server's start; runs of checks add more.
	Incidents []Incident `yaml:"incidents"`
	// Checks are the table-level checks.
	Checks []Check `yaml:"checks"`
	// Columns are the columns with their checks.
	Columns []Column `yaml:"columns"`
}

// Column is one column of a table.
type Column struct {
	// Name is the column's name.
	Name string `yaml:"name"`
	// Type is the column's data type as the database says it.
	Type string `yaml:"type"`
	// Nullable is what the filter columnNullable looks at.
	Nullable *bool `yaml:"nullable"`
	// Labels are found by the filter `labels`.
	Labels []string `yaml:"labels"`
	// Disabled takes the column's checks out of every run.
	Disabled bool `yaml:"disabled"`
	// Broken: the column cannot be queried. Its sensors fail, and so do their
	// neighbours, since the sensors of one check type and time scale are merged
	// into one query (wire L3). `true`, or a list of the runs of a check that
	// fail.
	Broken Runs `yaml:"broken"`
	// Checks are the checks of the column.
	Checks []Check `yaml:"checks"`
}

// Check is one data quality check with the values that its sensor will return.
type Check struct {
	// Name is the server's name of the check, such as daily_row_count.
	Name string `yaml:"name"`
	// Type is profiling, monitoring or partitioned.
	Type string `yaml:"type"`
	// TimeScale is daily or monthly; profiling checks have none.
	TimeScale string `yaml:"time-scale"`
	// Category is the group of checks, such as volume.
	Category string `yaml:"category"`
	// Dimension is the quality dimension, such as Completeness.
	Dimension string `yaml:"dimension"`
	// Sensor is the sensor's full name, such as table/volume/row_count.
	Sensor string `yaml:"sensor"`
	// Comparison is the name of the table comparison that the check belongs to.
	Comparison string `yaml:"comparison"`
	// Disabled takes the check out of every run (unless disabled checks are
	// asked for).
	Disabled bool `yaml:"disabled"`
	// DisabledAfter disables the check after it has run so many times.
	DisabledAfter int `yaml:"disabled-after"`
	// Metadata: the sensor reads the catalogue, not the data. It is not merged
	// with others and a broken column does not break it.
	Metadata bool `yaml:"metadata"`
	// Warning, Error and Fatal are the rules. Without any the check has a sensor
	// only and never a verdict.
	Warning *Bounds `yaml:"warning"`
	Error   *Bounds `yaml:"error"`
	Fatal   *Bounds `yaml:"fatal"`
	// Expected is the value that results name as expected.
	Expected *float64 `yaml:"expected"`
	// HistoryNeeded is how many earlier periods the rule must know before it
	// gives a verdict.
	HistoryNeeded int `yaml:"history-needed"`
	// Rewrites: the rule counts in how many periods in a row the value was above
	// 0, judges that number and stores it as the result's value, which so differs
	// from the readout's (wire L2a, max_failures).
	Rewrites bool `yaml:"rewrites"`
	// Duration is how long the sensor takes.
	Duration Duration `yaml:"duration"`
	// Values is what the sensor returns; see Values.
	Values Values `yaml:"values"`
	// Fails makes the sensor or the rule crash.
	Fails *Crash `yaml:"fails"`
}

// Bounds is one rule: a value outside of it trips the rule's severity.
type Bounds struct {
	// Lower is the smallest value allowed.
	Lower *float64 `yaml:"lower"`
	// Upper is the largest value allowed.
	Upper *float64 `yaml:"upper"`
}

// Crash is a check that ends in an execution error.
type Crash struct {
	// In is what crashes, sensor or rule.
	In string `yaml:"in"`
	// Message is the server's text. Left out: one that fits.
	Message string `yaml:"message"`
	// Runs lists the runs of the check that crash. Left out: all.
	Runs []int `yaml:"runs"`
}

// Builtin returns the scenario that runs when none is given.
func Builtin() *Scenario {
	sc, err := LoadScenario(bytes.NewReader(builtinYAML))
	if err != nil {
		panic(fmt.Sprintf("read the built-in scenario: %v", err))
	}
	return sc
}

// LoadScenario reads a scenario from YAML. Unknown keys and impossible
// combinations are errors that name the line.
func LoadScenario(r io.Reader) (*Scenario, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the scenario: %w", err)
	}
	sc := &Scenario{}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(sc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("read the scenario: it is empty")
		}
		return nil, fmt.Errorf("read the scenario: %w", err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("read the scenario: %w", err)
	}
	if err := sc.validate(&root); err != nil {
		return nil, fmt.Errorf("read the scenario: %w", err)
	}
	return sc, nil
}

// zone returns the server's time zone; validate has tried it before.
func (sc *Scenario) zone() *time.Location {
	if sc.TimeZone == "" {
		return time.UTC
	}
	loc, err := time.LoadLocation(sc.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}
