package report

import (
	"reflect"
	"testing"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// TestArmSum: the worst run speaks for the arm, and a rate is of runs that prove
// something.
func TestArmSum(t *testing.T) {
	ruling := func(v, want promise.Verdict) promise.Ruling {
		return promise.Ruling{Name: "p", Promise: "p", Verdict: v, Expected: want, Because: string(v)}
	}
	run := func(rulings ...promise.Ruling) Drill {
		return Drill{Scenario: "s", Arm: "engine", Rulings: rulings, Verdict: promise.Verdicts(rulings)}
	}
	kept, broken := run(ruling(promise.Kept, promise.Kept)), run(ruling(promise.Broken, promise.Kept))
	unsure, skipped := run(ruling(promise.Inconclusive, promise.Kept)), run(ruling(promise.Skipped, promise.Kept))
	bit, spared := run(ruling(promise.Broken, promise.Broken)), run(ruling(promise.Kept, promise.Broken))
	for _, c := range []struct {
		name              string
		runs              []Drill
		verdict, ruling   promise.Verdict
		met, alike, right int
		rate              float64 // -1 for none
	}{
		{"once", []Drill{kept}, promise.Kept, promise.Kept, 1, 1, 1, -1},
		{"always", []Drill{kept, kept}, promise.Kept, promise.Kept, 2, 2, 2, 1},
		{"two of three", []Drill{kept, broken, kept}, promise.Broken, promise.Broken, 2, 1, 2, 2. / 3},
		{"never", []Drill{broken, broken}, promise.Broken, promise.Broken, 0, 2, 0, 0},
		{"one proves nothing", []Drill{kept, unsure, kept}, promise.Inconclusive, promise.Inconclusive, 2, 1, 2, 1},
		{"one is left", []Drill{kept, unsure}, promise.Inconclusive, promise.Inconclusive, 1, 1, 1, -1},
		{"broken beats unsure", []Drill{unsure, broken, kept}, promise.Broken, promise.Broken, 1, 1, 1, 0.5},
		{"a control that bites", []Drill{bit, bit}, promise.Kept, promise.Broken, 2, 2, 2, 1},
		{"a control that nobody need heal", []Drill{bit, spared}, promise.Broken, promise.Kept, 1, 1, 1, 0.5},
		{"all skipped", []Drill{skipped, skipped}, promise.Partial, promise.Skipped, 0, 2, 0, -1},
		{"never judged", []Drill{{Scenario: "s", Arm: "engine"}}, promise.Inconclusive, "", 0, 0, 0, -1},
	} {
		x := SummarizeArms(DigestOf(Report{Drills: c.runs}))[0]
		rate := -1.0
		if x.Rate != nil {
			rate = *x.Rate
		}
		if x.Verdict != c.verdict || x.AsTheyMust != c.right || x.Runs != len(c.runs) || rate != c.rate || (x.Rate == nil) != (x.Interval == nil) {
			t.Errorf("%s: %+v", c.name, x)
		}
		if c.ruling == "" {
			continue
		}
		if y := x.Rulings[0]; y.Verdict != c.ruling || y.Because != string(c.ruling) || y.Met != c.met || y.alike != c.alike || y.Runs != len(c.runs) {
			t.Errorf("%s: ruling %+v", c.name, y)
		}
	}
}

func TestSkipSums(t *testing.T) {
	lacks := func(what, because string) promise.Ruling {
		return promise.Ruling{Name: "p", Verdict: promise.Skipped, Lacks: what, Because: because}
	}
	roll, alert, mute := lacks("roll", "no roll"), lacks("alert", "no alert"), lacks("", "it says nothing")
	met := promise.Ruling{Verdict: promise.Kept}
	got := Skips(DigestOf(Report{Drills: []Drill{
		{Scenario: "a", Rulings: []promise.Ruling{roll, met, alert}}, {Scenario: "b", Rulings: []promise.Ruling{mute, roll}}, {Scenario: "a", Rulings: []promise.Ruling{roll}},
	}}))
	want := []Skip{{"roll", "no roll", 3, []string{"a", "b"}}, {"alert", "no alert", 1, []string{"a"}}, {"", "it says nothing", 1, []string{"b"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("skips %+v\nwant %+v", got, want)
	}
	if none := Skips(DigestOf(Report{})); none == nil || len(none) != 0 {
		t.Errorf("of nothing comes %#v, want an empty list", none)
	}
}

func TestProblems(t *testing.T) {
	why := promise.Ruling{Name: "p", Promise: "it works", Verdict: promise.Inconclusive, Because: "the host"}
	for _, c := range []struct {
		name    string
		rulings []promise.Ruling
		want    []problem
	}{
		{"nothing judged", nil, []problem{{false, "?", "s, engine arm", "nothing was judged", "again"}}},
		{"all for one reason", []promise.Ruling{why, {Name: "q", Promise: "it stays", Verdict: promise.Inconclusive, Because: "the host"}},
			[]problem{{false, "?", "s, engine arm", "this drill proves nothing: the host", "again"}}},
		{"one of two", []promise.Ruling{why, {Name: "q", Promise: "it stays", Verdict: promise.Broken, Expected: promise.Kept, Because: "it went"}},
			[]problem{{false, "?", "s, engine arm, p", "it works: inconclusive: the host", "again"}, {true, "✗", "s, engine arm, q", "it stays: broken: it went", "again"}}},
		{"skips are none", []promise.Ruling{{Name: "p", Verdict: promise.Skipped}}, nil},
	} {
		got := SummarizeArm(Group{"s", "engine", false, []DrillDigest{DigestOfDrill(Drill{Rulings: c.rulings, Command: "again"})}}).Problems()
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}
