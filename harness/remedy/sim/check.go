package sim

import (
	"fmt"
	"slices"
	"time"
)

// What must hold. The slack is for the looks and waits that the engine needs, and that PM2
// alone does not.
const (
	slackEach = 4 * time.Second  // of a worker's serving time, for each fault
	slackAll  = 20 * time.Second // until all serve again, after PM2 alone
	toldIn    = 14 * time.Second // of an outage, until people are told
	longHold  = 75 * time.Second // without a trial
)

// Check plays a world with the engine and without it, and returns what does not hold.
func Check(w World, sabotage Sabotage) []string {
	alone, with := Play(w, false, Sabotage{}), Play(w, true, sabotage)
	var broken []string
	say := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	if slack := slackEach * time.Duration(len(w.Faults)*w.Workers); with.Served+slack < alone.Served {
		say("worse than PM2 alone: %s served, and %s without the engine", with.Served, alone.Served)
	}
	if alone.All >= 0 && (with.All < 0 || with.All > alone.All+slackAll+w.End()/4) {
		say("not well again: all serve since %s, and without the engine since %s", with.All, alone.All)
	}
	for _, d := range with.Doubled {
		say("doubled: %s", d)
	}
	if with.LongHeld > longHold {
		say("held: a worker was stopped for %s without a trial", with.LongHeld)
	}
	for _, out := range with.Outages {
		told := slices.ContainsFunc(with.Told, func(at time.Duration) bool { return at < out.From+toldIn })
		if out.To-out.From > toldIn && !told {
			say("silent: nobody served from %s to %s, and people were told at %v", out.From, out.To, with.Told)
		}
	}
	return broken
}

// Shrink returns the smallest world that it finds by taking faults away, one at a time, that
// still breaks what Check asks for.
func Shrink(w World, sabotage Sabotage) World {
	for again := true; again; {
		again = false
		for i := range w.Faults {
			less := w
			less.Faults = slices.Delete(slices.Clone(w.Faults), i, i+1)
			if len(less.Faults) > 0 && len(Check(less, sabotage)) > 0 {
				w, again = less, true
				break
			}
		}
	}
	return w
}
