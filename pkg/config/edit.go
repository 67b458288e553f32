package config

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// firstProfile is the name of the profile that is made where there is none.
const firstProfile = "default"

// Pair is a key of a profile and its text.
type Pair struct{ Key, Value string }

// Change is what became of the configuration file.
type Change struct {
	File    string `json:"file"`
	Profile string `json:"profile"`
	// Created: the profile is new.
	Created bool `json:"created"`
	// Current: commands use the profile without being told.
	Current bool `json:"current"`
}

// Locate says where the configuration file is or would be, without reading it.
func Locate(from Source) (string, error) {
	file, _, err := newLoader(from).configFile()
	if err != nil {
		return "", err
	}
	if file == "" {
		return "", exit.Configf("name one with --config or DQOCTL_CONFIG", "this user has no place for a configuration file: the environment names no home folder")
	}
	return file, nil
}

// Set writes values into the profile in use, or the one that the source names,
// which is made if need be. Comments and order are kept, and nothing is written
// when a key or value is wrong.
func Set(ctx context.Context, from Source, pairs ...Pair) (*Change, error) {
	e := &editor{loader: newLoader(from)}
	if err := e.check(pairs); err != nil {
		return nil, err
	}
	return e.change(ctx, func() error {
		if err := e.choose(); err != nil {
			return err
		}
		if err := e.create(); err != nil {
			return err
		}
		profiles, err := mappingAt(e.root, keyProfiles)
		if err != nil {
			return err
		}
		profile, err := mappingAt(profiles, e.done.Profile)
		if err != nil {
			return err
		}
		for _, pair := range pairs {
			o, _ := lookup(pair.Key)
			if err := setScalar(profile, pair, o.Kind); err != nil {
				return err
			}
		}
		return agree(profile, e.done.Profile)
	}, pairs...)
}

// agree refuses values of one profile that every later command would stumble over
// together, each of them being right.
func agree(profile *yaml.Node, name string) error {
	if strict, err := parseBool(textAt(profile, nameRequireHTTPS)); err != nil || !strict {
		return nil //nolint:nilerr // it is not set, or Load tells what is wrong
	}
	server := textAt(profile, nameServer)
	u, err := parseServer(server)
	if server == "" || err != nil || u.Scheme == "https" || isLoopback(u.Hostname()) {
		return nil //nolint:nilerr // as above
	}
	return exit.Usagef("set server to its https:// address first, or "+nameRequireHTTPS+" to false",
		"profile %s would have %s: true beside server %s, which is without TLS; nothing was written", name, nameRequireHTTPS, server)
}

// UseProfile makes an existing profile the one that commands use.
func UseProfile(ctx context.Context, from Source, name string) (*Change, error) {
	e := &editor{loader: newLoader(from)}
	return e.change(ctx, func() error {
		if _, exists := e.file.profiles[name]; !exists {
			return e.unknownProfile(name)
		}
		e.done.Profile, e.done.Current = name, true
		return setScalar(e.root, Pair{keyCurrent, name}, KindString)
	})
}

// editor is one change of the file.
type editor struct {
	*loader

	root *yaml.Node
	done Change
}

// check refuses keys and values by the same table as Load, before the file is
// touched.
func (e *editor) check(pairs []Pair) error {
	file, err := Locate(e.Source)
	if err != nil {
		return err
	}
	for _, pair := range pairs {
		o, known := lookup(pair.Key)
		switch {
		case pair.Key == nameToken:
			return exit.Usagef("dqoctl config login puts it into a file of its own", "a token never stands in the configuration file")
		case known && !o.Profile:
			return exit.Usagef("", "%s is not for profiles, only for the flag --%s and %s", o.Name, o.Name, o.Env)
		case !known:
			return unknownSetting(pair.Key)
		case pair.Value == "":
			return exit.Usagef("to use the default take its line out of "+file, "set %s: the value is empty", pair.Key)
		}
		if err := e.parse(o, pair.Value, origin{place: byProfile, file: file}); err != nil {
			return exit.Usagef("", "%w", about("set "+pair.Key, err))
		}
	}
	return nil
}

func unknownSetting(key string) error {
	hint := "there are: " + strings.Join(profileKeys(), ", ")
	if near := nearest(key, profileKeys()); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return exit.Usagef(hint, "there is no setting %q", key)
}

// choose finds the profile to be changed.
func (e *editor) choose() error {
	name, _, err := e.profileToChange()
	if err != nil {
		return err
	}
	_, exists := e.file.profiles[name]
	e.done.Profile, e.done.Created = name, !exists
	e.done.Current = e.file.current == name
	return nil
}

// profileToChange is the profile in use; where there is none at all, one to be
// made. That nobody chose one of several is an error.
func (l *loader) profileToChange() (string, origin, error) {
	name, where := l.chosenProfile()
	switch {
	case name != "" && !isProfileName(name):
		return "", where, where.refuse(nameProfile, badProfileName(name))
	case name != "":
		return name, where, nil
	case len(l.file.profiles) == 0:
		return firstProfile, where, nil
	}
	return "", where, exit.Usagef("name one with --profile, or choose it with dqoctl config use-profile",
		"no profile is in use; there are: %s", l.profileNames())
}

func badProfileName(name string) error {
	return fmt.Errorf("profile name %q: only lower case letters, digits, - and _ are allowed", name)
}

// create makes the very first profile the one in use, since nobody else could be.
func (e *editor) create() error {
	if len(e.file.profiles) > 0 || e.file.current != "" {
		return nil
	}
	e.done.Current = true
	return setScalar(e.root, Pair{keyCurrent, e.done.Profile}, KindString)
}

func (l *loader) profileNames() string {
	return strings.Join(slices.Sorted(maps.Keys(l.file.profiles)), ", ")
}

func (e *editor) unknownProfile(name string) error {
	known := slices.Sorted(maps.Keys(e.file.profiles))
	hint := "make it with dqoctl config set --profile NAME server URL"
	if near := nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	if len(known) == 0 {
		return exit.Usagef(hint, "profile %q does not exist: %s has no profiles", name, e.done.File)
	}
	return exit.Usagef(hint, "profile %q does not exist; there are: %s", name, e.profileNames())
}

// change reads the file, has it edited and writes it, alone among all dqoctl of
// this user. The new text is read again before it is written.
func (e *editor) change(ctx context.Context, edit func() error, pairs ...Pair) (*Change, error) {
	file, err := Locate(e.Source)
	if err != nil {
		return nil, err
	}
	e.done.File = file
	lock, err := takeFile(ctx, file)
	if err != nil {
		return nil, err
	}
	defer lock.release()
	if e.file, err = parseDocument(lock.text); err != nil {
		return nil, brokenFile(file, err)
	}
	document, err := e.open(lock.text)
	if err != nil {
		return nil, brokenFile(file, err)
	}
	if err := edit(); err != nil {
		return nil, err
	}
	text, err := encode(document, lock.text)
	if err != nil {
		return nil, err
	}
	if err := e.verify(text, pairs); err != nil {
		return nil, err
	}
	return &e.done, lock.replace(text)
}

// open gives the document with its comments. A file without any has a new one.
func (e *editor) open(text []byte) (*yaml.Node, error) {
	document := new(yaml.Node)
	if err := yaml.Unmarshal(text, document); err != nil {
		return nil, notYAML(text, err)
	}
	if document.Kind == 0 || isNull(document.Content[0]) {
		document = &yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{{Kind: yaml.MappingNode, Tag: "!!map"}}}
	}
	e.root = document.Content[0]
	return document, nil
}

// encode writes the document. Comments of a file that has nothing else belong to
// no node and are put before it.
func encode(document *yaml.Node, before []byte) ([]byte, error) {
	var b bytes.Buffer
	if onlyComments(before) {
		b.Write(before)
		if b.Len() > 0 && !bytes.HasSuffix(before, []byte("\n")) {
			b.WriteByte('\n')
		}
	}
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(document); err != nil {
		return nil, exit.Internalf("encode the configuration: %w", err)
	}
	return b.Bytes(), nil
}

func onlyComments(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

func (e *editor) verify(text []byte, pairs []Pair) error {
	d, err := parseDocument(text)
	if err != nil {
		return exit.Internalf("the changed configuration cannot be read: %w", err)
	}
	for _, pair := range pairs {
		if d.profiles[e.done.Profile][pair.Key] != pair.Value {
			return exit.Internalf("the changed configuration does not hold %s", pair.Key)
		}
	}
	return nil
}

// mappingAt gives the mapping below the key, a new one if there is none.
func mappingAt(parent *yaml.Node, key string) (*yaml.Node, error) {
	value := valueAt(parent, key)
	switch {
	case value.Kind == yaml.AliasNode:
		return nil, exit.Configf("change it with an editor", "%s stands in the file as *%s: a change of it would change others too", key, value.Value)
	case value.Kind == 0 || isNull(value):
		value.Kind, value.Tag, value.Value, value.Style = yaml.MappingNode, "!!map", "", 0
	}
	return value, nil
}

// setScalar writes a value, over the old one if there is one.
func setScalar(parent *yaml.Node, pair Pair, kind Kind) error {
	value := valueAt(parent, pair.Key)
	if value.Anchor != "" {
		return exit.Configf("change it with an editor", "%s stands in the file as &%s: a change of it would change others too", pair.Key, value.Anchor)
	}
	if value.Kind == yaml.AliasNode {
		value.Alias = nil
	}
	// Without a tag the text is written as it is, also where it looks like a number.
	value.Kind, value.Tag, value.Value, value.Style = yaml.ScalarNode, "", pair.Value, 0
	if kind == KindString || kind == KindPath {
		value.Tag = "!!str"
	}
	return nil
}

// textAt is the text of the key, empty when it is not there.
func textAt(mapping *yaml.Node, key string) string {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if follow(mapping.Content[i]).Value == key {
			return follow(mapping.Content[i+1]).Value
		}
	}
	return ""
}

// valueAt is the value of the key, which is added if need be.
func valueAt(parent *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(parent.Content); i += 2 {
		if follow(parent.Content[i]).Value == key {
			return parent.Content[i+1]
		}
	}
	value := new(yaml.Node)
	parent.Content = append(parent.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, value)
	return value
}
