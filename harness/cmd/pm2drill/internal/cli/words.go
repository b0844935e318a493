package cli

import (
	"regexp"
	"strings"
)

// QuoteWord returns a word as a shell must be given it, in quotes if it needs them.
func QuoteWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@-]+$`)
