package cmd

import (
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
)

// pointer is a flag whose variable stays nil until it is given: an empty text, a
// zero and a false that the user typed differ from nothing typed.
type pointer[T any] struct {
	target **T
	parse  func(string) (T, error)
	kind   string
}

var _ pflag.Value = (*pointer[string])(nil)

func (p *pointer[T]) String() string {
	if p.target == nil || *p.target == nil {
		return ""
	}
	return fmt.Sprint(**p.target)
}

func (p *pointer[T]) Set(text string) error {
	value, err := p.parse(text)
	if err != nil {
		return err
	}
	*p.target = &value
	return nil
}

func (p *pointer[T]) Type() string { return p.kind }

func textFlag(flags *pflag.FlagSet, target **string, name, short, kind, usage string) {
	parse := func(text string) (string, error) { return text, nil }
	flags.VarP(&pointer[string]{target, parse, kind}, name, short, usage)
}

func numberFlag(flags *pflag.FlagSet, target **int, name, usage string) {
	parse := func(text string) (int, error) {
		number, err := strconv.Atoi(text)
		if err != nil {
			return 0, fmt.Errorf("%q is not a whole number", text)
		}
		return number, nil
	}
	flags.Var(&pointer[int]{target, parse, "N"}, name, usage)
}

// boolFlag takes --name, --name=true and --name=false.
func boolFlag(flags *pflag.FlagSet, target **bool, name, usage string) {
	parse := func(text string) (bool, error) {
		switch text {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return false, fmt.Errorf("%q is neither true nor false", text)
	}
	flags.Var(&pointer[bool]{target, parse, "true|false"}, name, usage)
	flags.Lookup(name).NoOptDefVal = "true"
}
