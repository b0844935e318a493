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
	if hasOne(s, `\x22`, `\u0022`, `\x27`, `\u0027`, `\u003d`, `\u003D`, "&quot;", "&#") {
		if plain := marksPlain.Replace(s); plain != s && Text(plain) != plain {
			s = plain
		}
	}
	s = dropPairs(s)
	return replaceSpans(s, slices.DeleteFunc(findNamed(s), func(x span) bool { return isInsideMark(s, x.from, x.to) }))
}

// marksPlain are quotes and equals signs as HTML and strings of JavaScript escape them.
var marksPlain = strings.NewReplacer(`\x22`, `"`, `\u0022`, `"`, `\x27`, "'", `\u0027`, "'", `\u003d`, "=", `\u003D`, "=", "&quot;", `"`, "&#34;", `"`, "&#x22;", `"`, "&#39;", "'", "&#x27;", "'", "&apos;", "'", "&#61;", "=", "&#x3D;", "=", "&#x3d;", "=", "&#58;", ":", "&#x3A;", ":")

// isInsideMark reports whether a part of a text is of a Mark, or several of them and
// nothing else that could be a secret.
func isInsideMark(s string, from, to int) bool {
	rest := strings.ReplaceAll(s[from:to], Mark, "")
	return strings.Trim(rest, " \t\r\n,;:.'\"`\\)}]({[<>&|*") == "" || from > 0 && s[from-1] == '[' && strings.HasPrefix(s[from-1:], Mark)
}

// name is where a name stands in a text.
type name struct{ from, to int }

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.' || c == '$' || c >= 0x80
}

// findValue finds the value of the name, if it is a secret.
func (n name) findValue(s string) (from, to int, ok bool) {
	word := strings.Trim(s[n.from:n.to], ".")
	if len(word) < 1 || len(word) > 80 {
		return 0, 0, false
	}
	if word[0] == '-' {
		if from, to, ok := findShortOption(s, n, word); ok {
			return from, to, true
		}
	}
	g := gradeName(word)
	if g == none {
		g = gradeName(n.addWordBefore(s, word))
	}
	switch {
	case isScheme(word):
		if from, to, ok := findCredentials(s, n.to); ok {
			return from, to, true
		}
	case g == none && (strings.EqualFold(word, "by") || strings.EqualFold(word, "as")) && identified.MatchString(s[max(0, n.from-80):n.from]):
		return n.findSaid(s, strong)
	case n.isInPath(s):
		return 0, 0, false
	}
	if g == none {
		return 0, 0, false
	}
	sep, at := findSeparator(s, n, word)
	switch sep {
	case "":
		if g >= strong && n.to < len(s) && (s[n.to] == '(' || s[n.to] == '[') {
			return n.findEnclosed(s)
		}
		if g >= weak && g != header {
			if word == "AUTH" || setsVariable.MatchString(s[max(0, n.from-12):n.from]) { // of Redis
				g = strong
			}
			return n.findSaid(s, g)
		}
		return 0, 0, false
	case ",":
		if g < strong && !strings.HasPrefix(word, "-") || nameNext.MatchString(s[at:min(len(s), at+80)]) {
			return 0, 0, false
		}
	case ">":
		if data, ok := strings.CutPrefix(s[at:], "<![CDATA["); ok {
			at = len(s) - len(data)
			return at, at + len(cutAtAny(data, "]")), g >= weak
		}
		if end := strings.IndexByte(s[at:], '<'); g >= weak && end > 0 {
			return at, at + end, true
		}
		return 0, 0, false
	case " ":
		if strings.HasPrefix(s[at:], "-") {
			return 0, 0, false
		}
		from, to = n.findToken(s, at, "=")
		return from, to, g >= weak
	}
	return n.findAssigned(s, at, sep, g, word)
}

// identified goes before the password in SQL: IDENTIFIED [WITH plugin] BY 'x'.
var identified = regexp.MustCompile("(?i)\\bidentified +(with +[\\w'\"`]+ +)?$")

var (
	// nameNext is another name behind the value of a name: "name": "x", "type": "y".
	nameNext = regexp.MustCompile(`^\s*\\*["']?[\w.-]+\\*["']?\s*[:=]`)
	// setsVariable goes before a variable's name and its value: ENV TOKEN x.
	setsVariable = regexp.MustCompile(`(?i)\b(env|export|set|setenv)\s+$`)
)

// plainWord is a word of a sentence, not a secret.
var plainWord = regexp.MustCompile(`^[^A-Za-z0-9]*([a-z]+|[A-Z]+|[A-Z][a-z]+)([-'][a-z]+)?[^A-Za-z0-9]*$`)

// addWordBefore returns the name with the word before it: the name of "api key: x" is
// api_key.
func (n name) addWordBefore(s, word string) string {
	if low := strings.ToLower(word); low != "key" && low != "keys" && low != "code" && low != "phrase" && low != "string" && low != "id" {
		return word
	}
	if n.from < 2 || s[n.from-1] != ' ' {
		return word
	}
	end := n.from - 1
	start := end
	for start > 0 && isNameByte(s[start-1]) && s[start-1] != '.' {
		start--
	}
	return s[start:end] + "_" + word
}

// namesUser goes before the password where a text names both: user/pass: bob/x.
var namesUser = regexp.MustCompile(`(?i)(^|[^\w/.-])(user|username|login|email|account|id)/$`)

// isInPath reports whether the name is of a path or a file with a line number.
func (n name) isInPath(s string) bool {
	if namesUser.MatchString(s[max(0, n.from-20):n.from]) {
		return false
	}
	if n.from > 0 && (s[n.from-1] == '/' && !strings.HasPrefix(s[n.to:], "=") || s[n.from-1] == '@') {
		return n.to >= len(s) || s[n.to] != '='
	}
	return false
}

// findSeparator returns what is between a name and its value, and where the value begins.
func findSeparator(s string, n name, word string) (sep string, at int) {
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
	for _, x := range []string{"||=", "??=", "=>", ":=", "===", "==", "=", ":", "%3D", "%3d", "%3A", "%3a", "\uff1a"} {
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

// findAssigned finds the value behind a separator.
func (n name) findAssigned(s string, at int, sep string, g int, word string) (from, to int, ok bool) {
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
	if from, to, ok := findQuoted(s, v); ok {
		return from, to, g >= weak && !isKeptValue(s[from:to], g)
	}
	switch {
	case strings.HasPrefix(s[v:], Mark):
		if g == group || g == header {
			return 0, 0, false
		}
	case s[v] == '{' || s[v] == '[':
		return v, findBracketEnd(s, v), true
	case g == group:
		return 0, 0, false
	case (s[v] == '|' || s[v] == '>') && sep == ":":
		if end := findBlockEnd(s, n.from, v); end > v {
			return v, end, true
		}
	case s[v] == '\n' || s[v] == '\r':
		from, to = findLoneWord(s, v)
		return from, to, g == strong && sep == ":" && to > from
	}
	if g == header {
		return v, n.findLineEnd(s, v), true
	}
	from, to = n.findToken(s, v, sep)
	if from == to {
		return 0, 0, false
	}
	value := s[from:to]
	switch {
	case isKeptValue(value, g) || v == at && sep == ":" && isKeptAddress(word, value, g):
		return 0, 0, false
	case sep == ":" && g == strong && v > at:
		if n.startsLine(s) || plainWord.MatchString(value) {
			return from, n.findPhraseEnd(s, from), true
		}
	case sep == ":" && g == weak && plainWord.MatchString(value) && hasNextWord(s, to):
		return name{n.from, at}.findSaid(s, g) // auth: cannot connect; signature: got x
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

func hasNextWord(s string, at int) bool {
	return at+1 < len(s) && s[at] == ' ' && (s[at+1] >= 'a' && s[at+1] <= 'z' || s[at+1] >= 'A' && s[at+1] <= 'Z' || s[at+1] == '\'')
}

// isKeptValue reports whether a value is none: true, null, a count.
func isKeptValue(v string, g int) bool {
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

// isKeptAddress reports whether name:value is an address, or a file with a line number.
func isKeptAddress(word, value string, g int) bool {
	return lineNumber.MatchString(value) && (g == weak || strings.ContainsAny(word, "-."))
}

// findNamed returns the values of secret names in a text.
func findNamed(s string) []span {
	var out []span
	for i := 0; i < len(s); {
		if !isNameByte(s[i]) {
			i++
			continue
		}
		n := name{from: i, to: i}
		for n.to < len(s) && isNameByte(s[n.to]) {
			n.to++
		}
		i = n.to
		if from, to, ok := n.findValue(s); ok && to > from {
			out = append(out, span{from, to})
			i = to
		}
	}
	return out
}
