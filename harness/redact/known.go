package redact

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Bounds of what is looked for in texts, in bytes and numbers.
const (
	minKnown  = 6       // a shorter value stands in texts by chance
	minSecret = 4       // the same, of a variable whose name says that it is a secret
	maxKnown  = 4 << 10 // of a longer one only the beginning and the lines are looked for
	minWord   = 6       // a shorter word or number stands in texts by chance, even one that is a password
	minForm   = 6
	maxValues = 4096 // from there on no more are learned
)

// LearnVariables takes the values of an environment for secrets, unless they are trivial
// (a word, a number, a path, an address) or variables of the session (PATH, HOME). A list of
// arguments (node_args) stands in a variable as JavaScript writes it: with commas.
func (r *Redactor) LearnVariables(env map[string]string) {
	var values []string
	for name, value := range env {
		if isArguments(name) { // PM2 has its settings in each worker's environment, too
			r.LearnArguments(splitShellWords(strings.ReplaceAll(value, ",-", " -")))
			continue
		}
		if isSessionName(name) || isHarmlessVariable(name, value) || ofHost.MatchString(name) && hostName.MatchString(value) && !isRandom(value) {
			continue
		}
		switch g := gradeName(name); {
		case g == strong || g == header:
			values = append(values, splitParts(value, minSecret)...)
			continue
		case severalWords.MatchString(value) && !plainlyNamed.MatchString(name):
			values = append(values, value)
			continue
		}
		values = append(values, splitParts(value, minKnown)...)
	}
	r.learn(values)
}

// LearnArguments takes arguments of a command for secrets, but for the trivial ones and
// the names of options.
func (r *Redactor) LearnArguments(args []string) {
	var values []string
	option := ""
	for _, a := range args {
		before := option
		option = ""
		if isHarmlessOption(a) {
			continue
		}
		name, value, ok := strings.Cut(a, "=")
		switch {
		case ok && (strings.HasPrefix(a, "-") || isName(name)):
			before, a = name, value
		case strings.HasPrefix(a, "-"):
			option = a
			continue
		}
		least := minKnown
		if Secret(before) {
			least = minSecret
		}
		values = append(values, splitParts(a, least)...)
	}
	r.learn(values)
}

// LearnCommand takes the arguments of a process for secrets, by its command line as the
// kernel has it, without quotes.
func (r *Redactor) LearnCommand(line string) {
	if words := strings.Fields(line); len(words) > 1 && !isDaemon(line) {
		r.LearnArguments(words[1:])
	}
}

// Keep says what is no secret, wherever it stands: the names of apps.
func (r *Redactor) Keep(words ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kept == nil {
		r.kept = map[string]bool{}
	}
	for _, w := range words {
		r.kept[w] = true
	}
}

// LearnURL takes the userinfo, query, fragment and path of a URL for secrets.
func (r *Redactor) LearnURL(s string) {
	u, err := url.Parse(s)
	if err != nil {
		r.learn([]string{s})
		return
	}
	var values []string
	if u.User != nil {
		values = append(values, s, u.User.String())
	}
	values = append(values, listURLSecrets(s)...)
	if path := u.EscapedPath(); len(path) >= minKnown && !isPlainPath(path) {
		values = append(values, path)
		for part := range strings.SplitSeq(path, "/") {
			if len(part) >= minKnown && !isTrivial(part) {
				values = append(values, part)
			}
		}
	}
	r.learn(values)
}

// A host's name is what a diagnosis is about: connect ECONNREFUSED cache01:6379.
var (
	ofHost   = regexp.MustCompile(`(?i)(host|hostname|addr|address|brokers?|servers?|endpoint|region|zone)$`)
	hostName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,80}(:\d{1,5})?$`)
)

// Several words in small letters are the name of a host or a service where the variable's
// name says so, and else may be a passphrase.
var (
	severalWords = regexp.MustCompile(`^[a-z]{1,24}([-_: ][a-z]{1,24})+$`)
	plainlyNamed = regexp.MustCompile(`(?i)(host|hostname|addr|address|endpoint|name|service|queue|topic|bucket|region|zone|mode|level|env|environment|database|db|user|type|stage|cluster|channel|schema|prefix|format|strategy|driver|client|app|group|role|broker|brokers|server|servers|origin|domain|command|script)$`)
)

// isPlainPath reports whether a URL's path is of the kind of /healthz, /api/v1/alerts.
func isPlainPath(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part != "" && !plainSegment.MatchString(part) {
			return false
		}
	}
	return true
}

var plainSegment = regexp.MustCompile(`^([a-z]{1,14}|[a-z]{1,10}[-_.][a-z]{1,10}|v\d)$`)

// usualWords are passwords of test systems that are words of diagnoses, too.
var usualWords = []string{"password", "postgres", "postgresql", "changeme", "undefined", "database", "username", "function", "connection", "development", "production", "00000000", "12345678",
	"server", "worker", "master", "replica", "cluster", "process", "module", "socket", "listen", "connect", "refused", "restart", "timeout", "default", "online", "errored", "stopped", "string", "number", "object", "docker", "nodejs", "mongodb", "rabbitmq", "123456", "1234567", "secret", "config", "client", "access", "public", "private", "session", "service", "system"}

// isTrivial reports whether a value says nothing by itself, so that it occurs in texts by
// chance: a word, a number, a path, an address, a version, a duration.
func isTrivial(s string) bool {
	return isCommonWord(s) || trivialForm.MatchString(s) || strings.Contains(Mark, s)
}

var (
	commonForm  = regexp.MustCompile(`^([a-z]{1,11}|[A-Z]{1,11}|[A-Z][a-z]{1,10})$|^\d{1,7}$|^[\pP\pS\s]{0,5}$|^\p{Lo}{1,2}$`)
	trivialForm = regexp.MustCompile(`^(` +
		`\d{1,7}(\.\d+)*[a-zA-Z]{0,3}|\d{8,15}[a-zA-Z]{1,3}|\d*0000|` + // numbers, versions, durations, sizes, IPv4
		`v?\d+(\.\d+){1,3}|` +
		`[a-z]{2}[_-][A-Z]{2}(\.[A-Za-z0-9-]+)?|` + // locales
		`[A-Z][a-zA-Z]+/[A-Z][a-zA-Z_]+|` + // time zones
		`[a-z]{1,12}([-_.,: ][a-z]{1,12})+|` + // checkout-api, my.host.internal, a b c
		`[a-z]{2}-[a-z]+-\d[a-z]?|` + // regions
		`\.{0,2}/[\w.@+-]*(/[\w.@+-]+)*/?|` + // paths
		`[\w.@+-]+(/[\w.@+-]+)*\.(js|ts|mjs|cjs|json|sh|log|sock|pid)|` +
		`(/[\w.@+-]+)+(:(/[\w.@+-]+)+)*|` + // PATH
		`\[?[\w.:-]*\]?[a-zA-Z0-9]:\d{1,5}|` + // host:port
		`[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+\.?` + // host names
		`)$`)
)

// isCommonWord reports whether a value is a plain word, or a short number.
func isCommonWord(s string) bool { return commonForm.MatchString(s) }

// isSessionName reports whether a variable belongs to the shell, to Node or to PM2.
func isSessionName(name string) bool { return sessionName.MatchString(name) }

var sessionName = regexp.MustCompile(`^(PATH|HOME|PWD|OLDPWD|USER|USERNAME|LOGNAME|SHELL|SHLVL|TERM|TERM_\w+|COLORTERM|LANG|LANGUAGE|LC_\w+|TZ|EDITOR|PAGER|LESS\w*|LS_COLORS|HOSTNAME|HOSTTYPE|MAIL|TMPDIR|DISPLAY|` +
	`SSH_(CLIENT|CONNECTION|TTY|AUTH_SOCK|AGENT_PID)|XDG_\w+|DBUS_\w+|_|INVOCATION_ID|JOURNAL_STREAM|NODE_PATH|NODE_VERSION|YARN_VERSION|NVM_\w+|` +
	`PM2_HOME|PM2_USAGE|PM2_JSON_PROCESSING|PM2_INTERACTOR_PROCESSING|PM2_PROGRAMMATIC|PM2_PROCESS_TITLE|NODE_APP_INSTANCE|pm_id|name|unique_id|status|namespace|exec_mode|vizion_running|km_link|instance_var)$`)

// learn takes values, and the forms in which they may stand in a text.
func (r *Redactor) learn(values []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh := false
	for _, v := range values {
		if v == "" || r.values[v] || r.kept[v] || len(r.values) >= maxValues || strings.Contains(Mark, v) {
			continue
		}
		if r.values == nil {
			r.values, r.forms = map[string]bool{}, map[string]bool{}
		}
		r.values[v] = true
		fresh = true
		for _, f := range listForms(v) {
			r.forms[f] = true
		}
	}
	if fresh {
		r.replacer = nil
	}
}

// replace replaces what was learned. It makes the replacer anew when more was learned:
// learning comes in many small pieces.
func (r *Redactor) replace(s string) string {
	r.mu.Lock()
	if r.replacer == nil && len(r.forms) > 0 {
		var pairs []string
		for _, f := range sortLongestFirst(r.forms) {
			pairs = append(pairs, f, Mark)
		}
		r.replacer = strings.NewReplacer(pairs...)
	}
	replacer := r.replacer
	r.mu.Unlock()
	if replacer == nil {
		return s
	}
	return replacer.Replace(s)
}

func sortLongestFirst(forms map[string]bool) []string {
	out := make([]string, 0, len(forms))
	for f := range forms {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return out
}

// cutMark ends a text that was clipped.
const cutMark = "…"

// dropKnown replaces what was learned, also where a text was clipped in the midst of it.
func (r *Redactor) dropKnown(s string) string {
	s = r.replace(s)
	if !strings.Contains(s, cutMark) {
		return s
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	parts := strings.Split(s, cutMark)
	for i, part := range parts[:len(parts)-1] {
		parts[i] = r.dropHalf(part)
	}
	return strings.Join(parts, cutMark)
}

// dropHalf replaces the beginning of something learned at the end of a text.
func (r *Redactor) dropHalf(s string) string {
	most := 0
	for f := range r.forms {
		for n := min(len(f)-1, len(s)); n >= minSecret && n > most; n-- {
			if strings.HasSuffix(s, f[:n]) {
				most = n
			}
		}
	}
	if most == 0 || strings.HasSuffix(s, Mark) {
		return s
	}
	return s[:len(s)-most] + Mark
}
