package cmd

import (
	"bytes"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// change replaces what stands in a script of cobra's from one text up to another.
type change struct{ from, to, ours string }

// bashChanges: bash puts the beginning that several candidates have in common on
// the command line as it is. Cobra's are not escaped: a blank in a name would end
// the word, and a name with $(...) in it, which comes from the server, would be run
// by the next Tab or Enter.
var bashChanges = []change{{
	from: "    # Short circuit to optimize if we don't have descriptions\n",
	to:   "\n__dqoctl_handle_special_char()\n",
	ours: `    local longest=0
    local compline comp
    while IFS='' read -r compline; do
        [[ -z $compline ]] && continue
        printf -v comp "%q" "${compline%%$tab*}"
        comp=${comp//\\,/,} # it means nothing to the shell, and lists have it
        [[ $comp == "$cur"* ]] || continue
        # Escaped, and the description after it
        COMPREPLY+=("$comp${compline#"${compline%%$tab*}"}")
        if ((${#comp}>longest)); then
            longest=${#comp}
        fi
    done < <(printf "%s\n" "${completions[@]}")

    if ((${#COMPREPLY[*]} == 1)); then
        COMPREPLY[0]=${COMPREPLY[0]%%$tab*}
    else
        __dqoctl_format_comp_descriptions $longest
    fi
}
`,
}}

// fishChanges: cobra's script runs the words before the last one without their
// escapes, so that a blank splits one and $(...) is obeyed, and escapes those of
// the last one again, so that nothing begins so.
var fishChanges = []change{{
	from: "    set -l args (commandline -opc)\n",
	to:   "\n    __dqoctl_debug \"args: $args\"\n",
	ours: `    set -l args (string escape -- (commandline -opc))
    # The last one as it is meant, or as it stands there while a quote is open
    set -l lastArg (string unescape -- (commandline -ct); or commandline -ct)
    set lastArg (string escape -- "$lastArg")
`,
}}

// BashCompletion writes the script for bash.
func BashCompletion(root *cobra.Command, w io.Writer, descriptions bool) error {
	return mended(w, bashChanges, func(w io.Writer) error { return root.GenBashCompletionV2(w, descriptions) })
}

// FishCompletion writes the script for fish.
func FishCompletion(root *cobra.Command, w io.Writer, descriptions bool) error {
	return mended(w, fishChanges, func(w io.Writer) error { return root.GenFishCompletion(w, descriptions) })
}

func mended(w io.Writer, changes []change, generate func(io.Writer) error) error {
	var b bytes.Buffer
	if err := generate(&b); err != nil {
		return err
	}
	script := b.String()
	for _, c := range changes {
		before, rest, begins := strings.Cut(script, c.from)
		_, after, ends := strings.Cut(rest, c.to)
		if !begins || !ends {
			return exit.Internalf("the library writes another script than the one that is mended here")
		}
		script = before + c.ours + c.to + after
	}
	_, err := io.WriteString(w, script)
	return err
}

// describeCompletion says what the script is for, and that names come from the
// server, which the library does not know.
func describeCompletion(completion *cobra.Command) {
	completion.Short = "Print the script that completes commands in a shell"
	completion.Long = `Print the script with which a shell completes commands, flags and their values:
also the connections, tables and jobs that the server knows.

The help of the command for your shell says how to load it.`
	for _, shell := range completion.Commands() {
		shell.Short = "Print the script for " + shell.Name()
	}
}

// mendCompletion lets the commands that cobra made print our scripts.
func mendCompletion(a *App, shell *cobra.Command) {
	scripts := map[string]func(*cobra.Command, io.Writer, bool) error{"bash": BashCompletion, "fish": FishCompletion}
	script, ours := scripts[shell.Name()]
	if !ours {
		return
	}
	shell.RunE = func(cmd *cobra.Command, _ []string) error {
		without, err := cmd.Flags().GetBool("no-descriptions")
		if err != nil {
			return exit.Internalf("completion %s: %w", cmd.Name(), err)
		}
		return script(cmd.Root(), a.Streams.Out, !without)
	}
}
