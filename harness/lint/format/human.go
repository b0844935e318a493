package format

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pm2drill/pm2drill/harness/lint"
	"github.com/pm2drill/pm2drill/harness/redact"
)

// writeHuman writes the findings for a terminal of 100 columns.
func writeHuman(w io.Writer, r Run) error {
	var b strings.Builder
	p := paint{r.Colour}
	for _, x := range r.Results {
		shown, more := limitFindings(x.Findings)
		lines := strings.Split(string(x.Source), "\n")
		for _, f := range shown {
			p.writeFinding(&b, x.Path, lines, f)
		}
		for _, a := range more {
			fmt.Fprintf(&b, "%s %s\n\n", p.applySeverity(a.severity, string(a.severity)), a)
		}
		p.open(&b, x)
	}
	p.writeSummary(&b, r)
	p.writeHidden(&b, r)
	_, err := io.WriteString(w, b.String())
	return err
}

// paint colours where there is a terminal.
type paint struct{ on bool }

func (p paint) applySGR(code, s string) string {
	if !p.on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) makeBold(s string) string { return p.applySGR("1", s) }
func (p paint) makeDim(s string) string  { return p.applySGR("2", s) }

func (p paint) applySeverity(s lint.Severity, text string) string {
	return p.applySGR(map[lint.Severity]string{lint.Error: "31;1", lint.Warning: "33;1", lint.Info: "36"}[s], text)
}

// open says what is not known of a file, and how to go on.
func (p paint) open(b *strings.Builder, x Result) {
	switch why := x.Inconclusive(); {
	case why != "":
		fmt.Fprintf(b, "%s %s\n", p.applySeverity(lint.Warning, "?"), p.makeBold(x.Path))
		p.writeParagraph(b, "", "cannot be said: "+why)
		p.writeParagraph(b, "how to go on  ", x.goOn())
		b.WriteString("\n")
	case x.Undecided != "":
		fmt.Fprintf(b, "%s\n", p.makeBold(x.Path))
		p.writeParagraph(b, "", "undecided: "+x.Undecided)
		b.WriteString("\n")
	}
}

// width is how wide text runs.
const width = 100

func (p paint) writeFinding(b *strings.Builder, path string, lines []string, f lint.Finding) {
	rule, _ := lint.Find(f.Rule)
	fmt.Fprintf(b, "%s %s %s\n", p.applySeverity(f.Severity, string(f.Severity)), p.makeBold(f.Rule), rule.Title)
	place := formatPosition(path, f)
	if who := describeSubject(f); who != "" {
		place += "  (" + who + ")"
	}
	fmt.Fprintf(b, "  %s %s\n", p.makeDim("-->"), place)
	p.writeFrame(b, lines, f)
	p.writeParagraph(b, "", f.Message)
	p.writeParagraph(b, "fix  ", f.Fix)
	b.WriteString("\n")
}

// writeFrame writes the line of the finding, with the key underlined; of a long line the
// part around it.
func (p paint) writeFrame(b *strings.Builder, lines []string, f lint.Finding) {
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
	marks := strings.Repeat("^", max(1, min(f.Width, len(text)-at, width/2)))
	if f.Value == lint.Redacted || f.Value == lint.Folded {
		text = text[:min(len(text), at+f.Width)] + " ..."
	}
	text = unveilValue(text, redact.Masked(text), f)
	if over := len([]rune(lead)) + len(marks) - (width - 8); over > 0 {
		cut := min(len([]rune(lead)), over+width/4)
		text = "..." + string([]rune(text)[min(cut, len([]rune(text))):])
		lead = "   " + string([]rune(lead)[cut:])
	}
	number := fmt.Sprintf("%5d", f.Line)
	fmt.Fprintf(b, "%s %s %s\n", p.makeDim(number), p.makeDim("|"), clip(text, width-8))
	fmt.Fprintf(b, "      %s %s%s\n", p.makeDim("|"), lead, p.applySeverity(f.Severity, marks))
}

// unveilValue returns a masked line with the value that the finding says, where it is at
// the finding's place: what is said below need not be hidden above.
func unveilValue(line, masked string, f lint.Finding) string {
	value, err := strconv.Unquote(f.Value)
	from := min(max(f.Col-1, 0), len(line))
	at := strings.Index(line[from:], value)
	if err != nil || at < 0 || len(line) != len(masked) {
		return masked
	}
	at += from
	return masked[:at] + value + masked[at+len(value):]
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}

// writeParagraph folds text under a label.
func (p paint) writeParagraph(b *strings.Builder, label, text string) {
	lead := "  " + p.makeDim(label)
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

// writeSummary writes the last lines: what was looked at, for what host, and what came of
// it.
func (p paint) writeSummary(b *strings.Builder, r Run) {
	n := r.countFindings()
	var parts []string
	for _, s := range []lint.Severity{lint.Error, lint.Warning, lint.Info} {
		if n[s] > 0 {
			noun := string(s)
			if s == lint.Info {
				noun = "remark"
			}
			parts = append(parts, p.applySeverity(s, formatCount(n[s], noun)))
		}
	}
	verdict := strings.Join(parts, ", ")
	unsure, apps, ignored, known := 0, 0, 0, 0
	for _, x := range r.Results {
		apps, ignored, known = apps+x.Apps, ignored+x.Ignored, known+x.Known
		if x.Inconclusive() != "" {
			unsure++
		}
	}
	switch {
	case verdict == "" && unsure == len(r.Results):
		verdict = "inconclusive"
	case verdict == "" && unsure > 0:
		verdict = fmt.Sprintf("nothing found, and %d inconclusive,", unsure)
	case verdict == "":
		verdict = p.applySGR("32;1", "nothing found")
	}
	fmt.Fprintf(b, "%s in %s, %s, for %s\n", verdict, formatCount(len(r.Results), "file"), formatCount(apps, "app"), r.Target)
	if ignored+known > 0 {
		fmt.Fprintf(b, "  left out: %d by comments, %d by the baseline\n", ignored, known)
	}
	if r.LeftOut > 0 {
		fmt.Fprintf(b, "  not looked into: %s named node_modules or .git\n", formatCount(r.LeftOut, "folder"))
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "  %s\n", p.makeDim("pm2drill explain ID says more of a rule"))
	}
}
