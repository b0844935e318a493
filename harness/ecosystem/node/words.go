package node

import (
	"bytes"
	"os"
	"regexp"
)

// What Node says where its errors have no code of their own, or none that names the thing.
var (
	missingModule = regexp.MustCompile(`Cannot find (?:module|package) '([^']+)'`)
	await         = regexp.MustCompile(`\bawait\b`)
	notInESM      = regexp.MustCompile(`^ReferenceError: \w+ is not defined in ES module scope`)
)

func hasFile(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// findLine returns where a text has the first word of that form, both from 1; 0 if it has
// none.
func findLine(text []byte, word *regexp.Regexp) (line, col int) {
	at := word.FindIndex(text)
	if at == nil {
		return 0, 0
	}
	before := text[:at[0]]
	return bytes.Count(before, []byte("\n")) + 1, at[0] - bytes.LastIndexByte(before, '\n')
}
