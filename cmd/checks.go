package cmd

import "github.com/spf13/cobra"

func newChecksCmd(a *App) *cobra.Command {
	checks := newGroupCmd("checks", "See how checks stand", "See how the checks of tables stand, without running them.")
	checks.GroupID = groupChecks
	checks.AddCommand(newChecksStatusCmd(a))
	return checks
}
