// Package config resolves the settings of a command: flag, environment, profile,
// default, in this order. One table says which settings there are. It is internal
// to dqoctl and may change without notice.
package config

import (
	"io"
	"time"
)

// Source is where settings come from.
type Source struct {
	// Flags holds the text of those flags that were given.
	Flags map[string]string
	// Env looks up a variable of the environment; nil is an empty one. A variable
	// with an empty value counts as not set.
	Env func(name string) (value string, ok bool)
	// ReadFile reads the configuration and the token file; nil reads at
	// most 1 MiB from the disk.
	ReadFile func(path string) ([]byte, error)
	// Stdin is read for --token-file -.
	Stdin io.Reader
	// OS is the system by Go's name for it; empty is this one.
	OS string
	// Environ lists the variables of the environment as NAME=VALUE, for View only.
	Environ func() []string
	// Login is for a command that brings a token of its own: only that of a flag is
	// read, and the profile need not exist yet.
	Login bool
}

// Settings are the resolved values, all of them valid.
type Settings struct {
	Server             string
	Token              string
	TokenFile          string
	DataDomain         string
	CACert             string
	ClientCert         string
	ClientKey          string
	InsecureSkipVerify bool
	RequireHTTPS       bool
	ConnectTimeout     time.Duration

	Output    string
	Columns   []string // of lists; none: all of them
	NoHeaders bool
	Color     string
	Quiet     bool
	Debug     bool
	// NoInput: the user is never asked.
	NoInput bool

	Timeout     time.Duration // 0: no end
	RetryBudget time.Duration
	OnInterrupt string

	FailOn               string
	AllowExecutionErrors bool
	AllowEmpty           bool
	Judge                string

	// Profile is the profile in use, empty when there is none.
	Profile string
	// ConfigFile is the configuration file. At the default place there may be
	// none. Empty: this user has no such place.
	ConfigFile string
	// TokenSource says where Token comes from, empty when there is none.
	TokenSource string
	// Warnings are to be said before anything is done.
	Warnings []string

	origins map[string]origin
}

// Origin says where the value of the option comes from: "flag --server",
// "environment DQOCTL_SERVER", "profile prod in FILE", "default".
func (s *Settings) Origin(name string) string {
	if name == nameToken && s.TokenSource != "" {
		return s.TokenSource
	}
	return s.origins[name].String()
}

// place is a kind of source.
type place int

const (
	byDefault place = iota
	byFile          // its current-profile
	byProfile
	byEnv
	byFlag
)

// origin is where one value comes from.
type origin struct {
	place place
	name  string   // of the flag, the variable, the profile
	file  string   // of the profile
	at    position // in that file
}

func (o origin) String() string {
	switch o.place {
	case byFlag:
		return "flag --" + o.name
	case byEnv:
		return "environment " + o.name
	case byFile:
		return keyCurrent + " in " + o.file
	case byProfile:
		return "profile " + o.name + " in " + o.file
	default:
		return "default"
	}
}
