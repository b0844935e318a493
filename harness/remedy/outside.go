package remedy

import (
	"net"
	"path/filepath"
	"regexp"
	"strings"
)

// Patterns of errors that pass by themselves when something outside the process changes.
var (
	// outsideCode is what an operating system, a resolver, TLS or a database calls an error,
	// in whatever text it stands: nested errors and causes have it on a line of their own.
	outsideCode = regexp.MustCompile(`\b(E(?:CONN|HOST|NET|TIMEDOUT|SOCKET|PIPE|NOTFOUND|NOTCONN|NOENT|ACCES|PERM|NOSPC|MFILE|NFILE|NOMEM|BUSY|AGAIN|ROFS|IO\b|XDEV|STALE|DQUOT)[A-Z]*|EAI_[A-Z]+|ERR_(?:TLS|SSL|SOCKET|HTTP2|MODULE_NOT_FOUND)\w*|(?:CERT|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)_\w+|PROTOCOL_\w+|UND_ERR_\w+|MODULE_NOT_FOUND|P10\d\d|57P0\d|53[0-9]00|08[0PS]\w\d\d|ORA-\d+)`)
	// outsideWords is how clients of servers put the same.
	outsideWords = regexp.MustCompile(`(?i)\b(connect\w*|(?:dis|re)connect\w*|sockets?|time[ds]?[ -]?out\w*|unreachable|reach|refused|reset|hang ?up|handshake|tls|ssl|x509|certificates?|dns|getaddrinfo|resolve|lookup|brokers?|server selection|max retries|maxretries\w*|too many|starting up|shutting down|recovery mode|available|unavailable|temporar\w+|try again|retry\w*|no such file|cannot find|permission|locked|lock|quota|limit|busy|overloaded|network|host|hosts|server|servers|database|databases|cluster|leader|master|replica|50[234]|429)\b|\b\w*(connect|timeout|network|socket|unavailable|unreachable|refused|retries)\w*(error|exception)\b`)
	// codeTitle is an error of the program's own making, unless it carries an outsideCode.
	codeTitle = regexp.MustCompile(`^(Uncaught )?(Type|Reference|Syntax|Range|Eval)Error\b`)
	fetching  = regexp.MustCompile(`\bfetch failed\b`)
	// fixed is an error that no start can be spared by waiting: PM2 starts a worker with the
	// environment it has on record, and with the file that is there.
	fixed = regexp.MustCompile(`^SyntaxError\b|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b.*\b(not set|not defined|undefined|unset|missing|required|empty|must be)\b|(?i:\b(missing|required|undefined|unset|set)\b.*)\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b`)
)

// outside reports whether an error text looks as if something outside the process were
// the matter: a server, the network, a name, a certificate, a file, a limit. Such an
// error may be over at the next start, so starting again is right and stopping is not,
// unless another witness says so. In doubt it says yes.
func outside(text string) bool {
	bare := strings.Builder{}
	for line := range strings.Lines(ansi.ReplaceAllString(text, "")) {
		if !stackFrame.MatchString(line) {
			bare.WriteString(line)
		}
	}
	said := bare.String()
	if outsideCode.MatchString(said) || fetching.MatchString(said) {
		return true
	}
	return !codeTitle.MatchString(headline(said)) && outsideWords.MatchString(said)
}

// onDisk is an error about a file that is not there, or not readable.
var onDisk = regexp.MustCompile(`(?i)\b(ENOENT|EACCES|EPERM|MODULE_NOT_FOUND|cannot find (module|package)|no such file)\b`)

// aboutFile reports whether an error text is about a file, and not about a socket's.
func aboutFile(text string) bool { return onDisk.MatchString(text) && len(needs(text)) == 0 }

// lasts reports whether an error stays as it is until people change something.
func lasts(text string) bool { return !outside(text) && fixed.MatchString(headline(text)) }

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
		for _, named := range needs(text) {
			a, _ := c.now.known(named)
			found = append(found, a)
		}
		if len(found) == 0 {
			// Looked for first: it costs a hundredth of what outside does.
			if found = c.now.mentioned(text); len(found) > 0 && !outside(text) {
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
		short = normalise(text)
		c.normal[text] = short
	}
	return short
}
