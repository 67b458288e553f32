// What draws the picture of the README; a module of its own, so that nothing here
// can reach the program.
module github.com/dqoctl/dqoctl/ci/picture

go 1.26.0

require github.com/creack/pty v1.1.24
