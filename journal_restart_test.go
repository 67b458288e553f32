package main

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dqoctl/dqoctl/pkg/simulator"
)

// TestARestartedServer forgets the job that is followed: it is lost, how its checks
// stand can be seen, and the journal does not bring it back.
func TestARestartedServer(t *testing.T) {
	t.Parallel()
	s, restarted := newStation(t, warehouse(t)), newStation(t, warehouse(t))
	held := s.sim.Hold(simulator.StageRunning)
	defer held.Release()
	first := s.sim
	moveTo := s.behindSwitch()
	ended := make(chan said, 1)
	go func() { ended <- s.run("run-checks", "-c", "shop", "-t", "files.*", "-o", "json") }()
	for late := time.After(limit); !askedFor(first.Requests(), "/wait"); {
		select {
		case <-late:
			t.Fatal("the job is not waited for")
		case <-time.After(time.Millisecond):
		}
	}
	moveTo(restarted)
	held.Release()
	_ = first.Close()
	got := <-ended
	if got.code != 8 {
		t.Errorf("code %d\n%s", got.code, got.err)
	}
	value, err := decodeOne(got.out)
	if err != nil {
		t.Fatalf("%v\n%s", err, got.out)
	}
	const hint = "how its checks stand now shows: dqoctl checks status --connection shop --table 'files.*'; if they have to run, start it again"
	if said, _ := at(value, "error.hint"); said != hint {
		t.Errorf("hint %q", said)
	}
	if outcome, _ := at(value, "outcome"); outcome != "job_lost" {
		t.Errorf("outcome %q", outcome)
	}
	if kept := s.journal(); len(kept) != 1 || kept[0].Status != "lost" {
		t.Errorf("in the journal: %+v", kept)
	}
	if got := s.run("jobs", "resume"); got.code != 0 || !strings.Contains(got.err, "nothing to resume") {
		t.Errorf("code %d\n%s", got.code, got.err)
	}
}

// behindSwitch puts a proxy before the server that can be moved to another one, as
// if that had started at the same address.
func (s *station) behindSwitch() (moveTo func(*station)) {
	s.Helper()
	var target atomic.Pointer[url.URL]
	moveTo = func(to *station) {
		address, err := url.Parse(to.url)
		if err != nil {
			s.Error(err)
		}
		target.Store(address)
	}
	moveTo(s)
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target.Load()) },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     quiet(),
	}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute, ErrorLog: quiet()}
	listener := loopback(s.T)
	s.url = "http://" + listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s.Cleanup(func() { _, _ = server.Close(), <-served })
	return moveTo
}

func askedFor(requests []simulator.Request, ending string) bool {
	for _, r := range requests {
		if strings.HasSuffix(r.Path, ending) {
			return true
		}
	}
	return false
}
