package compare

import (
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/folder"
	"github.com/pm2drill/pm2drill/harness/report/page"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// buildTables returns the tables of a comparison; with all they have a row for every arm.
func (c Comparison) buildTables(all bool) []render.Table {
	return []render.Table{c.buildSidesTable(), c.buildChangedTable(), c.buildDrillsTable(all), c.buildLossesTable(all), c.buildStandings()}
}

// buildStandings returns the table of the engines, empty where no engine takes part.
func (c Comparison) buildStandings() render.Table {
	if !slices.ContainsFunc(slices.Concat(c.a.Run.Drills, c.b.Run.Drills), func(d report.DrillDigest) bool { return d.Record != nil && !d.Record.Unaided() }) {
		return render.Table{}
	}
	t := buildStandings([]Side{c.a, c.b})
	t.ID, t.Title, t.Notes = "standings", "Engines", []render.Cell{{Text: placesNote, Tone: render.SoftTone}}
	return t
}

// Text writes the comparison for a terminal.
func (c Comparison) Text(w io.Writer, colour bool) error {
	p := render.Paint{On: colour}
	var b strings.Builder
	for _, t := range c.buildTables(false) {
		t.Text(&b, p)
	}
	title, sentences := c.describeHeadline()
	fmt.Fprintf(&b, "\n%s\n", p.As(c.Verdict(), report.MarkOf(c.Verdict())+" "+title))
	for _, s := range sentences {
		for _, line := range render.Fold(render.Clean(s), render.TextWidth-2) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	return writeComparison(w, strings.TrimPrefix(b.String(), "\n"))
}

// Markdown writes it for a pull request.
func (c Comparison) Markdown(w io.Writer) error {
	var b strings.Builder
	title, sentences := c.describeHeadline()
	fmt.Fprintf(&b, "**%s %s.** %s\n", report.MarkOf(c.Verdict()), title, render.EscapeMarkdown(strings.Join(sentences, " ")))
	for _, t := range c.buildTables(false) {
		t.Markdown(&b)
	}
	return writeComparison(w, b.String())
}

func writeComparison(w io.Writer, text string) error {
	if _, err := io.WriteString(w, text); err != nil {
		return fmt.Errorf("cannot write the comparison: %w", err)
	}
	return nil
}

// CompareSchema names the form of a comparison's JSON.
const CompareSchema = "pm2drill/compare/1"

type compareJSON struct {
	Schema   string      `json:"schema"`
	Change   change      `json:"change"` // of B against A
	Headline []string    `json:"headline"`
	A        compareSide `json:"a"`
	B        compareSide `json:"b"`
	Arms     []armDiff   `json:"arms"`
}

type compareSide struct {
	Name      string            `json:"name"`
	Verdict   promise.Verdict   `json:"verdict"`
	Run       folder.RunJSON    `json:"run"`
	Rehearsal *report.Rehearsal `json:"rehearsal,omitempty"`
}

// JSON writes the comparison for a machine; COMPARE.md describes it.
func (c Comparison) JSON(w io.Writer) error {
	title, sentences := c.describeHeadline()
	side := func(s Side) compareSide {
		return compareSide{s.formatLabel(), s.Run.Verdict(), folder.RunOf(s.Run), s.Run.Rehearsal}
	}
	return folder.Encode(w, compareJSON{CompareSchema, c.sumUpChange(), append([]string{title}, sentences...), side(c.a), side(c.b), c.arms})
}

// comparePage is what the template of compare.html reads.
type comparePage struct {
	Title   string
	Verdict promise.Verdict // of the change from A to B
	Mark    string
	Said    []string
	CSS     template.CSS
	Sides   []side
	Bars    []barsView
	Changed render.Table
	Tables  []render.Table
}

// side is one of the two runs.
type side struct {
	Letter, Title string
	Verdict       promise.Verdict
	Mark, Command string
	Facts         []page.Pair
}

// barsView sets a drill's times in A and B beside each other.
type barsView struct {
	Name string
	Rows []barView
}

type barView struct {
	What, Letter, Text string
	Tone               render.Tone
	Share              float64 // percent of the longest time on the page
}

// HTML writes compare.html: one file that fetches nothing and runs no script.
func (c Comparison) HTML(w io.Writer) error {
	css, err := page.ReadAssets("page.css", "compare.css")
	if err != nil {
		return fmt.Errorf("cannot write the comparison: %w", err)
	}
	p := comparePage{CSS: template.CSS(css), Bars: c.buildBars(), Changed: c.buildChangedTable(), Tables: []render.Table{c.buildLossesTable(true), c.buildDrillsTable(true), c.buildStandings()}}
	p.Title, p.Said = c.describeHeadline()
	p.Verdict, p.Mark = c.Verdict(), report.MarkOf(c.Verdict())
	for letter, x := range map[string]Side{"A": c.a, "B": c.b} {
		title, _ := render.Headline(x.Run)
		p.Sides = append(p.Sides, side{letter, title, x.Run.Verdict(), report.MarkOf(x.Run.Verdict()), x.Run.Run.Command, append(x.listFacts(), page.Counts(x.Run)[1:]...)})
	}
	slices.SortFunc(p.Sides, func(a, b side) int { return strings.Compare(a.Letter, b.Letter) })
	t, err := template.ParseFS(page.Assets, "assets/compare.html", "assets/table.html")
	if err == nil {
		err = t.Execute(w, p)
	}
	if err != nil {
		return fmt.Errorf("cannot write the comparison: %w", err)
	}
	return nil
}

// buildBars returns the median times of each arm in which any is known in both runs.
func (c Comparison) buildBars() []barsView {
	var out []barsView
	var most time.Duration
	median := func(all []time.Duration) time.Duration {
		if s := report.SpreadOf(slices.Clone(all)); s != nil {
			return s.Median
		}
		return 0
	}
	for _, d := range c.arms {
		for _, x := range [][]time.Duration{d.A.detect, d.A.recover, d.B.detect, d.B.recover} {
			most = max(most, median(x))
		}
	}
	for _, d := range c.arms {
		v := barsView{Name: d.formatName()}
		for _, of := range []struct {
			what string
			a, b []time.Duration
		}{{"detect", d.A.detect, d.B.detect}, {"recover", d.A.recover, d.B.recover}} {
			a, b := median(of.a), median(of.b)
			if a == 0 || b == 0 {
				continue
			}
			v.Rows = append(v.Rows,
				barView{of.what, "A", render.FormatDuration(a), render.PlainTone, 100 * float64(a) / float64(most)},
				barView{"", "B", render.FormatDuration(b), d.chooseTimeTone(of.a, of.b), 100 * float64(b) / float64(most)})
		}
		if len(v.Rows) > 0 {
			out = append(out, v)
		}
	}
	return out
}
