package output

import (
	"strings"
	"unicode"
)

const (
	textStyle     = '\ufe0e'
	emojiStyle    = '\ufe0f'
	joiner        = '\u200d'
	keycap        = '\u20e3'
	placeholder   = '□'
	firstTone     = '\U0001f3fb'
	lastTone      = '\U0001f3ff'
	firstRegional = '\U0001f1e6'
	lastRegional  = '\U0001f1ff'
	firstTag      = '\U000e0020'
	lastTag       = '\U000e007f'
)

// withoutClusters shows every emoji of several code points (families, flags, skin
// tones, keycaps) as one placeholder: terminals and the library that lays tables
// out do not agree how wide they are. The style marks of single ones are dropped.
func withoutClusters(text string) string {
	if !strings.ContainsFunc(text, joins) {
		return text
	}
	var b strings.Builder
	runes := []rune(text)
	for i := 0; i < len(runes); {
		end, parts := cluster(runes[i:])
		switch {
		case parts > 1:
			b.WriteRune(placeholder)
		case runes[i] != emojiStyle && runes[i] != textStyle:
			b.WriteRune(runes[i])
		}
		i += end
	}
	return b.String()
}

// joins reports what makes one picture of several code points.
func joins(r rune) bool {
	return r == emojiStyle || r == textStyle || r == keycap || r == joiner ||
		isIn(r, firstTone, lastTone) || isIn(r, firstRegional, lastRegional) || isIn(r, firstTag, lastTag)
}

func isIn(r, first, last rune) bool { return first <= r && r <= last }

// cluster measures the picture that the runes begin with: how many runes it has,
// and of how many visible parts it consists. Text is one part a rune.
func cluster(runes []rune) (length, parts int) {
	at := func(i int) rune {
		if i < len(runes) {
			return runes[i]
		}
		return 0
	}
	if isIn(at(0), firstRegional, lastRegional) && isIn(at(1), firstRegional, lastRegional) {
		return 2, 2
	}
	length, parts = 1, 1
	pictured := unicode.Is(unicode.So, at(0))
	for ; ; length++ {
		switch next := at(length); {
		case next == emojiStyle, next == textStyle:
		case next == keycap:
			parts++
		case pictured && (isIn(next, firstTone, lastTone) || isIn(next, firstTag, lastTag)):
			parts++
		case pictured && next == joiner && unicode.Is(unicode.So, at(length+1)):
			length++
			parts++
		default:
			return length, parts
		}
	}
}
