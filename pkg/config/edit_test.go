package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

// inFolder is a source whose file is in a folder of the test's own.
func inFolder(t *testing.T) (Source, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "dqoctl", "config.yaml")
	return Source{Flags: map[string]string{"config": file}}, file
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryKeyCanBeSet also shows that what was set is what Load reads.
func TestEveryKeyCanBeSet(t *testing.T) {
	source, file := inFolder(t)
	for _, o := range Options() {
		if !o.Profile || o.Name == nameTokenFile {
			continue
		}
		text := optionCases[o.Name].one
		if o.Name == nameRequireHTTPS {
			text = "true"
		}
		if _, err := Set(t.Context(), source, Pair{o.Name, text}); err != nil {
			t.Errorf("set %s: %v", o.Name, err)
		}
	}
	s, err := Load(source)
	if err != nil {
		t.Fatalf("%v\n%s", err, read(t, file))
	}
	for name, c := range optionCases {
		if o, _ := lookup(name); o.Profile && name != nameTokenFile && c.read(s) != c.want[0] {
			t.Errorf("%s is %v, want %v", name, c.read(s), c.want[0])
		}
	}
}

func TestValuesStayText(t *testing.T) {
	domain := func(s *Settings) string { return s.DataDomain }
	for _, text := range []string{"true", "~", "null", "1e3", "0x10", "2024-01-02", "a: b", "# no comment", "'", "[x", "*x", " a "} {
		staysText(t, "data-domain", text, domain)
	}
	for _, text := range []string{`/"`, "/ü"} { // which no data domain may have
		staysText(t, "ca-cert", text, func(s *Settings) string { return s.CACert })
	}
}

func staysText(t *testing.T, name, text string, read func(*Settings) string) {
	t.Helper()
	source, file := inFolder(t)
	for range 2 { // over nothing, and over the old value
		if _, err := Set(t.Context(), source, Pair{name, text}); err != nil {
			t.Errorf("set %q: %v", text, err)
		}
	}
	s, err := Load(source)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(s); got != text {
		written, _ := os.ReadFile(file)
		t.Errorf("%q became %q by way of\n%s", text, got, written)
	}
}

func TestWhatTheFileHeldIsKept(t *testing.T) {
	for name, c := range map[string]struct{ before, after string }{
		"empty":          {"", "current-profile: default\nprofiles:\n  default:\n    quiet: true\n"},
		"only comments":  {"# mine\n\n# too", "# mine\n\n# too\ncurrent-profile: default\nprofiles:\n  default:\n    quiet: true\n"},
		"null":           {"~\n", "current-profile: default\nprofiles:\n  default:\n    quiet: true\n"},
		"no profiles":    {"# mine\nprofiles: # none\n", "# mine\nprofiles: # none\n  default:\n    quiet: true\ncurrent-profile: default\n"},
		"empty profile":  {"current-profile: a\nprofiles:\n  a:\n", "current-profile: a\nprofiles:\n  a:\n    quiet: true\n"},
		"flow":           {"{current-profile: a, profiles: {a: {}}}\n", "{current-profile: a, profiles: {a: {quiet: true}}}\n"},
		"alias of value": {"current-profile: b\nprofiles:\n  a: {debug: &d true}\n  b: {quiet: *d}\n", "current-profile: b\nprofiles:\n  a: {debug: &d true}\n  b: {quiet: true}\n"},
		"tail":           {"current-profile: a\nprofiles:\n  a:\n    quiet: false # loud\n    # last words\n# end\n", "current-profile: a\nprofiles:\n  a:\n    quiet: true # loud\n    # last words\n# end\n"},
	} {
		source, file := inFolder(t)
		writeFile(t, file, c.before)
		if _, err := Set(t.Context(), source, Pair{"quiet", "true"}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := read(t, file); got != c.after {
			t.Errorf("%s became\n%s\nwant\n%s", name, got, c.after)
		}
	}
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// TestManyAtOnce loses no change, however many are made at the same time.
func TestManyAtOnce(t *testing.T) {
	source, file := inFolder(t)
	if _, err := Set(t.Context(), source, Pair{"quiet", "true"}); err != nil {
		t.Fatal(err)
	}
	const many = 20
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			own := source
			own.Flags = map[string]string{"config": file, "profile": fmt.Sprint("p", i)}
			if _, err := Set(t.Context(), own, Pair{"data-domain", fmt.Sprint("d", i)}); err != nil {
				t.Errorf("profile p%d: %v", i, err)
			}
		})
	}
	all.Wait()
	d, err := parseDocument([]byte(read(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range many {
		if got := d.profiles[fmt.Sprint("p", i)]["data-domain"]; got != fmt.Sprint("d", i) {
			t.Errorf("profile p%d holds %q", i, got)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 1 {
		t.Errorf("beside the file there is more: %v (%v)", entries, err)
	}
}

// TestLeftLock waits for another dqoctl that never comes to an end, in virtual
// time, and gives up with what to do.
func TestLeftLock(t *testing.T) {
	source, file := inFolder(t)
	writeFile(t, file+".lock", "half")
	synctest.Test(t, func(t *testing.T) {
		_, err := Set(t.Context(), source, Pair{"quiet", "true"})
		coded, ok := errors.AsType[*exit.Error](err)
		if !ok || coded.Outcome != exit.Config || !strings.Contains(coded.Message, file+".lock") || !strings.Contains(coded.Hint, "delete") {
			t.Errorf("%v (%+v)", err, coded)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(context.DeadlineExceeded)
		if _, err := Set(ctx, source, Pair{"quiet", "true"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("interrupted: %v", err)
		}
	})
	if got := read(t, file+".lock"); got != "half" {
		t.Errorf("the lock of another was changed: %q", got)
	}
}

func TestDanglingLink(t *testing.T) {
	source, file := inFolder(t)
	target := filepath.Join(filepath.Dir(file), "elsewhere", "real.yaml")
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.Symlink(filepath.Join("elsewhere", "real.yaml"), file)); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if _, err := Set(t.Context(), source, Pair{"quiet", "true"}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(file); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if !strings.Contains(read(t, target), "quiet: true") {
		t.Error("what the link leads to was not written")
	}
	writeFile(t, filepath.Join(filepath.Dir(file), "x"), "")
	loop := filepath.Join(filepath.Dir(file), "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	source.Flags["config"] = loop
	if _, err := Set(t.Context(), source, Pair{"quiet", "true"}); err == nil {
		t.Error("a link to itself was written")
	}
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("folders bar nobody here")
	}
	source, file := inFolder(t)
	writeFile(t, file, "# mine\n")
	folder := filepath.Dir(file)
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(folder, 0o700) })
	_, err := Set(t.Context(), source, Pair{"quiet", "true"})
	if coded, ok := errors.AsType[*exit.Error](err); !ok || coded.Outcome != exit.Config || !strings.Contains(coded.Hint, "make the folder writable") {
		t.Errorf("%v", err)
	}
	if read(t, file) != "# mine\n" {
		t.Error("the file was changed")
	}
}

func TestNoPlaceForAFile(t *testing.T) {
	_, err := Set(t.Context(), Source{}, Pair{"quiet", "true"})
	if coded, ok := errors.AsType[*exit.Error](err); !ok || coded.Outcome != exit.Config {
		t.Errorf("%v", err)
	}
}
