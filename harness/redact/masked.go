package redact

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Masked is a line of a configuration with an asterisk for each character of a value that
// may be a secret: what its name says is one, every quoted text that is not trivial, also
// where its quote is not closed, and what without quotes is no code and not trivial either.
// Everything else stays where it is.
func Masked(line string) string {
	spans := findNamedWithin(line, 0)
	for _, m := range literal.FindAllStringSubmatchIndex(line, -1) {
		for g := 2; g < len(m); g += 2 {
			if from, to := m[g], m[g+1]; from >= 0 && to-from >= minSecret && !Trivial(line[from:to]) && !strings.HasPrefix(strings.TrimLeft(line[to+1:], " \t"), ":") {
				spans = append(spans, span{from, to})
			}
		}
	}
	spans = append(spans, findUnquoted(line)...)
	hide := make([]bool, len(line))
	for _, x := range spans {
		for i := x.from; i < x.to; i++ {
			hide[i] = true
		}
	}
	var b strings.Builder
	for i, c := range line {
		if hide[i] && c != '"' && c != '\'' {
			b.WriteByte('*')
			continue
		}
		if c == utf8.RuneError {
			c = '?'
		}
		b.WriteRune(c)
	}
	return b.String()
}

// findNamedWithin returns the values of secret names, of those in braces each by itself.
func findNamedWithin(line string, at int) []span {
	var out []span
	for _, x := range findNamed(line) {
		if c := line[x.from]; c == '{' || c == '[' {
			out = append(out, findNamedWithin(line[x.from+1:x.to], at+x.from+1)...)
			continue
		}
		out = append(out, span{at + x.from, at + x.to})
	}
	return out
}

// findUnquoted returns the parts of a line that may be secrets though no closed quotes
// are round them, as in YAML, and as a mistake in quotes leaves them.
func findUnquoted(line string) (out []span) {
	rest := literal.ReplaceAllStringFunc(line, func(m string) string { return strings.Repeat(" ", len(m)) })
	if m := openQuote.FindStringSubmatchIndex(rest); m != nil && m[3]-m[2] >= minSecret && !Trivial(rest[m[2]:m[3]]) {
		return []span{{m[2], m[3]}}
	}
	for _, m := range bareWord.FindAllStringIndex(rest, -1) {
		word := rest[m[0]:m[1]]
		if strings.ContainsAny(word, "-+~@%!*&") && mixed.MatchString(word) && !Trivial(word) && !isHarmlessOption(word) {
			out = append(out, span{m[0], m[1]})
		}
	}
	return out
}

var (
	openQuote = regexp.MustCompile("[:=,(\\[{ ]\\s*[\"'\x60]([^\"'\x60]*)$")
	bareWord  = regexp.MustCompile("[^\\s\"'\x60,:;{}()\\[\\]=]{6,}")
)
