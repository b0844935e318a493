package remedy

import (
	"net"
	"regexp"
	"strconv"
	"strings"
)

// Patterns of Node's error texts. Node's messages are "syscall CODE address",
// see lib/internal/errors.js (UVExceptionWithHostPort, DNSException).
var (
	errorLine   = regexp.MustCompile(`(?i)(^|\s|\[)([A-Za-z]*(Error|Exception)\b|E[A-Z]{4,}\b)`)
	unreachable = regexp.MustCompile(`\b(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EHOSTDOWN)\s+(\S+)`)
	unixRefused = regexp.MustCompile(`\bconnect ENOENT\s+(/\S+)`)
	unresolved  = regexp.MustCompile(`\bgetaddrinfo (?:ENOTFOUND|EAI_AGAIN)\s+(\S+)`)
	inUse       = regexp.MustCompile(`\bEADDRINUSE\b(?:.*:(\d{1,5})\b)?`)
	titleLine   = regexp.MustCompile(`^(Uncaught )?[A-Za-z]*(Error|Exception)( \[\w+\])?:`)
	stackFrame  = regexp.MustCompile(`^\s+at\s`)
	ansi        = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	stamps      = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*Z?`)
	hexes       = regexp.MustCompile(`\b(0x)?[0-9a-fA-F]{8,}\b`)
	digits      = regexp.MustCompile(`\d+`)
	blanks      = regexp.MustCompile(`\s+`)
)

// maxError bounds what is kept of one error text, in bytes.
const maxError = 400

// headline picks the line of an error text that says what went wrong: the first
// that is an error's title, or else the first that names an error, or else the
// last that is not a stack frame.
func headline(text string) string {
	named, last := "", ""
	for line := range strings.Lines(ansi.ReplaceAllString(text, "")) {
		if strings.TrimSpace(line) == "" || stackFrame.MatchString(line) {
			continue
		}
		last = strings.TrimSpace(line)
		if titleLine.MatchString(last) {
			return clip(last, maxError)
		}
		if named == "" && errorLine.MatchString(last) {
			named = last
		}
	}
	if named != "" {
		last = named
	}
	return clip(last, maxError)
}

// normalise strips from an error's headline what differs from one occurrence to
// the next (times, addresses in memory, numbers), so that equal means the same error.
func normalise(text string) string {
	s := headline(text)
	s = stamps.ReplaceAllString(s, "TIME")
	s = hexes.ReplaceAllString(s, "HEX")
	s = digits.ReplaceAllString(s, "N")
	return strings.TrimSpace(blanks.ReplaceAllString(s, " "))
}

// needs lists the servers that an error text says could not be reached: host:port,
// the path of a socket, or a host name that did not resolve.
func needs(text string) []string {
	var out []string
	for _, p := range []*regexp.Regexp{unreachable, unixRefused, unresolved} {
		for _, m := range p.FindAllStringSubmatch(text, -1) {
			if a := address(strings.TrimRight(m[1], `,;.)]}'"`), p == unresolved); a != "" {
				out = append(out, a)
			}
		}
	}
	return out
}

// address puts Node's way of writing an address into host:port form, with
// brackets round an IPv6 host, or returns "" when it is none.
func address(s string, name bool) string {
	switch {
	case name:
		return s
	case strings.HasPrefix(s, "/"):
		return s
	}
	i := strings.LastIndexByte(s, ':')
	if i <= 0 {
		return ""
	}
	port, err := strconv.Atoi(s[i+1:])
	if err != nil || port <= 0 || port > 65535 {
		return ""
	}
	return net.JoinHostPort(strings.Trim(s[:i], "[]"), s[i+1:])
}

// portInUse reports whether an error text says that the app's port is taken. A
// text that names no port counts: there is only one the engine knows. So does
// any while the port is 0, not looked at yet: the next look will tell.
func portInUse(text string, port int) bool {
	if !strings.Contains(text, "EADDRINUSE") {
		return false // the pattern would take a thousand times as long to say so
	}
	for _, m := range inUse.FindAllStringSubmatch(text, -1) {
		if m[1] == "" || port == 0 || m[1] == strconv.Itoa(port) {
			return true
		}
	}
	return false
}

// clip cuts a text to at most n bytes at a rune's edge.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
