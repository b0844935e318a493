package remedy

import (
	"net"
	"path/filepath"
	"strings"

	"github.com/pm2drill/pm2drill/harness/remedy/nodeerr"
)

// known returns the server that the app is known to use and that an error text means by
// an address, or the address as it stands. A name in the settings stands for whatever
// address it had, and one name of this host for another.
func (o Observation) known(named string) (address string, ok bool) {
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
		case err == nil && e == nil && p == port && ((local(h) && local(host)) || (net.ParseIP(h) == nil && !local(h) && !local(host))):
			return k.Address, true
		}
	}
	return named, false
}

// local reports whether a host is this one.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// mentioned lists the known servers that a text names in words of its own.
func (o Observation) mentioned(text string) []string {
	var out []string
	plain := strings.NewReplacer("`", "", `"`, "", "'", "", "[", "", "]", "").Replace(text)
	for _, k := range o.Known {
		host, port, err := net.SplitHostPort(k.Address)
		if err != nil {
			continue
		}
		hosts := []string{host}
		if local(host) {
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

// needs lists the servers that an error text says could not be reached, each as the
// known server that is meant by it, if there is one.
func (c casefile) needs(text string) []string {
	found, read := c.servers[text]
	if !read {
		for _, named := range nodeerr.FindServers(text) {
			a, _ := c.now.known(named)
			found = append(found, a)
		}
		if len(found) == 0 {
			// Looked for first: it costs a hundredth of what outside does.
			if found = c.now.mentioned(text); len(found) > 0 && !nodeerr.LooksOutside(text) {
				found = nil
			}
		}
		c.servers[text] = found
	}
	return found
}

// same is normalise of a text that has been read before, as a rule.
func (c casefile) same(text string) string {
	short, read := c.normal[text]
	if !read {
		short = nodeerr.Normalise(text)
		c.normal[text] = short
	}
	return short
}
