//go:build !windows

package iostreams

import "syscall"

// goneErrors are what writing to a pipe without a reader gives.
var goneErrors = []error{syscall.EPIPE}
