package lint

import (
	"regexp"
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
)

// secretKey is a name whose value is nobody's business.
var secretKey = regexp.MustCompile(`(?i)(pass(word|wd|phrase)?|secret|token|api_?key|private_?key|access_?key|credential|auth|dsn|cookie|salt|signing)`)

// secretURL is a URL with a password in it.
var secretURL = regexp.MustCompile(`://[^/\s:@]+:[^/\s@]+@`)

// Redacted stands for a value that is not shown.
const Redacted = "(not shown)"

// secret reports whether a value must not be shown: by its key, or because it is a
// URL with a password.
func secret(key string, v ecosystem.Value) bool {
	name := key[strings.LastIndex(key, ".")+1:]
	return secretKey.MatchString(name) || v.Is(ecosystem.String) && secretURL.MatchString(v.Text)
}

// shown is a value as findings have it: short, and never a secret.
func shown(key string, v ecosystem.Value) string {
	switch {
	case secret(key, v):
		return Redacted
	case v.Is(ecosystem.Object):
		return "{...}"
	}
	s := v.Inspect()
	if len([]rune(s)) > 60 {
		s = string([]rune(s)[:57]) + "..."
	}
	return s
}
