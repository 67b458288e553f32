package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// lateness is how long after a strike its effect comes unless it is said.
const lateness = Duration(100 * time.Millisecond)

// Words are one text or a list of them.
type Words []string

// UnmarshalYAML reads a text or a list.
func (w *Words) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*w = Words{node.Value}
		return nil
	}
	return node.Decode((*[]string)(w))
}

// Counts are one number or a list of them.
type Counts []int

// UnmarshalYAML reads a number or a list.
func (c *Counts) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.ScalarNode {
		return node.Decode((*[]int)(c))
	}
	n, err := strconv.Atoi(node.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is not a number", node.Line, node.Value)
	}
	*c = Counts{n}
	return nil
}

// Plan is a bad day: what goes wrong with the server and on the way to it.
type Plan struct {
	// Starting is how long the server is not ready at first (wire T20).
	Starting Duration `yaml:"starting"`
	// Proxy stands between the server and its callers.
	Proxy Proxy `yaml:"proxy"`
	// Faults strike requests.
	Faults []Fault `yaml:"faults"`
}

// LoadPlan reads a plan from YAML. Unknown keys and impossible combinations are
// errors that name the line.
func LoadPlan(r io.Reader) (*Plan, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	plan := &Plan{}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(plan); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("read the faults: there are none")
		}
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	if err := plan.validate(place{&root}); err != nil {
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	return plan, nil
}

func (p *Plan) validate(top place) error {
	if err := p.Proxy.validate(); err != nil {
		return top.at("proxy", 0).errorf("proxy: %w", err)
	}
	for i := range p.Faults {
		p.Faults[i].fillIn()
		if err := p.Faults[i].validate(); err != nil {
			return top.at("faults", i).errorf("%w", err)
		}
	}
	return nil
}

// fillIn gives what is left out its meaning.
func (f *Fault) fillIn() {
	if f.When == "" {
		f.When = Before
	}
	if f.When == During && f.Late == 0 {
		f.Late = lateness
	}
}

// validate needs fillIn.
func (f *Fault) validate() error {
	for _, name := range f.On {
		if _, known := operations[name]; !known {
			return fmt.Errorf("there is no operation %s; there are %s", name,
				strings.Join(slices.Sorted(maps.Keys(operations)), ", "))
		}
	}
	if !slices.Contains([]When{Before, During, After}, f.When) {
		return fmt.Errorf("when is before, during or after, not %s", f.When)
	}
	if f.First < 0 || f.Every < 0 || f.Chance < 0 || f.Chance > 1 || slices.ContainsFunc(f.Only, func(n int) bool { return n < 1 }) {
		return errors.New("first, only and every count from 1, and chance is between 0 and 1")
	}
	if err := f.validateAction(); err != nil {
		return err
	}
	return f.validateFields()
}

func (f *Fault) validateAction() error {
	switch f.Do {
	case Close, Reset, HalfClose, Stall, Answer:
	case Delay, Shutdown:
		if f.For == 0 {
			return fmt.Errorf("%s needs a time: for", f.Do)
		}
		fallthrough
	case RestartNow:
		if f.When == During {
			return fmt.Errorf("%s comes before or after the effect", f.Do)
		}
	default:
		return fmt.Errorf("do is close, reset, half-close, stall, delay, answer, restart or shutdown, not %q", f.Do)
	}
	return nil
}

// validateFields refuses what the action would not look at.
func (f *Fault) validateFields() error {
	answers := f.Status != 0 || f.RetryAfter != 0 || f.RetryDate != 0 || f.Body != ""
	restarts := f.Down != 0 || f.Starting != 0
	switch {
	case f.At != "" && (!f.connectionEnds() || f.When != After):
		return errors.New("at is for a connection that ends after the effect")
	case f.Late != 0 && f.When != During:
		return errors.New("late is for what strikes during the effect")
	case f.For != 0 && f.Do != Delay && f.Do != Shutdown:
		return errors.New("for is the length of a delay or a shutdown")
	case answers && f.Do != Answer:
		return errors.New("status, retry-after, retry-date and body are for do: answer")
	case restarts && f.Do != RestartNow && f.Do != Shutdown:
		return errors.New("down and starting are for a restart or a shutdown")
	case f.Do == Answer && !answers:
		return errors.New("an answer needs a status or a body")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d: want 200 to 599", f.Status)
	case f.RetryAfter != 0 && f.RetryDate != 0:
		return errors.New("retry-after and retry-date exclude each other")
	case !slices.Contains([]string{"", BodyEmpty, BodyHTML, BodyError, BodyGarbage, BodyTruncated}, f.Body):
		return fmt.Errorf("body is empty, html, error, garbage or truncated, not %s", f.Body)
	case f.Body == BodyTruncated && f.When != After:
		return errors.New("only an answer after the effect can be truncated")
	}
	return f.validateAt()
}

func (f *Fault) validateAt() error {
	if slices.Contains([]string{"", AtHeader, AtBody, AtEnd}, f.At) {
		return nil
	}
	if _, err := strconv.Atoi(f.At); err != nil {
		return fmt.Errorf("at is header, body, end or a number of bytes, not %s", f.At)
	}
	return nil
}
