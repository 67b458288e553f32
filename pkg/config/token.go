package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

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
	value := l.env(token.Env)
	if value == "" || where.place == byFlag {
		return l.readToken(where)
	}
	if where.place == byEnv {
		return exit.Configf("unset one of them", "both %s and %s are set", token.Env, where.name)
	}
	found := origin{place: byEnv, name: token.Env}
	l.warnOverridden(found)
	if err := l.takeToken([]byte(value), found.String()); err != nil {
		return found.refuse(nameToken, err)
	}
	return nil
}

// readToken reads the file of the option token-file, if there is one.
func (l *loader) readToken(where origin) error {
	file := l.settings.TokenFile
	if where.place == byEnv {
		l.warnOverridden(where)
	}
	text, source, err := l.readTokenFile(file, where)
	if err == nil && file != "" {
		err = l.takeToken(text, source)
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
		l.warn(fmt.Sprintf("other users may read or change the token file %s: chmod 600 it", file))
	}
	return text, fmt.Sprintf("file %s (%s)", file, where), nil
}

func (l *loader) takeToken(text []byte, source string) error {
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if err := checkToken(text); err != nil {
		return err
	}
	l.settings.Token, l.settings.TokenSource = string(text), source
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
		l.warn(fmt.Sprintf("%s overrides the token of profile %s", by.name, l.settings.Profile))
	}
}
