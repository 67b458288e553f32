package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// Which groups of settings a command has flags for.
var (
	globalGroups    = []config.Group{"", config.GroupConnection, config.GroupOutput}
	followingGroups = []config.Group{config.GroupFollowing, config.GroupGate}
)

// addSettingFlags adds a flag for each option of the groups. The values are kept
// as text: pkg/config parses them, whatever source they come from.
func addSettingFlags(flags *pflag.FlagSet, groups ...config.Group) {
	for _, group := range groups {
		for _, o := range config.Options() {
			if o.Group == group && o.Flag {
				addSettingFlag(flags, o)
			}
		}
	}
}

// addNamedSettingFlags is for commands that obey only some options of a group.
func addNamedSettingFlags(flags *pflag.FlagSet, names ...string) {
	for _, o := range config.Options() {
		if slices.Contains(names, o.Name) {
			addSettingFlag(flags, o)
		}
	}
}

func addSettingFlag(flags *pflag.FlagSet, o config.Option) {
	usage := o.Usage
	if o.Env != "" {
		usage += " [" + o.Env + "]"
	}
	if o.Kind == config.KindBool {
		flags.BoolP(o.Name, o.Short, false, usage)
		return
	}
	flags.VarP(&setting{o.Default, placeholder(o)}, o.Name, o.Short, usage)
}

// setting is a flag whose text pkg/config parses.
type setting struct{ text, kind string }

var _ pflag.Value = (*setting)(nil)

func (s *setting) String() string        { return s.text }
func (s *setting) Set(text string) error { s.text = text; return nil }
func (s *setting) Type() string          { return s.kind }

func placeholder(o config.Option) string {
	switch o.Kind {
	case config.KindURL:
		return "URL"
	case config.KindPath:
		return "FILE"
	case config.KindDuration:
		return "DUR"
	case config.KindEnum:
		return strings.Join(o.Values, "|")
	case config.KindWords:
		return "NAMES"
	case config.KindBool, config.KindString:
		return "NAME"
	default:
		return "TEXT"
	}
}

// settings resolves flags, environment, profile and defaults, and says the
// warnings that came up.
func (a *App) settings(cmd *cobra.Command) (*config.Settings, error) {
	return a.settingsBy(cmd, config.Load)
}

// settingsBy is settings with another way to load them.
func (a *App) settingsBy(cmd *cobra.Command, load func(config.Source) (*config.Settings, error)) (*config.Settings, error) {
	s, err := load(a.source(cmd))
	if err != nil {
		return nil, err
	}
	a.output = s.Output
	if err := checkFormat(cmd, s); err != nil {
		return nil, err
	}
	if err := checkListFlags(cmd, s.Output); err != nil {
		return nil, err
	}
	a.Streams.SetColor(s.Color)
	a.warn(s.Warnings)
	return s, nil
}

func (a *App) warn(warnings []string) {
	for _, warning := range warnings {
		a.inform("warning: " + warning)
	}
}

// source is where the settings of this run come from.
func (a *App) source(cmd *cobra.Command) config.Source {
	given := make(map[string]string)
	options := make(map[string]bool)
	for _, o := range config.Options() {
		options[o.Name] = true
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if options[f.Name] {
			given[f.Name] = f.Value.String()
		}
	})
	return config.Source{
		Flags: given, Env: a.Env, Environ: a.Environ, Stdin: a.Streams.In,
	}
}

func (a *App) traceError(err error) string {
	var b strings.Builder
	fmt.Fprintf(&b, "debug:   %s\n", iostreams.Clean(err.Error()))
	if said, ok := errors.AsType[*dqops.ServerError](err); ok && said.Trace != "" {
		for line := range strings.Lines(said.Trace) {
			fmt.Fprintf(&b, "debug:   %s\n", iostreams.Clean(strings.TrimRight(line, "\n")))
		}
	}
	return b.String()
}
