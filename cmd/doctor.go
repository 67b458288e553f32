package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/doctor"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/output"
	"github.com/dqoctl/dqoctl/pkg/progress"
	"github.com/dqoctl/dqoctl/pkg/verdict"
)

type doctorOptions struct {
	app       *App
	settings  *config.Settings
	waitReady time.Duration
}

func newDoctorCmd(a *App) *cobra.Command {
	o := &doctorOptions{app: a}
	var waitReady *string
	cmd := &cobra.Command{
		Use:     "doctor",
		Short:   "Check the way to the server, who you are there and what you may do",
		GroupID: groupSetup,
		Long: `Check the way to the server, who you are there and what you may do: the configuration,
the server's name, the connection, TLS, proxies, whether it is DQOps and up, the token,
the user, the licence, rights, the data domain, the clock, the scheduler.

Each is ok, a warning, a failure or skipped. The exit code is that of the first failure;
warnings are no failures. Nothing is changed on the server.`,
		Example: `  dqoctl doctor
  dqoctl doctor --wait-ready 5m
  dqoctl doctor --profile prod -o json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if waitReady != nil {
				if o.waitReady, err = config.ParseDuration(*waitReady); err != nil {
					return exit.Usagef("", "--wait-ready: %w", err)
				}
			}
			o.settings, err = a.settings(cmd)
			if problem, ok := errors.AsType[*exit.Error](err); ok && problem.Outcome == exit.Config {
				return o.report(doctor.Broken(problem))
			}
			if err != nil {
				return err
			}
			return runDoctor(cmd.Context(), o)
		},
	}
	textFlag(cmd.Flags(), &waitReady, "wait-ready", "", "DUR", "first wait so long for a server that is starting (5m)")
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML)
	return cmd
}

func runDoctor(ctx context.Context, o *doctorOptions) error {
	a := o.app
	secure, err := tlsConfig(o.settings)
	if problem, ok := errors.AsType[*exit.Error](err); ok && problem.Outcome == exit.Config {
		return o.report(doctor.Broken(problem))
	}
	if err != nil {
		return err
	}
	client, err := a.connect(o.settings)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	shown := progress.New(a.Streams, o.settings.Quiet)
	defer shown.Stop()
	d := &doctor.Doctor{
		Settings: o.settings, Client: client, TLS: secure,
		Explain: func(err error) (exit.Outcome, string) { return verdict.OutcomeOf(err), verdict.Explain(err).Hint },
		Waiting: func(why string) { shown.Update(progress.State{Status: "waiting for the server", Note: why}) },
	}
	report, err := d.Examine(ctx, o.waitReady)
	shown.Stop()
	if err != nil {
		return err
	}
	return o.report(report)
}

// doctorResult has the first failure in the form that all failed commands have.
type doctorResult struct {
	*doctor.Report

	Error *verdict.Problem `json:"error,omitempty"`
}

func (o *doctorOptions) report(r *doctor.Report) error {
	a := o.app
	failed := r.Failed()
	if f := a.format(); f.IsObject() {
		result := doctorResult{Report: r}
		if failed != nil {
			result.Error = &verdict.Problem{Message: failed.Message, Hint: failed.Hint}
			a.complain(*result.Error)
		}
		a.write(func() error { return output.Value(a.Streams.Out, f, result) })
	} else {
		a.write(func() error { return output.Print(a.Streams.Out, screenOf(a.Streams), diagnosis(r)) })
	}
	if failed == nil {
		return nil
	}
	return &reported{r.Outcome}
}

func diagnosis(r *doctor.Report) output.Document {
	document := output.Document{Mark: "✓", Tone: output.Good, Headline: diagnosisHeadline(r)}
	switch {
	case r.Failed() != nil:
		document.Mark, document.Tone = "✗", output.Bad
	case r.Count(doctor.Warning) > 0:
		document.Mark, document.Tone = "!", output.Doubtful
	}
	var marks output.Marks
	var unseen []string
	for _, c := range r.Checks {
		if c.Message == doctor.NotReached {
			unseen = append(unseen, c.Name)
			continue
		}
		mark := output.Marked{Name: c.Name, Text: c.Message, Note: c.Hint}
		switch c.Status {
		case doctor.OK:
			mark.Mark, mark.Tone = "✓", output.Good
		case doctor.Warning:
			mark.Mark, mark.Tone = "!", output.Doubtful
		case doctor.Failure:
			mark.Mark, mark.Tone = "✗", output.Bad
		case doctor.Skipped:
			mark.Mark, mark.Tone = "-", output.Faint
		}
		marks = append(marks, mark)
	}
	if len(unseen) > 0 {
		marks = append(marks, output.Marked{Mark: "-", Tone: output.Faint, Name: "others", Text: doctor.NotReached + ": " + strings.Join(unseen, ", ")})
	}
	document.Blocks = []output.Block{marks}
	return document
}

func diagnosisHeadline(r *doctor.Report) string {
	var parts []string
	for _, s := range []doctor.Status{doctor.Failure, doctor.Warning, doctor.OK, doctor.Skipped} {
		if n := r.Count(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, countWord(s, n)))
		}
	}
	text := strings.Join(parts, ", ")
	if r.Server != "" {
		text = r.Server + ": " + text
	}
	if failed := r.Failed(); failed != nil {
		text += fmt.Sprintf(" (exit code %d: %s)", r.ExitCode, failed.Name)
	}
	return iostreams.Clean(text)
}

func countWord(s doctor.Status, n int) string {
	if n > 1 && (s == doctor.Warning || s == doctor.Failure) {
		return string(s) + "s"
	}
	return string(s)
}
