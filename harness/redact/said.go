package redact

import (
	"regexp"
	"strings"
)

// said finds the secret of a sentence: "password hunter2 is wrong", "password is 'a b'".
func (n name) said(s string, g int) (from, to int, ok bool) {
	if n.to < len(s) && s[n.to] != ' ' || n.from > 0 && isQuote(s[n.from-1]) {
		return 0, 0, false
	}
	if n.from >= 11 && strings.EqualFold(s[n.from-11:n.from-1], "unexpected") {
		return 0, 0, false
	}
	v := n.to
	for range 3 {
		for v < len(s) && s[v] == ' ' {
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
	if from, to, ok := quotedAt(s, v); ok && (g == strong || to-from >= minKnown && mixed.MatchString(s[from:to]) && !trivial(s[from:to])) {
		return from, to, !keptValue(s[from:to], g)
	}
	from, to = n.token(s, v, "=")
	value := strings.Trim(s[from:to], ",;:.()[]{}")
	if len(value) < 4 || g == weak && len(value) < 8 || !mixed.MatchString(value) || trivial(value) && !longNumber.MatchString(value) || strings.HasPrefix(value, "/") || plainWord.MatchString(value) || value == strings.Trim(Mark, "[]") ||
		errorCode.MatchString(value) || strings.ContainsAny(value[:1], "<=>(-+") || strings.Contains(value, "()") {
		return 0, 0, false
	}
	return from, to, true
}

var (
	copula     = regexp.MustCompile(`^(?i)(?:(is|was|default|of|used|given|be|with|value|set to|to|are|equals|:)|for [\w.@'"-]{1,40}) `)
	mixed      = regexp.MustCompile(`\d|[a-z][A-Z]|[A-Za-z][!@#$%^&*?~+]`)
	longNumber = regexp.MustCompile(`^\d{6,}$`)
)

// dropPairs replaces the value of {name: DB_PASS, value: x}, as lists of variables have it,
// and the password of a line of .pgpass.
func dropPairs(s string) string {
	var spans []span
	if strings.Contains(s, "alue") || strings.Contains(s, "VALUE") {
		for _, m := range pair.FindAllStringSubmatchIndex(s, -1) {
			if grade(s[m[2]:m[3]]) >= weak && s[m[4]:m[5]] != Mark {
				spans = append(spans, span{m[4], m[5]})
			}
		}
		s = cut(s, spans)
	}
	if strings.Count(s, ":") < 4 {
		return s
	}
	return pgpass.ReplaceAllString(s, "${1}"+Mark)
}

var (
	pair   = regexp.MustCompile(`(?i)\b(?:name|key|variable|header|field)\\*["']?\s*[:=]\s*\\*["']?([\w.-]{2,60})\\*["']?\s*,?\s*\\*["']?value\\*["']?\s*[:=]\s*\\*["']?([^\s"'\\,}\[]+|\[redacted\])`)
	pgpass = regexp.MustCompile(`((?:^|[\s"'])(?:[A-Za-z][\w.-]*|\*|\d+\.\d+\.\d+\.\d+):(?:\d{4,5}|\*):[A-Za-z_*][\w-]*:[A-Za-z_*][\w.-]*:)[^\s"':\[]+`)
)
