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
	if cmd.Annotations == nil {
		cmd.Annotations = make(map[string]string)
	}
	cmd.Annotations[formatsNote] = namesOf(formats)
}

// formatsOf are the values of --output that a command knows.
func formatsOf(cmd *cobra.Command) []string {
	if note, own := cmd.Annotations[formatsNote]; own {
		return strings.Fields(note)
	}
	return []string{string(output.FormatTable), string(output.FormatJSON), string(output.FormatYAML), string(output.FormatID)}
}

func namesOf(formats []output.Format) string {
	names := make([]string, len(formats))
	for i, format := range formats {
		names[i] = string(format)
	}
	return strings.Join(names, " ")
}

// checkFormat refuses a value of --output that the command does not know.
func checkFormat(cmd *cobra.Command, s *config.Settings) error {
	known := formatsOf(cmd)
	if slices.Contains(known, s.Output) {
		return nil
	}
	return exit.Usagef("use one of: "+strings.Join(known, ", "),
		"%sthere is no form %s of its result (from %s)", within(cmd), s.Output, s.Origin("output"))
}
