package request

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// draft is a request in the making: what the file said and where, and what is
// wrong with it so far.
type draft struct {
	file *File // nil without one
	// refused are the fields, by path, that exist and must not be given.
	refused map[string]string
	// renamed are names that the server itself writes for fields it takes under
	// another name.
	renamed map[string]string
	// nodes are the values of the file that could be decoded, by path.
	nodes    map[string]*yaml.Node
	problems problems
	// undecoded says that fields may be missing here that the file meant to give.
	undecoded bool
	names     []string // all paths of the request's type
}

func newDraft(file *File, refused map[string]string) *draft {
	return &draft{file: file, refused: refused, nodes: map[string]*yaml.Node{}}
}

var rawType = reflect.TypeFor[json.RawMessage]()

// decode fills the struct that target points to from the file. Names are those
// of the json tags and match exactly, values are taken only in the type's own
// form: encoding/json ignores case, YAML converts dates and numbers, and the
// server drops or converts in silence what it does not expect (wire T22).
func (d *draft) decode(target any) {
	if d.file == nil {
		return
	}
	v := reflect.ValueOf(target).Elem()
	d.names = pathsOf(v.Type(), "")
	d.value(d.file.root, v, "")
	d.undecoded = d.problems.count() > 0
}

func (d *draft) value(n *yaml.Node, v reflect.Value, path string) {
	before := d.problems.count()
	defer func() {
		if d.problems.count() == before {
			d.nodes[path] = n
		}
	}()
	switch {
	case v.Type() == rawType:
		v.SetBytes(d.appendJSON(nil, n, path))
	case isNull(n):
		d.wrong(n, path, "has no value; leave it out or give it one")
	case v.Kind() == reflect.Pointer:
		target := reflect.New(v.Type().Elem())
		d.value(n, target.Elem(), path)
		v.Set(target)
	case v.Kind() == reflect.Struct:
		d.object(n, v, path)
	case v.Kind() == reflect.Slice:
		d.list(n, v, path)
	case v.Kind() == reflect.String:
		d.text(n, v, path)
	case v.Kind() == reflect.Bool:
		d.boolean(n, v, path)
	case v.CanInt():
		d.integer(n, v, path)
	default:
		d.wrong(n, path, "cannot be given in a body")
	}
}

func (d *draft) object(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.wrong(n, path, "takes an object with fields, not %s", kindOf(n))
		return
	}
	fields := fieldsOf(v.Type())
	d.entries(n, path, func(key, value *yaml.Node) {
		name := join(path, key.Value)
		for _, field := range fields {
			if field.name != key.Value {
				continue
			}
			if reason, ok := d.refused[name]; ok {
				d.wrong(key, name, "%s", reason)
				return
			}
			d.value(value, v.FieldByIndex(field.index), name)
			return
		}
		d.unknown(key, path, fields)
	})
}

// entries calls each for the keys and values of a mapping that has no key twice.
func (d *draft) entries(n *yaml.Node, path string, each func(key, value *yaml.Node)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			d.wrong(key, path, "has %s where the name of a field belongs", kindOf(key))
			continue
		}
		if first, ok := seen[key.Value]; ok {
			d.wrongKey(key, "is given twice, first in line %d", first)
			continue
		}
		seen[key.Value] = key.Line
		each(key, value)
	}
}

func (d *draft) unknown(key *yaml.Node, path string, fields []field) {
	if d.problems.full() {
		d.problems.more++
		return
	}
	where := path
	if path == "" {
		where = "the body"
	}
	message := "is an unknown field in " + where
	var allowed []string
	for _, field := range fields {
		if _, ok := d.refused[join(path, field.name)]; !ok {
			allowed = append(allowed, field.name)
		}
	}
	if meant, ok := d.meant(key.Value, allowed); ok {
		message += ", did you mean " + meant + "?"
	} else {
		message += "; it has " + strings.Join(allowed, ", ")
	}
	d.wrongKey(key, "%s", message)
}

// meant prefers the right name in another part of the request over a similar
// one in this part.
func (d *draft) meant(name string, allowed []string) (string, bool) {
	if taken, ok := d.renamed[name]; ok {
		return taken, true
	}
	if same, ok := sameName(name, allowed); ok {
		return same, true
	}
	for _, path := range d.names {
		if _, ok := d.refused[path]; ok {
			continue
		}
		if _, ok := sameName(name, []string{lastName(path)}); !ok {
			continue
		}
		if path == lastName(path) {
			return path + " at the top of the body", true
		}
		return path, true
	}
	return Nearest(name, allowed)
}

func (d *draft) list(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.wrong(n, path, "takes a list, such as [a, b], not %s", kindOf(n))
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		d.value(item, items.Index(i), element(path, i))
	}
	v.Set(items)
}

func (d *draft) text(n *yaml.Node, v reflect.Value, path string) {
	switch {
	case n.Kind != yaml.ScalarNode:
		d.wrong(n, path, "takes a text, not %s", kindOf(n))
	case n.ShortTag() == "!!bool":
		d.wrong(n, path, "takes a text; if %s is meant as one, quote it", n.Value)
	default:
		v.SetString(n.Value)
	}
}

func (d *draft) boolean(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode || isQuoted(n) || (n.Value != "true" && n.Value != "false") {
		d.wrong(n, path, "takes true or false, not %s", show(n))
		return
	}
	v.SetBool(n.Value == "true")
}

func (d *draft) integer(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode || isQuoted(n) || !isInteger(n.Value) {
		d.wrong(n, path, "takes a whole number in plain digits, not %s", show(n))
		return
	}
	number, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil || v.OverflowInt(number) {
		d.wrong(n, path, "is out of range: %s, and a number here has %d bits", n.Value, v.Type().Bits())
		return
	}
	v.SetInt(number)
}

func (d *draft) wrong(n *yaml.Node, path, format string, args ...any) {
	d.problems.add(d.file.source(n, cmp.Or(lastName(path), "the body")), "", format, args...)
}

func (d *draft) wrongKey(key *yaml.Node, format string, args ...any) {
	d.problems.add(d.file.source(key, printable(key.Value)), "", format, args...)
}

// origin is where a value comes from: its flag if that was given, else its place
// in the file; ok is false when it was not given at all.
func (d *draft) origin(flag string, given bool, path string) (at source, ok bool) {
	if given {
		return source{name: flag}, true
	}
	n, ok := d.nodes[path]
	if !ok {
		return source{}, false
	}
	return d.file.source(n, lastName(path)), true
}

type field struct {
	name  string
	index []int
}

func fieldsOf(t reflect.Type) []field {
	var fields []field
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !f.Anonymous && name != "" && name != "-" {
			fields = append(fields, field{name, f.Index})
		}
	}
	return fields
}

// pathsOf lists the fields of a type and of the objects in it.
func pathsOf(t reflect.Type, path string) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var paths []string
	for _, field := range fieldsOf(t) {
		name := join(path, field.name)
		paths = append(paths, name)
		paths = append(paths, pathsOf(t.FieldByIndex(field.index).Type, name)...)
	}
	return paths
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
