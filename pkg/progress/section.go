package progress

import (
	"fmt"
	"io"
	"time"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// section folds lines away in the log of a CI system that can. The zero value is
// for one that cannot.
type section struct {
	streams *iostreams.Streams
	begin   func(name, title string) string // nil: there are none
	end     func(name string) string
	born    time.Time
	count   int
	isOpen  bool
}

// newSection asks the environment which system it is: a marker that nobody obeys
// is rubbish in the log.
func newSection(s *iostreams.Streams) section {
	open := section{streams: s, born: time.Now()}
	switch {
	case s.Variable("GITHUB_ACTIONS") == "true":
		open.begin = func(_, title string) string { return "::group::" + title + "\n" }
		open.end = func(string) string { return "::endgroup::\n" }
	case s.Variable("GITLAB_CI") == "true":
		open.begin = func(name, title string) string {
			return fmt.Sprintf("\x1b[0Ksection_start:%d:%s[collapsed=true]\r\x1b[0K%s\n", time.Now().Unix(), name, title)
		}
		open.end = func(name string) string {
			return fmt.Sprintf("\x1b[0Ksection_end:%d:%s\r\x1b[0K\n", time.Now().Unix(), name)
		}
	case s.Variable("TF_BUILD") == "True":
		open.begin = func(_, title string) string { return "##[group]" + title + "\n" }
		open.end = func(string) string { return "##[endgroup]\n" }
	}
	return open
}

// name is one of its own for each section of a log, also of several processes.
func (s *section) name() string {
	return fmt.Sprintf("dqoctl_%d_%d", s.born.UnixMicro(), s.count)
}

// open begins a section unless one is open.
func (s *section) open(title string) {
	if s.begin == nil || s.isOpen {
		return
	}
	s.count++
	s.isOpen = true
	// For a process that cannot end in order.
	s.streams.BorrowErr(s.end(s.name()))
	_, _ = io.WriteString(s.streams.Err, s.begin(s.name(), title))
}

// close ends the open section, if any.
func (s *section) close() {
	if !s.isOpen {
		return
	}
	_, _ = io.WriteString(s.streams.Err, s.end(s.name()))
	s.streams.ReturnErr()
	s.isOpen = false
}
