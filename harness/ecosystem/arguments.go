package ecosystem

import "strings"

// spaces are the characters that JavaScript takes for white space.
const spaces = " \t\n\r\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"

// splitList cuts a string into arguments, as PM2 does where a list is wanted
// (lib/tools/Config.js:199). From 7.0 on, an argument that is quoted as a whole loses
// its quotes, and one of the form name="..." keeps them. Older versions cut at each
// of these forms and at spaces, wherever they stand, and keep what lies between.
func splitList(s string, t Target) []Value {
	parts := splitPieces(s)
	if t.PM2AtLeast("7.0.0") {
		parts = splitArguments(s)
	}
	var out []Value
	for _, p := range parts {
		if trimSpace(p) != "" {
			out = append(out, Value{Kind: String, Text: p})
		}
	}
	return out
}

// splitArguments returns the arguments in s, as PM2 7 finds them.
func splitArguments(s string) []string {
	var out []string
	for s = strings.TrimLeft(s, spaces); s != ""; s = strings.TrimLeft(s, spaces) {
		n := measureQuoted(s)
		if name := strings.IndexAny(s, spaces+`"'=`); n == 0 && name > 0 && s[name] == '=' {
			if q := measureQuoted(s[name+1:]); q > 0 {
				n = name + 1 + q
			}
		}
		if n == 0 {
			n = len(s)
			if end := strings.IndexAny(s, spaces); end >= 0 {
				n = end
			}
		}
		out = append(out, unquote(s[:n]))
		s = s[n:]
	}
	return out
}

// unquote takes the first and the last character away if they are the same quote.
func unquote(s string) string {
	if first := s[0]; (first == '"' || first == '\'') && s[len(s)-1] == first {
		return s[1:max(1, len(s)-1)]
	}
	return s
}

// splitPieces returns what PM2 before 7.0 makes of s: the quoted forms, and what is
// between them and spaces.
func splitPieces(s string) []string {
	var out []string
	from, at := 0, 0
	for at < len(s) {
		word := measureName(s[at:])
		piece, n := "", 0
		switch {
		case word > 0 && strings.HasPrefix(s[at+word:], "="):
			if q := measureQuoted(s[at+word+1:]); q > 0 {
				n = word + 1 + q
				piece = s[at : at+n]
			}
		case measureQuoted(s[at:]) > 0:
			n = measureQuoted(s[at:])
			piece = s[at+1 : at+n-1]
		case strings.IndexAny(s[at:], spaces) == 0:
			n = len(s[at:]) - len(strings.TrimLeft(s[at:], spaces))
		}
		if n == 0 {
			at += max(1, word)
			continue
		}
		out = append(out, s[from:at], piece)
		at += n
		from = at
	}
	return append(out, s[from:])
}

// measureQuoted returns the length of the quoted text that s begins with, quotes
// included; 0 if it begins with none, or the quote is not closed.
func measureQuoted(s string) int {
	if s == "" || (s[0] != '"' && s[0] != '\'') {
		return 0
	}
	end := strings.IndexByte(s[1:], s[0])
	if end < 0 {
		return 0
	}
	return end + 2
}

// measureName returns how many ASCII letters, digits, underscores and hyphens s begins
// with.
func measureName(s string) int {
	return len(s) - len(strings.TrimLeft(s, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"))
}
