package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
	"github.com/dqoctl/dqoctl/pkg/output"
)

type configLoginOptions struct {
	app      *App
	source   config.Source
	settings *config.Settings
}

func newConfigLoginCmd(a *App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Store the API token of a server",
		Long: `Store the API token of a server for a profile, which is made if need be.

The token is typed at a prompt that does not show it, or read from standard input or the
file of --token-file. It is checked against the server before anything is written: a
server that cannot be reached or does not take it changes nothing. Then it stands in a
file of its own, beside the configuration file, that only this user can read; the profile
names that file and the server that took the token.`,
		Example: `  dqoctl config login --server https://dqops.example.test
  dqoctl config login --profile prod --token-file /run/secrets/dqops-token
  dqoctl config login --profile prod --token-file - <dqops-token`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := &configLoginOptions{app: a, source: a.source(cmd)}
			var err error
			o.settings, err = a.settingsBy(cmd, func(from config.Source) (*config.Settings, error) {
				from.Login = true
				return config.Load(from)
			})
			if err != nil {
				return err
			}
			return runConfigLogin(cmd.Context(), o)
		},
	}
	printsIn(cmd, output.FormatTable, output.FormatJSON, output.FormatYAML)
	return cmd
}

// notTaken says why the token is not stored. A server that refuses it has no use
// for the general advice, which is to log in.
func notTaken(err error) error {
	refused, ok := errors.AsType[*dqops.UnauthorizedError](err)
	if !ok || refused.Status != http.StatusUnauthorized {
		return fmt.Errorf("check the token, nothing was written: %w", err)
	}
	return &exit.Error{
		Outcome: exit.Unauthorized, Err: err,
		Message: "the server does not accept this token (HTTP 401); nothing was written",
		Hint:    "give an API key that the server knows; where it asks for none, no login is needed, and any other key is refused",
	}
}

func runConfigLogin(ctx context.Context, o *configLoginOptions) error {
	a, s := o.app, o.settings
	if s.Token == "" {
		text, source, err := a.readToken(ctx, s)
		if err != nil {
			return err
		}
		said := len(s.Warnings)
		if err := s.UseToken(text, source); err != nil {
			return err
		}
		a.warn(s.Warnings[said:])
	}
	client, err := a.connect(s)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	if _, err := client.GetAllJobs(ctx); err != nil {
		return notTaken(err)
	}
	done, err := config.SaveLogin(ctx, o.source, s)
	if err != nil {
		return err
	}
	a.printChange(done, fmt.Sprintf("%s takes the token; it is in %s (%s)", done.Server, done.TokenFile, changedText(&done.Change)))
	for _, name := range []string{"DQOCTL_TOKEN", "DQOCTL_TOKEN_FILE"} {
		if value, set := a.Env(name); set && value != "" {
			a.warn([]string{"the environment " + name + " overrides it as long as it is set"})
		}
	}
	return nil
}

// maxTokenInput is more than any token has.
const maxTokenInput = 1 << 20

// readToken asks for the token, or reads what is piped in.
func (a *App) readToken(ctx context.Context, s *config.Settings) (text []byte, source string, err error) {
	if !a.Streams.InIsTerminal() {
		text, err = io.ReadAll(io.LimitReader(a.Streams.In, maxTokenInput))
		if err != nil {
			return nil, "", fmt.Errorf("read the token from standard input: %w", err)
		}
		return text, "standard input", nil
	}
	if s.NoInput || !a.Streams.ErrIsTerminal() {
		return nil, "", exit.Usagef("pipe it in, or name its file with --token-file", "there is no token, and nobody to be asked for it")
	}
	prompt := output.Wrap(iostreams.Clean(fmt.Sprintf("API token for %s (not shown):", s.Server)), a.Streams.ErrWidth()-1)
	typed, err := a.Streams.ReadSecret(ctx, strings.Join(prompt, "\n")+" ")
	if errors.Is(err, io.EOF) {
		err = exit.Usagef("nothing was written", "no token was typed")
	}
	return []byte(typed), "the prompt", err
}
