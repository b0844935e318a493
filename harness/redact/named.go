package redact

import (
	"regexp"
	"slices"
	"strings"
)

// dropNamed replaces the values of names: NAME=value, name: value, "name": "value" in
// JSON at any depth of escaping, --name value, <name>value</name>, headers.
func dropNamed(s string) string {
	if !strings.ContainsAny(s, ":=%>- ,|") {
		return s
	}
	s = cut(s, slices.DeleteFunc(named(s), func(x span) bool { return insideMark(s, x.from, x.to) }))
	return dropPairs(s)
}

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

// insideMark reports whether a part of a text is of a Mark, or several of them and nothing
// else that could be a secret.
func insideMark(s string, from, to int) bool {
	rest := strings.ReplaceAll(s[from:to], Mark, "")
	return strings.Trim(rest, " \t\r\n,;:.'\"`\\)}]({[<>&|*") == "" || from > 0 && s[from-1] == '[' && strings.HasPrefix(s[from-1:], Mark)
}

// name is where a name stands in a text.
type name struct{ from, to int }

func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '$' || c >= 0x80
}

// value finds the value of the name, if it is a secret.
func (n name) value(s string) (from, to int, ok bool) {
	word := strings.Trim(s[n.from:n.to], ".")
	if len(word) < 1 || len(word) > 80 {
		return 0, 0, false
	}
	if word[0] == '-' {
		if from, to, ok := shortOption(s, n, word); ok {
			return from, to, true
		}
	}
	g := grade(word)
	if g == none {
		g = grade(n.withWordBefore(s, word))
	}
	switch {
	case isScheme(word):
		if from, to, ok := credentials(s, n.to); ok {
			return from, to, true
		}
	case g == none && strings.EqualFold(word, "by") && n.from >= 11 && strings.EqualFold(s[n.from-11:n.from-1], "identified"):
		return n.said(s, strong)
	case n.inPath(s):
		return 0, 0, false
	}
	if g == none {
		return 0, 0, false
	}
	sep, at := separator(s, n, word)
	switch sep {
	case "":
		if g >= weak && g != header {
			return n.said(s, g)
		}
		return 0, 0, false
	case ",":
		if g < strong && !strings.HasPrefix(word, "-") || valueNext.MatchString(s[at:min(len(s), at+16)]) {
			return 0, 0, false
		}
	case ">":
		if end := strings.IndexByte(s[at:], '<'); g >= weak && end > 0 {
			return at, at + end, true
		}
		return 0, 0, false
	case " ":
		if strings.HasPrefix(s[at:], "-") {
			return 0, 0, false
		}
		from, to = n.token(s, at, "=")
		return from, to, g >= weak
	}
	return n.assigned(s, at, sep, g, word)
}

// isScheme reports whether a word names an authentication scheme, behind which credentials
// stand.
func isScheme(word string) bool {
	switch strings.ToLower(word) {
	case "bearer", "basic", "digest", "negotiate", "apikey", "aws4-hmac-sha256":
		return true
	}
	return false
}

// valueNext is the name of a value behind the value of a name.
var valueNext = regexp.MustCompile(`(?i)^\s*\\*["']?value`)

// credentials are what stands behind the name of a scheme.
func credentials(s string, at int) (from, to int, ok bool) {
	for at < len(s) && (s[at] == ' ' || s[at] == ':' || s[at] == '+' || strings.HasPrefix(s[at:], "%20")) {
		if s[at] == '%' {
			at += 2
		}
		at++
	}
	end := at
	for end < len(s) && (nameByte(s[end]) && s[end] < 0x80 || strings.IndexByte("~+/=:%", s[end]) >= 0) {
		end++
	}
	if end-at < 5 || plainWord.MatchString(s[at:end]) {
		return 0, 0, false
	}
	return at, end, true
}

// plainWord is a word of a sentence, not a secret.
var plainWord = regexp.MustCompile(`^[^A-Za-z0-9]*([a-z]+|[A-Z]+|[A-Z][a-z]+)([-'][a-z]+)?[^A-Za-z0-9]*$`)

// withWordBefore is the name with the word before it: the name of "api key: x" is api_key.
func (n name) withWordBefore(s, word string) string {
	if low := strings.ToLower(word); low != "key" && low != "keys" && low != "code" && low != "phrase" && low != "string" && low != "id" {
		return word
	}
	if n.from < 2 || s[n.from-1] != ' ' {
		return word
	}
	end := n.from - 1
	start := end
	for start > 0 && nameByte(s[start-1]) && s[start-1] != '.' {
		start--
	}
	return s[start:end] + "_" + word
}

// inPath reports whether the name is of a path or a file with a line number.
func (n name) inPath(s string) bool {
	if n.from > 0 && (s[n.from-1] == '/' && !strings.HasPrefix(s[n.to:], "=") || s[n.from-1] == '@') {
		return n.to >= len(s) || s[n.to] != '='
	}
	return false
}

// separator is what stands between a name and its value, and where the value begins.
func separator(s string, n name, word string) (sep string, at int) {
	i := n.to
	for i < len(s) && s[i] == '\\' {
		i++
	}
	quoted := i < len(s) && isQuote(s[i]) && n.from > 0 && isQuote(s[n.from-1])
	if quoted {
		i++
	} else {
		i = n.to
	}
	for i < len(s) && s[i] == ']' {
		i++
	}
	if strings.HasPrefix(s[i:], "%5D") || strings.HasPrefix(s[i:], "%5d") {
		i += 3
	}
	space := i
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	for _, x := range []string{"=>", ":=", "===", "==", "=", ":", "%3D", "%3d", "%3A", "%3a", "\uff1a"} {
		if strings.HasPrefix(s[i:], x) {
			return x[:1], i + len(x)
		}
	}
	switch {
	case quoted && i < len(s) && s[i] == ',':
		return ",", i + 1
	case !quoted && n.from > 0 && s[n.from-1] == '<' && i < len(s) && s[i] == '>':
		return ">", i + 1
	case !quoted && strings.HasPrefix(word, "-") && i > space && i < len(s):
		return " ", i
	}
	return "", n.to
}

func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// assigned finds the value behind a separator.
func (n name) assigned(s string, at int, sep string, g int, word string) (from, to int, ok bool) {
	v := at
	for v < len(s) && (s[v] == ' ' || s[v] == '\t') {
		v++
	}
	if next := skipBlank(s, v); next < len(s) && next > v && (s[v] == '\n' || s[v] == '\r') && (isQuote(s[next]) || s[next] == '\\') {
		v = next
	}
	if v >= len(s) {
		return 0, 0, false
	}
	if from, to, ok := quotedAt(s, v); ok {
		return from, to, g >= weak && !keptValue(s[from:to], g)
	}
	switch {
	case strings.HasPrefix(s[v:], Mark):
		if g == group || g == header {
			return 0, 0, false
		}
	case s[v] == '{' || s[v] == '[':
		return v, bracketEnd(s, v), true
	case g == group:
		return 0, 0, false
	case (s[v] == '|' || s[v] == '>') && sep == ":":
		if end := blockEnd(s, n.from, v); end > v {
			return v, end, true
		}
	case s[v] == '\n' || s[v] == '\r':
		return 0, 0, false
	}
	if g == header {
		return v, n.lineEnd(s, v), true
	}
	from, to = n.token(s, v, sep)
	if from == to {
		return 0, 0, false
	}
	value := s[from:to]
	switch {
	case keptValue(value, g) || v == at && sep == ":" && keptAddress(word, value, g):
		return 0, 0, false
	case sep == ":" && g == strong && v > at:
		if n.startsLine(s) || plainWord.MatchString(value) {
			return from, n.phraseEnd(s, from), true
		}
	case sep == ":" && g == weak && plainWord.MatchString(value) && nextWord(s, to):
		return 0, 0, false // auth: cannot connect
	case sep == ":" && g == weak && errorCode.MatchString(value):
		return 0, 0, false
	}
	return from, to, true
}

var errorCode = regexp.MustCompile(`^E[A-Z]{3,}$|^ERR_\w+$|Error$|^[\w.-]+:\d+$`)

func skipBlank(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\n' || s[i] == '\r') {
		i++
	}
	return i
}

func nextWord(s string, at int) bool {
	return at+1 < len(s) && s[at] == ' ' && (s[at+1] >= 'a' && s[at+1] <= 'z' || s[at+1] >= 'A' && s[at+1] <= 'Z' || s[at+1] == '\'')
}

// keptValue reports whether a value is none: true, null, a count.
func keptValue(v string, g int) bool {
	v = strings.TrimRight(v, ",;)]}.")
	switch strings.ToLower(v) {
	case "", "true", "false", "null", "undefined", "none", "nil", "nan", "string", "yes", "no", "[object", "[function", "[circular", "missing", "required", "unset", "empty":
		return true
	}
	return g == weak && shortNumber.MatchString(v)
}

var (
	shortNumber = regexp.MustCompile(`^\d{1,5}(\.\d+)?(ms|s|m|h)?$`)
	lineNumber  = regexp.MustCompile(`^\d{1,5}(:\d{1,5})?[),;]*$`)
)

// keptAddress reports whether name:value is an address, or a file with a line number.
func keptAddress(word, value string, g int) bool {
	return lineNumber.MatchString(value) && (g == weak || strings.ContainsAny(word, "-."))
}

// startsLine reports whether a name is the first word of its line.
func (n name) startsLine(s string) bool {
	for i := n.from - 1; i >= 0 && s[i] != '\n'; i-- {
		if strings.IndexByte(" \t-'\"", s[i]) < 0 {
			return false
		}
	}
	return true
}

// token is the unquoted value that begins at v.
func (n name) token(s string, v int, sep string) (from, to int) {
	if from, to, ok := quotedAt(s, v); ok {
		return from, to
	}
	before := byte(0)
	for i := n.from - 1; i >= 0; i-- {
		if before = s[i]; before != ' ' {
			break
		}
	}
	if before == ';' || listOfPairs.MatchString(s[v:min(len(s), v+200)]) {
		if end := strings.IndexAny(s[v:], ";\"'\n"); end >= 0 {
			return v, v + end
		}
		return v, len(s)
	}
	end := v
	for end < len(s) && !n.ends(s, end, before) {
		end++
	}
	for end > v && strings.IndexByte(",;)}]", s[end-1]) >= 0 && !strings.HasSuffix(s[v:end], Mark) {
		end--
	}
	return v, end
}

// listOfPairs is the rest of Password=a b;Server=c.
var listOfPairs = regexp.MustCompile(`^[^;="'\n]*;\s*[A-Za-z][\w ]*=`)

// ends reports whether an unquoted value has ended before s[i].
func (n name) ends(s string, i int, before byte) bool {
	c := s[i]
	switch {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		return true
	case c == '&' || c == '#':
		return before == '?' || before == '&' || before == ';' && c == '&'
	case c == '\\':
		return i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 't' || s[i+1] == 'r' || closes(s, skipSlashes(s, i)))
	case isQuote(c):
		return closes(s, i)
	case c == '<':
		return i+1 < len(s) && s[i+1] == '/'
	}
	return false
}

func skipSlashes(s string, i int) int {
	for i < len(s) && s[i] == '\\' {
		i++
	}
	return i
}

// closes reports whether a quote at i ends a text round it: what follows is no part of it.
func closes(s string, i int) bool {
	if i >= len(s) || !isQuote(s[i]) {
		return false
	}
	return i+1 == len(s) || strings.IndexByte(" \t\r\n,;:)]}\\<&", s[i+1]) >= 0 || isQuote(s[i+1])
}

// lineEnd is the end of the line, or of the quoted text that the value is in.
func (n name) lineEnd(s string, v int) int {
	for i := v; i < len(s); i++ {
		switch {
		case s[i] == '\n' || s[i] == '\r':
			return i
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 'r'):
			return i
		case s[i] == '\\' && closes(s, skipSlashes(s, i)):
			return i
		case isQuote(s[i]) && closes(s, i):
			return i
		}
	}
	return len(s)
}

// phraseEnd is where a value of several words ends: at a comma or the like, or with the
// line.
func (n name) phraseEnd(s string, v int) int {
	end := n.lineEnd(s, v)
	if i := strings.IndexAny(s[v:end], ",;|"); i > 0 && !n.startsLine(s) {
		return v + i
	}
	if i := strings.Index(s[v:end], ", "); i > 0 {
		return v + i
	}
	return end
}

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
	if from, to, ok := quotedAt(s, v); ok && g == strong {
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
	copula     = regexp.MustCompile(`^(?i)(?:(is|was|of|used|given|be|with|value|set to|to|are|equals|:)|for [\w.@'"-]{1,40}) `)
	mixed      = regexp.MustCompile(`\d|[a-z][A-Z]|[A-Za-z][!@#$%^&*?~+]`)
	longNumber = regexp.MustCompile(`^\d{6,}$`)
)

// shortOption finds the value of -p, -u and the like.
func shortOption(s string, n name, word string) (from, to int, ok bool) {
	if n.from > 0 && strings.IndexByte(" \t\n'\"", s[n.from-1]) < 0 {
		return 0, 0, false
	}
	at := n.to
	switch {
	case word == "-p" || word == "-P" || word == "-pw" || word == "-a" && strings.Contains(s[:n.from], "redis"):
	case word == "-u" || word == "--user" || word == "-U" || word == "--proxy-user":
		_, end := n.token(s, skipSpaces(s, at), "=")
		if i := strings.IndexByte(s[min(at+1, end):end], ':'); i >= 0 && !strings.Contains(s[at:end], "://") {
			return at + 1 + i + 1, end, true
		}
		return 0, 0, false
	case len(word) > 3 && word[:2] == "-p" && namesTool(s[max(0, n.from-200):n.from]):
		_, end := n.token(s, n.from+2, "=")
		return n.from + 2, end, true
	default:
		return 0, 0, false
	}
	for at < len(s) && (isQuote(s[at]) || s[at] == ',' || s[at] == '=') { // ["-p", "x"]
		at++
	}
	at = skipSpaces(s, at)
	if at >= len(s) || s[at] == '-' || s[at] == '\n' {
		return 0, 0, false
	}
	from, to = n.token(s, at, "=")
	value := s[from:to]
	return from, to, len(value) > 3 && !portOrPath.MatchString(value)
}

var portOrPath = regexp.MustCompile(`^[\d.:/-]{1,24}(tcp|udp)?$|^[.~]?/|^[a-z]{1,11}$|^\[redacted`)

// namesTool reports whether a command line is of a program that takes -pPASSWORD.
func namesTool(s string) bool {
	s = s[strings.LastIndexByte(s, '\n')+1:]
	return strings.Contains(s, "mysql") || strings.Contains(s, "mariadb") || strings.Contains(s, "sshpass") || strings.Contains(s, "mongo")
}

func skipSpaces(s string, i int) int {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return i
}

// named are the values of secret names in a text.
func named(s string) []span {
	var out []span
	for i := 0; i < len(s); {
		if !nameByte(s[i]) {
			i++
			continue
		}
		n := name{from: i, to: i}
		for n.to < len(s) && nameByte(s[n.to]) {
			n.to++
		}
		i = n.to
		if from, to, ok := n.value(s); ok && to > from {
			out = append(out, span{from, to})
			i = to
		}
	}
	return out
}
