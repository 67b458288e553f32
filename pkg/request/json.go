package request

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// jsonReader builds the nodes that a YAML parser would, from valid JSON, with
// repeated keys and the positions of everything.
type jsonReader struct {
	decoder      *json.Decoder
	data         []byte
	offset       int64
	line, column int
}

func newJSONReader(data []byte) *jsonReader {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return &jsonReader{decoder: decoder, data: data, line: 1, column: 1}
}

func (r *jsonReader) value() (*yaml.Node, error) {
	r.moveToToken()
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: r.line, Column: r.column}
	token, err := r.decoder.Token()
	if err != nil {
		return nil, fmt.Errorf("read a body that is valid JSON: %w", err)
	}
	switch t := token.(type) {
	case json.Delim:
		return n, r.collection(n, t)
	case string:
		n.Value, n.Style = t, yaml.DoubleQuotedStyle
	case json.Number:
		n.Value = t.String()
	case bool:
		n.Value = fmt.Sprint(t)
	default:
		n.Value = "null"
	}
	return n, nil
}

func (r *jsonReader) collection(n *yaml.Node, opening json.Delim) error {
	n.Kind, n.Style = yaml.MappingNode, yaml.FlowStyle
	if opening == '[' {
		n.Kind = yaml.SequenceNode
	}
	for r.decoder.More() {
		child, err := r.value()
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
	_, err := r.decoder.Token()
	return err
}

// moveToToken counts lines and columns up to where the next token begins.
func (r *jsonReader) moveToToken() {
	end := r.decoder.InputOffset()
	for int(r.offset) < len(r.data) {
		rest := r.data[r.offset:]
		if r.offset >= end && strings.IndexByte(" \t\r\n,:", rest[0]) < 0 {
			return
		}
		_, size := utf8.DecodeRune(rest)
		r.offset += int64(size)
		r.column++
		if rest[0] == '\n' {
			r.line, r.column = r.line+1, 1
		}
	}
}
