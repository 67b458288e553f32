package exit

import (
	"errors"
	"fmt"
)

// Error is an error that decides the exit code. Message says what was attempted
// and what happened, Hint what to do now.
type Error struct {
	Outcome   Outcome
	Message   string
	Hint      string
	RequestID string // the server's, when it gave one
	Err       error  // the cause, for errors.Is; its text is part of Message
}

func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Usagef is a mistake in flags, arguments or bodies, found before anything was
// sent.
func Usagef(hint, format string, args ...any) *Error {
	return wrap(Usage, hint, fmt.Errorf(format, args...))
}

// Configf is a configuration that cannot be used.
func Configf(hint, format string, args ...any) *Error {
	return wrap(Config, hint, fmt.Errorf(format, args...))
}

// Internalf is a bug of ours.
func Internalf(format string, args ...any) *Error {
	return wrap(Internal, "please report it with the output of dqoctl version and the command line", fmt.Errorf(format, args...))
}

func wrap(o Outcome, hint string, err error) *Error {
	return &Error{Outcome: o, Message: err.Error(), Hint: hint, Err: errors.Unwrap(err)}
}
