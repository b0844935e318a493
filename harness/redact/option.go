package redact

import (
	"regexp"
	"strings"
)

// findShortOption finds the value of -p, -u and the like.
func findShortOption(s string, n name, word string) (from, to int, ok bool) {
	if n.from > 0 && strings.IndexByte(" \t\n'\"", s[n.from-1]) < 0 {
		return 0, 0, false
	}
	at := n.to
	switch {
	case word == "-p" || word == "-P" || word == "-pw" || word == "-a" && strings.Contains(s[max(0, n.from-200):n.from], "redis"), word == "-k" && strings.Contains(s[max(0, n.from-200):n.from], "openssl "):
	case word == "-u" || word == "--user" || word == "-U" || word == "--proxy-user":
		_, end := n.findToken(s, skipSpaces(s, at), "=")
		if i := strings.IndexByte(s[min(at+1, end):end], ':'); i >= 0 && !strings.Contains(s[at:end], "://") {
			return at + 1 + i + 1, end, true
		}
		return 0, 0, false
	case len(word) > 3 && word[:2] == "-p" && isToolLine(s[max(0, n.from-200):n.from]):
		_, end := n.findToken(s, n.from+2, "=")
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
	from, to = n.findToken(s, at, "=")
	value := s[from:to]
	return from, to, len(value) > 3 && !portOrPath.MatchString(value)
}

var portOrPath = regexp.MustCompile(`^[\d.:/-]{1,24}(tcp|udp)?$|^[.~]?/|^[a-z]{1,11}$|^\[redacted`)

// isToolLine reports whether a command line is of a program that takes -pPASSWORD.
func isToolLine(s string) bool {
	s = s[strings.LastIndexByte(s, '\n')+1:]
	return strings.Contains(s, "mysql") || strings.Contains(s, "mariadb") || strings.Contains(s, "sshpass") || strings.Contains(s, "mongo")
}

func skipSpaces(s string, i int) int {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return i
}
