package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Group is one scenario's arm with all its repetitions, or with all its variants.
type Group struct {
	Scenario, Arm string
	Varied        bool
	Drills        []DrillDigest
}

// Name is the scenario's, and says if its app was another one each time.
func (g Group) Name() string {
	if g.Varied {
		return g.Scenario + ", variants"
	}
	return g.Scenario
}

// Groups gathers repetitions, in the order in which each arm first comes.
func Groups(r Digest) []Group {
	var out []Group
	for _, d := range r.Drills {
		i := slices.IndexFunc(out, func(g Group) bool { return g.Scenario == d.Scenario && g.Arm == d.Arm && g.Varied == (d.Varied != nil) })
		if i < 0 {
			i = len(out)
			out = append(out, Group{Scenario: d.Scenario, Arm: d.Arm, Varied: d.Varied != nil})
		}
		out[i].Drills = append(out[i].Drills, d)
	}
	return out
}

// Repeated reports whether any arm was drilled more than once.
func Repeated(r Digest) bool {
	return slices.ContainsFunc(Groups(r), func(g Group) bool { return len(g.Drills) > 1 })
}

// Spread is the least, the median and the most of several figures.
type Spread[T cmp.Ordered] struct {
	Least  T `json:"least"`
	Median T `json:"median"`
	Most   T `json:"most"`
}

// SpreadOf is nil of no figures.
func SpreadOf[T cmp.Ordered](values []T) *Spread[T] {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	return &Spread[T]{values[0], values[len(values)/2], values[len(values)-1]}
}

// Repeat is how the repetitions of an arm fared.
type Repeat struct {
	Group
	Kept            int // drills that showed what they had to
	Worst           promise.Verdict
	Dropped         *Spread[int]
	Lanes           []LaneSpan
	Detect, Recover *Spread[time.Duration] // of the drills in which they are known
}

// LaneSpan is how many requests a lane dropped in each of an arm's drills.
type LaneSpan struct {
	Lane    string       `json:"lane"`
	Dropped *Spread[int] `json:"dropped"`
}

// Flaky is an arm that was right some times only.
func (x Repeat) Flaky() bool { return x.Kept > 0 && x.Kept < len(x.Drills) }

// Repeats sums up every arm that was drilled more than once.
func Repeats(r Digest) []Repeat {
	var out []Repeat
	for _, g := range Groups(r) {
		if len(g.Drills) > 1 {
			out = append(out, buildRepeat(g))
		}
	}
	return out
}

func buildRepeat(g Group) Repeat {
	x := Repeat{Group: g, Worst: promise.Kept}
	var detect, recover []time.Duration
	var total []int
	byLane := map[string][]int{}
	for _, d := range g.Drills {
		x.Worst = promise.Worse(x.Worst, d.Verdict)
		if d.AsItMust() {
			x.Kept++
		}
		if d.Detect > 0 {
			detect = append(detect, d.Detect)
		}
		if d.Recover > 0 {
			recover = append(recover, d.Recover)
		}
		if d.Record == nil {
			continue
		}
		f := d.Figures
		_, n := f.Totals()
		total = append(total, n)
		for _, l := range f.Lanes {
			byLane[l.Name] = append(byLane[l.Name], l.Dropped)
		}
	}
	x.Dropped, x.Detect, x.Recover = SpreadOf(total), SpreadOf(detect), SpreadOf(recover)
	for _, l := range listLanesOf(g.Drills) {
		if l != evidence.LaneNoise {
			x.Lanes = append(x.Lanes, LaneSpan{l, SpreadOf(byLane[l])})
		}
	}
	return x
}

func (g Group) SameArm(o Group) bool {
	return g.Scenario == o.Scenario && g.Arm == o.Arm && g.Varied == o.Varied
}

// Held reports whether any drill of the arm took place.
func (g Group) Held() bool {
	return slices.ContainsFunc(g.Drills, func(d DrillDigest) bool { return d.Record != nil })
}
