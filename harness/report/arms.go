package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/promise"
	"github.com/pm2drill/pm2drill/harness/rate"
)

// ArmSummary is one arm of a scenario over all its runs. A ruling of it is the worst of
// the runs', so that no run hides behind a better one.
type ArmSummary struct {
	Scenario     string          `json:"scenario"`
	Varied       bool            `json:"varied,omitempty"` // another app each time
	Arm          string          `json:"arm"`
	Verdict      promise.Verdict `json:"verdict"` // the worst
	Runs         int             `json:"runs"`
	AsTheyMust   int             `json:"as_they_must"`
	Inconclusive int             `json:"inconclusive"`
	Judged       int             `json:"judged"`    // runs that prove something
	Rate         *float64        `json:"pass_rate"` // of those, if there are two or more
	Interval     *rate.Interval  `json:"interval"`
	Rulings      []ArmRuling     `json:"rulings"`
	command      string          // drills its first run again
}

// Name is the scenario's, and says if its app was another one each time.
func (x ArmSummary) Name() string { return Group{Scenario: x.Scenario, Varied: x.Varied}.Name() }

// ArmRuling is how one promise fared over the runs of an arm.
type ArmRuling struct {
	Name     string          `json:"name"`
	Promise  string          `json:"promise"`
	Expected promise.Verdict `json:"expected"`
	Verdict  promise.Verdict `json:"verdict"`
	Because  string          `json:"because"`
	Lacks    string          `json:"lacks,omitempty"`
	Runs     int             `json:"runs"`
	Met      int             `json:"met"` // runs in which it was what the arm had to show
	Outcome  Outcome         `json:"-"`
	alike    int             // runs with this outcome, the worst
	command  string          // drills the first of those again
}

// SummarizeArms sums every arm up, in the order in which each first comes.
func SummarizeArms(r Digest) []ArmSummary {
	all := Groups(r)
	out := make([]ArmSummary, len(all))
	for i, g := range all {
		out[i] = SummarizeArm(g)
	}
	return out
}

// SummarizeArm sums the runs of one arm up.
func SummarizeArm(g Group) ArmSummary {
	x := ArmSummary{Scenario: g.Scenario, Varied: g.Varied, Arm: g.Arm, Verdict: promise.Kept, Runs: len(g.Drills), Rulings: []ArmRuling{}, command: g.Drills[0].Command}
	for _, d := range g.Drills {
		v := cmp.Or(d.Verdict, promise.Inconclusive)
		x.Verdict = promise.Worse(x.Verdict, v)
		if v == promise.Inconclusive {
			x.Inconclusive++
		}
		if d.AsItMust() {
			x.AsTheyMust++
		}
		if d.AsItMust() || v == promise.Broken {
			x.Judged++
		}
		for _, ruling := range d.Rulings {
			x.enter(ruling, d.Command)
		}
	}
	// One run has no rate, and one that proves nothing is neither a hit nor a miss: it
	// is inconclusive, or all of it was skipped.
	if x.Judged > 1 {
		within := rate.Wilson(x.AsTheyMust, x.Judged)
		x.Rate, x.Interval = computeShare(x.AsTheyMust, x.Judged), &within
	}
	return x
}

// enter adds one run's ruling.
func (x *ArmSummary) enter(ruling promise.Ruling, command string) {
	i := slices.IndexFunc(x.Rulings, func(y ArmRuling) bool { return y.Name == ruling.Name && y.Promise == ruling.Promise })
	o := OutcomeOf(ruling)
	if i < 0 {
		i = len(x.Rulings)
		x.Rulings = append(x.Rulings, ArmRuling{Name: ruling.Name, Promise: ruling.Promise})
	}
	y := &x.Rulings[i]
	y.Runs++
	if o.Met() {
		y.Met++
	}
	switch {
	case y.Runs == 1 || o.Badness() > y.Outcome.Badness():
		y.Expected, y.Verdict = cmp.Or(ruling.Expected, promise.Kept), cmp.Or(ruling.Verdict, promise.Inconclusive)
		y.Because, y.Lacks, y.Outcome, y.alike, y.command = ruling.Because, ruling.Lacks, o, 1, command
	case o == y.Outcome:
		y.alike++
	}
}

// Badness orders outcomes by how much a reader must hear of them.
func (o Outcome) Badness() int {
	switch o {
	case OutcomeBroken, OutcomeSpared:
		return 3
	case OutcomeUnknown:
		return 2
	case OutcomeSkipped:
		return 1
	}
	return 0
}

// Skip is what the engine's not declaring something costs.
type Skip struct {
	Capability string   `json:"capability,omitempty"`
	Because    string   `json:"because"`
	Promises   int      `json:"promises"` // rulings, of every run
	Scenarios  []string `json:"scenarios"`
}

// Skips lists why promises were skipped, in the order in which each reason first
// comes.
func Skips(r Digest) []Skip {
	out := []Skip{}
	for _, d := range r.Drills {
		for _, x := range d.Rulings {
			if OutcomeOf(x) != OutcomeSkipped {
				continue
			}
			i := slices.IndexFunc(out, func(s Skip) bool { return s.Capability == x.Lacks && s.Because == x.Because })
			if i < 0 {
				i = len(out)
				out = append(out, Skip{Capability: x.Lacks, Because: x.Because})
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
	Broken  bool // or else inconclusive
	Mark    string
	Title   string // which promise, in which arm
	Text    string
	Command string // drills it again
}

// Problems lists what is broken and what is inconclusive in the arm. Where every
// promise is inconclusive for the same reason, the drill is, once.
func (x ArmSummary) Problems() []problem {
	arm := fmt.Sprintf("%s, %s arm", x.Name(), x.Arm)
	if len(x.Rulings) == 0 {
		return []problem{{Mark: OutcomeUnknown.Mark(), Title: arm, Text: NothingJudged, Command: x.command}}
	}
	if why := Unproven(x.Worst()); why != "" {
		return []problem{{Mark: OutcomeUnknown.Mark(), Title: arm, Command: x.Rulings[0].command,
			Text: "this drill proves nothing" + formatOften(x.Inconclusive, x.Runs) + ": " + why}}
	}
	var out []problem
	for _, y := range x.Rulings {
		if y.Outcome.Badness() >= OutcomeUnknown.Badness() {
			out = append(out, problem{y.Outcome.Badness() == OutcomeBroken.Badness(), y.Outcome.Mark(), arm + ", " + y.Name,
				fmt.Sprintf("%s: %s%s: %s", y.Promise, y.Outcome, formatOften(y.alike, y.Runs), y.Because), y.command})
		}
	}
	return out
}

// Worst has the arm's rulings as those of one drill.
func (x ArmSummary) Worst() Drill {
	var d Drill
	for _, y := range x.Rulings {
		d.Rulings = append(d.Rulings, promise.Ruling{Verdict: y.Verdict, Expected: y.Expected, Because: y.Because})
	}
	return d
}

// formatOften says in how many of several runs something is so, "" for a single run.
func formatOften(n, runs int) string {
	if runs < 2 {
		return ""
	}
	return fmt.Sprintf(" in %d of %d runs", n, runs)
}

// Unproven is the one reason for which every ruling of a drill is inconclusive,
// "" if they do not share one.
func Unproven(d Drill) string {
	for _, x := range d.Rulings {
		if x.Verdict != promise.Inconclusive || x.Because != d.Rulings[0].Because {
			return ""
		}
	}
	if len(d.Rulings) < 2 {
		return ""
	}
	return d.Rulings[0].Because
}
