package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dqoctl/dqoctl"

// rooms is the import table of docs/architecture.md: what each package may import
// of ours. A package that does not stand here does not belong to the house.
var rooms = map[string][]string{
	"":    {"cmd"},
	"cmd": {"dqops", "request", "follow", "standing", "verdict", "output", "progress", "watch", "doctor", "config", "journal", "iostreams", "exit", "simulator"},

	"cmd/generate": {"cmd"},

	"pkg/exit":      {},
	"pkg/dqops":     {},
	"pkg/simulator": {},
	"pkg/iostreams": {"exit"},
	"pkg/verdict":   {"dqops", "exit"},
	"pkg/yamltext":  {},
	"pkg/request":   {"dqops", "exit", "yamltext"},
	"pkg/follow":    {"dqops", "journal", "exit"},
	"pkg/standing":  {"dqops", "follow", "verdict", "exit"},
	"pkg/journal":   {"exit"},
	"pkg/config":    {"exit", "yamltext"},
	"pkg/output":    {"iostreams", "exit"},
	"pkg/progress":  {"iostreams", "exit"},
	"pkg/watch":     {"dqops", "follow", "iostreams", "output", "exit"},
	"pkg/doctor":    {"dqops", "config", "exit"},
}

// libraries says who may import which package of others. One that does not stand
// here is a new dependency, to be justified in the commit that adds it.
var libraries = map[string][]string{
	"github.com/spf13/cobra":                        {"cmd", "cmd/generate"},
	"github.com/spf13/cobra/doc":                    {"cmd", "cmd/generate"},
	"github.com/spf13/pflag":                        {"cmd", "cmd/generate"},
	"github.com/spf13/viper":                        {"pkg/config"},
	"github.com/olekukonko/tablewriter":             {"pkg/output"},
	"github.com/olekukonko/tablewriter/renderer":    {"pkg/output"},
	"github.com/olekukonko/tablewriter/tw":          {"pkg/output"},
	"github.com/olekukonko/tablewriter/pkg/twwidth": {"pkg/output"},
	"github.com/briandowns/spinner":                 {"pkg/progress"},
	"golang.org/x/sys/windows":                      {"pkg/journal"},
	"golang.org/x/term":                             {"pkg/iostreams"},
	"go.yaml.in/yaml/v3":                            {"pkg/request", "pkg/config", "pkg/simulator"},
}

// testLibraries are for test files, whatever their package.
var testLibraries = []string{
	"github.com/creack/pty",
	"github.com/google/go-cmp/cmp",
	"github.com/google/go-cmp/cmp/cmpopts",
	"github.com/rogpeppe/go-internal/testscript",
	"go.yaml.in/yaml/v3", // reads back what others write
}

// launchers are the files that may say go: they recover and wait.
var launchers = []string{"pkg/exit/group.go", "pkg/simulator/server.go"}

// programs are the files with a main function; processState is theirs alone.
var programs = []string{"main.go", "cmd/generate/main.go"}

var processState = []string{"Args", "Environ", "Exit", "ExpandEnv", "Getenv", "LookupEnv", "Stderr", "Stdin", "Stdout"}

// source is one file of Go, whatever system it is for.
type source struct {
	room  string
	name  string
	tree  *ast.File
	files *token.FileSet
}

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

func (s source) at(node ast.Node) string {
	return s.name + ":" + strconv.Itoa(s.files.Position(node.Pos()).Line)
}

func TestArchitecture(t *testing.T) {
	sources := readSources(t)
	t.Run("rooms", func(t *testing.T) { testRooms(t, sources) })
	t.Run("imports of ours", func(t *testing.T) { testOwnImports(t, sources) })
	t.Run("imports of others", func(t *testing.T) { testOtherImports(t, sources) })
	t.Run("process state", func(t *testing.T) { testProcessState(t, sources) })
	t.Run("goroutines", func(t *testing.T) { testGoroutines(t, sources) })
	t.Run("init", func(t *testing.T) { testInit(t, sources) })
}

// readSources parses all that go list finds in this module, the files of other
// systems and the tests included.
func readSources(t *testing.T) []source {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var sources []source
	for _, p := range listPackages(t) {
		below, err := filepath.Rel(root, p.Dir)
		if err != nil {
			t.Fatal(err)
		}
		room := strings.TrimPrefix(filepath.ToSlash(below), ".")
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles, p.TestGoFiles, p.XTestGoFiles) {
			sources = append(sources, readSource(t, p.Dir, room, name))
		}
	}
	return sources
}

func readSource(t *testing.T, folder, room, name string) source {
	t.Helper()
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, filepath.Join(folder, name), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return source{room: room, name: path.Join(room, name), tree: tree, files: files}
}

// listed is what go list says of one package.
type listed struct {
	Dir                                                          string
	GoFiles, CgoFiles, IgnoredGoFiles, TestGoFiles, XTestGoFiles []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	answer, err := exec.CommandContext(t.Context(), "go", "list", "-e", "-json", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(answer)); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// testRooms reads pkg itself, so that an empty folder is seen as well.
func testRooms(t *testing.T, sources []source) {
	for _, s := range sources {
		if _, known := rooms[s.room]; !known {
			t.Errorf("%s: the house has no room %q", s.name, s.room)
		}
	}
	entries, err := os.ReadDir("pkg")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		room := "pkg/" + entry.Name()
		if !slices.ContainsFunc(sources, func(s source) bool { return s.room == room }) {
			t.Errorf("%s has no Go code that is built here", room)
		}
	}
}

func testOwnImports(t *testing.T, sources []source) {
	for _, s := range sources {
		if s.isTest() {
			continue
		}
		for _, spec := range s.tree.Imports {
			imported, ours := strings.CutPrefix(importPath(spec), module+"/")
			if ours && !slices.Contains(rooms[s.room], strings.TrimPrefix(imported, "pkg/")) {
				t.Errorf("%s: %q must not import %s", s.at(spec), s.room, imported)
			}
		}
	}
}

func testOtherImports(t *testing.T, sources []source) {
	for _, s := range sources {
		for _, spec := range s.tree.Imports {
			imported := importPath(spec)
			if !foreign(imported) || s.isTest() && slices.Contains(testLibraries, imported) {
				continue
			}
			if !slices.Contains(libraries[imported], s.room) {
				t.Errorf("%s: %q must not import %s", s.at(spec), s.room, imported)
			}
		}
	}
}

func testProcessState(t *testing.T, sources []source) {
	for _, s := range sources {
		if s.isTest() || slices.Contains(programs, s.name) {
			continue
		}
		for _, spec := range s.tree.Imports {
			if importPath(spec) == "os/signal" {
				t.Errorf("%s: signals are taken in main.go only", s.at(spec))
			}
		}
		name := nameOf(s.tree, "os")
		ast.Inspect(s.tree, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok || !slices.Contains(processState, selector.Sel.Name) {
				return true
			}
			if x, ok := selector.X.(*ast.Ident); ok && x.Name == name && x.Obj == nil {
				t.Errorf("%s: os.%s is used in main.go only", s.at(node), selector.Sel.Name)
			}
			return true
		})
	}
}

func testGoroutines(t *testing.T, sources []source) {
	for _, s := range sources {
		if s.isTest() || slices.Contains(launchers, s.name) {
			continue
		}
		ast.Inspect(s.tree, func(node ast.Node) bool {
			if _, ok := node.(*ast.GoStmt); ok {
				t.Errorf("%s: goroutines are started by the launchers: %s", s.at(node), strings.Join(launchers, ", "))
			}
			return true
		})
	}
}

func testInit(t *testing.T, sources []source) {
	for _, s := range sources {
		for _, declaration := range s.tree.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: init runs at every start; call it where it is needed", s.at(f))
			}
		}
	}
}

// nameOf is what a file calls the package that it imports, "" if it does not.
func nameOf(tree *ast.File, imported string) string {
	for _, spec := range tree.Imports {
		if importPath(spec) != imported {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(imported)
	}
	return ""
}

func importPath(spec *ast.ImportSpec) string {
	imported, _ := strconv.Unquote(spec.Path.Value)
	return imported
}

// foreign is true for what is neither ours nor the standard library's.
func foreign(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".") && imported != module && !strings.HasPrefix(imported, module+"/")
}
