package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"

	"github.com/pm2drill/pm2drill/harness/report"
)

// diagnosis is a drill that was to name expected and named these causes.
func diagnosis(scenario, arm, expected string, named ...string) report.Drill {
	rec := &evidence.Record{Header: evidence.Header{Scenario: scenario, Arm: arm}, Claims: []evidence.Claim{{Type: "ready", Raw: []byte(`{"capabilities":["detect"]}`)}}}
	for _, cause := range named {
		rec.Claims = append(rec.Claims, evidence.Claim{Type: "detected", Cause: cause, ID: -1})
	}
	return report.Drill{Scenario: scenario, Arm: arm, Record: rec, Verdict: promise.Kept, Rulings: []promise.Ruling{
		{Name: "recovers", Verdict: promise.Kept, Expected: promise.Kept},
		{Name: "diagnoses", Cause: expected, Verdict: promise.Kept, Expected: promise.Kept},
	}}
}

// overlap is a drill that is to show a and b.
func overlap(diagnosed ...string) report.Drill {
	d := diagnosis("s", evidence.ArmEngine, "a", diagnosed...)
	d.Rulings = append(d.Rulings, promise.Ruling{Name: "diagnoses", Cause: "b", Verdict: promise.Kept, Expected: promise.Kept})
	return d
}

func TestConfusion(t *testing.T) {
	unsure := diagnosis("s", evidence.ArmHealthy, promise.NoCause)
	unsure.Rulings[1].Verdict = promise.Inconclusive
	mute := diagnosis("s", evidence.ArmEngine, "")
	for _, c := range []struct {
		name                               string
		drills                             []report.Drill
		judged, right, wrong, missed, left int
		precision, recall                  string
		off                                []string
	}{
		{"nothing was drilled", nil, 0, 0, 0, 0, 0, "-", "-", nil},
		{"named it", []report.Drill{diagnosis("s", evidence.ArmEngine, "a", "a")}, 1, 1, 0, 0, 0, "1", "1", nil},
		{"named it twice", []report.Drill{diagnosis("s", evidence.ArmEngine, "a", "a", "a")}, 1, 1, 0, 0, 0, "1", "1", nil},
		{"silent where nothing is wrong", []report.Drill{diagnosis("s", evidence.ArmDecoy, promise.NoCause)}, 1, 1, 0, 0, 0, "-", "-", nil},
		{"named something else", []report.Drill{diagnosis("s", evidence.ArmEngine, "a", "b")}, 1, 0, 1, 1, 0, "0", "0",
			[]string{"s engine: expected a, diagnosed b"}},
		{"named it and something else", []report.Drill{diagnosis("s", evidence.ArmEngine, "a", "a", "b")}, 1, 0, 1, 0, 0, "0.5", "1",
			[]string{"s engine: expected a, diagnosed b"}},
		{"named nothing", []report.Drill{diagnosis("s", evidence.ArmEngine, "a")}, 1, 0, 0, 1, 0, "-", "0",
			[]string{"s engine: expected a, diagnosed nothing"}},
		{"named both of two", []report.Drill{overlap("a", "b")}, 1, 1, 0, 0, 0, "1", "1", nil},
		{"named the second of two", []report.Drill{overlap("b")}, 1, 0, 0, 1, 0, "1", "0.5", []string{"s engine: expected a, diagnosed nothing"}},
		{"named one of two, and another", []report.Drill{overlap("a", "c")}, 1, 0, 1, 1, 0, "0.5", "0.5",
			[]string{"s engine: expected a, diagnosed c", "s engine: expected b, diagnosed nothing"}},
		{"cried wolf", []report.Drill{diagnosis("s", evidence.ArmHealthy, promise.NoCause, "a"), diagnosis("s", evidence.ArmEngine, "a", "a")},
			2, 1, 1, 0, 0, "0.5", "1", []string{"s healthy: expected nothing, diagnosed a"}},
		{"no engine in a control arm", []report.Drill{diagnosis("s", evidence.ArmControl, "a")}, 0, 0, 0, 0, 0, "-", "-", nil},
		{"what proves nothing is left out", []report.Drill{unsure, mute, {Scenario: "s", Arm: evidence.ArmEngine}}, 0, 0, 0, 0, 2, "-", "-", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := report.Report{Drills: c.drills}
			got, doc := report.ConfusionOf(report.DigestOf(r)), report.DiagnosesOf(report.DigestOf(r))
			if got.Judged != c.judged || got.Right != c.right || got.Wrong != c.wrong || got.Missed != c.missed || doc.LeftOut != c.left {
				t.Errorf("judged %d, right %d, wrong %d, missed %d, left out %d; want %d, %d, %d, %d, %d",
					got.Judged, got.Right, got.Wrong, got.Missed, doc.LeftOut, c.judged, c.right, c.wrong, c.missed, c.left)
			}
			if p, q := share2text(got.Precision()), share2text(got.Recall()); p != c.precision || q != c.recall {
				t.Errorf("precision %s, recall %s; want %s, %s", p, q, c.precision, c.recall)
			}
			if !slices.Equal(listMistakes(got), c.off) {
				t.Errorf("mistakes %q, want %q", listMistakes(got), c.off)
			}
		})
	}
}

func share2text(x *float64) string {
	if x == nil {
		return "-"
	}
	return fmt.Sprint(*x)
}

// TestConfusionStandsOut holds every form of the report to its mistakes, and to
// their absence.
func TestConfusionStandsOut(t *testing.T) {
	right := []report.Drill{diagnosis("s", evidence.ArmEngine, "a", "a"), diagnosis("s", evidence.ArmDecoy, promise.NoCause)}
	for name, c := range map[string]struct {
		drills     []report.Drill
		says, bold string
	}{
		"right": {right, "2 of 2 diagnoses right, none wrong, none missed (precision 100 %, recall 100 %).", ""},
		"wrong": {append(slices.Clone(right), diagnosis("t", evidence.ArmDecoy, "b", "a")),
			"2 of 3 diagnoses right, 1 wrong, 1 missed (precision 50 %, recall 50 %).", "**✗ 1**"},
	} {
		var text strings.Builder
		m := report.ConfusionOf(report.DigestOf(report.Report{Drills: c.drills}))
		writeConfusion(m, &text, Paint{})
		md := Markdown(report.DigestOf(report.Report{Drills: c.drills}))
		if !strings.Contains(text.String(), c.says) || !strings.Contains(md, c.says) {
			t.Errorf("%s: neither %q nor the Markdown may lack %q", name, text.String(), c.says)
		}
		if got := strings.Contains(text.String(), "t decoy: expected b, diagnosed a"); got != (c.bold != "") {
			t.Errorf("%s: the mistake's line is there: %v", name, got)
		}
		if c.bold != "" && !strings.Contains(md, c.bold) || c.bold == "" && strings.Contains(md, "**✗ ") {
			t.Errorf("%s: the matrix is wrong:\n%s", name, md)
		}
	}
}

func TestPercentNeverRoundsUpToAll(t *testing.T) {
	for x, want := range map[float64]string{1: "100 %", 0.99999: "99.9 %", 0.5: "50 %", 0: "0 %", 2.0 / 3: "66.7 %"} {
		if got := formatPercent(x); got != want {
			t.Errorf("%v is %s, want %s", x, got, want)
		}
	}
}
