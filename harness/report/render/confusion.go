package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/report"
)

// describeConfusion sums the matrix up, "" if it is empty.
func describeConfusion(c report.Confusion) string {
	if c.Judged == 0 {
		return ""
	}
	s := fmt.Sprintf("%s of %s %s right, %s wrong, %s missed", FormatNumber(c.Right), FormatNumber(c.Judged),
		Plural(c.Judged, "diagnosis", "diagnoses"), OrNone(c.Wrong), OrNone(c.Missed))
	if p, q := c.Precision(), c.Recall(); p != nil && q != nil {
		s += fmt.Sprintf(" (precision %s, recall %s)", formatPercent(*p), formatPercent(*q))
	}
	return s + "."
}

// listMistakes names every drill off the diagonal.
func listMistakes(c report.Confusion) []string {
	var out []string
	for _, x := range c.Cells {
		if x.Off() {
			out = append(out, fmt.Sprintf("%s: expected %s, diagnosed %s", strings.Join(x.Drills, ", "), x.Expected, x.Diagnosed))
		}
	}
	return out
}

// writeConfusion writes the sum and the mistakes for a terminal.
func writeConfusion(c report.Confusion, b *strings.Builder, p Paint) {
	s := describeConfusion(c)
	if s == "" {
		return
	}
	mark, tone := "✓", GoodTone
	if c.Right < c.Judged {
		mark, tone = "✗", BadTone
	}
	fmt.Fprintf(b, "\n%s %s\n", p.applyTone(tone, mark), p.makeBold(s))
	for _, m := range listMistakes(c) {
		fmt.Fprintf(b, "    %s %s\n", p.applyTone(BadTone, "✗"), Clean(m))
	}
}

// ConfusionTable is the matrix. Rows are numbered, and columns carry the numbers: the
// names of causes are long.
func ConfusionTable(c report.Confusion) Table {
	t := Table{ID: "diagnoses", Title: "Diagnoses"}
	if c.Judged == 0 {
		return t
	}
	t.Columns = []Column{{Name: "expected", Left: true}}
	for i := range c.Causes {
		t.Columns = append(t.Columns, Column{Group: "diagnosed", Name: fmt.Sprint(i + 1)})
	}
	for i, e := range c.Causes {
		row := []Cell{TextCell(fmt.Sprintf("%d %s", i+1, e))}
		for _, d := range c.Causes {
			row = append(row, showConfusion(c, e, d))
		}
		t.Rows = append(t.Rows, row)
	}
	tone := GoodTone
	if c.Right < c.Judged {
		tone = BadTone
	}
	t.Notes = []Cell{{Text: describeConfusion(c), Tone: tone}}
	for _, m := range listMistakes(c) {
		t.Notes = append(t.Notes, Cell{Text: "✗ " + m, Tone: BadTone})
	}
	for _, why := range slices.Sorted(maps.Keys(c.LeftOut)) {
		t.Notes = append(t.Notes, Cell{Text: fmt.Sprintf("%s left out, %s: %s.", FormatCount(len(c.LeftOut[why]), "drill"), why, strings.Join(c.LeftOut[why], ", ")), Tone: SoftTone})
	}
	return t
}

func showConfusion(c report.Confusion, expected, diagnosed string) Cell {
	i := slices.IndexFunc(c.Cells, func(x report.ConfusionCell) bool { return x.Expected == expected && x.Diagnosed == diagnosed })
	switch {
	case i < 0 && expected == diagnosed:
		return Cell{Text: "0", Tone: SoftTone}
	case i < 0:
		return TextCell("")
	}
	x := c.Cells[i]
	out := Cell{Text: FormatNumber(len(x.Drills)), Tone: GoodTone, Hint: strings.Join(x.Drills, ", ")}
	if x.Off() {
		out.Text, out.Tone = "✗ "+out.Text, BadTone
	}
	return out
}

// OrNone formats a number, or "none" for 0.
func OrNone(n int) string {
	if n == 0 {
		return "none"
	}
	return FormatNumber(n)
}

// formatPercent formats a share from 0 to 1 as percent, and never rounds up to a hundred.
func formatPercent(x float64) string {
	if x < 1 && x > 0.999 {
		x = 0.999
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", 100*x), ".0") + " %"
}
