package main_test

import (
	"archive/zip"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInstalledVersion installs dqoctl as go install does from a module proxy:
// there is no linker flag then, and no repository.
func TestInstalledVersion(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program from an empty module cache")
	}
	cache := filepath.Join(goEnv(t, "GOMODCACHE"), "cache", "download")
	if _, err := os.Stat(cache); err != nil {
		t.Skip("the modules were not downloaded here")
	}
	proxy, bin := t.TempDir(), t.TempDir()
	publish(t, proxy, "v1.2.3")
	install := exec.CommandContext(t.Context(), "go", "install", module+"@latest")
	install.Dir = bin
	install.Env = append(os.Environ(),
		"GOPROXY=file://"+proxy+",file://"+cache, "GOSUMDB=off", "GOFLAGS=-trimpath -modcacherw", "GOWORK=off",
		"GOBIN="+bin, "GOMODCACHE="+t.TempDir(), "CGO_ENABLED=0")
	if text, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	text, err := exec.CommandContext(t.Context(), filepath.Join(bin, "dqoctl"), "version").Output()
	if err != nil || !strings.HasPrefix(string(text), "dqoctl 1.2.3 (") {
		t.Errorf("%s (%v), want it to begin with dqoctl 1.2.3", text, err)
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// publish puts the program's sources under that version into a folder that is a
// module proxy.
func publish(t *testing.T, proxy, version string) {
	t.Helper()
	folder := filepath.Join(proxy, filepath.FromSlash(module), "@v")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"list": version + "\n", version + ".info": `{"Version":"` + version + `","Time":"2026-01-02T03:04:05Z"}`, version + ".mod": string(mod),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(folder, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	archive := zip.NewWriter(f)
	for _, name := range []string{"go.mod", "go.sum", "main.go", "cmd", "pkg"} {
		addSources(t, archive, name, module+"@"+version+"/")
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
}

func addSources(t *testing.T, archive *zip.Writer, root, prefix string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		w, err := archive.Create(prefix + filepath.ToSlash(path))
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
