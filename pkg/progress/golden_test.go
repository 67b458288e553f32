//go:build unix

package progress

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

var update = flag.Bool("update", false, "write the golden files anew")

// story is a run that waits for another one.
func story(r Reporter, queued time.Duration) {
	r.Update(State{Status: "starting"})
	time.Sleep(450 * time.Millisecond)
	r.Line("started job 1795443329000000 (key nightly-orders)")
	r.Update(State{Status: "queued"})
	time.Sleep(time.Second)
	r.Update(State{Status: "queued", Note: "behind job 1795443311000000"})
	time.Sleep(queued)
	for done := range 4 {
		r.Update(State{Status: "running", Done: done, Total: 4, Unit: "tables"})
		time.Sleep(2 * time.Second)
	}
	r.Update(State{Status: "reading how the checks stand"})
	time.Sleep(time.Second)
	r.Stop()
}

// frames are the different lines that a terminal showed, one below the other; the
// turning sign is always the same.
func frames(raw string) string {
	var b strings.Builder
	last := ""
	for _, frame := range regexp.MustCompile("\r|\n").Split(regexp.MustCompile("\x1b\\[[?0-9;]*[A-Za-z]").ReplaceAllString(raw, ""), -1) {
		frame = regexp.MustCompile("^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]").ReplaceAllString(strings.TrimRight(frame, " "), "⠋")
		if frame != "" && frame != last {
			fmt.Fprintln(&b, frame)
			last = frame
		}
	}
	return b.String()
}

func TestGoldens(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"pipe": nil, "github": {"GITHUB_ACTIONS": "true", "CI": "true"}, "gitlab": {"GITLAB_CI": "true", "CI": "true"}, "azure": {"TF_BUILD": "True"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			synctest.Test(t, func(*testing.T) {
				story(New(iostreams.Pipes(nil, &log, &log, func(name string) (string, bool) { v, ok := env[name]; return v, ok }), false), 33*time.Second)
			})
			golden(t, name, strings.NewReplacer("\x1b", "␛", "\r", "␍").Replace(log.String()))
		})
	}
	for name, terminal := range map[string]struct {
		columns uint16
		env     map[string]string
	}{
		"terminal80": {80, nil}, "terminal40": {40, nil}, "terminal20": {20, nil},
		"terminal80_no_color": {80, map[string]string{"NO_COLOR": "1"}},
		"terminal80_dumb":     {80, map[string]string{"TERM": "dumb"}},
		"terminal80_ci":       {80, map[string]string{"CI": "true"}},
	} {
		t.Run(name, func(t *testing.T) {
			raw := drawn(t, terminal.columns, terminal.env, func(r Reporter, _ *iostreams.Streams) { story(r, 2*time.Second) })
			if terminal.env != nil && strings.Contains(raw, "36m") {
				t.Error("it is coloured")
			}
			golden(t, name, frames(raw))
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
