package observe

import (
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// FindKnown returns the server that the app is known to use and that an error text means by
// an address, or the address as it stands. A name in the settings stands for whatever
// address it had, and one name of this host for another.
func (o Observation) FindKnown(named string) (address string, ok bool) {
	host, port, err := net.SplitHostPort(named)
	for _, k := range o.Known {
		if k.Address == named {
			return named, true
		}
	}
	for _, k := range o.Known {
		h, p, e := net.SplitHostPort(k.Address)
		switch {
		case err != nil && e == nil && h == named, err == nil && k.Address == host:
			return k.Address, true
		case err != nil && filepath.Clean(named) == named && strings.HasPrefix(k.Address, "/") && strings.HasPrefix(named, strings.TrimSuffix(k.Address, "/")+"/"):
			return named, true
		case err == nil && e == nil && p == port && ((isLocal(h) && isLocal(host)) || (net.ParseIP(h) == nil && !isLocal(h) && !isLocal(host))):
			return k.Address, true
		}
	}
	return named, false
}

// isLocal reports whether a host is this one.
func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// ListMentioned lists the known servers that a text names in words of its own.
func (o Observation) ListMentioned(text string) []string {
	var out []string
	plain := strings.NewReplacer("`", "", `"`, "", "'", "", "[", "", "]", "").Replace(text)
	for _, k := range o.Known {
		host, port, err := net.SplitHostPort(k.Address)
		if err != nil {
			continue
		}
		hosts := []string{host}
		if isLocal(host) {
			hosts = []string{"localhost", "127.0.0.1", "::1"}
		}
		for _, h := range hosts {
			if strings.Contains(plain, h+":"+port) {
				out = append(out, k.Address)
				break
			}
		}
	}
	return out
}

// IsOwnPort reports whether an address is the app's own port on this host: a
// worker that cannot reach its own service has lost no dependency.
func IsOwnPort(address string, port int) bool {
	host, p, err := net.SplitHostPort(address)
	if err != nil || p != strconv.Itoa(port) {
		return false
	}
	return isLocal(host)
}
