package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// View is every setting with where it is from, and what is set but not used.
type View struct {
	// File is the configuration file; empty: this user has no place for one.
	File     string   `json:"file"`
	Exists   bool     `json:"exists"`
	Profile  string   `json:"profile,omitempty"` // in use
	Profiles []string `json:"profiles"`
	Values   []Value  `json:"values"`
	Unused   []Unused `json:"unused"`
}

// Value is one setting. That of a secret is "set", or nothing.
type Value struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"` // as Settings.Origin
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Secret bool   `json:"secret,omitempty"`
}

// Unused is something that is set and has no effect.
type Unused struct {
	Name   string `json:"name"` // "environment DQOCTL_SEVER", "profile test in FILE"
	Reason string `json:"reason"`
}

// Resolve is Load that also tells how it came to its values. It contacts nobody
// and fails as Load does.
func Resolve(from Source) (*Settings, *View, error) {
	l := newLoader(from)
	if err := l.load(); err != nil {
		return nil, nil, err
	}
	v := &View{
		File: l.settings.ConfigFile, Exists: l.fileExists, Profile: l.settings.Profile,
		Profiles: slices.Sorted(maps.Keys(l.file.profiles)),
		Values:   l.values(), Unused: slices.Concat(l.overridden(), l.unknownVariables(), l.otherProfiles()),
	}
	if v.Profiles == nil {
		v.Profiles = []string{}
	}
	if v.Unused == nil {
		v.Unused = []Unused{}
	}
	return l.settings, v, nil
}

func (l *loader) values() []Value {
	values := make([]Value, 0, len(table))
	for _, o := range table {
		where := l.settings.origins[o.Name]
		values = append(values, Value{
			Name: o.Name, Value: l.shown(o), Source: l.settings.Origin(o.Name),
			Line: where.at.line, Column: where.at.column, Secret: o.Secret,
		})
	}
	return values
}

// shown is the value as a user may see it; a path is the one that is read.
func (l *loader) shown(o Option) string {
	s := l.settings
	switch {
	case o.Secret && s.Token != "":
		return "set"
	case o.Secret:
		return ""
	case o.Name == nameProfile:
		return s.Profile
	case o.Name == nameConfig:
		return s.ConfigFile
	case o.Kind == KindPath:
		if path, ok := o.field(s).(*string); ok {
			return *path
		}
	}
	return l.texts[o.Name]
}

// overridden are the values that stronger ones hide.
func (l *loader) overridden() []Unused {
	var unused []Unused
	for _, o := range table {
		by := l.settings.origins[o.Name]
		if o.Secret {
			continue
		}
		hidden := func(found origin) {
			if found.place < by.place {
				unused = append(unused, Unused{fmt.Sprintf("%s from %s", o.Name, found), by.String() + " overrides it"})
			}
		}
		if l.env(o.Env) != "" {
			hidden(origin{place: byEnv, name: o.Env})
		}
		if l.profile[o.Name] != "" {
			hidden(origin{place: byProfile, name: l.settings.Profile, file: l.settings.ConfigFile})
		}
		if o.Name == nameProfile && l.file.current != "" {
			hidden(origin{place: byFile, file: l.settings.ConfigFile})
		}
	}
	return append(unused, l.overriddenTokens()...)
}

// overriddenTokens knows that a token and a file with one hide each other.
func (l *loader) overriddenTokens() []Unused {
	token, _ := lookup(nameToken)
	file := l.settings.origins[nameTokenFile]
	switch {
	case l.env(token.Env) == "":
		return nil
	case file.place == byFlag:
		return []Unused{{"environment " + token.Env, file.String() + " overrides it"}}
	case file.place == byProfile:
		return []Unused{{fmt.Sprintf("%s from %s", nameTokenFile, file), "environment " + token.Env + " overrides it"}}
	}
	return nil
}

const envPrefix = "DQOCTL_"

// unknownVariables are those that look like ours and are not. Their values may be
// secrets that went astray and are not shown.
func (l *loader) unknownVariables() []Unused {
	if l.Environ == nil {
		return nil
	}
	var known []string
	for _, o := range table {
		if o.Env != "" {
			known = append(known, o.Env)
		}
	}
	var unused []Unused
	for _, variable := range l.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(known, name) || value == "" {
			continue
		}
		reason := "no setting has this name"
		if near := nearestVariable(name, known); near != "" {
			reason += fmt.Sprintf(", did you mean %s?", near)
		}
		unused = append(unused, Unused{"environment " + name, reason})
	}
	slices.SortFunc(unused, func(a, b Unused) int { return cmp.Compare(a.Name, b.Name) })
	return unused
}

// nearestVariable compares what follows the prefix, which all of them share.
func nearestVariable(name string, known []string) string {
	options := make([]string, len(known))
	for i, k := range known {
		options[i] = optionWords(k)
	}
	near := nearest(optionWords(name), options)
	if at := slices.Index(options, near); near != "" && at >= 0 {
		return known[at]
	}
	return ""
}

func optionWords(variable string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(variable, envPrefix), "_", "-"))
}

func (l *loader) otherProfiles() []Unused {
	var unused []Unused
	for _, name := range slices.Sorted(maps.Keys(l.file.profiles)) {
		if name != l.settings.Profile {
			where := origin{place: byProfile, name: name, file: l.settings.ConfigFile}
			unused = append(unused, Unused{where.String(), "it is not the profile in use"})
		}
	}
	return unused
}
