package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/request"
)

// startFlags are those of every command that starts a job.
type startFlags struct {
	file   string
	dryRun bool
	key    string
	adopt  string
	wait   bool
	noWait bool
	given  func(name string) bool
}

func (s *startFlags) add(flags *pflag.FlagSet) {
	flags.VarP(&once{text: &s.file}, "file", "f", "`FILE` with the request body, YAML or JSON with the API's field names; - is standard input; flags override it")
	flags.BoolVar(&s.dryRun, "dry-run", false, "print what would be sent and send nothing")
	flags.StringVar(&s.key, "key", "", "business `KEY` of the job, not a number; refused when the server already knows it")
	flags.StringVar(&s.adopt, "adopt", "", "follow the unfinished job of the key, if it is this very request, instead of starting one; `WHICH` is unfinished (default) or any: also a finished one")
	flags.Lookup("adopt").NoOptDefVal = string(follow.AdoptUnfinished)
	flags.BoolVar(&s.wait, "wait", true, "follow the job to its end")
	flags.BoolVar(&s.noWait, "no-wait", false, "print the job's id and end; follow it later with jobs wait")
	s.given = flags.Changed
}

func (s *startFlags) check() error {
	if s.given("file") && s.file == "" {
		return exit.Usagef("leave it out, or fill the variable that it comes from", "--file is empty")
	}
	if s.given("wait") && s.given("no-wait") {
		return exit.Usagef("give one of them", "--wait and --no-wait contradict each other")
	}
	if s.noWait {
		s.wait = false
	}
	if err := s.checkAdopt(); err != nil {
		return err
	}
	if s.given("key") {
		return follow.CheckKey(s.key)
	}
	return nil
}

func (s *startFlags) checkAdopt() error {
	switch {
	case !s.given("adopt"):
		return nil
	case s.adopt != string(follow.AdoptUnfinished) && s.adopt != string(follow.AdoptAny):
		return exit.Usagef("write --adopt, or --adopt=any to take a finished job too", "--adopt=%s is unknown", s.adopt)
	case !s.given("key"):
		return exit.Usagef("add --key with the key that the job was started with", "--adopt needs --key: the key names the job to follow")
	case s.dryRun:
		return exit.Usagef("leave one of them out", "--adopt and --dry-run contradict each other: whether a request would be sent depends on the server's jobs")
	}
	return nil
}

// resolve gives the settings and the body file of a command that starts a job.
func (s *startFlags) resolve(a *App, cmd *cobra.Command) (*config.Settings, *request.File, error) {
	settings, err := a.settings(cmd)
	if err != nil {
		return nil, nil, err
	}
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	file, err := a.readBody(s.file)
	return settings, file, err
}

// job is one that is to be started: its type, the parameters as its history will
// show them, and the request.
type job struct {
	kind dqops.JobType
	body any
	post poster
}

// poster sends the request that starts a job, and gives the job's id.
type poster func(ctx context.Context, c *dqops.Client, start dqops.Start) (*dqops.JobID, error)

// submission is the job to start, as the flags say.
func (p *pipeline) submission(s *startFlags, j job) follow.Submission {
	return follow.Submission{
		Type: j.kind, Body: j.body,
		Key: s.keyOrNew(), Callers: s.key != "", Adopt: follow.Adopt(s.adopt),
		Deadline: p.deadline, Told: p.progress.Line,
		Post: func(ctx context.Context, start dqops.Start) (*dqops.JobID, error) {
			return j.post(ctx, p.client, start)
		},
	}
}

func (s *startFlags) keyOrNew() string {
	if s.key != "" {
		return s.key
	}
	return follow.NewKey()
}

// unsent is a request as --dry-run prints it.
type unsent struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Body   any    `json:"body"`
}

// dryRun prints the requests that would start jobs, one for each body.
func dryRun[T any](a *App, s *config.Settings, path string, start dqops.Start, more url.Values, bodies ...T) error {
	if err := refuseIDs(s, "a dry run"); err != nil {
		return err
	}
	base, err := dqops.ParseBaseURL(s.Server)
	if err != nil {
		return exit.Usagef("", "%w", err)
	}
	query := start.Query()
	maps.Copy(query, more)
	requests := make([]unsent, len(bodies))
	for i, body := range bodies {
		requests[i] = unsent{http.MethodPost, base.String() + path + "?" + query.Encode(), body}
	}
	a.write(func() error { return printUnsent(a.Streams.Out, s.Output, requests) })
	return nil
}

func printUnsent(w io.Writer, format string, requests []unsent) error {
	if f := output.Format(format); f.IsObject() {
		if len(requests) == 1 {
			return output.Value(w, f, requests[0])
		}
		return output.Value(w, f, map[string]any{"requests": requests})
	}
	for _, r := range requests {
		if _, err := fmt.Fprintf(w, "%s %s\n", r.Method, r.URL); err != nil {
			return err
		}
		if err := output.JSON(w, r.Body); err != nil {
			return err
		}
	}
	return nil
}

// jobID is the id in the answer to a started job.
func jobID[T any](answer *dqops.QueueJobResult[T], err error) (*dqops.JobID, error) {
	if err != nil {
		return nil, err
	}
	return answer.JobID, nil
}

// once is a flag that may be given only once: the second would silently win.
type once struct {
	text  *string
	given bool
}

func (o *once) String() string {
	if o.text == nil {
		return ""
	}
	return *o.text
}

func (o *once) Set(text string) error {
	// Twice the same is no doubt, and what happens for a completion: cobra parses
	// the flags twice there.
	if o.given && text != *o.text {
		return errors.New("given more than once")
	}
	o.given, *o.text = true, text
	return nil
}

func (o *once) Type() string { return "FILE" }
