// Package output writes results to stdout: JSON and ids for programs, laid-out
// documents for people. It knows nothing of jobs. It is internal to dqoctl and
// may change without notice.
package output

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/dqoctl/dqoctl/pkg/iostreams"
)

// Format is a value of --output.
type Format string

// The formats.
const (
	FormatTable Format = "table"
	FormatJSON  Format = "json"
	FormatYAML  Format = "yaml"
	FormatJSONL Format = "jsonl"
	FormatCSV   Format = "csv"
	FormatID    Format = "id"
)

// IsObject says that in this format every run writes exactly one object or list,
// also when it fails.
func (f Format) IsObject() bool { return f == FormatJSON || f == FormatYAML }

// Value writes one value in a format for which IsObject holds.
func Value(w io.Writer, f Format, value any) error {
	if f == FormatYAML {
		return YAML(w, value)
	}
	return JSON(w, value)
}

// Values is Value for a list, which is not held in memory as text.
func Values[T any](w io.Writer, f Format, values []T) error {
	if f == FormatYAML {
		return YAMLList(w, values)
	}
	return JSONList(w, values)
}

// JSON writes one value, indented, with a line end. Text is not escaped for
// HTML; numbers and unknown fields of raw values stay as they are. What a terminal
// would obey is escaped.
func JSON(w io.Writer, value any) error {
	compact, err := encode(value)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, compact, "", "  "); err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	_, err = w.Write(indented.Bytes())
	return err
}

func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return iostreams.CleanJSON(buffer.Bytes()), err
}

// IDs writes one number a line.
func IDs(w io.Writer, ids ...int64) error {
	var buffer bytes.Buffer
	for _, id := range ids {
		fmt.Fprintln(&buffer, id)
	}
	_, err := w.Write(buffer.Bytes())
	return err
}

// JSONLine writes one value on one line.
func JSONLine(w io.Writer, value any) error {
	text, err := encode(value)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	_, err = w.Write(text)
	return err
}

// JSONLines writes each value on a line of its own.
func JSONLines[T any](w io.Writer, values []T) error {
	b := bufio.NewWriter(w)
	for _, value := range values {
		if err := JSONLine(b, value); err != nil {
			return err
		}
	}
	return b.Flush()
}

// JSONList writes the values as an array, [] when there are none, without holding
// its text whole.
func JSONList[T any](w io.Writer, values []T) error {
	b := bufio.NewWriter(w)
	_ = b.WriteByte('[') // the error is kept for Flush
	var indented bytes.Buffer
	for i, value := range values {
		text, err := encode(value)
		if err != nil {
			return fmt.Errorf("encode the result: %w", err)
		}
		indented.Reset()
		if err := json.Indent(&indented, bytes.TrimSpace(text), "  ", "  "); err != nil {
			return fmt.Errorf("encode the result: %w", err)
		}
		if i > 0 {
			_ = b.WriteByte(',')
		}
		_, _ = b.WriteString("\n  ")
		_, _ = b.Write(indented.Bytes())
	}
	if len(values) > 0 {
		_ = b.WriteByte('\n')
	}
	_, _ = b.WriteString("]\n")
	return b.Flush()
}
