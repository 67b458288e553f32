package cmd

import (
	"crypto/tls"
	"crypto/x509"
	"os"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/dqops"
	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/follow"
)

// connect makes the client that the settings describe; it does not contact the
// server.
func (a *App) connect(s *config.Settings) (*dqops.Client, error) {
	secure, err := tlsConfig(s)
	if err != nil {
		return nil, err
	}
	if s.InsecureSkipVerify {
		a.inform("warning: --insecure-skip-verify is on: anyone between here and the server can read the token and change the answers")
	}
	o := dqops.Options{
		BaseURL:        s.Server,
		Token:          s.Token,
		DataDomain:     s.DataDomain,
		UserAgent:      "dqoctl/" + readBuildInfo().Version,
		ConnectTimeout: s.ConnectTimeout,
		TLS:            secure,
	}
	if s.Debug {
		o.Trace = a.trace
	}
	client, err := dqops.New(o)
	if err != nil {
		return nil, exit.Usagef("for example --server "+dqops.DefaultURL, "%w (from %s)", err, s.Origin("server"))
	}
	return client, nil
}

// steady is the server for a command that reads and follows nothing.
func (a *App) steady(s *config.Settings, client *dqops.Client) *follow.Steady {
	told := func(err error) { a.inform(err.Error() + "; asking again") }
	if s.Quiet {
		told = nil
	}
	return &follow.Steady{Lister: client, Told: told}
}

func tlsConfig(s *config.Settings) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: s.InsecureSkipVerify} //nolint:gosec // the user's explicit choice, warned of on every run
	if s.CACert != "" {
		pem, err := os.ReadFile(s.CACert)
		if err != nil {
			return nil, exit.Configf("", "read the certificate authority: %w", err)
		}
		c.RootCAs, err = x509.SystemCertPool()
		if err != nil {
			c.RootCAs = x509.NewCertPool()
		}
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, exit.Configf("it must hold certificates in PEM form", "the file %s of --ca-cert holds no certificate", s.CACert)
		}
	}
	if (s.ClientCert == "") != (s.ClientKey == "") {
		return nil, exit.Usagef("give both", "--client-cert and --client-key belong together")
	}
	if s.ClientCert != "" {
		pair, err := tls.LoadX509KeyPair(s.ClientCert, s.ClientKey)
		if err != nil {
			return nil, exit.Configf("both must be PEM files that belong together", "load the client certificate: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
