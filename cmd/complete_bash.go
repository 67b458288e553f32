package cmd

import (
	"bytes"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// What cobra's script does with candidates, from here to there, and what ours does
// instead. Bash puts the beginning that several candidates have in common on the
// command line as it is. Cobra's are not escaped: a blank in a name would end the
// word, and a name with $(...) in it, which comes from the server, would be run by
// the next Tab or Enter.
const (
	bashFrom = "    # Short circuit to optimize if we don't have descriptions\n"
	bashTo   = "\n__dqoctl_handle_special_char()\n"
	bashOurs = `    local longest=0
    local compline comp
    while IFS='' read -r compline; do
        [[ -z $compline ]] && continue
        printf -v comp "%q" "${compline%%$tab*}"
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
`
)

// BashCompletion writes the script for bash.
func BashCompletion(root *cobra.Command, w io.Writer, descriptions bool) error {
	var b bytes.Buffer
	if err := root.GenBashCompletionV2(&b, descriptions); err != nil {
		return err
	}
	before, rest, begins := strings.Cut(b.String(), bashFrom)
	_, after, ends := strings.Cut(rest, bashTo)
	if !begins || !ends {
		return exit.Internalf("the library writes another script for bash than the one that is mended here")
	}
	_, err := io.WriteString(w, before+bashOurs+bashTo+after)
	return err
}

// mendBashCompletion lets the command that cobra made print our script.
func mendBashCompletion(a *App, bash *cobra.Command) {
	bash.RunE = func(cmd *cobra.Command, _ []string) error {
		without, err := cmd.Flags().GetBool("no-descriptions")
		if err != nil {
			return exit.Internalf("completion bash: %w", err)
		}
		return BashCompletion(cmd.Root(), a.Streams.Out, !without)
	}
}
