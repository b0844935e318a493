// Package compare lays runs side by side: two of them with every difference ruled on by
// intervals, or many engines in the league.
package compare

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rate"

	"github.com/pm2drill/pm2drill/harness/report"
)

// Side is one run of a comparison.
type Side struct {
	Name string // what people call it: its folder, or its engine
	Run  report.Digest
}

// Comparison lays two runs side by side: two engines, two versions of PM2, before and
// after a change.
//
//	two reports --> a difference per arm --> table, page, JSON, exit code
//	                  its rulings, its times,
//	                  its losses by lane and cause
type Comparison struct {
	a, b Side
	arms []armDiff
}

// change is how B differs from A.
type change string

const (
	same    change = "same"          // in nothing that was looked at
	chance  change = "within chance" // by no more than chance can
	better  change = "better"
	unclear change = "unclear" // B shows less, or lost more in a way that one run cannot rule on
	worse   change = "worse"
)

// computeRank orders changes by how important they are to a reader, the most important
// last.
func (c change) computeRank() int {
	return slices.Index([]change{same, chance, better, unclear, worse}, c)
}

// findWorst returns the change that is most important to a reader.
func findWorst(all ...change) change {
	return slices.MaxFunc(all, func(a, b change) int { return cmp.Compare(a.computeRank(), b.computeRank()) })
}

// armDiff is one arm of a scenario in both runs, over all its repetitions.
type armDiff struct {
	Scenario string     `json:"scenario"`
	Arm      string     `json:"arm"`
	Varied   bool       `json:"varied,omitempty"`
	Change   change     `json:"change"`  // the worst of rulings and lanes
	Rulings  change     `json:"rulings"` // by the rate of runs that are as they must be
	A        armSide    `json:"a"`
	B        armSide    `json:"b"`
	Lanes    []laneDiff `json:"lanes"` // those in which either lost a request, and all together
	meant    bool       // to lose requests: a promise of it must break, so its losses rule nothing
	sums     [2]report.ArmSummary
}

// armSide is an arm in one of the runs.
type armSide struct {
	Runs       int                     `json:"runs"`
	Judged     int                     `json:"judged"` // that prove something
	AsTheyMust int                     `json:"as_they_must"`
	Verdict    promise.Verdict         `json:"verdict"` // the worst
	Detect     *report.Spread[float64] `json:"detect_ms"`
	Recover    *report.Spread[float64] `json:"recover_ms"`
	Owed       int                     `json:"owed"`
	Dropped    int                     `json:"dropped"` // whatever the cause
	Actions    int                     `json:"actions"`
	detect     []time.Duration
	recover    []time.Duration
	lanes      map[string][]laneRun
}

// Compare compares what both runs have drilled. Runs that share no arm are an error.
func Compare(a, b Side) (Comparison, error) {
	c := Comparison{a: a, b: b}
	others := report.Groups(b.Run)
	for _, x := range report.Groups(a.Run) {
		i := slices.IndexFunc(others, x.SameArm)
		if i >= 0 && x.Held() && others[i].Held() {
			c.arms = append(c.arms, compareArms(x, others[i]))
		}
	}
	if len(c.arms) == 0 {
		return c, fmt.Errorf("cannot compare %s with %s: no arm was drilled in both", a.formatLabel(), b.formatLabel())
	}
	c.judge()
	return c, nil
}

// formatLabel returns the side's name, or the id of its run.
func (s Side) formatLabel() string { return cmp.Or(s.Name, s.Run.Run.ID) }

func compareArms(a, b report.Group) armDiff {
	d := armDiff{Scenario: a.Scenario, Arm: a.Arm, Varied: a.Varied, sums: [2]report.ArmSummary{report.SummarizeArm(a), report.SummarizeArm(b)}}
	d.A, d.B = buildSide(a, d.sums[0]), buildSide(b, d.sums[1])
	d.meant = slices.ContainsFunc(d.sums[0].Rulings, func(x report.ArmRuling) bool { return x.Expected == promise.Broken })
	d.Lanes = compareLanesOf(d.A, d.B)
	return d
}

func buildSide(g report.Group, sum report.ArmSummary) armSide {
	s := armSide{Runs: sum.Runs, Judged: sum.Judged, AsTheyMust: sum.AsTheyMust, Verdict: sum.Verdict, lanes: map[string][]laneRun{}}
	for _, d := range g.Drills {
		if d.Record == nil {
			continue
		}
		f := d.Figures
		owed, dropped := f.Totals()
		s.Owed, s.Dropped, s.Actions = s.Owed+owed, s.Dropped+dropped, s.Actions+f.Actions
		if d.Detect > 0 {
			s.detect = append(s.detect, d.Detect)
		}
		if d.Recover > 0 {
			s.recover = append(s.recover, d.Recover)
		}
		for _, l := range f.Lanes {
			if l.Name != evidence.LaneNoise {
				s.lanes[l.Name] = append(s.lanes[l.Name], laneRun{l.Owed, l.Dropped, report.LaidTo(d.Losses, l.Name)})
			}
		}
	}
	s.Detect, s.Recover = report.SpreadMillis(report.SpreadOf(slices.Clone(s.detect))), report.SpreadMillis(report.SpreadOf(slices.Clone(s.recover)))
	return s
}

// judge rules on every difference. All intervals of losses hold at once.
func (c *Comparison) judge() {
	tests := 0
	for _, d := range c.arms {
		if !d.meant {
			tests += len(d.Lanes)
		}
	}
	z := computeFamilyZ(tests)
	for i := range c.arms {
		d := &c.arms[i]
		d.Rulings = compareRulings(d.sums[0], d.sums[1])
		d.Change = d.Rulings
		for j := range d.Lanes {
			d.Lanes[j].judge(z)
			if !d.meant {
				d.Change = findWorst(d.Change, d.Lanes[j].Change)
			}
		}
	}
}

// compareRulings compares how an arm was ruled in two runs. Of two single runs a promise
// that is kept or broken is a fact; of more, the rates must differ by more than chance.
func compareRulings(a, b report.ArmSummary) change {
	good := func(x report.ArmSummary) bool { return x.AsTheyMust == x.Runs }
	if a.Runs == 1 && b.Runs == 1 {
		switch {
		case good(a) && b.Verdict == promise.Broken:
			return worse
		case good(a) && !good(b):
			return unclear
		case good(b) && !good(a):
			return better
		}
		return same
	}
	if a.Judged == 0 || b.Judged == 0 {
		if a.Judged > b.Judged {
			return unclear
		}
		return same
	}
	was, is := sample{float64(a.AsTheyMust), float64(a.Judged)}, sample{float64(b.AsTheyMust), float64(b.Judged)}
	d := computeDifference(was, is, rate.Z95)
	switch {
	case d.High < 0:
		return worse
	case d.Low > 0:
		return better
	case is.computeRate() < was.computeRate():
		return unclear
	case is.computeRate() > was.computeRate():
		return chance
	}
	return same
}

// sumUpChange returns how B differs from A over all arms: the worst change of any.
func (c Comparison) sumUpChange() change {
	all := same
	for _, d := range c.arms {
		all = findWorst(all, d.Change)
	}
	return all
}

// Verdict is broken if B is worse, inconclusive if that cannot be told, and kept
// otherwise.
func (c Comparison) Verdict() promise.Verdict {
	switch c.sumUpChange() {
	case worse:
		return promise.Broken
	case unclear:
		return promise.Inconclusive
	}
	return promise.Kept
}

// formatName returns the arm's name for people.
func (d armDiff) formatName() string {
	return report.Group{Scenario: d.Scenario, Varied: d.Varied}.Name() + " " + d.Arm
}
