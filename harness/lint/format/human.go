package format

import (
	"fmt"
	"io"
	"strings"

	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// human is for a terminal of 100 columns.
func human(w io.Writer, r Run) error {
	var b strings.Builder
	p := paint{r.Colour}
	for _, x := range r.Results {
		for _, f := range x.Findings {
			p.finding(&b, x, f)
		}
		if x.Unsupported != "" {
			fmt.Fprintf(&b, "%s %s\n  cannot be said: the file uses %s, which is not evaluated here\n\n", p.severity(lint.Warning, "?"), p.bold(x.Path), x.Unsupported)
		}
	}
	p.summary(&b, r)
	_, err := io.WriteString(w, b.String())
	return err
}

// paint colours where there is a terminal.
type paint struct{ on bool }

func (p paint) sgr(code, s string) string {
	if !p.on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) bold(s string) string { return p.sgr("1", s) }
func (p paint) dim(s string) string  { return p.sgr("2", s) }

func (p paint) severity(s lint.Severity, text string) string {
	return p.sgr(map[lint.Severity]string{lint.Error: "31;1", lint.Warning: "33;1", lint.Info: "36"}[s], text)
}

// width is how wide text runs.
const width = 100

func (p paint) finding(b *strings.Builder, x Result, f lint.Finding) {
	rule, _ := lint.Find(f.Rule)
	fmt.Fprintf(b, "%s %s %s\n", p.severity(f.Severity, string(f.Severity)), p.bold(f.Rule), rule.Title)
	place := where(x.Path, f)
	if who := about(f); who != "" {
		place += "  (" + who + ")"
	}
	fmt.Fprintf(b, "  %s %s\n", p.dim("-->"), place)
	p.frame(b, x.Source, f)
	p.paragraph(b, "", f.Message)
	p.paragraph(b, "fix  ", f.Fix)
	b.WriteString("\n")
}

// frame shows the line of the finding, with the key underlined.
func (p paint) frame(b *strings.Builder, source []byte, f lint.Finding) {
	lines := strings.Split(string(source), "\n")
	if f.Line < 1 || f.Line > len(lines) {
		return
	}
	text := strings.TrimRight(lines[f.Line-1], "\r")
	at := min(max(f.Col-1, 0), len(text))
	lead := strings.Map(func(c rune) rune { // tabs stay, so that the mark stands below
		if c == '\t' {
			return c
		}
		return ' '
	}, text[:at])
	if f.Value == lint.Redacted {
		text = text[:min(len(text), at+f.Width)] + " ..."
	}
	text = redact.Masked(text)
	number := fmt.Sprintf("%5d", f.Line)
	fmt.Fprintf(b, "%s %s %s\n", p.dim(number), p.dim("|"), clip(text, width-8))
	fmt.Fprintf(b, "      %s %s%s\n", p.dim("|"), lead, p.severity(f.Severity, strings.Repeat("^", max(1, min(f.Width, len(text)-at)))))
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}

// paragraph folds text under a label.
func (p paint) paragraph(b *strings.Builder, label, text string) {
	lead := "  " + p.dim(label)
	line := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
			b.WriteString(lead)
			line = 2 + len(label)
		case line+1+len(word) > width:
			fmt.Fprintf(b, "\n%s", strings.Repeat(" ", 2+len(label)))
			line = 2 + len(label)
		default:
			b.WriteString(" ")
			line++
		}
		b.WriteString(word)
		line += len(word)
	}
	if line > 0 {
		b.WriteString("\n")
	}
}

// summary is the last lines: what was looked at, for what host, and what came of it.
func (p paint) summary(b *strings.Builder, r Run) {
	n := r.counts()
	var parts []string
	for _, s := range []lint.Severity{lint.Error, lint.Warning, lint.Info} {
		if n[s] > 0 {
			noun := string(s)
			if s == lint.Info {
				noun = "remark"
			}
			parts = append(parts, p.severity(s, count(n[s], noun)))
		}
	}
	verdict := strings.Join(parts, ", ")
	unsure, apps, ignored, known := 0, 0, 0, 0
	for _, x := range r.Results {
		apps, ignored, known = apps+x.Apps, ignored+x.Ignored, known+x.Known
		if x.Unsupported != "" {
			unsure++
		}
	}
	switch {
	case verdict == "" && unsure == len(r.Results):
		verdict = "inconclusive"
	case verdict == "":
		verdict = p.sgr("32;1", "nothing found")
	}
	fmt.Fprintf(b, "%s in %s, %s, for %s\n", verdict, count(len(r.Results), "file"), count(apps, "app"), r.Target)
	if ignored+known > 0 {
		fmt.Fprintf(b, "  left out: %d by comments, %d by the baseline\n", ignored, known)
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "  %s\n", p.dim("pm2drill explain ID says more of a rule"))
	}
}
