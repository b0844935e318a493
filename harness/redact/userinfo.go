package redact

import (
	"strings"
)

// maxPassword is how far behind a URL's beginning its "@" is looked for, in bytes.
const maxPassword = 512

// findUserinfoEnd returns where the "@" behind the userinfo is, 0 if there is none.
// Passwords may have slashes, blanks, quotes, "@" and "#" in them, as people write them.
func (u *found) findUserinfoEnd(s string, start int) int {
	authority := cutAtAny(s[u.authority:u.end], "/?#")
	last := strings.LastIndexByte(s[u.authority:u.end], '@')
	_, port, colon := strings.Cut(authority, ":")
	if host := strings.LastIndexByte(authority, '@'); host >= 0 {
		_, port, colon = strings.Cut(authority[host:], ":")
	}
	odd := colon && port != "" && !isAllDigits(port) && !strings.HasPrefix(authority, "[")
	if last >= 0 {
		web := u.scheme == "http" || u.scheme == "https" || u.scheme == "ws" || u.scheme == "wss" || u.scheme == ""
		between := s[u.authority+len(cutAtAny(authority, "@")) : u.authority+last]
		switch {
		case strings.Contains(authority, "@") && (!web || !strings.Contains(between, "/")):
			return u.authority + last
		case strings.Contains(authority, "@"):
			if i := findHostSign(s, u.authority, u.end); i > 0 {
				return i
			}
			return u.authority + strings.LastIndexByte(authority, '@')
		case !web || odd, strings.Contains(between, ":") && s[u.authority+last-1] != '/':
			return u.authority + last
		case colon && s[u.authority+last-1] != '/':
			return u.authority + last
		}
		return 0
	}
	if !odd {
		return 0
	}
	// A blank or a quote in the password: the "@" stands further on.
	line := cutAtAny(s[u.end:min(len(s), u.end+maxPassword)], "\n")
	if i := strings.IndexByte(line, '@'); i >= 0 && isHostLike(line[i+1:]) && !strings.Contains(line[:i], "//") {
		return u.end + i
	}
	return 0
}

// findHostSign returns the last "@" with a host behind it in a part of a text, 0 if there
// is none.
func findHostSign(s string, from, to int) int {
	for i := to - 1; i > from; i-- {
		if s[i] == '@' && isHostLike(s[i+1:]) && s[i-1] != '/' {
			return i
		}
	}
	return 0
}

func isHostLike(s string) bool {
	return s != "" && (s[0] == '[' || s[0] >= '0' && s[0] <= '9' || s[0] >= 'a' && s[0] <= 'z' || s[0] >= 'A' && s[0] <= 'Z')
}

func isAllDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// dropBareUserinfo replaces user:password before "@host". What has no host behind it, a
// package with a version and an address of mail stay.
func dropBareUserinfo(s string) string {
	var spans []span
	last := 0
	for at := strings.IndexByte(s, '@'); at >= 0 && at < len(s); {
		if from := findBareUserinfo(s, last, at); from >= 0 && behindUser.MatchString(s[at+1:min(len(s), at+280)]) {
			spans = append(spans, span{from, at})
			last = at
		}
		next := strings.IndexByte(s[at+1:], '@')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return replaceSpans(s, spans)
}

// maxBare is how long user:password without a scheme may be, in bytes.
const maxBare = 128

// findBareUserinfo returns where the user before an "@" begins, -1 if there is none.
func findBareUserinfo(s string, least, at int) int {
	from, colon := at, -1
	for from > max(least, at-maxBare) && strings.IndexByte(" \t\n\r'\"@", s[from-1]) < 0 && !strings.HasPrefix(s[from-1:], "//") {
		if from--; s[from] == ':' {
			colon = from
		}
	}
	if colon < 0 || at-colon < 4 {
		return -1
	}
	for i := from; i < colon; i++ {
		if strings.IndexByte("=/,;()<>[]", s[i]) >= 0 {
			from = i + 1
		}
	}
	if from == colon || s[colon+1] == '/' || s[colon+1] == '[' {
		return -1
	}
	switch strings.ToLower(s[from:colon]) {
	case "npm", "workspace", "patch", "node", "mailto", "sip", "xmpp", "file", "link", "portal", "http", "https":
		return -1
	}
	return from
}
