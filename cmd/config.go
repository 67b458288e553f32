package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/output"
)

func newConfigCmd(a *App) *cobra.Command {
	cmd := newGroupCmd("config", "See and change the settings of dqoctl",
		`See and change the settings of dqoctl.

A setting comes from its flag, else from its variable in the environment, else from the
profile in use, else from its default. Profiles stand in one file, which need not exist.`)
	cmd.GroupID = groupSetup
	cmd.AddCommand(
		newConfigViewCmd(a),
		newConfigSetCmd(a),
		newConfigUseProfileCmd(a),
		newConfigPathCmd(a),
		newConfigLoginCmd(a),
	)
	return cmd
}

func newConfigPathCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "path",
		Short:   "Print the path of the configuration file",
		Long:    "Print the path of the configuration file, also when there is none yet, or a broken one.",
		Example: "  dqoctl config path",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkRawFormat(cmd); err != nil {
				return err
			}
			file, err := config.Locate(a.source(cmd))
			if err != nil {
				return err
			}
			a.printChange(map[string]string{"file": file}, file)
			return nil
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML)
	return cmd
}

func newConfigUseProfileCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "use-profile NAME",
		Short:   "Choose the profile that commands use",
		Long:    "Choose the profile that commands use unless --profile or DQOCTL_PROFILE names another one.",
		Example: "  dqoctl config use-profile prod",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkRawFormat(cmd); err != nil {
				return err
			}
			change, err := config.UseProfile(cmd.Context(), a.source(cmd), args[0])
			if err != nil {
				return err
			}
			a.printChange(change, fmt.Sprintf("%s is the profile in use (%s)", change.Profile, change.File))
			if named, set := a.Env("DQOCTL_PROFILE"); set && named != "" && named != change.Profile {
				a.warn([]string{"the environment DQOCTL_PROFILE overrides it with " + named})
			}
			return nil
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML)
	return cmd
}

// checkRawFormat checks the flags of the output for commands that resolve no
// settings, since they have to work with a broken configuration.
func checkRawFormat(cmd *cobra.Command) error {
	known := formatsOf(cmd)
	form := cmd.Flag("output")
	if text := form.Value.String(); form.Changed && !slices.Contains(known, text) {
		return exit.Usagef("use one of: "+strings.Join(known, ", "), "%sthere is no form %s of its result (from flag --output)", within(cmd), text)
	}
	return checkListFlags(cmd, form.Value.String())
}

// printChange prints the value where JSON is wanted, else the line.
func (a *App) printChange(value any, line string) {
	a.write(func() error {
		if f := a.format(); f.IsObject() {
			return output.Value(a.Streams.Out, f, value)
		}
		line = iostreams.Clean(line)
		if a.Streams.OutIsTerminal() {
			line = strings.Join(output.Wrap(line, a.Streams.OutWidth()), "\n")
		}
		_, err := fmt.Fprintln(a.Streams.Out, line)
		return err
	})
}
