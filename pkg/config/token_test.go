package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dqoctl/dqoctl/pkg/exit"
)

const tokenProfile = "current-profile: prod\nprofiles: {prod: {server: https://prod.test, token-file: prod.token}}\n"

func TestToken(t *testing.T) {
	files := map[string]string{
		defaultPlace:                        tokenProfile,
		home + "/.config/dqoctl/prod.token": secret + "\n",
		"/t/other":                          "other\r\n",
	}
	tests := []struct {
		name          string
		world         world
		token, source string
		warnings      []string
	}{
		{"none", world{}, "", "", nil},
		{"profile", world{files: files}, secret, "file " + home + "/.config/dqoctl/prod.token (profile prod in " + defaultPlace + ")", nil},
		{
			"profile, and another server",
			world{files: files, flags: map[string]string{"server": "https://other.test"}},
			"", "",
			[]string{"the token of profile prod is for https://prod.test and not sent to https://other.test; give one with DQOCTL_TOKEN or --token-file"},
		},
		{
			"profile, and its server without TLS",
			world{files: files, env: map[string]string{"DQOCTL_SERVER": "http://prod.test"}},
			"", "",
			[]string{"the token of profile prod is for https://prod.test and not sent to http://prod.test; give one with DQOCTL_TOKEN or --token-file"},
		},
		{
			"profile, and its own server by name",
			world{files: files, env: map[string]string{"DQOCTL_SERVER": "https://PROD.test/"}},
			secret, "file " + home + "/.config/dqoctl/prod.token (profile prod in " + defaultPlace + ")", nil,
		},
		{
			"variable over profile, and another server",
			world{files: files, env: map[string]string{"DQOCTL_TOKEN": "mine", "DQOCTL_SERVER": "https://other.test"}},
			"mine", "environment DQOCTL_TOKEN",
			[]string{"DQOCTL_TOKEN overrides the token of profile prod"},
		},
		{
			"variable over profile",
			world{files: files, env: map[string]string{"DQOCTL_TOKEN": "mine"}},
			"mine", "environment DQOCTL_TOKEN",
			[]string{"DQOCTL_TOKEN overrides the token of profile prod"},
		},
		{
			"file of a variable over profile",
			world{files: files, env: map[string]string{"DQOCTL_TOKEN_FILE": "/t/other"}},
			"other", "file /t/other (environment DQOCTL_TOKEN_FILE)",
			[]string{"DQOCTL_TOKEN_FILE overrides the token of profile prod"},
		},
		{
			"flag over all",
			world{files: files, env: map[string]string{"DQOCTL_TOKEN": "mine"}, flags: map[string]string{"token-file": "/t/other"}},
			"other", "file /t/other (flag --token-file)", nil,
		},
		{
			"standard input",
			world{files: files, stdin: "piped\n", flags: map[string]string{"token-file": "-"}},
			"piped", "standard input (flag --token-file)", nil,
		},
		{"empty variable", world{env: map[string]string{"DQOCTL_TOKEN": ""}}, "", "", nil},
		{"variable alone", world{env: map[string]string{"DQOCTL_TOKEN": "mine\n"}}, "mine", "environment DQOCTL_TOKEN", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.world.load(t)
			if s.Token != tt.token || s.TokenSource != tt.source {
				t.Errorf("token %q from %q, want %q from %q", s.Token, s.TokenSource, tt.token, tt.source)
			}
			if diff := cmp.Diff(tt.warnings, s.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadTokens(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "only a line break": "\n", "two lines": secret + "\n" + secret + "\n", "two line breaks": secret + "\n\n",
		"blank": "Bearer " + secret, "no letters": "\xef\xbb\xbf" + secret, "too long": strings.Repeat("x", maxTokenBytes+1),
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"/t": text}
			world{files: files, flags: map[string]string{"token-file": "/t"}}.refused(t, exit.Usage, "--token-file")
			world{stdin: text, flags: map[string]string{"token-file": "-"}}.refused(t, exit.Usage, "--token-file")
			world{files: files, env: map[string]string{"DQOCTL_TOKEN_FILE": "/t"}}.refused(t, exit.Config, "environment DQOCTL_TOKEN_FILE")
			if text != "" {
				world{env: map[string]string{"DQOCTL_TOKEN": text}}.refused(t, exit.Config, "environment DQOCTL_TOKEN")
			}
		})
	}
	world{flags: map[string]string{"token-file": "/none"}}.refused(t, exit.Usage, "--token-file", "/none")
	world{env: map[string]string{"DQOCTL_TOKEN_FILE": "-"}, stdin: secret}.refused(t, exit.Config, "flag only")
	world{env: map[string]string{"DQOCTL_TOKEN_FILE": "/t", "DQOCTL_TOKEN": secret}}.refused(t, exit.Config, "both")
}

func TestTokenFileThatOthersMayRead(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes of files say nothing there")
	}
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o444: false, 0o640: true, 0o644: true, 0o602: true} {
		file := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		source := world{flags: map[string]string{"token-file": file}}.source()
		source.ReadFile = os.ReadFile
		s, err := Load(source)
		if err != nil {
			t.Fatalf("mode %o: %v", mode, err)
		}
		if got := strings.Contains(strings.Join(s.Warnings, "\n"), file); got != warned {
			t.Errorf("mode %o: warned %t, want %t: %q", mode, got, warned, s.Warnings)
		}
	}
}

func TestServersWithoutTLS(t *testing.T) {
	strict := map[string]string{defaultPlace: "current-profile: a\nprofiles: {a: {require-https: true}}\n"}
	token := map[string]string{"DQOCTL_TOKEN": secret}
	for _, server := range []string{"http://localhost:8888", "http://LOCALHOST", "http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:8888", "https://dqops.test"} {
		s := world{files: strict, env: token, flags: map[string]string{"server": server}}.load(t)
		if len(s.Warnings) > 0 || s.Server != server {
			t.Errorf("%s: %q, warnings %q", server, s.Server, s.Warnings)
		}
	}
	for _, server := range []string{"http://dqops.test", "http://10.0.0.1", "http://localhost.evil.test", "http://0.0.0.0:8888", "HTTP://dqops.test"} {
		world{files: strict, flags: map[string]string{"server": server}}.refused(t, exit.Usage, "--server", "require-https", "profile a")
		world{files: strict, env: map[string]string{"DQOCTL_SERVER": server}}.refused(t, exit.Config, "DQOCTL_SERVER", "require-https")
		s := world{env: token, flags: map[string]string{"server": server}}.load(t)
		if text := strings.Join(s.Warnings, "\n"); !strings.Contains(text, "without TLS") || strings.Contains(text, secret) {
			t.Errorf("%s: warnings %q", server, s.Warnings)
		}
		if s = (world{flags: map[string]string{"server": server}}).load(t); len(s.Warnings) > 0 {
			t.Errorf("%s without a token: warnings %q", server, s.Warnings)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	source := world{files: map[string]string{defaultPlace: twoProfiles}}.source()
	for b.Loop() {
		if _, err := Load(source); err != nil {
			b.Fatal(err)
		}
	}
}
