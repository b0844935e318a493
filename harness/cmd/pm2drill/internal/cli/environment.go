package cli

import (
	"fmt"
	"regexp"
	"strings"
)

// NodeVersion returns the version of Node that the variable NODE names, "" if it names none.
// npm and npx set the variable to the path of the Node that they run, which is no version.
func NodeVersion(env func(string) string) string {
	if v := env("NODE"); !strings.ContainsRune(v, '/') {
		return v
	}
	return ""
}

var version = regexp.MustCompile(`^\d+(\.\d+){0,2}$`)

// RefuseVersion says what is wrong with the version that a flag names, "" if nothing is.
func RefuseVersion(flag, value string) string {
	if version.MatchString(value) {
		return ""
	}
	return fmt.Sprintf("%s %q is no version: write it like 26 or 7.0.4", flag, value)
}
