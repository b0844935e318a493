// Package render writes a digest as text for people and CI: the terminal's summary, tables,
// Markdown and junit.xml.
package render

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

// Paint is how a terminal shows a verdict; the zero value shows plain text.
type Paint struct{ On bool }

func (p Paint) As(v promise.Verdict, s string) string {
	code := map[promise.Verdict]string{promise.Kept: "32", promise.Broken: "31"}[v]
	if code == "" {
		code = "33"
	}
	return p.applySGR(code, s)
}

func (p Paint) makeBold(s string) string { return p.applySGR("1", s) }

func (p Paint) makeDim(s string) string { return p.applySGR("2", s) }

func (p Paint) applySGR(code, s string) string {
	if !p.On || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// Text writes what a terminal of 100 columns shows after a run: a line per
// drill, the rulings that are not what their arm had to show with their reasons,
// the tables of figures, where the report is, and how to run it again. Of
// repeated drills only those that were not as they had to be get a line.
func Text(w io.Writer, r report.Digest, colour bool) error {
	p := Paint{colour}
	var b strings.Builder
	writeTextDrills(&b, p, r)
	writeRehearsal(r.Rehearsal, &b, p)
	for _, t := range []Table{PartTable(r), buildRepeatTable(r, false), VariantTable(r), ScoreTable(r, false)} {
		t.Text(&b, p)
	}
	writeTextClaims(&b, p, r)
	writeConfusion(report.ConfusionOf(r), &b, p)
	CostTable(r).Text(&b, p)
	VoidTable(r).Text(&b, p)
	HostTable(r).Text(&b, p)
	title, sentences := Headline(r)
	fmt.Fprintf(&b, "\n%s\n", p.As(r.Verdict(), report.MarkOf(r.Verdict())+" "+title))
	for _, s := range sentences {
		for _, line := range Fold(Clean(s), TextWidth-2) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	b.WriteString("\n")
	if r.Dir != "" {
		fmt.Fprintf(&b, "%s %s\n", p.makeDim("report   "), filepath.Join(r.Dir, FileHTML))
	}
	fmt.Fprintf(&b, "%s %s\n", p.makeDim("reproduce"), Clean(r.Run.Command))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write summary: %w", err)
	}
	return nil
}

// TextWidth is what a line of Text should not exceed.
const TextWidth = 100

// writeTextDrills writes the lines of the drills.
func writeTextDrills(b *strings.Builder, p Paint, r report.Digest) {
	var drills []report.DrillDigest
	for _, g := range report.Groups(r) {
		for _, d := range g.Drills {
			if len(g.Drills) == 1 || d.Verdict != promise.Kept {
				drills = append(drills, d)
			}
		}
	}
	rows := make([][]string, len(drills))
	for i, d := range drills {
		rows[i] = buildTextRow(d, false)
	}
	widths := computeWidths(rows)
	for i, d := range drills {
		var line strings.Builder
		for c, cell := range rows[i] {
			pad := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(cell)+2)
			if c == 0 {
				cell = p.makeBold(cell)
			}
			line.WriteString(cell + pad)
		}
		fmt.Fprintf(b, "%s %s\n", p.As(d.Verdict, report.MarkOf(d.Verdict)), strings.TrimRight(line.String(), " "))
		writeTextRulings(b, p, d)
	}
}

// Line writes one drill's line with all its figures, for the moment when it has
// ended.
func Line(w io.Writer, d report.DrillDigest, colour bool) error {
	p := Paint{colour}
	var b strings.Builder
	row := buildTextRow(d, true)
	fmt.Fprintf(&b, "%s %s  %s\n", p.As(d.Verdict, report.MarkOf(d.Verdict)), p.makeBold(row[0]), strings.TrimSpace(strings.Join(row[1:], "  ")))
	writeTextRulings(&b, p, d)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write a drill's line: %w", err)
	}
	return nil
}

// buildTextRow returns one drill as cells; with whole also the figures that Text has in
// its tables.
func buildTextRow(d report.DrillDigest, whole bool) []string {
	f := d.Figures
	owed, dropped := f.Totals()
	lost := fmt.Sprintf("%s of %s dropped", FormatNumber(dropped), FormatNumber(owed))
	if d.Record == nil {
		lost = "no evidence"
	}
	row := []string{Clean(d.Scenario), Clean(d.Arm), TallyOf(d.Drill), lost}
	if !whole {
		return row
	}
	var more []string
	if dropped > 0 {
		more = append(more, formatDropsByLane(f))
	}
	if d.Detect > 0 {
		more = append(more, "detected "+FormatDuration(d.Detect))
	}
	if d.Recover > 0 {
		more = append(more, "recovered "+FormatDuration(d.Recover))
	}
	if f.Actions > 0 {
		more = append(more, FormatCount(f.Actions, "action"))
	}
	if f.Least >= 0 && f.Least < f.Workers {
		more = append(more, "down to "+FormatServing(f)+" serving")
	}
	return append(row, strings.Join(more, ", "))
}

// formatDropsByLane returns what each lane dropped: "short 12, long 1".
func formatDropsByLane(f report.Figures) string {
	var parts []string
	for _, l := range f.Lanes {
		if l.Dropped > 0 && l.Name != evidence.LaneNoise {
			parts = append(parts, fmt.Sprintf("%s %s", Clean(l.Name), FormatNumber(l.Dropped)))
		}
	}
	return strings.Join(parts, ", ")
}

// writeTextRulings writes what a person must look at: everything unexpected, and the
// expected breaks of a control arm, which show that the fault takes effect.
func writeTextRulings(b *strings.Builder, p Paint, d report.DrillDigest) {
	if why := report.Unproven(d.Drill); why != "" {
		fmt.Fprintf(b, "    %s %s\n", p.As(promise.Inconclusive, report.OutcomeUnknown.Mark()), p.As(promise.Inconclusive, "this drill proves nothing"))
		writeTextBecause(b, p, why)
	} else {
		for _, x := range d.Rulings {
			writeTextRuling(b, p, x)
		}
	}
	if d.Verdict != promise.Kept && d.Varied != nil {
		writeTextBecause(b, p, d.Differs())
	}
	if d.Verdict != promise.Kept && d.Command != "" {
		fmt.Fprintf(b, "    %s %s\n", p.makeDim("reproduce"), Clean(d.Command))
	}
}

func writeTextRuling(b *strings.Builder, p Paint, x promise.Ruling) {
	o, v := report.OutcomeOf(x), promise.Broken
	switch o {
	case report.OutcomeKept, report.OutcomeSkipped:
		return
	case report.OutcomeExpected:
		v = promise.Kept
	case report.OutcomeUnknown:
		v = promise.Inconclusive
	}
	fmt.Fprintf(b, "    %s %s: %s\n", p.As(v, o.Mark()), Clean(x.Promise), p.As(v, string(o)))
	writeTextBecause(b, p, x.Because)
}

func writeTextBecause(b *strings.Builder, p Paint, why string) {
	for _, words := range strings.Split(why, "\n") {
		for _, line := range Fold(Clean(words), TextWidth-6) {
			fmt.Fprintf(b, "      %s\n", p.makeDim(line))
		}
	}
}

// Clean keeps text from an app or an engine from steering the terminal.
func Clean(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, s)
}

func computeWidths(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for c, cell := range row {
			if c == len(widths) {
				widths = append(widths, 0)
			}
			widths[c] = max(widths[c], utf8.RuneCountInString(cell))
		}
	}
	return widths
}

// FileHTML is the name of the page in the report's folder. It is written last: where it
// is, everything it speaks of is.
const FileHTML = "report.html"
