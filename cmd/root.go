package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// The groups of the root's help.
const (
	groupChecks = "checks"
	groupJobs   = "jobs"
	groupTry    = "try"
	groupSetup  = "setup"
)

func newRootCmd(a *App) *cobra.Command {
	root := &cobra.Command{
		Use:   "dqoctl",
		Short: "Run and follow the jobs of a DQOps data quality server",
		Long: `dqoctl runs and follows the jobs of a DQOps data quality server.

It follows a job to its true end and judges how the checked data stands now,
also when the server itself, asked a second time about unchanged bad data,
answers that all is well. The exit code is the verdict: 0 lets a pipeline pass.`,
		Args:          usageArgs(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(a.Streams.In)
	root.SetErr(a.Streams.Err)
	root.SetOut(a.Streams.Out)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if word, ok := strayWord(cmd, a.Args); ok {
			return unknownCommand(cmd, word)
		}
		return flagError(cmd, err)
	})
	root.AddGroup(
		&cobra.Group{ID: groupChecks, Title: "Data quality:"},
		&cobra.Group{ID: groupJobs, Title: "Jobs:"},
		&cobra.Group{ID: groupSetup, Title: "Set up:"},
		&cobra.Group{ID: groupTry, Title: "Try it out:"},
	)
	addSettingFlags(root.PersistentFlags(), globalGroups...)
	root.AddCommand(
		newRunChecksCmd(a),
		newChecksCmd(a),
		newCollectStatsCmd(a),
		newCollectErrorSamplesCmd(a),
		newImportTablesCmd(a),
		newDeleteDataCmd(a),
		newSyncCmd(a),
		newSchedulerCmd(a),
		newJobsCmd(a),
		newDoctorCmd(a),
		newConfigCmd(a),
		newSimulatorCmd(a),
		newDemoCmd(a),
		newVersionCmd(a),
	)
	root.SetHelpCommand(newHelpCmd(a))
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		a.write(func() error { return output.Print(a.Streams.Out, a.helpScreen(cmd), helpOf(cmd)) })
	})
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	refuseUnknown(a, root)
	if completes(a.Args) {
		addCompletions(a, root)
	}
	return root
}

// newGroupCmd makes a command that only holds others. Without Args and RunE a
// mistyped subcommand would print help and exit 0.
func newGroupCmd(use, short, long string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
}

// usageArgs gives a mistake in the arguments the code of a usage error, and an
// unknown subcommand the nearest right one.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if cmd.HasAvailableSubCommands() && len(args) > 0 {
			return unknownCommand(cmd, args[0])
		}
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		hint := "see: " + cmd.CommandPath() + " --help"
		_, takes, some := strings.Cut(cmd.Use, " ")
		switch {
		case !some:
			return exit.Usagef(hint, "%sit takes no arguments, and %q is one", within(cmd), args[0])
		case len(args) == 0 && strings.Contains(takes, "ID"):
			return exit.Usagef("dqoctl jobs list shows them", "%sgive the ID of a job", within(cmd))
		case len(args) == 1:
			return exit.Usagef(hint, "%sit takes %s, and 1 argument is given", within(cmd), takes)
		}
		return exit.Usagef(hint, "%sit takes %s, and %d arguments are given", within(cmd), takes, len(args))
	}
}

// within begins an error with the command that it is from, if that is not dqoctl
// as a whole.
func within(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return ""
	}
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ") + ": "
}

func unknownCommand(cmd *cobra.Command, word string) error {
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	hint := "the commands are: " + strings.Join(names, ", ")
	if !cmd.HasParent() {
		if near, ok := request.Nearest(word, topicNames()); ok {
			return exit.Usagef(fmt.Sprintf("did you mean: %s help %s", cmd.Name(), near), "unknown command %q for %q", word, cmd.CommandPath())
		}
	}
	if near, ok := request.Nearest(word, names); ok {
		hint = fmt.Sprintf("did you mean %q? See: %s --help", near, cmd.CommandPath())
	}
	return exit.Usagef(hint, "unknown command %q for %q", word, cmd.CommandPath())
}

// refuseUnknown replaces what cobra does with arguments of the commands that it
// makes itself: an unknown one would print help and be a success.
func refuseUnknown(a *App, root *cobra.Command) {
	for _, sub := range root.Commands() {
		if sub.Runnable() {
			continue
		}
		describeCompletion(sub)
		sub.Args = usageArgs(cobra.NoArgs)
		sub.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		for _, shell := range sub.Commands() {
			shell.Args = usageArgs(cobra.NoArgs)
			mendCompletion(a, shell)
		}
	}
}

// strayWord finds the mistyped command behind an unknown flag: the flags of a
// command that does not exist are unknown too.
func strayWord(cmd *cobra.Command, args []string) (string, bool) {
	if !cmd.HasAvailableSubCommands() {
		return "", false
	}
	path := strings.Fields(cmd.CommandPath())[1:]
	for _, arg := range args {
		switch {
		case strings.HasPrefix(arg, "-"):
			return "", false
		case len(path) > 0 && arg == path[0]:
			path = path[1:]
		default:
			return arg, true
		}
	}
	return "", false
}

// flagError turns what the flag parser found into a usage error with the nearest
// right name.
func flagError(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	hint := "see: " + cmd.CommandPath() + " --help"
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return exit.Usagef(hint, "--%s: %w", invalid.GetFlag().Name, causeOf(invalid))
	}
	if lacking, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return exit.Usagef(hint, "--%s: it needs a value", lacking.GetFlag().Name)
	}
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		if !cmd.HasParent() && unknown.GetSpecifiedName() == "version" {
			return exit.Usagef("did you mean: "+cmd.Name()+" version", "%w", err)
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near, ok := request.Nearest(unknown.GetSpecifiedName(), names); ok {
			hint = fmt.Sprintf("did you mean --%s? See: %s --help", near, cmd.CommandPath())
		}
	}
	return exit.Usagef(hint, "%s%w", within(cmd), err)
}

// causeOf says why a value is not taken, without the words of Go's own parsers.
func causeOf(invalid *pflag.InvalidValueError) error {
	if invalid.GetFlag().Value.Type() == "bool" {
		return fmt.Errorf("%q is neither true nor false", invalid.GetValue())
	}
	return errors.Unwrap(invalid)
}
