package request

import (
	"fmt"
	"math"
	"strings"
)

// selector is one text filter.
type selector struct {
	flag, field string
	everything  string // what the server takes an empty one as; empty if it refuses it
	given       *string
	to          *string
	check       func(string) complaint
}

// selector puts the flag over the field of the object at path, and checks what
// came out.
func (d *draft) selector(path string, s selector) (source, bool) {
	at, ok := d.origin(s.flag, s.given != nil, join(path, s.field))
	if !ok {
		return at, false
	}
	if s.given != nil {
		*s.to = *s.given
	}
	d.name(at, *s.to, s.everything, s.check)
	return at, true
}

// name checks the text of a selector. An empty one means everything to the
// server, the empty value of an enumeration is an error there (wire 3.1).
func (d *draft) name(at source, text, everything string, check func(string) complaint) {
	bad := checkName(text)
	switch {
	case isBlank(text) && everything != "":
		d.problems.add(at, "leave it out, or fill the variable that it comes from", "is empty; the server would take it as %q", everything)
	case bad != "":
		d.problems.add(at, "", "%s", bad)
	default:
		if bad := check(text); bad != "" {
			d.problems.add(at, "", "%s", bad)
		}
	}
}

func (d *draft) labels(path string, given []string, to *[]string) (source, bool) {
	return d.texts(textList{"--label", path, "any labels", given, to, checkPattern})
}

// textList is a filter that is a list of texts.
type textList struct {
	flag, path string
	everything string // what the server takes an empty one as; empty if check says it
	given      []string
	to         *[]string
	check      func(string) complaint
}

// texts puts the flag's list over the file's, as a whole.
func (d *draft) texts(l textList) (source, bool) {
	at, ok := d.origin(l.flag, l.given != nil, l.path)
	if !ok {
		return at, false
	}
	if l.given != nil {
		*l.to = l.given
	}
	if len(*l.to) == 0 {
		d.emptyList(at, l.everything)
	}
	for i, text := range *l.to {
		each, _ := d.origin(l.flag, l.given != nil, element(l.path, i))
		d.name(each, text, l.everything, l.check)
	}
	return at, true
}

func (d *draft) emptyList(at source, everything string) {
	bad := "is an empty list"
	if everything != "" {
		bad += fmt.Sprintf("; the server would take it as %q", everything)
	}
	d.problems.add(at, "", "%s", bad)
}

// number puts the flag's number over the file's; both must be at least 1.
func (d *draft) number(flag, path string, given *int, to **int32) (source, bool) {
	at, ok := d.origin(flag, given != nil, path)
	if !ok {
		return at, false
	}
	var number int64
	if given != nil {
		number = int64(*given)
	} else {
		number = int64(**to)
	}
	if number < 1 || number > math.MaxInt32 {
		d.problems.add(at, "", "is %d, it takes a number from 1 to %d", number, math.MaxInt32)
		return at, true
	}
	narrow := int32(number)
	*to = &narrow
	return at, true
}

// wholesale names a request that takes everything there is.
type wholesale struct {
	request string // as the subject of a sentence
	would   string // what it would do
	all     string // what --all says
}

// everything makes a request without any filter a choice that was made, and made
// without contradiction.
func (d *draft) everything(w wholesale, all bool, narrowing []source) {
	switch {
	case !all && len(narrowing) == 0:
		d.problems.add(source{name: w.request}, "give a filter, such as --connection NAME, or --all",
			"has no filter and would %s", w.would)
	case all && len(narrowing) > 0:
		d.problems.add(source{name: "--all"}, "leave one side out", "says %s, and these say less: %s", w.all, mentions(narrowing))
	}
}

func mentions(all []source) string {
	var names []string
	for _, at := range all {
		names = append(names, at.mention())
	}
	return strings.Join(names, ", ")
}
