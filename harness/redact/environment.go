package redact

import (
	"regexp"
	"strings"
)

// Variable is the value of an environment variable that may leave a host: Mark, but for
// the few whose form shows that they are none. Those are kept since they decide how an
// app behaves (NODE_ENV, PORT), and only in the form that their name promises: a word of
// a closed list, a number of up to five digits.
func Variable(name, value string) string {
	if isHarmlessVariable(name, value) {
		return value
	}
	return Mark
}

func isHarmlessVariable(name, value string) bool {
	form, ok := harmlessVariables[name]
	return ok && form.MatchString(value)
}

var (
	aMode   = regexp.MustCompile(`^(production|development|test|testing|staging|local|ci|qa|uat)$`)
	aNumber = regexp.MustCompile(`^\d{1,5}$`)

	harmlessVariables = map[string]*regexp.Regexp{
		"NODE_ENV": aMode, "PORT": aNumber, "NODE_APP_INSTANCE": aNumber, "UV_THREADPOOL_SIZE": aNumber,
		"NODE_VERSION": regexp.MustCompile(`^v?\d{1,3}\.\d{1,3}\.\d{1,3}$`), "TZ": regexp.MustCompile(`^(UTC|GMT|Etc/UTC)$`),
	}
)

// Variables are the names of the variables whose values may be kept.
func Variables() []string {
	return []string{"NODE_APP_INSTANCE", "NODE_ENV", "NODE_VERSION", "PORT", "TZ", "UV_THREADPOOL_SIZE"}
}

// Arguments are the arguments of a command as they may leave a host: options of Node that
// decide how it runs, and Mark for each other one.
func Arguments(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = Mark
		if isHarmlessOption(a) {
			out[i] = a
		}
	}
	return out
}

// Harmless reports whether every argument is an option of Node without a secret in it, or
// trivial.
func Harmless(args ...string) bool {
	for _, a := range args {
		if !isHarmlessOption(a) && !Trivial(a) && !plainOption.MatchString(a) {
			return false
		}
	}
	return true
}

// plainOption is an option with a word or a number: --port=3000, -r.
var plainOption = regexp.MustCompile(`^--?[a-z][a-z-]{0,40}(=[a-z0-9./-]{1,12})?$`)

// Trivial reports whether a value says nothing by itself: a word, a number, a path, an
// address, a version.
func Trivial(value string) bool { return isTrivial(value) }

// isHarmlessOption reports whether an argument is an option of Node without a secret in
// it.
func isHarmlessOption(a string) bool { return nodeOption.MatchString(a) }

var nodeOption = regexp.MustCompile(`^--(max-old-space-size|max-semi-space-size|max-http-header-size|stack-size|stack-trace-limit|unhandled-rejections|v8-pool-size|inspect|inspect-brk|inspect-port|heapsnapshot-near-heap-limit)(=(\d{1,6}|strict|warn|throw|none|warn-with-error-codes|127\.0\.0\.1:\d{1,5}|0\.0\.0\.0:\d{1,5}))?$` +
	`|^--(enable-source-maps|expose-gc|no-warnings|no-deprecation|trace-warnings|trace-deprecation|trace-uncaught|trace-exit|abort-on-uncaught-exception|preserve-symlinks|use-openssl-ca|use-system-ca|watch|experimental-strip-types|experimental-transform-types|experimental-vm-modules|experimental-specifier-resolution=node|experimental-wasm-modules)$` +
	`|^--(require|import|loader|experimental-loader)=[@a-z][a-z-]{0,20}(/[a-z-]{1,20})?$|^--$`)

// Command is a command line as it may leave a host: the program, a script, small numbers
// that no option goes before, and Mark for each other argument.
func Command(line string) string {
	if isDaemon(line) {
		return Text(line)
	}
	words := strings.Fields(line)
	for i, w := range words {
		switch {
		case i == 0, i == 1 && scriptFile.MatchString(w), isHarmlessOption(w):
		case aNumber.MatchString(w) && !strings.HasPrefix(words[i-1], "-"): // a port
		default:
			words[i] = Mark
		}
	}
	return Text(strings.Join(words, " "))
}

// isDaemon reports whether a command line is the title that PM2's daemon gives itself.
func isDaemon(line string) bool {
	return strings.HasPrefix(line, "PM2 v") && strings.Contains(line, "God Daemon")
}

// scriptFile is a path, or a file with a usual extension.
var scriptFile = regexp.MustCompile(`^\.{0,2}/?([\w.@+-]+/)*[\w@+-]+\.(js|cjs|mjs|ts|py|rb|sh|jar|php|pl)$`)

// Dotenv are the variables of a file of NAME=value lines, as dotenv and a shell read it.
func Dotenv(text string) map[string]string {
	out := map[string]string{}
	for _, m := range dotenvLine.FindAllStringSubmatch(text, -1) {
		value := strings.TrimSpace(m[2])
		if len(value) > 1 && isQuote(value[0]) && value[0] == value[len(value)-1] {
			value = strings.ReplaceAll(value[1:len(value)-1], `\n`, "\n")
		} else if i := strings.Index(value, " #"); i >= 0 {
			value = strings.TrimSpace(value[:i])
		}
		out[m[1]] = value
	}
	return out
}

var dotenvLine = regexp.MustCompile(`(?m)^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*(?:=|:[ \t])[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|\x60[^\x60]*\x60|[^\r\n]*)`)
