package lint

import (
	"fmt"
	"strings"
)

// Page is a rule's page, in Markdown that a terminal shows as well.
func Page(r Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s: %s\n\nSeverity: %s\n\n%s\n\n**Fix.** %s\n\nSource: %s\n", r.ID, r.Title, r.Severity, fold(r.Why), fold(r.Fix), r.Source)
	return b.String()
}

// fold breaks lines at 100 columns.
func fold(s string) string {
	var b strings.Builder
	line := 0
	for i, word := range strings.Fields(s) {
		switch {
		case i == 0:
		case line+1+len(word) > 100:
			b.WriteString("\n")
			line = 0
		default:
			b.WriteString(" ")
			line++
		}
		b.WriteString(word)
		line += len(word)
	}
	return b.String()
}

// Index is the list of the rules' pages.
func Index() string {
	var b strings.Builder
	b.WriteString("# Rules of `pm2drill validate`\n\nWritten by `go test ./harness/lint -update`.\n\n| rule | severity | catches |\n|---|---|---|\n")
	for _, r := range Rules() {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s |\n", r.ID, r.ID, r.Severity, strings.ReplaceAll(r.Title, "|", "\\|"))
	}
	return b.String()
}
