package redact

import (
	"regexp"
	"slices"
	"strings"
)

// dropPairs replaces values that stand apart from their names: {name: DB_PASS, value: x} in
// any order, elements and forms of XML and HTML, parts of a form of several (multipart), the
// values of an SQL INSERT, a password behind a user's name, and the password of a line of .pgpass.
func dropPairs(s string) string {
	if hasOne(s, "val", "Val", "VAL", "name=", "Name=", "NAME=") {
		for _, form := range pairs {
			s = replaceSpans(s, form.findSecrets(s))
		}
	}
	if hasOne(s, "insert", "Insert", "INSERT") {
		s = replaceSpans(s, findInserted(s))
	}
	if strings.IndexByte(s, '=') >= 0 {
		s = replaceSpans(s, findLogins(s))
	}
	if strings.Count(s, ":") < 4 {
		return s
	}
	return pgpass.ReplaceAllString(s, "${1}"+Mark)
}

func hasOne(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// pairForm is a form in which a name and its value are two things, by its groups.
type pairForm struct {
	*regexp.Regexp
	name, value int
}

const (
	aNameWord = `(?:name|key|variable|header|field|property|param|parameter)`
	aValue    = `\\*"[^"\\\n]*|\\*'[^'\\\n]*|[^\s"'\\,}\[<>]+|\[redacted\]`
	apart     = `\\*["']?\s*[:=]\s*\\*["']?`
)

var (
	pairs = []pairForm{
		{regexp.MustCompile(`(?i)\b` + aNameWord + apart + `([\w.-]{2,60})\b[^{}<>]{0,80}?\b(?:value|val)\\*["']?\s*[:=]\s*(` + aValue + `)`), 1, 2},
		{regexp.MustCompile(`(?i)\b(?:value|val)\\*["']?\s*[:=]\s*(` + aValue + `)[^{}<>]{0,80}?\b` + aNameWord + apart + `([\w.-]{2,60})`), 2, 1},
		{regexp.MustCompile(`(?i)<\w+\s[^<>]{0,80}\b(?:name|key|id)\s*=\s*\\*["']([\w.-]{2,60})\\*["'][^<>]{0,80}>([^<>]+)</`), 1, 2},
		{regexp.MustCompile(`(?i)\bname=\\*"([\w.-]{2,60})\\*"(?:\r?\n|\\r\\n|\\n){2}([^\r\n\\]+)`), 1, 2},
	}
	login   = regexp.MustCompile(`(?i)\b(?:login|user|username|userpwd|account)["']?=\\*["']?[a-z][\w.@-]*:([^\s"',;&(){}\[\]\\]+)`)
	pgpass  = regexp.MustCompile(`((?:^|[\s"'])(?:[A-Za-z][\w.-]*|\*|\d+\.\d+\.\d+\.\d+):(?:\d{4,5}|\*):[A-Za-z_*][\w-]*:[A-Za-z_*][\w.-]*:)[^\s"':\[]+`)
	columns = regexp.MustCompile(`(?i)\binsert\s+into\s+[\w."\x60\[\]]+\s*\(([^()]*)\)\s*values\s*`)
	scalar  = regexp.MustCompile(`'(?:[^'\\]|\\.|'')*'|\b\d+\b`)
)

// findSecrets returns the values of a text's pairs whose names say that they are secrets.
func (f pairForm) findSecrets(s string) (out []span) {
	for _, m := range f.FindAllStringSubmatchIndex(s, -1) {
		from, to := m[2*f.value], m[2*f.value+1]
		for from < to && (s[from] == '\\' || isQuote(s[from])) {
			from++
		}
		name := s[m[2*f.name]:m[2*f.name+1]]
		if gradeName(name) >= weak && from < to && !isInsideMark(s, from, to) {
			out = append(out, span{from, to})
		}
	}
	return out
}

// findLogins returns the passwords that stand behind a user's name: login=bob:x. A port and a
// word for an error are none.
func findLogins(s string) (out []span) {
	for _, m := range login.FindAllStringSubmatchIndex(s, -1) {
		if value := s[m[2]:m[3]]; !shortNumber.MatchString(value) && !errorCode.MatchString(value) {
			out = append(out, span{m[2], m[3]})
		}
	}
	return out
}

// findInserted returns the texts and numbers that SQL inserts into columns of which one
// holds a secret.
func findInserted(s string) (out []span) {
	statements := columns.FindAllStringSubmatchIndex(s, -1)
	for i, m := range statements {
		end := len(s)
		if i+1 < len(statements) {
			end = statements[i+1][0]
		}
		secret := false
		for column := range strings.SplitSeq(s[m[2]:m[3]], ",") {
			secret = secret || Secret(strings.Trim(column, " \"\x60[]\\\n"))
		}
		if !secret {
			continue
		}
		line := cutAtAny(s[m[1]:end], "\n")
		for _, v := range scalar.FindAllStringIndex(line, -1) {
			if from, to := m[1]+v[0], m[1]+v[1]; !isInsideMark(s, from, to) && (len(out) == 0 || from >= out[len(out)-1].to) {
				out = append(out, span{from, to})
			}
		}
	}
	return out
}

// findEnclosed finds what is in parentheses or brackets behind a name: PASSWORD('x').
// What looks like a call of a function with a variable stays.
func (n name) findEnclosed(s string) (from, to int, ok bool) {
	if from, to, ok := findQuoted(s, n.to+1); ok {
		return from, to, true
	}
	from = n.to + 1
	to = from + len(cutAtAny(s[from:min(len(s), from+80)], "()[]{} \n"))
	value := s[from:to]
	return from, to, len(value) >= minSecret && mixed.MatchString(value) && !identifier.MatchString(value) && to < len(s) && (s[to] == ')' || s[to] == ']')
}

var identifier = regexp.MustCompile(`^[A-Za-z_$][\w$.]*$`)
