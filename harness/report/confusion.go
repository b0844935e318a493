package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// confusion holds the causes that drills were to show against those that the
// engine named, over the arms in which an engine runs.
type confusion struct {
	causes  []string            // that occur, by first occurrence; promise.NoCause last
	cells   []confusionCell     // that are not empty
	judged  int                 // drills
	right   int                 // drills of which the engine said what it must and nothing else
	wrong   int                 // causes named that were not the case
	missed  int                 // causes not named that were the case
	hits    int                 // causes named that were the case
	leftOut map[string][]string // drills that say nothing of causes, by why
}

// confusionCell is one pair of causes, with the drills that showed it.
type confusionCell struct {
	expected, diagnosed string
	drills              []string // "scenario arm", repetitions and all
}

// off reports whether the cell is a mistake.
func (c confusionCell) off() bool { return c.expected != c.diagnosed }

// confusionOf counts a run's diagnoses. The cause to expect is the one that a
// ruling of the drill carries; a drill that proves nothing is left out.
func confusionOf(r Digest) confusion {
	c := confusion{leftOut: map[string][]string{}}
	for _, d := range r.Drills {
		if d.Record == nil || d.Arm == evidence.ArmControl {
			continue
		}
		i := slices.IndexFunc(d.Rulings, func(x promise.Ruling) bool { return x.Cause != "" })
		name, why := d.Scenario+" "+d.Arm, ""
		switch {
		case i < 0:
			why = "no promise of theirs is about causes"
		case !slices.Contains(d.Record.Capabilities(), promise.Detect):
			why = "the engine does not declare that it can detect"
		case d.Rulings[i].Verdict == promise.Inconclusive, d.Rulings[i].Verdict == promise.Skipped:
			why = string(d.Rulings[i].Verdict)
		}
		if why != "" {
			c.leftOut[why] = append(c.leftOut[why], name)
		} else {
			c.enter(name, expectedOf(d), promise.Diagnosed(d.Record))
		}
	}
	slices.SortStableFunc(c.causes, func(a, b string) int { return last(a) - last(b) })
	return c
}

// last sorts the cause that is none behind the others.
func last(cause string) int {
	if cause == promise.NoCause {
		return 1
	}
	return 0
}

// expectedOf are the causes that a drill is to show: several where things overlap.
func expectedOf(d DrillDigest) []string {
	var causes []string
	for _, x := range d.Rulings {
		if x.Cause != "" && !slices.Contains(causes, x.Cause) {
			causes = append(causes, x.Cause)
		}
	}
	return causes
}

// enter counts one drill. A cause that was to be named counts against itself if it was, and
// one that was named in vain against the first that was to be.
func (c *confusion) enter(drill string, expected, diagnosed []string) {
	c.judged++
	if len(diagnosed) == 0 {
		diagnosed = []string{promise.NoCause}
	}
	wrongs := 0
	for _, d := range diagnosed {
		against := d
		if !slices.Contains(expected, d) {
			against = expected[0]
		}
		c.cell(against, d, drill)
		switch {
		case d == against && d != promise.NoCause:
			c.hits++
		case d != against:
			wrongs++
			if d != promise.NoCause {
				c.wrong++
			}
		}
	}
	missed := 0
	for i, e := range expected {
		if e == promise.NoCause || slices.Contains(diagnosed, e) {
			continue
		}
		if missed++; i > 0 || wrongs == 0 {
			c.cell(e, promise.NoCause, drill)
		}
	}
	if c.missed += missed; wrongs+missed == 0 {
		c.right++
	}
}

func (c *confusion) cell(expected, diagnosed, drill string) {
	for _, cause := range []string{expected, diagnosed} {
		if !slices.Contains(c.causes, cause) {
			c.causes = append(c.causes, cause)
		}
	}
	i := slices.IndexFunc(c.cells, func(x confusionCell) bool { return x.expected == expected && x.diagnosed == diagnosed })
	if i < 0 {
		i = len(c.cells)
		c.cells = append(c.cells, confusionCell{expected: expected, diagnosed: diagnosed})
	}
	c.cells[i].drills = append(c.cells[i].drills, drill)
}

// precision is the share of named causes that were the case, recall the share
// of causes to name that were named; nil when there is none.
func (c confusion) precision() *float64 { return share(c.hits, c.hits+c.wrong) }
func (c confusion) recall() *float64    { return share(c.hits, c.hits+c.missed) }

func share(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	x := float64(n) / float64(of)
	return &x
}

// sentence sums the matrix up, "" if it is empty.
func (c confusion) sentence() string {
	if c.judged == 0 {
		return ""
	}
	s := fmt.Sprintf("%s of %s %s right, %s wrong, %s missed", number(c.right), number(c.judged),
		pick(c.judged, "diagnosis", "diagnoses"), orNone(c.wrong), orNone(c.missed))
	if p, q := c.precision(), c.recall(); p != nil && q != nil {
		s += fmt.Sprintf(" (precision %s, recall %s)", percent(*p), percent(*q))
	}
	return s + "."
}

// mistakes names every drill off the diagonal.
func (c confusion) mistakes() []string {
	var out []string
	for _, x := range c.cells {
		if x.off() {
			out = append(out, fmt.Sprintf("%s: expected %s, diagnosed %s", strings.Join(x.drills, ", "), x.expected, x.diagnosed))
		}
	}
	return out
}

// text writes the sum and the mistakes for a terminal.
func (c confusion) text(b *strings.Builder, p paint) {
	s := c.sentence()
	if s == "" {
		return
	}
	mark, tone := "✓", goodTone
	if c.right < c.judged {
		mark, tone = "✗", badTone
	}
	fmt.Fprintf(b, "\n%s %s\n", p.tone(tone, mark), p.bold(s))
	for _, m := range c.mistakes() {
		fmt.Fprintf(b, "    %s %s\n", p.tone(badTone, "✗"), clean(m))
	}
}

// table is the matrix. Rows are numbered, and columns carry the numbers: the
// names of causes are long.
func (c confusion) table() table {
	t := table{ID: "diagnoses", Title: "Diagnoses"}
	if c.judged == 0 {
		return t
	}
	t.Columns = []column{{Name: "expected", Left: true}}
	for i := range c.causes {
		t.Columns = append(t.Columns, column{Group: "diagnosed", Name: fmt.Sprint(i + 1)})
	}
	for i, e := range c.causes {
		row := []cell{words(fmt.Sprintf("%d %s", i+1, e))}
		for _, d := range c.causes {
			row = append(row, c.show(e, d))
		}
		t.Rows = append(t.Rows, row)
	}
	tone := goodTone
	if c.right < c.judged {
		tone = badTone
	}
	t.Notes = []cell{{Text: c.sentence(), Tone: tone}}
	for _, m := range c.mistakes() {
		t.Notes = append(t.Notes, cell{Text: "✗ " + m, Tone: badTone})
	}
	for _, why := range slices.Sorted(maps.Keys(c.leftOut)) {
		t.Notes = append(t.Notes, cell{Text: fmt.Sprintf("%s left out, %s: %s.", count(len(c.leftOut[why]), "drill"), why, strings.Join(c.leftOut[why], ", ")), Tone: softTone})
	}
	return t
}

func (c confusion) show(expected, diagnosed string) cell {
	i := slices.IndexFunc(c.cells, func(x confusionCell) bool { return x.expected == expected && x.diagnosed == diagnosed })
	switch {
	case i < 0 && expected == diagnosed:
		return cell{Text: "0", Tone: softTone}
	case i < 0:
		return words("")
	}
	x := c.cells[i]
	out := cell{Text: number(len(x.drills)), Tone: goodTone, Hint: strings.Join(x.drills, ", ")}
	if x.off() {
		out.Text, out.Tone = "✗ "+out.Text, badTone
	}
	return out
}

func orNone(n int) string {
	if n == 0 {
		return "none"
	}
	return number(n)
}

// percent never rounds up to a hundred.
func percent(x float64) string {
	if x < 1 && x > 0.999 {
		x = 0.999
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", 100*x), ".0") + " %"
}
