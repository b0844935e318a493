package report

import (
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// comparePage is what the template of compare.html reads.
type comparePage struct {
	Title   string
	Verdict promise.Verdict // of the change from A to B
	Mark    string
	Said    []string
	CSS     template.CSS
	Sides   []side
	Bars    []barsView
	Changed table
	Drills  table
}

// side is one of the two runs.
type side struct {
	Letter, Title string
	Verdict       promise.Verdict
	Mark, Command string
	Facts         []pair
}

// barsView sets a drill's times in A and B beside each other.
type barsView struct {
	Name string
	Rows []barView
}

type barView struct {
	What, Letter, Text string
	Tone               tone
	Share              float64 // percent of the longest time on the page
}

// HTML writes compare.html: one file that fetches nothing and runs no script.
func (c Comparison) HTML(w io.Writer) error {
	css, err := read("page.css", "compare.css")
	if err != nil {
		return fmt.Errorf("cannot write the comparison: %w", err)
	}
	p := comparePage{CSS: template.CSS(css), Bars: c.bars(), Changed: c.changed(), Drills: c.drills(true)}
	p.Title, p.Verdict, p.Said = c.headline()
	p.Mark = markOf(p.Verdict)
	for _, x := range []struct {
		letter string
		r      Report
	}{{"A", c.a}, {"B", c.b}} {
		title, _ := headline(x.r)
		p.Sides = append(p.Sides, side{x.letter, title, x.r.Verdict(), markOf(x.r.Verdict()), x.r.Run.Command, append(facts(x.r), counts(x.r)...)})
	}
	t, err := template.ParseFS(assets, "assets/compare.html", "assets/table.html")
	if err == nil {
		err = t.Execute(w, p)
	}
	if err != nil {
		return fmt.Errorf("cannot write the comparison: %w", err)
	}
	return nil
}

// headline says what the change from A to B has come to.
func (c Comparison) headline() (title string, verdict promise.Verdict, sentences []string) {
	worse, better := 0, 0
	for _, p := range c.pairs() {
		switch was, is := p[0].asItMust(), p[1].asItMust(); {
		case was && !is:
			worse++
		case is && !was:
			better++
		}
	}
	title, verdict = "No drill rules otherwise", promise.Kept
	switch {
	case c.Worse():
		title, verdict = "B is worse", promise.Broken
	case worse > 0:
		title, verdict = "B proves less", promise.Inconclusive
	case better > 0:
		title = "B is better"
	}
	changed := len(c.changed().Rows)
	return title, verdict, []string{
		fmt.Sprintf("Of %s in both, %s as it must be in A and not in B, %s in B and not in A.", count(len(c.pairs()), "drill"), are(worse), are(better)),
		fmt.Sprintf("%s ruled otherwise.", count(changed, "promise")+pick(changed, " is", " are")),
	}
}

// are is "none is", "1 is" or "12 are".
func are(n int) string {
	if n == 0 {
		return "none is"
	}
	return number(n) + pick(n, " is", " are")
}

// bars are the times of each drill in which any is known in both runs.
func (c Comparison) bars() []barsView {
	var out []barsView
	var most time.Duration
	for _, p := range c.pairs() {
		for _, d := range p {
			most = max(most, d.Detect, d.Recover)
		}
	}
	for _, p := range c.pairs() {
		v := barsView{Name: p[0].Scenario + " " + p[0].Arm}
		for _, of := range []struct {
			what string
			a, b time.Duration
		}{{"detect", p[0].Detect, p[1].Detect}, {"recover", p[0].Recover, p[1].Recover}} {
			if of.a == 0 || of.b == 0 {
				continue
			}
			v.Rows = append(v.Rows,
				barView{of.what, "A", brief(of.a), plainTone, 100 * float64(of.a) / float64(most)},
				barView{"", "B", brief(of.b), slower(of.a, of.b), 100 * float64(of.b) / float64(most)})
		}
		if len(v.Rows) > 0 {
			out = append(out, v)
		}
	}
	return out
}
