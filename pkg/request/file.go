// Package request turns flags and body files into the typed requests of
// pkg/dqops, and refuses before anything is sent what the server would
// misread in silence (wire T10, T11, T17, T22). It is internal to dqoctl and
// may change without notice.
package request

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/dqoctl/dqoctl/pkg/exit"
	"github.com/dqoctl/dqoctl/pkg/yamltext"
)

// MaxBytes is the largest body that a server takes (wire L7).
const MaxBytes = 10 << 20

// File is a body as it was written, YAML or JSON, with the positions of all its
// parts; what its fields mean is decided by the request that is built from it.
type File struct {
	name string
	root *yaml.Node
}

// ParseFile reads a body; name stands for it in messages. It must be one YAML
// or JSON document, an object, of at most MaxBytes, written out in full: without
// anchors, aliases, merge keys and type tags. Errors are usage errors.
func ParseFile(name string, data []byte) (*File, error) {
	if len(data) > MaxBytes {
		return nil, exit.Usagef("", "%s is too large: %d bytes, and a server takes at most %d", name, len(data), MaxBytes)
	}
	root, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	if root == nil || isNull(root) {
		return nil, exit.Usagef("write the body's fields into it as YAML or JSON; {} is one without any", "%s is empty", name)
	}
	file := &File{name: name, root: root}
	if root.Kind == yaml.ScalarNode || root.Kind == yaml.SequenceNode {
		return nil, exit.Usagef("", "%s:%d:%d: a body is an object with fields, not %s", name, root.Line, root.Column, kindOf(root))
	}
	var found problems
	file.refuseShorthand(root, &found)
	if err := found.err(); err != nil {
		return nil, err
	}
	return file, nil
}

// parse gives nil for a document without content.
func parse(name string, data []byte) (*yaml.Node, error) {
	// YAML folds or refuses some characters and escapes that JSON allows in a
	// text, so JSON is read as what it is.
	if json.Valid(data) {
		root, err := newJSONReader(data).value()
		if err != nil {
			return nil, syntax(name, data, err)
		}
		return root, nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, syntax(name, data, err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, exit.Usagef("one request, one file", "%s:%d: a second document begins; a body is one", name, second.Line)
	case !errors.Is(err, io.EOF):
		return nil, syntax(name, data, err)
	}
	if len(document.Content) == 0 {
		return nil, nil
	}
	return document.Content[0], nil
}

func syntax(name string, data []byte, err error) error {
	return exit.Usagef("", "%s is neither YAML nor JSON: %s", name, yamltext.Explain(data, err))
}

// refuseShorthand keeps a body readable as it stands and its size bounded: what
// is sent is what is written.
func (f *File) refuseShorthand(n *yaml.Node, found *problems) {
	at := f.source(n, "")
	switch {
	case n.Kind == yaml.AliasNode:
		found.add(at, "", "aliases (*%s) are not supported in a body; write the value out", n.Value)
		return
	case n.Anchor != "":
		found.add(at, "", "anchors (&%s) are not supported in a body; write the values out", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		found.add(at, "", "type tags (%s) are not supported in a body", n.Tag)
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && child.ShortTag() == "!!merge" {
			found.add(f.source(child, ""), "", "merge keys (<<) are not supported in a body; write the fields out")
		}
		f.refuseShorthand(child, found)
	}
}

func (f *File) source(n *yaml.Node, name string) source {
	return source{name: name, file: f.name, line: n.Line, column: n.Column}
}
