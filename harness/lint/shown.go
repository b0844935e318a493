package lint

import (
	"strings"

	"github.com/pm2drill/pm2drill/harness/ecosystem"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// Redacted stands for a value that is not shown, Folded for an object: what it holds is
// not shown either.
const (
	Redacted = "(not shown)"
	Folded   = "{...}"
)

// isSecret reports whether a value must not be shown: by its key, or because there is a
// secret in it.
func isSecret(key string, v ecosystem.Value) bool {
	return redact.Secret(key) || v.Is(ecosystem.String) && redact.Text(v.Text) != v.Text
}

// isPrivate reports whether a value is of an environment, or is an argument: those are
// secrets whatever they look like, except words, numbers, paths and addresses.
func isPrivate(key string, v ecosystem.Value) bool {
	top, _, _ := strings.Cut(key, ".")
	switch {
	case top == "args", top == "node_args", top == "interpreter_args", top == "deploy":
		return !redact.Harmless(strings.Fields(v.String())...)
	case top == "env", strings.HasPrefix(top, ecosystem.EnvPrefix):
		return v.Is(ecosystem.String) && !redact.Trivial(v.Text)
	}
	return false
}

// formatValue returns a value as findings show it: short, and never a secret.
func formatValue(key string, v ecosystem.Value) string {
	switch {
	case isSecret(key, v) || isPrivate(key, v):
		return Redacted
	case v.Is(ecosystem.Object):
		return Folded
	}
	s := redact.Text(v.Inspect())
	if len([]rune(s)) > 60 {
		s = string([]rune(s)[:57]) + "..."
	}
	return s
}
