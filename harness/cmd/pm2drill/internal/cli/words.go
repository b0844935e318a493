package cli

import (
	"regexp"
	"strings"
)

// QuoteWord is a word as a shell reads it.
func QuoteWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@-]+$`)
