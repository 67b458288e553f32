package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// fields is a JSON object. Names are case-sensitive, unknown ones are never
// looked at (wire 1), a duplicate's last value wins (wire T22).
type fields map[string]json.RawMessage

// readObject reads a request body. What follows the first value is ignored
// (wire T22).
func readObject(body []byte, class, controller string) (fields, error) {
	var raw json.RawMessage
	err := json.NewDecoder(bytes.NewReader(body)).Decode(&raw)
	switch {
	case errors.Is(err, io.EOF), err == nil && string(raw) == "null":
		return nil, errNoBody(controller)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errDecoding("Unexpected end-of-input within/between Object entries")
	case err != nil:
		return nil, errDecoding(malformedText(err, body))
	}
	return objectOf(raw, class)
}

func malformedText(err error, body []byte) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && syntax.Offset > 0 && int(syntax.Offset) <= len(body) {
		char := body[syntax.Offset-1]
		return fmt.Sprintf("Unexpected character ('%c' (code %d)): was expecting a valid JSON value", char, char)
	}
	return "Unexpected character: was expecting a valid JSON value"
}

func objectOf(raw json.RawMessage, class string) (fields, error) {
	var object fields
	if json.Unmarshal(raw, &object) != nil {
		return nil, errDecoding(fmt.Sprintf("Cannot deserialize value of type `%s` from %s", class, tokenName(raw)))
	}
	return object, nil
}

// tokenName says what a value is, in the words of the server's JSON library.
func tokenName(raw json.RawMessage) string {
	text := strings.TrimSpace(string(raw))
	switch {
	case text == "":
		return "nothing"
	case text[0] == '{':
		return "Object value (token `JsonToken.START_OBJECT`)"
	case text[0] == '[':
		return "Array value (token `JsonToken.START_ARRAY`)"
	case text[0] == '"':
		return "String value (token `JsonToken.VALUE_STRING`)"
	case text == "true", text == "false":
		return "Boolean value (token `JsonToken.VALUE_" + strings.ToUpper(text) + "`)"
	case strings.ContainsAny(text, ".eE"):
		return "Floating-point value (token `JsonToken.VALUE_NUMBER_FLOAT`)"
	default:
		return "Integer value (token `JsonToken.VALUE_NUMBER_INT`)"
	}
}

// reader reads the members of one object and keeps the first error.
type reader struct {
	object fields
	err    error
}

// value returns a member's text, nil when it is absent, null, or an error was
// met before.
func (r *reader) value(name string) json.RawMessage {
	raw := r.object[name]
	if r.err != nil || string(raw) == "null" {
		return nil
	}
	return raw
}

func (r *reader) isNull(name string) bool { return string(r.object[name]) == "null" }

func (r *reader) fail(err error) { r.err = err }

func (r *reader) wrongType(class string, raw json.RawMessage) {
	r.fail(errDecoding(fmt.Sprintf("Cannot deserialize value of type `%s` from %s", class, tokenName(raw))))
}

// text reads a string; numbers and booleans are taken as their text (wire T22).
func (r *reader) text(name string) *string {
	raw := r.value(name)
	if raw == nil {
		return nil
	}
	var text string
	switch raw[0] {
	case '{', '[':
		r.wrongType("java.lang.String", raw)
		return nil
	case '"':
		if err := json.Unmarshal(raw, &text); err != nil {
			r.fail(errDecoding(err.Error()))
			return nil
		}
	default:
		text = string(raw)
	}
	return &text
}

// flag reads a boolean, also from "true", "false", 0 and 1 (wire T22).
func (r *reader) flag(name string) *bool {
	raw := r.value(name)
	if raw == nil {
		return nil
	}
	value := false
	switch strings.Trim(string(raw), `"`) {
	case "true", "1":
		value = true
	case "false", "0":
	default:
		r.wrongType("java.lang.Boolean", raw)
		return nil
	}
	return &value
}

// integer reads a number, also from its text; fractions are cut (wire T22).
func (r *reader) integer(name string) *int {
	raw := r.value(name)
	if raw == nil {
		return nil
	}
	number, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil || number > 1<<31-1 || number < -1<<31 {
		r.wrongType("java.lang.Integer", raw)
		return nil
	}
	value := int(number)
	return &value
}

// texts reads a list of strings; a plain string is a 500 (wire 1.3).
func (r *reader) texts(name string) *[]string {
	raw := r.value(name)
	if raw == nil {
		return nil
	}
	if raw[0] == '"' {
		r.fail(errTypeDefinition("[Ljava.lang.String;"))
		return nil
	}
	list := []string{}
	if json.Unmarshal(raw, &list) != nil {
		r.wrongType("java.lang.String[]", raw)
		return nil
	}
	return &list
}

// enum reads one of the words; case counts, "" is wrong, a number is the
// ordinal (wire 3.1).
func (r *reader) enum(name, class string, words ...string) *string {
	raw := r.value(name)
	if raw == nil {
		return nil
	}
	if ordinal, err := strconv.Atoi(string(raw)); err == nil && ordinal >= 0 && ordinal < len(words) {
		return &words[ordinal]
	}
	text := r.text(name)
	if text == nil || slices.Contains(words, *text) {
		return text
	}
	known := slices.Sorted(slices.Values(words))
	r.fail(errDecoding(fmt.Sprintf("Cannot deserialize value of type `%s` from String %q: "+
		"not one of the values accepted for Enum class: [%s]", class, *text, strings.Join(known, ", "))))
	return nil
}

// object reads a member that is an object itself, nil when absent or null.
func (r *reader) member(name, class string) *reader {
	raw := r.value(name)
	if raw == nil {
		return nil
	}
	object, err := objectOf(raw, class)
	if err != nil {
		r.fail(err)
		return nil
	}
	return &reader{object: object}
}
