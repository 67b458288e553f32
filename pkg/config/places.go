package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

const (
	systemWindows = "windows"
	systemMac     = "darwin"
)

// configFile says where the configuration file is, or would be. It is empty when
// this user has no place for one.
func (l *loader) configFile() (string, origin, error) {
	name, where := l.direct(nameConfig)
	if name == "" {
		return l.defaultFile(), where, nil
	}
	name, err := l.expand(name, where)
	if err != nil {
		return "", where, where.refuse(nameConfig, err)
	}
	return name, where, nil
}

func (l *loader) defaultFile() string {
	folder := l.env("XDG_CONFIG_HOME")
	// The specification of that variable wants relative ones ignored.
	if !filepath.IsAbs(folder) {
		folder = l.systemFolder()
	}
	if folder == "" {
		return ""
	}
	return filepath.Join(folder, "dqoctl", "config.yaml")
}

func (l *loader) systemFolder() string {
	if l.system() == systemWindows {
		return l.env("AppData")
	}
	home := l.home()
	switch {
	case home == "":
		return ""
	case l.system() == systemMac:
		return filepath.Join(home, "Library", "Application Support")
	default:
		return filepath.Join(home, ".config")
	}
}

func (l *loader) system() string {
	if l.OS != "" {
		return l.OS
	}
	return runtime.GOOS
}

func (l *loader) home() string {
	if l.system() == systemWindows {
		return l.env("USERPROFILE")
	}
	return l.env("HOME")
}

// expand resolves "~/" and, for a profile, paths relative to its file: the folder
// in which a command happens to run must not decide which token it reads.
func (l *loader) expand(path string, where origin) (string, error) {
	if path == stdin {
		if where.place != byFlag {
			return "", errors.New("- (standard input) is for the flag only")
		}
		return path, nil
	}
	rest, isHome := strings.CutPrefix(path, "~")
	if isHome && (rest == "" || rest[0] == '/' || (l.system() == systemWindows && rest[0] == '\\')) {
		home := l.home()
		if home == "" {
			return "", errors.New("~ stands for the home folder, and the environment names none")
		}
		return filepath.Join(home, rest), nil
	}
	if path != "" && where.place == byProfile && !filepath.IsAbs(path) {
		return filepath.Join(filepath.Dir(where.file), path), nil
	}
	return path, nil
}

// isMissing also holds when the home folder is no folder, as for system users.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
