package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/spf13/viper"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// Load resolves all settings. What is wrong with a flag is a usage error, what is
// wrong elsewhere a configuration error; both name the option and the source.
func Load(from Source) (*Settings, error) {
	l := newLoader(from)
	if err := l.load(); err != nil {
		return nil, err
	}
	return l.settings, nil
}

func newLoader(from Source) *loader {
	if from.ReadFile == nil {
		from.ReadFile = readFile
	}
	return &loader{Source: from, settings: &Settings{origins: make(map[string]origin)}, texts: make(map[string]string)}
}

func (l *loader) load() error {
	steps := []func() error{l.checkFlags, l.readFile, l.chooseProfile, l.resolve, l.loadToken, l.checkServer}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// maxFileBytes is far above any configuration or token.
const maxFileBytes = 1 << 20

// readFile is os.ReadFile for files that end.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err == nil && len(text) > maxFileBytes {
		err = fmt.Errorf("%s is larger than %d bytes", path, maxFileBytes)
	}
	return text, err
}

// loader is one call of Load.
type loader struct {
	Source

	settings   *Settings
	file       document
	fileExists bool
	profile    map[string]string // the values of the chosen profile
	texts      map[string]string // of the values, as they were given
}

func (l *loader) checkFlags() error {
	for _, name := range slices.Sorted(maps.Keys(l.Flags)) {
		o, known := lookup(name)
		if !known || !o.Flag {
			return exit.Internalf("--%s is not an option of the table", name)
		}
		if l.Flags[name] == "" {
			return exit.Usagef("leave it out to use the environment, the profile or the default", "--%s is empty", name)
		}
	}
	return nil
}

func (l *loader) readFile() error {
	file, where, err := l.configFile()
	if err != nil {
		return err
	}
	s := l.settings
	s.ConfigFile, s.origins[nameConfig] = file, where
	if file == "" {
		return nil
	}
	text, err := l.ReadFile(file)
	switch {
	case err == nil:
	case where.place == byDefault && isMissing(err):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return exit.Configf("create it, or name another one", "configuration file %s (%s) does not exist", file, where)
	default:
		return exit.Configf("make it readable, or name another one with --config", "read the configuration file: %w", err)
	}
	l.fileExists = true
	l.file, err = parseDocument(text)
	if err != nil {
		return brokenFile(file, err)
	}
	return nil
}

func brokenFile(file string, err error) error {
	return exit.Configf(hintOf(err), "configuration file %s, %w", file, err)
}

// direct is the value of an option that comes from a flag or the environment only.
func (l *loader) direct(name string) (string, origin) {
	o, _ := lookup(name)
	if text := l.Flags[name]; text != "" {
		return text, origin{place: byFlag, name: name}
	}
	if text := l.env(o.Env); text != "" {
		return text, origin{place: byEnv, name: o.Env}
	}
	return "", origin{}
}

func (l *loader) chooseProfile() error {
	s := l.settings
	name, where := l.chosenProfile()
	if l.Login {
		var err error
		if name, where, err = l.profileToChange(); err != nil {
			return err
		}
	}
	if name == "" {
		return nil
	}
	profile, exists := l.file.profiles[name]
	if !exists && !l.Login {
		return l.noSuchProfile(name, where)
	}
	s.Profile, s.origins[nameProfile], l.profile = name, where, profile
	return nil
}

// chosenProfile is empty when nothing names one.
func (l *loader) chosenProfile() (string, origin) {
	name, where := l.direct(nameProfile)
	if name == "" && l.file.current != "" {
		return l.file.current, origin{place: byFile, file: l.settings.ConfigFile, at: l.file.places[keyCurrent]}
	}
	return name, where
}

func (l *loader) noSuchProfile(name string, where origin) error {
	known := l.profileNames()
	switch {
	case known != "":
		return exit.Configf("", "profile %q (%s) does not exist; there are: %s", name, where, known)
	case l.settings.ConfigFile != "":
		return exit.Configf("add it below \"profiles:\" in that file", "profile %q (%s) does not exist: %s has no profiles", name, where, l.settings.ConfigFile)
	}
	return exit.Configf("name the file with --config", "profile %q (%s) does not exist: there is no configuration file", name, where)
}

// resolve merges the sources, the weakest first, and reads the values.
func (l *loader) resolve() error {
	v := viper.NewWithOptions(viper.KeyDelimiter(keyDelimiter))
	for _, o := range table {
		v.SetDefault(o.Name, o.Default)
	}
	if err := errors.Join(v.MergeConfigMap(l.fromProfile()), v.MergeConfigMap(l.fromEnv())); err != nil {
		return exit.Internalf("merge the settings: %w", err)
	}
	for name, text := range l.Flags {
		v.Set(name, text)
		l.settings.origins[name] = origin{place: byFlag, name: name}
	}
	for _, o := range table {
		if o.field == nil {
			continue
		}
		text := v.GetString(o.Name)
		l.texts[o.Name] = text
		if err := l.assign(o, text); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) fromProfile() map[string]any {
	s := l.settings
	values := make(map[string]any, len(l.profile))
	for name, text := range l.profile {
		values[name] = text
		s.origins[name] = origin{
			place: byProfile, name: s.Profile, file: s.ConfigFile,
			at: l.file.places[pathOf(keyProfiles, s.Profile, name)],
		}
	}
	return values
}

func (l *loader) fromEnv() map[string]any {
	values := make(map[string]any)
	for _, o := range table {
		if o.field == nil || o.Env == "" {
			continue
		}
		if text := l.env(o.Env); text != "" {
			values[o.Name] = text
			l.settings.origins[o.Name] = origin{place: byEnv, name: o.Env}
		}
	}
	return values
}

func (l *loader) env(name string) string {
	if l.Env == nil || name == "" {
		return ""
	}
	text, _ := l.Env(name)
	return text
}

func (s *Settings) warn(text string) { s.Warnings = append(s.Warnings, text) }
