package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/page"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// buildSidesTable returns the table of what is compared: names, versions and settings.
func (c Comparison) buildSidesTable() render.Table {
	t := render.Table{ID: "sides", Title: "What is compared", Columns: []render.Column{{Left: true}, {Name: "A", Left: true}, {Name: "B", Left: true}}}
	a, b := c.a.listFacts(), c.b.listFacts()
	names := []string{}
	for _, p := range slices.Concat(a, b) {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	for _, name := range names {
		x, y := findValue(a, name), findValue(b, name)
		row := []render.Cell{render.TextCell(name), render.TextCell(x), render.TextCell(y)}
		if x != y {
			row[2].Tone = render.UnsureTone
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func findValue(all []page.Pair, name string) string {
	i := slices.IndexFunc(all, func(p page.Pair) bool { return p.Name == name })
	if i < 0 {
		return "–"
	}
	return all[i].Value
}

// listFacts returns what was run on what, and of a rehearsal the app's settings and
// figures.
func (s Side) listFacts() []page.Pair {
	out := append([]page.Pair{{Name: "Name", Value: s.formatLabel()}}, page.Facts(s.Run)...)
	out = append(out, page.Pair{Name: "Drills", Value: render.FormatNumber(len(s.Run.Drills))})
	x := s.Run.Rehearsal
	if x == nil {
		return out
	}
	out = append(out, page.Pair{Name: "Ecosystem file", Value: x.File}, page.Pair{Name: "App", Value: fmt.Sprintf("%s, %s", x.App, render.FormatCount(x.Workers, "worker"))})
	for _, p := range x.Settings {
		out = append(out, page.Pair{Name: p.Key, Value: p.Value})
	}
	for _, row := range render.MeasuredTable(x).Rows {
		out = append(out, page.Pair{Name: "Measured: " + row[0].Text, Value: row[1].Text})
	}
	return out
}

// buildDrillsTable returns a table with a row for each arm that both runs have, or only
// for engine arms, those of a rehearsal, and those in which the runs differ.
func (c Comparison) buildDrillsTable(all bool) render.Table {
	t := render.Table{ID: "compare", Title: "A and B", Columns: []render.Column{
		{Name: "drill", Left: true}, {Name: "B is", Left: true}, {Group: "as it must", Name: "A"}, {Group: "as it must", Name: "B"},
		{Group: "detect, s", Name: "A"}, {Group: "detect, s", Name: "B"}, {Group: "recover, s", Name: "A"}, {Group: "recover, s", Name: "B"},
		{Group: "lost", Name: "A"}, {Group: "lost", Name: "B"}, {Group: "actions", Name: "A"}, {Group: "actions", Name: "B"},
	}}
	rest := 0
	for _, d := range c.arms {
		if !all && d.Arm != evidence.ArmEngine && d.Arm != evidence.ArmRehearsal && d.Change.computeRank() <= chance.computeRank() {
			rest++
			continue
		}
		t.Rows = append(t.Rows, d.buildRow())
	}
	if rest > 0 {
		t.Notes = append(t.Notes, render.TextCell(fmt.Sprintf("In %s nothing differs by more than chance.", render.FormatCount(rest, "other arm"))))
	}
	t.Notes = append(t.Notes, render.TextCell("Lost are all requests that were dropped, whatever the cause. Of repetitions: least/median/most. A time stands out only where every run of one side is beyond every run of the other and chance would do that in less than 5 % of cases (4 runs against 4): single times are shown and not ruled on. A faster B that loses more is not marked as better."))
	t.Notes = append(t.Notes, c.listUnshared()...)
	return t
}

func (d armDiff) buildRow() []render.Cell {
	fared := func(s armSide) string { return fmt.Sprintf("%d of %d", s.AsTheyMust, s.Runs) }
	row := []render.Cell{render.TextCell(d.formatName()), {Text: d.Change.formatMarked(), Tone: d.Change.chooseTone()}, render.TextCell(fared(d.A)), {Text: fared(d.B), Tone: d.Rulings.chooseTone()}}
	for _, x := range [][2][]time.Duration{{d.A.detect, d.B.detect}, {d.A.recover, d.B.recover}} {
		row = append(row, render.TextCell(render.FormatSpread(report.SpreadOf(slices.Clone(x[0])), render.FormatSeconds)), render.Cell{Text: render.FormatSpread(report.SpreadOf(slices.Clone(x[1])), render.FormatSeconds), Tone: d.chooseTimeTone(x[0], x[1])})
	}
	lost := same
	for _, l := range d.Lanes {
		if !d.meant {
			lost = findWorst(lost, l.Change)
		}
	}
	return append(row, render.TextCell(render.FormatNumber(d.A.Dropped)), render.Cell{Text: render.FormatNumber(d.B.Dropped), Tone: lost.chooseTone()}, render.TextCell(render.FormatNumber(d.A.Actions)), render.TextCell(render.FormatNumber(d.B.Actions)))
}

// chooseTimeTone returns the tone that marks a time which differs by more than chance. A
// faster one of an arm that loses more is never marked as good.
func (d armDiff) chooseTimeTone(a, b []time.Duration) render.Tone {
	if !areSeparate(convertToNanoseconds(a), convertToNanoseconds(b)) {
		return render.PlainTone
	}
	switch slower := slices.Min(b) > slices.Max(a); {
	case slower:
		return render.BadTone
	case d.losesMore():
		return render.PlainTone
	}
	return render.GoodTone
}

func convertToNanoseconds(all []time.Duration) []int64 {
	out := make([]int64, len(all))
	for i, t := range all {
		out[i] = int64(t)
	}
	return out
}

// losesMore reports whether any lane loses more in B, by however little.
func (d armDiff) losesMore() bool {
	return slices.ContainsFunc(d.Lanes, func(l laneDiff) bool { return l.B.computeRate() > l.A.computeRate() })
}

// formatMarked returns the change with a mark that can be read without colour.
func (c change) formatMarked() string {
	mark := map[change]string{worse: "✗ ", better: "✓ ", unclear: "? "}[c]
	return mark + string(c)
}

func (c change) chooseTone() render.Tone {
	return map[change]render.Tone{worse: render.BadTone, better: render.GoodTone, unclear: render.UnsureTone, chance: render.SoftTone, same: render.SoftTone}[c]
}

// buildLossesTable returns a table with a row for each lane of each arm in which either
// run lost requests, or only for those in which the runs differ.
func (c Comparison) buildLossesTable(all bool) render.Table {
	t := render.Table{ID: "losses", Title: "Lost requests, by arm and lane", Columns: []render.Column{
		{Name: "drill", Left: true}, {Name: "lane", Left: true}, {Name: "B is", Left: true}, {Group: "lost of owed", Name: "A"}, {Group: "lost of owed", Name: "B"},
		{Group: "attributed to", Name: "A", Left: true}, {Group: "attributed to", Name: "B", Left: true}, {Name: "B less A, 95 %"},
	}}
	for _, d := range c.arms {
		name := d.formatName()
		for _, l := range d.Lanes {
			if !all && l.Change == same {
				continue
			}
			is := render.Cell{Text: l.Change.formatMarked(), Tone: l.Change.chooseTone()}
			if d.meant {
				is = render.Cell{Text: "not ruled", Tone: render.SoftTone, Hint: "a promise of this arm must break: it is to lose requests"}
			}
			t.Rows = append(t.Rows, []render.Cell{render.TextCell(name), render.TextCell(l.Lane), is, render.TextCell(l.A.formatOwed()), {Text: l.B.formatOwed(), Tone: is.Tone},
				render.TextCell(formatCauses(l.A.LaidTo)), render.TextCell(formatCauses(l.B.LaidTo)), render.TextCell(l.formatInterval())})
			name = "" // once for all its lanes
		}
	}
	t.Notes = []render.Cell{{Text: "The interval is of the difference of the two rates, in percentage points, by Newcombe's score method; all rows hold at once with 95 % (Bonferroni). " +
		"Repeated drills widen it by how much they differ among each other. Of two single drills, a difference that only the fault's own losses make is unclear: it depends on the moment at which the fault hits. --repeat 5 tells.", Tone: render.SoftTone}}
	return t
}

func (l laneLoss) formatOwed() string {
	return render.FormatNumber(l.Dropped) + "/" + render.FormatNumber(l.Owed)
}

// formatCauses lists to what losses are attributed: "pm2 12, app 3".
func formatCauses(n map[string]int) string {
	var parts []string
	for _, c := range report.Causes() {
		if n[c] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", c, render.FormatNumber(n[c])))
		}
	}
	return strings.Join(parts, ", ")
}

func (l laneDiff) formatInterval() string {
	if l.Difference == nil {
		return "–"
	}
	return fmt.Sprintf("%+.2f to %+.2f", 100*l.Difference.Low, 100*l.Difference.High)
}

// buildChangedTable returns a table with a row for each promise that the runs rule
// differently: first those that are broken in B.
func (c Comparison) buildChangedTable() render.Table {
	t := render.Table{ID: "changed", Title: "Rulings that changed", Columns: []render.Column{
		{Name: "drill", Left: true}, {Name: "promise", Left: true}, {Name: "A", Left: true}, {Name: "B", Left: true}, {Name: "why in B", Left: true},
	}}
	rows := map[render.Tone][][]render.Cell{} // by how they are in B
	for _, d := range c.arms {
		for _, x := range d.sums[0].Rulings {
			i := slices.IndexFunc(d.sums[1].Rulings, func(y report.ArmRuling) bool {
				return y.Name == x.Name && (y.Promise == x.Promise || isOnly(x, d.sums))
			})
			if i < 0 || d.sums[1].Rulings[i].Outcome == x.Outcome {
				continue
			}
			y := d.sums[1].Rulings[i]
			is := formatRuling(y)
			rows[is.Tone] = append(rows[is.Tone], []render.Cell{render.TextCell(d.formatName()), render.TextCell(y.Promise), formatRuling(x), is, render.TextCell(y.Because)})
		}
	}
	t.Rows = slices.Concat(rows[render.BadTone], rows[render.UnsureTone], rows[render.GoodTone])
	return t
}

// isOnly reports whether neither run has another promise of that name in the arm: then a
// sentence that differs in a figure is of the same promise.
func isOnly(y report.ArmRuling, sums [2]report.ArmSummary) bool {
	for _, s := range sums {
		n := 0
		for _, x := range s.Rulings {
			n += countOne(x.Name == y.Name)
		}
		if n > 1 {
			return false
		}
	}
	return true
}

// formatRuling returns the cell that tells how the promise fared over all runs of the
// arm.
func formatRuling(y report.ArmRuling) render.Cell {
	c := render.Cell{Text: y.Outcome.Mark() + " " + string(y.Outcome), Tone: render.BadTone}
	if y.Runs > 1 {
		c.Text += fmt.Sprintf(", as it must in %d of %d", y.Met, y.Runs)
	}
	switch {
	case y.Outcome.Met():
		c.Tone = render.GoodTone
	case y.Outcome == report.OutcomeUnknown || y.Outcome == report.OutcomeSkipped:
		c.Tone = render.UnsureTone
	}
	return c
}

// listUnshared returns the notes on what only one of the runs has drilled.
func (c Comparison) listUnshared() []render.Cell {
	var out []render.Cell
	for _, x := range []struct {
		name      string
		one, than report.Digest
	}{{"A", c.a.Run, c.b.Run}, {"B", c.b.Run, c.a.Run}} {
		others := report.Groups(x.than)
		n := 0
		for _, g := range report.Groups(x.one) {
			n += countOne(!slices.ContainsFunc(others, g.SameArm))
		}
		if n > 0 {
			out = append(out, render.Cell{Text: fmt.Sprintf("%s alone has %s.", x.name, render.FormatCount(n, "more arm")), Tone: render.SoftTone})
		}
	}
	return out
}
