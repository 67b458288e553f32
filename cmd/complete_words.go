package cmd

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/dqoctl/dqoctl/pkg/config"
	"github.com/dqoctl/dqoctl/pkg/request"
	"github.com/dqoctl/dqoctl/pkg/watch"
)

// wordsCompleter is for flags that take one of a few words, or a list of them
// with commas; nil for the others.
func wordsCompleter(f *pflag.Flag) completer {
	switch f.Name {
	case "output":
		return func(_ context.Context, c *completing) ([]candidate, error) { return candidates(formatsOf(c.cmd)), nil }
	case "status":
		return listed(jobStatuses)
	case "type":
		return listed(jobTypes)
	case "sort":
		return words(jobOrders)
	case "columns":
		return func(ctx context.Context, c *completing) ([]candidate, error) {
			return listed(columnsFor(c.cmd.CommandPath()))(ctx, c)
		}
	case "what":
		return listed(request.Words("--what"))
	}
	if known := request.Words("--" + f.Name); known != nil {
		return words(known)
	}
	for _, o := range config.Options() {
		if o.Name == f.Name && o.Kind == config.KindEnum {
			return words(o.Values)
		}
	}
	if _, ok := f.Value.(*pointer[bool]); ok {
		return words([]string{"true", "false"})
	}
	return nil
}

// columnsFor are the columns of a command's list.
func columnsFor(path string) []string {
	switch path {
	case "dqoctl jobs list":
		return watch.Table(nil, true, time.Time{}).Keys()
	case "dqoctl checks status":
		return findingList(nil).Keys()
	case "dqoctl config view":
		return []string{"setting", "value", "source"}
	default:
		return nil
	}
}

func candidates(values []string) []candidate {
	found := make([]candidate, len(values))
	for i, value := range values {
		found[i].value = value
	}
	return found
}

func words(known []string) completer {
	return func(context.Context, *completing) ([]candidate, error) { return candidates(known), nil }
}

// listed completes the last word of a list with commas.
func listed(known []string) completer {
	return func(_ context.Context, c *completing) ([]candidate, error) {
		var found []candidate
		before := c.typed[:strings.LastIndex(c.typed, ",")+1]
		taken := append(strings.Split(before, ","), c.given(c.flag.Name)...)
		for _, word := range known {
			if !slices.Contains(taken, word) {
				found = append(found, candidate{value: before + word})
			}
		}
		return found, nil
	}
}

func folders(_ context.Context, c *completing) ([]candidate, error) {
	return without(candidates(request.SyncFolders()), c.args), nil
}

func profiles(_ context.Context, c *completing) ([]candidate, error) {
	if c.flag == nil && len(c.args) > 0 { // it is an argument, and the only one
		return nil, nil
	}
	known, err := config.Profiles(c.app.source(c.cmd))
	if err != nil {
		return nil, err
	}
	var found []candidate
	for _, profile := range known {
		found = append(found, candidate{profile.Name, profile.Server})
	}
	return found, nil
}

// settings offers the keys of a profile, and then the values of the key.
func settings(_ context.Context, c *completing) ([]candidate, error) {
	var found []candidate
	for _, o := range config.Options() {
		switch {
		case !o.Profile:
		case len(c.args) == 0:
			found = append(found, candidate{o.Name, o.Usage})
		case len(c.args) == 1 && o.Name == c.args[0] && o.Kind == config.KindBool:
			return candidates([]string{"true", "false"}), nil
		case len(c.args) == 1 && o.Name == c.args[0]:
			return candidates(o.Values), nil
		}
	}
	return found, nil
}
