// Package simulator is a small DQOps server for tests and rehearsals: real
// HTTP, the answers of version 1.13.2 as docs/jobs-api.md records them, the
// misleading ones included, over a warehouse that a scenario describes.
//
// A pipeline that passes here should pass on the real server, so nothing is
// shared with a client: the wire types are the package's own.
package simulator
