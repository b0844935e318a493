package report

import (
	"fmt"
	"strings"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// Markdown is a short summary for a README or a CI job's summary page: the
// verdict, a table of drills, what did not turn out as it had to, and how to
// run it again.
func Markdown(r Report) string {
	var b strings.Builder
	title, sentences := headline(r)
	fmt.Fprintf(&b, "**%s %s.** %s\n", markOf(r.Verdict()), title, escapeMarkdown(strings.Join(sentences, " ")))
	for _, t := range tables(r) {
		t.markdown(&b)
	}
	r.Rehearsal.markdownPatch(&b)
	lanes := r.laneSet()
	b.WriteString("\n### Every scenario, every arm\n\n| scenario | arm | verdict | promises |")
	for _, l := range lanes {
		fmt.Fprintf(&b, " %s |", escapeMarkdown(l))
	}
	b.WriteString(" detect | recover | actions | serving |\n|---|---|---|---|")
	b.WriteString(strings.Repeat("--:|", len(lanes)) + "--:|--:|--:|--:|\n")
	for _, d := range r.Drills {
		f := figuresOf(d)
		fmt.Fprintf(&b, "| %s | %s | %s %s | %s |", escapeMarkdown(d.Scenario), escapeMarkdown(d.Arm),
			markOf(d.Verdict), d.Verdict, tallyOf(d))
		for _, l := range lanes {
			fmt.Fprintf(&b, " %s |", f.ledger(l))
		}
		fmt.Fprintf(&b, " %s | %s | %d | %s |\n", orDash(d.Detect), orDash(d.Recover), f.actions, f.serving())
	}
	fmt.Fprintf(&b, "\nLanes: requests dropped/owed. Serving: the fewest workers that served at any instant.\n")
	markdownClaims(&b, r)
	for _, line := range unmet(r) {
		fmt.Fprintf(&b, "\n- %s", escapeMarkdown(line))
	}
	if len(unmet(r)) > 0 {
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\n%s\n", escapeMarkdown(versionLine(r)))
	shell(&b, r.Run.Command)
	return b.String()
}

// shell shows commands as they are to be typed.
func shell(b *strings.Builder, commands string) { fence(b, "sh", commands) }

// fence shows a text as it is, in a block of that language whose marks are longer than any
// in the text.
func fence(b *strings.Builder, language, text string) {
	marks := "```"
	for strings.Contains(text, marks) {
		marks += "`"
	}
	fmt.Fprintf(b, "\n%s%s\n%s\n%s\n", marks, language, text, marks)
}

// tables are the sections of figures, as Markdown and the page have them. Those
// that have nothing to show are empty.
func tables(r Report) []table {
	return append(rehearsalTables(r.Rehearsal), partTable(r), scoreTable(r, true), confusionOf(r).table(), costTable(r), repeatTable(r, true), variantTable(r), voidTable(r))
}

// tallyOf counts a drill's rulings in words: "3 kept, 1 broke as it should".
func tallyOf(d Drill) string {
	n := map[outcome]int{}
	for _, x := range d.Rulings {
		n[outcomeOf(x)]++
	}
	var parts []string
	for _, o := range []outcome{asKept, asExpected, asBroken, asSpared, asUnknown, asSkipped} {
		if n[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[o], o))
		}
	}
	if len(parts) == 0 {
		return "none judged"
	}
	return strings.Join(parts, ", ")
}

// unmet lists the rulings that are not what their arm had to show.
func unmet(r Report) []string {
	var out []string
	for _, d := range r.Drills {
		for _, x := range d.Rulings {
			if o := outcomeOf(x); !o.met() && o != asSkipped {
				out = append(out, fmt.Sprintf("%s %s, %s arm%s: %s: %s: %s", o.mark(), d.Scenario, d.Arm, d.variant(), x.Promise, o, x.Because))
			}
		}
		if d.Verdict != promise.Kept && len(d.Rulings) == 0 {
			out = append(out, fmt.Sprintf("? %s, %s arm: %s", d.Scenario, d.Arm, nothingJudged))
		}
	}
	return out
}

// versionLine is one line on what was run on what.
func versionLine(r Report) string {
	var parts []string
	add := func(name, v string) {
		if v != "" {
			parts = append(parts, name+" "+v)
		}
	}
	add("PM2", r.Run.Versions.PM2)
	add("Node", r.Run.Versions.Node)
	add("engine", r.Run.Versions.Engine)
	if name := ownName(r); !strings.Contains(r.Run.Versions.Engine, name) {
		add("which calls itself", name)
	}
	add("pm2drill", r.Run.Versions.PM2Drill)
	add("seed", fmt.Sprint(r.Run.Seed))
	if r.Run.Host.Cores > 0 {
		parts = append(parts, count(r.Run.Host.Cores, "core"))
	}
	add("Linux", r.Run.Host.Kernel)
	add("Docker", r.Run.Host.Docker)
	return strings.Join(parts, ", ")
}

// escapeMarkdown keeps text from starting markup, a table cell or HTML.
func escapeMarkdown(s string) string {
	return strings.NewReplacer(
		"\\", "\\\\", "|", "\\|", "<", "&lt;", ">", "&gt;", "`", "\\`", "*", "\\*", "_", "\\_",
		"[", "\\[", "]", "\\]", "\n", " ", "\r", " ",
	).Replace(s)
}
