package redact

import (
	"net/url"
	"regexp"
	"strings"
)

// dropURLs replaces userinfo, query and fragment of every URL of any scheme, the secret
// parts of its path, the queries of request targets (GET /a?b=c), and user:password
// before an address without a scheme.
func dropURLs(s string) string {
	var spans []span
	at := 0
	for at < len(s) {
		i := strings.Index(s[at:], "//")
		if i < 0 {
			break
		}
		i += at
		u, ok := findURL(s, i)
		if !ok {
			at = i + 2
			continue
		}
		for _, x := range u.listSecrets(s) {
			if x.to > x.from && s[x.from:x.to] != Mark {
				spans = append(spans, x)
			}
		}
		at = u.end
	}
	s = replaceSpans(s, spans)
	if strings.Contains(s, `:\/\/`) { // as PHP and old loggers write JSON
		s = escapedURL.ReplaceAllStringFunc(s, func(m string) string {
			return strings.ReplaceAll(dropURLs(strings.ReplaceAll(m, `\/`, "/")), "/", `\/`)
		})
	}
	if strings.Contains(s, "%3A%2F%2F") || strings.Contains(s, "%3a%2f%2f") {
		s = encodedURL.ReplaceAllString(s, "${1}"+Mark)
	}
	if strings.IndexByte(s, '@') >= 0 {
		s = dropBareUserinfo(s)
		s = oracle.ReplaceAllString(s, "${1}"+Mark+"@")
	}
	if strings.IndexByte(s, '?') >= 0 {
		s = target.ReplaceAllString(s, "${1}?"+Mark)
	}
	if strings.Contains(s, ".com/") {
		s = webhook.ReplaceAllString(s, "${1}"+Mark)
	}
	return s
}

var (
	escapedURL = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*:\\/\\/[^\s"'<>]+`)
	encodedURL = regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]{1,30}%3a%2f%2f)(?:[^\s"'<>&\[]|\[[^r])+`)
	behindUser = regexp.MustCompile(`^(?:(?:tcp|udp|unix)\d?\(|[\w.-]{1,255}(?::\d{1,5}\b|/|$|\s|["']))`)
	oracle     = regexp.MustCompile(`(jdbc:oracle:\w+:)[^@\s\[]+@`)
	// A target has a path and a query with a value. What follows a file's query in a stack
	// (a.mjs?t=1:20:3) stays.
	target  = regexp.MustCompile(`((?:^|[\s"'=(\x60>])/[^\s"'?#<>]*)\?[^\s"'#<>=&\[]+=[^\s"'<>]*`)
	webhook = regexp.MustCompile(`(\b(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api(?:/v\d+)?/webhooks/|api\.telegram\.org/(?:file/)?bot|outlook\.office\.com/webhook/|hooks\.zapier\.com/hooks/|maker\.ifttt\.com/(?:use/|trigger/\w+/with/key/)))[^\s"'<>\[]+`)
)

// found is a URL in a text; each part ends where the next begins.
type found struct {
	scheme               string
	authority, host, end int // user and password lie between authority and host
	path, query          int
}

// findURL returns the URL whose "//" is at i.
func findURL(s string, i int) (found, bool) {
	start := i
	if start > 0 && s[start-1] == ':' {
		for start--; start > 0 && isSchemeByte(s[start-1]); {
			start--
		}
	}
	u := found{scheme: strings.ToLower(strings.TrimSuffix(s[start:i], ":")), authority: i + 2}
	if u.scheme == "" && !(start == 0 || strings.IndexByte(" \t\n\"'=(,", s[start-1]) >= 0) {
		return u, false
	}
	if u.authority >= len(s) || strings.IndexByte(" \t\n", s[u.authority]) >= 0 {
		return u, false
	}
	u.end = findURLEnd(s, u.authority)
	u.host = u.authority
	if host := cutAtAny(s[u.authority:u.end], "/?#;@"); strings.HasPrefix(u.scheme, "jdbc:") && strings.HasPrefix(s[u.authority+len(host):], ";") {
		u.path = u.authority + len(host) // jdbc:sqlserver://host;user=a;password=b c
		u.query = u.path
		u.end = u.path + len(cutAtAny(s[u.path:], "\n\"'`"))
		return u, true
	}
	if at := u.findUserinfoEnd(s, start); at > u.authority {
		u.host = at + 1
		u.end = max(u.end, findURLEnd(s, u.host))
	} else if at < 0 {
		return u, u.scheme != ""
	}
	u.path = u.host + len(cutAtAny(s[u.host:u.end], "/?#;"))
	u.query = u.path + len(cutAtAny(s[u.path:u.end], "?#;"))
	return u, u.scheme != "" || u.host > u.authority
}

func isSchemeByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '.' || c == '-' || c == ':'
}

func cutAtAny(s, any string) string {
	if i := strings.IndexAny(s, any); i >= 0 {
		return s[:i]
	}
	return s
}

// findURLEnd returns the end of a URL without blanks and quotes.
func findURLEnd(s string, i int) int {
	end := i
	for end < len(s) {
		c := s[end]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' || c == '\\' || strings.HasPrefix(s[end:], "\u2026") {
			break
		}
		end++
	}
	for end > i && strings.IndexByte(".,;:!)]}", s[end-1]) >= 0 && !strings.HasSuffix(s[i:end], Mark) {
		end--
	}
	return end
}

// listSecrets returns the parts of the URL that are replaced.
func (u found) listSecrets(s string) []span {
	var out []span
	if u.path == 0 {
		return nil
	}
	if u.host > u.authority {
		out = append(out, span{u.authority, u.host - 1})
	}
	host := s[u.host:u.path]
	if name, port, ok := strings.Cut(host, ":"); ok && !isAllDigits(port) && !strings.HasPrefix(host, "[") && !strings.Contains(port, Mark) && u.scheme != "jdbc" && u.host == u.authority && !strings.ContainsAny(port, "${,") {
		// A password that is cut off: user:password without a host.
		out = append(out, span{u.host + len(name) + 1, u.path})
	}
	if u.scheme == "http" || u.scheme == "https" || u.scheme == "ws" || u.scheme == "wss" {
		out = append(out, findPathSecrets(s, host, u.path, u.query)...)
	}
	if u.query < u.end {
		to := u.end
		if m := position.FindStringIndex(s[u.query:to]); m != nil && (u.scheme == "file" || strings.Contains(s[u.path:u.query], ".")) {
			to = u.query + m[0]
		}
		out = append(out, span{u.query + 1, to})
	}
	return out
}

// position is a line and a column behind a file's query.
var position = regexp.MustCompile(`:\d+:\d+$`)

// findPathSecrets returns the segments of a path that are secrets: what follows a segment
// that tells of a hook, and what looks like a token.
func findPathSecrets(s, host string, from, to int) []span {
	var out []span
	hook := strings.Contains(host, "hook") || strings.HasPrefix(host, "hc-ping.")
	at := from
	for part := range strings.SplitSeq(s[from:to], "/") {
		low := strings.ToLower(part)
		switch {
		case part == "" || part == Mark || strings.Contains(part, Mark):
		case hook && !plainSegment.MatchString(part), len(part) >= 16 && (isRandom(part) || uuid.MatchString(part)):
			out = append(out, span{at, at + len(part)})
		case strings.HasPrefix(low, "bot") && strings.Contains(part, ":"):
			out = append(out, span{at + 3, at + len(part)})
		case strings.Contains(low, "hook") || low == "services" || low == "integration" || low == "catch" || low == "bot" || low == "heartbeat" || low == "ping" || low == "token" || low == "tokens" || low == "key" || low == "secret" || low == "incoming":
			hook = true
		}
		at += len(part) + 1
	}
	return out
}

// listURLSecrets returns the parts of the URLs in a value that are secrets, as they are
// there and decoded.
func listURLSecrets(value string) []string {
	var out []string
	add := func(part string) {
		out = append(out, part)
		if plain, err := url.PathUnescape(part); err == nil && plain != part {
			out = append(out, plain)
		}
	}
	for at := 0; ; {
		i := strings.Index(value[at:], "//")
		if i < 0 {
			return out
		}
		u, ok := findURL(value, at+i)
		at += i + 2
		if !ok {
			continue
		}
		for _, x := range u.listSecrets(value) {
			part := value[x.from:x.to]
			switch {
			case x.to == u.host-1: // user:password
				add(part)
				if _, password, ok := strings.Cut(part, ":"); ok {
					add(password)
				}
			case x.from > u.query:
				add(part)
				for pair := range strings.FieldsFuncSeq(part, func(c rune) bool { return c == '&' || c == ';' || c == '#' }) {
					if _, v, ok := strings.Cut(pair, "="); ok && !isTrivial(v) {
						add(v)
					}
				}
			default:
				add(part)
			}
		}
		at = max(at, u.end)
	}
}

// URL is a URL without userinfo, query and fragment, and without the secret parts of its
// path.
func URL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return Text(s)
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return Text(u.String())
}

// Origin is the scheme and the host of a URL: all that may be said of one whose path is a
// secret.
func Origin(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return "(no URL)"
	}
	return u.Scheme + "://" + u.Host
}
