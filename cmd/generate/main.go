// Command generate writes what is derived from the commands themselves: the
// reference in docs/reference and the man pages in docs/man, a page a command, and
// the completions, a script a shell. Run it with go generate; its argument is the
// project's folder.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

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
	for _, part := range []struct {
		path  string
		write func(root *cobra.Command, folder string) error
	}{
		{"docs/reference", doc.GenMarkdownTree},
		{"docs/man", func(_ *cobra.Command, folder string) error { return manPages(plain(cmd.Reference()), folder) }},
		{"completions", completions},
	} {
		path := filepath.Join(folder, filepath.FromSlash(part.path))
		if err := remake(path); err != nil {
			return err
		}
		if err := part.write(root, path); err != nil {
			return fmt.Errorf("write %s: %w", part.path, err)
		}
	}
	return nil
}

// plain keeps the stars of the texts, which are Markdown to the library that makes
// man pages: *mid* would lose them.
func plain(root *cobra.Command) *cobra.Command {
	keep := func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "*", `\*`) }
	root.Long = strings.ReplaceAll(root.Long, "*", `\*`)
	root.PersistentFlags().VisitAll(keep)
	root.LocalNonPersistentFlags().VisitAll(keep)
	for _, sub := range root.Commands() {
		plain(sub)
	}
	return root
}

// manPages writes a page a command. They have no date: the day on which they are
// made would make them differ.
func manPages(root *cobra.Command, folder string) error {
	var undated time.Time
	header := doc.GenManHeader{Section: "1", Source: "dqoctl", Manual: "dqoctl manual", Date: &undated}
	var b bytes.Buffer
	if err := doc.GenMan(root, &header, &b); err != nil {
		return err
	}
	page := bytes.Replace(b.Bytes(), []byte(undated.Format(`"Jan 2006"`)), []byte(`""`), 1)
	name := strings.ReplaceAll(root.CommandPath(), " ", "-") + ".1"
	if err := os.WriteFile(filepath.Join(folder, name), page, 0o644); err != nil {
		return err
	}
	for _, sub := range root.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			if err := manPages(sub, folder); err != nil {
				return err
			}
		}
	}
	return nil
}

func completions(root *cobra.Command, folder string) error {
	for name, script := range map[string]func(io.Writer) error{
		"dqoctl.bash": func(w io.Writer) error { return cmd.BashCompletion(root, w, true) },
		"dqoctl.zsh":  root.GenZshCompletion,
		"dqoctl.fish": func(w io.Writer) error { return cmd.FishCompletion(root, w, true) },
		"dqoctl.ps1":  root.GenPowerShellCompletionWithDesc,
	} {
		var b bytes.Buffer
		if err := script(&b); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o644); err != nil {
			return err
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
