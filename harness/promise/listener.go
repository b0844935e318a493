package promise

import (
	"fmt"
	"slices"

	"github.com/pm2drill/pm2drill/harness/evidence"
)

// OneListener: from the steady state on, the app's port has one listener at a
// time, and it is PM2's daemon: what ss -tlnp shows of a healthy cluster.
func OneListener() Promise {
	return Promise{
		Name:     "one-listener",
		Sentence: "the port has a single listener throughout, PM2's daemon",
		Judge: func(r *evidence.Record) Finding {
			return judgeListeners(r, evidence.MarkSteady, "PM2's daemon", func(s evidence.Snapshot, pid int) bool { return pid == s.Daemon })
		},
	}
}

// LoneListener: from the fault's bite on, the app's port has one listener at a
// time, and it is a worker: as few as in a healthy cluster, and the wrong one.
func LoneListener() Promise {
	return Promise{
		Name:     "lone-listener",
		Sentence: "the port has a single listener throughout, and it is a worker that has the port alone",
		Judge: func(r *evidence.Record) Finding {
			return judgeListeners(r, evidence.MarkBitten, "a worker", func(s evidence.Snapshot, pid int) bool {
				return pid != s.Daemon && slices.Contains(s.Children, pid)
			})
		},
	}
}

// judgeListeners wants one listener of the right kind in every look from a mark on.
func judgeListeners(r *evidence.Record, mark, kind string, right func(evidence.Snapshot, int) bool) Finding {
	from, ok := r.Mark(mark)
	looks := 0
	for _, s := range r.Snapshots {
		switch {
		case !ok || s.At < from.At || s.Daemon == 0:
			continue
		case len(s.Listeners) != 1:
			return newBroken(fmt.Sprintf("the port had %d listeners", len(s.Listeners)), s.At)
		case !right(s, s.Listeners[0].PID):
			l := s.Listeners[0]
			return newBroken(fmt.Sprintf("the one that listened was pid %d (%s), not %s", l.PID, l.Command, kind), s.At)
		}
		looks++
	}
	if looks < fewLooks {
		return newInconclusive(fmt.Sprintf("the port was looked at %d times, too few to judge", looks))
	}
	return newKept(fmt.Sprintf("%d looks at the port, each with one listener: %s", looks, kind))
}

// fewLooks is the fewest looks that say what a port has throughout.
const fewLooks = 2
