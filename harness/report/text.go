package report

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// paint is how a terminal shows a verdict; the zero value shows plain text.
type paint struct{ on bool }

func (p paint) as(v promise.Verdict, s string) string {
	code := map[promise.Verdict]string{promise.Kept: "32", promise.Broken: "31"}[v]
	if code == "" {
		code = "33"
	}
	return p.sgr(code, s)
}

func (p paint) bold(s string) string { return p.sgr("1", s) }
func (p paint) dim(s string) string  { return p.sgr("2", s) }

func (p paint) sgr(code, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// Text writes what a terminal of 100 columns shows after a run: a line per
// drill, the rulings that are not what their arm had to show with their reasons,
// the tables of figures, where the report is, and how to run it again. Of
// repeated drills only those that were not as they had to be get a line.
func Text(w io.Writer, r Report, colour bool) error {
	p := paint{colour}
	var b strings.Builder
	textDrills(&b, p, r)
	r.Rehearsal.text(&b, p)
	for _, t := range []table{partTable(r), repeatTable(r, false), variantTable(r), scoreTable(r, false)} {
		t.text(&b, p)
	}
	textClaims(&b, p, r)
	confusionOf(r).text(&b, p)
	costTable(r).text(&b, p)
	voidTable(r).text(&b, p)
	title, sentences := headline(r)
	fmt.Fprintf(&b, "\n%s\n", p.as(r.Verdict(), markOf(r.Verdict())+" "+title))
	for _, s := range sentences {
		for _, line := range fold(clean(s), textWidth-2) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	b.WriteString("\n")
	if r.Dir != "" {
		fmt.Fprintf(&b, "%s %s\n", p.dim("report   "), filepath.Join(r.Dir, fileHTML))
	}
	fmt.Fprintf(&b, "%s %s\n", p.dim("reproduce"), clean(r.Run.Command))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write summary: %w", err)
	}
	return nil
}

// textWidth is what a line of Text should not exceed.
const textWidth = 100

// textDrills writes the lines of the drills.
func textDrills(b *strings.Builder, p paint, r Report) {
	var drills []Drill
	for _, g := range groups(r) {
		for _, d := range g.drills {
			if len(g.drills) == 1 || d.Verdict != promise.Kept {
				drills = append(drills, d)
			}
		}
	}
	rows := make([][]string, len(drills))
	for i, d := range drills {
		rows[i] = textRow(d, false)
	}
	widths := widthsOf(rows)
	for i, d := range drills {
		var line strings.Builder
		for c, cell := range rows[i] {
			pad := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(cell)+2)
			if c == 0 {
				cell = p.bold(cell)
			}
			line.WriteString(cell + pad)
		}
		fmt.Fprintf(b, "%s %s\n", p.as(d.Verdict, markOf(d.Verdict)), strings.TrimRight(line.String(), " "))
		textRulings(b, p, d)
	}
}

// Line writes one drill's line with all its figures, for the moment when it has
// ended.
func Line(w io.Writer, d Drill, colour bool) error {
	p := paint{colour}
	var b strings.Builder
	row := textRow(d, true)
	fmt.Fprintf(&b, "%s %s  %s\n", p.as(d.Verdict, markOf(d.Verdict)), p.bold(row[0]), strings.TrimSpace(strings.Join(row[1:], "  ")))
	textRulings(&b, p, d)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write a drill's line: %w", err)
	}
	return nil
}

// textRow is one drill as cells; whole, with the figures that Text has in its
// tables.
func textRow(d Drill, whole bool) []string {
	f := figuresOf(d)
	owed, dropped := f.totals()
	lost := fmt.Sprintf("%s of %s dropped", number(dropped), number(owed))
	if d.Record == nil {
		lost = "no evidence"
	}
	row := []string{clean(d.Scenario), clean(d.Arm), tallyOf(d), lost}
	if !whole {
		return row
	}
	var more []string
	if dropped > 0 {
		more = append(more, byLane(f))
	}
	if d.Detect > 0 {
		more = append(more, "detected "+brief(d.Detect))
	}
	if d.Recover > 0 {
		more = append(more, "recovered "+brief(d.Recover))
	}
	if f.actions > 0 {
		more = append(more, count(f.actions, "action"))
	}
	if f.least >= 0 && f.least < f.workers {
		more = append(more, "down to "+f.serving()+" serving")
	}
	return append(row, strings.Join(more, ", "))
}

// byLane is what each lane dropped: "short 12, long 1".
func byLane(f figures) string {
	var parts []string
	for _, l := range f.lanes {
		if l.dropped > 0 && l.name != evidence.LaneNoise {
			parts = append(parts, fmt.Sprintf("%s %s", clean(l.name), number(l.dropped)))
		}
	}
	return strings.Join(parts, ", ")
}

// textRulings writes what needs a person's eye: everything unexpected, and the
// expected breaks of a control arm, which show that the fault bites.
func textRulings(b *strings.Builder, p paint, d Drill) {
	if why := unproven(d); why != "" {
		fmt.Fprintf(b, "    %s %s\n", p.as(promise.Inconclusive, asUnknown.mark()), p.as(promise.Inconclusive, "this drill proves nothing"))
		textBecause(b, p, why)
	} else {
		for _, x := range d.Rulings {
			textRuling(b, p, x)
		}
	}
	if d.Verdict != promise.Kept && d.Varied != nil {
		textBecause(b, p, d.differs())
	}
	if d.Verdict != promise.Kept && d.Command != "" {
		fmt.Fprintf(b, "    %s %s\n", p.dim("reproduce"), clean(d.Command))
	}
}

func textRuling(b *strings.Builder, p paint, x promise.Ruling) {
	o, v := outcomeOf(x), promise.Broken
	switch o {
	case asKept, asSkipped:
		return
	case asExpected:
		v = promise.Kept
	case asUnknown:
		v = promise.Inconclusive
	}
	fmt.Fprintf(b, "    %s %s: %s\n", p.as(v, o.mark()), clean(x.Promise), p.as(v, string(o)))
	textBecause(b, p, x.Because)
}

func textBecause(b *strings.Builder, p paint, why string) {
	for _, words := range strings.Split(why, "\n") {
		for _, line := range fold(clean(words), textWidth-6) {
			fmt.Fprintf(b, "      %s\n", p.dim(line))
		}
	}
}

// unproven is the one reason for which every ruling of a drill is inconclusive,
// "" if they do not share one.
func unproven(d Drill) string {
	for _, x := range d.Rulings {
		if x.Verdict != promise.Inconclusive || x.Because != d.Rulings[0].Because {
			return ""
		}
	}
	if len(d.Rulings) < 2 {
		return ""
	}
	return d.Rulings[0].Because
}

// clean keeps text from an app or an engine from steering the terminal.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, s)
}

func widthsOf(rows [][]string) []int {
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
