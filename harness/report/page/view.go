package page

import (
	"fmt"
	"html/template"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

// drillView is one drill as the templates read it.
type drillView struct {
	Key, Scenario, Story, Arm, Meaning string
	Labels                             []string
	Verdict                            promise.Verdict
	Mark                               string
	Word                               string // the verdict as a reader should take it in this arm
	Open                               bool
	Rulings                            []rulingView
	Ledgers                            []ledgerView // per lane of the page, for the summary
	Cells                              []laneView   // per lane of the drill, with every class
	Classes                            []evidence.Class
	Figures                            []Pair
	Detect, Recover, Actions, Serving  string
	Blame                              string // who cost the losses, "" when there are none
	Phases                             []phaseView
	Claims                             []claimView
	Alerts                             []alertView
	Spoke, Heard, Lost                 string // counts of engine lines, PM2's events and losses, "" for none
	HasRecord                          bool
	Data                               template.HTML // its timeline, packed
	Asked                              bool          // the drill asked for work instead of doing harm
	Command                            string
	Differs                            []evidence.Choice // in what its app is not the catalogue's
	Evidence                           string
}

type rulingView struct {
	Name, Promise, Because, Mark string
	Outcome                      report.Outcome
	Met, Unsure                  bool
	Control                      bool   // it had to break
	At                           int64  // first moment worth opening, in ms
	When                         string // the same for people, "" when there is none
}

type ledgerView struct {
	Text string
	Lost bool
}

type laneView struct {
	Name, Owed, Answered, Dropped, Lag string
	Noise                              bool
	Lost                               bool
	Counts                             []ledgerView
}

type phaseView struct {
	Name, Took string
	Share      float64 // percent of the drill
}

type claimView struct {
	At         int64
	When, Type string
	Text       string
	Evidence   []report.Fact
	RuledOut   []report.Ruled
}

type alertView struct {
	At         int64
	When       string
	Body       alertBody
	Confidence string
	Pretty     string
	Recognised bool
}

func buildView(d report.DrillDigest, lanes []string) drillView {
	f := d.Figures
	v := drillView{
		Key: d.Key, Scenario: d.Scenario, Story: d.Story, Arm: d.Arm, Meaning: report.Meaning(d.Arm), Labels: d.Labels,
		Verdict: d.Verdict, Mark: report.MarkOf(d.Verdict), Word: formatVerdict(d), Command: d.Command,
		Detect: render.FormatKnown(d.Detect), Recover: render.FormatKnown(d.Recover), Actions: render.FormatNumber(f.Actions), Serving: render.FormatServing(f),
		HasRecord: d.Record != nil, Differs: d.Varied,
	}
	for _, x := range d.Rulings {
		v.Rulings = append(v.Rulings, buildRuling(x, d.Start()))
	}
	for _, name := range lanes {
		l, _ := f.Lane(name)
		v.Ledgers = append(v.Ledgers, ledgerView{render.FormatLedger(f, name), l.Dropped > 0})
	}
	v.Phases = listPhases(d)
	if len(d.Losses) > 0 {
		v.Lost, v.Blame = render.FormatCount(len(d.Losses), "request"), render.Blame(f.Causes)
	}
	if d.Record != nil {
		v.Evidence, v.Asked = report.EvidencePath(d.Key), d.Record.Asked()
		v.Spoke = render.FormatCount(len(d.Record.Claims), "line")
		if n := len(d.Record.Events); n > 0 {
			v.Heard = render.FormatCount(n, "event")
		}
		v.Classes, v.Cells = buildLedger(f)
		v.Claims, v.Alerts = listClaims(d.Record), listAlerts(d.Record)
		v.Figures = listFigures(d, f)
	}
	return v
}

// formatVerdict says how a drill went: the pass of a control arm or a false claim is a
// break.
func formatVerdict(d report.DrillDigest) string {
	turned := slices.ContainsFunc(d.Rulings, func(x promise.Ruling) bool { return x.Expected == promise.Broken })
	if d.Verdict == promise.Kept && turned {
		return string(report.OutcomeExpected)
	}
	return string(d.Verdict)
}

func buildRuling(x promise.Ruling, start time.Duration) rulingView {
	o := report.OutcomeOf(x)
	v := rulingView{
		Name: x.Name, Promise: x.Promise, Because: x.Because, Mark: o.Mark(), Outcome: o, Met: o.Met(), Unsure: o == report.OutcomeUnknown || o == report.OutcomeSkipped,
		Control: x.Expected == promise.Broken,
	}
	if len(x.At) > 0 {
		v.At = zero(start).computeMillis(x.At[0])
		v.When = formatClock(x.At[0] - start)
	}
	return v
}

// buildLedger returns a drill's lanes by class, without classes that nothing ended in.
func buildLedger(f report.Figures) ([]evidence.Class, []laneView) {
	var classes []evidence.Class
	for _, c := range evidence.Classes() {
		n := 0
		for _, l := range f.Lanes {
			n += l.Counts[c]
		}
		if c != evidence.Answered && n > 0 {
			classes = append(classes, c)
		}
	}
	var cells []laneView
	for _, l := range f.Lanes {
		row := laneView{
			Name: l.Name, Owed: render.FormatNumber(l.Owed), Answered: render.FormatNumber(l.Counts[evidence.Answered]),
			Dropped: render.FormatNumber(l.Dropped), Lag: render.FormatKnown(l.MaxLag), Noise: l.Name == evidence.LaneNoise, Lost: l.Dropped > 0,
		}
		for _, c := range classes {
			row.Counts = append(row.Counts, ledgerView{render.FormatNumber(l.Counts[c]), l.Counts[c] > 0})
		}
		cells = append(cells, row)
	}
	return classes, cells
}

func listFigures(d report.DrillDigest, f report.Figures) []Pair {
	owed, dropped := f.Totals()
	out := []Pair{{"dropped of " + render.FormatNumber(owed), render.FormatNumber(dropped)}}
	if d.Arm != evidence.ArmHealthy {
		out = append(out, Pair{"to detect", render.FormatKnown(d.Detect)}, Pair{"to recover", render.FormatKnown(d.Recover)})
	}
	return append(out, Pair{render.Plural(f.Actions, "action", "actions"), render.FormatNumber(f.Actions)},
		Pair{render.Plural(f.Alerts, "alert", "alerts"), render.FormatNumber(f.Alerts)},
		Pair{"fewest serving", render.FormatServing(f)})
}

func listPhases(d report.DrillDigest) []phaseView {
	var sum time.Duration
	for _, p := range d.Phases {
		sum += p.Duration
	}
	out := make([]phaseView, len(d.Phases))
	for i, p := range d.Phases {
		out[i] = phaseView{Name: p.Name, Took: render.FormatDuration(p.Duration)}
		if sum > 0 {
			out[i].Share = float64(int(1000*p.Duration/sum)) / 10
		}
	}
	return out
}

func listClaims(r *evidence.Record) []claimView {
	out := make([]claimView, len(r.Claims))
	for i, c := range r.Claims {
		v := claimView{
			At: zero(r.Header.Start).computeMillis(c.At), When: formatClock(c.At - r.Header.Start), Type: c.Type, Text: describeClaim(c),
		}
		v.Evidence, v.RuledOut = listClaimFacts(c)
		out[i] = v
	}
	return out
}

func listAlerts(r *evidence.Record) []alertView {
	out := make([]alertView, len(r.Alerts))
	for i, a := range r.Alerts {
		body := readAlert(a.Body)
		v := alertView{
			At: zero(r.Header.Start).computeMillis(a.At), When: formatClock(a.At - r.Header.Start),
			Body: body, Pretty: indentJSON(a.Body), Recognised: body.Status != "",
		}
		if body.Confidence > 0 {
			v.Confidence = fmt.Sprintf("%.0f %%", 100*body.Confidence)
		}
		out[i] = v
	}
	return out
}
