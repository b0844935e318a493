package nodeerr

import (
	"regexp"
	"strings"
)

// unset is an error about a setting that no start can be spared by waiting: PM2 starts a worker
// with the environment it has on record. That something is not found is said of other names as well:
// GLIBC_2.38.
var unset = regexp.MustCompile(`(?i:\b(env|environment|variable)\b.*)\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b.*\bnot found\b|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b.*\b(not set|not defined|undefined|unset|missing|required|empty|invalid|must be)\b|(?i:\b(missing|required|undefined|unset|set)\b.*)\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b`)

// kept is what such names stand for elsewhere than in the environment: where something is stored
// that may be there at the next start.
var kept = regexp.MustCompile(`(?i)\b(vault|secrets?|consul|etcd|bucket|topic|queue|table|column|collection|version)\b`)

// isSetting reports whether a message is about a variable of the environment that is not there.
func isSetting(message string) bool {
	return strings.IndexByte(message, '_') > 0 && unset.MatchString(message) && !kept.MatchString(message)
}
