package iostreams

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	delete7            = '\x7f'
	pictures           = '\u2400' // the visible forms of U+0000 to U+001F
	pictureOfDelete    = '\u2421'
)

// Clean makes foreign text safe for one line of a terminal. What a terminal
// would obey or hide (control characters, escape sequences, overrides of the
// writing direction, invisible format characters, invalid UTF-8) becomes
// visible; line breaks and tabs become blanks. Joiners that scripts and emoji
// need stay. What a CI system would obey is broken by a blank.
func Clean(text string) string { return withoutCommands(clean(text, ' ')) }

// CleanLines is Clean for text of several lines: line feeds stay.
func CleanLines(text string) string { return withoutCommands(clean(text, '\n')) }

func clean(text string, lineFeed rune) string {
	if isPlain(text) {
		return text
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(text) + 16)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r == '\n':
			b.WriteRune(lineFeed)
		case r == '\t':
			b.WriteByte(' ')
		default:
			writeVisible(&b, r)
		}
		i += size
	}
	return b.String()
}

func writeVisible(b *strings.Builder, r rune) {
	switch {
	case r < ' ':
		b.WriteRune(pictures + r)
	case r == delete7:
		b.WriteRune(pictureOfDelete)
	case !dangerous(r):
		b.WriteRune(r)
	case r > 0xffff:
		fmt.Fprintf(b, `\U%08x`, r)
	default:
		fmt.Fprintf(b, `\u%04x`, r)
	}
}

func dangerous(r rune) bool {
	switch {
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner:
		return false
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r): // visible, though a format character
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func isPlain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= delete7 {
			return false
		}
	}
	return true
}

// CleanJSON makes a JSON text safe for a terminal without changing what it says:
// what Clean makes visible or breaks is written as JSON's own escapes. Invalid UTF-8
// becomes U+FFFD, which is what JSON's readers make of it.
func CleanJSON(text []byte) []byte { return escapeCommands(cleanJSON(text)) }

func cleanJSON(text []byte) []byte {
	if !slices.ContainsFunc(text, func(c byte) bool { return c >= delete7 }) {
		return text
	}
	clean := make([]byte, 0, len(text)+64)
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			clean = append(clean, `\ufffd`...)
		case r < delete7 || !dangerous(r):
			clean = append(clean, text[:size]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			clean = fmt.Appendf(clean, `\u%04x\u%04x`, high, low)
		default:
			clean = fmt.Appendf(clean, `\u%04x`, r)
		}
		text = text[size:]
	}
	return clean
}
