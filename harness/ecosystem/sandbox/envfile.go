package sandbox

import (
	"strings"

	"github.com/dop251/goja"
)

// parseEnv reads a file of variables as process.loadEnvFile() does (Node's
// src/node_dotenv.cc). What versions of Node read in different ways is unsupported.
func (m *machine) parseEnv(text string) goja.Value {
	out := m.vm.NewObject()
	rest := strings.ReplaceAll(text, "\r\n", "\n")
	for rest != "" {
		var line string
		whole := rest
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(strings.TrimPrefix(name, "export "))
		if !ok || name == "" {
			return m.endUnsupported("a line without a variable in a file of variables: " + name)
		}
		value = strings.TrimSpace(value)
		if value != "" && strings.ContainsRune("\"'`", rune(value[0])) {
			_, after, _ := strings.Cut(whole, "=")
			quoted, left, ok := cutQuoted(after)
			if !ok {
				return m.endUnsupported("a quote that is not closed in a file of variables, at " + name)
			}
			if value[0] == '"' {
				quoted = strings.ReplaceAll(quoted, `\n`, "\n")
			}
			value, rest = quoted, left
		} else {
			value, _, _ = strings.Cut(value, "#")
			value = strings.TrimSpace(value)
		}
		m.set(out, name, m.vm.ToValue(value))
	}
	return out
}

// cutQuoted takes what is between the first character, which is a quote, and the next of
// its kind; left is what follows on the next lines.
func cutQuoted(s string) (quoted, left string, ok bool) {
	s = strings.TrimLeft(s, " \t")
	end := strings.IndexByte(s[1:], s[0])
	if end < 0 {
		return "", "", false
	}
	_, left, _ = strings.Cut(s[end+2:], "\n")
	return s[1 : end+1], left, true
}
