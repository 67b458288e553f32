package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

// Set by the linker in released binaries; otherwise the build information that
// Go itself records is used.
var (
	version = ""
	commit  = ""
	date    = ""
)

// buildInfo is what dqoctl knows of its own making.
type buildInfo struct {
	Version      string `json:"version"`
	Commit       string `json:"commit,omitempty"`
	Date         string `json:"date,omitempty"`
	Go           string `json:"go"`
	Platform     string `json:"platform"`
	TestedServer string `json:"testedServer"`
}

func readBuildInfo() buildInfo {
	b := buildInfo{
		Version: version, Commit: commit, Date: date, Go: runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH, TestedServer: verdict.TestedServer,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	if b.Version == "" {
		// A module's version has a v before it, a release has none.
		b.Version = strings.TrimPrefix(info.Main.Version, "v")
	}
	if b.Version == "" || b.Version == "(devel)" {
		b.Version = "devel"
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && b.Commit == "":
			b.Commit = s.Value
		case s.Key == "vcs.time" && b.Date == "":
			b.Date = s.Value
		}
	}
	return b
}

func newVersionCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of dqoctl",
		Long:    "Print the version of dqoctl, how it was built, and the DQOps version it was tested with.",
		Example: "  dqoctl version\n  dqoctl version -o json",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			// No settings: it must work with a broken configuration, too.
			if err := checkRawFormat(cmd); err != nil {
				return err
			}
			return runVersion(a)
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML)
	return cmd
}

func runVersion(a *App) error {
	b := readBuildInfo()
	a.write(func() error {
		if f := a.format(); f.IsObject() {
			return output.Value(a.Streams.Out, f, b)
		}
		_, err := fmt.Fprintf(a.Streams.Out, "dqoctl %s (%s, %s), tested with DQOps %s\n", b.Version, b.Platform, b.Go, b.TestedServer)
		return err
	})
	return nil
}
