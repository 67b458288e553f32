package request

import (
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// appendJSON converts a value of any shape to JSON. Numbers keep their text; what
// YAML takes as a number and JSON does not write so is refused, since the two
// may mean different numbers.
func (d *draft) appendJSON(out []byte, n *yaml.Node, path string) []byte {
	switch n.Kind {
	case yaml.MappingNode:
		out = append(out, '{')
		first := true
		d.entries(n, path, func(key, value *yaml.Node) {
			if !first {
				out = append(out, ',')
			}
			first = false
			out = append(appendText(out, key.Value), ':')
			out = d.appendJSON(out, value, path)
		})
		return append(out, '}')
	case yaml.SequenceNode:
		out = append(out, '[')
		for i, item := range n.Content {
			if i > 0 {
				out = append(out, ',')
			}
			out = d.appendJSON(out, item, path)
		}
		return append(out, ']')
	default:
		return d.appendScalar(out, n, path)
	}
}

func (d *draft) appendScalar(out []byte, n *yaml.Node, path string) []byte {
	switch tag := n.ShortTag(); {
	case tag == "!!null":
		return append(out, "null"...)
	case tag == "!!bool":
		return append(out, strings.ToLower(n.Value)...)
	case isJSONNumber(n):
		return append(out, n.Value...)
	case tag == "!!int" || tag == "!!float":
		d.wrong(n, path, "takes numbers as JSON writes them, not %s; if it is a text, quote it", printable(n.Value))
		return append(out, "null"...)
	default:
		return appendText(out, n.Value)
	}
}

// isJSONNumber does not ask for the tag: YAML takes a number that is too large for
// it, such as 1e400, as a text.
func isJSONNumber(n *yaml.Node) bool {
	return !isQuoted(n) && strings.Trim(n.Value[:min(1, len(n.Value))], "-0123456789") == "" && json.Valid([]byte(n.Value))
}

func appendText(out []byte, text string) []byte {
	// A text cannot fail to be encoded.
	encoded, _ := json.Marshal(text)
	return append(out, encoded...)
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func isQuoted(n *yaml.Node) bool {
	const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle
	return n.Style&quoted != 0
}

// isInteger knows one way to write a number: 010, +1, 1_000 and 0x10 are none.
func isInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || (digits[0] == '0' && text != "0") {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}

// kindOf names the shape of a value in messages.
func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "an object"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "nothing"
	case n.ShortTag() == "!!bool":
		return "a truth value"
	case n.ShortTag() == "!!int" || n.ShortTag() == "!!float":
		return "a number"
	default:
		return "a text"
	}
}

// show names a wrong value in messages.
func show(n *yaml.Node) string {
	switch {
	case n.Kind != yaml.ScalarNode:
		return kindOf(n)
	case isQuoted(n):
		return "the text " + quote(n.Value)
	default:
		return printable(n.Value)
	}
}
