package config

import (
	"strings"
	"testing"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

func TestBrokenFiles(t *testing.T) {
	tests := []struct {
		name, text string
		words      []string
	}{
		{"not YAML", "profiles:\n  a: {server: 'x\n", []string{"line"}},
		{"tab", "profiles:\n\ta: 1\n", []string{"line 2"}},
		{"a list", "- a\n", []string{"line 1", "the file must hold keys"}},
		{"two documents", "profiles: {}\n---\nprofiles: {}\n", []string{"second document"}},
		{"unknown key", "curent-profile: a\n", []string{"line 1", `"curent-profile"`, `did you mean "current-profile"?`}},
		{"another case", "Profiles: {}\n", []string{"line 1", `"Profiles"`, `did you mean "profiles"?`}},
		{"far from any", "zzz: 1\n", []string{`unknown key "zzz"`, "known here: current-profile, profiles"}},
		{"setting at the top", "\nserver: http://x\n", []string{"line 2", "server belongs into a profile"}},
		{"unknown key in a profile", "profiles:\n  a:\n    sever: http://x\n", []string{"line 3", `"sever" in profile a`, `did you mean "server"?`}},
		{"unknown key in an unused profile", "profiles:\n  a: {}\n  b:\n    tiemout: 3\n", []string{"line 4", "profile b", `"timeout"`}},
		{"underscore", "profiles: {a: {fail_on: error}}\n", []string{`did you mean "fail-on"?`}},
		{"another case in a profile", "profiles: {a: {Server: http://x}}\n", []string{`unknown key "Server"`, `"server"`}},
		{"a token", "profiles: {a: {token: " + secret + "}}\n", []string{"a token never stands in this file", "token-file"}},
		{"a token at the top", "token: " + secret + "\n", []string{"a token never stands in this file"}},
		{"not for profiles", "profiles: {a: {config: x}}\n", []string{"config is not for profiles"}},
		{"what a command acts on", "profiles: {a: {table: x}}\n", []string{`unknown key "table"`}},
		{"dot in a name", "profiles:\n  prod.eu: {}\n", []string{"line 2", `"prod.eu"`}},
		{"upper case in a name", "profiles:\n  Prod: {}\n  prod: {}\n", []string{"line 2", `"Prod"`}},
		{"delimiter in a name", "profiles:\n  'a::b': {}\n", []string{`"a::b"`}},
		{"twice", "profiles:\n  a:\n    quiet: true\n    quiet: false\n", []string{"line 4", `"quiet" stands twice`, "line 3"}},
		{"profile twice", "profiles:\n  a: {}\n  a: {}\n", []string{"line 3", "twice"}},
		{"no value", "profiles:\n  a:\n    server:\n", []string{"line 3", "server has no value"}},
		{"empty value", "profiles: {a: {data-domain: ''}}\n", []string{"data-domain has no value"}},
		{"list for a value", "profiles: {a: {server: [http://x]}}\n", []string{"server must be a single value"}},
		{"profile is a word", "profiles: {a: server}\n", []string{"profile a must hold keys"}},
		{"merge key", "profiles: {a: &a {quiet: true}, b: {<<: *a}}\n", []string{`unknown key "<<"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := world{files: map[string]string{defaultPlace: tt.text}}
			w.refused(t, exit.Config, append(tt.words, "configuration file "+defaultPlace)...)
		})
	}
}

func TestValuesAreText(t *testing.T) {
	text := "current-profile: a\nprofiles:\n  a:\n    data-domain: 2024-01-02\n    timeout: 0x10\n"
	world{files: map[string]string{defaultPlace: text}}.refused(t, exit.Config, `"0x10" is not a duration`, "line 5")

	text = "current-profile: a\nprofiles:\n  a: {data-domain: 2024-01-02, retry-budget: 010}\n"
	s := world{files: map[string]string{defaultPlace: text}}.load(t)
	if s.DataDomain != "2024-01-02" || s.RetryBudget.Seconds() != 10 {
		t.Errorf("data domain %q, retry budget %v", s.DataDomain, s.RetryBudget)
	}
}

func TestHarmlessFiles(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "comment": "# nothing\n", "null": "~\n", "no profiles": "profiles:\n", "mark": "---\n", "windows": "profiles:\r\n  a:\r\n    quiet: true\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			if s := (world{files: map[string]string{defaultPlace: text}}).load(t); s.Profile != "" || s.Quiet {
				t.Errorf("profile %q, quiet %t", s.Profile, s.Quiet)
			}
		})
	}
}

const twoProfiles = `current-profile: prod
profiles:
  prod: &prod
    server: https://prod.test
  test: {server: https://test.test}
  empty:
  copy: *prod
`

func TestProfiles(t *testing.T) {
	files := map[string]string{defaultPlace: twoProfiles}
	tests := []struct {
		name                    string
		world                   world
		profile, server, origin string
	}{
		{"current", world{files: files}, "prod", "https://prod.test", "current-profile in " + defaultPlace},
		{"variable", world{files: files, env: map[string]string{"DQOCTL_PROFILE": "test"}}, "test", "https://test.test", "environment DQOCTL_PROFILE"},
		{"flag", world{files: files, env: map[string]string{"DQOCTL_PROFILE": "test"}, flags: map[string]string{"profile": "prod"}}, "prod", "https://prod.test", "flag --profile"},
		{"without values", world{files: files, flags: map[string]string{"profile": "empty"}}, "empty", "http://localhost:8888", "flag --profile"},
		{"alias", world{files: files, flags: map[string]string{"profile": "copy"}}, "copy", "https://prod.test", "flag --profile"},
		{"none", world{files: map[string]string{defaultPlace: "profiles: {a: {quiet: true}}"}}, "", "http://localhost:8888", "default"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.world.load(t)
			if s.Profile != tt.profile || s.Server != tt.server || s.Origin("profile") != tt.origin {
				t.Errorf("profile %q, server %q, origin %q", s.Profile, s.Server, s.Origin("profile"))
			}
		})
	}
}

func TestProfileThatIsNot(t *testing.T) {
	files := map[string]string{defaultPlace: twoProfiles}
	world{files: files, flags: map[string]string{"profile": "staging"}}.
		refused(t, exit.Config, `"staging"`, "flag --profile", "copy, empty, prod, test")
	world{files: files, flags: map[string]string{"profile": "Prod"}}.refused(t, exit.Config, `"Prod"`)
	world{flags: map[string]string{"profile": "prod"}}.refused(t, exit.Config, `"prod"`, defaultPlace+" has no profiles")
	world{env: map[string]string{"DQOCTL_PROFILE": "prod", "HOME": ""}}.
		refused(t, exit.Config, `"prod"`, "environment DQOCTL_PROFILE", "no configuration file")
	world{files: map[string]string{defaultPlace: "current-profile: gone\nprofiles: {a: {}}"}}.
		refused(t, exit.Config, `"gone"`, "current-profile in "+defaultPlace, "there are: a")
}

func TestPathsOfAProfile(t *testing.T) {
	text := "current-profile: a\nprofiles: {a: {ca-cert: ca.pem, client-cert: ~/c.pem, client-key: /k.pem}}\n"
	s := world{files: map[string]string{defaultPlace: text}}.load(t)
	want := home + "/.config/dqoctl/ca.pem " + home + "/c.pem /k.pem"
	if got := strings.Join([]string{s.CACert, s.ClientCert, s.ClientKey}, " "); got != want {
		t.Errorf("paths %q, want %q", got, want)
	}
	s = world{flags: map[string]string{"ca-cert": "ca.pem"}}.load(t)
	if s.CACert != "ca.pem" {
		t.Errorf("path of a flag %q, want it as given", s.CACert)
	}
	world{env: map[string]string{"HOME": ""}, flags: map[string]string{"ca-cert": "~/x"}}.refused(t, exit.Usage, "--ca-cert", "home folder")
}
