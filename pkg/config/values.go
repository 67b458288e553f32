package config

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// assign reads the text of one option into its field.
func (l *loader) assign(o Option, text string) error {
	where := l.settings.origins[o.Name]
	if err := l.parse(o, text, where); err != nil {
		return where.refuse(o.Name, err)
	}
	return nil
}

// parse is assign for a value that may come from somewhere else.
func (l *loader) parse(o Option, text string, where origin) error {
	var err error
	switch field := o.field(l.settings).(type) {
	case *bool:
		*field, err = parseBool(text)
	case *time.Duration:
		*field, err = ParseDuration(text)
		if err == nil && o.positive && *field == 0 {
			err = fmt.Errorf("%q must be more than 0", text)
		}
	case *[]string:
		*field, err = parseWords(text)
	case *string:
		*field, err = l.parseText(o, text, where)
	default:
		return exit.Internalf("option %s has a field of type %T", o.Name, field)
	}
	return err
}

func (l *loader) parseText(o Option, text string, where origin) (string, error) {
	switch o.Kind {
	case KindString:
		if o.check != nil {
			return text, o.check(text)
		}
	case KindEnum:
		if !slices.Contains(o.Values, text) {
			return "", &wordError{text, o.Values}
		}
	case KindURL:
		_, err := parseServer(text)
		return text, err
	case KindPath:
		return l.expand(text, where)
	default:
	}
	return text, nil
}

// refuse makes the error for a bad value: of a flag it is a usage error.
func (o origin) refuse(name string, cause error) error {
	cause = about(o.subject(name), cause)
	if o.place == byFlag {
		return exit.Usagef("", "%w", cause)
	}
	return exit.Configf("", "%w", cause)
}

// subject names the option and where its value is from.
func (o origin) subject(name string) string {
	switch {
	case o.place == byFlag:
		return "--" + name
	case o.at.line > 0:
		return fmt.Sprintf("%s from %s, %s,", name, o, o.at)
	}
	return fmt.Sprintf("%s from %s", name, o)
}

// wordError is a word that an option does not know, in the form that bodies have
// for it: the name of the option goes before it as its subject.
type wordError struct {
	word  string
	known []string
}

func (e *wordError) Error() string {
	did := ""
	if near := nearest(e.word, e.known); near != "" {
		did = fmt.Sprintf("; did you mean %s?", near)
	}
	return fmt.Sprintf("is %q, not one of %s%s", e.word, strings.Join(e.known, ", "), did)
}

// about puts what an error is about before it.
func about(subject string, cause error) error {
	if _, goesOn := errors.AsType[*wordError](cause); goesOn {
		return fmt.Errorf("%s %w", subject, cause)
	}
	return fmt.Errorf("%s: %w", strings.TrimSuffix(subject, ","), cause)
}

func parseWords(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	words := strings.Split(text, ",")
	for i, word := range words {
		if words[i] = strings.TrimSpace(word); words[i] == "" {
			return nil, fmt.Errorf("%q has an empty word", text)
		}
	}
	return words, nil
}

func parseBool(text string) (bool, error) {
	value, err := strconv.ParseBool(text)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", text)
	}
	return value, nil
}

// parseServer reads the address of a server. Its errors show nothing of an
// address that may hold a password.
func parseServer(text string) (*url.URL, error) {
	const form = "use for example http://localhost:8888"
	u, err := url.Parse(text)
	switch {
	case err != nil && !strings.ContainsAny(text, "@?#"):
		return nil, fmt.Errorf("%q is not an address: %s", text, form)
	case err != nil, u.User == nil && strings.Contains(text, "@"):
		return nil, errors.New("not an address: " + form)
	case u.User != nil:
		return nil, errors.New("an address must not hold a user or a password: the token has its own option")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("an address must not have a query or a fragment: " + form)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q does not start with http:// or https://: %s", text, form)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%q has no host: %s", text, form)
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Errorf("%q has no valid port: %s", text, form)
		}
	}
	return u, nil
}

// checkDomain refuses what the cookie that selects a data domain cannot hold.
func checkDomain(text string) error {
	if (&http.Cookie{Name: "domain", Value: text}).Valid() != nil {
		return fmt.Errorf("%q cannot be sent: it contains characters that no cookie may have", text)
	}
	return nil
}

func (l *loader) checkServer() error { return l.settings.checkServer() }

// checkServer refuses or warns of a server that would see the token in clear.
func (s *Settings) checkServer() error {
	u, err := parseServer(s.Server)
	if err != nil {
		return exit.Internalf("the server's address was not checked: %w", err)
	}
	if u.Scheme == "https" || isLoopback(u.Hostname()) {
		return nil
	}
	if s.RequireHTTPS {
		return s.origins[nameServer].refuse(nameServer,
			fmt.Errorf("%s is without TLS, and %s (%s) does not allow it", s.Server, nameRequireHTTPS, s.Origin(nameRequireHTTPS)))
	}
	if s.Token != "" {
		s.warn("the token is sent to " + u.Host + " without TLS: anyone between can read it; use an https:// address")
	}
	return nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}
