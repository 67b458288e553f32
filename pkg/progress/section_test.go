package progress

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// folded is what the log of a CI system gets of a run, and of one that crashes.
func folded(t *testing.T, env map[string]string, crash bool) string {
	t.Helper()
	var log bytes.Buffer
	synctest.Test(t, func(*testing.T) {
		lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
		r := New(iostreams.Pipes(nil, &log, &log, lookup), false)
		_ = exit.Recover(func() error {
			defer r.Stop()
			r.Update(State{Status: "starting"})
			r.Line("started job 42")
			r.Update(running)
			r.Update(runningWith(1))
			r.Update(runningWith(2))
			if crash {
				panic("off by one")
			}
			r.Line("a message")
			r.Update(runningWith(3))
			time.Sleep(31 * time.Second)
			r.Update(runningWith(5))
			return nil
		})
		r.Line("judged")
	})
	return log.String()
}

func TestSections(t *testing.T) {
	const began = "2000-01-01T00:00:00Z "
	for _, tc := range []struct {
		name, variable, value string
		begin, end            [2]string
	}{
		{"GitHub", "GITHUB_ACTIONS", "true", [2]string{"::group::progress\n", "::group::progress\n"}, [2]string{"::endgroup::\n", "::endgroup::\n"}},
		{"Azure", "TF_BUILD", "True", [2]string{"##[group]progress\n", "##[group]progress\n"}, [2]string{"##[endgroup]\n", "##[endgroup]\n"}},
		{
			"GitLab", "GITLAB_CI", "true",
			[2]string{
				"\x1b[0Ksection_start:946684800:dqoctl_946684800000000_1[collapsed=true]\r\x1b[0Kprogress\n",
				"\x1b[0Ksection_start:946684830:dqoctl_946684800000000_2[collapsed=true]\r\x1b[0Kprogress\n",
			},
			[2]string{
				"\x1b[0Ksection_end:946684800:dqoctl_946684800000000_1\r\x1b[0K\n",
				"\x1b[0Ksection_end:946684831:dqoctl_946684800000000_2\r\x1b[0K\n",
			},
		},
		{"another", "CI", "true", [2]string{}, [2]string{}},
		{"not said to be it", "GITHUB_ACTIONS", "false", [2]string{}, [2]string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := map[string]string{tc.variable: tc.value}
			first := began + "starting\nstarted job 42\n" + began + "running, 0 of 5 tables\n" +
				tc.begin[0] + began + "running, 1 of 5 tables\n" + began + "running, 2 of 5 tables\n" + tc.end[0]
			want := first + "a message\n" + began + "running, 3 of 5 tables\n" +
				tc.begin[1] + "2000-01-01T00:00:30Z still running, 3 of 5 tables, 30s\n" +
				"2000-01-01T00:00:31Z running, 5 of 5 tables\n" + tc.end[1] + "judged\n"
			if diff := cmp.Diff(want, folded(t, env, false)); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(first+"judged\n", folded(t, env, true)); diff != "" {
				t.Errorf("log of a crash (-want +got):\n%s", diff)
			}
		})
	}
}

// Nothing is written to a log that would be a title or a bell.
func TestNoTitleNorBell(t *testing.T) {
	for _, name := range []string{"GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD"} {
		if got := folded(t, map[string]string{name: "true"}, false); strings.ContainsAny(got, "\a") || strings.Contains(got, "\x1b]") {
			t.Errorf("%s: %q", name, got)
		}
	}
}
