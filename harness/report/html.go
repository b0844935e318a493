package report

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
)

//go:embed assets
var assets embed.FS

// page is what the templates read.
type page struct {
	Policy    string // Content-Security-Policy: nothing but this page's own script runs, nothing is fetched
	CSS       template.CSS
	Script    template.JS
	Data      template.JS
	Run       Run
	Verdict   promise.Verdict
	Mark      string
	Title     string
	Sentences []string
	First     *moment // what to look at first, nil if nothing of note is on record
	Counts    []pair
	Facts     []pair
	Tables    []table
	Lanes     []string
	Scenarios []scenarioView
	Drills    []drillView
	Sayings   []saying // claims of the source document
	Legend    []pair   // what the arms, and the acts of a rehearsal, are
	Patch     *pair    // of a rehearsal: how to apply it, and the patch; nil for none

	ClaimsTitle string
}

type pair struct{ Name, Value string }

// scenarioView is a scenario's rows of the summary table.
type scenarioView struct {
	Name string
	Rows []drillView
}

// HTML writes report.html: one file that fetches nothing, for a browser with or
// without scripts. Text from apps, engines and logs is only ever shown as text:
// html/template escapes it in the markup, encoding/json in the data, and the
// page's policy runs no script but its own.
func HTML(w io.Writer, r Report) error {
	p, err := pageOf(r)
	if err != nil {
		return fmt.Errorf("cannot write report.html: %w", err)
	}
	t, err := template.ParseFS(assets, "assets/page.html", "assets/table.html", "assets/drill.html", "assets/claims.html")
	if err == nil {
		err = t.Execute(w, p)
	}
	if err != nil {
		return fmt.Errorf("cannot write report.html: %w", err)
	}
	return nil
}

// read joins embedded files.
func read(names ...string) (string, error) {
	var b strings.Builder
	for _, name := range names {
		text, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return "", err
		}
		b.Write(text)
	}
	return b.String(), nil
}

func pageOf(r Report) (page, error) {
	data, err := sharedData()
	if err != nil {
		return page{}, err
	}
	css, err := read("page.css", "plot.css")
	if err != nil {
		return page{}, err
	}
	script, err := read("plot.js", "elements.js", "draw.js", "lanes.js", "tables.js", "page.js")
	if err != nil {
		return page{}, err
	}
	script = "(function () {\n\"use strict\";\n" + script + "})();\n"
	sum := sha256.Sum256([]byte(script))
	p := page{
		Policy: "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-" +
			base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		CSS: template.CSS(css), Script: template.JS(script), Data: template.JS(data),
		Run: r.Run, Verdict: r.Verdict(), Mark: markOf(r.Verdict()), Facts: facts(r), Counts: counts(r),
		Tables: tables(r), Lanes: r.laneSet(),
	}
	p.Title, p.Sentences = headline(r)
	p.First = firstLook(r)
	p.Sayings, p.ClaimsTitle, p.Legend = sayings(r), claimsTitle(r), legendOf(r)
	if x := r.Rehearsal; x != nil && x.Patch != "" {
		p.Patch = &pair{x.patchHint(), x.Patch}
	}
	for i, key := range r.keys("-") {
		v := viewOf(r.Drills[i], key, p.Lanes)
		if v.HasRecord {
			text, err := packed(r.Drills[i], key)
			if err != nil {
				return page{}, err
			}
			v.Data = template.HTML(text) // base64 has nothing to escape
		}
		v.Open = r.Drills[i].Verdict != promise.Kept || v.Arm == "engine" || len(r.Drills) <= 4
		p.Drills = append(p.Drills, v)
		if n := len(p.Scenarios); n == 0 || p.Scenarios[n-1].Name != v.Scenario {
			p.Scenarios = append(p.Scenarios, scenarioView{Name: v.Scenario})
		}
		s := &p.Scenarios[len(p.Scenarios)-1]
		s.Rows = append(s.Rows, v)
	}
	return p, nil
}

// legendOf explains each arm of the report once, and each act of a rehearsal.
func legendOf(r Report) []pair {
	var out []pair
	for _, arm := range append(evidence.Arms(), evidence.ArmRehearsal) {
		if slices.ContainsFunc(r.Drills, func(d Drill) bool { return d.Arm == arm }) {
			out = append(out, pair{arm, legendText(arm)})
		}
	}
	for _, d := range r.Drills {
		act := pair{d.Scenario, d.Story}
		if r.Rehearsal != nil && !slices.Contains(out, act) {
			out = append(out, act)
		}
	}
	return out
}

// legendText is meaning as sentences.
func legendText(arm string) string {
	text := strings.Replace(meaning(arm), ": ", ". ", 1)
	head, rest, _ := strings.Cut(text, ". ")
	return capital(head) + ". " + capital(rest) + "."
}

// capital is a sentence with its first letter in upper case.
func capital(s string) string {
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

// firstLook is what a reader wants to see first: of a run in which something failed, the
// first failure, or the loss that it is about; of any other the first loss.
func firstLook(r Report) *moment {
	keys := r.keys("-")
	for i, d := range r.Drills {
		for _, x := range d.Rulings {
			if d.Record == nil || d.Verdict != promise.Broken || outcomeOf(x) != asBroken || len(x.At) == 0 {
				continue
			}
			if len(d.Losses) > 0 && slices.Contains([]part{partSpare, partHeal}, partOf(x.Name)) {
				return firstLoss(r)
			}
			return &moment{keys[i], d.Scenario + " " + d.Arm, zero(d.start()).ms(x.At[0]), clock(x.At[0] - d.start()), "first failure, " + x.Name}
		}
	}
	return firstLoss(r)
}

// firstLoss is the first lost request of the drill that is to be looked at first: one
// that is not as it must be before one that is, an engine's before any other.
func firstLoss(r Report) *moment {
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
	return &moment{r.keys("-")[best], d.Scenario + " " + d.Arm, zero(d.start()).ms(due), clock(due - d.start()), "first loss"}
}

// facts is what was run on what.
func facts(r Report) []pair {
	var out []pair
	add := func(name, value string) {
		if value != "" && value != "0" {
			out = append(out, pair{name, value})
		}
	}
	add("PM2", r.Run.Versions.PM2)
	add("Node", r.Run.Versions.Node)
	add("Engine", r.Run.Versions.Engine)
	if name := ownName(r); !strings.Contains(r.Run.Versions.Engine, name) {
		add("It calls itself", name)
	}
	add("pm2drill", r.Run.Versions.PM2Drill)
	add("Started", r.Run.Started.Format("2006-01-02 15:04:05 MST"))
	add("Took", orDash(r.Run.Duration))
	add("Seed", fmt.Sprint(r.Run.Seed))
	add("Cores", fmt.Sprint(r.Run.Host.Cores))
	add("Kernel", r.Run.Host.Kernel)
	add("Docker", r.Run.Host.Docker)
	add("Run", r.Run.ID)
	return out
}

// counts are the run's figures in a row.
func counts(r Report) []pair {
	s, owed, dropped := summaryOf(r), 0, 0
	for _, d := range r.Drills {
		o, n := figuresOf(d).totals()
		owed, dropped = owed+o, dropped+n
	}
	out := []pair{{pick(len(r.Drills), "drill", "drills"), number(len(r.Drills))}, {"kept", number(s.Kept)}}
	for _, c := range []struct {
		name string
		n    int
	}{{string(asExpected), s.BrokeAsExpected}, {"not as it should be", s.Broken}, {string(asUnknown), s.Inconclusive}, {string(asSkipped), s.Skipped}} {
		if c.n > 0 {
			out = append(out, pair{c.name, number(c.n)})
		}
	}
	return append(out, pair{"requests owed", number(owed)}, pair{"dropped, in all arms", number(dropped)})
}
