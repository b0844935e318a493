package report

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
	"github.com/pm2drill/pm2drill/harness/promise"
)

// aim is how many times its floor a time may be before it stops being good.
const aim = 1.5

// score is what the engine achieved in one scenario: its engine arm, or the
// sum of that arm's repetitions (medians of times, the most drops and actions,
// the fewest serving workers, and the worst verdict, so that no run hides).
type score struct {
	scenario        string
	verdict         promise.Verdict
	seen            bool // some drill of it left evidence
	detect, recover timing
	byEngine        map[string]int // drops by lane
	byFault, byRest int            // drops, all lanes
	avoidable       int            // drops that an engine could have saved, all lanes; -1 if nobody has counted
	actions         int
	least, workers  int // least is -1 if unknown
}

// timing is how long something took beside the least it could have taken.
type timing struct {
	took  time.Duration // 0 if unknown
	floor promise.Floor // zero if there is none
	ratio float64       // 0 if unknown
	none  bool          // recovery only: no new process was needed
}

// timingsOf reads a drill's times and their floors.
func timingsOf(d Drill) (detect, recover timing) {
	detect.took, recover.took = d.Detect, d.Recover
	if d.Record == nil || d.Arm == evidence.ArmHealthy {
		return detect, recover
	}
	detect.floor, _ = promise.DetectionFloor(d.Record)
	var born bool
	recover.floor, born = promise.RecoveryFloor(d.Record)
	recover.none = !born
	detect.ratio, recover.ratio = detect.floor.Ratio(detect.took), recover.floor.Ratio(recover.took)
	return detect, recover
}

func scoreOf(d DrillDigest) score {
	f := d.figures
	s := score{scenario: d.Scenario, verdict: d.Verdict, seen: d.Record != nil, byEngine: map[string]int{}, actions: f.actions, least: f.least, workers: f.workers}
	s.detect, s.recover = d.detection, d.recovery
	if s.avoidable = -1; d.Avoidable != nil {
		s.avoidable = total(d.Avoidable)
	}
	for _, l := range d.Losses {
		switch l.Cause {
		case promise.ByEngine:
			s.byEngine[l.Request.Lane]++
		case promise.ByFault:
			s.byFault++
		default:
			s.byRest++
		}
	}
	return s
}

// scores lists the engine arms of a run, one per scenario.
func scores(r Digest) []score {
	var out []score
	for _, g := range groups(r) {
		if g.arm == evidence.ArmEngine {
			each := make([]score, len(g.drills))
			for i, d := range g.drills {
				each[i] = scoreOf(d)
			}
			all := together(each)
			all.scenario = g.name()
			out = append(out, all)
		}
	}
	return out
}

// together sums the repetitions of an arm up.
func together(each []score) score {
	all := each[0]
	for _, s := range each[1:] {
		all.verdict, all.seen = promise.Worse(all.verdict, s.verdict), all.seen || s.seen
		for lane, n := range s.byEngine {
			all.byEngine[lane] = max(all.byEngine[lane], n)
		}
		all.byFault, all.byRest = max(all.byFault, s.byFault), max(all.byRest, s.byRest)
		all.avoidable = max(all.avoidable, s.avoidable)
		all.actions, all.workers = max(all.actions, s.actions), max(all.workers, s.workers)
		if s.least >= 0 && (all.least < 0 || s.least < all.least) {
			all.least = s.least
		}
	}
	all.detect = middle(each, func(s score) timing { return s.detect })
	all.recover = middle(each, func(s score) timing { return s.recover })
	return all
}

// middle is the timing whose time is the median of those known, with its own
// floor: a ratio of medians would be that of no run.
func middle(each []score, of func(score) timing) timing {
	var known []timing
	for _, s := range each {
		if t := of(s); t.took > 0 {
			known = append(known, t)
		}
	}
	if len(known) == 0 {
		return of(each[0])
	}
	slices.SortFunc(known, func(a, b timing) int { return int(a.took - b.took) })
	return known[len(known)/2]
}
