package config

import (
	"maps"
	"slices"
)

// Profile is a profile of the configuration file.
type Profile struct {
	Name   string
	Server string // "" when it names none
}

// Profiles lists the profiles of the configuration file, by name.
func Profiles(from Source) ([]Profile, error) {
	l := newLoader(from)
	if err := l.readFile(); err != nil {
		return nil, err
	}
	var profiles []Profile
	for _, name := range slices.Sorted(maps.Keys(l.file.profiles)) {
		profiles = append(profiles, Profile{Name: name, Server: l.file.profiles[name][nameServer]})
	}
	return profiles, nil
}
