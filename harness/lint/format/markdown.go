package format

import (
	"fmt"
	"io"
	"strings"

	"github.com/pm2drill/pm2drill/harness/lint"
)

// writeMarkdown writes a table for a pull request's comment.
func writeMarkdown(w io.Writer, r Run) error {
	var b strings.Builder
	n := r.countFindings()
	fmt.Fprintf(&b, "**%s, %s, %s** in %s, for %s\n", formatCount(n[lint.Error], "error"), formatCount(n[lint.Warning], "warning"), formatCount(n[lint.Info], "remark"),
		formatCount(len(r.Results), "file"), r.Target)
	rows := false
	for _, x := range r.Results {
		if why := x.Inconclusive(); why != "" {
			fmt.Fprintf(&b, "\n%s: cannot be said: %s. %s\n", escape(x.Path), escape(why), escape(x.goOn()))
		}
		shown, more := limitFindings(x.Findings)
		for _, f := range shown {
			if !rows {
				b.WriteString("\n| | rule | where | what | fix |\n|---|---|---|---|---|\n")
				rows = true
			}
			id := f.Rule
			if r.Docs != "" {
				id = fmt.Sprintf("[%s](%s%s.md)", f.Rule, r.Docs, f.Rule)
			}
			fmt.Fprintf(&b, "| %s | %s | %s %s | %s | %s |\n", f.Severity, id, escape(formatPosition(x.Path, f)), escape(describeSubject(f)), escape(f.Message), escape(f.Fix))
		}
		for _, a := range more {
			fmt.Fprintf(&b, "| %s | %s | | %s | |\n", a.severity, a.rule, escape(a.String()))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func escape(s string) string {
	return strings.NewReplacer("\\", "\\\\", "|", "\\|", "<", "&lt;", ">", "&gt;", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "\n", " ").Replace(s)
}
