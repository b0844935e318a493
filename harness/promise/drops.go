package promise

import (
	"fmt"
	"strings"
	"time"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// DropsNothing: not one request is lost, to whatever cause. It is what a
// healthy arm and a rolling restart must show.
func DropsNothing() Promise {
	return Promise{
		Name:     "drops-nothing",
		Sentence: "not one request is dropped",
		Judge: func(r *evidence.Record) Finding {
			losses := Losses(r)
			if len(losses) > 0 {
				return newBroken(describeLosses(losses), listDueTimes(losses)...)
			}
			return newKept(describeOwed(r) + ", none dropped")
		},
	}
}

// SparesRequests: the engine's own actions lose nothing. What the fault cost is
// reported beside it and not held against the engine; a loss that nothing
// explains makes the run inconclusive, for it might be the engine's.
func SparesRequests() Promise {
	return Promise{
		Name:     "spares-requests",
		Sentence: "no action of the engine drops a request",
		Judge: func(r *evidence.Record) Finding {
			by := map[string][]Loss{}
			for _, l := range Losses(r) {
				by[l.Cause] = append(by[l.Cause], l)
			}
			mine := append(by[ByEngine], by[ByApp]...)
			switch {
			case len(mine) > 0:
				return newBroken(describeLosses(mine), listDueTimes(mine)...)
			case len(by[ByUnknown]) > 0:
				return newInconclusive(fmt.Sprintf("%d losses have no explanation: %s", len(by[ByUnknown]), describeLosses(by[ByUnknown])))
			}
			return newKept(fmt.Sprintf("%s; the fault itself cost %d, the engine none%s", describeOwed(r), len(by[ByFault]), describeOtherLosses(by)))
		},
	}
}

// describeOtherLosses returns the part of a sentence that counts the losses for which
// neither the fault nor the engine is the cause, "" for none.
func describeOtherLosses(by map[string][]Loss) string {
	out := ""
	if n := len(by[BySaturated]); n > 0 {
		out += fmt.Sprintf("; %d were with workers that live and had too much to do", n)
	}
	if n := len(by[ByPM2]); n > 0 {
		out += fmt.Sprintf("; %d were with workers that PM2 restarted by itself", n)
	}
	return out
}

// StopsLosing: from d after the injection on, no request is lost any more.
func StopsLosing(d time.Duration) Promise {
	return Promise{
		Name:     "stops-losing",
		Sentence: fmt.Sprintf("no request is lost any more from %s after the fault's end", d),
		Later:    func(by time.Duration) Promise { return StopsLosing(d + by) },
		Judge: func(r *evidence.Record) Finding {
			from, ok := FaultEnd(r)
			if !ok {
				return newInconclusive("the fault has no end on record")
			}
			var late []Loss
			for _, l := range Losses(r) {
				if l.Request.Due > from+d {
					late = append(late, l)
				}
			}
			if len(late) > 0 {
				return newBroken(describeLosses(late), listDueTimes(late)...)
			}
			return newKept("none was lost after that")
		},
	}
}

// describeLosses sums losses up by lane and class, with the first one's story.
func describeLosses(losses []Loss) string {
	type key struct {
		lane  string
		class evidence.Class
	}
	count := map[key]int{}
	var order []key
	for _, l := range losses {
		k := key{l.Request.Lane, l.Request.Class}
		if count[k] == 0 {
			order = append(order, k)
		}
		count[k]++
	}
	parts := make([]string, len(order))
	for i, k := range order {
		parts[i] = fmt.Sprintf("%d %s %s", count[k], k.lane, k.class)
	}
	first := losses[0]
	return fmt.Sprintf("%d lost (%s); the first, %s: %s; server: %s",
		len(losses), strings.Join(parts, ", "), first.Request.ID, first.Why, first.Server)
}

func listDueTimes(losses []Loss) []time.Duration {
	at := make([]time.Duration, len(losses))
	for i, l := range losses {
		at[i] = l.Request.Due
	}
	return at
}

// describeOwed says how many requests each of the record's lanes owed.
func describeOwed(r *evidence.Record) string {
	var parts []string
	for _, lane := range r.Header.Lanes {
		if t, ok := findTally(r, lane.Lane); ok && lane.Lane != evidence.LaneNoise {
			parts = append(parts, fmt.Sprintf("%d %s", t.Owed, lane.Lane))
		}
	}
	return strings.Join(parts, ", ") + " requests"
}
