package nodeerr

import (
	"regexp"
	"strings"
)

// unset is an error about a setting that no start can be spared by waiting: PM2 starts a worker
// with the environment it has on record.
var unset = regexp.MustCompile(`\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b.*\b(not set|not defined|not found|undefined|unset|missing|required|empty|invalid|must be)\b|(?i:\b(missing|required|undefined|unset|set)\b.*)\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b`)

// isSetting reports whether a message is about a variable of the environment that is not there.
func isSetting(message string) bool {
	return strings.IndexByte(message, '_') > 0 && unset.MatchString(message)
}
