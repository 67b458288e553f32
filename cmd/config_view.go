package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/output"
)

type configViewOptions struct {
	app      *App
	settings *config.Settings
	view     *config.View
}

func newConfigViewCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "view",
		Short: "Show every setting and where it is from",
		Long: `Show every setting and where it is from. What is set and has no effect is named on
stderr, with -o json in the result. A token is never shown, and no server is asked.`,
		Example: "  dqoctl config view\n  dqoctl config view --profile prod -o json",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := &configViewOptions{app: a}
			var err error
			o.settings, err = a.settingsBy(cmd, func(from config.Source) (s *config.Settings, err error) {
				s, o.view, err = config.Resolve(from)
				return s, err
			})
			if err != nil {
				return err
			}
			// Columns from elsewhere are those of another list.
			if !cmd.Flags().Changed("columns") {
				o.settings.Columns = nil
			}
			if err := checkColumns(o.list(), o.settings); err != nil {
				return err
			}
			return runConfigView(o)
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML, output.FormatJSONL, output.FormatCSV)
	addSettingFlags(cmd.Flags(), followingGroups...)
	return cmd
}

func runConfigView(o *configViewOptions) error {
	a := o.app
	if f := output.Format(o.settings.Output); f.IsObject() {
		a.write(func() error { return output.Value(a.Streams.Out, f, o.view) })
		return nil
	} else if f == output.FormatJSONL {
		a.write(func() error { return output.JSONLines(a.Streams.Out, o.view.Values) })
		return nil
	}
	a.write(func() error { return a.printList(o.settings, o.list()) })
	if !o.view.Exists && o.view.File != "" {
		a.inform("there is no configuration file yet; it would be " + iostreams.Clean(o.view.File))
	}
	for _, unused := range o.view.Unused {
		a.inform("not used: " + iostreams.Clean(unused.Name+": "+unused.Reason))
	}
	return nil
}

func (o *configViewOptions) list() *output.List {
	list := &output.List{Columns: []output.Column{{Name: "SETTING"}, {Name: "VALUE"}, {Name: "SOURCE"}}}
	for _, v := range o.view.Values {
		source := v.Source
		if v.Line > 0 {
			source += fmt.Sprintf(", line %d", v.Line)
		}
		list.Rows = append(list.Rows, []output.Cell{{Text: v.Name}, {Text: v.Value}, {Text: source}})
	}
	return list
}
