//go:build unix

package config

import (
	"io/fs"
	"os"
	"syscall"
)

// isExposed says whether other users can get at a file that this user owns and
// could protect. A file that nobody may write is a mounted secret: its mode was
// chosen elsewhere.
func isExposed(info fs.FileInfo) bool {
	mode := info.Mode()
	owner, known := info.Sys().(*syscall.Stat_t)
	return mode.IsRegular() && mode.Perm()&0o077 != 0 && mode.Perm()&0o222 != 0 &&
		known && int(owner.Uid) == os.Geteuid()
}
