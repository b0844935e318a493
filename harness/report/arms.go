package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/promise"
)

// armSum is one arm of a scenario over all its runs. A ruling of it is the worst of
// the runs', so that no run hides behind a better one.
type armSum struct {
	Scenario     string          `json:"scenario"`
	Varied       bool            `json:"varied,omitempty"` // another app each time
	Arm          string          `json:"arm"`
	Verdict      promise.Verdict `json:"verdict"` // the worst
	Runs         int             `json:"runs"`
	AsTheyMust   int             `json:"as_they_must"`
	Inconclusive int             `json:"inconclusive"`
	Judged       int             `json:"judged"`    // runs that prove something
	Rate         *float64        `json:"pass_rate"` // of those, if there are two or more
	Interval     *interval       `json:"interval"`
	Rulings      []armRuling     `json:"rulings"`
	command      string          // drills its first run again
}

// name is the scenario's, and says if its app was another one each time.
func (x armSum) name() string { return group{scenario: x.Scenario, varied: x.Varied}.name() }

// armRuling is how one promise fared over the runs of an arm.
type armRuling struct {
	Name     string          `json:"name"`
	Promise  string          `json:"promise"`
	Expected promise.Verdict `json:"expected"`
	Verdict  promise.Verdict `json:"verdict"`
	Because  string          `json:"because"`
	Lacks    string          `json:"lacks,omitempty"`
	Runs     int             `json:"runs"`
	Met      int             `json:"met"` // runs in which it was what the arm had to show
	outcome  outcome
	alike    int    // runs with this outcome, the worst
	command  string // drills the first of those again
}

// armSums sums every arm up, in the order in which each first comes.
func armSums(r Digest) []armSum {
	all := groups(r)
	out := make([]armSum, len(all))
	for i, g := range all {
		out[i] = armSumOf(g)
	}
	return out
}

func armSumOf(g group) armSum {
	x := armSum{Scenario: g.scenario, Varied: g.varied, Arm: g.arm, Verdict: promise.Kept, Runs: len(g.drills), Rulings: []armRuling{}, command: g.drills[0].Command}
	for _, d := range g.drills {
		v := cmp.Or(d.Verdict, promise.Inconclusive)
		x.Verdict = promise.Worse(x.Verdict, v)
		if v == promise.Inconclusive {
			x.Inconclusive++
		}
		if d.asItMust() {
			x.AsTheyMust++
		}
		if d.asItMust() || v == promise.Broken {
			x.Judged++
		}
		for _, ruling := range d.Rulings {
			x.enter(ruling, d.Command)
		}
	}
	// One run has no rate, and one that proves nothing is neither a hit nor a miss: it
	// is inconclusive, or all of it was skipped.
	if x.Judged > 1 {
		within := wilson(x.AsTheyMust, x.Judged)
		x.Rate, x.Interval = share(x.AsTheyMust, x.Judged), &within
	}
	return x
}

// enter adds one run's ruling.
func (x *armSum) enter(ruling promise.Ruling, command string) {
	i := slices.IndexFunc(x.Rulings, func(y armRuling) bool { return y.Name == ruling.Name && y.Promise == ruling.Promise })
	o := outcomeOf(ruling)
	if i < 0 {
		i = len(x.Rulings)
		x.Rulings = append(x.Rulings, armRuling{Name: ruling.Name, Promise: ruling.Promise})
	}
	y := &x.Rulings[i]
	y.Runs++
	if o.met() {
		y.Met++
	}
	switch {
	case y.Runs == 1 || o.badness() > y.outcome.badness():
		y.Expected, y.Verdict = cmp.Or(ruling.Expected, promise.Kept), cmp.Or(ruling.Verdict, promise.Inconclusive)
		y.Because, y.Lacks, y.outcome, y.alike, y.command = ruling.Because, ruling.Lacks, o, 1, command
	case o == y.outcome:
		y.alike++
	}
}

// badness orders outcomes by how much a reader must hear of them.
func (o outcome) badness() int {
	switch o {
	case asBroken, asSpared:
		return 3
	case asUnknown:
		return 2
	case asSkipped:
		return 1
	}
	return 0
}

// skip is what the engine's not declaring something costs.
type skip struct {
	Capability string   `json:"capability,omitempty"`
	Because    string   `json:"because"`
	Promises   int      `json:"promises"` // rulings, of every run
	Scenarios  []string `json:"scenarios"`
}

// skips lists why promises were skipped, in the order in which each reason first
// comes.
func skips(r Digest) []skip {
	out := []skip{}
	for _, d := range r.Drills {
		for _, x := range d.Rulings {
			if outcomeOf(x) != asSkipped {
				continue
			}
			i := slices.IndexFunc(out, func(s skip) bool { return s.Capability == x.Lacks && s.Because == x.Because })
			if i < 0 {
				i = len(out)
				out = append(out, skip{Capability: x.Lacks, Because: x.Because})
			}
			out[i].Promises++
			if !slices.Contains(out[i].Scenarios, d.Scenario) {
				out[i].Scenarios = append(out[i].Scenarios, d.Scenario)
			}
		}
	}
	return out
}

// problem is something of an arm that a person must look at.
type problem struct {
	broken  bool // or else inconclusive
	mark    string
	title   string // which promise, in which arm
	text    string
	command string // drills it again
}

// problems lists what is broken and what is inconclusive in the arm. Where every
// promise is inconclusive for the same reason, the drill is, once.
func (x armSum) problems() []problem {
	arm := fmt.Sprintf("%s, %s arm", x.name(), x.Arm)
	if len(x.Rulings) == 0 {
		return []problem{{mark: asUnknown.mark(), title: arm, text: nothingJudged, command: x.command}}
	}
	if why := unproven(x.worst()); why != "" {
		return []problem{{mark: asUnknown.mark(), title: arm, command: x.Rulings[0].command,
			text: "this drill proves nothing" + often(x.Inconclusive, x.Runs) + ": " + why}}
	}
	var out []problem
	for _, y := range x.Rulings {
		if y.outcome.badness() >= asUnknown.badness() {
			out = append(out, problem{y.outcome.badness() == asBroken.badness(), y.outcome.mark(), arm + ", " + y.Name,
				fmt.Sprintf("%s: %s%s: %s", y.Promise, y.outcome, often(y.alike, y.Runs), y.Because), y.command})
		}
	}
	return out
}

// worst has the arm's rulings as those of one drill.
func (x armSum) worst() Drill {
	var d Drill
	for _, y := range x.Rulings {
		d.Rulings = append(d.Rulings, promise.Ruling{Verdict: y.Verdict, Expected: y.Expected, Because: y.Because})
	}
	return d
}

// often says in how many of several runs, nothing of a single one.
func often(n, runs int) string {
	if runs < 2 {
		return ""
	}
	return fmt.Sprintf(" in %d of %d runs", n, runs)
}
