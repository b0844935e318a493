package nodeerr

import (
	"net"
	"slices"
	"strconv"
	"strings"
)

// maxServers bounds how many servers are taken from one text.
const maxServers = 16

// readServers finds the servers that a message names, after the words of Node: "connect
// CODE ADDRESS" and "getaddrinfo CODE NAME" (lib/internal/errors.js, UVExceptionWithHostPort
// and DNSException), and after those of drivers: "at `HOST:PORT`".
func (r *reader) readServers(message string) {
	for _, p := range [...]string{"ECONNREFUSED ", "EHOSTUNREACH ", "ENETUNREACH ", "ETIMEDOUT ", "EHOSTDOWN ", "connect ECONNRESET ", "connect ENOENT "} {
		for rest := message; ; {
			_, after, found := strings.Cut(rest, p)
			if !found {
				break
			}
			r.addServer(readAddress(after))
			rest = after
		}
	}
	for _, p := range [...]string{"getaddrinfo ENOTFOUND ", "getaddrinfo EAI_AGAIN ", "queryA ENOTFOUND ", "querySrv ENOTFOUND "} {
		if _, after, found := strings.Cut(message, p); found {
			r.addServer(cutFirstWord(after))
		}
	}
	for _, p := range [...]string{"database server at ", "Failed to connect to "} {
		if _, after, found := strings.Cut(message, p); found {
			r.addServer(readAddress(strings.ReplaceAll(cutFirstWord(after), "`", "")))
		}
	}
}

// addPlace notes a property of an error that says where: address and port, a name, a path.
func (r *reader) addPlace(key, value string) {
	switch key {
	case "address", "host":
		r.host = value
		if strings.HasPrefix(value, "/") && r.hasSign(Refused) {
			r.addServer(value)
		}
	case "port":
		if r.host != "" && (r.hasSign(Refused) || r.hasSign(Unreachable) || r.hasSign(Timeout)) {
			if port, err := strconv.Atoi(value); err == nil && port > 0 && port <= 65535 {
				r.addServer(net.JoinHostPort(strings.Trim(r.host, "[]"), value))
			}
		}
		r.host = ""
	case "hostname":
		if r.hasSign(Unresolved) {
			r.addServer(value)
		}
	}
}

func (r *reader) hasSign(c Class) bool {
	return slices.ContainsFunc(r.signs, func(s sign) bool { return s.class == c })
}

func (r *reader) addServer(server string) {
	if server == "" || len(server) > 260 || len(r.servers) >= maxServers || slices.Contains(r.servers, server) {
		return
	}
	r.servers = append(r.servers, server)
}

// cutFirstWord returns a text up to its first blank, without what a sentence or an object
// adds.
func cutFirstWord(text string) string {
	if i := strings.IndexAny(text, " \t\n"); i >= 0 {
		text = text[:i]
	}
	return strings.TrimRight(text, `,;.)]}'"`)
}

// readAddress puts Node's way of writing an address into host:port form, with
// brackets round an IPv6 host, or returns "" when there is none.
func readAddress(text string) string {
	s := cutFirstWord(text)
	if strings.HasPrefix(s, "/") {
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
