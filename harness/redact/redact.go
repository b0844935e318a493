// Package redact decides what is a secret, and takes it out of what leaves a host: log
// texts, documents, command lines, environments and URLs.
//
// By structure first: a value of an environment, an argument, and the userinfo, query and
// fragment of a URL are secrets whatever they look like. Those that are known are looked
// for in every other text, too (Learn). By pattern second: values of names such as
// DB_PASS, the token forms of the usual vendors, private keys, random strings.
//
//	Text(s) = the first fixed point of: keys, known values, URLs, names, tokens
//
// What a diagnosis needs stays: error codes, addresses (host:port), files with line
// numbers, names of modules and variables, UUIDs, versions, short hashes. A hash of 32
// hexadecimal digits or more goes: nothing tells it from a key.
package redact

import (
	"strings"
	"sync"
)

// Mark stands where a secret was.
const Mark = "[redacted]"

// Redactor takes secrets out of texts. The zero value knows the patterns alone. It is
// safe for several goroutines.
type Redactor struct {
	mu       sync.Mutex
	values   map[string]bool   // that were learned
	kept     map[string]bool   // that never are
	forms    map[string]bool   // in which they may stand in a text
	files    map[string]string // that were read, and their states then
	replacer *strings.Replacer // nil until it is needed
}

// passes bounds how often a text is gone through. Two do for nearly every text: one that
// changes it, and one that does not.
const passes = 8

// Text returns a text without its secrets, and how many there were. Text of what Text has
// returned is the same: it goes on until nothing changes, and what does not come to rest
// is a secret as a whole. It takes time in proportion to the text's length.
func (r *Redactor) Text(s string) (clean string, n int) {
	if isSimple(s) {
		if next := r.dropKnown(s); next != s {
			return Mark, 1
		}
		return s, 0
	}
	before := strings.Count(s, Mark)
	for range passes {
		next := r.redactOnce(s)
		if next == s {
			return s, max(0, strings.Count(s, Mark)-before)
		}
		s = next
	}
	return Mark, 1
}

// isSimple reports whether a text is a short word or number, in which no pattern finds
// anything.
func isSimple(s string) bool {
	if len(s) > 12 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}

func (r *Redactor) redactOnce(s string) string {
	s = dropKeys(s)
	s = r.dropKnown(s)
	s = dropURLs(s)
	s = dropNamed(s)
	return dropTokens(s)
}

// Text is that of a Redactor that has learned nothing.
func Text(s string) string {
	s, _ = new(Redactor).Text(s)
	return s
}

// Clean is Redactor.Text without the count.
func (r *Redactor) Clean(s string) string {
	s, _ = r.Text(s)
	return s
}

// span is a part of a text that is replaced by Mark.
type span struct{ from, to int }

// replaceSpans replaces spans, which are in order and apart, by Mark.
func replaceSpans(s string, spans []span) string {
	if len(spans) == 0 {
		return s
	}
	var b strings.Builder
	at := 0
	for _, x := range spans {
		b.WriteString(s[at:x.from])
		b.WriteString(Mark)
		at = x.to
	}
	b.WriteString(s[at:])
	return b.String()
}
