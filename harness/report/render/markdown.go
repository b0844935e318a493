package render

import (
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

// Markdown is a short summary for a README or a CI job's summary page: the
// verdict, a table of drills, what did not turn out as it had to, and how to
// run it again.
func Markdown(r report.Digest) string {
	var b strings.Builder
	title, sentences := Headline(r)
	fmt.Fprintf(&b, "**%s %s.** %s\n", report.MarkOf(r.Verdict()), title, EscapeMarkdown(strings.Join(sentences, " ")))
	for _, t := range Tables(r) {
		t.Markdown(&b)
	}
	markAdvice(r.Rehearsal, &b)
	lanes := r.LaneSet()
	b.WriteString("\n### Every scenario, every arm\n\n| scenario | arm | verdict | promises |")
	for _, l := range lanes {
		fmt.Fprintf(&b, " %s |", EscapeMarkdown(l))
	}
	b.WriteString(" detect | recover | actions | serving |\n|---|---|---|---|")
	b.WriteString(strings.Repeat("--:|", len(lanes)) + "--:|--:|--:|--:|\n")
	for _, d := range r.Drills {
		f := d.Figures
		fmt.Fprintf(&b, "| %s | %s | %s %s | %s |", EscapeMarkdown(d.Scenario), EscapeMarkdown(d.Arm),
			report.MarkOf(d.Verdict), d.Verdict, TallyOf(d.Drill))
		for _, l := range lanes {
			fmt.Fprintf(&b, " %s |", FormatLedger(f, l))
		}
		fmt.Fprintf(&b, " %s | %s | %d | %s |\n", FormatKnown(d.Detect), FormatKnown(d.Recover), f.Actions, FormatServing(f))
	}
	fmt.Fprintf(&b, "\nLanes: requests dropped/owed. Serving: the fewest workers that served at any instant.\n")
	writeMarkdownClaims(&b, r)
	for _, line := range listUnmet(r) {
		fmt.Fprintf(&b, "\n- %s", EscapeMarkdown(line))
	}
	if len(listUnmet(r)) > 0 {
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\n%s\n", EscapeMarkdown(VersionLine(r)))
	WriteShell(&b, r.Run.Command)
	return b.String()
}

// WriteShell shows commands as they are to be typed.
func WriteShell(b *strings.Builder, commands string) { writeFenced(b, "sh", commands) }

// writeFenced writes a text as it is, in a Markdown block of that language whose marks
// are longer than any in the text.
func writeFenced(b *strings.Builder, language, text string) {
	marks := "```"
	for strings.Contains(text, marks) {
		marks += "`"
	}
	fmt.Fprintf(b, "\n%s%s\n%s\n%s\n", marks, language, text, marks)
}

// Tables are the sections of figures, as Markdown and the page have them. Those
// that have nothing to show are empty.
func Tables(r report.Digest) []Table {
	return append(buildRehearsalTables(r.Rehearsal), PartTable(r), ScoreTable(r, true), ConfusionTable(report.ConfusionOf(r)), CostTable(r), buildRepeatTable(r, true), VariantTable(r), VoidTable(r), HostTable(r))
}

// TallyOf counts a drill's rulings in words: "3 kept, 1 broke as it should".
func TallyOf(d report.Drill) string {
	n := map[report.Outcome]int{}
	for _, x := range d.Rulings {
		n[report.OutcomeOf(x)]++
	}
	var parts []string
	for _, o := range []report.Outcome{report.OutcomeKept, report.OutcomeExpected, report.OutcomeBroken, report.OutcomeSpared, report.OutcomeUnknown, report.OutcomeSkipped} {
		if n[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[o], o))
		}
	}
	if len(parts) == 0 {
		return "none judged"
	}
	return strings.Join(parts, ", ")
}

// listUnmet returns the rulings that are not what their arm had to show.
func listUnmet(r report.Digest) []string {
	var out []string
	for _, d := range r.Drills {
		for _, x := range d.Rulings {
			if o := report.OutcomeOf(x); !o.Met() && o != report.OutcomeSkipped {
				out = append(out, fmt.Sprintf("%s %s, %s arm%s: %s: %s: %s", o.Mark(), d.Scenario, d.Arm, d.Variant(), x.Promise, o, x.Because))
			}
		}
		if d.Verdict != promise.Kept && len(d.Rulings) == 0 {
			out = append(out, fmt.Sprintf("? %s, %s arm: %s", d.Scenario, d.Arm, report.NothingJudged))
		}
	}
	return out
}

// VersionLine is one line on what was run on what.
func VersionLine(r report.Digest) string {
	var parts []string
	add := func(name, v string) {
		if v != "" {
			parts = append(parts, name+" "+v)
		}
	}
	add("PM2", r.Run.Versions.PM2)
	add("Node", r.Run.Versions.Node)
	add("engine", r.Run.Versions.Engine)
	if name := report.OwnName(r); !strings.Contains(r.Run.Versions.Engine, name) {
		add("which calls itself", name)
	}
	add("pm2drill", r.Run.Versions.PM2Drill)
	add("seed", fmt.Sprint(r.Run.Seed))
	if r.Run.Host.Cores > 0 {
		parts = append(parts, FormatCount(r.Run.Host.Cores, "core"))
	}
	add("Linux", r.Run.Host.Kernel)
	add("Docker", r.Run.Host.Docker)
	return strings.Join(parts, ", ")
}

// EscapeMarkdown keeps text from starting markup, a table cell or HTML.
func EscapeMarkdown(s string) string {
	return strings.NewReplacer(
		"\\", "\\\\", "|", "\\|", "<", "&lt;", ">", "&gt;", "`", "\\`", "*", "\\*", "_", "\\_",
		"[", "\\[", "]", "\\]", "\n", " ", "\r", " ",
	).Replace(s)
}
