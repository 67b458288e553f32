package journal

import (
	"path/filepath"
	"runtime"
)

// Place is what decides where the journal is.
type Place struct {
	// Env looks up a variable of the environment.
	Env func(name string) (value string, ok bool)
	// OS is the system by Go's name for it; empty is this one.
	OS string
}

// File is $XDG_STATE_HOME/dqoctl/jobs.jsonl, or the system's own place for such a
// file; empty when this user has none.
func (p Place) File() string {
	folder := p.env("XDG_STATE_HOME")
	// The specification of that variable wants relative ones ignored.
	if !filepath.IsAbs(folder) {
		folder = p.systemFolder()
	}
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, "dqoctl", "jobs.jsonl")
}

func (p Place) systemFolder() string {
	system := p.OS
	if system == "" {
		system = runtime.GOOS
	}
	if system == "windows" {
		return p.env("LocalAppData")
	}
	home := p.env("HOME")
	switch {
	case home == "":
		return ""
	case system == "darwin":
		return filepath.Join(home, "Library", "Application Support")
	default:
		return filepath.Join(home, ".local", "state")
	}
}

func (p Place) env(name string) string {
	value, _ := p.Env(name)
	return value
}
