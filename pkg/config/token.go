package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

const (
	stdin         = "-"
	maxTokenBytes = 64 << 10
)

// loadToken reads the token. What is in it never becomes part of an error.
func (l *loader) loadToken() error {
	token, _ := lookup(nameToken)
	where := l.settings.origins[nameTokenFile]
	if l.Login && where.place != byFlag {
		return nil
	}
	value := l.env(token.Env)
	if value == "" || where.place == byFlag {
		if where.place == byProfile && l.isForAnother() {
			l.settings.warn(fmt.Sprintf("the token of profile %s is for %s and not sent to %s; give one with %s or --token-file",
				l.settings.Profile, l.profile[nameServer], l.settings.Server, token.Env))
			return nil
		}
		return l.readToken(where)
	}
	if where.place == byEnv {
		return exit.Configf("unset one of them", "both %s and %s are set", token.Env, where.name)
	}
	found := origin{place: byEnv, name: token.Env}
	l.warnOverridden(found)
	if err := l.settings.takeToken([]byte(value), found.String()); err != nil {
		return found.refuse(nameToken, err)
	}
	return nil
}

// isForAnother reports that the profile names another server than the one that is
// asked: its token is none of that one's business.
func (l *loader) isForAnother() bool {
	own := l.profile[nameServer]
	if own == "" || l.settings.origins[nameServer].place == byProfile {
		return false
	}
	a, errA := url.Parse(own)
	b, errB := url.Parse(l.settings.Server)
	return errA != nil || errB != nil || a.Scheme != b.Scheme || !strings.EqualFold(a.Host, b.Host)
}

// readToken reads the file of the option token-file, if there is one.
func (l *loader) readToken(where origin) error {
	file := l.settings.TokenFile
	if where.place == byEnv {
		l.warnOverridden(where)
	}
	text, source, err := l.readTokenFile(file, where)
	if err == nil && file != "" {
		err = l.settings.takeToken(text, source)
	}
	if err != nil {
		return where.refuse(nameTokenFile, err)
	}
	return nil
}

func (l *loader) readTokenFile(file string, where origin) (text []byte, source string, err error) {
	switch file {
	case "":
		return nil, "", nil
	case stdin:
		if l.Stdin == nil {
			return nil, "", errors.New("there is no standard input")
		}
		text, err = io.ReadAll(io.LimitReader(l.Stdin, maxTokenBytes+1))
		return text, "standard input (" + where.String() + ")", err
	}
	if text, err = l.ReadFile(file); err != nil {
		return nil, "", err
	}
	if info, err := os.Stat(file); err == nil && isExposed(info) {
		l.settings.warn(fmt.Sprintf("other users may read or change the token file %s: chmod 600 it", file))
	}
	return text, fmt.Sprintf("file %s (%s)", file, where), nil
}

// UseToken takes a token that the user gave in another way. The error is one of
// usage and shows nothing of it; a new warning is in Warnings.
func (s *Settings) UseToken(text []byte, source string) error {
	if err := s.takeToken(text, source); err != nil {
		return exit.Usagef("give the API key as the server made it, on one line", "the token from %s: %w", source, err)
	}
	return s.checkServer()
}

func (s *Settings) takeToken(text []byte, source string) error {
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if err := checkToken(text); err != nil {
		return err
	}
	s.Token, s.TokenSource = string(text), source
	return nil
}

func checkToken(text []byte) error {
	switch {
	case len(text) == 0:
		return errors.New("there is no token in it")
	case len(text) > maxTokenBytes:
		return errors.New("what is in it is too long for a token")
	}
	for i, c := range text {
		if c <= ' ' || c > '~' {
			return fmt.Errorf("what is in it is no token: character %d is a blank, a line break or no plain letter", i+1)
		}
	}
	return nil
}

// warnOverridden says that the environment's token is used in place of the
// profile's own.
func (l *loader) warnOverridden(by origin) {
	if l.profile[nameTokenFile] != "" {
		l.settings.warn(fmt.Sprintf("%s overrides the token of profile %s", by.name, l.settings.Profile))
	}
}
