// Command generate writes what is derived from the commands themselves: the
// reference in docs/reference, a page a command, and the completions, a script a
// shell. Run it with go generate; its argument is the project's folder.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/dqoctl/dqoctl/cmd"
)

func main() {
	folder := "."
	if len(os.Args) > 1 {
		folder = os.Args[1]
	}
	if err := generate(cmd.Reference(), folder); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(root *cobra.Command, folder string) error {
	reference := filepath.Join(folder, "docs", "reference")
	if err := remake(reference); err != nil {
		return err
	}
	if err := doc.GenMarkdownTree(root, reference); err != nil {
		return fmt.Errorf("write the reference: %w", err)
	}
	completions := filepath.Join(folder, "completions")
	if err := remake(completions); err != nil {
		return err
	}
	for name, script := range map[string]func(io.Writer) error{
		"dqoctl.bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"dqoctl.zsh":  root.GenZshCompletion,
		"dqoctl.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"dqoctl.ps1":  root.GenPowerShellCompletionWithDesc,
	} {
		var b bytes.Buffer
		if err := script(&b); err != nil {
			return fmt.Errorf("write the completion %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(completions, name), b.Bytes(), 0o644); err != nil {
			return fmt.Errorf("write the completion: %w", err)
		}
	}
	return nil
}

// remake empties a folder, so that the page of a command that is gone goes too.
func remake(folder string) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("empty the folder: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	return nil
}
