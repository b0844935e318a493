package pm2

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// maxFiles bounds how many paths are kept of one process's settings.
const maxFiles = 16

// readFiles takes in the paths that a setting names: a variable that is one, and arguments that
// are one or end with one (--env-file=/etc/shop.env).
func (p *Process) readFiles(key string, value gjson.Result) {
	switch {
	case key == "args" || key == "node_args":
		for _, arg := range value.Array() {
			p.addFiles(strings.Fields(arg.String()))
		}
	case key == "NODE_OPTIONS":
		p.addFiles(strings.Fields(value.String()))
	case value.Type == gjson.String && strings.HasPrefix(value.Str, "/") && !isOwnKey(key) && !foreignKey.MatchString(key):
		p.addFiles([]string{value.Str})
	}
}

// isOwnKey reports whether a field of PM2's row is PM2's own: those are in small letters, as hardly
// any variable is.
func isOwnKey(key string) bool { return key == strings.ToLower(key) }

// addFiles adds those of some words that are, or end with, an absolute path.
func (p *Process) addFiles(words []string) {
	for _, word := range words {
		if i := strings.IndexByte(word, '='); i >= 0 && strings.HasPrefix(word, "-") {
			word = word[i+1:]
		}
		if len(p.Files) < maxFiles && len(word) <= maxSetting && filepath.IsAbs(word) && !strings.ContainsAny(word, ":\n") && !slices.Contains(p.Files, word) {
			p.Files = append(p.Files, strings.Clone(word))
		}
	}
}
