package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rate"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// standing is an engine's line. A drill that proves nothing, or of which all was
// skipped, counts neither for an engine nor against it.
type standing struct {
	name               string
	healed, incidents  int // engine arms as they must be, of those judged
	left, bystanders   int // healthy and decoy arms likewise
	kept, broken, lost int // promises; lost are those that were skipped or are inconclusive
	recover            []time.Duration
	drops, actions     int // the engine's, in every arm that it runs in
	avoidable          int // requests that an engine could have saved, in every arm that it runs in
	words              report.EngineWords
	place              rate.Place // by the rate of arms as they must be
}

// sum returns how many arms with the engine in them were as they must be, and of how many.
func (s standing) sum() (good, judged int) { return s.healed + s.left, s.incidents + s.bystanders }

// within returns the interval of the rate of arms as they must be: anywhere if none was judged.
func (s standing) within() rate.Interval {
	good, judged := s.sum()
	if judged == 0 {
		return rate.Interval{Low: 0, High: 1}
	}
	return rate.Wilson(good, judged)
}

// formatPlace returns the place, or from which to which it may be.
func (s standing) formatPlace() string {
	if s.place.Best == s.place.Worst {
		return fmt.Sprint(s.place.Best)
	}
	return fmt.Sprintf("%d–%d", s.place.Best, s.place.Worst)
}

// League is a Markdown table that compares engines drilled in the same arms on the
// same versions, the best first: by arms that are as they must be, then by the
// fewest requests that the engine itself dropped. Runs that differ in what was
// drilled, or on what, are an error: there is no comparing them.
func League(all []Side) (string, error) {
	if err := checkAlike(all); err != nil {
		return "", err
	}
	var b strings.Builder
	buildStandings(all).Grid(&b)
	r := all[0].Run
	fmt.Fprintf(&b, "\n%s, on PM2 %s and Node %s", render.FormatNumber(len(r.Drills))+render.Plural(len(r.Drills), " drill of each", " drills of each"), r.Run.Versions.PM2, r.Run.Versions.Node)
	if r.Run.Host.Cores > 0 {
		fmt.Fprintf(&b, ", %s", render.FormatCount(r.Run.Host.Cores, "core"))
	}
	b.WriteString(". " + placesNote + " An incident is healed if no promise of it is broken. Unproven: skipped, for the engine does not declare that it can, or inconclusive.\n")
	return b.String(), nil
}

// placesNote says what a place means.
const placesNote = "Engines share places where the 95 % intervals of their rates of arms as they must be overlap (Wilson)."

// rank gives each line its place.
func rank(lines []standing) {
	all := make([]rate.Interval, len(lines))
	for i, s := range lines {
		all[i] = s.within()
	}
	for i, p := range rate.Places(all) {
		lines[i].place = p
	}
}

// buildStandings returns a table with a line per engine, those with the most arms as they must
// be first.
func buildStandings(all []Side) render.Table {
	lines := make([]standing, len(all))
	for i, c := range all {
		lines[i] = buildStanding(c)
	}
	slices.SortStableFunc(lines, func(a, b standing) int {
		good, _ := a.sum()
		better, _ := b.sum()
		return cmp.Or(better-good, a.drops-b.drops, a.avoidable-b.avoidable)
	})
	rank(lines)
	t := render.Table{Columns: []render.Column{{Name: "engine", Left: true}}}
	for _, name := range []string{"place", "as it must (95 %)", "incidents healed", "left alone what was well", "promises kept / broken / unproven", "recovers in (median)", "dropped by the engine", "avoidable drops", "facts grounded", "actions"} {
		t.Columns = append(t.Columns, render.Column{Name: name})
	}
	for _, s := range lines {
		of := func(n, all int) render.Cell { return render.TextCell(fmt.Sprintf("%d of %d", n, all)) }
		t.Rows = append(t.Rows, []render.Cell{render.TextCell(s.name), render.TextCell(s.formatPlace()), render.TextCell(render.FormatRange(s.within())), of(s.healed, s.incidents), of(s.left, s.bystanders),
			render.TextCell(render.FormatNumber(s.kept) + " / " + render.FormatNumber(s.broken) + " / " + render.FormatNumber(s.lost)), render.TextCell(s.formatRecovery()), render.TextCell(render.FormatNumber(s.drops)), render.TextCell(render.FormatNumber(s.avoidable)),
			of(s.words.Grounded, s.words.Cited), render.TextCell(render.FormatNumber(s.actions))})
	}
	return t
}

func buildStanding(c Side) standing {
	s := standing{name: c.formatLabel()}
	if v := report.EngineOf(c.Run, report.GateEngine{}).Version; v != "" {
		s.name += " " + v
	}
	for _, d := range c.Run.Drills {
		if d.Record == nil || d.Record.Unaided() {
			continue
		}
		s.enter(d)
	}
	s.avoidable, s.words = report.Total(report.AvoidableOf(c.Run.Drills)), report.WordsOf(c.Run.Drills)
	return s
}

// enter adds a drill with the engine in it.
func (s *standing) enter(d report.DrillDigest) {
	for _, x := range d.Rulings {
		switch o := report.OutcomeOf(x); {
		case o.Met():
			s.kept++
		case o == report.OutcomeBroken || o == report.OutcomeSpared:
			s.broken++
		default:
			s.lost++
		}
	}
	f := d.Figures
	s.drops += f.Causes[promise.ByEngine]
	s.actions += f.Actions
	good, judged := d.AsItMust(), d.AsItMust() || d.Verdict == promise.Broken
	if d.Arm != evidence.ArmEngine {
		s.left, s.bystanders = s.left+countOne(good), s.bystanders+countOne(judged)
		return
	}
	s.healed, s.incidents = s.healed+countOne(good), s.incidents+countOne(judged)
	if d.Recover > 0 {
		s.recover = append(s.recover, d.Recover)
	}
}

// formatRecovery returns the median time to recover, and over how many incidents; "never"
// if nothing recovered.
func (s standing) formatRecovery() string {
	span := report.SpreadOf(s.recover)
	if span == nil {
		return "never"
	}
	return fmt.Sprintf("%s (%d)", render.FormatInSeconds(span.Median), len(s.recover))
}

// checkAlike returns an error unless every run drilled the same arms on the same
// versions.
func checkAlike(all []Side) error {
	for _, c := range all[1:] {
		a, b := all[0].Run, c.Run
		if x, y := a.Keys(" "), b.Keys(" "); !slices.Equal(x, y) {
			return fmt.Errorf("cannot compare %s with %s: the arms that were drilled differ (%d and %d of them): drill both with the same names and --arms",
				all[0].Name, c.Name, len(x), len(y))
		}
		if x, y := a.Run.Versions, b.Run.Versions; x.PM2 != y.PM2 || x.Node != y.Node {
			return fmt.Errorf("cannot compare %s with %s: one was drilled on PM2 %s and Node %s, the other on PM2 %s and Node %s",
				all[0].Name, c.Name, x.PM2, x.Node, y.PM2, y.Node)
		}
	}
	return nil
}
