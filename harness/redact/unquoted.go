package redact

import (
	"regexp"
	"strings"
)

// startsLine reports whether a name is the first word of its line.
func (n name) startsLine(s string) bool {
	for i := n.from - 1; i >= 0 && s[i] != '\n'; i-- {
		if strings.IndexByte(" \t-'\"", s[i]) < 0 {
			return false
		}
	}
	return true
}

// findLoneWord returns the only word of the line behind the end of a line at v, if it is
// one that passwords are like: an answer to a prompt, a scalar of YAML below its key.
func findLoneWord(s string, v int) (from, to int) {
	from = skipBlank(s, v)
	to = from + len(cutAtAny(s[from:], "\r\n"))
	if items := yamlItems.FindString(s[from:]); items != "" && !isInsideMark(s, from, from+len(items)) {
		return from, from + len(items)
	}
	word := strings.TrimRight(s[from:to], " \t")
	if len(word) < minSecret || !mixed.MatchString(word) || isTrivial(word) && !longNumber.MatchString(word) || strings.ContainsAny(word, " \t:={}[]()") || errorCode.MatchString(word) {
		return from, from
	}
	return from, from + len(word)
}

// yamlItems are the items of a list, each on a line of its own.
var yamlItems = regexp.MustCompile(`^- +[^\s:]+[ \t]*(\r?\n[ \t]*- +[^\s:]+[ \t]*)*(\r?\n|$)`)

// findToken returns the unquoted value that begins at v.
func (n name) findToken(s string, v int, sep string) (from, to int) {
	if from, to, ok := findQuoted(s, v); ok {
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
	for end < len(s) && !n.hasEnded(s, end, before) {
		end++
	}
	for end > v && strings.IndexByte(",;)}]", s[end-1]) >= 0 && !strings.HasSuffix(s[v:end], Mark) {
		end--
	}
	return v, end
}

// listOfPairs is the rest of Password=a b;Server=c.
var listOfPairs = regexp.MustCompile(`^[^;="'\n]*;\s*[A-Za-z][\w ]*=`)

// hasEnded reports whether an unquoted value has ended before s[i].
func (n name) hasEnded(s string, i int, before byte) bool {
	c := s[i]
	switch {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		return true
	case c == '&' || c == '#':
		return before == '?' || before == '&' || before == ';' && c == '&'
	case c == '\\':
		return i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 't' || s[i+1] == 'r' || isClosing(s, skipSlashes(s, i)))
	case isQuote(c):
		return isClosing(s, i)
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

// isClosing reports whether a quote at i ends a text round it: what follows is no part of
// it.
func isClosing(s string, i int) bool {
	if i >= len(s) || !isQuote(s[i]) {
		return false
	}
	return i+1 == len(s) || strings.IndexByte(" \t\r\n,;:)]}\\<&", s[i+1]) >= 0 || isQuote(s[i+1])
}

// findLineEnd returns the end of the line, or of the quoted text that the value is in.
func (n name) findLineEnd(s string, v int) int {
	for i := v; i < len(s); i++ {
		switch {
		case s[i] == '\n' || s[i] == '\r':
			return i
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == 'n' || s[i+1] == 'r'):
			return i
		case s[i] == '\\' && isClosing(s, skipSlashes(s, i)):
			return i
		case isQuote(s[i]) && isClosing(s, i):
			return i
		}
	}
	return len(s)
}

// findPhraseEnd returns where a value of several words ends: at a comma or the like, or
// with the line.
func (n name) findPhraseEnd(s string, v int) int {
	end := n.findLineEnd(s, v)
	if i := strings.IndexAny(s[v:end], ",;|"); i > 0 && !n.startsLine(s) {
		return v + i
	}
	if i := strings.Index(s[v:end], ", "); i > 0 {
		return v + i
	}
	return end
}
