package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// diagnosis is a drill that was to name expected and named these causes.
func diagnosis(scenario, arm, expected string, named ...string) Drill {
	rec := &evidence.Record{Header: evidence.Header{Scenario: scenario, Arm: arm}, Claims: []evidence.Claim{{Type: "ready", Raw: []byte(`{"capabilities":["detect"]}`)}}}
	for _, cause := range named {
		rec.Claims = append(rec.Claims, evidence.Claim{Type: "detected", Cause: cause, ID: -1})
	}
	return Drill{Scenario: scenario, Arm: arm, Record: rec, Verdict: promise.Kept, Rulings: []promise.Ruling{
		{Name: "recovers", Verdict: promise.Kept, Expected: promise.Kept},
		{Name: "diagnoses", Cause: expected, Verdict: promise.Kept, Expected: promise.Kept},
	}}
}

// overlap is a drill that is to show a and b.
func overlap(diagnosed ...string) Drill {
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
		drills                             []Drill
		judged, right, wrong, missed, left int
		precision, recall                  string
		off                                []string
	}{
		{"nothing was drilled", nil, 0, 0, 0, 0, 0, "-", "-", nil},
		{"named it", []Drill{diagnosis("s", evidence.ArmEngine, "a", "a")}, 1, 1, 0, 0, 0, "1", "1", nil},
		{"named it twice", []Drill{diagnosis("s", evidence.ArmEngine, "a", "a", "a")}, 1, 1, 0, 0, 0, "1", "1", nil},
		{"silent where nothing is wrong", []Drill{diagnosis("s", evidence.ArmDecoy, promise.NoCause)}, 1, 1, 0, 0, 0, "-", "-", nil},
		{"named something else", []Drill{diagnosis("s", evidence.ArmEngine, "a", "b")}, 1, 0, 1, 1, 0, "0", "0",
			[]string{"s engine: expected a, diagnosed b"}},
		{"named it and something else", []Drill{diagnosis("s", evidence.ArmEngine, "a", "a", "b")}, 1, 0, 1, 0, 0, "0.5", "1",
			[]string{"s engine: expected a, diagnosed b"}},
		{"named nothing", []Drill{diagnosis("s", evidence.ArmEngine, "a")}, 1, 0, 0, 1, 0, "-", "0",
			[]string{"s engine: expected a, diagnosed nothing"}},
		{"named both of two", []Drill{overlap("a", "b")}, 1, 1, 0, 0, 0, "1", "1", nil},
		{"named the second of two", []Drill{overlap("b")}, 1, 0, 0, 1, 0, "1", "0.5", []string{"s engine: expected a, diagnosed nothing"}},
		{"named one of two, and another", []Drill{overlap("a", "c")}, 1, 0, 1, 1, 0, "0.5", "0.5",
			[]string{"s engine: expected a, diagnosed c", "s engine: expected b, diagnosed nothing"}},
		{"cried wolf", []Drill{diagnosis("s", evidence.ArmHealthy, promise.NoCause, "a"), diagnosis("s", evidence.ArmEngine, "a", "a")},
			2, 1, 1, 0, 0, "0.5", "1", []string{"s healthy: expected nothing, diagnosed a"}},
		{"no engine in a control arm", []Drill{diagnosis("s", evidence.ArmControl, "a")}, 0, 0, 0, 0, 0, "-", "-", nil},
		{"what proves nothing is left out", []Drill{unsure, mute, {Scenario: "s", Arm: evidence.ArmEngine}}, 0, 0, 0, 0, 2, "-", "-", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Report{Drills: c.drills}
			got, doc := confusionOf(DigestOf(r)), diagnosesOf(DigestOf(r))
			if got.judged != c.judged || got.right != c.right || got.wrong != c.wrong || got.missed != c.missed || doc.LeftOut != c.left {
				t.Errorf("judged %d, right %d, wrong %d, missed %d, left out %d; want %d, %d, %d, %d, %d",
					got.judged, got.right, got.wrong, got.missed, doc.LeftOut, c.judged, c.right, c.wrong, c.missed, c.left)
			}
			if p, q := share2text(got.precision()), share2text(got.recall()); p != c.precision || q != c.recall {
				t.Errorf("precision %s, recall %s; want %s, %s", p, q, c.precision, c.recall)
			}
			if !slices.Equal(got.mistakes(), c.off) {
				t.Errorf("mistakes %q, want %q", got.mistakes(), c.off)
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
	right := []Drill{diagnosis("s", evidence.ArmEngine, "a", "a"), diagnosis("s", evidence.ArmDecoy, promise.NoCause)}
	for name, c := range map[string]struct {
		drills     []Drill
		says, bold string
	}{
		"right": {right, "2 of 2 diagnoses right, none wrong, none missed (precision 100 %, recall 100 %).", ""},
		"wrong": {append(slices.Clone(right), diagnosis("t", evidence.ArmDecoy, "b", "a")),
			"2 of 3 diagnoses right, 1 wrong, 1 missed (precision 50 %, recall 50 %).", "**✗ 1**"},
	} {
		var text strings.Builder
		m := confusionOf(DigestOf(Report{Drills: c.drills}))
		m.text(&text, paint{})
		md := Markdown(DigestOf(Report{Drills: c.drills}))
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
		if got := percent(x); got != want {
			t.Errorf("%v is %s, want %s", x, got, want)
		}
	}
}
