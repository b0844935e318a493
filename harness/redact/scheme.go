package redact

import "strings"

// isScheme reports whether a word names an authentication scheme, behind which credentials
// stand.
func isScheme(word string) bool {
	switch strings.ToLower(word) {
	case "bearer", "basic", "digest", "negotiate", "apikey", "aws4-hmac-sha256":
		return true
	}
	return false
}

// findCredentials returns what is behind the name of a scheme.
func findCredentials(s string, at int) (from, to int, ok bool) {
	for at < len(s) && (s[at] == ' ' || s[at] == ':' || s[at] == '+' || strings.HasPrefix(s[at:], "%20")) {
		if s[at] == '%' {
			at += 2
		}
		at++
	}
	end := at
	for end < len(s) && (isNameByte(s[end]) && s[end] < 0x80 || strings.IndexByte("~+/=:%", s[end]) >= 0) {
		end++
	}
	if end-at < 5 || plainWord.MatchString(s[at:end]) {
		return 0, 0, false
	}
	return at, end, true
}
