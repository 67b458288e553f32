package output

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// YAML writes one value as JSON has it, in the same order of keys. It is made of
// the JSON text, so that whatever is safe there is safe here: numbers keep their
// digits, and texts that a reader of YAML could take for something else are quoted.
func YAML(w io.Writer, value any) error {
	tree, err := parse(value)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	writeBlock(&b, tree, "")
	_, err = w.Write(b.Bytes())
	return err
}

// YAMLList writes the values as a list, [] when there are none, without holding
// its text whole.
func YAMLList[T any](w io.Writer, values []T) error {
	if len(values) == 0 {
		_, err := io.WriteString(w, "[]\n")
		return err
	}
	b := bufio.NewWriter(w)
	for _, value := range values {
		tree, err := parse(value)
		if err != nil {
			return err
		}
		var item bytes.Buffer
		writeBlock(&item, list{tree}, "")
		_, _ = b.Write(item.Bytes()) // the error is kept for Flush
	}
	return b.Flush()
}

// The shapes of a value of JSON; a scalar is the text that YAML has for it.
type (
	object []member
	list   []any
	scalar string
	member struct {
		key   string
		value any
	}
)

func parse(value any) (any, error) {
	text, err := encode(value)
	if err != nil {
		return nil, fmt.Errorf("encode the result: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	tree, err := parseNext(d)
	if err != nil {
		return nil, fmt.Errorf("encode the result: %w", err)
	}
	return tree, nil
}

func parseNext(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return parseObject(d)
	case json.Delim('['):
		return parseList(d)
	}
	switch of := token.(type) {
	case string:
		return scalar(quoted(of)), nil
	case json.Number:
		return scalar(of), nil
	case bool:
		return scalar(fmt.Sprint(of)), nil
	default:
		return scalar("null"), nil
	}
}

// parseObject lets the last of several members with one name win, as readers of
// JSON do: YAML allows only one.
func parseObject(d *json.Decoder) (any, error) {
	o := object{}
	places := make(map[string]int)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := parseNext(d)
		if err != nil {
			return nil, err
		}
		key, _ := token.(string) // the decoder lets nothing else pass
		if at, again := places[key]; again {
			o[at].value = value
			continue
		}
		places[key] = len(o)
		o = append(o, member{key, value})
	}
	_, err := d.Token()
	return o, err
}

func parseList(d *json.Decoder) (any, error) {
	l := list{}
	for d.More() {
		value, err := parseNext(d)
		if err != nil {
			return nil, err
		}
		l = append(l, value)
	}
	_, err := d.Token()
	return l, err
}

// writeBlock writes a value whose first line begins where the writer stands and
// whose other lines begin with the lead.
func writeBlock(b *bytes.Buffer, value any, lead string) {
	switch of := value.(type) {
	case object:
		for i, m := range of {
			if i > 0 {
				b.WriteString(lead)
			}
			writeKey(b, quoted(m.key), lead)
			if isBlock(m.value) {
				b.WriteString("\n" + lead + indent)
				writeBlock(b, m.value, lead+indent)
				continue
			}
			b.WriteByte(' ')
			writeBlock(b, m.value, "")
		}
		if len(of) == 0 {
			b.WriteString("{}\n")
		}
	case list:
		for i, item := range of {
			if i > 0 {
				b.WriteString(lead)
			}
			b.WriteString("- ")
			writeBlock(b, item, lead+indent)
		}
		if len(of) == 0 {
			b.WriteString("[]\n")
		}
	case scalar:
		b.WriteString(string(of) + "\n")
	}
}

// longestKey is how long a key may be in the short form.
const longestKey = 1024

func writeKey(b *bytes.Buffer, key, lead string) {
	if len(key) > longestKey {
		b.WriteString("? " + key + "\n" + lead)
		key = ""
	}
	b.WriteString(key + ":")
}

func isBlock(value any) bool {
	switch of := value.(type) {
	case object:
		return len(of) > 0
	case list:
		return len(of) > 0
	default:
		return false
	}
}

// plainText is what no version of YAML reads as anything but this text, unless it
// is one of the reserved words.
var (
	plainText = regexp.MustCompile(`^[A-Za-z_]([A-Za-z0-9_./@()+=, -]*[A-Za-z0-9_./@()+=-])?$`)
	reserved  = []string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
)

// quoted is a text as YAML has it: bare where that is beyond doubt, else as in
// JSON, whose texts YAML reads too.
func quoted(text string) string {
	if plainText.MatchString(text) && !slices.Contains(reserved, strings.ToLower(text)) {
		return text
	}
	escaped, err := encode(text)
	if err != nil { // a text cannot fail to be encoded
		return `""`
	}
	var b strings.Builder
	for _, r := range strings.TrimSpace(string(escaped)) {
		if allowed(r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, `\u%04x`, r)
	}
	return b.String()
}

// allowed says what may stand in YAML as it is; JSON allows more.
func allowed(r rune) bool {
	return r < '\x7f' || r > '\u009f' && r != '\ufeff' && r != '\ufffe' && r != '\uffff'
}
