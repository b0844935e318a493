package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Comparison lays two runs side by side: two engines, two versions of PM2, before and
// after a change.
type Comparison struct {
	a, b Report
}

// Compare compares what both runs have drilled. Runs that share no drill are an error.
func Compare(a, b Report) (Comparison, error) {
	c := Comparison{a, b}
	if len(c.pairs()) == 0 {
		return c, fmt.Errorf("cannot compare %s with %s: no arm was drilled in both", a.Run.ID, b.Run.ID)
	}
	return c, nil
}

// pairs are the drills that both runs have, in the order of the first.
func (c Comparison) pairs() [][2]Drill {
	var out [][2]Drill
	others := c.b.keys(" ")
	for i, key := range c.a.keys(" ") {
		if j := slices.Index(others, key); j >= 0 && c.a.Drills[i].Record != nil && c.b.Drills[j].Record != nil {
			out = append(out, [2]Drill{c.a.Drills[i], c.b.Drills[j]})
		}
	}
	return out
}

// Worse reports whether a drill that was as it must be in the first run is broken in
// the second.
func (c Comparison) Worse() bool {
	return slices.ContainsFunc(c.pairs(), func(p [2]Drill) bool { return p[0].asItMust() && p[1].Verdict == promise.Broken })
}

// drills has a row for each drill that both runs have, or only for engine arms and
// those in which the runs differ.
func (c Comparison) drills(all bool) table {
	t := table{ID: "compare", Title: "A and B", Columns: []column{
		{Name: "drill", Left: true}, {Group: "ruling", Name: "A", Left: true}, {Group: "ruling", Name: "B", Left: true},
		{Group: "detect", Name: "A"}, {Group: "detect", Name: "B"}, {Group: "recover", Name: "A"}, {Group: "recover", Name: "B"},
		{Group: "lost", Name: "A"}, {Group: "lost", Name: "B"}, {Group: "acts", Name: "A"}, {Group: "acts", Name: "B"},
	}}
	same := 0
	for _, p := range c.pairs() {
		if !all && p[0].Arm != evidence.ArmEngine && p[0].Verdict == p[1].Verdict {
			same++
			continue
		}
		t.Rows = append(t.Rows, versus(p))
	}
	if same > 0 {
		t.Notes = append(t.Notes, words(fmt.Sprintf("In %s without a fault to heal, or with nobody to heal it, both rule the same.", count(same, "other drill"))))
	}
	t.Notes = append(t.Notes, words("Lost are requests that the engine dropped, acts what it did. A time stands out when it has grown or shrunk by half: less may be chance."))
	t.Notes = append(t.Notes, c.alone()...)
	return t
}

// changed has a row for each promise that the runs rule differently: first those that
// are broken in B.
func (c Comparison) changed() table {
	t := table{ID: "changed", Title: "Rulings that changed", Columns: []column{
		{Name: "drill", Left: true}, {Name: "promise", Left: true}, {Name: "A", Left: true}, {Name: "B", Left: true}, {Name: "why in B", Left: true},
	}}
	rows := map[tone][][]cell{} // by how they are in B
	for _, p := range c.pairs() {
		for _, x := range p[0].Rulings {
			i := slices.IndexFunc(p[1].Rulings, func(y promise.Ruling) bool { return y.Name == x.Name && y.Cause == x.Cause })
			if i < 0 || outcomeOf(p[1].Rulings[i]) == outcomeOf(x) {
				continue
			}
			y := p[1].Rulings[i]
			is := outcomeCell(y)
			rows[is.Tone] = append(rows[is.Tone], []cell{words(p[0].Scenario + " " + p[0].Arm), words(y.Promise), outcomeCell(x), is, words(y.Because)})
		}
	}
	t.Rows = slices.Concat(rows[badTone], rows[unsureTone], rows[goodTone])
	return t
}

func outcomeCell(x promise.Ruling) cell {
	o := outcomeOf(x)
	c := cell{Text: o.mark() + " " + string(o), Tone: badTone}
	switch {
	case o.met():
		c.Tone = goodTone
	case o == asUnknown || o == asSkipped:
		c.Tone = unsureTone
	}
	return c
}

func versus(p [2]Drill) []cell {
	row := []cell{words(p[0].Scenario + " " + p[0].Arm)}
	for _, d := range p {
		row = append(row, cell{Text: string(d.Verdict), Tone: toneOf(d.Verdict)})
	}
	for _, of := range []func(Drill) time.Duration{func(d Drill) time.Duration { return d.Detect }, func(d Drill) time.Duration { return d.Recover }} {
		a, b := of(p[0]), of(p[1])
		row = append(row, words(orDash(a)), cell{Text: orDash(b), Tone: slower(a, b)})
	}
	for _, of := range []func(figures) int{func(f figures) int { return f.causes[promise.ByEngine] }, func(f figures) int { return f.actions }} {
		a, b := of(figuresOf(p[0])), of(figuresOf(p[1]))
		row = append(row, words(number(a)), cell{Text: number(b), Tone: more(a, b)})
	}
	return row
}

// slower tells a time that has grown or shrunk by half: less may be chance.
func slower(a, b time.Duration) tone {
	switch {
	case a <= 0 || b <= 0:
		return plainTone
	case float64(b) > 1.5*float64(a):
		return badTone
	case float64(a) > 1.5*float64(b):
		return goodTone
	}
	return plainTone
}

func more(a, b int) tone {
	switch {
	case b > a:
		return badTone
	case b < a:
		return goodTone
	}
	return plainTone
}

// alone says what only one of the runs has drilled.
func (c Comparison) alone() []cell {
	var out []cell
	for _, x := range []struct {
		name      string
		one, than Report
	}{{"A", c.a, c.b}, {"B", c.b, c.a}} {
		others := x.than.keys(" ")
		n := 0
		for _, key := range x.one.keys(" ") {
			if !slices.Contains(others, key) {
				n++
			}
		}
		if n > 0 {
			out = append(out, cell{Text: fmt.Sprintf("%s alone has %s.", x.name, count(n, "more drill")), Tone: softTone})
		}
	}
	return out
}

// Text writes the comparison for a terminal.
func (c Comparison) Text(w io.Writer, colour bool) error {
	p := paint{colour}
	var b strings.Builder
	for _, x := range []struct {
		name string
		r    Report
	}{{"A", c.a}, {"B", c.b}} {
		title, _ := headline(x.r)
		fmt.Fprintf(&b, "%s  %s  %s, %s, PM2 %s, Node %s, %s\n", p.bold(x.name), p.as(x.r.Verdict(), markOf(x.r.Verdict())+" "+title),
			x.r.Run.ID, clean(x.r.Run.Versions.Engine), x.r.Run.Versions.PM2, x.r.Run.Versions.Node, count(len(x.r.Drills), "drill"))
	}
	c.changed().text(&b, p)
	c.drills(false).text(&b, p)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write the comparison: %w", err)
	}
	return nil
}

// Markdown writes it for a pull request.
func (c Comparison) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "A is %s (%s, PM2 %s, Node %s), B is %s (%s, PM2 %s, Node %s).\n",
		escapeMarkdown(c.a.Run.ID), escapeMarkdown(c.a.Run.Versions.Engine), c.a.Run.Versions.PM2, c.a.Run.Versions.Node,
		escapeMarkdown(c.b.Run.ID), escapeMarkdown(c.b.Run.Versions.Engine), c.b.Run.Versions.PM2, c.b.Run.Versions.Node)
	c.changed().markdown(&b)
	c.drills(false).markdown(&b)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("cannot write the comparison: %w", err)
	}
	return nil
}
