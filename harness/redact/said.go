package redact

import (
	"regexp"
	"strings"
)

// findSaid finds the secret of a sentence: "password hunter2 is wrong", "password is 'a
// b'".
func (n name) findSaid(s string, g int) (from, to int, ok bool) {
	if n.to < len(s) && s[n.to] != ' ' && s[n.to] != '\t' || n.from > 0 && isQuote(s[n.from-1]) {
		return 0, 0, false
	}
	if n.from >= 11 && strings.EqualFold(s[n.from-11:n.from-1], "unexpected") {
		return 0, 0, false
	}
	v := n.to
	for range 3 {
		for v < len(s) && (s[v] == ' ' || s[v] == '\t') {
			v++
		}
		if m := copula.FindString(s[v:min(len(s), v+48)]); m != "" {
			v += len(m)
			continue
		}
		break
	}
	if v >= len(s) || s[v] == '\n' {
		return 0, 0, false
	}
	if from, to, ok := findQuoted(s, v); ok && (g == strong || to-from >= minKnown && mixed.MatchString(s[from:to]) && !isTrivial(s[from:to])) {
		return from, to, !isKeptValue(s[from:to], g)
	}
	from, to = n.findToken(s, v, "=")
	value := strings.Trim(s[from:to], ",;:.()[]{}")
	if len(value) < 4 || g == weak && len(value) < 8 || !mixed.MatchString(value) || isTrivial(value) && !longNumber.MatchString(value) || strings.HasPrefix(value, "/") || plainWord.MatchString(value) || value == strings.Trim(Mark, "[]") ||
		errorCode.MatchString(value) || strings.ContainsAny(value[:1], "<=>(-+") || strings.Contains(value, "()") {
		return 0, 0, false
	}
	return from, to, true
}

var (
	copula     = regexp.MustCompile(`^(?i)(?:(is|was|default|of|used|given|provided:?|supplied:?|received:?|entered:?|expected:?|got:?|mismatch:?|but|be|with|value|set to|to|are|equals|:|->|→|\||│)|for [\w.@'"-]{1,40}) `)
	mixed      = regexp.MustCompile(`\d|[a-z][A-Z]|[A-Za-z][!@#$%^&*?~+]`)
	longNumber = regexp.MustCompile(`^\d{6,}$`)
)
