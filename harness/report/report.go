// Package report has a run with its drills and rulings, and the digest of it: all that is
// shown of a run, counted once. It adds no opinion of its own: every figure is counted from
// the evidence and every verdict is a promise's, so a stored run can be judged and reported
// again. What people and machines read is written by the packages below it:
//
//	Report -> Digest -> render -> page -> folder -> conformance -> compare
package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Report is one run: what was drilled, in the order it was drilled.
type Report struct {
	Run    Run
	Drills []Drill
	Voids  []Drill // drills that the host spoiled and that were drilled again; they count for nothing
	Dir    string  // where the report is, for Text; it enters no file
	// Rehearsal is what the run says of somebody's ecosystem file; nil of any other run.
	Rehearsal *Rehearsal
}

// Run says what was run, on what, and how to run it again.
type Run struct {
	ID       string
	Started  time.Time // wall clock
	Duration time.Duration
	Seed     int64
	Versions Versions
	Host     Host      // the zero value where there are several
	Hosts    []RunHost // that were named with --hosts
	Command  string    // reproduces the run
	Shard    *Shard    // nil of a whole run
}

// Versions of what took part. An empty one is not shown.
type Versions struct {
	PM2Drill string `json:"pm2drill,omitempty"`
	Engine   string `json:"engine,omitempty"` // name and version of the engine under test
	PM2      string `json:"pm2,omitempty"`
	Node     string `json:"node,omitempty"`
}

// Host is the machine whose kernel the containers ran on.
type Host struct {
	Cores  int    `json:"cores,omitempty"`
	Kernel string `json:"kernel,omitempty"`
	Docker string `json:"docker,omitempty"` // the engine's version
}

// RunHost is a Docker host of a run that was given its hosts.
type RunHost struct {
	Address string `json:"address"` // as DOCKER_HOST has it
	Places  int    `json:"places"`  // drills side by side
	Host
	Lost string `json:"lost,omitempty"` // why its drills went to others, "" if it was not lost
}

// Drill is one scenario run once in one arm, and how it was judged.
type Drill struct {
	Scenario string
	Story    string // what goes wrong, in a sentence or two
	Arm      string // one of evidence.Arms
	Labels   []string
	Claim    *Claim           // of the source document, if the scenario is about one
	Record   *evidence.Record // nil of a drill that never began
	Rulings  []promise.Ruling
	Losses   []promise.Loss
	// Avoidable are the losses, by lane, that an engine would have saved which detects and
	// recovers at the floor; nil where no engine is at work.
	Avoidable map[string]int
	Verdict   promise.Verdict
	Detect    time.Duration // from the injection to the first diagnosis, 0 if unknown
	Recover   time.Duration // from the fault's end to the last worker's return, 0 if unknown
	Phases    []Phase       // in order
	Command   string        // reproduces this drill
	// Varied says in what the app differs from the catalogue's; nil of one that does not.
	Varied []evidence.Choice
}

// Phase is a stretch of a drill, for seeing where its time went.
type Phase struct {
	Name     string
	Duration time.Duration
}

// Took is how long the drill lasted: its phases, or if those are not known,
// from its start to the last mark on record.
func (d Drill) Took() time.Duration {
	var t time.Duration
	for _, p := range d.Phases {
		t += p.Duration
	}
	if t == 0 && d.Record != nil {
		for _, m := range d.Record.Marks {
			t = max(t, m.At-d.Record.Header.Start)
		}
	}
	return t
}

// AsItMust reports whether the drill showed everything that it had to. One in which
// promises were skipped did if it showed something and all the rest.
func (d Drill) AsItMust() bool {
	return d.Verdict == promise.Kept || d.Verdict == promise.Partial &&
		slices.ContainsFunc(d.Rulings, func(x promise.Ruling) bool { return OutcomeOf(x).Met() })
}

// Verdict sums the drills up: broken if any is broken, else inconclusive if any
// is, or if there is none, else partial if any is; kept otherwise. A shard that has
// nothing to drill is kept.
func (r Report) Verdict() promise.Verdict {
	sum := promise.Kept
	if len(r.Drills) == 0 && (r.Run.Shard == nil || r.Run.Shard.Due > 0) {
		sum = promise.Inconclusive
	}
	for _, d := range r.Drills {
		sum = promise.Worse(sum, cmp.Or(d.Verdict, promise.Inconclusive))
	}
	return sum
}

// Held counts the drills that took place.
func (r Report) Held() (n int) {
	for _, d := range r.Drills {
		if d.Record != nil {
			n++
		}
	}
	return n
}

// Keys names each drill for file names, anchors and class names: its scenario
// and arm, with a number from the second repetition on.
func (r Report) Keys(sep string) []string {
	seen := map[string]int{}
	out := make([]string, len(r.Drills))
	for i, d := range r.Drills {
		key := Plain(d.Scenario) + sep + Plain(d.Arm)
		seen[key]++
		if n := seen[key]; n > 1 {
			key = fmt.Sprintf("%s%s%d", key, sep, n)
		}
		out[i] = key
	}
	return out
}

// Plain keeps what is safe in a file name, an anchor and a class name.
func Plain(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			return c
		}
		return '-'
	}, s)
}

// NothingJudged is what there is to say of a drill without rulings.
const NothingJudged = "nothing was judged"

// Outcome is how a ruling reads once one knows what its arm had to show.
type Outcome string

const (
	OutcomeKept     Outcome = "kept"
	OutcomeExpected Outcome = "broke as it should"
	OutcomeBroken   Outcome = "broken"
	OutcomeSpared   Outcome = "kept, but had to break"
	OutcomeUnknown  Outcome = "inconclusive"
	OutcomeSkipped  Outcome = "skipped"
)

// OutcomeOf compares a ruling with what its arm had to show.
func OutcomeOf(r promise.Ruling) Outcome {
	mustBreak := r.Expected == promise.Broken
	switch {
	case r.Verdict == promise.Broken && mustBreak:
		return OutcomeExpected
	case r.Verdict == promise.Broken:
		return OutcomeBroken
	case r.Verdict == promise.Kept && mustBreak:
		return OutcomeSpared
	case r.Verdict == promise.Kept:
		return OutcomeKept
	case r.Verdict == promise.Skipped:
		return OutcomeSkipped
	}
	return OutcomeUnknown
}

// Met reports whether the ruling is what its arm had to show.
func (o Outcome) Met() bool { return o == OutcomeKept || o == OutcomeExpected }

// Mark is the outcome as one character that reads without colour.
func (o Outcome) Mark() string {
	switch o {
	case OutcomeKept, OutcomeExpected:
		return "✓"
	case OutcomeBroken, OutcomeSpared:
		return "✗"
	case OutcomeSkipped:
		return "–"
	}
	return "?"
}

// MarkOf is a verdict as one character that reads without colour.
func MarkOf(v promise.Verdict) string {
	switch v {
	case promise.Kept:
		return "✓"
	case promise.Broken:
		return "✗"
	case promise.Partial:
		return "–"
	}
	return "?"
}

// Meaning says what an arm has to show, for somebody who sees one for the first time.
func Meaning(arm string) string {
	switch arm {
	case evidence.ArmHealthy:
		return "no fault: the engine must stay quiet and nothing may be lost"
	case evidence.ArmControl:
		return "the fault, and nobody heals: the promise that the scenario names must break"
	case evidence.ArmEngine:
		return "the fault and the engine: every promise must be kept"
	case evidence.ArmDecoy:
		return "a look-alike: the engine must tell it apart or leave it alone"
	case evidence.ArmClaim:
		return "as the source document says, and no engine: shows whether its claim holds"
	case evidence.ArmInstead:
		return "what does hold, and no engine: every promise must be kept"
	case evidence.ArmRehearsal:
		return "somebody's own app and its rollout, and no engine: every promise must be kept"
	}
	return ""
}

// Start is the drill's zero on its record's clock.
func (d Drill) Start() time.Duration {
	if d.Record == nil {
		return 0
	}
	return d.Record.Header.Start
}
