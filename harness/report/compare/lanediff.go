package compare

import (
	"maps"
	"slices"
	"strings"

	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rate"

	"github.com/pm2drill/pm2drill/harness/report"
)

// laneRun is one lane of one drill: what it owed, what it dropped, and who that is attributed to.
type laneRun struct {
	owed, dropped int
	laidTo        map[string]int
}

// laneDiff is what one lane of an arm lost in both runs.
type laneDiff struct {
	Lane       string         `json:"lane"` // "all" of all together
	Change     change         `json:"change"`
	Difference *rate.Interval `json:"difference"` // of the rates, B's less A's; null where a side owed nothing
	A          laneLoss       `json:"a"`
	B          laneLoss       `json:"b"`
}

// laneLoss is what a lane lost in all drills of an arm.
type laneLoss struct {
	Owed    int            `json:"owed"`
	Dropped int            `json:"dropped"`
	LaidTo  map[string]int `json:"laid_to"`
	runs    []laneRun
}

// allLanes is the name of all lanes together.
const allLanes = "all"

// compareLanesOf returns the differences of the lanes in which either side lost a
// request, and of all together if there are two or more of them.
func compareLanesOf(a, b armSide) []laneDiff {
	out := []laneDiff{}
	names := slices.Collect(maps.Keys(a.lanes))
	for name := range b.lanes {
		if _, both := a.lanes[name]; !both {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, compareLanes)
	for _, name := range names {
		d := laneDiff{Lane: name, A: sumUpLosses(a.lanes[name]), B: sumUpLosses(b.lanes[name])}
		if d.A.Dropped+d.B.Dropped > 0 {
			out = append(out, d)
		}
	}
	if len(out) > 1 {
		out = append(out, laneDiff{Lane: allLanes, A: sumUpLosses(a.addLanes()), B: sumUpLosses(b.addLanes())})
	}
	return out
}

func compareLanes(a, b string) int {
	if d := report.LaneRank(a) - report.LaneRank(b); d != 0 {
		return d
	}
	return strings.Compare(a, b)
}

// addLanes adds the lanes of each drill up.
func (s armSide) addLanes() []laneRun {
	var out []laneRun
	for _, lane := range slices.Sorted(maps.Keys(s.lanes)) {
		for i, x := range s.lanes[lane] {
			if i == len(out) {
				out = append(out, laneRun{laidTo: map[string]int{}})
			}
			out[i].owed, out[i].dropped = out[i].owed+x.owed, out[i].dropped+x.dropped
			for cause, n := range x.laidTo {
				out[i].laidTo[cause] += n
			}
		}
	}
	return out
}

func sumUpLosses(runs []laneRun) laneLoss {
	l := laneLoss{LaidTo: map[string]int{}, runs: runs}
	for _, x := range runs {
		l.Owed, l.Dropped = l.Owed+x.owed, l.Dropped+x.dropped
		for cause, n := range x.laidTo {
			l.LaidTo[cause] += n
		}
	}
	return l
}

// judge rules on the lane by the interval of the difference, for z standard deviations.
// What a fault costs depends on the moment at which it hits: of two single runs, a
// difference that the fault's own losses make is not ruled on.
func (l *laneDiff) judge(z float64) {
	l.Change = same
	all := l.computeInterval(z, func(x laneRun) int { return x.dropped })
	if l.Difference = all; all == nil {
		return
	}
	ruled := all
	if len(l.A.runs) == 1 && len(l.B.runs) == 1 {
		ruled = l.computeInterval(z, func(x laneRun) int { return max(0, x.dropped-x.laidTo[promise.ByFault]) })
	}
	more := l.B.computeRate() > l.A.computeRate()
	switch {
	case ruled.Low > 0:
		l.Change = worse
	case all.Low > 0:
		l.Change = unclear
	case all.High < 0 && ruled.High < 0:
		l.Change = better
	case more || l.B.computeRate() < l.A.computeRate():
		l.Change = chance
	}
}

// computeInterval returns the interval of the difference in what of counts in each drill;
// nil where a side owed nothing.
func (l *laneDiff) computeInterval(z float64, of func(laneRun) int) *rate.Interval {
	if l.A.Owed == 0 || l.B.Owed == 0 {
		return nil
	}
	a, b := l.A.listSamples(of), l.B.listSamples(of)
	by := computeDispersion(a, b)
	d := computeDifference(addSamples(a).weaken(by), addSamples(b).weaken(by), z)
	return &d
}

func (l laneLoss) listSamples(of func(laneRun) int) []sample {
	var out []sample
	for _, x := range l.runs {
		if x.owed > 0 {
			out = append(out, sample{float64(of(x)), float64(x.owed)})
		}
	}
	return out
}

func (l laneLoss) computeRate() float64 {
	if l.Owed == 0 {
		return 0
	}
	return float64(l.Dropped) / float64(l.Owed)
}
