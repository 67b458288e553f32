package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

const secret = "s3cr3t-t0ken"

// world is a source with an environment and files of its own.
type world struct {
	flags, env, files map[string]string
	stdin             string
	os                string
}

const home = "/home/kim"

// defaultPlace is where the configuration file of the world's user is.
const defaultPlace = home + "/.config/dqoctl/config.yaml"

func (w world) source() Source {
	env := map[string]string{"HOME": home}
	maps.Copy(env, w.env)
	system := w.os
	if system == "" {
		system = "linux"
	}
	return Source{
		Flags: w.flags,
		Env:   func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		ReadFile: func(path string) ([]byte, error) {
			if text, ok := w.files[filepath.ToSlash(path)]; ok {
				return []byte(text), nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
		Stdin: strings.NewReader(w.stdin),
		OS:    system,
	}
}

func (w world) load(t *testing.T) *Settings {
	t.Helper()
	s, err := Load(w.source())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s
}

// refused loads and wants an error with this outcome and these words.
func (w world) refused(t *testing.T, outcome exit.Outcome, words ...string) {
	t.Helper()
	s, err := Load(w.source())
	if err == nil {
		t.Fatalf("Load took it: %+v", s)
	}
	coded, ok := errors.AsType[*exit.Error](err)
	if !ok {
		t.Fatalf("Load: %v (%T), want an *exit.Error", err, err)
	}
	if coded.Outcome != outcome {
		t.Errorf("outcome %q, want %q: %v", coded.Outcome, outcome, err)
	}
	text := err.Error() + "\n" + coded.Hint
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("no %q in the error: %s", word, text)
		}
	}
	if strings.Contains(text, secret) {
		t.Errorf("the error shows the token: %s", text)
	}
}

func TestDefaults(t *testing.T) {
	s := world{}.load(t)
	want := &Settings{
		Server: "http://localhost:8888", ConnectTimeout: 10 * time.Second,
		Output: "table", Color: "auto", RetryBudget: 5 * time.Minute, OnInterrupt: "detach",
		FailOn: "error", Judge: "standing", ConfigFile: defaultPlace,
	}
	if diff := cmp.Diff(want, s, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".origins" }, cmp.Ignore())); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if got := s.Origin("server"); got != "default" {
		t.Errorf("Origin(server) = %q", got)
	}
}

// The names are promises: this list does not come from the table.
func TestNames(t *testing.T) {
	want := []string{
		"server flag DQOCTL_SERVER profile connection",
		"profile flag DQOCTL_PROFILE - connection",
		"config flag DQOCTL_CONFIG - connection",
		"token - DQOCTL_TOKEN - connection",
		"token-file flag DQOCTL_TOKEN_FILE profile connection",
		"data-domain flag DQOCTL_DATA_DOMAIN profile connection",
		"ca-cert flag DQOCTL_CA_CERT profile connection",
		"client-cert flag DQOCTL_CLIENT_CERT profile connection",
		"client-key flag DQOCTL_CLIENT_KEY profile connection",
		"insecure-skip-verify flag DQOCTL_INSECURE_SKIP_VERIFY profile connection",
		"require-https - - profile connection",
		"connect-timeout flag DQOCTL_CONNECT_TIMEOUT profile connection",
		"output flag DQOCTL_OUTPUT profile output",
		"columns flag DQOCTL_COLUMNS profile output",
		"no-headers flag DQOCTL_NO_HEADERS profile output",
		"color flag DQOCTL_COLOR profile output",
		"quiet flag DQOCTL_QUIET profile output",
		"debug flag DQOCTL_DEBUG profile output",
		"no-input flag DQOCTL_NO_INPUT profile output",
		"timeout flag DQOCTL_TIMEOUT profile following",
		"retry-budget flag DQOCTL_RETRY_BUDGET profile following",
		"on-interrupt flag DQOCTL_ON_INTERRUPT profile following",
		"fail-on flag DQOCTL_FAIL_ON profile gate",
		"allow-execution-errors flag DQOCTL_ALLOW_EXECUTION_ERRORS profile gate",
		"allow-empty flag DQOCTL_ALLOW_EMPTY profile gate",
		"judge flag DQOCTL_JUDGE profile gate",
	}
	word := func(yes bool, text string) string {
		if yes {
			return text
		}
		return "-"
	}
	var got []string
	for _, o := range Options() {
		got = append(got, fmt.Sprint(o.Name, " ", word(o.Flag, "flag"), " ", word(o.Env != "", o.Env), " ", word(o.Profile, "profile"), " ", o.Group))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}

// optionCases holds for every option that has a field two values as text, both
// not the default, and how to read the field.
var optionCases = map[string]struct {
	one, two string
	read     func(*Settings) any
	want     [2]any
}{
	"server":                 {"https://one.test", "https://two.test/x", func(s *Settings) any { return s.Server }, [2]any{"https://one.test", "https://two.test/x"}},
	"data-domain":            {"007", "two", func(s *Settings) any { return s.DataDomain }, [2]any{"007", "two"}},
	"ca-cert":                {"/one", "~/two", func(s *Settings) any { return s.CACert }, [2]any{"/one", home + "/two"}},
	"client-cert":            {"/one", "/two", func(s *Settings) any { return s.ClientCert }, [2]any{"/one", "/two"}},
	"client-key":             {"/one", "/two", func(s *Settings) any { return s.ClientKey }, [2]any{"/one", "/two"}},
	"token-file":             {"/t/one", "/t/two", func(s *Settings) any { return s.Token }, [2]any{"token-one", "token-two"}},
	"insecure-skip-verify":   {"true", "1", func(s *Settings) any { return s.InsecureSkipVerify }, [2]any{true, true}},
	"connect-timeout":        {"5", "1m", func(s *Settings) any { return s.ConnectTimeout }, [2]any{5 * time.Second, time.Minute}},
	"output":                 {"json", "id", func(s *Settings) any { return s.Output }, [2]any{"json", "id"}},
	"columns":                {"job", "job, type", func(s *Settings) any { return strings.Join(s.Columns, "|") }, [2]any{"job", "job|type"}},
	"no-headers":             {"true", "1", func(s *Settings) any { return s.NoHeaders }, [2]any{true, true}},
	"color":                  {"always", "never", func(s *Settings) any { return s.Color }, [2]any{"always", "never"}},
	"quiet":                  {"true", "1", func(s *Settings) any { return s.Quiet }, [2]any{true, true}},
	"debug":                  {"true", "1", func(s *Settings) any { return s.Debug }, [2]any{true, true}},
	"no-input":               {"true", "1", func(s *Settings) any { return s.NoInput }, [2]any{true, true}},
	"timeout":                {"90", "1h30m", func(s *Settings) any { return s.Timeout }, [2]any{90 * time.Second, 90 * time.Minute}},
	"retry-budget":           {"0", "7s", func(s *Settings) any { return s.RetryBudget }, [2]any{time.Duration(0), 7 * time.Second}},
	"on-interrupt":           {"cancel", "cancel", func(s *Settings) any { return s.OnInterrupt }, [2]any{"cancel", "cancel"}},
	"fail-on":                {"never", "fatal", func(s *Settings) any { return s.FailOn }, [2]any{"never", "fatal"}},
	"allow-execution-errors": {"true", "1", func(s *Settings) any { return s.AllowExecutionErrors }, [2]any{true, true}},
	"allow-empty":            {"true", "1", func(s *Settings) any { return s.AllowEmpty }, [2]any{true, true}},
	"judge":                  {"run", "exact", func(s *Settings) any { return s.Judge }, [2]any{"run", "exact"}},
}

func TestPrecedence(t *testing.T) {
	files := map[string]string{"/t/one": "token-one\n", "/t/two": "token-two"}
	profile := func(name, value string) map[string]string {
		all := maps.Clone(files)
		all[defaultPlace] = "current-profile: prod\nprofiles:\n  prod:\n    " + name + ": " + value + "\n"
		return all
	}
	env := func(name string) string { return "DQOCTL_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }
	for _, o := range Options() {
		if !o.Flag || o.Name == "profile" || o.Name == "config" {
			continue
		}
		c, ok := optionCases[o.Name]
		if !ok {
			t.Errorf("no case for option %s", o.Name)
			continue
		}
		flag, variable, file := map[string]string{o.Name: c.two}, map[string]string{env(o.Name): c.two}, profile(o.Name, c.one)
		tests := []struct {
			what   string
			world  world
			want   any
			origin string
		}{
			{"profile over default", world{files: file}, c.want[0], "profile prod in " + defaultPlace},
			{"environment over profile", world{files: file, env: variable}, c.want[1], "environment " + env(o.Name)},
			{"an empty variable is none", world{files: file, env: map[string]string{env(o.Name): ""}}, c.want[0], "profile prod in " + defaultPlace},
			{"flag over environment and profile", world{files: file, env: map[string]string{env(o.Name): c.one}, flags: flag}, c.want[1], "flag --" + o.Name},
			{"environment over default", world{files: files, env: variable}, c.want[1], "environment " + env(o.Name)},
		}
		for _, tt := range tests {
			t.Run(o.Name+"/"+tt.what, func(t *testing.T) {
				s := tt.world.load(t)
				if got := c.read(s); got != tt.want {
					t.Errorf("value %v, want %v", got, tt.want)
				}
				if got := s.Origin(o.Name); got != tt.origin {
					t.Errorf("origin %q, want %q", got, tt.origin)
				}
			})
		}
	}
}

func TestFalseOverridesTrue(t *testing.T) {
	files := map[string]string{defaultPlace: "current-profile: a\nprofiles: {a: {quiet: true, debug: true}}\n"}
	s := world{files: files, flags: map[string]string{"quiet": "false"}, env: map[string]string{"DQOCTL_DEBUG": "false"}}.load(t)
	if s.Quiet || s.Debug {
		t.Errorf("quiet %t, debug %t, want both false", s.Quiet, s.Debug)
	}
}

func TestBadValues(t *testing.T) {
	bad := map[string][]string{
		"server":          {"localhost:8888", "ftp://x", "http://", "http://kim:" + secret + "@x", "http://x?token=" + secret, "http://x:0", "http://x:99999", "http://x/%zz?" + secret},
		"timeout":         {"soon", "-1", "1.5"},
		"connect-timeout": {"0", "garbage"},
		"quiet":           {"maybe"},
		"output":          {"xml", "JSON"},
		"columns":         {"a,,b", ",", " "},
		"fail-on":         {"valid"},
		"judge":           {"softly"},
	}
	for name, values := range bad {
		for _, value := range values {
			t.Run(name+"="+value, func(t *testing.T) {
				variable := "DQOCTL_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
				world{flags: map[string]string{name: value}}.refused(t, exit.Usage, "--"+name)
				world{env: map[string]string{variable: value}}.refused(t, exit.Config, name, "environment "+variable)
				file := map[string]string{defaultPlace: "current-profile: a\nprofiles:\n  a:\n    " + name + ": '" + value + "'\n"}
				world{files: file}.refused(t, exit.Config, name, "profile a in "+defaultPlace, "line 4")
			})
		}
	}
}

func TestEmptyFlag(t *testing.T) {
	for _, name := range []string{"server", "data-domain", "token-file", "profile", "config"} {
		world{flags: map[string]string{name: ""}}.refused(t, exit.Usage, "--"+name+" is empty")
	}
	world{flags: map[string]string{"require-https": "true"}}.refused(t, exit.Internal)
}

func TestConfigFilePlace(t *testing.T) {
	tests := []struct {
		name   string
		world  world
		want   string
		origin string
	}{
		{"home", world{}, defaultPlace, "default"},
		{"xdg", world{env: map[string]string{"XDG_CONFIG_HOME": "/xdg"}}, "/xdg/dqoctl/config.yaml", "default"},
		{"relative xdg", world{env: map[string]string{"XDG_CONFIG_HOME": "xdg"}}, defaultPlace, "default"},
		{"mac", world{os: "darwin"}, home + "/Library/Application Support/dqoctl/config.yaml", "default"},
		{"windows", world{os: "windows", env: map[string]string{"AppData": "/roaming"}}, "/roaming/dqoctl/config.yaml", "default"},
		{"no home", world{env: map[string]string{"HOME": ""}}, "", "default"},
		{
			"variable",
			world{env: map[string]string{"DQOCTL_CONFIG": "~/c.yaml"}, files: map[string]string{home + "/c.yaml": ""}},
			home + "/c.yaml", "environment DQOCTL_CONFIG",
		},
		{
			"flag",
			world{flags: map[string]string{"config": "c.yaml"}, env: map[string]string{"DQOCTL_CONFIG": "/no"}, files: map[string]string{"c.yaml": "# nothing\n"}},
			"c.yaml", "flag --config",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.world.load(t)
			if got := filepath.ToSlash(s.ConfigFile); got != tt.want {
				t.Errorf("ConfigFile %q, want %q", got, tt.want)
			}
			if got := s.Origin("config"); got != tt.origin {
				t.Errorf("origin %q, want %q", got, tt.origin)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	world{flags: map[string]string{"config": "/no/such"}}.refused(t, exit.Config, "/no/such", "flag --config", "does not exist")
	world{env: map[string]string{"DQOCTL_CONFIG": "/no/such"}}.refused(t, exit.Config, "/no/such", "environment DQOCTL_CONFIG")
}

func TestHomeThatIsNoFolder(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	source := world{env: map[string]string{"HOME": file}}.source()
	source.ReadFile = nil
	if _, err := Load(source); err != nil {
		t.Errorf("Load: %v", err)
	}
}
