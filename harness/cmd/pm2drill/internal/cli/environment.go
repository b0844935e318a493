package cli

import "strings"

// NodeVersion returns the version of Node that the variable NODE names, "" if it names none.
// npm and npx set the variable to the path of the Node that they run, which is no version.
func NodeVersion(env func(string) string) string {
	if v := env("NODE"); !strings.ContainsRune(v, '/') {
		return v
	}
	return ""
}
