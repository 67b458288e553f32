package cmd

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// completionTime bounds what a completion asks the server: somebody who pressed
// Tab waits for it.
const completionTime = 900 * time.Millisecond

// completing is one press of Tab.
type completing struct {
	app   *App // prints nothing
	cmd   *cobra.Command
	args  []string // those before the word
	flag  *pflag.Flag
	typed string // of the word, so far
}

// candidate is what the word may become.
type candidate struct{ value, about string }

// completer finds candidates. What cannot be had is not worth a word: an error
// ends in no candidates.
type completer func(ctx context.Context, c *completing) ([]candidate, error)

// completes reports that the command line comes from a shell's completion.
func completes(args []string) bool {
	return len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
}

// addCompletions tells every flag and argument what it may become. It is for the
// shells' requests only, so that no other start pays for it.
func addCompletions(a *App, cmd *cobra.Command) {
	cmd.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	add := func(f *pflag.Flag) {
		if complete := completionOf(a, f); complete != nil {
			// It fails for a flag that has one already.
			_ = cmd.RegisterFlagCompletionFunc(f.Name, complete)
		}
	}
	cmd.PersistentFlags().VisitAll(add)
	cmd.LocalNonPersistentFlags().VisitAll(add)
	if find, known := argumentCompleters[argumentOf(cmd)]; known {
		cmd.ValidArgsFunction = a.completion(nil, find)
	}
	for _, sub := range cmd.Commands() {
		addCompletions(a, sub)
	}
}

// completionOf is nil for a flag whose value nobody can guess.
func completionOf(a *App, f *pflag.Flag) cobra.CompletionFunc {
	if find := wordsCompleter(f); find != nil {
		return a.completion(f, find)
	}
	if find, known := flagCompleters[f.Name]; known {
		return a.completion(f, find)
	}
	if placeholderOf(f) == "FILE" {
		return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		}
	}
	return nil
}

// argumentOf is the name of a command's last argument in its usage line: ID of
// "wait ID...".
func argumentOf(cmd *cobra.Command) string {
	words := strings.Fields(cmd.Use)
	if len(words) < 2 {
		return ""
	}
	return strings.Trim(words[len(words)-1], "[].")
}

func placeholderOf(f *pflag.Flag) string {
	name, _ := pflag.UnquoteUsage(f)
	return name
}

// completion makes of a completer what cobra calls: bounded in time, and silent.
func (a *App) completion(f *pflag.Flag, find completer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, stop := context.WithTimeout(cmd.Context(), completionTime)
		defer stop()
		found, err := find(ctx, &completing{app: a.silent(), cmd: cmd, args: args, flag: f, typed: typed})
		if cut, ok := err.(*tooMany); ok { //nolint:errorlint // it is made in this package and never wrapped
			return cobra.AppendActiveHelp(nil, cut.Error()), cobra.ShellCompDirectiveNoFileComp
		}
		if offers := offered(found, typed); err == nil && len(offers) > 0 {
			return offers, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// silent is the app for a completion: what it says would stand in the middle of
// the command line.
func (a *App) silent() *App {
	return &App{Streams: iostreams.Pipes(strings.NewReader(""), io.Discard, io.Discard, a.Env), Env: a.Env}
}

// offered are the candidates that begin as typed, each once. A name that the
// protocol of the shells cannot carry is left out.
func offered(found []candidate, typed string) []cobra.Completion {
	var completions []cobra.Completion
	seen := make(map[string]bool)
	for _, c := range found {
		if seen[c.value] || !strings.HasPrefix(c.value, typed) || !carried(c.value) {
			continue
		}
		seen[c.value] = true
		text := c.value
		if c.about != "" {
			text = cobra.CompletionWithDesc(c.value, iostreams.Clean(c.about))
		}
		completions = append(completions, text)
	}
	return completions
}

func carried(value string) bool {
	return value != "" && strings.TrimSpace(value) == value && !strings.ContainsFunc(value, unicode.IsControl) &&
		value == iostreams.Clean(value)
}

// given are the values of a flag, nil when it was not given.
func (c *completing) given(name string) []string {
	f := c.cmd.Flag(name)
	if f == nil || !f.Changed {
		return nil
	}
	if several, ok := f.Value.(pflag.SliceValue); ok {
		return several.GetSlice()
	}
	return []string{f.Value.String()}
}

// one is the value of a flag that takes one, "" when it was not given.
func (c *completing) one(name string) string {
	return strings.Join(c.given(name), "")
}

// without leaves out what already stands on the command line.
func without(found []candidate, given []string) []candidate {
	return slices.DeleteFunc(found, func(c candidate) bool { return slices.Contains(given, c.value) })
}
