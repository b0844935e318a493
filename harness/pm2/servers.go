package pm2

import (
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// maxServers bounds how many servers are kept of one process's environment, maxSetting
// how long a value may be that is looked into.
const (
	maxServers = 16
	maxSetting = 2048
)

// settings gathers the servers that an environment names. Of a value nothing is kept
// but hosts, ports and the paths of sockets: no user, no password, no query.
type settings struct {
	servers []string
	hosts   map[string]string // by what a variable's name begins with: DB_ of DB_HOST
	ports   map[string]string
}

var (
	hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	hostKey  = regexp.MustCompile(`^(.+?_?)(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS|ENDPOINT|SOCKET)$`)
	portKey  = regexp.MustCompile(`^(.+?_?)PORT$`)
	tcpDSN   = regexp.MustCompile(`\btcp\(([^()\s]+)\)`)
	// foreignKey is a variable of tools, proxies and sessions, not of the app's servers.
	foreignKey = regexp.MustCompile(`(?i)^(npm_|pm2_|pm_|ssh_|axm_|node_|kubernetes_|(https?|no|all|ftp)_proxy$|pwd$|oldpwd$|home$|path$)`)
)

// findDefaultPort returns the default port for the scheme of a URL or the beginning of a
// variable's name, "" for none.
func findDefaultPort(name string) string {
	switch strings.ToLower(strings.TrimRight(name, "_")) {
	case "postgres", "postgresql", "pg":
		return "5432"
	case "mysql", "mariadb":
		return "3306"
	case "redis", "rediss", "valkey":
		return "6379"
	case "mongodb", "mongo":
		return "27017"
	case "amqp", "rabbitmq":
		return "5672"
	case "amqps":
		return "5671"
	case "nats":
		return "4222"
	case "kafka":
		return "9092"
	case "memcached":
		return "11211"
	case "http", "ws":
		return "80"
	case "https", "wss":
		return "443"
	}
	return ""
}

// take looks into one setting of a process.
func (s *settings) take(key string, value gjson.Result) {
	if !mayNameServer(key, value) {
		return
	}
	if (value.Type != gjson.String && value.Type != gjson.Number) || len(value.Raw) > maxSetting || foreignKey.MatchString(key) {
		return
	}
	text := value.String()
	if m := portKey.FindStringSubmatch(key); m != nil && isValidPort(text) {
		s.setEntry(&s.ports, m[1], text)
		return
	}
	m := hostKey.FindStringSubmatch(key)
	switch {
	case strings.Contains(text, "://"):
		s.addURL(text)
	case m != nil && strings.HasPrefix(text, "/"):
		s.add(text)
	case m != nil && isValidHost(text):
		s.setEntry(&s.hosts, m[1], text)
	case strings.Contains(text, ":"):
		if dsn := tcpDSN.FindStringSubmatch(text); dsn != nil {
			text = dsn[1]
		}
		for one := range strings.SplitSeq(text, ",") {
			s.addPair(strings.TrimSpace(one), "")
		}
	}
}

// mayNameServer reports, at little cost, whether a setting may name a server: the list is
// read every second, and nearly none of it does.
func mayNameServer(key string, value gjson.Result) bool {
	if value.Type == gjson.JSON || key == "" || key[0] >= 'a' && strings.HasPrefix(key, "pm_") {
		return false
	}
	for i := 1; i < len(value.Raw); i++ {
		if value.Raw[i-1] == ':' && (value.Raw[i] == '/' || isDigit(value.Raw[i])) {
			return true
		}
	}
	for _, end := range [...]string{"PORT", "HOST", "HOSTNAME", "SERVER", "ADDR", "ADDRESS", "ENDPOINT", "SOCKET"} {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return strings.Contains(value.Raw, "tcp(")
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func (s *settings) setEntry(to *map[string]string, key, value string) {
	if *to == nil {
		*to = map[string]string{}
	}
	(*to)[key] = value
}

// addURL takes the hosts of scheme://user:password@host:port,host:port/path?query. What
// is before the last @ may hold anything.
func (s *settings) addURL(text string) {
	scheme, rest, _ := strings.Cut(text, "://")
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	for one := range strings.SplitSeq(rest, ",") {
		s.addPair(one, findDefaultPort(scheme[strings.LastIndexAny(scheme, "+ :")+1:]))
	}
}

// addPair takes host:port, or a host alone with the port that it has otherwise.
func (s *settings) addPair(text, otherwise string) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = strings.Trim(text, "[]"), otherwise
	}
	if isValidHost(host) && isValidPort(port) {
		s.add(net.JoinHostPort(host, port))
	}
}

func (s *settings) add(server string) {
	if len(s.servers) < maxServers && !slices.Contains(s.servers, server) {
		s.servers = append(s.servers, strings.Clone(server))
	}
}

// listAll returns the servers, pairs of variables among them.
func (s *settings) listAll() []string {
	for key, host := range s.hosts {
		port := s.ports[key]
		if port == "" {
			port = findDefaultPort(key)
		}
		if port == "" {
			s.add(host)
			continue
		}
		s.add(net.JoinHostPort(host, port))
	}
	slices.Sort(s.servers)
	return s.servers
}

// isValidHost reports whether a text may be the name or address of a server: an address
// that stands for all interfaces is none.
func isValidHost(text string) bool {
	if ip, err := netip.ParseAddr(text); err == nil {
		return !ip.IsUnspecified()
	}
	_, err := strconv.ParseFloat(text, 64)
	return err != nil && len(text) <= 253 && hostName.MatchString(text)
}

func isValidPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n > 0 && n < 1<<16
}
