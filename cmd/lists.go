package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// listNote is where a command keeps in which of its formats a list has columns.
const listNote = "list"

// listsIn says in which formats a command prints a list with columns; without it
// those are table and csv of the commands that know csv.
func listsIn(cmd *cobra.Command, formats ...output.Format) {
	cmd.Annotations[listNote] = namesOf(formats)
}

func listFormats(cmd *cobra.Command) []string {
	if note, own := cmd.Annotations[listNote]; own {
		return strings.Fields(note)
	}
	if slices.Contains(formatsOf(cmd), string(output.FormatCSV)) {
		return []string{string(output.FormatTable), string(output.FormatCSV)}
	}
	return nil
}

// checkListFlags refuses the flags of lists where none is printed. From the
// environment or a profile they are for the commands that have one.
func checkListFlags(cmd *cobra.Command, format string) error {
	formats := listFormats(cmd)
	for _, name := range []string{"columns", "no-headers"} {
		switch {
		case !cmd.Flags().Changed(name) || slices.Contains(formats, format):
		case len(formats) == 0:
			return exit.Usagef("leave it out", "%s--%s is for lists, and this prints none", within(cmd), name)
		default:
			return exit.Usagef("use -o "+strings.Join(formats, " or -o "), "%s--%s: there are no columns with -o %s", within(cmd), name, format)
		}
	}
	return nil
}

// checkColumns refuses names of columns that the list does not have.
func checkColumns(l *output.List, s *config.Settings) error {
	known := l.Keys()
	for _, name := range s.Columns {
		if slices.Contains(known, strings.ToLower(name)) {
			continue
		}
		subject := "--columns"
		if from := s.Origin("columns"); from != "flag --columns" {
			subject = "columns from " + from
		}
		return exit.Usagef("", "%s %s", subject, request.NoneOf(name, known))
	}
	return nil
}

// printList lays a list out for a terminal, and writes it for programs elsewhere.
func (a *App) printList(s *config.Settings, l *output.List) error {
	l.NoHeaders = s.NoHeaders
	if len(s.Columns) > 0 {
		if err := l.Select(s.Columns); err != nil {
			return err
		}
	}
	switch {
	case output.Format(s.Output) == output.FormatCSV:
		return l.CSV(a.Streams.Out)
	case !a.Streams.OutIsTerminal():
		return l.TSV(a.Streams.Out)
	}
	screen := screenOf(a.Streams)
	text, err := l.Layout(screen)
	if err != nil {
		return err
	}
	if _, err = fmt.Fprint(a.Streams.Out, text); err != nil {
		return err
	}
	if left := l.LeftOut(screen); len(left) > 0 && !s.Quiet {
		a.inform("no room for " + strings.ToLower(strings.Join(left, ", ")) + ": a pipe, -o json and --columns have all")
	}
	return nil
}
