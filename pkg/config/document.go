package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"

	"github.com/dqoctl/dqoctl/pkg/yamltext"
)

const (
	keyCurrent  = "current-profile"
	keyProfiles = "profiles"
	// keyDelimiter is not viper's dot, which would split the names of profiles.
	keyDelimiter = "::"
)

// document is the configuration file.
type document struct {
	current  string
	profiles map[string]map[string]string
	places   map[string]position // of the values, by their keys joined with the delimiter
}

// position is where something stands in the file; both count from 1.
type position struct{ line, column int }

func positionOf(node *yaml.Node) position { return position{node.Line, node.Column} }

func (p position) String() string { return fmt.Sprintf("line %d, column %d", p.line, p.column) }

// pathOf is the name of a value for document.places.
func pathOf(keys ...string) string { return strings.Join(keys, keyDelimiter) }

// parseDocument reads the file with viper, by way of a decoder that is as strict
// as viper is not: exact names, every value the text that stands in the file.
func parseDocument(text []byte) (document, error) {
	strict := &strictYAML{places: make(map[string]position)}
	v := viper.NewWithOptions(viper.KeyDelimiter(keyDelimiter), viper.WithDecoderRegistry(strict))
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(text)); err != nil {
		if wrapped, ok := errors.AsType[viper.ConfigParseError](err); ok {
			err = wrapped.Unwrap()
		}
		return document{}, err
	}
	d := document{current: v.GetString(keyCurrent), places: strict.places}
	// Not the whole file at once: viper forgets a profile without values.
	if err := v.UnmarshalKey(keyProfiles, &d.profiles); err != nil {
		return document{}, err
	}
	return d, nil
}

// strictYAML is viper's decoder for the configuration file.
type strictYAML struct{ places map[string]position }

var (
	_ viper.DecoderRegistry = (*strictYAML)(nil)
	_ viper.Decoder         = (*strictYAML)(nil)
)

// Decoder gives itself, whatever the format.
func (s *strictYAML) Decoder(string) (viper.Decoder, error) { return s, nil }

// Decode puts the document's values into the map, all of them as text.
func (s *strictYAML) Decode(text []byte, into map[string]any) error {
	root, err := parseYAML(text)
	if err != nil || root == nil {
		return err
	}
	entries, err := entriesOf(root, "the file")
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.key.Value {
		case keyCurrent:
			into[keyCurrent], err = s.scalar(e, keyCurrent)
		case keyProfiles:
			into[keyProfiles], err = s.profiles(e.value)
		default:
			err = unknownKey(e.key, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// parseYAML gives the root of the only document, nil for an empty file.
func parseYAML(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, notYAML(text, err)
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, complain(&second, "a second document")
	} else if !errors.Is(err, io.EOF) {
		return nil, notYAML(text, err)
	}
	root := follow(first.Content[0])
	if isNull(root) {
		return nil, nil
	}
	return root, nil
}

func (s *strictYAML) profiles(node *yaml.Node) (map[string]any, error) {
	profiles := make(map[string]any)
	if isNull(node) {
		return profiles, nil
	}
	entries, err := entriesOf(node, keyProfiles)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name := e.key.Value
		if !isProfileName(name) {
			return nil, complain(e.key, "%w", badProfileName(name))
		}
		if profiles[name], err = s.profile(name, e.value); err != nil {
			return nil, err
		}
	}
	return profiles, nil
}

func (s *strictYAML) profile(name string, node *yaml.Node) (map[string]any, error) {
	values := make(map[string]any)
	if isNull(node) {
		return values, nil
	}
	entries, err := entriesOf(node, "profile "+name)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		key := e.key.Value
		if o, known := lookup(key); !known || !o.Profile {
			return nil, unknownKey(e.key, name)
		}
		if values[key], err = s.scalar(e, pathOf(keyProfiles, name, key)); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (s *strictYAML) scalar(e entry, path string) (string, error) {
	switch {
	case e.value.Kind != yaml.ScalarNode:
		return "", complain(e.value, "%s must be a single value", e.key.Value)
	case isNull(e.value) || e.value.Value == "":
		return "", complain(e.key, "%s has no value: leave the line out to use the default", e.key.Value)
	}
	s.places[path] = positionOf(e.value)
	return e.value.Value, nil
}

func isProfileName(name string) bool {
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_"
	return name != "" && strings.Trim(name, allowed) == ""
}

// entry is one key of a mapping with its value.
type entry struct{ key, value *yaml.Node }

func entriesOf(node *yaml.Node, what string) ([]entry, error) {
	if node.Kind != yaml.MappingNode {
		return nil, complain(node, "%s must hold keys with values", what)
	}
	seen := make(map[string]int)
	entries := make([]entry, 0, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := follow(node.Content[i])
		if key.Kind != yaml.ScalarNode {
			return nil, complain(key, "a key must be a word")
		}
		if line, twice := seen[key.Value]; twice {
			return nil, complain(key, "%q stands twice, first in line %d", key.Value, line)
		}
		seen[key.Value] = key.Line
		entries = append(entries, entry{key, follow(node.Content[i+1])})
	}
	return entries, nil
}

func follow(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode && node.Alias != nil {
		return node.Alias
	}
	return node
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}

func complain(node *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s: %w", positionOf(node), fmt.Errorf(format, args...))
}

func notYAML(text []byte, err error) error { return errors.New(yamltext.Explain(text, err)) }
