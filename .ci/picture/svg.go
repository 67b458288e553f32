package main

import (
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"
)

// The size of a cell for the fonts that are asked for, and the frame around.
const (
	cellWidth, cellHeight = 8.43, 19
	fontSize              = 14
	margin                = 18
)

// colours are those of a dark terminal, readable on the background.
var colours = map[string]string{
	"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#56d4dd", "90": "#8b949e",
	"91": "#ff7b72", "92": "#7ee787", "93": "#e3b341", "94": "#79c0ff", "95": "#d2a8ff", "96": "#56d4dd",
}

// style is what the escape sequences have switched on.
type style struct {
	colour    string
	bold, dim bool
}

func (s *style) set(codes string) error {
	for code := range strings.SplitSeq(codes, ";") {
		switch {
		case code == "" || code == "0":
			*s = style{}
		case code == "1":
			s.bold = true
		case code == "2":
			s.dim = true
		case code == "22":
			s.bold, s.dim = false, false
		case code == "39":
			s.colour = ""
		case colours[code] != "":
			s.colour = colours[code]
		default:
			return fmt.Errorf("the picture has no form for the escape code %s", code)
		}
	}
	return nil
}

func (s *style) attributes() string {
	var b strings.Builder
	switch {
	case s.colour != "":
		fmt.Fprintf(&b, ` fill="%s"`, s.colour)
	case s.dim:
		b.WriteString(` fill="#8b949e"`)
	}
	if s.bold {
		b.WriteString(` font-weight="bold"`)
	}
	return b.String()
}

// draw writes the text, with its escape sequences for colours, as SVG.
func draw(w io.Writer, text string) error {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	width, height := columns*cellWidth+2*margin, float64(len(lines)*cellHeight+2*margin)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" aria-label="dqoctl judges bad data, and judges it the same when it is run again">`+"\n", width, height, width, height)
	b.WriteString(`<rect width="100%" height="100%" rx="8" fill="#0d1117"/>` + "\n")
	fmt.Fprintf(&b, `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace" font-size="%d" fill="#e6edf3">`+"\n", fontSize)
	var now style
	for i, line := range lines {
		if err := drawLine(&b, line, margin+fontSize+i*cellHeight, &now); err != nil {
			return err
		}
	}
	b.WriteString("</g>\n</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func drawLine(b *strings.Builder, line string, y int, now *style) error {
	column := 0
	for line != "" {
		part, rest, escaped := strings.Cut(line, "\x1b[")
		column += drawPart(b, part, column, y, now)
		if !escaped {
			break
		}
		codes, after, ends := strings.Cut(rest, "m")
		if !ends || strings.Trim(codes, "0123456789;") != "" {
			return fmt.Errorf("the picture has no form for what follows %q", rest[:min(len(rest), 8)])
		}
		if err := now.set(codes); err != nil {
			return err
		}
		line = after
	}
	return nil
}

// drawPart puts each word where its column is: the fonts at hand differ in width.
func drawPart(b *strings.Builder, part string, column, y int, now *style) int {
	at := column
	for word := range strings.SplitSeq(part, " ") {
		length := utf8.RuneCountInString(word)
		if length > 0 {
			fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f" lengthAdjust="spacingAndGlyphs"%s>%s</text>`+"\n",
				margin+float64(at)*cellWidth, y, float64(length)*cellWidth, now.attributes(), html.EscapeString(word))
		}
		at += length + 1
	}
	return utf8.RuneCountInString(part)
}
