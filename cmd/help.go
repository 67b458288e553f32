package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/output"
)

const (
	// helpWidth is that of help in a pipe, and in the files made from it.
	helpWidth = 80
	// widestHelp is where lines become too long to read.
	widestHelp = 100
)

// helpScreen obeys the flag and the variable for colour, which no settings were
// resolved for.
func (a *App) helpScreen(cmd *cobra.Command) output.Screen {
	s := a.Streams
	s.SetColor(s.Variable("DQOCTL_COLOR"))
	if flag := cmd.Flags().Lookup("color"); flag != nil && flag.Changed {
		s.SetColor(flag.Value.String())
	}
	screen := output.Screen{Width: helpWidth, Color: s.ColorOut()}
	if s.OutIsTerminal() {
		screen.Width = min(s.OutWidth(), widestHelp)
	}
	return screen
}

func newHelpCmd(a *App) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND|TOPIC]",
		Short:   "Show the help of a command or a topic",
		Long:    "Show the help of a command, or of a topic that is no command.",
		Example: "  dqoctl help run-checks\n  dqoctl help jobs wait\n  dqoctl help exit-codes",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.help(cmd.Root(), args) },
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			about, _, err := cmd.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var words []string
			for _, sub := range about.Commands() {
				if sub.IsAvailableCommand() {
					words = append(words, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			for _, t := range topics() {
				if len(args) == 0 {
					words = append(words, cobra.CompletionWithDesc(t.name, t.short))
				}
			}
			return words, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func (a *App) help(root *cobra.Command, args []string) error {
	if len(args) == 1 {
		if t, ok := topicOf(args[0]); ok {
			a.write(func() error {
				return output.Print(a.Streams.Out, a.helpScreen(root), output.Document{Blocks: t.blocks()})
			})
			return nil
		}
	}
	// Find refuses a word itself where a command takes no arguments.
	about, rest, err := root.Find(args)
	if err != nil || len(rest) > 0 {
		if len(rest) == 0 {
			rest = args
		}
		if !about.HasAvailableSubCommands() {
			return exit.Usagef("see: "+about.CommandPath()+" --help", "help: %s has no command %q below it", about.CommandPath(), rest[0])
		}
		return unknownCommand(about, rest[0])
	}
	about.InitDefaultHelpFlag()
	return about.Help()
}

// helpOf lays the help of a command out.
func helpOf(cmd *cobra.Command) output.Document {
	usage := cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		usage = cmd.CommandPath() + " COMMAND [flags]"
	}
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	blocks := []output.Block{
		output.Prose(text),
		&output.Verbatim{Title: "Usage:", Lines: usage},
		&output.Verbatim{Title: "Examples:", Lines: cmd.Example},
	}
	blocks = append(blocks, commandBlocks(cmd)...)
	blocks = append(blocks, flagBlocks(cmd)...)
	if !cmd.HasParent() {
		list := &output.Entries{Title: "Help topics:"}
		for _, t := range topics() {
			list.Entries = append(list.Entries, output.Entry{Term: t.name, Text: t.short})
		}
		blocks = append(blocks, list, output.Prose(fmt.Sprintf("Use %q for more about a command or a topic.", cmd.Name()+" help COMMAND|TOPIC")))
	} else if cmd.HasAvailableSubCommands() {
		// A page with global flags on it would hide the few commands that it is about.
		blocks = append(blocks, output.Prose(fmt.Sprintf("Use %q for more about a command, and %q for the flags that every command takes.", cmd.CommandPath()+" COMMAND --help", cmd.Root().Name()+" --help")))
	}
	return output.Document{Blocks: blocks}
}

// commandBlocks are the commands below one, by their groups.
func commandBlocks(cmd *cobra.Command) []output.Block {
	entries := make(map[string][]output.Entry)
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			entries[sub.GroupID] = append(entries[sub.GroupID], output.Entry{Term: sub.Name(), Text: sub.Short})
		}
	}
	var blocks []output.Block
	for _, group := range cmd.Groups() {
		blocks = append(blocks, &output.Entries{Title: group.Title, Entries: entries[group.ID]})
	}
	title := "Commands:"
	if len(blocks) > 0 {
		title = "Other commands:"
	}
	return append(blocks, &output.Entries{Title: title, Entries: entries[""]})
}

// flagBlocks are the flags of a command: its own, those of following and of the
// gate, then those that every command has, unless it is a group of commands.
func flagBlocks(cmd *cobra.Command) []output.Block {
	groups := map[config.Group]*output.Entries{
		"":                    {Title: "Flags:"},
		config.GroupFollowing: {Title: "Following the job:"},
		config.GroupGate:      {Title: "Gate:"},
	}
	options := make(map[string]config.Group)
	for _, o := range config.Options() {
		if groups[o.Group] != nil {
			options[o.Name] = o.Group
		}
	}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && (cmd.PersistentFlags().Lookup(f.Name) == nil) {
			list := groups[options[f.Name]]
			list.Entries = append(list.Entries, flagEntry(f))
		}
	})
	global := &output.Entries{Title: "Global Flags:"}
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			global.Entries = append(global.Entries, flagEntry(f))
		}
	}
	cmd.PersistentFlags().VisitAll(add)
	if !cmd.HasAvailableSubCommands() {
		cmd.InheritedFlags().VisitAll(add)
	}
	return []output.Block{groups[""], groups[config.GroupFollowing], groups[config.GroupGate], global}
}

func flagEntry(f *pflag.Flag) output.Entry {
	value, usage := pflag.UnquoteUsage(f)
	term := "    --" + f.Name
	if f.Shorthand != "" {
		term = "-" + f.Shorthand + ", --" + f.Name
	}
	switch {
	case value == "":
	case f.NoOptDefVal != "":
		term += "[=" + value + "]"
	default:
		term += " " + value
	}
	if !slices.Contains([]string{"", "false", "0", "[]"}, f.DefValue) {
		usage += " (default " + f.DefValue + ")"
	}
	return output.Entry{Term: term, Text: usage}
}

// topic is help that is about no command.
type topic struct {
	name, short string
	blocks      func() []output.Block
}

func topics() []topic {
	return []topic{
		{"environment", "The variables that dqoctl reads", environmentTopic},
		{"exit-codes", "What each exit code says", exitCodesTopic},
	}
}

func topicOf(name string) (topic, bool) {
	for _, t := range topics() {
		if t.name == name {
			return t, true
		}
	}
	return topic{}, false
}

func topicNames() []string {
	var names []string
	for _, t := range topics() {
		names = append(names, t.name)
	}
	return names
}

func exitCodesTopic() []output.Block {
	rows := exit.Table()
	slices.SortStableFunc(rows, func(a, b exit.Row) int { return a.Code - b.Code })
	list := &output.Entries{}
	var order []string
	for _, row := range rows {
		name, _ := row.Outcome.MarshalText() // it never fails
		list.Entries = append(list.Entries, output.Entry{Term: fmt.Sprintf("%3d  %s", row.Code, name), Text: row.Meaning})
	}
	for _, row := range exit.Table() {
		if code := fmt.Sprint(row.Code); !slices.Contains(order, code) {
			order = append(order, code)
		}
	}
	return []output.Block{
		output.Prose("The exit code is the verdict: 0 lets a pipeline pass. The word beside it is the outcome in the results of -o json and -o yaml."),
		list,
		output.Prose("When several hold, and of several jobs, the first in this order decides: " + strings.Join(order, ", ") + "."),
		output.Prose("Code 2 comes with a result: a crash of dqoctl itself is always 70."),
	}
}

func environmentTopic() []output.Block {
	ours := &output.Entries{Title: "Settings:"}
	for _, o := range config.Options() {
		if o.Env == "" {
			continue
		}
		text := o.Usage
		if o.Flag {
			text += "; --" + o.Name
		}
		if o.Default != "" && o.Default != "false" && o.Default != "0" {
			text += " (default " + o.Default + ")"
		}
		ours.Entries = append(ours.Entries, output.Entry{Term: o.Env, Text: text})
	}
	return []output.Block{
		output.Prose("A flag goes before the environment, the environment before the profile, and that before the default. An empty variable is none. What a command acts on (filters, bodies, --key, --yes, --all) never comes from the environment."),
		ours,
		&output.Entries{Title: "Of others:", Entries: []output.Entry{
			{Term: "NO_COLOR", Text: "anything in it: no colors"},
			{Term: "CLICOLOR_FORCE", Text: "anything but 0: colors also where there is no terminal"},
			{Term: "TERM", Text: "dumb: no colors, and nothing is drawn over again"},
			{Term: "CI", Text: "anything but false and 0: progress as lines, as in a log"},
			{Term: "GITHUB_ACTIONS, GITLAB_CI, TF_BUILD", Text: "set by those systems: progress folds away in their logs"},
			{Term: "COLUMNS", Text: "the width of a terminal that does not tell it"},
			{Term: "HTTPS_PROXY, HTTP_PROXY, NO_PROXY", Text: "the proxy to the server, and the hosts that need none; also in lower case"},
			{Term: "XDG_CONFIG_HOME", Text: "where the folder dqoctl with config.yaml is looked for; else the system's own place for configuration"},
			{Term: "XDG_STATE_HOME", Text: "where the folder dqoctl with the journal of started jobs is looked for; else the system's own place for such files"},
		}},
	}
}
