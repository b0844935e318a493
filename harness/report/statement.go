package report

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// Markdown writes conformance.md: the statement for a pull request, or for a CI
// job's summary page, of which GitHub takes 1 MiB.
func (s Statement) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s %s: %s\n\n", markOf(s.Verdict()), escapeMarkdown(s.label()), s.doc.Result)
	fmt.Fprintf(&b, "%s\n", escapeMarkdown(strings.Join(s.doc.Headline, " ")))
	for _, t := range []table{partTable(s.report), s.identity(), s.totals(), s.armTable()} {
		t.markdown(&b)
	}
	s.unmet(&b)
	for _, t := range []table{s.skipTable(), variantTable(s.report), s.scoreSums(), scoreTable(s.report, true), confusionOf(s.report).table(), costTable(s.report), voidTable(s.report)} {
		t.markdown(&b)
	}
	s.promises(&b)
	s.reproduce(&b)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write %s: %w", fileStatement, err)
	}
	return nil
}

// label is what the result is of: "pm2drill core".
func (s Statement) label() string { return strings.TrimSpace("pm2drill " + s.gate.Profile) }

// identity is who was drilled, on what, when and how.
func (s Statement) identity() table {
	t := table{ID: "identity", Title: "What was drilled", Columns: []column{{Left: true}, {Left: true}}}
	add := func(name, value string) {
		if value != "" {
			t.Rows = append(t.Rows, []cell{words(name), words(value)})
		}
	}
	e, run := s.doc.Engine, s.report.Run
	add("engine", e.Name)
	add("its version", e.Version)
	add("it declares", s.declares())
	add("its command", e.Command)
	add("its image", e.Image)
	add("profile", s.gate.Profile)
	add("PM2", run.Versions.PM2)
	add("Node", run.Versions.Node)
	add("pm2drill", run.Versions.PM2Drill)
	if run.Host.Cores > 0 {
		add("host", count(run.Host.Cores, "core"))
	}
	add("Linux", run.Host.Kernel)
	add("Docker", run.Host.Docker)
	add("started", run.Started.UTC().Format("2006-01-02 15:04:05 MST"))
	add("took", orDash(run.Duration))
	add("seed", fmt.Sprint(run.Seed))
	add("drills of each arm", number(s.doc.Repeat))
	add("run", run.ID)
	return t
}

// declares is the engine's own word on what it can do.
func (s Statement) declares() string {
	switch e := s.doc.Engine; {
	case !e.Ready:
		return "nothing: it prints no ready line"
	case len(e.Capabilities) == 0:
		return "nothing"
	default:
		return strings.Join(e.Capabilities, ", ")
	}
}

// totals counts promises.
func (s Statement) totals() table {
	sum := s.doc.Summary
	t := table{ID: "totals", Title: "Promises"}
	row := []cell{}
	for _, x := range []struct {
		name string
		n    int
		tone tone
	}{
		{"in all", sum.Promises, plainTone}, {string(asKept), sum.Kept, goodTone}, {string(asExpected), sum.BrokeAsExpected, goodTone},
		{string(asBroken), sum.Broken, badTone}, {string(asUnknown), sum.Inconclusive, unsureTone}, {string(asSkipped), sum.Skipped, unsureTone},
	} {
		c := cell{Text: number(x.n), Tone: x.tone}
		if x.n == 0 {
			c.Tone = plainTone
		}
		t.Columns, row = append(t.Columns, column{Name: x.name}), append(row, c)
	}
	t.Rows = [][]cell{row}
	return t
}

// armTable has a line per scenario and arm.
func (s Statement) armTable() table {
	t := table{ID: "arms", Title: "Every scenario, every arm"}
	t.Columns = []column{{Name: "scenario", Left: true}, {Name: "arm", Left: true}, {Name: "ruling", Left: true}, {Name: "as it must"}}
	rated := repeated(s.report)
	if rated {
		t.Columns = append(t.Columns, column{Name: "rate, 95 % interval"})
		t.Notes = []cell{{Text: "Rates are of the runs that prove something, with Wilson's score interval: where the true rate lies, as far as so few runs can tell. " +
			"The ruling is the worst of an arm's runs.", Tone: softTone}}
	}
	t.Columns = append(t.Columns, column{Name: "promises", Left: true})
	for _, x := range s.doc.Arms {
		row := []cell{words(x.name()), words(x.Arm), {Text: markOf(x.Verdict) + " " + string(x.Verdict), Tone: toneOf(x.Verdict)},
			words(fmt.Sprintf("%d of %d", x.AsTheyMust, x.Runs))}
		if rated {
			row = append(row, words(x.rated()))
		}
		t.Rows = append(t.Rows, append(row, words(tallyOf(x.worst()))))
	}
	return t
}

// rated is the arm's rate with its interval: "80 % (37.6–96.4 %)".
func (x armSum) rated() string {
	if x.Rate == nil {
		return "–"
	}
	return fmt.Sprintf("%s (%s–%s)", percent(*x.Rate), strings.TrimSuffix(percent(x.Interval.Low), " %"), percent(x.Interval.High))
}

// unmet lists what is not as it must be, above everything that is.
func (s Statement) unmet(b *strings.Builder) {
	var lines []string
	for _, x := range s.doc.Arms {
		for _, p := range x.problems() {
			lines = append(lines, fmt.Sprintf("- %s %s", p.mark, escapeMarkdown(p.title+": "+p.text)))
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n### Not as it must be\n\n%s\n", strings.Join(lines, "\n"))
	}
}

// skipTable is what was skipped for want of which capability.
func (s Statement) skipTable() table {
	t := table{ID: "skipped", Title: "Skipped"}
	t.Columns = []column{{Name: "capability", Left: true}, {Name: "promises"}, {Name: "scenarios", Left: true}, {Name: "why", Left: true}}
	for _, x := range s.doc.Skipped {
		capability := x.Capability
		if capability == "" {
			capability = "–"
		}
		t.Rows = append(t.Rows, []cell{words(capability), words(number(x.Promises)), words(strings.Join(x.Scenarios, ", ")), words(x.Because)})
	}
	t.Notes = []cell{{Text: "What is skipped is not passed: with it the result is partial at best.", Tone: softTone}}
	return t
}

// promises lists every ruling, a table for each scenario, folded away.
func (s Statement) promises(b *strings.Builder) {
	head := table{Columns: []column{{Name: "arm", Left: true}, {Name: "promise", Left: true}, {Name: "name", Left: true},
		{Name: "ruling", Left: true}, {Name: "as it must"}, {Name: "because", Left: true}}}
	if len(s.doc.Arms) > 0 {
		b.WriteString("\n### Every promise\n")
	}
	for rest := s.doc.Arms; len(rest) > 0; {
		name, t := rest[0].Scenario, head
		for len(rest) > 0 && rest[0].Scenario == name {
			t.Rows, rest = append(t.Rows, rest[0].rows()...), rest[1:]
		}
		// Within the tag nothing is Markdown, so that HTML's own escapes hold there.
		fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n", html.EscapeString(clean(name)))
		t.grid(b)
		b.WriteString("\n</details>\n")
	}
}

// rows has a line per promise of the arm.
func (x armSum) rows() [][]cell {
	if len(x.Rulings) == 0 {
		return [][]cell{{words(x.Arm), words("–"), words("–"), words(asUnknown.mark()), words("–"), words(nothingJudged)}}
	}
	var out [][]cell
	for _, y := range x.Rulings {
		tone := plainTone
		if y.outcome.badness() == asBroken.badness() {
			tone = badTone
		}
		out = append(out, []cell{words(x.Arm), words(y.Promise), words(y.Name), {Text: y.outcome.mark() + " " + string(y.outcome), Tone: tone},
			words(fmt.Sprintf("%d of %d", y.Met, y.Runs)), words(y.Because)})
	}
	return out
}

// reproduce is how to see it all again.
func (s Statement) reproduce(b *strings.Builder) {
	b.WriteString("\n### Reproduce\n")
	shell(b, s.doc.Reproduce.Run)
	var lines []string
	for _, d := range s.doc.Reproduce.Drills {
		lines = append(lines, fmt.Sprintf("# %s: %s\n%s", clean(d.Key), d.Verdict, d.Command))
	}
	if len(lines) > 0 {
		b.WriteString("\nWhat is not as it must be, drill by drill:\n")
		shell(b, strings.Join(lines, "\n"))
	}
}
