package compare

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
	"github.com/pm2drill/pm2drill/harness/report/page"
	"github.com/pm2drill/pm2drill/harness/report/render"
	"github.com/pm2drill/pm2drill/harness/report/reporttest"
)

// compared compares two runs, or ends the test.
func compared(t *testing.T, a, b report.Report) Comparison {
	t.Helper()
	c, err := Compare(Side{"before", report.DigestOf(a)}, Side{"after", report.DigestOf(b)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// everyForm is what a comparison writes.
func everyForm(t *testing.T, c Comparison) map[string]string {
	t.Helper()
	var text, markdown, page, raw bytes.Buffer
	for _, err := range []error{c.Text(&text, false), c.Markdown(&markdown), c.HTML(&page), c.JSON(&raw)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{"text": text.String(), "markdown": markdown.String(), "page": page.String(), "JSON": raw.String()}
}

func TestCompareWithItself(t *testing.T) {
	c := compared(t, reporttest.KeptSample(), reporttest.KeptSample())
	if c.sumUpChange() != same || c.Verdict() != promise.Kept {
		t.Errorf("a run is %s than itself", c.sumUpChange())
	}
	if _, err := Compare(Side{"a", report.DigestOf(reporttest.KeptSample())}, Side{"b", report.DigestOf(report.Report{})}); err == nil {
		t.Error("a run is compared with an empty one")
	}
}

// TestCompareRulings: a promise that was kept and is broken makes a run worse.
func TestCompareRulings(t *testing.T) {
	a, b := reporttest.KeptSample(), reporttest.KeptSample()
	bad := &b.Drills[2]
	bad.Verdict, bad.Recover = promise.Broken, 3*bad.Recover
	bad.Rulings[0].Verdict, bad.Rulings[0].Because = promise.Broken, "2 of 4 workers <b>serve</b>"
	c := compared(t, a, b)
	if c.Verdict() != promise.Broken {
		t.Errorf("what was broken is %s", c.sumUpChange())
	}
	if back := compared(t, b, a); back.sumUpChange() != better {
		t.Errorf("what is whole again is %s", back.sumUpChange())
	}
	page := everyForm(t, c)["page"]
	for _, want := range []string{"B is worse", "1 promise is ruled differently", "2 of 4 workers &lt;b&gt;serve", bad.Rulings[0].Promise, render.FormatKnown(bad.Recover), "✗ broken"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "://") {
		t.Error("the page runs a script or names an address")
	}
}

// reload is a rehearsed reload that lost so many of 1,200 short requests and of 600 long
// ones, attributed to cause, and was over after so long.
func reload(short, long int, cause string, took time.Duration) report.Drill {
	rec := &evidence.Record{Header: evidence.Header{Scenario: "reload", Arm: evidence.ArmRehearsal, Workers: 4}}
	d := report.Drill{Scenario: "reload", Arm: evidence.ArmRehearsal, Record: rec, Verdict: promise.Broken, Recover: took,
		Rulings: []promise.Ruling{{Name: "drops-nothing", Promise: "not one request is dropped", Verdict: promise.Broken, Because: "some were lost"}}}
	for _, l := range []struct {
		name       string
		owed, lost int
	}{{evidence.LaneShort, 1200, short}, {evidence.LaneLong, 600, long}} {
		rec.Tallies = append(rec.Tallies, evidence.Tally{Lane: l.name, Owed: l.owed, Counts: map[evidence.Class]int{evidence.Answered: l.owed - l.lost, evidence.Reset: l.lost}})
		for range l.lost {
			d.Losses = append(d.Losses, promise.Loss{Request: evidence.Request{Lane: l.name}, Cause: cause})
		}
	}
	return d
}

func runOfReloads(drills ...report.Drill) report.Report {
	return report.Report{Run: reporttest.SampleRun(), Drills: drills}
}

// TestCompareLosses: two reloads that are both broken differ by what they lost, whoever
// cost it. A faster one that kills more requests is never good.
func TestCompareLosses(t *testing.T) {
	a := runOfReloads(reload(20, 0, promise.ByPM2, 8*time.Second))
	b := runOfReloads(reload(60, 13, promise.ByPM2, 2*time.Second))
	a.Rehearsal, b.Rehearsal = reporttest.RehearsedSample().Rehearsal, reporttest.RehearsedSample().Rehearsal
	b.Rehearsal.File, b.Rehearsal.Settings = "other/ecosystem.config.js", []report.Setting{{Key: "kill_timeout", Value: "200"}}
	c := compared(t, a, b)
	if c.Verdict() != promise.Broken {
		t.Errorf("a reload that loses 73 instead of 20 is %s", c.sumUpChange())
	}
	for form, shown := range everyForm(t, c) {
		for _, want := range []string{"before", "after", "kill_timeout", "1600", "200", "other/ecosystem.config.js", "long", "73", "13"} {
			if form == "markdown" {
				want = strings.ReplaceAll(want, "_", `\_`)
			}
			if !strings.Contains(shown, want) {
				t.Errorf("%s does not say %q", form, want)
			}
		}
		if form != "JSON" && !strings.Contains(shown, "pm2 13") {
			t.Errorf("%s does not say who cost the requests", form)
		}
	}
	for _, tab := range c.buildTables(true) {
		for _, row := range tab.Rows {
			for _, x := range row {
				if x.Tone == render.GoodTone {
					t.Errorf("%s: %q is green", tab.Title, x.Text)
				}
			}
		}
	}
}

// TestComparisonsAreRuled: by how much, how often and by whom requests were lost.
func TestComparisonsAreRuled(t *testing.T) {
	repeat := func(lost ...int) report.Report {
		var drills []report.Drill
		for _, n := range lost {
			drills = append(drills, reload(n, 0, promise.ByFault, time.Second))
		}
		return runOfReloads(drills...)
	}
	once := func(short, long int, cause string) report.Report {
		return runOfReloads(reload(short, long, cause, time.Second))
	}
	for _, c := range []struct {
		name string
		a, b report.Report
		want change
	}{
		{"fewer", once(73, 0, promise.ByApp), once(20, 0, promise.ByApp), better},
		{"as many", once(20, 0, promise.ByApp), once(20, 0, promise.ByApp), same},
		{"two more", once(0, 0, promise.ByApp), once(2, 0, promise.ByApp), chance},
		{"in one lane, and fewer in another", once(60, 0, promise.ByPM2), once(20, 40, promise.ByPM2), worse},
		{"by nobody known", once(0, 0, promise.ByUnknown), once(40, 0, promise.ByUnknown), worse},
		{"by the fault, once each", once(20, 0, promise.ByFault), once(300, 0, promise.ByFault), unclear},
		{"by the fault, every time", repeat(20, 22, 25, 21, 20), repeat(120, 125, 119, 130, 121), worse},
		{"by the fault, now and then", repeat(20, 200, 25, 21, 20), repeat(20, 22, 300, 280, 10), chance},
	} {
		if got := compared(t, c.a, c.b).sumUpChange(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestRepeatedRulings: of repeated arms the rates are compared, not the worst run.
func TestRepeatedRulings(t *testing.T) {
	sum := func(good, of int) report.ArmSummary {
		v := promise.Kept
		if good < of {
			v = promise.Broken
		}
		return report.ArmSummary{Runs: of, Judged: of, AsTheyMust: good, Verdict: v}
	}
	for _, c := range []struct {
		a, b report.ArmSummary
		want change
	}{
		{sum(5, 5), sum(5, 5), same},
		{sum(5, 5), sum(4, 5), unclear}, // may be chance, and is not good news
		{sum(5, 5), sum(0, 5), worse},
		{sum(20, 20), sum(12, 20), worse},
		{sum(4, 5), sum(5, 5), chance},
		{sum(0, 5), sum(5, 5), better},
		{sum(5, 5), report.ArmSummary{Runs: 5, Verdict: promise.Inconclusive}, unclear},
		{sum(1, 1), sum(0, 1), worse}, // a promise that was kept is broken
	} {
		if got := compareRulings(c.a, c.b); got != c.want {
			t.Errorf("%d of %d, then %d of %d: %s, want %s", c.a.AsTheyMust, c.a.Runs, c.b.AsTheyMust, c.b.Runs, got, c.want)
		}
	}
}

// TestTimesAreRuled: a time stands out where runs lie apart, never of two single runs, and
// not as good where more was lost.
func TestTimesAreRuled(t *testing.T) {
	of := func(lost int, seconds ...int) []report.Drill {
		var out []report.Drill
		for _, s := range seconds {
			out = append(out, reload(lost, 0, promise.ByPM2, time.Duration(s)*time.Second))
		}
		return out
	}
	for _, c := range []struct {
		name string
		a, b []report.Drill
		want render.Tone
	}{
		{"once each", of(0, 60), of(0, 1), render.PlainTone},
		{"apart, faster", of(0, 8, 9, 10, 11), of(0, 1, 2, 3, 4), render.GoodTone},
		{"apart, faster, and more was lost", of(0, 8, 9, 10, 11), of(1, 1, 2, 3, 4), render.PlainTone},
		{"apart, slower", of(1, 1, 2, 3, 4), of(0, 8, 9, 10, 11), render.BadTone},
		{"overlapping", of(0, 1, 2, 3, 9), of(0, 8, 9, 10, 11), render.PlainTone},
	} {
		d := compared(t, runOfReloads(c.a...), runOfReloads(c.b...)).arms[0]
		if got := d.chooseTimeTone(d.A.recover, d.B.recover); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCompareDocumented holds COMPARE.md to what the JSON of a comparison contains.
func TestCompareDocumented(t *testing.T) {
	a, b := reporttest.KeptSample(), reporttest.KeptSample()
	a.Rehearsal = reporttest.RehearsedSample().Rehearsal
	var raw bytes.Buffer
	if err := compared(t, a, b).JSON(&raw); err != nil {
		t.Fatal(err)
	}
	reporttest.Documented(t, raw, CompareSchema, "COMPARE.md", "SCHEMA.md")
}

// writePage writes the page of a run.
func writePage(r report.Report) func(io.Writer) error {
	return func(w io.Writer) error { return page.HTML(w, report.DigestOf(r)) }
}
