package cmd

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/output"
)

// startFlags are those of every command that starts a job.
type startFlags struct {
	file     string
	dryRun   bool
	key      string
	keyGiven func() bool
	wait     bool
	noWait   bool
	bothWait func() bool
}

func (s *startFlags) add(flags *pflag.FlagSet) {
	flags.StringVarP(&s.file, "file", "f", "", "request body in YAML or JSON with the API's field names; - is standard input; flags override it")
	flags.BoolVar(&s.dryRun, "dry-run", false, "print what would be sent and send nothing")
	flags.StringVar(&s.key, "key", "", "business key of the job, not a number; refused when the server already knows it")
	flags.BoolVar(&s.wait, "wait", true, "follow the job to its end")
	flags.BoolVar(&s.noWait, "no-wait", false, "print the job's id and end; follow it later with jobs wait")
	s.keyGiven = func() bool { return flags.Changed("key") }
	s.bothWait = func() bool { return flags.Changed("wait") && flags.Changed("no-wait") }
}

func (s *startFlags) check() error {
	if s.bothWait() {
		return exit.Usagef("give one of them", "--wait and --no-wait contradict each other")
	}
	if s.noWait {
		s.wait = false
	}
	if s.keyGiven() {
		return follow.CheckKey(s.key)
	}
	return nil
}

func (s *startFlags) keyOrNew() string {
	if s.key != "" {
		return s.key
	}
	return follow.NewKey()
}

// dryRun prints the request that would start a job.
func (a *App) dryRun(s *config.Settings, path, key string, body any) error {
	base, err := dqops.ParseBaseURL(s.Server)
	if err != nil {
		return exit.Usagef("", "%w", err)
	}
	url := base.String() + path + "?" + dqops.Start{BusinessKey: key}.Query()
	request := struct {
		Method string `json:"method"`
		URL    string `json:"url"`
		Body   any    `json:"body"`
	}{"POST", url, body}
	a.write(func() error {
		if s.Output == string(output.FormatJSON) {
			return output.JSON(a.Streams.Out, request)
		}
		if _, err := fmt.Fprintf(a.Streams.Out, "%s %s\n", request.Method, request.URL); err != nil {
			return err
		}
		return output.JSON(a.Streams.Out, body)
	})
	return nil
}
