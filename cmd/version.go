package cmd

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/exit"
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
		b.Version = info.Main.Version
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
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of dqoctl",
		Long:    "Print the version of dqoctl, how it was built, and the DQOps version it was tested with.",
		Example: "  dqoctl version\n  dqoctl version -o json",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			// No settings: it must work with a broken configuration, too.
			form := cmd.Flag("output")
			if text := form.Value.String(); form.Changed && text != string(output.FormatTable) && text != string(output.FormatJSON) {
				return exit.Usagef("", "--output: the version is printed as table or json, not as %q", text)
			}
			return runVersion(a)
		},
	}
}

func runVersion(a *App) error {
	b := readBuildInfo()
	a.write(func() error {
		if a.wantsJSON() {
			return output.JSON(a.Streams.Out, b)
		}
		_, err := fmt.Fprintf(a.Streams.Out, "dqoctl %s (%s, %s), tested with DQOps %s\n", b.Version, b.Platform, b.Go, b.TestedServer)
		return err
	})
	return nil
}
