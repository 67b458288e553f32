package journal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dqoctl/dqoctl/pkg/journal"
)

var (
	here   = journal.Scope{Server: "http://one.test"}
	there  = journal.Scope{Server: "http://two.test"}
	domain = journal.Scope{Server: "http://one.test", Domain: "sales"}
	told   = cmpopts.IgnoreFields(journal.Job{}, "Entry", "At")
)

// open is a journal in a folder that does not exist yet. Every warning is an error.
func open(t *testing.T) *journal.Journal {
	t.Helper()
	return &journal.Journal{
		File: filepath.Join(t.TempDir(), "state", "dqoctl", "jobs.jsonl"), Scope: here,
		Warn: func(err error) { t.Errorf("warned of %v", err) },
	}
}

func in(scope journal.Scope, j *journal.Journal) *journal.Journal {
	return &journal.Journal{File: j.File, Scope: scope, Size: j.Size, Warn: j.Warn}
}

func jobs(t *testing.T, j *journal.Journal) []journal.Job {
	t.Helper()
	list, err := j.Jobs()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func equal(t *testing.T, want, got []journal.Job) {
	t.Helper()
	if diff := cmp.Diff(want, got, told, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
}

func TestTheLifeOfAJob(t *testing.T) {
	ctx, j := t.Context(), open(t)
	request := map[string]string{"check_search_filters.connection": "shop"}
	before := time.Now()
	e := j.Begin(ctx, journal.Job{Key: "k1", Type: "run_checks", Request: request})
	want := journal.Job{Scope: here, Key: "k1", Type: "run_checks", Request: request}
	equal(t, []journal.Job{want}, jobs(t, j))
	if got := jobs(t, j)[0]; !got.Open() || got.Entry == "" || got.At.Before(before.Add(-time.Second)) {
		t.Errorf("begun as %+v", got)
	}
	e.Started(ctx, 7)
	want.ID = 7
	equal(t, []journal.Job{want}, jobs(t, j))
	j.Ended(ctx, 7, "finished")
	want.Status = "finished"
	equal(t, []journal.Job{want}, jobs(t, j))
	j.Ended(ctx, 7, "failed") // it is known already
	j.Ended(ctx, 8, "failed") // another's job
	j.Ended(ctx, 77, "failed")
	equal(t, []journal.Job{want}, jobs(t, j))
	if text := read(t, j); strings.Count(text, "\n") != 3 {
		t.Errorf("not three lines:\n%s", text)
	}
}

// TestAJobTakenForLost: jobs resume may look for the key while the answer with the
// id is on its way to another process.
func TestAJobTakenForLost(t *testing.T) {
	ctx, j := t.Context(), open(t)
	e := j.Begin(ctx, journal.Job{Key: "k"})
	j.Entry(jobs(t, j)[0]).Over(ctx, journal.Lost)
	equal(t, []journal.Job{{Scope: here, Key: "k", Status: journal.Lost}}, jobs(t, j))
	e.Started(ctx, 7)
	equal(t, []journal.Job{{Scope: here, Key: "k", ID: 7}}, jobs(t, j))
}

func TestNewestFirstAndApart(t *testing.T) {
	ctx, j := t.Context(), open(t)
	for i, scope := range []journal.Scope{here, there, domain, here, there} {
		in(scope, j).Begin(ctx, journal.Job{Key: fmt.Sprint("k", i)}).Started(ctx, 7+int64(i)/2)
	}
	equal(t, []journal.Job{{Scope: here, Key: "k3", ID: 8}, {Scope: here, Key: "k0", ID: 7}}, jobs(t, j))
	equal(t, []journal.Job{{Scope: there, Key: "k4", ID: 9}, {Scope: there, Key: "k1", ID: 7}}, jobs(t, in(there, j)))
	equal(t, []journal.Job{{Scope: domain, Key: "k2", ID: 8}}, jobs(t, in(domain, j)))
	// The same number on another server is another job.
	j.Ended(ctx, 7, "finished")
	equal(t, []journal.Job{{Scope: there, Key: "k4", ID: 9}, {Scope: there, Key: "k1", ID: 7}}, jobs(t, in(there, j)))
	// The same key twice is two jobs, the same number one.
	j.Begin(ctx, journal.Job{Key: "k3"})
	j.Begin(ctx, journal.Job{Key: "k0"}).Started(ctx, 7)
	equal(t, []journal.Job{{Scope: here, Key: "k0", ID: 7}, {Scope: here, Key: "k3"}, {Scope: here, Key: "k3", ID: 8}}, jobs(t, j))
}

// TestATornLine: a process or machine may die in the middle of a write, at every
// byte of it. The lines before stay, and the next one is read.
func TestATornLine(t *testing.T) {
	ctx, j := t.Context(), open(t)
	j.Begin(ctx, journal.Job{Key: "first"}).Started(ctx, 1)
	whole := read(t, j)
	j.Begin(ctx, journal.Job{Key: "torn", Request: map[string]string{"a": "ä\n"}})
	long := read(t, j)
	for cut := len(whole); cut < len(long); cut++ {
		if err := os.WriteFile(j.File, []byte(long[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		j.Begin(ctx, journal.Job{Key: "next"})
		want := []journal.Job{{Scope: here, Key: "next"}, {Scope: here, Key: "first", ID: 1}}
		if cut == len(long)-1 { // only its line feed is missing
			want = []journal.Job{want[0], {Scope: here, Key: "torn", Request: map[string]string{"a": "ä\n"}}, want[1]}
		}
		equal(t, want, jobs(t, j))
	}
}

func TestModes(t *testing.T) {
	j := open(t)
	j.Begin(t.Context(), journal.Job{Key: "k"})
	for path, want := range map[string]os.FileMode{j.File: 0o600, j.File + ".lock": 0o600, filepath.Dir(j.File): 0o700 | os.ModeDir} {
		info, err := os.Stat(path)
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
}

func TestTheBound(t *testing.T) {
	ctx, j := t.Context(), open(t)
	j.Size = 8 << 10
	j.Begin(ctx, journal.Job{Key: "still open"}).Started(ctx, 1)
	for i := int64(2); i < 500; i++ {
		j.Begin(ctx, journal.Job{Key: fmt.Sprint("k", i)}).Started(ctx, i)
		j.Ended(ctx, i, "finished")
		if n := len(read(t, j)); n > j.Size {
			t.Fatalf("%d bytes after job %d", n, i)
		}
	}
	list := jobs(t, j)
	if len(list) < 10 || list[0].ID != 499 || list[0].Status != "finished" || list[1].ID != 498 {
		t.Errorf("the newest of %d are %+v", len(list), list[:2])
	}
	if last := list[len(list)-1]; last.ID != 1 || !last.Open() || last.Key != "still open" {
		t.Errorf("the oldest is %+v", last)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(j.File), "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	j.Begin(ctx, journal.Job{Key: "huge", Request: map[string]string{"where": strings.Repeat("x", 40<<10)}})
	if got := jobs(t, j)[0]; got.Key != "huge" || got.Request != nil {
		t.Errorf("a huge request: %v", got.Key)
	}
}

// TestManyWriters: lines of parallel writers do not mix, also while the file is
// rotated under them.
func TestManyWriters(t *testing.T) {
	j := open(t)
	j.Size = 64 << 10
	var writers sync.WaitGroup
	for w := range 20 {
		writers.Go(func() {
			mine := in(here, j)
			for i := range 10 {
				id := int64(100*w + i + 1)
				mine.Begin(t.Context(), journal.Job{Key: fmt.Sprintf("k-%d", id)}).Started(t.Context(), id)
			}
		})
	}
	writers.Wait()
	list := jobs(t, j)
	if len(list) != 200 {
		t.Errorf("%d jobs", len(list))
	}
	for _, job := range list {
		if job.Key != fmt.Sprintf("k-%d", job.ID) {
			t.Errorf("mixed up: %+v", job)
		}
	}
	for line := range strings.Lines(read(t, j)) {
		if !strings.HasPrefix(line, `{"entry":"`) || !strings.HasSuffix(line, "}\n") {
			t.Errorf("line %q", line)
		}
	}
}

func TestNoPlace(t *testing.T) {
	ctx := t.Context()
	for _, j := range []*journal.Journal{nil, {Scope: here, Warn: func(err error) { t.Errorf("warned of %v", err) }}} {
		e := j.Begin(ctx, journal.Job{Key: "k"})
		e.Started(ctx, 7)
		e.Over(ctx, journal.Lost)
		j.Entry(journal.Job{Entry: "a"}).Started(ctx, 7)
		j.Ended(ctx, 7, "finished")
		equal(t, nil, jobs(t, j))
	}
	equal(t, nil, jobs(t, open(t))) // no file yet
}

// TestUnusable: a folder where the file should be stands for all that can be wrong
// with it, also for root, whom no mode stops.
func TestUnusable(t *testing.T) {
	ctx, j := t.Context(), open(t)
	var warnings []error
	j.Warn = func(err error) { warnings = append(warnings, err) }
	if err := os.MkdirAll(j.File, 0o700); err != nil {
		t.Fatal(err)
	}
	e := j.Begin(ctx, journal.Job{Key: "k"})
	e.Started(ctx, 7)
	j.Ended(ctx, 7, "finished")
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0].Error(), "write the journal of started jobs: ") {
		t.Errorf("warned of %v", warnings)
	}
	if _, err := j.Jobs(); err == nil {
		t.Error("reading it is no error")
	}
	j.File = filepath.Join(j.File+".lock", "below", "a", "file")
	if list, err := j.Jobs(); err != nil || list != nil {
		t.Errorf("%v, %v", list, err)
	}
}

// TestAfterAnInterrupt: what became of the job is written also when the command
// was broken off.
func TestAfterAnInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	j := open(t)
	e := j.Begin(ctx, journal.Job{Key: "k"})
	cancel(errors.New("interrupted"))
	e.Started(ctx, 7)
	j.Ended(ctx, 7, "cancelled")
	equal(t, []journal.Job{{Scope: here, Key: "k", ID: 7, Status: "cancelled"}}, jobs(t, j))
}

func TestPlaces(t *testing.T) {
	for _, tc := range []struct {
		system string
		env    map[string]string
		want   string
	}{
		{"linux", map[string]string{"HOME": "/home/a"}, "/home/a/.local/state/dqoctl/jobs.jsonl"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "/state"}, "/state/dqoctl/jobs.jsonl"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "state"}, "/home/a/.local/state/dqoctl/jobs.jsonl"},
		{"linux", nil, ""},
		{"darwin", map[string]string{"HOME": "/Users/a"}, "/Users/a/Library/Application Support/dqoctl/jobs.jsonl"},
		{"darwin", map[string]string{"HOME": "/Users/a", "XDG_STATE_HOME": "/state"}, "/state/dqoctl/jobs.jsonl"},
		{"windows", map[string]string{"LocalAppData": "/c/local", "HOME": "/home/a"}, "/c/local/dqoctl/jobs.jsonl"},
		{"windows", map[string]string{"HOME": "/home/a"}, ""},
	} {
		p := journal.Place{OS: tc.system, Env: func(name string) (string, bool) { v, ok := tc.env[name]; return v, ok }}
		if got := p.File(); got != filepath.FromSlash(tc.want) {
			t.Errorf("%s with %v: %q, want %q", tc.system, tc.env, got, tc.want)
		}
	}
}

// FuzzLines: whatever stands in the file, it is read, what comes after it is found,
// and rotation keeps what was read.
func FuzzLines(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "\n\n", "{", "null\n", "[]\n", `{"entry":"a"}` + "\n", `{"entry":"a","key":"k","server":"http://one.test"}`,
		`{"entry":"a","key":"k","server":"http://one.test"}` + "\n" + `{"entry":"a","id":7}` + "\n" + `{"entry":"a","status":"finished"}` + "\n",
		`{"entry":"a","id":-9223372036854775808,"server":"http://one.test"}` + "\n", `{"entry":"a","id":1e999}`, `{"entry":7}`,
		`{"entry":"a","key":"k","server":"http://one.test","request":{"a":1}}`, "\x00\xff\r\n", `{"entry":"a","at":"yesterday"}`,
		`{"ENTRY":"a","Key":"k","SERVER":"http://one.test","entry":"b"}`, strings.Repeat(`{"a":`, 100),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		j := &journal.Journal{File: filepath.Join(t.TempDir(), "jobs.jsonl"), Scope: here, Warn: func(err error) { t.Errorf("warned of %v", err) }}
		if err := os.WriteFile(j.File, text, 0o600); err != nil {
			t.Fatal(err)
		}
		before := jobs(t, j)
		j.Begin(t.Context(), journal.Job{Key: "mine"}).Started(t.Context(), 1<<50)
		list := jobs(t, j)
		if list[0].Key != "mine" || list[0].ID != 1<<50 || !bytes.HasPrefix([]byte(read(t, j)), text) {
			t.Errorf("after %q the newest job is %+v", text, list[0])
		}
		if bytes.Contains(text, []byte("1125899906842624")) {
			return // the text guessed the number
		}
		if diff := cmp.Diff(before, list[1:], cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("before and after (-want +got):\n%s", diff)
		}
	})
}

func read(t *testing.T, j *journal.Journal) string {
	t.Helper()
	text, err := os.ReadFile(j.File)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
