package config

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Login is what a login wrote.
type Login struct {
	Change

	Server    string `json:"server"`
	TokenFile string `json:"tokenFile"`
}

// SaveLogin writes the token of the settings, which come from Load with Login,
// into a file that only this user can read, and names it in the profile. The
// server goes with it: a token must not reach another one.
func SaveLogin(ctx context.Context, from Source, s *Settings) (*Login, error) {
	file, err := Locate(from)
	if err != nil {
		return nil, err
	}
	relative := path.Join("tokens", s.Profile+".token")
	tokenFile := filepath.Join(filepath.Dir(file), filepath.FromSlash(relative))
	isNew, err := writeToken(tokenFile, s.Token)
	if err != nil {
		return nil, cannotWrite(err)
	}
	pairs := []Pair{{nameTokenFile, relative}}
	if s.origins[nameServer].place != byProfile {
		pairs = append([]Pair{{nameServer, s.Server}}, pairs...)
	}
	from.Flags = map[string]string{nameConfig: file, nameProfile: s.Profile}
	change, err := Set(ctx, from, pairs...)
	if err != nil {
		if isNew {
			err = errors.Join(err, os.Remove(tokenFile))
		}
		return nil, err
	}
	return &Login{*change, s.Server, tokenFile}, nil
}

// writeToken puts the token in the file's place at once; the mode is 0600 from
// the beginning.
func writeToken(file, token string) (isNew bool, err error) {
	folder := filepath.Dir(file)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return false, err
	}
	_, err = os.Lstat(file)
	isNew = errors.Is(err, fs.ErrNotExist)
	temporary, err := os.CreateTemp(folder, ".token-*")
	if err != nil {
		return false, err
	}
	_, err = temporary.WriteString(token + "\n")
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		return false, errors.Join(err, os.Remove(temporary.Name()))
	}
	return isNew, nil
}
