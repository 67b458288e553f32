package yamltext_test

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/dqoctl/dqoctl/pkg/yamltext"
)

func TestExplain(t *testing.T) {
	for text, want := range map[string]string{
		"a: [1\n":                             "line 1, column 1: did not find expected ',' or ']'",
		"profiles:\n  prod: {server: x\n":     "line 2, column 3: did not find expected ',' or '}'",
		"a: 1\nb:\n  c: \"open\n  d: 2\n":     "line 3, column 3: found unexpected end of stream",
		"a:\n  b: 1\n c: 2\n":                 "line 3, column 2: did not find expected key",
		"a: 1\n  b: 2\n":                      "line 2, column 3: mapping values are not allowed in this context",
		"profiles:\n  prod:\n  \tserver: x\n": "line 3, column 3: a tab, and YAML is indented with blanks",
		"a: 1\nb: @x\n":                       "line 2, column 1: found character that cannot start any token",
		"a: |\n  x\n  \ty\nb: 1\nc: [\n":      "line 5, column 1: did not find expected node content",
		"a: *nosuch\n":                        "unknown anchor 'nosuch' referenced",
	} {
		var node yaml.Node
		err := yaml.Unmarshal([]byte(text), &node)
		if err == nil {
			t.Errorf("%q is YAML", text)
			continue
		}
		if got := yamltext.Explain([]byte(text), err); got != want {
			t.Errorf("%q: %v\n%s\nwant %s", text, err, got, want)
		}
	}
}
