package cmd

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// Reference gives the whole tree of commands, for writing documents and
// completions from it; its commands must not be run.
func Reference() *cobra.Command {
	none := func(string) (string, bool) { return "", false }
	root := newRootCmd(&App{Streams: iostreams.Pipes(strings.NewReader(""), io.Discard, io.Discard, none), Env: none})
	root.DisableAutoGenTag = true
	return root
}
