package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/output"
)

type configSetOptions struct {
	app    *App
	source config.Source
	pair   config.Pair
}

func newConfigSetCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "set KEY VALUE",
		Short: "Write a setting into a profile",
		Long: `Write a setting into a profile: the one that --profile or DQOCTL_PROFILE names, which
is made if need be, else the one in use. The first profile of a file becomes the one in
use; without a name it is called default.

The value is checked before anything is written. Comments and order of the file stay.
Paths are as in the file: ~/ is the home folder, others are relative to the file.
A token is not set here: see dqoctl config login.`,
		Example: `  dqoctl config set server https://dqops.example.test
  dqoctl config set --profile prod fail-on warning`,
		Args: usageArgs(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkRawFormat(cmd); err != nil {
				return err
			}
			return runConfigSet(cmd.Context(), &configSetOptions{a, a.source(cmd), config.Pair{Key: args[0], Value: args[1]}})
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML)
	return cmd
}

// setResult is what config set prints.
type setResult struct {
	*config.Change

	Key   string `json:"key"`
	Value string `json:"value"`
}

func runConfigSet(ctx context.Context, o *configSetOptions) error {
	change, err := config.Set(ctx, o.source, o.pair)
	if err != nil {
		return err
	}
	o.app.printChange(setResult{change, o.pair.Key, o.pair.Value},
		fmt.Sprintf("%s: %s (%s)", o.pair.Key, o.pair.Value, changedText(change)))
	if !change.Current {
		o.app.inform("commands use it with --profile " + change.Profile + ", or after dqoctl config use-profile " + change.Profile)
	}
	return nil
}

func changedText(c *config.Change) string {
	text := "profile " + c.Profile
	if c.Created {
		text = "new " + text
	}
	return text + " in " + c.File
}
