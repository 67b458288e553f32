package iostreams

import "syscall"

const errorNoData = syscall.Errno(232) // the pipe is being closed

// goneErrors are what writing to a pipe without a reader gives.
var goneErrors = []error{syscall.ERROR_BROKEN_PIPE, errorNoData, syscall.EPIPE}
