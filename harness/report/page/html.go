// Package page writes report.html: one file that fetches nothing, with a timeline per drill.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/render"
)

//go:embed assets
var Assets embed.FS

// page is what the templates read.
type page struct {
	Policy    string // Content-Security-Policy: nothing but this page's own script runs, nothing is fetched
	CSS       template.CSS
	Script    template.JS
	Data      template.JS
	Run       report.Run
	Verdict   promise.Verdict
	Mark      string
	Title     string
	Sentences []string
	First     *moment // what to look at first, nil if nothing of note is on record
	Counts    []Pair
	Facts     []Pair
	Tables    []render.Table
	Lanes     []string
	Scenarios []scenarioView
	Drills    []drillView
	Sayings   []report.GuideClaim // claims of the source document
	Legend    []Pair              // what the arms, and the acts of a rehearsal, are
	Advices   []render.Advice     // of a rehearsal

	ClaimsTitle string
}

// Pair is a name and what it stands for.
type Pair struct{ Name, Value string }

// scenarioView is a scenario's rows of the summary table.
type scenarioView struct {
	Name string
	Rows []drillView
}

// HTML writes report.html: one file that fetches nothing, for a browser with or
// without scripts. Text from apps, engines and logs is only ever shown as text:
// html/template escapes it in the markup, encoding/json in the data, and the
// page's policy runs no script but its own.
func HTML(w io.Writer, r report.Digest) error {
	p, err := buildPage(r)
	if err != nil {
		return fmt.Errorf("cannot write report.html: %w", err)
	}
	t, err := template.ParseFS(Assets, "assets/page.html", "assets/table.html", "assets/drill.html", "assets/claims.html")
	if err == nil {
		err = t.Execute(w, p)
	}
	if err != nil {
		return fmt.Errorf("cannot write report.html: %w", err)
	}
	return nil
}

// ReadAssets joins embedded files.
func ReadAssets(names ...string) (string, error) {
	var b strings.Builder
	for _, name := range names {
		text, err := Assets.ReadFile("assets/" + name)
		if err != nil {
			return "", err
		}
		b.Write(text)
	}
	return b.String(), nil
}

func buildPage(r report.Digest) (page, error) {
	data, err := encodeShared()
	if err != nil {
		return page{}, err
	}
	css, err := ReadAssets("page.css", "plot.css")
	if err != nil {
		return page{}, err
	}
	script, err := ReadAssets("plot.js", "elements.js", "draw.js", "lanes.js", "tables.js", "page.js")
	if err != nil {
		return page{}, err
	}
	script = "(function () {\n\"use strict\";\n" + script + "})();\n"
	sum := sha256.Sum256([]byte(script))
	p := page{
		Policy: "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
			base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		CSS: template.CSS(css), Script: template.JS(script), Data: template.JS(data),
		Run: r.Run, Verdict: r.Verdict(), Mark: report.MarkOf(r.Verdict()), Facts: Facts(r), Counts: Counts(r),
		Tables: render.Tables(r), Lanes: r.LaneSet(),
	}
	p.Title, p.Sentences = render.Headline(r)
	p.First = findFirstLook(r)
	p.Sayings, p.ClaimsTitle, p.Legend = report.GuideClaims(r), render.ClaimsTitle(r), buildLegend(r)
	p.Advices = render.Advices(r.Rehearsal)
	for _, d := range r.Drills {
		v := buildView(d, p.Lanes)
		if v.HasRecord {
			text, err := packTimeline(d)
			if err != nil {
				return page{}, err
			}
			v.Data = template.HTML(text) // base64 has nothing to escape
		}
		v.Open = d.Verdict != promise.Kept || v.Arm == "engine" || len(r.Drills) <= 4
		p.Drills = append(p.Drills, v)
		if n := len(p.Scenarios); n == 0 || p.Scenarios[n-1].Name != v.Scenario {
			p.Scenarios = append(p.Scenarios, scenarioView{Name: v.Scenario})
		}
		s := &p.Scenarios[len(p.Scenarios)-1]
		s.Rows = append(s.Rows, v)
	}
	return p, nil
}

// buildLegend explains each arm of the report once, and each act of a rehearsal.
func buildLegend(r report.Digest) []Pair {
	var out []Pair
	for _, arm := range append(evidence.Arms(), evidence.ArmRehearsal) {
		if slices.ContainsFunc(r.Drills, func(d report.DrillDigest) bool { return d.Arm == arm }) {
			out = append(out, Pair{arm, describeArm(arm)})
		}
	}
	for _, d := range r.Drills {
		act := Pair{d.Scenario, d.Story}
		if r.Rehearsal != nil && !slices.Contains(out, act) {
			out = append(out, act)
		}
	}
	return out
}

// describeArm returns the meaning of an arm as sentences.
func describeArm(arm string) string {
	text := strings.Replace(report.Meaning(arm), ": ", ". ", 1)
	head, rest, _ := strings.Cut(text, ". ")
	return capitalize(head) + ". " + capitalize(rest) + "."
}

// capitalize returns the sentence with its first letter in upper case.
func capitalize(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// moment is one to look at in a drill's timeline.
type moment struct {
	Key, Name string // of the drill
	At        int64  // milliseconds since its start
	When      string // the same for people
	Label     string // what is there
}

// findFirstLook returns the moment that a reader wants to see first: of a run in which
// something failed, the first failure, or the loss that it is about; of any other the
// first loss.
func findFirstLook(r report.Digest) *moment {
	for _, d := range r.Drills {
		for _, x := range d.Rulings {
			if d.Record == nil || d.Verdict != promise.Broken || report.OutcomeOf(x) != report.OutcomeBroken || len(x.At) == 0 {
				continue
			}
			if len(d.Losses) > 0 && slices.Contains([]report.Part{report.PartSpare, report.PartHeal}, report.PartOf(x.Name)) {
				return findFirstLoss(r)
			}
			return &moment{d.Key, d.Scenario + " " + d.Arm, zero(d.Start()).computeMillis(x.At[0]), formatClock(x.At[0] - d.Start()), "first failure, " + x.Name}
		}
	}
	return findFirstLoss(r)
}

// findFirstLoss returns the first lost request of the drill that is to be looked at
// first: one that is not as it must be before one that is, an engine's before any other.
func findFirstLoss(r report.Digest) *moment {
	best, rank := -1, 0
	for i, d := range r.Drills {
		n := 1
		if d.Arm == evidence.ArmEngine {
			n++
		}
		if d.Verdict == promise.Broken {
			n += 2
		}
		if len(d.Losses) > 0 && d.Record != nil && n > rank {
			best, rank = i, n
		}
	}
	if best < 0 {
		return nil
	}
	d, due := r.Drills[best], r.Drills[best].Losses[0].Request.Due
	return &moment{d.Key, d.Scenario + " " + d.Arm, zero(d.Start()).computeMillis(due), formatClock(due - d.Start()), "first loss"}
}

// Facts is what was run on what.
func Facts(r report.Digest) []Pair {
	var out []Pair
	add := func(name, value string) {
		if value != "" && value != "0" {
			out = append(out, Pair{name, value})
		}
	}
	add("PM2", r.Run.Versions.PM2)
	add("Node", r.Run.Versions.Node)
	add("Engine", r.Run.Versions.Engine)
	if name := report.OwnName(r); !strings.Contains(r.Run.Versions.Engine, name) {
		add("It calls itself", name)
	}
	add("pm2drill", r.Run.Versions.PM2Drill)
	add("Started", r.Run.Started.Format("2006-01-02 15:04:05 MST"))
	add("Took", render.FormatKnown(r.Run.Duration))
	add("Seed", fmt.Sprint(r.Run.Seed))
	add("Cores", fmt.Sprint(r.Run.Host.Cores))
	add("Kernel", r.Run.Host.Kernel)
	add("Docker", r.Run.Host.Docker)
	add("Run", r.Run.ID)
	return out
}

// Counts are the run's figures in a row.
func Counts(r report.Digest) []Pair {
	s, owed, dropped := report.Summarize(r), 0, 0
	for _, d := range r.Drills {
		o, n := d.Figures.Totals()
		owed, dropped = owed+o, dropped+n
	}
	out := []Pair{{render.Plural(len(r.Drills), "drill", "drills"), render.FormatNumber(len(r.Drills))}, {"kept", render.FormatNumber(s.Kept)}}
	for _, c := range []struct {
		name string
		n    int
	}{{string(report.OutcomeExpected), s.BrokeAsExpected}, {"not as it should be", s.Broken}, {string(report.OutcomeUnknown), s.Inconclusive}, {string(report.OutcomeSkipped), s.Skipped}} {
		if c.n > 0 {
			out = append(out, Pair{c.name, render.FormatNumber(c.n)})
		}
	}
	return append(out, Pair{"requests owed", render.FormatNumber(owed)}, Pair{"dropped, in all arms", render.FormatNumber(dropped)})
}
