package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/output"
)

// formatsNote is where a command keeps the formats that it prints.
const formatsNote = "formats"

// printsIn says which values of --output a command knows, if not those of a job.
func printsIn(cmd *cobra.Command, formats ...output.Format) {
	names := make([]string, len(formats))
	for i, format := range formats {
		names[i] = string(format)
	}
	cmd.Annotations = map[string]string{formatsNote: strings.Join(names, " ")}
}

// checkFormat refuses a value of --output that the command does not know.
func checkFormat(cmd *cobra.Command, s *config.Settings) error {
	known := []string{string(output.FormatTable), string(output.FormatJSON), string(output.FormatID)}
	if note, own := cmd.Annotations[formatsNote]; own {
		known = strings.Fields(note)
	}
	if slices.Contains(known, s.Output) {
		return nil
	}
	return exit.Usagef("use one of: "+strings.Join(known, ", "),
		"%sthere is no form %s of its result (from %s)", within(cmd), s.Output, s.Origin("output"))
}
