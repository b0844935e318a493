package report

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// Aim is how many times its floor a time may be before it stops being good.
const Aim = 1.5

// Score is what the engine achieved in one scenario: its engine arm, or the
// sum of that arm's repetitions (medians of times, the most drops and actions,
// the fewest serving workers, and the worst verdict, so that no run hides).
type Score struct {
	Scenario        string
	Verdict         promise.Verdict
	Seen            bool // some drill of it left evidence
	Detect, Recover Timing
	ByEngine        map[string]int // drops by lane
	ByFault, ByRest int            // drops, all lanes
	Avoidable       int            // drops that an engine could have saved, all lanes; -1 if nobody has counted
	Actions         int
	Least, Workers  int // least is -1 if unknown
}

// Timing is how long something took beside the least it could have taken.
type Timing struct {
	Took  time.Duration // 0 if unknown
	Floor promise.Floor // zero if there is none
	Ratio float64       // 0 if unknown
	None  bool          // recovery only: no new process was needed
}

// readTimings returns a drill's times of detection and recovery with their floors.
func readTimings(d Drill) (detect, recover Timing) {
	detect.Took, recover.Took = d.Detect, d.Recover
	if d.Record == nil || d.Arm == evidence.ArmHealthy {
		return detect, recover
	}
	detect.Floor, _ = promise.DetectionFloor(d.Record)
	var born bool
	recover.Floor, born = promise.RecoveryFloor(d.Record)
	recover.None = !born
	detect.Ratio, recover.Ratio = detect.Floor.Ratio(detect.Took), recover.Floor.Ratio(recover.Took)
	return detect, recover
}

// ScoreOf reads the score of one drill off its digest.
func ScoreOf(d DrillDigest) Score {
	f := d.Figures
	s := Score{Scenario: d.Scenario, Verdict: d.Verdict, Seen: d.Record != nil, ByEngine: map[string]int{}, Actions: f.Actions, Least: f.Least, Workers: f.Workers}
	s.Detect, s.Recover = d.Detection, d.Recovery
	if s.Avoidable = -1; d.Avoidable != nil {
		s.Avoidable = Total(d.Avoidable)
	}
	for _, l := range d.Losses {
		switch l.Cause {
		case promise.ByEngine:
			s.ByEngine[l.Request.Lane]++
		case promise.ByFault:
			s.ByFault++
		default:
			s.ByRest++
		}
	}
	return s
}

// Scores lists the engine arms of a run, one per scenario.
func Scores(r Digest) []Score {
	var out []Score
	for _, g := range Groups(r) {
		if g.Arm == evidence.ArmEngine {
			each := make([]Score, len(g.Drills))
			for i, d := range g.Drills {
				each[i] = ScoreOf(d)
			}
			all := Together(each)
			all.Scenario = g.Name()
			out = append(out, all)
		}
	}
	return out
}

// Together sums the repetitions of an arm up.
func Together(each []Score) Score {
	all := each[0]
	for _, s := range each[1:] {
		all.Verdict, all.Seen = promise.Worse(all.Verdict, s.Verdict), all.Seen || s.Seen
		for lane, n := range s.ByEngine {
			all.ByEngine[lane] = max(all.ByEngine[lane], n)
		}
		all.ByFault, all.ByRest = max(all.ByFault, s.ByFault), max(all.ByRest, s.ByRest)
		all.Avoidable = max(all.Avoidable, s.Avoidable)
		all.Actions, all.Workers = max(all.Actions, s.Actions), max(all.Workers, s.Workers)
		if s.Least >= 0 && (all.Least < 0 || s.Least < all.Least) {
			all.Least = s.Least
		}
	}
	all.Detect = findMedian(each, func(s Score) Timing { return s.Detect })
	all.Recover = findMedian(each, func(s Score) Timing { return s.Recover })
	return all
}

// findMedian returns the timing whose time is the median of those known, with its own
// floor: a ratio of medians would be that of no run.
func findMedian(each []Score, of func(Score) Timing) Timing {
	var known []Timing
	for _, s := range each {
		if t := of(s); t.Took > 0 {
			known = append(known, t)
		}
	}
	if len(known) == 0 {
		return of(each[0])
	}
	slices.SortFunc(known, func(a, b Timing) int { return int(a.Took - b.Took) })
	return known[len(known)/2]
}
