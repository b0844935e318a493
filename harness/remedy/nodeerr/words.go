package nodeerr

import "strings"

// phrases are how clients of servers say in words what others say with a code. All are in
// lower case, and looked for in messages only: the lines that an error's author wrote.
type phrases struct {
	class Class
	any   []string
}

// listPhrases lists them, the more telling first.
func listPhrases() []phrases {
	return []phrases{
		{Heap, []string{"javascript heap out of memory", "js heap out of memory", "reached heap limit"}},
		{Native, []string{
			"segmentation fault", "sigsegv", "bus error", "illegal instruction", "# fatal error in", "fatal javascript invalid size error", "double free or corruption", "free(): invalid", "free(): double free",
			"malloc(): ", "malloc_consolidate", "corrupted size vs", "munmap_chunk", "stack smashing detected", "terminate called", "pure virtual method called", "assertion `", "empty maybelocal", "napi_fatal_error", "thread panicked", "panicked at",
		}},
		{BadOption, []string{"bad option", "is not allowed in node_options", "requires an argument", "invalid value for --"}},
		{Serialisation, []string{"converting circular structure to json", "do not know how to serialize a bigint", "could not be cloned"}},
		{NoModule, []string{"cannot find module", "cannot find package"}},
		{PortInUse, []string{"address already in use"}},
		{Denied, []string{
			"password authentication failed", "authentication fail", "authentication error", "authentication required", "authentication needed",
			"access denied", "access refused", "access_refused", "permission denied for", "invalid password", "wrong password", "incorrect password",
			"invalid username", "username-password", "bad user name or password", "invalid credentials", "invalidcredentials", "invalid login", "login failed",
			"login was refused", "not authorized", "unauthorized", "unauthenticated", "authorization violation", "provided database credentials",
			"credentials for", "forbidden", "invalid token", "security token", "access key", "no pg_hba.conf entry", "not allowed to connect",
		}},
		{Full, []string{
			"too many", "max number of clients", "maximum number of", "maximum connections", "remaining connection slots", "connection slots are reserved", "connection limit",
			"connections exceeded", "rate limit", "throttl", "overloaded", "quota exceeded", "server is busy", "no more connections", "resource exhausted", "slow down",
		}},
		{Starting, []string{
			"starting up", "is starting", "not yet accepting connections", "not accepting connections", "recovery mode", "shutting down", "is loading", "shutdown in progress",
			"not primary", "no primary", "replicasetnoprimary", "not master", "no leader", "leader not available", "not ready", "not available", "unavailable", "temporarily", "try again later",
			"administrator command", "connection_forced", "maintenance", "initializing",
		}},
		{TLS, []string{
			"certificate", "ssl", "tls", "handshake", "wrong version number", "self-signed", "self signed", "x509", "secure connection",
		}},
		{Unresolved, []string{"getaddrinfo", "name or service not known", "could not resolve", "cannot resolve", "failed to resolve", "name resolution", "dns", "querysrv"}},
		{Refused, []string{"connection refused", "actively refused"}},
		{Unreachable, []string{"unreachable", "no route to host", "can't reach", "cannot reach", "could not reach", "not reachable"}},
		{Timeout, []string{
			"timed out", "timeout", "time out", "time-out", "timedout", "deadline exceeded", "took too long", "no response", "not respond", "not answer", "no answer", "max retries", "maxretries",
		}},
		{Reset, []string{
			"connection lost", "lost connection", "connection terminated", "connection closed", "closed connection", "connection is closed", "connection ended", "connection reset", "connection aborted", "connection dropped",
			"closed the connection", "closed unexpectedly", "closed state", "socket closed", "socket is closed", "socket hang up", "socket has been ended", "hang up", "hung up",
			"other side closed", "stream closed", "session closed", "server closed", "premature close", "broken pipe", "disconnected", "disconnect", "unexpected end of file", "unexpected end of stream", "unexpected eof", "unexpected close", "gone away", "terminated unexpectedly", "was closed", "connection error", "aborted",
		}},
	}
}

// classifyMessage returns what an error's message says in words.
func classifyMessage(message string) Class {
	if mayNamePort(message) && portTaken.MatchString(message) {
		return PortInUse
	}
	lower := strings.ToLower(message)
	for _, p := range listPhrases() {
		for _, s := range p.any {
			if strings.Contains(lower, s) {
				return p.class
			}
		}
	}
	if isFileMissing(lower) {
		return NoFile
	}
	if isEngineWording(lower) {
		return Unknown
	}
	for word := range splitWords(lower) {
		if isServerWord(word) {
			return Server
		}
	}
	return Unknown
}

func isFileMissing(lower string) bool {
	return strings.Contains(lower, "no such file") || strings.Contains(lower, "permission denied") ||
		strings.Contains(lower, "node: ") && strings.HasSuffix(lower, ": not found") // of --env-file
}

// isEngineWording reports whether a message is one of the engine of JavaScript. Its words are
// names of the program's, and say nothing of servers.
func isEngineWording(lower string) bool {
	for _, s := range [...]string{"cannot read properties of", "cannot set properties of", "is not a function", "is not defined", "is not iterable", "is not a constructor", "unexpected token", "is not valid json", "in json at position"} {
		if strings.Contains(lower, s) {
			return true
		}
	}
	return false
}

// isServerWord reports whether a word is one that is said of servers and the ways to them.
// It decides only where nothing else does: a text of an unknown client is taken for something
// outside rather than for a fault of the app.
func isServerWord(word string) bool {
	switch word {
	case "connect", "connects", "connected", "connecting", "connection", "connections", "reconnect", "reconnecting",
		"socket", "sockets", "unavailable", "refused", "reset", "network", "host", "hosts", "hostname", "server", "servers",
		"database", "databases", "db", "cluster", "broker", "brokers", "leader", "master", "replica", "primary", "nodes", "endpoint", "upstream", "gateway", "proxy",
		"retry", "retries", "retrying", "busy", "locked", "lock", "limit", "quota", "temporary", "dns", "lookup", "resolve", "reach", "fetch", "request", "response", "http",
		"http2", "status", "502", "503", "504", "429", "queue", "channel", "session", "pool", "driver", "transport", "service", "peer", "remote", "stream":
		return true
	}
	return false
}

// splitWords yields the words of a text: runs of letters and digits.
func splitWords(text string) func(yield func(string) bool) {
	return strings.FieldsFuncSeq(text, func(r rune) bool { return !isWordRune(r) })
}

func isWordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
}
