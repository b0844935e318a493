package conformance

import (
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// Markdown writes conformance.md: the statement for a pull request, or for a CI
// job's summary page, of which GitHub takes 1 MiB.
func (s Statement) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s %s: %s\n\n", report.MarkOf(s.Verdict()), render.EscapeMarkdown(s.formatLabel()), s.doc.Result)
	fmt.Fprintf(&b, "%s\n", render.EscapeMarkdown(strings.Join(s.doc.Headline, " ")))
	for _, t := range []render.Table{render.PartTable(s.report), s.buildIdentityTable(), s.buildTotalsTable(), s.buildArmTable()} {
		t.Markdown(&b)
	}
	s.writeUnmet(&b)
	for _, t := range []render.Table{s.buildSkippedTable(), render.VariantTable(s.report), s.buildScoresTable(), render.ScoreTable(s.report, true), render.ConfusionTable(report.ConfusionOf(s.report)), render.CostTable(s.report), render.VoidTable(s.report), render.HostTable(s.report)} {
		t.Markdown(&b)
	}
	s.writePromises(&b)
	s.writeReproduce(&b)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write %s: %w", fileStatement, err)
	}
	return nil
}

// formatLabel returns what the result is of: "pm2drill core".
func (s Statement) formatLabel() string { return strings.TrimSpace("pm2drill " + s.gate.Profile) }

// buildIdentityTable returns the table of who was drilled, on what, when and how.
func (s Statement) buildIdentityTable() render.Table {
	t := render.Table{ID: "identity", Title: "What was drilled", Columns: []render.Column{{Left: true}, {Left: true}}}
	add := func(name, value string) {
		if value != "" {
			t.Rows = append(t.Rows, []render.Cell{render.TextCell(name), render.TextCell(value)})
		}
	}
	e, run := s.doc.Engine, s.report.Run
	add("engine", e.Name)
	add("its version", e.Version)
	add("it declares", s.describeDeclared())
	add("its command", e.Command)
	add("its image", e.Image)
	add("profile", s.gate.Profile)
	add("PM2", run.Versions.PM2)
	add("Node", run.Versions.Node)
	add("pm2drill", run.Versions.PM2Drill)
	if run.Host.Cores > 0 {
		add("host", render.FormatCount(run.Host.Cores, "core"))
	}
	add("Linux", run.Host.Kernel)
	add("Docker", run.Host.Docker)
	add("started", run.Started.UTC().Format("2006-01-02 15:04:05 MST"))
	add("took", render.FormatKnown(run.Duration))
	add("seed", fmt.Sprint(run.Seed))
	add("drills of each arm", render.FormatNumber(s.doc.Repeat))
	add("run", run.ID)
	return t
}

// describeDeclared returns what the engine itself declares that it can do.
func (s Statement) describeDeclared() string {
	switch e := s.doc.Engine; {
	case !e.Ready:
		return "nothing: it prints no ready line"
	case len(e.Capabilities) == 0:
		return "nothing"
	default:
		return strings.Join(e.Capabilities, ", ")
	}
}

// buildTotalsTable returns the table of the numbers of promises by outcome.
func (s Statement) buildTotalsTable() render.Table {
	sum := s.doc.Summary
	t := render.Table{ID: "totals", Title: "Promises"}
	row := []render.Cell{}
	for _, x := range []struct {
		name string
		n    int
		tone render.Tone
	}{
		{"in all", sum.Promises, render.PlainTone}, {string(report.OutcomeKept), sum.Kept, render.GoodTone}, {string(report.OutcomeExpected), sum.BrokeAsExpected, render.GoodTone},
		{string(report.OutcomeBroken), sum.Broken, render.BadTone}, {string(report.OutcomeUnknown), sum.Inconclusive, render.UnsureTone}, {string(report.OutcomeSkipped), sum.Skipped, render.UnsureTone},
	} {
		c := render.Cell{Text: render.FormatNumber(x.n), Tone: x.tone}
		if x.n == 0 {
			c.Tone = render.PlainTone
		}
		t.Columns, row = append(t.Columns, render.Column{Name: x.name}), append(row, c)
	}
	t.Rows = [][]render.Cell{row}
	return t
}

// buildArmTable returns a table with a line per scenario and arm.
func (s Statement) buildArmTable() render.Table {
	t := render.Table{ID: "arms", Title: "Every scenario, every arm"}
	t.Columns = []render.Column{{Name: "scenario", Left: true}, {Name: "arm", Left: true}, {Name: "ruling", Left: true}, {Name: "as it must"}}
	rated := report.Repeated(s.report)
	if rated {
		t.Columns = append(t.Columns, render.Column{Name: "rate, 95 % interval"})
		t.Notes = []render.Cell{{Text: "Rates are of the runs that prove something, with Wilson's score interval: where the true rate lies, as far as so few runs can tell. " +
			"The ruling is the worst of an arm's runs.", Tone: render.SoftTone}}
	}
	t.Columns = append(t.Columns, render.Column{Name: "promises", Left: true})
	for _, x := range s.doc.Arms {
		row := []render.Cell{render.TextCell(x.Name()), render.TextCell(x.Arm), {Text: report.MarkOf(x.Verdict) + " " + string(x.Verdict), Tone: render.ToneOf(x.Verdict)},
			render.TextCell(fmt.Sprintf("%d of %d", x.AsTheyMust, x.Runs))}
		if rated {
			row = append(row, render.TextCell(render.FormatRate(x)))
		}
		t.Rows = append(t.Rows, append(row, render.TextCell(render.TallyOf(x.Worst()))))
	}
	return t
}

// writeUnmet writes the list of what is not as it must be, above everything that is.
func (s Statement) writeUnmet(b *strings.Builder) {
	var lines []string
	for _, x := range s.doc.Arms {
		for _, p := range x.Problems() {
			lines = append(lines, fmt.Sprintf("- %s %s", p.Mark, render.EscapeMarkdown(p.Title+": "+p.Text)))
		}
	}
	if len(lines) > 0 {
		fmt.Fprintf(b, "\n### Not as it must be\n\n%s\n", strings.Join(lines, "\n"))
	}
}

// buildSkippedTable returns the table of what was skipped because which capability is
// missing.
func (s Statement) buildSkippedTable() render.Table {
	t := render.Table{ID: "skipped", Title: "Skipped"}
	t.Columns = []render.Column{{Name: "capability", Left: true}, {Name: "promises"}, {Name: "scenarios", Left: true}, {Name: "why", Left: true}}
	for _, x := range s.doc.Skipped {
		capability := x.Capability
		if capability == "" {
			capability = "–"
		}
		t.Rows = append(t.Rows, []render.Cell{render.TextCell(capability), render.TextCell(render.FormatNumber(x.Promises)), render.TextCell(strings.Join(x.Scenarios, ", ")), render.TextCell(x.Because)})
	}
	t.Notes = []render.Cell{{Text: "What is skipped is not passed: with it the result is partial at best.", Tone: render.SoftTone}}
	return t
}

// writePromises writes every ruling, in a folded table for each scenario.
func (s Statement) writePromises(b *strings.Builder) {
	head := render.Table{Columns: []render.Column{{Name: "arm", Left: true}, {Name: "promise", Left: true}, {Name: "name", Left: true},
		{Name: "ruling", Left: true}, {Name: "as it must"}, {Name: "because", Left: true}}}
	if len(s.doc.Arms) > 0 {
		b.WriteString("\n### Every promise\n")
	}
	for rest := s.doc.Arms; len(rest) > 0; {
		name, t := rest[0].Scenario, head
		for len(rest) > 0 && rest[0].Scenario == name {
			t.Rows, rest = append(t.Rows, buildArmRows(rest[0])...), rest[1:]
		}
		// Within the tag nothing is Markdown, so that HTML's own escapes hold there.
		fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n", html.EscapeString(render.Clean(name)))
		t.Grid(b)
		b.WriteString("\n</details>\n")
	}
}

// buildArmRows returns a row per promise of the arm.
func buildArmRows(x report.ArmSummary) [][]render.Cell {
	if len(x.Rulings) == 0 {
		return [][]render.Cell{{render.TextCell(x.Arm), render.TextCell("–"), render.TextCell("–"), render.TextCell(report.OutcomeUnknown.Mark()), render.TextCell("–"), render.TextCell(report.NothingJudged)}}
	}
	var out [][]render.Cell
	for _, y := range x.Rulings {
		tone := render.PlainTone
		if y.Outcome.Badness() == report.OutcomeBroken.Badness() {
			tone = render.BadTone
		}
		out = append(out, []render.Cell{render.TextCell(x.Arm), render.TextCell(y.Promise), render.TextCell(y.Name), {Text: y.Outcome.Mark() + " " + string(y.Outcome), Tone: tone},
			render.TextCell(fmt.Sprintf("%d of %d", y.Met, y.Runs)), render.TextCell(y.Because)})
	}
	return out
}

// writeReproduce writes the commands that do it all again.
func (s Statement) writeReproduce(b *strings.Builder) {
	b.WriteString("\n### Reproduce\n")
	render.WriteShell(b, s.doc.Reproduce.Run)
	var lines []string
	for _, d := range s.doc.Reproduce.Drills {
		lines = append(lines, fmt.Sprintf("# %s: %s\n%s", render.Clean(d.Key), d.Verdict, d.Command))
	}
	if len(lines) > 0 {
		b.WriteString("\nWhat is not as it must be, drill by drill:\n")
		render.WriteShell(b, strings.Join(lines, "\n"))
	}
}
