package diagnose

import (
	"slices"
	"time"

	"github.com/pm2drill/pm2drill/harness/remedy/observe"
)

// isSuspicious reports whether a worker uses so much CPU that the engine should find
// out who answers slowly.
func (c Facts) isSuspicious() bool {
	return slices.ContainsFunc(c.ListDesired(), func(w observe.Worker) bool { return c.isBurningCPU(w, suspectFor) })
}

// isBurningCPU reports whether the worker's process has used CPU all the time for d, and
// more than its siblings: in every slice, not on average, as after a burst of work.
func (c Facts) isBurningCPU(w observe.Worker, d time.Duration) bool {
	var first, from, latest *observe.Observation
	for i := c.findLook(c.subtractFromNow(d)); i < len(c.history); i++ {
		o := &c.history[i]
		if was := findRow(o, w.ID); was == nil || was.PID != w.PID {
			continue
		}
		latest = o
		switch {
		case first == nil:
			first = o
		case o.At-from.At < hotSlice:
			continue
		default:
			own, sibling := compareCPU(from, o, w.ID)
			if own < hotShare || own < hotFactor*sibling {
				return false
			}
		}
		from = o
	}
	return from != first && latest.At-first.At >= d-observe.SlowLook-observe.FastLook
}

// compareCPU returns how much of a core a worker has used from one look to another, and
// the median of its siblings.
func compareCPU(from, to *observe.Observation, id int) (own, sibling float64) {
	var room [16]float64
	others := room[:0]
	for i := range to.Workers {
		w := &to.Workers[i]
		was := findRow(from, w.ID)
		if was == nil || was.PID != w.PID {
			continue
		}
		share := float64(w.Ticks-was.Ticks) / 100 / (to.At - from.At).Seconds()
		if w.ID == id {
			own = share
		} else {
			others = append(others, share)
		}
	}
	if len(others) > 0 {
		slices.Sort(others)
		sibling = others[len(others)/2]
	}
	return own, sibling
}

// measureCPU returns the share of one core that a worker's process used over about the
// last d, and the time it was measured over.
func (c Facts) measureCPU(w observe.Worker, d time.Duration) (share float64, span time.Duration) {
	for i := c.findLook(c.subtractFromNow(d)); i < len(c.history); i++ {
		o := &c.history[i]
		was := findRow(o, w.ID)
		if was == nil || was.PID != w.PID || o.At >= c.Now.At {
			continue
		}
		span = c.Now.At - o.At
		return float64(w.Ticks-was.Ticks) / 100 / span.Seconds(), span
	}
	return 0, 0
}
