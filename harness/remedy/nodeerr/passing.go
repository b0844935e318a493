package nodeerr

import (
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

// LooksOutside reports whether an error text looks as if something outside the process were
// the matter: a server, the network, a name, a certificate, a file, a limit. Such an
// error may be over at the next start, so starting again is right and stopping is not,
// unless another witness says so. In doubt it says yes.
func LooksOutside(text string) bool {
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
	return !codeTitle.MatchString(FindHeadline(said)) && outsideWords.MatchString(said)
}

// onDisk is an error about a file that is not there, or not readable.
var onDisk = regexp.MustCompile(`(?i)\b(ENOENT|EACCES|EPERM|MODULE_NOT_FOUND|cannot find (module|package)|no such file)\b`)

// IsAboutFile reports whether an error text is about a file, and not about a socket's.
func IsAboutFile(text string) bool { return onDisk.MatchString(text) && len(FindServers(text)) == 0 }

// IsLasting reports whether an error stays as it is until people change something.
func IsLasting(text string) bool { return !LooksOutside(text) && fixed.MatchString(FindHeadline(text)) }
