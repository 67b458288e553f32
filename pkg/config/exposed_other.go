//go:build !unix

package config

import "io/fs"

// isExposed cannot be told from the mode of a file on this system.
func isExposed(fs.FileInfo) bool { return false }
